"""What happens around the portal's people: who changes, new keys, and webhooks sent by hand."""

import asyncio
from typing import Any

from bot.sandbox.clerk import Clerk, changed
from bot.sandbox.clerk_people import ClerkUser, user_object
from bot.sandbox.refusals import NotThere
from bot.sandbox.stage import Stage

Asked = dict[str, Any]

_KNOBS: dict[str, type | tuple[type, ...]] = {"id": str, "age": (int, float), "happened_at": int, "signature": str}


async def users(stage: Stage, asked: Asked) -> dict[str, Any]:
    """Add, change, ban or delete a user; the bot hears of it by webhook, until it accepts."""
    clerk = _clerk(stage)
    user_id = asked.get("id")
    if not isinstance(user_id, str) or not user_id.startswith("user_"):
        raise NotThere('"id" is a user\'s id, "user_" and something.')
    before = clerk.users.get(user_id)
    if before is not None and before.deleted:
        raise NotThere(f"{user_id} was deleted. Clerk does not give an id again.")
    now = round(stage.clock.now() * 1000)
    if before is not None:
        now = max(now, before.updated_at + 1)
    new = ClerkUser(user_id, created_at=now)
    try:
        user = changed(new if before is None else before, {"updated_at": now, **asked})
    except ValueError as error:
        raise NotThere(str(error)) from error
    clerk.users[user_id] = user
    if user.deleted:
        what, data = "user.deleted", {"deleted": True, "id": user_id, "object": "user"}
    else:
        what, data = "user.created" if before is None else "user.updated", user_object(user)
    clerk.webhooks.send_until_accepted(clerk.webhooks.webhook(what, data))
    stage.news.tell("state")
    return {"ok": True, "user": user_object(user)}


async def rotate(stage: Stage, asked: Asked) -> dict[str, Any]:
    """Sign with a new key."""
    # Finding primes takes a while, and others are being answered.
    kid = await asyncio.to_thread(_clerk(stage).rotate_keys, retire=bool(asked.get("retire", False)))
    stage.news.tell("state")
    return {"ok": True, "kid": kid}


async def webhook(stage: Stage, asked: Asked) -> dict[str, Any]:
    """Send any webhook once, true or with something wrong about it."""
    webhooks = _clerk(stage).webhooks
    kind, data = asked.get("type"), asked.get("data")
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise NotThere('A webhook has a "type" ("user.updated") and "data".')
    knobs = {name: value for name, value in asked.items() if name not in ("type", "data")}
    for name, value in knobs.items():
        if name not in _KNOBS or not isinstance(value, _KNOBS[name]):
            raise NotThere(f"A webhook takes {', '.join(_KNOBS)}; {name!r} is none of them, or of another kind.")
    delivered = await webhooks.send(webhooks.webhook(kind, data, **knobs))
    return {"ok": delivered.is_accepted, "status": delivered.status, "body": delivered.body, "id": delivered.id}


def _clerk(stage: Stage) -> Clerk:
    if stage.clerk is None:
        raise NotThere("This rehearsal has no Clerk.")
    return stage.clerk


ACTS = {"clerk/users": users, "clerk/rotate": rotate, "clerk/webhook": webhook}
