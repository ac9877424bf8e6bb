"""A portal in Node, with Prisma's client alone, at work beside the bot: each sees what the other does."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

from models import Course, Enrollment, UserRole, enrollments, progress, users
from models.database import Database
from models.links import Link
from models.mutes import Mute
from models.places import Place
from models.reminderrows import Reminder
from models.statements import table_of
from tests.handlers.test_reminding import FRIDAY, MONDAY, unasked
from tests.neighbours.conftest import Avenue
from tests.neighbours.node import NodeNeighbour, Refused
from tests.neighbours.test_seed_client import completed, due_at, followed_sees, soon_sees
from tests.schema.prisma import MODELS, camel

THEN = "2026-01-02T03:04:05.678Z"
LATER = "2026-02-03T04:05:06.789Z"
ROWS: dict[str, dict[str, Any]] = {
    "user": {
        "id": "user_joan",
        "firstName": "Joan",
        "lastName": "Clarke",
        "email": "joan@neighbours.example",
        "imageUrl": "https://portal.example/joan.png",
        "createdAt": THEN,
        "updatedAt": THEN,
    },
    "role": {"id": 7, "name": "Auditor", "description": "Looks on."},
    "userRole": {"userId": "user_joan", "roleId": 7},
    "course": {
        "id": 11,
        "title": "Knots",
        "description": "All about knots.",
        "instructorId": "user_joan",
        "createdAt": THEN,
        "updatedAt": THEN,
        "slug": "knots",
        "archivedAt": THEN,
        "revisedAt": THEN,
    },
    "module": {"id": 12, "title": "First", "order": 1, "courseId": 11, "key": "first"},
    "lesson": {
        "id": 13,
        "title": "Reef knot",
        "contentType": "text",
        "contentUrl": "https://portal.example/reef",
        "order": 1,
        "moduleId": 12,
        "key": "reef",
        "minutes": 4,
        "body": "Right over left.",
        "removedAt": THEN,
    },
    "enrollment": {"id": 14, "userId": "user_joan", "courseId": 11, "enrolledAt": THEN},
    "progress": {"id": 15, "userId": "user_joan", "lessonId": 13, "completed": True, "completedAt": THEN},
    "instructor": {"userId": "user_joan", "bio": "Breaks codes."},
}
CHANGES: dict[str, dict[str, Any]] = {
    "user": {"imageUrl": None, "createdAt": LATER, "updatedAt": LATER},
    "role": {"description": None},
    "course": {"title": "Better knots", "archivedAt": None, "revisedAt": LATER, "createdAt": LATER, "updatedAt": LATER},
    "module": {"order": -3, "key": None},
    "lesson": {"contentUrl": None, "minutes": None, "body": None, "removedAt": LATER},
    "enrollment": {"enrolledAt": LATER},
    "progress": {"completed": False, "completedAt": None},
    "instructor": {"bio": None},
}
TABLES = {model.__name__[0].lower() + model.__name__[1:]: model for model in MODELS}


def test_it_makes_reads_changes_and_deletes_every_model(node_neighbour: NodeNeighbour, any_database: Database) -> None:
    fields = {name: {camel(column.name) for column in table_of(model).columns} for name, model in TABLES.items()}
    assert {name: row.keys() for name, row in ROWS.items()} == fields
    for name, row in ROWS.items():
        assert node_neighbour.asks(name, "create", data=row) == row
        assert rows_of(any_database, name) == [row]
    for name, changed in CHANGES.items():
        row = ROWS[name] | changed
        assert node_neighbour.asks(name, "update", where=key_of(name), data=changed) == row
        assert rows_of(any_database, name) == [row]
        assert node_neighbour.asks(name, "findUnique", where=key_of(name)) == row
    found = node_neighbour.asks(
        "course",
        "findFirst",
        include={
            "instructor": {"include": {"instructor": True, "roles": {"include": {"role": True}}}},
            "modules": {"include": {"lessons": {"include": {"progress": True}}}},
            "enrollments": {"include": {"user": True}},
        },
    )
    assert found["instructor"]["roles"][0]["role"]["name"] == "Auditor"
    assert found["instructor"]["instructor"]["userId"] == found["enrollments"][0]["user"]["id"] == "user_joan"
    assert found["modules"][0]["lessons"][0]["progress"][0]["completed"] is False
    for name in reversed(ROWS):
        assert node_neighbour.asks(name, "delete", where=key_of(name)) == ROWS[name] | CHANGES.get(name, {})
        assert rows_of(any_database, name) == []


def key_of(name: str) -> dict[str, Any]:
    """What Prisma's client finds the row of this model by."""
    row = ROWS[name]
    keys = [camel(column.name) for column in table_of(TABLES[name]).primary_key]
    return {keys[0]: row[keys[0]]} if len(keys) == 1 else {"_".join(keys): {key: row[key] for key in keys}}


