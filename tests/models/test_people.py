"""Who people are: members, links, users, roles; and where: workspaces."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models import Role, User, UserRole, links, members, roles, users, workspaces
from models.errors import DomainError
from models.members import Member, Profile
from models.workspaces import Workspace
from tests.school import LONG_AGO, a_user

NOW = LONG_AGO + timedelta(days=10)
LATER = NOW + timedelta(minutes=5)
ADA = Profile("T1", "U1", "ada", "Ada Lovelace", tz="Europe/London", locale="en-GB")


def test_somebody_unlinked_is_known_by_name(any_session: Session) -> None:
    members.remember(any_session, ADA, NOW)
    caller = members.identify(any_session, "T1", "U1")
    assert caller is not None
    assert (caller.name, caller.tz, caller.locale, caller.is_linked) == (
        "Ada Lovelace",
        "Europe/London",
        "en-GB",
        False,
    )
    assert caller.roles == frozenset()


def test_somebody_linked_has_every_role_they_hold(any_session: Session) -> None:
    members.remember(any_session, ADA, NOW)
    a_user(any_session, "ada", roles.INSTRUCTOR, roles.ADMIN)
    links.link(any_session, "T1", "U1", "user_ada", NOW)
    caller = members.identify(any_session, "T1", "U1")
    assert caller is not None
    assert caller.user_id == "user_ada"
    assert caller.roles == {roles.STUDENT, roles.INSTRUCTOR, roles.ADMIN}


def test_the_same_id_in_another_workspace_is_somebody_else(any_session: Session) -> None:
    members.remember_many(any_session, [ADA, Profile("T2", "U1", "eve", "Eve")], NOW)
    a_user(any_session, "ada")
    links.link(any_session, "T1", "U1", "user_ada", NOW)
    eve = members.identify(any_session, "T2", "U1")
    assert eve is not None
    assert (eve.name, eve.user_id) == ("Eve", None)


def test_nobody_is_made_of_strangers_and_the_deactivated(any_session: Session) -> None:
    assert members.identify(any_session, "T1", "U1") is None
    members.remember(any_session, Profile("T1", "U1", "ada", "Ada", is_deleted=True), NOW)
    assert members.identify(any_session, "T1", "U1") is None


def test_what_slack_says_later_counts_and_what_we_noted_stays(any_session: Session) -> None:
    members.remember(any_session, ADA, NOW)
    members.home_opened(any_session, "T1", "U1", NOW)
    members.remember(any_session, Profile("T1", "U1", "ada", "Countess", is_guest=True), LATER)
    member = any_session.exec(select(Member)).one()
    assert (member.name, member.is_guest, member.tz, member.seen_at, member.home_opened_at) == (
        "Countess",
        True,
        None,
        LATER,
        NOW,
    )


def test_home_is_opened_for_the_first_time_once(any_session: Session) -> None:
    members.remember(any_session, ADA, NOW)
    assert members.home_opened(any_session, "T1", "U1", NOW)
    assert not members.home_opened(any_session, "T1", "U1", LATER)
    assert any_session.exec(select(Member)).one().home_opened_at == LATER
    assert not members.home_opened(any_session, "T1", "U-unknown", NOW)


def test_recently_home_are_those_who_had_it_open_and_were_asked_about(any_session: Session) -> None:
    for number, moment in enumerate((NOW, LATER, LATER)):
        members.remember(any_session, Profile("T1", f"U{number}", f"h{number}", "Someone"), NOW)
        links.link(any_session, "T1", f"U{number}", a_user(any_session, f"p{number}").id, NOW)
        members.home_opened(any_session, "T1", f"U{number}", moment)
    asked = ["user_p0", "user_p1"] + [f"user_{number}" for number in range(1200)]
    assert members.recently_home(any_session, None, asked, LATER) == (("T1", "U1", "user_p1"),)
    assert members.recently_home(any_session, "T2", asked, LATER) == ()
    assert members.recently_home(any_session, None, [], NOW) == ()


def test_admins_to_ask_are_the_linked_ones_here(any_session: Session) -> None:
    for team, person, name, held in (
        ("T1", "U1", "ada", ()),
        ("T1", "U2", "radia", ("Admin",)),
        ("T2", "U3", "eve", ("Admin",)),
    ):
        members.remember(any_session, Profile(team, person, name, name), NOW)
        links.link(any_session, team, person, a_user(any_session, name, *held).id, NOW)
    assert members.admins(any_session, "T1") == ("U2",)


def test_linking_makes_a_student_and_may_be_asked_twice(any_session: Session) -> None:
    a_user(any_session, "ada")
    for moment in (NOW, LATER):
        links.link(any_session, "T1", "U1", "user_ada", moment)
    assert links.of(any_session, "T1", "U1") == "user_ada"
    assert roles.of(any_session, "user_ada") == {roles.STUDENT}


def test_one_person_is_one_user_in_a_workspace_and_the_other_way_round(any_session: Session) -> None:
    a_user(any_session, "ada")
    a_user(any_session, "mary")
    links.link(any_session, "T1", "U1", "user_ada", NOW)
    with pytest.raises(DomainError, match="linked to another portal account"):
        links.link(any_session, "T1", "U1", "user_mary", NOW)
    with pytest.raises(DomainError, match="linked to somebody else"):
        links.link(any_session, "T1", "U2", "user_ada", NOW)
    assert roles.of(any_session, "user_mary") == frozenset()
    links.link(any_session, "T2", "U1", "user_ada", NOW)
    with pytest.raises(DomainError, match="no such account"):
        links.link(any_session, "T1", "U9", "user_nobody", NOW)


def test_unlinking_frees_both(any_session: Session) -> None:
    a_user(any_session, "ada")
    links.link(any_session, "T1", "U1", "user_ada", NOW)
    assert links.unlink(any_session, "T1", "U1")
    assert not links.unlink(any_session, "T1", "U1")
    assert links.of(any_session, "T1", "U1") is None
    links.link(any_session, "T1", "U2", "user_ada", NOW)


def test_granting_and_revoking_say_whether_they_changed_anything(any_session: Session) -> None:
    a_user(any_session, "grace")
    assert not roles.revoke(any_session, "user_grace", roles.INSTRUCTOR)
    assert roles.grant(any_session, "user_grace", roles.INSTRUCTOR)
    assert not roles.grant(any_session, "user_grace", roles.INSTRUCTOR)
    assert roles.revoke(any_session, "user_grace", roles.INSTRUCTOR)
    assert roles.of(any_session, "user_grace") == frozenset()
    for ask in (roles.grant, roles.revoke):
        with pytest.raises(DomainError, match="no such role"):
            ask(any_session, "user_grace", "Emperor")


def test_the_last_admin_stays(any_session: Session) -> None:
    a_user(any_session, "radia", roles.ADMIN)
    a_user(any_session, "grace")
    with pytest.raises(DomainError, match="last one"):
        roles.revoke(any_session, "user_radia", roles.ADMIN)
    assert not roles.revoke(any_session, "user_grace", roles.ADMIN)
    roles.grant(any_session, "user_grace", roles.ADMIN)
    assert roles.revoke(any_session, "user_radia", roles.ADMIN)
    assert any_session.exec(select(UserRole.user_id)).all() == ["user_grace"]


def test_roles_are_the_seeds_three(any_session: Session) -> None:
    for _ in range(2):
        roles.ensure_roles(any_session)
    assert set(any_session.exec(select(Role.name))) == {"Student", "Instructor", "Admin"}


def test_an_unknown_user_is_a_placeholder_until_described(any_session: Session) -> None:
    user = users.ensure(any_session, "user_1", now=NOW)
    assert (user.email, users.name(user)) == ("user_1@placeholder.invalid", "user_1@placeholder.invalid")
    assert users.complete(any_session, "user_1", name="Ada King Lovelace", email="ada@example.org", now=LATER)
    user = users.ensure(any_session, "user_1", now=LATER)
    assert (user.first_name, user.last_name, user.email) == ("Ada King", "Lovelace", "ada@example.org")
    assert (user.created_at, user.updated_at) == (NOW, LATER)


def test_somebody_described_is_left_as_they_are(any_session: Session) -> None:
    users.ensure(any_session, "user_1", first_name="Ada", last_name="Lovelace", email="ada@example.org", now=NOW)
    users.ensure(any_session, "user_1", first_name="Eve", last_name="Else", email="eve@example.org", now=LATER)
    assert not users.complete(any_session, "user_1", name="Eve", email="eve@example.org", now=LATER)
    user = users.get(any_session, "user_1")
    assert user is not None
    assert (users.name(user), user.email) == ("Ada Lovelace", "ada@example.org")


def test_an_email_belongs_to_one_user(any_session: Session) -> None:
    users.ensure(any_session, "user_1", email="ada@example.org", now=NOW)
    with pytest.raises(DomainError, match="another account"):
        users.ensure(any_session, "user_2", email="ada@example.org", now=NOW)
    users.ensure(any_session, "user_3", now=NOW)
    assert users.complete(any_session, "user_3", name="Ada", email="ada@example.org", now=NOW)
    third = any_session.get_one(User, "user_3")
    assert (third.first_name, third.last_name, third.email) == ("Ada", "", "user_3@placeholder.invalid")
    assert not users.complete(any_session, "user_3", name="Ada", email=None, now=NOW)


def test_a_workspace_is_found_by_token_and_by_team_as_last_learned(any_session: Session) -> None:
    def learn(digest: str, name: str) -> None:
        told = Workspace(team_id="T1", name=name, bot_user_id="B", token_digest=digest, learned_at=NOW)
        workspaces.learn(any_session, told)

    learn("old", "Academy")
    learn("new", "The Academy")
    assert workspaces.by_token(any_session, "old") is None
    found = workspaces.by_token(any_session, "new")
    assert found is not None
    assert (found.team_id, found.name, found.learned_at) == ("T1", "The Academy", NOW)
    assert workspaces.by_team(any_session, "T1") == found
    assert workspaces.by_team(any_session, "T2") is None
