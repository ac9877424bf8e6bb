"""People leave the workspace, and workspaces take the app out: links and sending end, what was learned stays."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from slack_sdk.signature import SignatureVerifier
from sqlmodel import select

from bot.installations import Installations, NotInstalled
from bot.manifest import EVENTS_PATH
from handlers import lifecycle
from handlers.requests import Request
from models import audit, grants, links, workspaces
from models.audit import Entry
from models.deliveries import Delivery
from models.grants import Grant, Terms, Whom
from models.links import Link
from models.members import Member
from tests import plain
from tests.handlers.test_reminding import FRIDAY, MONDAY
from tests.house import SECRET, TOKEN, House
from tests.people import Person

TEAM = "T0HOME"


def happens(house: House, what: str) -> None:
    """Slack's side: "uninstall", "revoke" or "install"."""
    house.http.post("/rehearsal/installation", json={"team": TEAM, "fate": what}).raise_for_status()
    house.quiet()


def silently(house: House, code: str) -> None:
    """The app is taken out, and no event ever says so."""
    house.slack.rehearsal.stage.taken_out[TEAM] = code


def hears(house: House, event: dict[str, object]) -> None:
    """An event as Slack would send it now."""
    body = json.dumps({"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{uuid4().hex}", "event": event})
    at = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=at, body=body)
    headers = {"X-Slack-Signature": str(signature), "X-Slack-Request-Timestamp": at, "Content-Type": "application/json"}
    plain.post(house.bot_url + EVENTS_PATH, content=body, headers=headers).raise_for_status()
    house.quiet()


def linked(house: House) -> set[str]:
    with house.program.database.read() as session:
        return {link.slack_user_id for link in session.exec(select(Link).where(Link.team_id == TEAM))}


def are_linked(house: House, people: set[str]) -> bool:
    """Whether these and no others are linked, or will be within a few seconds."""
    for _ in range(20):
        if linked(house) == people:
            return True
        house.http.get("/rehearsal/wait", params={"after": 10**9, "seconds": 0.2})
    return False


def entries(house: House, action: str) -> list[Entry]:
    with house.program.database.read() as session:
        found = list(session.exec(select(Entry).where(Entry.action == action).order_by("id")))
        session.expunge_all()
        return found


def messages(house: House) -> int:
    return sum(entry["what"] == "chat.postMessage" for entry in house.traffic())


@pytest.mark.parametrize(("what", "code"), [("uninstall", "account_inactive"), ("revoke", "token_revoked")])
def test_an_app_taken_out_ends_links_promises_and_sending(
    house: House, ada: Person, radia: Person, what: str, code: str
) -> None:
    house.turns_to(MONDAY)
    house.turns_on_reminders()
    ada.types("/learn enroll python basics")
    radia.types("/roles grant @linus instructor")
    house.program.scheduler.follow()
    before = linked(house)
    assert {"U0ADA", "U0RADIA"} <= before
    house.turns_to(FRIDAY)
    house.breaks("chat.postMessage", "429", times=None, retry_after=30)
    house.program.scheduler.remind()

    happens(house, what)

    house.mends()
    assert are_linked(house, set())
    (told,) = entries(house, "workspace.uninstalled")
    assert (told.actor, told.what, told.before, told.because) == ("slack", TEAM, f"{len(before)} linked", code)
    ended = entries(house, "link.ended")
    assert {(one.actor, one.what, one.because) for one in ended} == {
        ("slack", f"{TEAM}/{person}", "uninstalled") for person in before
    }
    with house.program.database.read() as session:
        assert not session.exec(select(Grant).where(Grant.slack_user_id == "U0LINUS")).all()
        assert {(row.state, row.reason) for row in session.exec(select(Delivery))} == {("suppressed", "uninstalled")}
    said = messages(house)
    house.turns_to(FRIDAY + timedelta(days=7))
    house.reminds()
    assert messages(house) == said


def test_who_links_again_after_it_was_put_back_is_who_they_were(house: House, ada: Person, radia: Person) -> None:
    ada.types("/learn enroll python basics")
    happens(house, "uninstall")
    ada.types("/learn progress")
    assert ada.error == "/learn is not a valid command."
    happens(house, "install")
    ada.types("/learn progress")
    assert ada.sees("To do this I need to know who you are")
    with house.program.database.write() as session:
        links.link(session, TEAM, "U0ADA", "user_ada", house.clock())
    ada.types("/learn progress")
    assert ada.sees("Python Basics")


def test_word_that_comes_after_it_was_put_back_ends_nothing(house: House, ada: Person) -> None:
    """Slack repeats an event for hours when we were away; meanwhile somebody put the app back."""
    before = linked(house)
    for what in ("tokens_revoked", "app_uninstalled"):
        hears(house, {"type": what, "tokens": {"oauth": [], "bot": ["U0BOT"]}})
    assert linked(house) == before
    assert [entry["what"] for entry in house.traffic()].count("auth.test") >= 2
    assert entries(house, "workspace.uninstalled") == []