def rows_of(database: Database, name: str) -> list[dict[str, Any]]:
    """The rows of this model as the bot reads them, in Prisma's names and forms."""
    with database.read() as session:
        return [
            {camel(key): shown(value) for key, value in row.model_dump().items()}
            for row in session.exec(select(TABLES[name]))
        ]


def shown(value: object) -> object:
    """The value as Node shows it: an instant to the millisecond, in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def a_course(neighbour: NodeNeighbour, title: str = "Knots") -> tuple[int, list[int]]:
    """The neighbour publishes a course of two modules and three lessons, all in one nested write."""
    modules = {"First": ["Reef knot", "Bowline"], "Second": ["Sheet bend"]}
    made = neighbour.asks(
        "course",
        "create",
        data={
            "title": title,
            "description": f"All about {title}.",
            "instructor": {"connect": {"id": "user_grace"}},
            "modules": {
                "create": [
                    {
                        "title": module,
                        "order": place,
                        "lessons": {
                            "create": [
                                {"title": lesson, "contentType": "text", "order": order}
                                for order, lesson in enumerate(lessons, start=1)
                            ]
                        },
                    }
                    for place, (module, lessons) in enumerate(modules.items(), start=1)
                ]
            },
        },
        include={"modules": {"include": {"lessons": {"orderBy": {"order": "asc"}}}, "orderBy": {"order": "asc"}}},
    )
    return made["id"], [lesson["id"] for module in made["modules"] for lesson in module["lessons"]]


def test_what_it_writes_shows_in_slack(avenue: Avenue) -> None:
    house, neighbour, ada = avenue.house, avenue.neighbour, avenue.house.person("U0ADA")
    ada.opens_home()
    course_id, (reef, bowline, bend) = a_course(neighbour)
    neighbour.asks("enrollment", "create", data={"userId": "user_ada", "courseId": course_id})
    assert soon_sees(ada, "0 of 3")
    ada.clicks("Continue")
    assert ada.sees("Reef knot")
    ada.closes()

    def marks(lesson: int, completed: bool) -> None:
        pair = {"userId": "user_ada", "lessonId": lesson}
        neighbour.asks(
            "progress",
            "upsert",
            where={"userId_lessonId": pair},
            create={**pair, "completed": completed, "completedAt": THEN},
            update={"completed": completed, "completedAt": THEN if completed else None},
        )

    marks(reef, True)
    assert followed_sees(house, ada, "1 of 3")
    marks(reef, False)
    assert followed_sees(house, ada, "0 of 3")
    neighbour.asks("course", "update", where={"id": course_id}, data={"title": "Better Knots"})
    neighbour.asks("lesson", "update", where={"id": reef}, data={"title": "Square knot"})
    assert followed_sees(house, ada, "Next: *Square knot*")
    assert ada.sees("*Better Knots*")
    neighbour.asks(
        "user",
        "update",
        where={"id": "user_grace"},
        data={"firstName": "Amazing", "instructor": {"create": {"bio": "Ties what others cut."}}},
    )
    neighbour.asks("module", "updateMany", where={"title": "Second"}, data={"title": "The end", "order": 0})
    ada.types("/learn courses better")
    assert ada.sees("Amazing Neighbour")
    ada.clicks("Details")
    assert ada.sees("Ties what others cut.")
    assert ada.screen().index("The end") < ada.screen().index("First") < ada.screen().index("Square knot")
    ada.closes()

    ada.opens_home()
    for lesson in (bend, reef):
        marks(lesson, True)
    assert followed_sees(house, ada, "2 of 3")
    assert completed(house) == []
    neighbour.asks("lesson", "update", where={"id": bowline}, data={"removedAt": THEN})
    assert followed_sees(house, ada, "*Finished*")
    assert completed(house) == ["user_ada"]

    mary = house.person("U0MARY")
    neighbour.asks("course", "update", where={"id": course_id}, data={"archivedAt": THEN})
    mary.types("/learn enroll better")
    assert mary.sees("Nothing matches *better*")

    neighbour.asks("enrollment", "deleteMany", where={"courseId": course_id})
    for name in ("progress", "lesson", "module", "course"):
        neighbour.asks(name, "deleteMany")
    ada.opens_home()
    assert followed_sees(house, ada, "Welcome, Ada")


def test_people_roles_and_reminders_follow_it(avenue: Avenue) -> None:
    house, neighbour, ada = avenue.house, avenue.neighbour, avenue.house.person("U0ADA")
    ada.opens_home()
    assert "*Sending*" not in ada.screen()
    neighbour.asks("userRole", "create", data={"user": by("id", "user_ada"), "role": by("name", "Admin")})
    assert followed_sees(house, ada, "*Sending*")
    (admin,) = neighbour.asks("role", "findMany", where={"name": "Admin"})
    held = {"userId_roleId": {"userId": "user_ada", "roleId": admin["id"]}}
    neighbour.asks("userRole", "delete", where=held)
    house.program.scheduler.follow()
    assert ada.sees_no_more("*Sending*")

    house.turns_to(MONDAY)
    house.turns_on_reminders()
    course_id, (reef, *_) = a_course(neighbour)
    neighbour.asks(
        "enrollment", "create", data={"userId": "user_ada", "courseId": course_id, "enrolledAt": shown(MONDAY)}
    )
    assert due_at(house, "user_ada") == FRIDAY.replace(minute=0)
    neighbour.asks(
        "progress",
        "create",
        data={
            "userId": "user_ada",
            "lessonId": reef,
            "completed": True,
            "completedAt": shown(FRIDAY - timedelta(days=1)),
        },
    )
    wednesday = FRIDAY + timedelta(days=5)
    assert due_at(house, "user_ada") == wednesday.replace(minute=0)
    house.turns_to(FRIDAY)
    house.reminds()
    assert unasked(ada) == []
    house.turns_to(wednesday)
    house.reminds()
    assert ["Bowline" in text for text in unasked(ada)] == [True]
    neighbour.asks("enrollment", "deleteMany", where={"userId": "user_ada"})
    assert due_at(house, "user_ada") is None


def by(key: str, value: str) -> dict[str, Any]:
    """A nested write that connects what is there."""
    return {"connect": {key: value}}


def test_it_reads_what_people_do_in_slack(avenue: Avenue) -> None:
    neighbour, ada = avenue.neighbour, avenue.house.person("U0ADA")
    before = datetime.now(UTC)
    course_id, (reef, *_) = a_course(neighbour)
    ada.types("/learn enroll knots")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    ada.closes()
    told = neighbour.asks(
        "user", "findUniqueOrThrow", where={"id": "user_ada"}, include={"enrollments": True, "progress": True}
    )
    (enrollment,), (done,) = told["enrollments"], told["progress"]
    assert (enrollment["courseId"], done["lessonId"], done["completed"]) == (course_id, reef, True)
    for instant in (enrollment["enrolledAt"], done["completedAt"]):
        # Node knows milliseconds only.
        assert before - timedelta(milliseconds=1) < datetime.fromisoformat(instant) < datetime.now(UTC)


INSTANT = datetime(2026, 3, 4, 23, 59, 58, 123_456, tzinfo=UTC)
"""With microseconds, and on another day where the server thinks it is, so that no zone goes unnoticed."""


def learners(database: Database, *instants: datetime) -> None:
    """The bot enrolls a learner at each instant in a course of user_grace: user_0, user_1, …"""
    with database.write() as session:
        users.ensure(session, "user_grace", now=INSTANT)
        course = Course(title="Knots", description="About.", instructor_id="user_grace", created_at=INSTANT)
        session.add(course)
        session.flush()
        assert course.id == 1
        for number, instant in enumerate(instants):
            users.ensure(session, f"user_{number}", now=INSTANT)
            enrollments.enroll(session, f"user_{number}", 1, instant)


def test_an_instant_is_the_same_on_both_sides(node_neighbour: NodeNeighbour, any_database: Database) -> None:
    learners(any_database, INSTANT)
    course = node_neighbour.asks("course", "findUniqueOrThrow", where={"id": 1})
    assert (course["createdAt"], course["archivedAt"]) == ("2026-03-04T23:59:58.123Z", None)
    (enrollment,) = node_neighbour.asks("enrollment", "findMany")
    assert enrollment["enrolledAt"] == "2026-03-04T23:59:58.123Z"

    before = datetime.now(UTC) - timedelta(milliseconds=1)
    node_neighbour.asks("course", "update", where={"id": 1}, data={"title": "Better knots"})
    node_neighbour.asks(
        "user", "create", data={"id": "user_new", "firstName": "", "lastName": "", "email": "new@x.example"}
    )
    node_neighbour.asks("enrollment", "create", data={"userId": "user_new", "courseId": 1})
    after = datetime.now(UTC)
    with any_database.read() as session:
        changed = session.get_one(Course, 1)
        assert (changed.created_at, changed.archived_at) == (INSTANT, None)
        (made,) = session.exec(select(Enrollment).where(Enrollment.user_id == "user_new")).all()
        joined = users.get(session, "user_new")
        assert joined is not None
        filled_in = (changed.updated_at, made.enrolled_at, joined.created_at, joined.updated_at)
    assert all(before <= instant <= after for instant in filled_in)


@pytest.mark.parametrize("any_url", ["sqlite"], indirect=True)
def test_sqlite_keeps_every_instant_in_one_form(node_neighbour: NodeNeighbour, any_database: Database) -> None:
    for name, row in ROWS.items():
        node_neighbour.asks(name, "create", data=row)
    with any_database.read() as session:
        assert set(instants_in(session)) == {"2026-01-02 03:04:05.678000"}
    for name in CHANGES:
        changed = {field: LATER for field, value in ROWS[name].items() if value == THEN}
        if changed:
            node_neighbour.asks(name, "update", where=key_of(name), data=changed)
    with any_database.read() as session:
        assert set(instants_in(session)) == {"2026-02-03 04:05:06.789000"}


def instants_in(session: Session) -> list[str]:
    """Every instant in the seed's tables, as it is stored."""
    return [
        value
        for model in MODELS
        for column in table_of(model).columns
        if column.name.endswith("_at")
        for value in session.connection()
        .exec_driver_sql(f'SELECT {column.name} FROM "{model.__tablename__}"')
        .scalars()
    ]


