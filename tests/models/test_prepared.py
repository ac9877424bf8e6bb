"""Statements run by the driver give what the engine gives, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import String, bindparam, cast, event, select, update
from sqlmodel import Session

from models.members import Member
from models.prepared import LONGEST_LIST, Prepared
from models.statements import insert_or_update, table_of

NOW = datetime(2027, 3, 5, 9, 1, 2, 345678, tzinfo=UTC)
MEMBER = table_of(Member)
SOME = (
    select(MEMBER.c.slack_user_id, MEMBER.c.is_guest, MEMBER.c.seen_at, MEMBER.c.active_at, MEMBER.c.tz)
    .where(
        MEMBER.c.team_id == bindparam("team"),
        MEMBER.c.slack_user_id.in_(bindparam("people", expanding=True)),
        MEMBER.c.seen_at <= bindparam("until", type_=MEMBER.c.seen_at.type),
    )
    .order_by(MEMBER.c.slack_user_id)
)
ASKED: dict[str, Any] = {"team": "T1", "until": NOW}


@pytest.fixture
def session(any_session: Session) -> Session:
    """Three people, one of them a guest and one never active."""
    people = [("U1", False, NOW, None), ("U2", True, NOW, NOW), ("U3", False, NOW, NOW)]
    rows = [
        {"team_id": "T1", "slack_user_id": person, "handle": "h", "name": "100% *N*", "is_guest": guest, "seen_at": at}
        | {"active_at": active, "is_bot": False, "is_deleted": False, "is_email_confirmed": False, "tz": None}
        for person, guest, at, active in people
    ]
    insert_or_update(any_session, Member, rows)
    return any_session


@pytest.mark.parametrize("people", [["U2"], ["U1", "U3"], ["U1", "U2", "U3", "U4"], []])
def test_rows_are_those_of_the_engine(session: Session, people: list[str]) -> None:
    prepared = Prepared(SOME)
    asked = {**ASKED, "people": people}
    expected = session.connection().execute(SOME, asked).all()
    for _ in range(2):
        assert prepared.rows(session, **asked) == [tuple(row) for row in expected]


def test_instants_are_compared_and_kept_as_the_engine_does(session: Session) -> None:
    everyone = Prepared(select(MEMBER.c.slack_user_id).where(MEMBER.c.seen_at < bindparam("until")))
    assert everyone.rows(session, until=NOW) == []
    came = Prepared(
        update(MEMBER)
        .where(MEMBER.c.slack_user_id.in_(bindparam("people", expanding=True)))
        .values(active_at=bindparam("at", type_=MEMBER.c.active_at.type))
    )
    assert came.count(session, people=["U1"], at=NOW) == 1
    kept = select(cast(MEMBER.c.active_at, String())).where(MEMBER.c.slack_user_id.in_(["U1", "U2"])).distinct()
    assert len(session.connection().execute(kept).all()) == 1


def test_those_seen_at_some_of_many_instants_are_found(session: Session) -> None:
    seen = Prepared(
        select(MEMBER.c.slack_user_id)
        .where(MEMBER.c.seen_at.in_(bindparam("at", expanding=True)))
        .order_by(MEMBER.c.slack_user_id)
    )
    instants = [NOW + timedelta(hours=hours) for hours in range(2 * LONGEST_LIST)]
    assert [row.slack_user_id for row in seen.rows(session, at=instants[:2])] == ["U1", "U2", "U3"]
    assert [row.slack_user_id for row in seen.rows(session, at=instants)] == ["U1", "U2", "U3"]
    assert seen.rows(session, at=instants[1:]) == []


def test_columns_have_their_names_and_types(session: Session) -> None:
    row = Prepared(SOME).first(session, **ASKED, people=["U2", "U3"])
    assert row is not None
    assert (row.slack_user_id, row.is_guest, row.active_at, row.tz) == ("U2", True, NOW, None)
    assert row.is_guest is True
    assert Prepared(SOME).first(session, **ASKED, people=["U9"]) is None


def test_one_statement_takes_lists_of_any_length(session: Session) -> None:
    prepared = Prepared(SOME)
    counts = [len(prepared.rows(session, **ASKED, people=people)) for people in (["U1"], ["U1", "U2"], ["U3"])]
    assert counts == [1, 2, 1]


def test_it_says_how_many_rows_changed(session: Session) -> None:
    rename = Prepared(update(MEMBER).where(MEMBER.c.team_id == bindparam("team")).values(name=bindparam("called")))
    assert rename.count(session, team="T1", called="N") == 3
    assert rename.count(session, team="T2", called="N") == 0


def test_listeners_hear_of_it_as_of_any_statement(session: Session) -> None:
    heard: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    Prepared(SOME).rows(session, **ASKED, people=["U1"])
    event.remove(session.get_bind(), "before_cursor_execute", note)
    assert [statement.split()[0] for statement in heard] == ["SELECT"]