@pytest.mark.parametrize("code", ["account_inactive", "token_revoked"])
def test_it_is_found_out_without_any_event(house: House, ada: Person, code: str) -> None:
    silently(house, code)
    house.program.look_after_workspace()
    assert are_linked(house, set())
    assert len(entries(house, "workspace.uninstalled")) == 1
    house.program.look_after_workspace()
    assert len(entries(house, "workspace.uninstalled")) == 1


def test_the_sender_finds_out_by_itself(house: House, ada: Person) -> None:
    house.turns_to(MONDAY)
    house.turns_on_reminders()
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    house.turns_to(FRIDAY)
    silently(house, "account_inactive")
    house.reminds()
    assert are_linked(house, set())
    with house.program.database.read() as session:
        assert {(row.state, row.reason) for row in session.exec(select(Delivery))} == {("suppressed", "uninstalled")}


@pytest.mark.parametrize("code", ["invalid_auth", "missing_scope", "ratelimited"])
def test_other_refusals_end_nothing(house: House, ada: Person, code: str) -> None:
    """invalid_auth is also what an address outside the allow list hears."""
    before = linked(house)
    house.breaks("auth.test", code, times=None)
    house.program.look_after_workspace()
    assert linked(house) == before


def test_a_token_of_somebody_else_revoked_is_no_concern_of_ours(house: House) -> None:
    event = {"type": "tokens_revoked", "tokens": {"oauth": ["U0ADA"], "bot": []}}
    request = Request(kind="event", name="tokens_revoked", team_id=TEAM, slack_user_id="", event=event)
    assert lifecycle.uninstalled(request, house.program.context(house.clock())).then == ()


def test_a_start_with_a_token_that_was_refused_asks_slack_again(house: House) -> None:
    silently(house, "account_inactive")
    house.program.look_after_workspace()
    fresh = Installations(house.program.database, TOKEN, house.slack.api_url)
    with pytest.raises(NotInstalled, match="account_inactive"):
        fresh.learn(house.clock())
    happens(house, "install")
    assert fresh.learn(house.clock()).uninstalled_at is None
    with house.program.database.read() as session:
        found = workspaces.by_team(session, TEAM)
        assert found is not None
        assert found.uninstalled_at is None


def test_what_slack_told_goes_after_ten_days_unless_the_app_is_back(house: House, radia: Person) -> None:
    def members() -> int:
        with house.program.database.read() as session:
            return len(session.exec(select(Member).where(Member.team_id == TEAM)).all())

    def days_later(days: int) -> None:
        house.clock.ahead = timedelta(days=days)
        house.program.look_after_workspace()
        house.program.scheduler.forget()

    house.program.learn_members()
    everybody = members()
    silently(house, "account_inactive")
    days_later(0)
    days_later(9)
    assert members() == everybody
    happens(house, "install")
    days_later(11)
    assert members() == everybody
    silently(house, "token_revoked")
    days_later(12)
    days_later(23)
    assert members() == 0
    happens(house, "install")
    house.program.look_after_workspace()
    house.program.learn_members()
    assert members() == everybody


def _by_event(house: House) -> None:
    house.http.post("/rehearsal/people", json={"team": TEAM, "id": "U0ADA", "deleted": True}).raise_for_status()
    house.quiet()


def _by_the_nightly_reading(house: House) -> None:
    house.slack.rehearsal.stage.person(f"{TEAM}:U0ADA").deleted = True
    house.program.learn_members()


@pytest.mark.parametrize("finds_out", [_by_event, _by_the_nightly_reading])
def test_somebody_deactivated_is_linked_no_more(house: House, ada: Person, finds_out: Callable[[House], None]) -> None:
    ada.types("/learn enroll python basics")
    others = linked(house) - {"U0ADA"}
    finds_out(house)
    assert are_linked(house, others)
    (ended,) = entries(house, "link.ended")
    assert (ended.actor, ended.whom, ended.what, ended.because) == (
        "slack",
        "user_ada",
        audit.member(TEAM, "U0ADA"),
        "left Slack",
    )


def test_who_comes_back_links_to_the_same_record(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    _by_event(house)
    house.http.post("/rehearsal/people", json={"team": TEAM, "id": "U0ADA", "deleted": False}).raise_for_status()
    house.quiet()
    ada.types("/learn progress")
    assert ada.sees("To do this I need to know who you are")
    with house.program.database.write() as session:
        links.link(session, TEAM, "U0ADA", "user_ada", house.clock())
    ada.types("/learn progress")
    assert ada.sees("Python Basics")


def test_a_promise_to_a_person_of_another_workspace_stays(house: House) -> None:
    now: datetime = house.clock()
    with house.program.database.write() as session:
        grants.give(session, Whom("T0EVIL", "U0EVE", None), "Instructor", Terms("user_radia"), now)
    happens(house, "uninstall")
    with house.program.database.read() as session:
        (left,) = session.exec(select(Grant))
        assert left.team_id == "T0EVIL"
