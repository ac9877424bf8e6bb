"""A portal is told what happens: signed, again until it has it, never in Slack's way, and never in secret."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event

import pytest
from sqlmodel import Session, col, delete
from standardwebhooks import Webhook

from bot.eventsending import IN_TROUBLE, RETRIES
from models import Enrollment, User, destinations, leases, pauses, users
from models.database import Database
from models.pauses import KIND
from models.switches import WEBHOOK
from tests.bot.postoffice import PostOffice, a_webhook, finishes
from tests.bot.receivers import OLD_SECRET, SECRET, Fault, Portal, running

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BEFORE_THE_END = len(RETRIES)


@pytest.fixture
def portal() -> Iterator[Portal]:
    with running(Portal) as portal:
        yield portal


def opened(database: Database, portal: Portal) -> PostOffice:
    """Ada's enrollment is to be told."""
    office = PostOffice(database, a_webhook(portal.url))
    portal.clock = office.clock
    office.enrolls("ada")
    return office


@pytest.fixture
def office(database: Database, portal: Portal) -> PostOffice:
    """On SQLite, where all that matters is what is said and answered."""
    return opened(database, portal)


@pytest.fixture
def either(any_database: Database, portal: Portal) -> PostOffice:
    """On SQLite and on PostgreSQL."""
    return opened(any_database, portal)


def test_an_event_arrives_signed_and_says_no_more_than_ids(office: PostOffice, portal: Portal) -> None:
    office.sends()
    (headers,), (body,) = portal.headers, portal.bodies
    assert Webhook(SECRET).verify(body, headers)
    assert headers["webhook-id"] == f"evt_{office.ids()[0]}"
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    assert told["type"] == "enrollment.created"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", told["timestamp"])
    assert told["data"] == {"user_id": "user_ada", "course_id": told["data"]["course_id"]}
    assert b"example.org" not in body
    assert office.states() == [("sent", None)]


def test_everything_somebody_does_in_a_course_is_told(office: PostOffice, portal: Portal) -> None:
    office.hurries()
    office.happens(lambda session: finishes(session, "mary", at=office.clock()))
    office.sends()
    assert sorted(told["type"] for told in portal.taken.values()) == [
        "course.completed",
        "enrollment.created",
        "enrollment.created",
        "lesson.completed",
        "lesson.completed",
    ]
    assert {row.attempts for row in office.rows()} == {1}


@pytest.mark.parametrize("known", [SECRET, OLD_SECRET])
def test_while_a_secret_changes_the_portal_may_know_either(office: PostOffice, portal: Portal, known: str) -> None:
    portal.secret = known
    office.destination = a_webhook(portal.url, SECRET, OLD_SECRET)
    office.sends()
    assert len(portal.taken) == 1
    assert len(portal.headers[0]["webhook-signature"].split()) == 2


def test_a_portal_in_trouble_is_tried_for_three_days_with_the_same_id(office: PostOffice, portal: Portal) -> None:
    portal.always = Fault(500)
    for pause in RETRIES:
        before = len(portal.attempts)
        office.sends()
        assert len(portal.attempts) == before + 1
        office.passes(pause - SECOND)
        office.sends()
        assert len(portal.attempts) == before + 1
        office.passes(0.1 * pause + SECOND)
    assert office.states() == [("waiting", "HTTP 500")]
    office.sends()
    assert office.states() == [("failed", "HTTP 500")]
    assert sum(RETRIES, timedelta()) > timedelta(days=3)
    assert {event_id for event_id, _ in portal.attempts} == {f"evt_{office.ids()[0]}"}
    assert len(set(portal.bodies)) == 1
    signed_at = [int(headers["webhook-timestamp"]) for headers in portal.headers]
    assert signed_at[-1] - signed_at[0] > 3 * 24 * 3600


def test_what_was_given_up_is_sent_again_when_somebody_says_so(either: PostOffice, portal: Portal) -> None:
    portal.always = Fault(500)
    for pause in (*RETRIES, MINUTE):
        either.sends()
        either.passes(1.1 * pause)
    portal.always = None
    either.sends()
    assert portal.taken == {}
    assert either.sends_again() == 1
    either.sends()
    assert list(portal.taken) == [f"evt_{either.ids()[0]}"]
    assert either.states() == [("sent", None)]
    assert either.sends_again() == 0


def test_a_portal_that_took_it_and_never_said_so_gets_the_same_id_again(either: PostOffice, portal: Portal) -> None:
    never = Event()
    portal.faults = [Fault(takes=True, waits=never)]
    either.sends(call_seconds=0.3)
    never.set()
    assert either.states() == [("waiting", "no answer in time")]
    either.passes(1.1 * RETRIES[0])
    either.sends()
    assert portal.times == {f"evt_{either.ids()[0]}": 2}
    assert either.states() == [("sent", None)]


def test_a_portal_nobody_reaches_is_left_alone_for_a_moment(database: Database) -> None:
    office = PostOffice(database, a_webhook("http://127.0.0.1:9"))
    office.hurries()
    office.enrolls("ada", "mary")
    office.sends()
    tried = [row.attempts for row in office.rows()]
    assert sorted(tried) == [0, 1]
    assert ("waiting", "ConnectError") in office.states()
    office.passes(IN_TROUBLE + SECOND / 5)
    office.sends()
    assert [row.attempts for row in office.rows()] != tried


