"""Migrations."""

import pytest
from sqlmodel import Session

from models.database import Database
from models.migrations import downgrade, is_at_head, migrate
from tests.school import a_course, a_user, enrolled


def test_up_down_up(empty_url: str) -> None:
    assert migrate(empty_url).changed
    downgrade(empty_url)
    assert migrate(empty_url).changed
    assert not migrate(empty_url).changed


def test_any_database_is_at_head(any_database: Database) -> None:
    with any_database.read() as session:
        assert is_at_head(session)


@pytest.mark.parametrize("time", [1, 2])
def test_sessions_are_undone(any_session: Session, time: int) -> None:
    ada = a_user(any_session, "ada", "Student")
    course = a_course(any_session, "Python", {"One": ["A", "B"], "Two": ["C"]})
    enrolled(any_session, ada, course)
    any_session.commit()
