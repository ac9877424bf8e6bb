"""What Clerk tells of its users, as it really comes: signed, twice, late and out of order."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.clerk_people import user_object
from bot.sandbox.clerk_webhooks import Delivered
from models import audit, links
from models.users import User
from tests import plain
from tests.house import House, copied, open_house

NEWER, OLDER = 1_800_000_000_000, 1_790_000_000_000
"""Milliseconds since 1970, as Clerk counts."""


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house with a Clerk that tells it things."""
    with open_house(copied(furnished, tmp_path), with_clerk=True) as running:
        yield running


def tells(house: House, kind: str, at: int = NEWER, *, who: str = "user_ada", **changes: Any) -> Delivered:
    clerk = house.slack.rehearsal.clerk
    knobs = {name: changes.pop(name) for name in ("id", "age", "signature") if name in changes}
    if kind == "user.deleted":
        data: dict[str, Any] = {"id": who, "deleted": True, "object": "user"}
    else:
        data = user_object(clerk.users[who]) | {"updated_at": at, **changes}
    return clerk.send_webhook(kind, data, **knobs)


def user_of(house: House, clerk_id: str = "user_ada") -> tuple[str, str, str]:
    with house.program.database.read() as session:
        user = session.get_one(User, clerk_id)
        return user.first_name, user.last_name, user.email


def link_of(house: House, slack_user_id: str = "U0ADA") -> str | None:
    with house.program.database.read() as session:
        return links.of(session, "T0HOME", slack_user_id)


def test_names_stay_current(house: House) -> None:
    assert tells(house, "user.updated", first_name="Augusta").status == 204
    assert user_of(house) == ("Augusta", "Lovelace", "ada@academy.example")


def test_older_news_after_newer_changes_nothing(house: House) -> None:
    tells(house, "user.updated", NEWER, first_name="Augusta")
    assert tells(house, "user.updated", OLDER, first_name="Ada").status == 204
    assert user_of(house)[0] == "Augusta"


def test_the_same_news_twice_is_taken_once(house: House) -> None:
    tells(house, "user.updated", NEWER, first_name="Augusta", id="msg_1")
    assert tells(house, "user.updated", NEWER + 1000, first_name="Ada", id="msg_1").status == 204
    assert user_of(house)[0] == "Augusta"


def test_who_was_deleted_is_blanked_and_unlinked_and_late_news_are_refused(house: House) -> None:
    assert tells(house, "user.deleted").status == 204
    assert user_of(house) == ("", "", "user_ada@placeholder.invalid")
    assert link_of(house) is None
    tells(house, "user.updated", NEWER + 9000, first_name="Ada")
    assert user_of(house)[0] == ""
    with house.program.database.read() as session:
        ever = (house.clock() - timedelta(days=1), house.clock() + timedelta(days=1))
        told = [(one.actor, one.whom, one.because) for one in audit.entries(session, *ever, action="link.ended")]
    assert told == [("clerk", "user_ada", "deleted")]


def test_deleted_before_anything_was_heard_is_a_tombstone_too(house: House) -> None:
    tells(house, "user.deleted", who="user_eve")
    assert tells(house, "user.created", who="user_eve").status == 204
    with house.program.database.read() as session:
        assert session.get(User, "user_eve") is None


def test_who_is_banned_is_unlinked_and_told_so_on_home(house: House) -> None:
    tells(house, "user.updated", banned=True)
    assert link_of(house) is None
    ada = house.person("U0ADA")
    ada.opens_home()
    assert ada.sees("Link my account")


def test_an_unverified_e_mail_is_not_taken(house: House) -> None:
    data = user_object(house.slack.rehearsal.clerk.users["user_ada"])
    emails = [one | {"email_address": "new@academy.example"} for one in data["email_addresses"]]
    unverified = [one | {"verification": {"status": "unverified"}} for one in emails]
    tells(house, "user.updated", email_addresses=unverified)
    assert user_of(house)[2] == "ada@academy.example"
    tells(house, "user.updated", NEWER + 1, email_addresses=emails)
    assert user_of(house)[2] == "new@academy.example"


def test_an_e_mail_somebody_else_has_is_left_alone(house: House) -> None:
    data = user_object(house.slack.rehearsal.clerk.users["user_ada"])
    emails = [one | {"email_address": "mary@academy.example"} for one in data["email_addresses"]]
    assert tells(house, "user.updated", email_addresses=emails).status == 204
    assert user_of(house)[2] == "ada@academy.example"


@pytest.mark.parametrize(
    "flaw",
    [
        {"signature": "v1,bm90IHRoZSBzaWduYXR1cmU="},
        {"signature": "no comma"},
        {"signature": ""},
        {"age": 600.0},
        {"age": -600.0},
    ],
)
def test_what_is_not_signed_now_by_clerk_is_refused(house: House, flaw: dict[str, Any]) -> None:
    assert tells(house, "user.updated", first_name="Mallory", **flaw).status == 400
    assert user_of(house)[0] == "Ada"


@pytest.mark.parametrize("kind", ["session.created", "organization.created", "user.applauded"])
def test_other_news_are_heard_and_left_alone(house: House, kind: str) -> None:
    assert house.slack.rehearsal.clerk.send_webhook(kind, {"id": "x"}).status == 204


def test_what_can_not_be_read_is_refused_with_a_status(house: House) -> None:
    assert house.slack.rehearsal.clerk.send_webhook("user.updated", {"id": "user_ada"}).status == 400
    assert plain.post(f"{house.bot_url}/clerk/webhook", content=b"x" * 600_000).status_code == 413
    assert plain.post(f"{house.bot_url}/clerk/webhook", content=json.dumps([]).encode()).status_code == 400