NIGHT, NOON, EVENING, NEXT_DAY = (
    datetime(2026, 3, 4, 1, tzinfo=UTC),
    datetime(2026, 3, 4, 12, 0, 0, 500, tzinfo=UTC),
    datetime(2026, 3, 4, 18, tzinfo=UTC),
    datetime(2026, 3, 5, 0, tzinfo=UTC),
)
AT_NOON = "2026-03-04T12:00:00.000Z"


def test_instants_sort_rightly_and_compare_rightly_as_the_page_says(
    node_neighbour: NodeNeighbour, any_database: Database
) -> None:
    """docs/schema.md: on SQLite not by `where`, which compares texts, but by these two."""
    learners(any_database, EVENING, NIGHT, NEXT_DAY)
    node_neighbour.asks(
        "user", "create", data={"id": "user_3", "firstName": "", "lastName": "", "email": "3@x.example"}
    )
    node_neighbour.asks("enrollment", "create", data={"userId": "user_3", "courseId": 1, "enrolledAt": AT_NOON})
    in_order = node_neighbour.asks("enrollment", "findMany", orderBy={"enrolledAt": "asc"})
    assert [row["userId"] for row in in_order] == ["user_1", "user_3", "user_0", "user_2"]
    by_where = {
        ask: {
            row["userId"] for row in node_neighbour.asks("enrollment", "findMany", where={"enrolledAt": {ask: AT_NOON}})
        }
        for ask in ("gte", "lt", "equals")
    }
    if not any_database.is_sqlite:
        assert by_where == {"gte": {"user_3", "user_0", "user_2"}, "lt": {"user_1"}, "equals": {"user_3"}}
        return
    # ' ' sorts before the 'T' of what Prisma asks for, so all of that day seems to have been before noon.
    assert by_where == {"gte": {"user_2"}, "lt": {"user_1", "user_3", "user_0"}, "equals": set()}
    for deed in ("enrolledSince", "enrolledSinceInNode"):
        rows = node_neighbour.compares(deed, AT_NOON)
        assert [row["userId"] for row in rows] == ["user_3", "user_0", "user_2"], deed


