"""usergroups.*: who is meant by @teachers (https://docs.slack.dev/reference/methods/usergroups.users.list)."""

from typing import Any

from bot.sandbox.calls import Call, Method
from bot.sandbox.refusals import Refused


def users(call: Call) -> dict[str, Any]:
    group = call.workspace.groups.get(call.text("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    people = [user for user in group.members if not call.workspace.people[user].deleted]
    return {"ok": True, "users": people}


METHODS = {"usergroups.users.list": Method(users, ("usergroups:read",), 2)}
