"""What Slack's refusals mean for a message we want delivered (docs: errors of chat.postMessage, conversations.open)."""

from enum import Enum

from slack_sdk.errors import SlackApiError


class Refusal(Enum):
    """Whom a refusal is about, and so what to do."""

    FOR_NOW = "for now"
    """Not sent; try again later."""
    UNKNOWN = "unknown"
    """Slack can't say itself whether it was done."""
    PERSON = "person"
    """Nothing will ever reach this person."""
    WORKSPACE = "workspace"
    """Nothing reaches anybody here until somebody mends the installation."""
    MESSAGE = "message"
    """This message is not one Slack takes."""


_FOR_NOW = {
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "org_login_required",
    "team_access_not_granted",
}
_UNKNOWN = {"internal_error", "fatal_error"}
_PERSON = {
    "cannot_dm_bot",
    "channel_not_found",
    "is_archived",
    "is_inactive",
    "messages_tab_disabled",
    "not_in_channel",
    "restricted_action",
    "user_disabled",
    "user_not_found",
    "user_not_visible",
}
_WORKSPACE = {
    "access_denied",
    "account_inactive",
    "app_missing_action_url",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "token_expired",
    "token_revoked",
}


def meaning(error: SlackApiError) -> tuple[Refusal, str, float]:
    """What a refusal means, Slack's own word for it, and for how many seconds Slack asks to be left alone."""
    told = error.response
    status = int(told.status_code or 0)
    code = told.data.get("error") if isinstance(told.data, dict) else None
    wait = _seconds(told.headers)
    if status == 429:
        return Refusal.FOR_NOW, "ratelimited", wait
    if status >= 500 or not isinstance(code, str):
        return Refusal.UNKNOWN, f"http {status}", 0.0
    for codes, refusal in (
        (_FOR_NOW, Refusal.FOR_NOW),
        (_UNKNOWN, Refusal.UNKNOWN),
        (_PERSON, Refusal.PERSON),
        (_WORKSPACE, Refusal.WORKSPACE),
    ):
        if code in codes:
            return refusal, code, wait
    return Refusal.MESSAGE, code, 0.0


def _seconds(headers: object) -> float:
    given = next((value for name, value in dict(headers or {}).items() if str(name).lower() == "retry-after"), None)  # type: ignore[call-overload]
    if isinstance(given, (list, tuple)):
        given = given[0] if given else None
    try:
        return max(0.0, float(given or 0))
    except (TypeError, ValueError):
        return 0.0