@pytest.mark.parametrize("any_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_postgresql_has_to_be_spoken_to_in_utc(
    node_neighbour: NodeNeighbour, any_database: Database, any_url: str
) -> None:
    """Prisma leaves the zone out both ways, so where the server thinks in another one, everything is off by it."""
    learners(any_database, NOON)
    elsewhere = NodeNeighbour(node_neighbour.process, any_url, options="")
    (right,), (wrong,) = (one.asks("enrollment", "findMany") for one in (node_neighbour, elsewhere))
    elsewhere.hangs_up()
    assert right["enrolledAt"] == "2026-03-04T12:00:00.000Z"
    assert wrong["enrolledAt"] == "2026-03-04T17:45:00.000Z"


def test_both_count_on_and_refuse_the_same(node_neighbour: NodeNeighbour, any_database: Database) -> None:
    learners(any_database, INSTANT, INSTANT)
    made = {"title": "Sails", "description": "", "instructorId": "user_grace"}
    theirs = node_neighbour.asks("course", "create", data=made)["id"]
    node_neighbour.asks("course", "delete", where={"id": theirs})
    with any_database.write() as session:
        ours = Course(title="Oars", description="", instructor_id="user_grace")
        session.add(ours)
        session.flush()
        assert ours.id == theirs + 1
    assert node_neighbour.asks("course", "create", data=made)["id"] == theirs + 2

    for refused, data in (
        ("user", {"id": "user_9", "firstName": "", "lastName": "", "email": "user_0@placeholder.invalid"}),
        ("enrollment", {"userId": "user_0", "courseId": 1}),
    ):
        with pytest.raises(Refused, match=r"^P2002 "):
            node_neighbour.asks(refused, "create", data=data)
    node_neighbour.asks("role", "create", data={"name": "Auditor"})
    with pytest.raises(Refused, match=r"^P2002 "):
        node_neighbour.asks("role", "create", data={"name": "Auditor"})
    for refused, data in (
        ("enrollment", {"userId": "user_0", "courseId": 99}),
        ("course", {"title": "", "description": "", "instructorId": "nobody"}),
    ):
        with pytest.raises(Refused, match=r"^P2003 "):
            node_neighbour.asks(refused, "create", data=data)
    # The seed says nothing of cascades, so what is still referred to stays; `deleteMany` the children first.
    for refused, where in (("course", {"id": 1}), ("user", {"id": "user_grace"})):
        with pytest.raises(Refused, match=r"^P2003 "):
            node_neighbour.asks(refused, "delete", where=where)


