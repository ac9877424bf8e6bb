"""The portal's users: finding them, changing them, and the webhooks that tell of it."""

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import jwt
import pytest
from starlette.responses import Response

from bot.sandbox.clerk_people import ClerkUser, ExternalAccount, default_users
from bot.sandbox.server import run
from tests import plain
from tests.sandbox.portal import WEBHOOK_SECRET, Portal, clerk_setup
from tests.sandbox.stand import Received, Stand, TinyBot, nothing, setup

SIGNED_UP = ClerkUser(
    "user_kay",
    "Kay",
    "McNulty",
    "kay@academy.example",
    email_verified=False,
    other_emails=(("Kay@Other.example", True),),
    external_accounts=(
        ExternalAccount("oauth_slack", "U0KAY", {"team_id": "T0HOME"}),
        ExternalAccount("oauth_google", "112", status="unverified"),
    ),
    public_metadata={"roles": ["instructor"]},
)


@pytest.fixture(scope="module")
def running_portal() -> Iterator[Portal]:
    bot = TinyBot()
    clerk = clerk_setup(users=(*default_users(), SIGNED_UP))
    with (
        bot.listening() as url,
        run(setup(clerk=clerk)) as running,
        plain.client(base_url=running.url, trust_env=False) as http,
    ):
        running.rehearsal.clerk_webhooks_to(url)
        yield Portal(Stand(running, bot, http))


@pytest.fixture
def portal(running_portal: Portal) -> Portal:
    running_portal.stand.bot.answer = nothing
    running_portal.stand.do("reset")
    running_portal.stand.quiet()
    running_portal.stand.bot.received.clear()
    return running_portal


def is_signed(received: Received, secret: str = WEBHOOK_SECRET, tolerance: float = 300) -> bool:
    """The rule of Standard Webhooks: an HMAC over id, time and body, sent within five minutes."""
    sent_at = received.headers["svix-timestamp"]
    content = f"{received.headers['svix-id']}.{sent_at}.{received.body}"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
    versions = (part.split(",", 1) for part in received.headers["svix-signature"].split(" "))
    is_right = any(version == "v1" and hmac.compare_digest(value, digest) for version, value in versions)
    return is_right and abs(time.time() - int(sent_at)) <= tolerance


def heard(portal: Portal) -> list[tuple[str, dict[str, Any]]]:
    """What the bot was told, by type and data."""
    portal.stand.quiet()
    bodies = [json.loads(received.body) for received in portal.stand.bot.received]
    return [(body["type"], body["data"]) for body in bodies]


def test_a_user_looks_as_clerk_shows_them(portal: Portal) -> None:
    user = portal.users("/user_kay").json()

    emails = {entry["email_address"]: entry for entry in user["email_addresses"]}
    assert user["primary_email_address_id"] == emails["kay@academy.example"]["id"]
    assert emails["kay@academy.example"]["verification"]["status"] == "unverified"
    assert emails["Kay@Other.example"]["verification"]["status"] == "verified"
    accounts = [(entry["provider"], entry["provider_user_id"]) for entry in user["external_accounts"]]
    assert accounts == [("oauth_slack", "U0KAY"), ("oauth_google", "112")]
    assert [entry["public_metadata"] for entry in user["external_accounts"]] == [{"team_id": "T0HOME"}, {}]
    assert [entry["verification"]["status"] for entry in user["external_accounts"]] == ["verified", "unverified"]
    assert (user["id"], user["first_name"], user["last_name"]) == ("user_kay", "Kay", "McNulty")
    assert (user["public_metadata"], user["unsafe_metadata"]) == ({"roles": ["instructor"]}, {})
    assert (user["banned"], user["locked"], user["deprovisioned"]) == (False, False, False)
    assert not user["password_enabled"]
    assert user["created_at"] > 1_600_000_000_000
    assert portal.users("/user_nobody").json()["errors"][0]["code"] == "resource_not_found"


