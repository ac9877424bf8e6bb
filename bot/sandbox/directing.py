"""What happens around the people: trouble, time, who is there, and requests sent by hand."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any
from zoneinfo import available_timezones

from bot.sandbox import events
from bot.sandbox.faults import Fault
from bot.sandbox.people import Person
from bot.sandbox.refusals import NotThere
from bot.sandbox.requests import DEPRECATED_PROOF
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Workspace

_PROFILE = {field.name for field in fields(Person)} - {"id", "team", "updated"}

Asked = dict[str, Any]


async def faults(stage: Stage, asked: Asked) -> dict[str, Any]:
    given = {key: asked[key] for key in ("method", "fault", "times", "retry_after", "seconds") if key in asked}
    if not isinstance(given.get("method"), str) or not isinstance(given.get("fault"), str):
        raise NotThere('A fault has a "method" ("views.open", "/learn", "*") and a "fault".')
    stage.faults.add(Fault(**given))
    stage.news.tell("state")
    return {"ok": True, "faults": stage.faults.shown()}


async def limits(stage: Stage, asked: Asked) -> dict[str, Any]:
    stage.limits.clear()
    stage.limits.on = bool(asked.get("on"))
    stage.news.tell("state")
    return {"ok": True, "limits": stage.limits.on}


async def clock(stage: Stage, asked: Asked) -> dict[str, Any]:
    seconds = asked.get("advance")
    if not isinstance(seconds, (int, float)) or seconds < 0:
        raise NotThere('"advance" is a number of seconds, forward.')
    stage.clock.advance(float(seconds), signatures=bool(asked.get("signatures", False)))
    stage.news.tell("state")
    return {"ok": True, "now": stage.clock.now()}


async def people(stage: Stage, asked: Asked) -> dict[str, Any]:
    workspace = _workspace(stage, asked.get("team"))
    profile = {key: value for key, value in asked.items() if key not in ("team", "id")}
    if unknown := profile.keys() - _PROFILE:
        raise NotThere(f"A person has no {', '.join(sorted(unknown))}.")
    if profile.get("tz") is not None and profile["tz"] not in available_timezones():
        raise NotThere(f"There is no time zone {profile['tz']!r}.")
    if not isinstance(profile.get("status_expiration", 0), int):
        raise NotThere('"status_expiration" is a whole number of seconds since 1970, or 0.')
    user = str(asked.get("id"))
    person = workspace.people.get(user)
    joined = person is None
    if person is None:
        name = str(profile.pop("name", user))
        handle = str(profile.pop("handle", name.partition(" ")[0].lower()))
        person = Person(user, workspace.id, name, handle)
        workspace.add(person)
        for channel in workspace.channels.values():
            if channel.name == "general":
                channel.members.append(user)
    for key, value in profile.items():
        setattr(person, key, value)
    person.updated = int(stage.clock.now())
    stage.news.tell("state")
    events.person_changed(stage, workspace, person, joined=joined)
    return {"ok": True, "person": person.key}


def _workspace(stage: Stage, team: Any) -> Workspace:
    if team not in stage.workspaces:
        raise NotThere(f"There is no workspace {team!r}.")
    return stage.workspaces[team]


async def membership(stage: Stage, asked: Asked) -> dict[str, Any]:
    person = stage.person(str(asked.get("person")))
    for workspace in stage.workspaces.values():
        channel = workspace.channels.get(str(asked.get("channel")))
        if channel is not None and channel.kind != "dm":
            break
    else:
        raise NotThere(f"There is no channel {asked.get('channel')!r}.")
    joined = bool(asked.get("joined", True))
    if joined == (person.id in channel.members):
        return {"ok": True}
    if joined:
        channel.members.append(person.id)
        if person.team != workspace.id:
            channel.is_ext_shared = True
    events.membership_changed(stage, workspace, channel, person, joined=joined)
    if not joined:
        channel.members.remove(person.id)
    stage.news.tell("state")
    return {"ok": True}


_FATES = {
    "install": (None, ()),
    "uninstall": ("account_inactive", ("tokens_revoked", "app_uninstalled")),
    "revoke": ("token_revoked", ("tokens_revoked",)),
}
"""What Slack answers to the token from then on, and the events it tells the app by (docs: app_uninstalled)."""


async def installation(stage: Stage, asked: Asked) -> dict[str, Any]:
    workspace = _workspace(stage, asked.get("team"))
    if asked.get("fate") not in _FATES:
        raise NotThere(f'"fate" is one of {", ".join(_FATES)}.')
    code, told = _FATES[str(asked["fate"])]
    for name in told:
        events.taken_out(stage, workspace, name)
    if code is None:
        stage.taken_out.pop(workspace.id, None)
    else:
        stage.taken_out[workspace.id] = code
    stage.news.tell("state")
    return {"ok": True}


async def redeliver(stage: Stage, asked: Asked) -> dict[str, Any]:
    entry = stage.traffic.entry(int(asked.get("n", 0)))
    if entry is None or entry.sent is None:
        raise NotThere(f"There is no request to the bot with the number {asked.get('n')}.")
    answer = await stage.deliveries.send(entry.what, entry.sent)
    return {"ok": answer.failure is None, "status": answer.status, "body": answer.body, "n": answer.entry.n}


async def forge(stage: Stage, asked: Asked) -> dict[str, Any]:
    import httpx

    headers = {str(key): str(value) for key, value in (asked.get("headers") or {}).items()}
    try:
        with stage.activity.busy():
            status, body, _ = await stage.deliveries.post(str(asked.get("body", "")).encode(), headers)
    except httpx.HTTPError as error:
        raise NotThere(f"The bot could not be reached: {error}") from error
    return {"status": status, "body": body}


async def verify_url(stage: Stage, asked: Asked) -> dict[str, Any]:
    challenge = stage.ids.secret()
    payload = {"token": DEPRECATED_PROOF, "challenge": challenge, "type": "url_verification"}
    answer = await stage.deliveries.deliver("url_verification", "events_api", payload)
    return {"ok": answer.failure is None and challenge in answer.body, "status": answer.status}


async def reset(stage: Stage, asked: Asked) -> dict[str, Any]:
    stage.back_to_start()
    return {"ok": True}


ACTS: dict[str, Callable[[Stage, Asked], Awaitable[dict[str, Any]]]] = {
    "faults": faults,
    "limits": limits,
    "clock": clock,
    "people": people,
    "membership": membership,
    "installation": installation,
    "redeliver": redeliver,
    "forge": forge,
    "verify_url": verify_url,
    "reset": reset,
}