def test_what_is_ours_goes_with_what_it_deletes(node_neighbour: NodeNeighbour, any_database: Database) -> None:
    learners(any_database, INSTANT)
    _, (reef, *_) = a_course(node_neighbour, "Sails")
    with any_database.write() as session:
        course_id = session.exec(select(Course.id).where(Course.title == "Sails")).one()
        assert course_id is not None
        enrollments.enroll(session, "user_0", course_id, INSTANT)
        progress.complete(session, "user_0", reef, INSTANT)
        session.add(Mute(user_id="user_0", course_id=course_id))
        session.add(Place(user_id="user_0", course_id=course_id, lesson_id=reef, page=1, opened_at=INSTANT))
        session.add(Reminder(user_id="user_0"))
        session.add(Link(team_id="T0HOME", slack_user_id="U0ADA", user_id="user_0", linked_at=INSTANT))
    node_neighbour.asks("progress", "deleteMany")
    node_neighbour.asks("lesson", "delete", where={"id": reef})
    assert counts(any_database, Place, Mute, Reminder, Link) == [0, 1, 1, 1]
    for name, where in (("enrollment", {}), ("lesson", {}), ("module", {}), ("course", {"id": course_id})):
        node_neighbour.asks(name, "deleteMany", where=where)
    assert counts(any_database, Place, Mute, Reminder, Link) == [0, 0, 1, 1]
    node_neighbour.asks("user", "delete", where={"id": "user_0"})
    assert counts(any_database, Place, Mute, Reminder, Link) == [0, 0, 0, 0]


def counts(database: Database, *tables: type[SQLModel]) -> list[int]:
    """How many rows each table has."""
    with database.read() as session:
        return [len(session.exec(select(table)).all()) for table in tables]


@pytest.mark.parametrize("any_url", ["sqlite"], indirect=True)
def test_it_waits_its_turn_while_the_bot_writes(node_neighbour: NodeNeighbour, any_database: Database) -> None:
    learners(any_database, INSTANT)
    node_neighbour.asks("role", "create", data={"name": "Auditor"})
    with ThreadPoolExecutor(1) as hand:
        with any_database.write() as session:
            session.add(Mute(user_id="user_0", course_id=1))
            session.flush()
            # It reads before the bot is done, and writes when what it read is out of date: it has to begin again.
            told = {"user": by("id", "user_0"), "role": by("name", "Auditor")}
            asked = hand.submit(node_neighbour.asks, "userRole", "create", data=told)
            assert wait([asked], timeout=0.5).not_done
        assert asked.result()["userId"] == "user_0"
    assert counts(any_database, Mute, UserRole) == [1, 1]
