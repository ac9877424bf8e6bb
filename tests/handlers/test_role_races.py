"""Two admins at the same moment, in several processes."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from handlers import routes
from handlers.requests import Context, Portal, Request
from models import Role, UserRole, channels, links, members, roles
from models.audit import Entry
from models.channels import Channel
from models.database import Database
from models.members import Profile
from tests.crowd import EVERYONE, Crowd, gathered
from tests.school import a_user

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADMINS = ("ADA", "MARY")
TOO_LATE = ("this is the last one", "was not an admin; nothing changed", "That is for admins")


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    with gathered() as crowd:
        yield crowd


def _knows_nobody(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("everybody here is known")


def _revokes_the_other(database: Database, number: int) -> str:
    """One of the two takes the role from the other, as Slack would ask for it; what they are answered."""
    me, other = (ADMINS[number % 2], ADMINS[1 - number % 2])
    text = f"revoke <@U{other}> admin"
    asked = Request("command", "/roles", "T1", f"U{me}", surface="command", text=text, channel_id="C1")
    reply = routes.dispatch(asked, Context(database, NOW, Portal("The Portal", None), _knows_nobody))
    return reply.screen.text if reply.screen else ""


def test_two_admins_who_revoke_each_other_at_once_leave_one(crowd: Crowd, any_url: str, any_database: Database) -> None:
    with any_database.write() as session:
        for name in ADMINS:
            user = a_user(session, name, roles.ADMIN)
            members.remember(session, Profile("T1", f"U{name}", name, name.capitalize()), NOW)
            links.link(session, "T1", f"U{name}", user.id, NOW)
        channels.learn(
            session, [Channel(team_id="T1", channel_id="C1", name="c", members=7, has_us=True, learned_at=NOW)]
        )
    answers = crowd.by_themselves(any_url, _revokes_the_other)
    done = [answer for answer in answers if "is no longer an admin" in answer]
    late = [answer for answer in answers if any(sentence in answer for sentence in TOO_LATE)]
    assert (len(done), len(done) + len(late)) == (1, EVERYONE), set(answers)
    with any_database.read() as session:
        left = session.exec(select(UserRole.user_id).join(Role).where(Role.name == roles.ADMIN)).all()
        revoked = session.exec(select(Entry.whom).where(Entry.action == "role.revoked")).all()
    assert len(left) == 1
    assert {*left, *revoked} == {"user_ada", "user_mary"}
    assert len(revoked) == 1
