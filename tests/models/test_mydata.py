"""Everything stored about one person, and nothing left out by accident."""

import importlib
import pkgutil
from datetime import UTC, datetime

from sqlmodel import Session, SQLModel

import models
from models import audit, linkrequests, links, members, mydata, preferences, reminders
from models.members import Profile
from models.rhythms import DAILY, Rhythm
from models.roles import INSTRUCTOR
from tests.school import a_course, a_user, completed, enrolled, lessons_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_every_table_is_in_it_or_says_why_not() -> None:
    for module in pkgutil.iter_modules(models.__path__):
        if module.name != "migrations":
            importlib.import_module(f"models.{module.name}")
    assert set(SQLModel.metadata.tables) == mydata.TITLES.keys() | mydata.ABOUT_NOBODY.keys()
    assert not mydata.TITLES.keys() & mydata.ABOUT_NOBODY.keys()


def test_what_is_about_nobody_names_nobody() -> None:
    for name in mydata.ABOUT_NOBODY:
        columns = SQLModel.metadata.tables[name].c.keys()
        assert not {"user_id", "slack_user_id", "actor", "whom", "email", "instructor_id"} & set(columns), name


def test_somebodys_data_is_theirs_alone(any_session: Session) -> None:
    session = any_session
    for name in ("ada", "mary"):
        user = a_user(session, name, INSTRUCTOR)
        members.remember(session, Profile("T1", f"U{name}", name, name, email=f"{name}@slack.example"), NOW)
        links.link(session, "T1", f"U{name}", user.id, NOW)
        course = a_course(session, f"Course of {name}", ["One"], instructor=name)
        enrolled(session, user, course)
        completed(session, user, lessons_of(session, course)[0])
        preferences.choose(session, user.id, Rhythm(DAILY, "12345", 9, "UTC"), None, NOW)
        audit.note(session, "role.granted", actor="console", whom=user.id, what=INSTRUCTOR, now=NOW)
    told = mydata.everything(session, "T1", "Uada")
    written = str(told)
    assert "mary" not in written
    for title in ("Your account in the portal", "What Slack says about you", "Your reminders", "Courses you teach"):
        assert len(told[title]) == 1, title
    assert told["What the audit log has on you"][0]["action"] == "role.granted"
    assert {one["name"] for one in told["What those numbers mean"]} == {"Student", "Instructor"}


def test_what_proves_something_is_left_out(any_session: Session) -> None:
    linkrequests.ask(any_session, "T1", "U1", "a secret link", "", NOW)
    (asked,) = mydata.everything(any_session, "T1", "U1")["Links you asked for in the last day"]
    assert asked["state"] == "open"
    assert "token_digest" not in asked


def test_somebody_not_linked_gets_what_slack_says(any_session: Session) -> None:
    members.remember(any_session, Profile("T1", "U1", "linus", "Linus"), NOW)
    assert mydata.everything(any_session, "T1", "U1").keys() == {"What Slack says about you"}
    assert mydata.everything(any_session, "T2", "U1") == {}


def test_who_has_an_account_now_does_not_see_the_reminders_of_the_last(any_session: Session) -> None:
    session = any_session
    members.remember(session, Profile("T1", "U1", "one", "One", tz="UTC"), NOW)
    links.link(session, "T1", "U1", a_user(session, "ada").id, NOW)
    enrolled(session, a_user(session, "ada"), a_course(session, "Knots", ["One"]))
    reminders.schedule(session, ["user_ada"], NOW, frozenset())
    assert len(mydata.everything(session, "T1", "U1")["Your reminders"]) == 1
    links.unlink(session, "T1", "U1")
    links.link(session, "T1", "U1", a_user(session, "mary").id, NOW)
    assert "Your reminders" not in mydata.everything(session, "T1", "U1")
