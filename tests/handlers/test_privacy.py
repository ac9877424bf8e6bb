"""Your data is yours: having it, being forgotten, and nobody seeing it who shouldn't."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select

from models import audit, clerkusers, erasures, grants, links, members, roles
from models.deliveries import Delivery
from models.grants import Terms
from models.identities import Identity
from models.users import User
from tests.house import House, copied, open_house
from tests.people import Person


@pytest.fixture
def by_themselves(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """A house where people decide themselves."""
    with open_house(copied(furnished, tmp_path), erases_at_once=True) as running:
        yield running


def told(house: House, person: Person) -> str:
    """What somebody reads in their DM, once everything on its way has arrived."""
    house.program.sender.drain()
    house.quiet()
    person.goes_to("D" + person.id.removeprefix("U"))
    return person.screen()


def learned(person: Person) -> None:
    person.types("/learn enroll python basics")
    person.types("/learn continue")
    person.presses("Mark complete")
    person.closes()


def traces(house: House, user_id: str) -> dict[str, int]:
    """How many rows of each table name this user."""
    found = {}
    with house.program.database.read() as session:
        for name, table in SQLModel.metadata.tables.items():
            column = table.c.get("id" if name == "user" else "user_id")
            if column is not None:
                count = len(session.connection().execute(select(column).where(column == user_id)).all())
                if count:
                    found[name] = count
    return found


def test_my_data_comes_as_a_file_for_me_alone(house: House, ada: Person, mary: Person) -> None:
    learned(ada)
    ada.goes_to("C0LEARN")
    ada.types("/learn my-data")
    assert ada.sees("It arrives in our direct messages within a minute.")
    ada.goes_to("D0ADA")
    assert ada.sees("Here is everything I have about you.")
    name, words = ada.opens_file()
    assert name.startswith("my-data-")
    assert name.endswith(".json")
    data = json.loads(words)
    assert data["Your account in the portal"][0]["id"] == "user_ada"
    assert len(data["Lessons you opened or completed"]) == 1
    assert "user_mary" not in words
    file = next(one for message in ada.messages() for one in message["files"])
    refused = mary.http.get("/rehearsal/file", params={"person": mary.key, "id": file["id"]})
    assert refused.status_code == 404


def test_somebody_not_linked_may_have_theirs_too(house: House, linus: Person) -> None:
    linus.types("/learn my-data")
    assert linus.sees("Here is everything I have about you.")
    _, words = linus.opens_file()
    assert json.loads(words)["What Slack says about you"][0]["name"] == "Linus Pauling"


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_a_file_slack_wont_take_is_said(house: House, ada: Person, step: str) -> None:
    house.breaks(step, "500" if step == "upload" else "internal_error")
    ada.types("/learn my-data")
    assert ada.sees("Slack didn't take the file with your data. Try `/learn my-data` again later")


def test_an_admin_approves_that_somebody_is_forgotten(house: House, ada: Person, radia: Person) -> None:
    learned(ada)
    ada.types("/learn forget-me")
    assert ada.sees("If you ask me to forget you, this goes:")
    assert ada.sees("This stays:")
    ada.clicks("Ask to be forgotten")
    assert ada.sees("Your admins have your request.")
    assert "<@U0ADA> asks to be forgotten" in told(house, radia)
    radia.opens_home()
    assert radia.sees("<@U0ADA> asks to be forgotten")
    radia.goes_to("D0RADIA")
    radia.clicks("Approve")
    assert radia.sees("<@U0ADA> is forgotten, and hears of it.")
    assert "An admin approved it: I've forgotten you." in told(house, ada)
    house.program.scheduler.follow()
    assert traces(house, "user_ada") == {}
    ada.types("/learn progress")
    assert ada.sees("I need to know who you are")
    with house.program.database.read() as session:
        (entry,) = audit.latest(session, ["person.erased"], about=None, before_id=None, most=2)
        assert (entry.actor, entry.whom, entry.what) == ("user_radia", "user_ada", "T0HOME/U0ADA")
        kept = session.exec(select(Delivery).where(Delivery.slack_user_id == "U0ADA")).all()
    assert all(row.facts == "{}" or row.kind == "account" for row in kept)


def test_late_news_of_somebody_forgotten_brings_nothing_back(by_themselves: House) -> None:
    house = by_themselves
    ada = house.person("U0ADA")
    ada.types("/learn forget-me")
    ada.clicks("Forget me…")
    ada.clicks("Yes, forget me")
    assert ada.sees("Done: I've forgotten you.")
    now = datetime.now(UTC)
    with house.program.database.write() as session:
        identity = Identity("user_ada", "Ada", "Lovelace", "ada@example.org", None)
        clerkusers.changed(session, identity, is_banned=False, changed_at=now, now=now, real_now=now)
        assert session.get(User, "user_ada") is None


def test_declining_is_told_and_changes_nothing(house: House, ada: Person, radia: Person) -> None:
    ada.types("/learn forget-me")
    ada.clicks("Ask to be forgotten")
    radia.opens_home()
    assert radia.sees("<@U0ADA> asks to be forgotten")
    radia.clicks("Decline")
    assert "<@U0RADIA> declined your request to be forgotten" in told(house, ada)
    with house.program.database.read() as session:
        assert links.of(session, "T0HOME", "U0ADA") == "user_ada"
        assert erasures.waiting(session, "T0HOME") == ()


def test_asking_twice_is_one_request_and_may_be_taken_back(house: House, ada: Person, radia: Person) -> None:
    house.breaks("chat.postMessage", "429", times=None, retry_after=1)
    ada.types("/learn forget-me")
    ada.clicks("Ask to be forgotten")
    ada.types("/learn forget-me")
    assert ada.sees("You've asked already, and an admin has yet to answer.")
    ada.clicks("I've changed my mind")
    assert ada.sees("Good: everything stays as it is.")
    house.mends()
    assert "asks to be forgotten" not in told(house, radia)


def test_an_answer_to_what_was_taken_back_says_so(house: House, ada: Person, radia: Person) -> None:
    ada.types("/learn forget-me")
    ada.clicks("Ask to be forgotten")
    told(house, radia)
    ada.clicks("I've changed my mind")
    radia.clicks("Approve")
    assert radia.sees("That is settled already")
    with house.program.database.read() as session:
        assert links.of(session, "T0HOME", "U0ADA") == "user_ada"


def test_a_former_admins_approval_counts_for_nothing(house: House, ada: Person, radia: Person) -> None:
    ada.types("/learn forget-me")
    ada.clicks("Ask to be forgotten")
    told(house, radia)
    with house.program.database.write() as session:
        grants.give_user(session, "user_grace", roles.ADMIN, Terms(audit.CONSOLE), house.clock())
        grants.take_user(session, "user_radia", roles.ADMIN, Terms(audit.CONSOLE), house.clock())
    radia.clicks("Approve")
    assert radia.sees("That is for admins.")
    with house.program.database.read() as session:
        assert links.of(session, "T0HOME", "U0ADA") == "user_ada"


def test_where_an_admin_decides_nobody_erases_themselves(house: House, ada: Person) -> None:
    ada.types("/learn forget-me")
    message = ada.messages()[-1]
    block = next(block for block in message["blocks"] if block["type"] == "actions")
    assert [element["action_id"] for element in block["elements"]] == ["privacy.ask", "privacy.withdraw"]


def test_who_teaches_hands_over_first(house: House, grace: Person) -> None:
    grace.types("/learn forget-me")
    assert grace.sees("You teach ")
    assert grace.sees("Hand these courses over first.")


def test_the_last_admin_stays(by_themselves: House) -> None:
    radia = by_themselves.person("U0RADIA")
    radia.types("/learn forget-me")
    radia.clicks("Forget me…")
    radia.clicks("Yes, forget me")
    assert radia.sees("Somebody has to be an admin, and this is the last one.")
    with by_themselves.program.database.read() as session:
        caller = members.identify(session, "T0HOME", "U0RADIA")
    assert caller is not None
    assert caller.is_admin


def test_progress_is_seen_by_nobody_else(house: House, ada: Person, mary: Person) -> None:
    learned(ada)
    ada.goes_to("C0LEARN")
    ada.types("@homeroom progress")
    ada.types("@homeroom continue python basics")
    ada.types("/learn progress")
    ada.types("/learn courses python")
    ada.clicks("Details")
    ada.clicks("Share to a channel")
    ada.submits(channel="C0LEARN")
    house.quiet()
    mary.goes_to("C0LEARN")
    seen = mary.screen()
    assert "Python Basics" in seen
    assert "▰" not in seen
    assert "▱" not in seen
    assert "Completed" not in seen
    assert "1 of" not in seen


def test_enrolling_says_once_who_sees_what(ada: Person) -> None:
    ada.types("/learn enroll python basics")
    assert ada.sees("Your instructor and admins see which lessons you finish and your last active day.")
