"""A learning record store is told what happens, in statements a strict one takes."""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot import xapi
from bot.eventsending import RETRIES
from models.database import Database
from tests.bot.postoffice import HOME, PostOffice, a_store, finishes
from tests.bot.receivers import Fault, RecordStore, running
from tests.bot.xapirules import faults_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LESSON: dict[str, Any] = {
    "id": "7d0c5f0e-6f0b-5d8a-9f5e-0e5d1f3b2a10",
    "type": "lesson.completed",
    "timestamp": "2026-03-02T09:00:00.000000Z",
    "user_id": "user_ada",
    "course": {"id": 7, "title": "Knots"},
    "lesson": {"id": 12, "title": "Bowline"},
}
COURSE = {name: value for name, value in LESSON.items() if name != "lesson"} | {"type": "course.completed"}
ENROLLED = COURSE | {"type": "enrollment.created"}


@pytest.fixture
def store() -> Iterator[RecordStore]:
    with running(RecordStore) as store:
        yield store


@pytest.fixture
def office(database: Database, store: RecordStore) -> PostOffice:
    office = PostOffice(database, a_store(store.url))
    office.happens(lambda session: finishes(session, "ada", at=AT))
    office.hurries()
    return office


@pytest.mark.parametrize("portal_url", [HOME, None])
def test_a_strict_store_takes_everything_somebody_does_in_a_course(
    database: Database, store: RecordStore, portal_url: str | None
) -> None:
    office = PostOffice(database, a_store(store.url, portal_url))
    title = "Knoten & „Schlingen“ 🪢 結び目\n<b>\\"
    office.happens(lambda session: finishes(session, "ada", title, at=AT))
    office.sends()
    assert store.refusals == []
    assert {row.state for row in office.rows()} == {"sent"}
    assert set(store.taken) == set(office.ids())
    verbs = [statement["verb"]["id"].rpartition("/")[2] for statement in store.taken.values()]
    assert sorted(verbs) == ["completed", "completed", "completed", "registered"]
    titles = {statement["object"]["definition"]["name"]["und"] for statement in store.taken.values()}
    assert titles == {title, "Bowline", "Hitch"}


def test_a_statement_says_who_did_what_where() -> None:
    course = {
        "objectType": "Activity",
        "id": "https://learn.example.com/courses/7",
        "definition": {"name": {"und": "Knots"}, "type": "http://adlnet.gov/expapi/activities/course"},
    }
    assert xapi.statement(LESSON, HOME, "https://learn.example.com/") == {
        "id": LESSON["id"],
        "actor": {"objectType": "Agent", "account": {"homePage": HOME, "name": "user_ada"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en-US": "completed"}},
        "object": {
            "objectType": "Activity",
            "id": "https://learn.example.com/courses/7/lessons/12",
            "definition": {"name": {"und": "Bowline"}, "type": "http://adlnet.gov/expapi/activities/lesson"},
        },
        "result": {"completion": True},
        "context": {"platform": "Homeroom", "contextActivities": {"parent": [course]}},
        "timestamp": "2026-03-02T09:00:00.000000Z",
    }
    assert xapi.statement(COURSE, HOME, HOME)["object"] == course
    enrolled = xapi.statement(ENROLLED, HOME, HOME)
    assert enrolled["verb"]["id"] == "http://adlnet.gov/expapi/verbs/registered"
    assert (enrolled["object"], "result" in enrolled) == (course, False)


def test_without_a_portal_things_keep_names_of_their_own() -> None:
    made = [xapi.statement(facts, HOME, None)["object"]["id"] for facts in (LESSON, COURSE, ENROLLED)]
    assert made[0] != made[1] == made[2]
    assert all(name.startswith("urn:uuid:") for name in made)
    again = xapi.statement(LESSON | {"user_id": "user_mary"}, HOME, None)
    assert again["object"]["id"] == made[0]
    assert again["context"]["contextActivities"]["parent"][0]["id"] == made[1]
    assert xapi.statement(LESSON, "https://elsewhere.example", None)["object"]["id"] != made[0]


def _set(*path: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(statement: dict[str, Any]) -> None:
        for name in path[:-1]:
            statement = statement[name]
        statement[path[-1]] = to

    return change


@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param(_set("id", to="7d0c5f0e"), id="no UUID"),
        pytest.param(_set("actor", "mbox", to="mailto:ada@example.org"), id="two identifiers"),
        pytest.param(_set("actor", "account", "homePage", to="learn.example.com"), id="a home that is no address"),
        pytest.param(_set("actor", "account", "name", to=""), id="an account without a name"),
        pytest.param(_set("verb", "id", to="completed"), id="a verb that is no address"),
        pytest.param(_set("verb", "display", to="completed"), id="a word without its language"),
        pytest.param(_set("object", "id", to="courses/7"), id="an activity without an address"),
        pytest.param(_set("object", "definition", "name", to={"en us": "x"}), id="no language"),
        pytest.param(_set("object", "definition", "title", to={"und": "x"}), id="an unknown property"),
        pytest.param(_set("result", "completion", to="true"), id="text for a boolean"),
        pytest.param(_set("context", "contextActivities", "child", to=[]), id="an unknown relation"),
        pytest.param(_set("context", "revision", to=None), id="null"),
        pytest.param(_set("timestamp", to="2026-03-02T09:00:00"), id="an instant of no zone"),
        pytest.param(_set("timestamp", to="2026-03-02T09:00:00-00:00"), id="an unknown zone"),
        pytest.param(_set("version", to="2.0.0"), id="another version"),
        pytest.param(_set("course", to=7), id="a property of ours"),
        pytest.param(lambda statement: statement.pop("verb"), id="no verb"),
    ],
)
def test_the_rules_refuse_what_the_specification_refuses(spoiled: Callable[[dict[str, Any]], object]) -> None:
    statement = xapi.statement(LESSON, HOME, HOME)
    assert faults_of(statement) == []
    broken = copy.deepcopy(statement)
    spoiled(broken)
    assert len(faults_of(broken)) == 1


def test_a_statement_the_store_has_already_is_there(office: PostOffice, store: RecordStore) -> None:
    store.faults = [Fault(500, takes=True) for _ in range(4)]
    office.sends()
    for pause in RETRIES[:4]:
        office.passes(1.1 * pause)
        office.sends()
    assert {row.state for row in office.rows()} == {"sent"}
    assert set(store.times.values()) == {2}


def test_another_statement_of_the_same_id_is_no_reason_to_go_on(office: PostOffice, store: RecordStore) -> None:
    store.taken = {event_id: {"id": event_id} for event_id in office.ids()}
    office.sends()
    assert {row.state for row in office.rows()} == {"sent"}
    assert {row.history.splitlines()[-1].partition("UTC ")[2] for row in office.rows()} == {"taken: HTTP 409"}


def test_a_statement_the_store_cannot_read_is_given_up_at_once(office: PostOffice, store: RecordStore) -> None:
    store.faults = [Fault(400)]
    office.sends()
    assert sorted(office.states()) == [("failed", "HTTP 400"), *[("sent", None)] * 3]


def test_a_store_that_does_not_know_us_is_tried_again(database: Database, store: RecordStore) -> None:
    office = PostOffice(database, a_store(store.url, secret="wrong"))
    office.enrolls("ada")
    office.sends()
    assert office.states() == [("waiting", "HTTP 401")]
    office.destination = a_store(store.url)
    office.passes(1.1 * RETRIES[0])
    office.sends()
    assert office.states() == [("sent", None)]
    assert json.loads(store.bodies[0])["actor"]["account"] == {"homePage": HOME, "name": "user_ada"}
