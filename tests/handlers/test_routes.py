"""The one page of routes: everything a screen can send is on it, and it admits whom it says."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from handlers import routes
from handlers.replies import Reply
from handlers.requests import Context, Kind, Portal, Request, View
from handlers.views import rolelog
from models import grants, links, members, roles
from models.database import Database
from models.grants import Terms
from models.members import Profile
from tests.school import a_course, a_user

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VIEWS = Path(routes.__file__).parent / "views"
PEOPLE = {
    "stranger": (),
    "guest": (),
    "unlinked": (),
    "learner": (),
    "instructor of another course": (roles.INSTRUCTOR,),
    "instructor": (roles.INSTRUCTOR,),
    "admin": (roles.ADMIN,),
    "admin revoked a second ago": (roles.ADMIN,),
}
"""Everybody who may knock, and the roles they hold (the last one held)."""
ADMITS = {
    routes.Audience.ANYONE: set(PEOPLE) - {"stranger", "guest"},
    routes.Audience.LINKED: set(PEOPLE) - {"stranger", "guest", "unlinked"},
    routes.Audience.INSTRUCTOR: {"instructor of another course", "instructor", "admin"},
    routes.Audience.ADMIN: {"admin"},
}
EVERY_ROUTE = [
    *(("action", name, route) for name, route in routes.ACTIONS.items()),
    *(("options", name, route) for name, route in routes.OPTIONS.items()),
    *(("submission", name, route) for name, route in routes.SUBMISSIONS.items()),
    *(("shortcut", name, route) for name, route in routes.SHORTCUTS.items()),
    *(("command", verb, route) for verb, route in (routes.VERBS | routes.ROLES | routes.TEACH).items()),
]
ROLE_WORDS = {
    "roles.show": "",
    "roles.grant": "grant <@U1|one> instructor",
    "roles.revoke": "revoke <@U1|one> instructor",
    "roles.log": "log",
    "roles.person": "<@U1|one>",
    "roles.(unknown)": "abolish",
}
"""What is typed after /roles to reach each of its routes."""
TEACH_WORDS = {
    "teach.desk": "",
    "teach.team": "team knots",
    "teach.announce": "announce knots",
    "teach.channel": "channel knots",
    "teach.roster": "roster knots",
    "teach.stats": "stats knots",
    "teach.(unknown)": "abolish",
}
"""What is typed after /teach to reach each of its routes."""


@pytest.fixture(scope="module")
def peopled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with one course, and one person of each kind."""
    path = tmp_path_factory.mktemp("routes") / "peopled.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        a_course(session, "Knots", ["Bowline"], instructor="instructor")
        a_user(session, "somebody", roles.ADMIN)
        for name, held in PEOPLE.items():
            if name == "stranger":
                continue
            told = Profile("T1", name, name, name.title(), is_guest=name == "guest")
            members.remember(session, told, NOW)
            if name != "unlinked":
                links.link(session, "T1", name, a_user(session, name, *held).id, NOW)
        grants.take_user(session, "user_admin revoked a second ago", roles.ADMIN, Terms("user_somebody"), NOW)
    database.close()
    return path


class Kept:
    """A database like the one in a file, open for all tests of this page: opening one for each would take most of the
    time, and so would taking back what most of them, who are refused, never wrote."""

    def __init__(self, like: Path, path: Path) -> None:
        shutil.copyfile(like, path)
        self._before = sqlite3.connect(like)
        self._now = sqlite3.connect(path)
        self._version = -1
        self.database = Database(f"sqlite:///{path}")

    def take_back(self) -> None:
        """Everything is as it was before anybody did anything."""
        if self._version != self._seen():
            self._before.backup(self._now)
            self._version = self._seen()

    def close(self) -> None:
        for one in (self.database, self._before, self._now):
            one.close()

    def _seen(self) -> int:
        # It changes when another connection has written (https://sqlite.org/pragma.html#pragma_data_version).
        version: int = self._now.execute("PRAGMA data_version").fetchone()[0]
        return version


@pytest.fixture(scope="module")
def kept(peopled: Path) -> Iterator[Kept]:
    with closing(Kept(peopled, peopled.with_name("kept.db"))) as kept:
        yield kept


