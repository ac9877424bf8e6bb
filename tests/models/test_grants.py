"""Grants: given, promised, ended and mirrored."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import audit, grants, links, roles
from models.audit import Entry
from models.errors import DomainError
from models.grants import CLERK, Given, Taken, Terms, Whom
from models.roles import ADMIN, INSTRUCTOR
from tests.school import a_user

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=14)
BY_RADIA = Terms("user_radia")
LINUS = Whom("T1", "U1", None)


@pytest.fixture
def session(any_session: Session) -> Session:
    """Radia administers, Grace teaches, Mary learns."""
    a_user(any_session, "radia", ADMIN)
    a_user(any_session, "grace", INSTRUCTOR)
    a_user(any_session, "mary")
    return any_session


def log(session: Session) -> list[tuple[str, str | None, str | None]]:
    return [(one.action, one.whom, one.after) for one in session.exec(select(Entry).order_by(Entry.id)).all()]  # type: ignore[arg-type]


def test_a_role_for_good_needs_no_row_of_its_own(session: Session) -> None:
    assert grants.give_user(session, "user_mary", INSTRUCTOR, BY_RADIA, NOW) is Given.GRANTED
    assert grants.give_user(session, "user_mary", INSTRUCTOR, BY_RADIA, NOW) is Given.ALREADY
    assert session.exec(select(grants.Grant)).all() == []
    assert log(session) == [("role.granted", "user_mary", "for good")]


def test_an_end_can_be_moved_and_taken_away(session: Session) -> None:
    assert grants.give_user(session, "user_mary", INSTRUCTOR, Terms("user_radia", SOON), NOW) is Given.GRANTED
    assert grants.give_user(session, "user_mary", INSTRUCTOR, Terms("user_radia", LATER), NOW) is Given.CHANGED
    assert grants.ends_of(session, "user_mary") == {INSTRUCTOR: LATER}
    assert grants.give_user(session, "user_mary", INSTRUCTOR, BY_RADIA, NOW) is Given.CHANGED
    assert grants.ends_of(session, "user_mary") == {}
    assert grants.end_due(session, LATER) == ()
    assert roles.of(session, "user_mary") == {INSTRUCTOR}


def test_who_holds_a_role_for_good_does_not_get_an_end(session: Session) -> None:
    assert grants.give_user(session, "user_grace", INSTRUCTOR, Terms("user_radia", SOON), NOW) is Given.ALREADY
    assert grants.end_due(session, SOON) == ()
    assert roles.of(session, "user_grace") == {INSTRUCTOR}


def test_a_role_ends_at_its_instant_and_not_before(session: Session) -> None:
    grants.give_user(session, "user_mary", INSTRUCTOR, Terms("user_radia", SOON), NOW)
    just_before = SOON - timedelta(microseconds=1)
    assert not grants.are_due(session, just_before)
    assert grants.end_due(session, just_before) == ()
    assert grants.are_due(session, SOON)
    (ended,) = grants.end_due(session, SOON)
    assert (ended.user_id, ended.role, ended.granted_by) == ("user_mary", INSTRUCTOR, "user_radia")
    assert roles.of(session, "user_mary") == frozenset()
    assert grants.end_due(session, SOON) == ()
    assert [entry[0] for entry in log(session)] == ["role.granted", "role.ended"]


def test_a_role_somebody_else_took_meanwhile_ends_in_silence(session: Session) -> None:
    grants.give_user(session, "user_mary", INSTRUCTOR, Terms("user_radia", SOON), NOW)
    roles.revoke(session, "user_mary", INSTRUCTOR)
    assert grants.end_due(session, SOON) == ()
    assert not grants.are_due(session, SOON)


def test_taking_a_role_forgets_its_end(session: Session) -> None:
    grants.give_user(session, "user_mary", INSTRUCTOR, Terms("user_radia", SOON), NOW)
    assert grants.take_user(session, "user_mary", INSTRUCTOR, BY_RADIA, NOW) is Taken.REVOKED
    assert grants.take_user(session, "user_mary", INSTRUCTOR, BY_RADIA, NOW) is Taken.NOT_HELD
    grants.give_user(session, "user_mary", INSTRUCTOR, BY_RADIA, NOW)
    assert grants.end_due(session, LATER) == ()
    assert roles.of(session, "user_mary") == {INSTRUCTOR}


def test_the_last_admin_is_whoever_is_admin_for_good(session: Session) -> None:
    grants.give_user(session, "user_mary", ADMIN, Terms("user_radia", SOON), NOW)
    with pytest.raises(DomainError, match="Somebody has to be an admin"):
        grants.take_user(session, "user_radia", ADMIN, BY_RADIA, NOW)
    grants.give_user(session, "user_grace", ADMIN, BY_RADIA, NOW)
    assert grants.take_user(session, "user_radia", ADMIN, BY_RADIA, NOW) is Taken.REVOKED


def test_should_a_neighbour_remove_the_others_the_last_admin_stays_past_the_end(session: Session) -> None:
    grants.give_user(session, "user_mary", ADMIN, Terms("user_radia", SOON), NOW)
    radia = session.exec(select(roles.UserRole).where(roles.UserRole.user_id == "user_radia")).one()
    session.delete(radia)
    session.flush()
    assert grants.end_due(session, SOON) == ()
    assert roles.of(session, "user_mary") == {ADMIN}
    assert grants.ends_of(session, "user_mary") == {}
    assert log(session)[-1][0] == "role.kept"


def test_a_promise_waits_for_the_link(session: Session) -> None:
    assert grants.give(session, LINUS, INSTRUCTOR, Terms("user_radia", LATER), NOW) is Given.WAITING
    assert grants.give(session, LINUS, INSTRUCTOR, Terms("user_radia", LATER), NOW) is Given.ALREADY
    a_user(session, "linus")
    links.link(session, "T1", "U1", "user_linus", NOW)
    assert roles.of(session, "user_linus") == {roles.STUDENT, INSTRUCTOR}
    assert grants.ends_of(session, "user_linus") == {INSTRUCTOR: LATER}
    assert [entry[:2] for entry in log(session)] == [("role.promised", "T1/U1"), ("role.granted", "user_linus")]


def test_a_promise_of_another_workspace_is_another_persons(session: Session) -> None:
    grants.give(session, LINUS, ADMIN, BY_RADIA, NOW)
    a_user(session, "linus")
    links.link(session, "T2", "U1", "user_linus", NOW)
    assert roles.of(session, "user_linus") == {roles.STUDENT}


def test_a_promise_that_is_over_or_taken_back_gives_nothing(session: Session) -> None:
    grants.give(session, LINUS, INSTRUCTOR, Terms("user_radia", SOON), NOW)
    grants.give(session, LINUS, ADMIN, BY_RADIA, NOW)
    assert grants.take(session, LINUS, ADMIN, BY_RADIA, NOW) is Taken.WITHDRAWN
    assert grants.take(session, LINUS, ADMIN, BY_RADIA, NOW) is Taken.NOT_HELD
    a_user(session, "linus")
    links.link(session, "T1", "U1", "user_linus", SOON)
    assert roles.of(session, "user_linus") == {roles.STUDENT}


def test_a_promise_nobody_took_up_ends_and_is_told(session: Session) -> None:
    grants.give(session, LINUS, INSTRUCTOR, Terms("user_radia", SOON), NOW)
    (ended,) = grants.end_due(session, SOON)
    assert (ended.slack_user_id, ended.user_id) == ("U1", None)


def test_a_promise_lapses_with_its_makers_role(session: Session) -> None:
    grants.give_user(session, "user_grace", ADMIN, BY_RADIA, NOW)
    grants.give(session, LINUS, ADMIN, Terms("user_grace"), NOW)
    grants.take_user(session, "user_grace", ADMIN, BY_RADIA, NOW)
    a_user(session, "linus")
    links.link(session, "T1", "U1", "user_linus", NOW)
    assert roles.of(session, "user_linus") == {roles.STUDENT}
    assert log(session)[-1][:2] == ("role.lapsed", "user_linus")


def test_the_portals_list_gives_and_takes_what_it_gave(session: Session) -> None:
    grants.mirror(session, "user_mary", ["instructor", "wizard"], NOW)
    assert roles.of(session, "user_mary") == {INSTRUCTOR}
    with pytest.raises(DomainError, match="comes from the portal's own list"):
        grants.take_user(session, "user_mary", INSTRUCTOR, BY_RADIA, NOW)
    assert grants.give_user(session, "user_mary", INSTRUCTOR, Terms("user_radia", SOON), NOW) is Given.ALREADY
    grants.mirror(session, "user_mary", [], NOW)
    assert roles.of(session, "user_mary") == frozenset()


def test_the_portals_list_leaves_what_was_granted_here(session: Session) -> None:
    grants.mirror(session, "user_grace", ["Instructor"], NOW)
    grants.mirror(session, "user_grace", [], NOW)
    assert roles.of(session, "user_grace") == {INSTRUCTOR}


def test_the_portals_list_cannot_take_the_last_admin(session: Session) -> None:
    grants.mirror(session, "user_mary", ["admin"], NOW)
    radia = session.exec(select(roles.UserRole).where(roles.UserRole.user_id == "user_radia")).one()
    session.delete(radia)
    session.flush()
    grants.mirror(session, "user_mary", [], NOW)
    assert roles.of(session, "user_mary") == {ADMIN}
    assert log(session)[-1][0] == "role.kept"


@pytest.mark.parametrize("role", [roles.STUDENT, "Wizard", ""])
def test_nothing_else_can_be_granted(session: Session, role: str) -> None:
    with pytest.raises(DomainError, match="Choose instructor or admin"):
        grants.give_user(session, "user_mary", role, BY_RADIA, NOW)
    with pytest.raises(DomainError, match="Choose instructor or admin"):
        grants.give(session, LINUS, role, BY_RADIA, NOW)


def test_what_the_console_and_the_portal_gave_is_named_so(session: Session) -> None:
    grants.give_user(session, "user_mary", INSTRUCTOR, Terms(audit.CONSOLE, LATER), NOW)
    grants.mirror(session, "user_mary", ["admin"], NOW)
    given = {one.role: one.granted_by for one in session.exec(select(grants.Grant)).all()}
    assert given == {INSTRUCTOR: audit.CONSOLE, ADMIN: CLERK}