def test_the_backend_wants_its_secret_key(portal: Portal) -> None:
    for path in ("", "/user_ada"):
        assert portal.users(path, key="sk_test_wrong").status_code == 401
        assert portal.stand.http.get(f"/clerk/v1/users{path}").status_code == 401


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"email_address": "ADA@academy.example"}, ["user_ada"]),
        ({"email_address": ["ada@academy.example", "mary@academy.example"]}, ["user_ada", "user_mary"]),
        ({"email_address": "kay@other.example"}, ["user_kay"]),
        ({"email_address": "academy.example"}, []),
        ({"provider": "oauth_slack", "provider_user_id": "U0KAY"}, ["user_kay"]),
        ({"provider": "oauth_google", "provider_user_id": "U0KAY"}, []),
        ({"user_id": ["user_ada", "+user_eve", "user_nobody"]}, ["user_ada", "user_eve"]),
        ({"user_id": ["-user_ada"], "query": "ada"}, []),
        ({"query": "LACE"}, ["user_ada"]),
        ({"query": "mc"}, ["user_kay"]),
        ({"banned": "true"}, []),
    ],
)
def test_users_are_found(portal: Portal, asked: dict[str, Any], expected: list[str]) -> None:
    assert portal.ids(**asked) == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"provider": "oauth_slack"},
        {"provider_user_id": "U0KAY"},
        {"email_address[]": "ada@academy.example"},
        {"phone_number": "1"},
        {"limit": "0"},
        {"limit": "501"},
        {"offset": "-1"},
        {"banned": "perhaps"},
        {"email_address": [f"{n}@x.example" for n in range(101)]},
    ],
)
def test_a_filter_that_clerk_would_misread_is_refused(portal: Portal, asked: dict[str, Any]) -> None:
    assert portal.users(**asked).status_code == 422


def test_users_come_in_pages(portal: Portal) -> None:
    first, second, rest = (portal.ids(limit=3, offset=offset) for offset in (0, 3, 6))

    assert len(first) == len(second) == 3
    assert sorted(first + second + rest) == portal.ids(limit=500)
    assert len(rest) == 2


def test_a_change_is_told_by_webhook(portal: Portal) -> None:
    before = portal.users("/user_ada").json()["updated_at"]
    changed = portal.stand.do("clerk/users", id="user_ada", first_name="Augusta", email="augusta@academy.example")
    portal.stand.do("clerk/users", id="user_ada", banned=True)

    (what, first), (again, second) = heard(portal)

    assert what == again == "user.updated"
    assert first == changed["user"]
    assert (first["first_name"], first["banned"], second["banned"]) == ("Augusta", False, True)
    assert before < first["updated_at"] < second["updated_at"]
    assert all(is_signed(received) for received in portal.stand.bot.received)
    assert len({received.headers["svix-id"] for received in portal.stand.bot.received}) == 2
    assert portal.ids(banned="true") == ["user_ada"]


def test_joining_and_leaving_are_told_by_webhook(portal: Portal) -> None:
    slack = {"provider": "oauth_slack", "provider_user_id": "U0NEW"}
    portal.stand.do("clerk/users", id="user_new", first_name="Nell", external_accounts=[slack])
    portal.stand.do("clerk/users", id="user_new", deleted=True)

    (created, data), deleted = heard(portal)

    assert (created, data["first_name"]) == ("user.created", "Nell")
    assert deleted == ("user.deleted", {"deleted": True, "id": "user_new", "object": "user"})
    assert portal.users("/user_new").status_code == 404
    assert portal.ids(query="nell") == []
    assert portal.stand.do("clerk/users", id="user_new", deleted=False)["ok"] is False


