"""The people of a workspace, as Slack describes them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass
class Person:
    """A member of one workspace. `tz` is an IANA name, or None where Slack would not tell; a status ends
    at `status_expiration` (seconds since 1970, 0 for never); `about` and `color` are for the page only."""

    id: str
    team: str
    name: str
    handle: str
    tz: str | None = "Etc/UTC"
    about: str = ""
    color: str = "#5b6770"
    email: str | None = None
    title: str = ""
    locale: str = "en-US"
    is_bot: bool = False
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_email_confirmed: bool = True
    deleted: bool = False
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0
    updated: int = 0

    @property
    def key(self) -> str:
        """How the rehearsal API names this person, e.g. "T0HOME:U0ADA"."""
        return f"{self.team}:{self.id}"


def user_object(
    person: Person, at: float, *, with_email: bool, with_locale: bool = False, stranger: bool = False
) -> dict[str, Any]:
    """The user as users.info and team_join show them.

    A deactivated user has no zone and no admin flags; an e-mail address is there only with users:read.email
    (https://docs.slack.dev/reference/methods/users.info). Somebody of another workspace is told by `team_id` alone:
    `is_stranger` is only there while they share no channel with us (https://docs.slack.dev/reference/objects/user-object),
    and then the rehearsal does not know them at all.
    """
    first, _, last = person.name.partition(" ")
    profile: dict[str, Any] = {
        "title": person.title,
        "real_name": person.name,
        "real_name_normalized": person.name,
        "display_name": person.handle,
        "display_name_normalized": person.handle,
        "status_text": person.status_text,
        "status_emoji": person.status_emoji,
        "status_expiration": person.status_expiration,
        "first_name": first,
        "last_name": last,
        "team": person.team,
    }
    if with_email and person.email and not stranger:
        profile["email"] = person.email
    user: dict[str, Any] = {
        "id": person.id,
        "team_id": person.team,
        "name": person.handle,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": person.updated,
    }
    if person.deleted:
        return user
    user |= {
        "color": person.color.lstrip("#"),
        "real_name": person.name,
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "who_can_share_contact_card": "EVERYONE",
        "is_email_confirmed": person.is_email_confirmed and not person.is_bot,
    }
    if person.tz:
        local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(person.tz))
        offset = local.utcoffset()
        user |= {
            "tz": person.tz,
            "tz_label": local.tzname(),
            "tz_offset": int(offset.total_seconds()) if offset else 0,
        }
    if with_locale and not stranger:
        user["locale"] = person.locale
    return user
