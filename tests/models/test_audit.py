"""The audit log: rows are added, and nobody changes them, whatever program they use."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models import audit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVER = datetime(2100, 1, 1, tzinfo=UTC)


def noted(session: Session) -> None:
    audit.note(
        session, "role.granted", actor="user_radia", whom="user_ada", what="Instructor", place="C0LEARN", now=NOW
    )
    audit.note(
        session, "role.revoked", actor="console", whom="user_ada", what="Instructor", now=NOW + timedelta(hours=1)
    )
    audit.note(session, "link.made", actor="console", whom="user_mary", what="T1/U1", now=NOW + timedelta(hours=2))


def told(session: Session, **asked: str) -> list[str]:
    return [entry.action for entry in audit.entries(session, NOW, EVER, **asked)]


def test_it_is_read_in_order_and_by_person_actor_and_action(any_session: Session) -> None:
    noted(any_session)
    assert told(any_session) == ["role.granted", "role.revoked", "link.made"]
    assert told(any_session, whom="user_ada") == ["role.granted", "role.revoked"]
    assert told(any_session, actor="console") == ["role.revoked", "link.made"]
    assert told(any_session, action="role") == ["role.granted", "role.revoked"]
    assert told(any_session, action="role.revoked") == ["role.revoked"]
    assert [entry.whom for entry in audit.entries(any_session, NOW, NOW + timedelta(minutes=1))] == ["user_ada"]


def test_long_logs_are_read_in_pages_without_a_gap(any_session: Session) -> None:
    for number in range(audit.AT_ONCE + 3):
        audit.note(any_session, "role.granted", actor="console", whom=f"user_{number}", now=NOW)
    assert len({entry.whom for entry in audit.entries(any_session, NOW, EVER)}) == audit.AT_ONCE + 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE homeroom_audit SET actor = 'nobody'",
        "DELETE FROM homeroom_audit",
        "DELETE FROM homeroom_audit WHERE whom = 'user_ada'",
    ],
)
def test_the_database_itself_refuses_to_change_it(any_session: Session, statement: str) -> None:
    noted(any_session)
    any_session.flush()
    with pytest.raises(DBAPIError, match="the audit log is kept as it is"), any_session.begin_nested():
        any_session.connection().execute(text(statement))
    assert len(told(any_session)) == 3


@pytest.mark.postgresql
def test_postgresql_refuses_to_truncate_it(postgresql_shared: object) -> None:
    from models.database import Database

    assert isinstance(postgresql_shared, Database)
    with (
        postgresql_shared.writer.connect() as connection,
        connection.begin(),
        pytest.raises(DBAPIError, match="the audit log is kept as it is"),
    ):
        connection.execute(text("TRUNCATE homeroom_audit"))