@pytest.mark.parametrize(
    "asked",
    [
        {"id": "ada"},
        {"id": "user_ada", "shoe_size": 38},
        {"id": "user_ada", "banned": "yes"},
        {"id": "user_ada", "external_accounts": ["oauth_slack"]},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(portal: Portal, asked: dict[str, Any]) -> None:
    assert portal.stand.do("clerk/users", **asked)["ok"] is False
    assert heard(portal) == []


def test_a_webhook_that_is_not_accepted_comes_again_with_its_id(portal: Portal) -> None:
    portal.stand.bot.answer = lambda received: Response(status_code=500)
    portal.stand.do("clerk/users", id="user_ada", first_name="Augusta")
    portal.stand.quiet()
    portal.stand.bot.answer = nothing
    portal.stand.do("clock", advance=6)
    portal.stand.quiet()
    portal.stand.do("clock", advance=100_000)
    portal.stand.quiet()

    first, second = portal.stand.bot.received
    assert first.headers["svix-id"] == second.headers["svix-id"]
    assert first.body == second.body
    assert is_signed(second)


def test_back_at_the_start_nothing_old_comes_again(portal: Portal) -> None:
    portal.stand.bot.answer = lambda received: Response(status_code=500)
    portal.stand.do("clerk/users", id="user_ada", first_name="Augusta")
    portal.stand.quiet()
    portal.stand.do("reset")
    portal.stand.do("clock", advance=6)
    portal.stand.quiet()

    assert len(portal.stand.bot.received) == 1
    assert portal.users("/user_ada").json()["first_name"] == "Ada"


def test_a_webhook_sent_by_hand_may_have_anything_wrong_with_it(portal: Portal) -> None:
    send, data = portal.clerk.send_webhook, {"id": "user_ada"}
    delivered = send("user.updated", data, id="msg_again", happened_at=5)
    assert (delivered.id, delivered.status, delivered.is_accepted) == ("msg_again", 200, True)
    assert portal.stand.do("clerk/webhook", type="user.updated", data=data, id="msg_again")["status"] == 200
    send("user.updated", data, age=310)
    send("user.updated", data, age=-330)
    send("user.updated", data, signature="v1,bm90IHRoaXM=")

    fine, repeated, old, early, forged = portal.stand.bot.received

    assert is_signed(fine)
    assert json.loads(fine.body)["timestamp"] == 5
    assert is_signed(repeated)
    assert repeated.headers["svix-id"] == fine.headers["svix-id"]
    assert not is_signed(fine, secret="whsec_" + base64.b64encode(b"another").decode())
    for off in (old, early):
        assert not is_signed(off)
        assert is_signed(off, tolerance=600)
    assert not is_signed(forged)
    assert portal.stand.do("clerk/webhook", type="user.updated", data=data, shoe_size=38)["ok"] is False


def test_a_refusal_of_the_bot_is_told(portal: Portal) -> None:
    portal.stand.bot.answer = lambda received: Response("no", 400)

    delivered = portal.clerk.send_webhook("user.updated", {})

    assert (delivered.status, delivered.body, delivered.is_accepted) == (400, "no", False)


def test_users_and_keys_are_there_after_a_restart(tmp_path: Path) -> None:
    kept = setup(state_file=tmp_path / "rehearsal.json", clerk=clerk_setup(users=(*default_users(), SIGNED_UP)))
    with run(kept) as running, plain.client(base_url=running.url, trust_env=False) as http:
        before = Portal(Stand(running, TinyBot(), http))
        token = before.clerk.session_token("user_ada")
        before.clerk.rotate_keys()
        before.stand.do("clerk/users", id="user_ada", first_name="Augusta")
        before.stand.do("clerk/users", id="user_mary", deleted=True)
        users = before.users(limit=100).json()

    with run(kept) as running, plain.client(base_url=running.url, trust_env=False) as http:
        after = Portal(Stand(running, TinyBot(), http))
        assert after.users(limit=100).json() == users
        keys = jwt.PyJWKSet.from_dict(http.get("/clerk/.well-known/jwks.json").json())
        assert len(keys.keys) == 2
        jwt.decode(token, keys[jwt.get_unverified_header(token)["kid"]], algorithms=["RS256"])
        assert after.stand.do("clerk/users", id="user_mary", deleted=False)["ok"] is False


def test_a_bot_that_never_answers_keeps_nobody() -> None:
    with ExitStack() as held, socket.create_server(("127.0.0.1", 0)) as silent:
        with run(setup(clerk=clerk_setup())) as running:
            running.rehearsal.clerk_webhooks_to(f"http://127.0.0.1:{silent.getsockname()[1]}/")
            silent.settimeout(10)

            def leave_waiting() -> None:
                with suppress(httpx.HTTPError):
                    running.rehearsal.clerk.send_webhook("user.updated", {})

            waiting = Thread(target=leave_waiting)
            waiting.start()
            held.enter_context(silent.accept()[0])
            with plain.client(base_url=running.url, trust_env=False) as http:
                Stand(running, TinyBot(), http).do("clerk/users", id="user_ada", first_name="Augusta")
            started = time.monotonic()
        assert time.monotonic() - started < 1
        waiting.join(timeout=5)
        assert not waiting.is_alive()


def test_a_webhook_secret_that_is_none_is_refused_at_once() -> None:
    for secret in ("secret", "whsec_", "whsec_not base64"):
        with pytest.raises(ValueError, match="whsec_"), run(setup(clerk=clerk_setup(webhook_secret=secret))):
            pass