def test_a_receiver_that_is_gone_for_good_is_asked_no_more_until_an_admin_says_so(
    office: PostOffice, portal: Portal
) -> None:
    portal.always = Fault(410)
    office.sends()
    office.passes(timedelta(days=2))
    office.enrolls("mary")
    office.sends()
    assert len(portal.attempts) == 1
    assert [state for state, _ in office.states()] == ["waiting", "waiting"]
    with office.database.write() as session:
        (pause,) = pauses.in_force(session)
        assert (pause.scope, pause.value) == (KIND, WEBHOOK)
        assert pause.because == "their receiver answered HTTP 410, which means no more"
        pauses.resume(session, KIND, WEBHOOK)
    portal.always = None
    office.sends()
    assert len(portal.taken) == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_receiver_that_says_when_is_asked_then_and_nothing_else_meanwhile(
    office: PostOffice, portal: Portal, status: int, form: str
) -> None:
    when = "120" if form == "seconds" else format_datetime(datetime.now(UTC) + 120 * SECOND, usegmt=True)
    portal.faults = [Fault(status, (("retry-after", when),))]
    office.sends()
    office.enrolls("mary")
    office.passes(110 * SECOND)
    office.sends()
    assert len(portal.attempts) == 1
    office.passes(20 * SECOND)
    office.hurries()
    office.sends()
    assert len(portal.taken) == 2


@pytest.mark.parametrize("told", ["", "soon", "-5", "9" * 5000, "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_a_receiver_that_says_nonsense_is_asked_at_its_time(office: PostOffice, portal: Portal, told: str) -> None:
    portal.faults = [Fault(503, (("retry-after", told),))]
    office.sends()
    office.passes(1.1 * RETRIES[0])
    office.sends()
    assert len(portal.taken) == 1


def test_nobody_is_followed_elsewhere(office: PostOffice, portal: Portal) -> None:
    with running(Portal) as elsewhere:
        portal.faults = [Fault(307, (("location", elsewhere.url),))]
        office.sends()
        assert elsewhere.attempts == []
    assert office.states() == [("waiting", "HTTP 307")]


def test_one_event_a_portal_refuses_holds_up_no_other(office: PostOffice, portal: Portal) -> None:
    office.hurries()
    office.enrolls("mary", "linus")
    portal.faults = [Fault(422)]
    office.sends()
    assert sorted(office.states()) == [("sent", None), ("sent", None), ("waiting", "HTTP 422")]


def test_two_senders_at_once_send_each_event_once(either: PostOffice, portal: Portal) -> None:
    either.hurries()
    either.enrolls(*(f"learner{number}" for number in range(40)))
    senders = [either.sender(threads=3) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.drain()
        sender.stop()
    assert set(portal.times.values()) == {1}
    assert len(portal.times) == 41


def test_somebody_forgotten_while_it_waited_is_told_of_no_more(either: PostOffice, portal: Portal) -> None:
    def forgets(session: Session) -> None:
        for model, whose in ((Enrollment, Enrollment.user_id), (User, User.id)):
            session.execute(delete(model).where(col(whose) == "user_ada"))
        assert users.get(session, "user_ada") is None

    with either.database.write() as session:
        forgets(session)
    either.sends()
    assert portal.attempts == []
    assert either.states() == [("suppressed", "gone")]


def test_trouble_is_known_as_long_as_it_lasts(either: PostOffice, portal: Portal) -> None:
    def standing() -> tuple[datetime | None, str | None]:
        with either.database.read() as session:
            (one,) = destinations.standings(session)
            return one.failing_since, one.trouble

    began = either.clock()
    portal.faults = [Fault(500), Fault(502)]
    either.sends()
    either.passes(1.1 * RETRIES[0])
    either.sends()
    since, trouble = standing()
    assert since is not None
    assert (began < since < began + 5 * SECOND, trouble) == (True, "HTTP 502")
    either.passes(1.1 * RETRIES[1])
    either.sends()
    assert standing() == (None, None)


def test_whose_lease_ran_out_sends_nothing(either: PostOffice, portal: Portal) -> None:
    with either.database.write() as session:
        (leased,) = leases.lease(session, WEBHOOK, either.clock(), 1)
    either.passes(leases.LEASE + leases.SETTLING + SECOND)
    either.sends()
    with either.database.write() as session:
        assert not leases.sent(session, leased, None, either.clock())
    assert [row.attempts for row in either.rows()] == [2]
    assert len(portal.taken) == 1


def test_no_secret_is_ever_logged(office: PostOffice, portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "homeroom")
    for fault in (Fault(500), Fault(401), Fault(410)):
        portal.faults = [fault]
        office.sends()
        office.passes(timedelta(days=1))
    assert [record.levelname for record in caplog.records if "webhook" in record.getMessage()] == ["WARNING"] * 3
    for secret in (SECRET, SECRET.removeprefix("whsec_"), "v1,"):
        assert secret not in caplog.text