@pytest.fixture
def context(kept: Kept) -> Context:
    return context_of(kept)


def context_of(kept: Kept) -> Context:
    """Everything as it was before anybody did anything."""
    kept.take_back()
    return Context(kept.database, NOW, Portal("The Portal"), look_up)


def look_up(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("everybody here is known")


def asked(kind: str, name: str, person: str) -> Request:
    assert kind in get_args(Kind)
    view = View("V1", name, "1", {})
    is_command = kind == "command"
    command, words = "/learn", name
    if name in ROLE_WORDS:
        command, words = "/roles", ROLE_WORDS[name]
    elif name in TEACH_WORDS:
        command, words = "/teach", TEACH_WORDS[name]
    return Request(
        kind=kind,  # type: ignore[arg-type]
        name=command if is_command else name,
        team_id="T1",
        slack_user_id=person,
        surface="command" if is_command else "modal",
        text=words if is_command else "",
        value="1 1",
        is_stranger=person == "stranger",
        view=None if is_command else view,
    )


def said(reply: Reply) -> str:
    return reply.screen.text if reply.screen is not None else ""


@pytest.mark.parametrize(
    ("kind", "name", "route"), EVERY_ROUTE, ids=[f"{kind} {name}" for kind, name, _ in EVERY_ROUTE]
)
def test_every_route_admits_whom_it_says(kept: Kept, kind: str, name: str, route: routes.Route) -> None:
    assert {person: became_of(kept, asked(kind, name, person)) for person in PEOPLE} == {
        person: expected(person, route.audience) for person in PEOPLE
    }


def expected(person: str, audience: routes.Audience) -> str:
    if person in ("guest", "stranger"):
        return "turned away"
    if person == "unlinked" and audience is not routes.Audience.ANYONE:
        return "asked to link"
    return "let in" if person in ADMITS[audience] else "sent away"


def became_of(kept: Kept, request: Request) -> str:
    words = said(routes.dispatch(request, context_of(kept)))
    assert "Something went wrong on my side" not in words, request
    found = {
        "turned away": "Homeroom is open to full members" in words,
        "asked to link": "I need to know who you are" in words,
        "sent away": "Ask an admin if you need it" in words,
    }
    return " and ".join(what for what, is_so in found.items() if is_so) or "let in"


def test_every_action_on_a_screen_has_a_route_and_every_route_a_screen() -> None:
    source = "\n".join(file.read_text() for file in VIEWS.glob("*.py"))
    rooms = "account|catalog|course|portal|lesson|progress|reminder|role|person|privacy|sending|help|verb|share"
    rooms += "|desk|draft|bio|team|announcement|roster|channel|stats|nudge|import"
    sent = set(re.findall(rf'"((?:{rooms})\.[a-z_]+)"', source)) - rolelog.SENTENCES.keys()
    fields = {"catalog.words", "share.channel", "verb.use", "sending.what", "sending.because"}
    fields |= {"role.who", "role.which", "role.where", "role.end", "role.because", "person.why"}
    fields |= {f"announcement.{name}" for name in ("words", "to", "channel", "people", "when", "course")}
    fields |= {"channel.pick", "channel.joining"}
    fields |= {"team.person", "bio.words", "draft.lesson_title", "draft.course"}
    fields.add("draft.kind")
    fields |= {f"draft.{name}" for name in ("file", "file_url", "file_words", "file_page")} | {"import.file"}
    fields |= {f"reminder.{name}" for name in ("rhythm", "weekdays", "hour", "away", "muted")}
    assert sent - fields == routes.ACTIONS.keys() | routes.OPTIONS.keys() | routes.SUBMISSIONS.keys()


def test_what_is_not_on_the_page_gets_a_sentence(context: Context) -> None:
    assert "older screen" in said(routes.dispatch(asked("action", "course.abolish", "learner"), context))
    assert "older screen" in said(routes.dispatch(asked("submission", "nothing", "learner"), context))
    assert routes.dispatch(asked("closed", "nothing", "learner"), context) == Reply()


def test_the_design_has_no_verb_nobody_can_type() -> None:
    assert all(name.startswith("(") for name in routes.UNSPOKEN)
    assert not any(name.startswith("(") for name in routes.VERBS)
