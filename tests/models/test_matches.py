"""Who in the portal a Slack person may be: one account that both sides prove, or nobody."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from models import clerkusers, erasures, links, matches, members, proposals
from models.grants import Whom
from models.identities import Identity
from models.matches import (
    BY_ACCOUNT,
    BY_EMAIL,
    NONE,
    ONE,
    REFUSED,
    SEVERAL,
    Account,
    Connected,
    Outcome,
    Person,
    Standing,
)
from models.members import Profile
from models.proposals import Proposal, ProposalOver
from tests.school import LONG_AGO, a_user

NOW = LONG_AGO + timedelta(days=10)
DOMAINS = frozenset({"x.example"})
LINUS = Person("T1", "U1", "linus", "Linus Pauling", "Linus@X.example", is_email_confirmed=True, holders=1)
MARY = Person("T1", "U2", "mary", "Mary Jackson", "mary@x.example", is_email_confirmed=True, holders=1)


def person(**changes: Any) -> Person:
    return LINUS._replace(**changes)


def account(name: str = "linus", email: str | None = "linus@x.example", *others: str, **changes: Any) -> Account:
    """An account whose main address is verified; ``others`` are on it too, verified or not."""
    addresses = frozenset(one for one in (email, *others) if one)
    return Account(Identity(f"user_{name}", name.title(), "P", email), addresses, **changes)


def slack(team_id: str | None = "T1", who: str = "U1", is_verified: bool = True) -> tuple[Connected, ...]:
    return (Connected(who, team_id, is_verified),)


def found(*accounts: Account, who: Person = LINUS, standing: Standing | None = None) -> Outcome:
    (outcome,) = matches.propose([who], accounts, domains=DOMAINS, standing=standing or Standing())
    assert (outcome.account is not None) == (outcome.kind == ONE)
    return outcome


def test_one_account_with_the_same_verified_main_address_matches_whatever_its_case() -> None:
    outcome = found(account(), account("mary", "mary@x.example"))
    assert (outcome.kind, outcome.by) == (ONE, BY_EMAIL)
    assert outcome.account == account()


def test_a_connected_slack_account_of_this_workspace_matches_without_an_address() -> None:
    outcome = found(account("linus", None, connected=slack()), who=person(email=None, holders=0))
    assert (outcome.kind, outcome.by) == (ONE, BY_ACCOUNT)
    both = found(account(connected=slack()))
    assert (both.kind, both.by) == (ONE, BY_ACCOUNT)


@pytest.mark.parametrize(
    ("who", "kind", "why"),
    [
        (person(email=None, holders=0), NONE, "Slack shows no e-mail address"),
        (person(email="linus@y.example"), NONE, "not of an allowed domain"),
        (person(email="linus@sub.x.example"), NONE, "not of an allowed domain"),
        (person(email="linus@x.example@y.example"), NONE, "not of an allowed domain"),
        (person(email="x.example"), NONE, "not of an allowed domain"),
        (person(is_email_confirmed=False), NONE, "Slack doesn't say that they confirmed"),
        (person(holders=2), SEVERAL, "Other members of the workspace have the same address"),
    ],
)
def test_an_address_that_proves_nothing_in_slack_is_not_even_asked_for(who: Person, kind: str, why: str) -> None:
    outcome = found(account("linus", who.email and who.email.lower()), who=who)
    assert outcome.kind == kind
    assert why in outcome.why
    assert matches.addresses([who, MARY], DOMAINS) == ["mary@x.example"]


@pytest.mark.parametrize(
    ("accounts", "kind", "why"),
    [
        ((), NONE, "Nobody in the portal has this address"),
        ((account("linus", None, "linus@x.example"),), REFUSED, "isn't verified there, or isn't its main one"),
        ((account("linus", "l@y.example", "linus@x.example"),), REFUSED, "isn't its main one"),
        ((account(), account("other", None, "linus@x.example")), SEVERAL, "user_linus, user_other"),
        ((account(), account("other", None, connected=slack())), SEVERAL, "user_linus, user_other"),
        ((account("a", None, connected=slack()), account("b", None, connected=slack())), SEVERAL, "user_a, user_b"),
        ((account(is_shut=True),), REFUSED, "nobody can sign in to it now"),
        ((account(connected=slack(who="U9")),), REFUSED, "connected to another Slack person"),
    ],
)
def test_an_account_that_proves_nothing_or_not_alone_is_nobodys(
    accounts: tuple[Account, ...], kind: str, why: str
) -> None:
    outcome = found(*accounts)
    assert outcome.kind == kind
    assert why in outcome.why


@pytest.mark.parametrize(
    "connected", [slack("T2"), slack(None), slack(is_verified=False), slack("T2") + slack(None), slack(who="U9")]
)
def test_a_connected_account_of_another_workspace_or_of_none_proves_nothing(connected: tuple[Connected, ...]) -> None:
    outcome = found(account("linus", None, connected=connected))
    assert outcome.kind == NONE
    assert found(account(connected=slack("T2"))).by == BY_EMAIL


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        (Standing(gone=frozenset({"user_linus"})), "it was deleted"),
        (Standing(linked=frozenset({"user_linus"})), "linked to somebody else"),
        (Standing(contested=frozenset({"user_linus"})), "belongs to another user here"),
    ],
)
def test_an_account_deleted_linked_or_contested_is_refused(standing: Standing, why: str) -> None:
    for one in (account(), account(connected=slack())):
        outcome = found(one, standing=standing)
        assert outcome.kind == REFUSED
        assert why in outcome.why
    assert found(account("mary", "mary@x.example"), who=MARY, standing=standing).kind == ONE


def test_one_account_for_two_people_is_neithers() -> None:
    one = account(connected=slack() + slack(who="U2"))
    outcomes = matches.propose([LINUS, MARY], [one], domains=DOMAINS, standing=Standing())
    assert [(outcome.kind, outcome.account) for outcome in outcomes] == [(SEVERAL, None), (SEVERAL, None)]


# Who is looked for, on rows


def member(n: int, email: str | None = None, **changes: Any) -> Profile:
    told: dict[str, Any] = {"is_email_confirmed": True} | changes
    return Profile("T1", f"U{n}", f"h{n}", f"N{n}", email or f"{n}@x.example", **told)


def test_only_full_members_who_are_not_linked_are_looked_for(any_session: Session) -> None:
    everybody = [
        member(1),
        member(2, is_guest=True),
        member(3, is_bot=True),
        member(4, is_deleted=True),
        member(5),
        Profile("T2", "U6", "eve", "Eve", "6@x.example", is_email_confirmed=True),
        Profile("T1", "USLACKBOT", "slackbot", "Slackbot"),
    ]
    members.remember_many(any_session, everybody, NOW)
    a_user(any_session, "five")
    links.link(any_session, "T1", "U5", "user_five", NOW)
    assert matches.people(any_session, "T1") == (Person("T1", "U1", "h1", "N1", "1@x.example", True, 1),)
    assert [one.slack_user_id for one in matches.people(any_session, "T1", "U1")] == ["U1"]
    assert matches.people(any_session, "T1", "U2") == ()


def test_everybody_with_the_address_is_counted_also_who_is_gone(any_session: Session) -> None:
    everybody = [member(1, "Same@x.example"), member(2, "same@X.example", is_deleted=True), member(3)]
    everybody.append(Profile("T2", "U9", "eve", "Eve", "3@x.example"))
    members.remember_many(any_session, everybody, NOW)
    counted = {one.slack_user_id: one.holders for one in matches.people(any_session, "T1")}
    assert counted == {"U1": 2, "U3": 1}


def test_what_we_know_of_accounts(any_session: Session) -> None:
    for name in ("linked", "elsewhere", "owner"):
        a_user(any_session, name)
    links.link(any_session, "T1", "U1", "user_linked", NOW)
    links.link(any_session, "T2", "U1", "user_elsewhere", NOW)
    clerkusers.deleted(any_session, "user_gone", NOW, NOW)
    accounts = [account("linked"), account("elsewhere"), account("new", "owner@example.org"), account("gone", None)]
    accounts.append(account("owner", "owner@example.org"))
    gone = clerkusers.gone(any_session, [one.identity.clerk_id for one in accounts])
    standing = matches.standing(any_session, "T1", accounts, gone)
    assert standing.linked == {"user_linked"}
    assert standing.gone == {"user_gone"}
    assert standing.contested == {"user_new"}


# Proposals


def propose(session: Session, by: str = BY_EMAIL, email: str | None = "linus@x.example") -> None:
    members.remember(session, member(1, "Linus@x.example"), NOW)
    proposals.keep(session, "T1", [Outcome(LINUS, ONE, by, account("linus", email), by)], NOW)


def is_offered(session: Session, **changes: Any) -> bool:
    now = changes.pop("now", NOW)
    return proposals.offered(session, "T1", "U1", changes.pop("domains", DOMAINS), now) is not None


def test_a_single_match_is_offered_and_taken_once(any_session: Session) -> None:
    propose(any_session)
    identity = account().identity
    assert proposals.offered(any_session, "T1", "U1", DOMAINS, NOW) == (identity, BY_EMAIL)
    assert proposals.offered(any_session, "T2", "U1", DOMAINS, NOW) is None
    assert proposals.take(any_session, "T1", "U1", "user_linus", DOMAINS, NOW) == (identity, BY_EMAIL)
    with pytest.raises(ProposalOver):
        proposals.take(any_session, "T1", "U1", "user_linus", DOMAINS, NOW)


def test_another_account_than_the_one_shown_is_not_taken(any_session: Session) -> None:
    propose(any_session)
    with pytest.raises(ProposalOver):
        proposals.take(any_session, "T1", "U1", "user_mary", DOMAINS, NOW)
    assert is_offered(any_session)


@pytest.mark.parametrize(
    "change",
    [
        {"email": "other@x.example"},
        {"is_email_confirmed": False},
        {"is_guest": True},
        {"is_deleted": True},
        {"is_bot": True},
    ],
)
def test_what_changed_in_slack_ends_it(any_session: Session, change: dict[str, Any]) -> None:
    propose(any_session)
    members.remember(any_session, member(1, **({"email": "linus@x.example"} | change)), NOW)
    assert not is_offered(any_session)
    with pytest.raises(ProposalOver):
        proposals.take(any_session, "T1", "U1", "user_linus", DOMAINS, NOW)


def test_a_connected_account_does_not_rest_on_the_address(any_session: Session) -> None:
    propose(any_session, BY_ACCOUNT, None)
    members.remember(any_session, member(1, "other@y.example", is_email_confirmed=False), NOW)
    assert is_offered(any_session)
    members.remember(any_session, member(1, is_guest=True), NOW)
    assert not is_offered(any_session)


def test_domains_taken_from_the_settings_end_it(any_session: Session) -> None:
    propose(any_session)
    assert not is_offered(any_session, domains=frozenset({"y.example"}))


@pytest.mark.parametrize(("linked", "user"), [("U1", "other"), ("U2", "linus")])
def test_a_link_of_either_side_ends_it(any_session: Session, linked: str, user: str) -> None:
    propose(any_session)
    a_user(any_session, user)
    links.link(any_session, "T2", linked, f"user_{user}", NOW)
    assert is_offered(any_session)
    links.link(any_session, "T1", linked, f"user_{user}", NOW)
    assert not is_offered(any_session)


def test_it_holds_for_little_more_than_a_day(any_session: Session) -> None:
    propose(any_session)
    late = NOW + proposals.GOOD_FOR
    assert is_offered(any_session, now=late - timedelta(minutes=1))
    assert not is_offered(any_session, now=late)
    assert proposals.forget(any_session, late) == 0
    assert proposals.forget(any_session, late + timedelta(minutes=1)) == 1


def test_keeping_replaces_what_was_proposed_to_whom_it_looked_for(any_session: Session) -> None:
    def kept() -> set[tuple[str, str]]:
        any_session.expire_all()
        return {(row.slack_user_id, row.clerk_id) for row in any_session.exec(select(Proposal))}

    both = [Outcome(LINUS, ONE, "", account(), BY_EMAIL), Outcome(MARY, ONE, "", account("mary"), BY_EMAIL)]
    assert proposals.keep(any_session, "T1", both, NOW) == 2
    assert proposals.keep(any_session, "T1", [Outcome(LINUS, NONE, "")], NOW, "U1") == 0
    assert kept() == {("U2", "user_mary")}
    assert proposals.keep(any_session, "T2", [], NOW) == 0
    assert kept() == {("U2", "user_mary")}
    assert proposals.keep(any_session, "T1", both[:1], NOW) == 1
    assert kept() == {("U1", "user_linus")}


@pytest.mark.parametrize(
    ("news", "still"),
    [
        ({}, True),
        ({"email": "new@x.example"}, False),
        ({"email": None}, False),
        ({"is_banned": True}, False),
    ],
)
def test_news_of_the_account_from_clerk_end_it_unless_the_address_stands(
    any_session: Session, news: dict[str, Any], still: bool
) -> None:
    propose(any_session)
    identity = Identity("user_linus", "Linus", "P", news.get("email", "linus@x.example"))
    is_banned = bool(news.get("is_banned"))
    clerkusers.changed(any_session, identity, is_banned=is_banned, changed_at=NOW, now=NOW, real_now=NOW)
    assert is_offered(any_session) is still


def test_any_news_of_a_connected_account_ends_it_and_so_does_deletion(any_session: Session) -> None:
    propose(any_session, BY_ACCOUNT)
    identity = Identity("user_linus", "Linus", "P", "linus@x.example")
    clerkusers.changed(any_session, identity, is_banned=False, changed_at=NOW, now=NOW, real_now=NOW)
    assert not is_offered(any_session)
    propose(any_session)
    clerkusers.deleted(any_session, "user_linus", NOW, NOW)
    assert not is_offered(any_session)


def test_erasing_either_side_ends_it(any_session: Session) -> None:
    a_user(any_session, "linus")
    for whom in (Whom("T1", "U1", None), Whom("T2", "U7", "user_linus")):
        propose(any_session)
        erasures.erase(any_session, whom, "user_radia", NOW)
        assert any_session.exec(select(Proposal)).all() == []
