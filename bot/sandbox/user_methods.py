"""auth.test and users.*: who is here (https://docs.slack.dev/reference/methods/users.info)."""

from typing import Any

from bot.sandbox.calls import Call, Method
from bot.sandbox.people import Person, user_object
from bot.sandbox.refusals import Refused


def auth_test(call: Call) -> dict[str, Any]:
    workspace = call.workspace
    return {
        "ok": True,
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.bot.handle,
        "team_id": workspace.id,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def _shown(call: Call, person: Person) -> dict[str, Any]:
    return user_object(
        person,
        call.stage.clock.now(),
        with_email="users:read.email" in call.stage.app.scopes,
        with_locale=call.flag("include_locale"),
        stranger=person.team != call.workspace.id,
    )


def info(call: Call) -> dict[str, Any]:
    person = call.stage.member(call.workspace, call.text("user"))
    if person is None:
        raise Refused("user_not_found")
    return {"ok": True, "user": _shown(call, person)}


def list_all(call: Call) -> dict[str, Any]:
    page, cursor = call.page(list(call.workspace.people.values()), 1000, 1000)
    return {
        "ok": True,
        "members": [_shown(call, person) for person in page],
        "cache_ts": int(call.stage.clock.now()),
        "response_metadata": {"next_cursor": cursor},
    }


METHODS = {
    # Slack only says "hundreds a minute" for auth.test; the rehearsal does not hold it back.
    "auth.test": Method(auth_test),
    "users.info": Method(info, ("users:read",), 4),
    "users.list": Method(list_all, ("users:read",), 2),
}
