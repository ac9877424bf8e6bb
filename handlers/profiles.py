"""A Slack user object, as users.info and the user_change event give it, as a Profile."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from models.members import Profile


def profile(team_id: str, user: Mapping[str, Any]) -> Profile:
    """The parts of the user object we keep. Any profile field may be missing, null or empty (docs: users.info)."""
    details: Mapping[str, Any] = user.get("profile") or {}
    ends = details.get("status_expiration")
    handle = str(user.get("name") or user["id"])
    return Profile(
        team_id=team_id,
        slack_user_id=str(user["id"]),
        handle=handle,
        name=str(details.get("real_name") or user.get("real_name") or details.get("display_name") or handle),
        email=details.get("email") or None,
        image_url=details.get("image_192") or None,
        tz=user.get("tz") or None,
        locale=user.get("locale") or None,
        is_bot=bool(user.get("is_bot")),
        is_guest=_is_foreign(team_id, user) or bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_deleted=bool(user.get("deleted")),
        is_email_confirmed=user.get("is_email_confirmed") is True,
        status_emoji=str(details.get("status_emoji") or ""),
        status_ends_at=datetime.fromtimestamp(int(ends), UTC) if ends else None,
    )


def _is_foreign(team_id: str, user: Mapping[str, Any]) -> bool:
    """Whether this is somebody of another organization (Slack Connect).

    ``is_stranger`` alone does not tell: it is absent for people who share a channel with us (docs: user object). In
    an Enterprise organization somebody may be in our workspace as well as in the one they are listed under.
    """
    if user.get("is_stranger"):
        return True
    home = user.get("team_id")
    return bool(home) and home != team_id and team_id not in ((user.get("enterprise_user") or {}).get("teams") or ())
