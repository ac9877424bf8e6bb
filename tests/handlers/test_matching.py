"""Matching: people are asked whether the one account that both sides prove is theirs, and nobody else is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.sandbox.clerk_people import ClerkUser, ExternalAccount
from handlers import routes
from handlers.requests import Request
from models import audit, links, members, proposals, users
from models.proposals import Proposal
from models.users import User
from tests.handlers.test_linking import linked_to, signs_in
from tests.house import House, copied, open_house
from tests.people import Person
from tests.surfer import Surfer

DOMAIN = "homeroom-academy.example"
LINUS = f"linus@{DOMAIN}"
OFFER = "Is this you? *Linus Pauling* (linus@homeroom-academy.example) in *Homeroom Academy*."


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house that asks people about their match; Linus has the same address in Slack and in the portal."""
    with open_house(copied(furnished, tmp_path), with_clerk=True, match_domains=frozenset({DOMAIN})) as running:
        running.slack.rehearsal.clerk.users["user_linus"].email = LINUS
        yield running


def reads_members(house: House) -> None:
    """What happens once a day."""
    assert house.program.matching is not None
    house.program.learn_members()
    house.program.matching.settle()


def is_offered(linus: Person) -> bool:
    linus.types("/learn link")
    heard = str(linus.messages()[-1]["text"])
    assert "Is this you?" in heard or "First, sign in to" in heard
    return "Is this you?" in heard


def changes(house: House, slack_user_id: str, **profile: Any) -> None:
    house.http.post("/rehearsal/people", json={"team": "T0HOME", "id": slack_user_id, **profile}).raise_for_status()
    house.quiet()


def log_of(house: House) -> list[tuple[str, str | None, str | None, str | None]]:
    with house.program.database.read() as session:
        ever = (house.clock() - timedelta(days=9), house.clock() + timedelta(days=9))
        told = audit.entries(session, *ever, action="link.made")
        return [(one.actor, one.whom, one.what, one.because) for one in told]


def test_the_one_account_that_matches_is_shown_and_yes_links_it(house: House, linus: Person) -> None:
    reads_members(house)
    linus.types("/learn link")
    assert linus.sees(OFFER)
    assert linus.sees("I found it by your e-mail address in Slack. Nothing is linked until you say yes.")
    assert linked_to(house, "U0LINUS") is None
    linus.clicks("Yes, link")
    assert linus.sees("You're in, as *Linus Pauling* of Homeroom Academy.")
    assert linked_to(house, "U0LINUS") == "user_linus"
    assert log_of(house) == [("T0HOME/U0LINUS", "user_linus", "T0HOME/U0LINUS", "matched by e-mail")]
    with house.program.database.read() as session:
        user = session.get_one(User, "user_linus")
        assert (user.first_name, user.last_name, user.email) == ("Linus", "Pauling", LINUS)
    linus.opens_home()
    assert linus.sees("Browse all courses")


def test_what_was_being_done_is_done_once_linked(house: House, linus: Person) -> None:
    reads_members(house)
    linus.types("/learn courses python")
    linus.clicks("Enroll", beside="Python Basics")
    linus.clicks("Link my account")
    assert linus.sees(OFFER)
    linus.clicks("Yes, link")
    assert linus.sees("You're in, as *Linus Pauling*")
    assert linus.sees("You're enrolled in *Python Basics*.")


def test_no_signs_in_instead_and_keeps_what_was_being_done(house: House, linus: Person) -> None:
    reads_members(house)
    linus.types("/learn enroll baking")
    linus.clicks("Link my account")
    linus.clicks("No, sign in instead")
    assert linus.sees("I'll bring you back to *Baking Bread*.")
    surfer = Surfer()
    signs_in(surfer, linus.clicks("Sign in to Homeroom Academy"), "Alan Turing").presses("Yes, link")
    surfer.closes()
    assert linus.sees("Somebody signed in to Homeroom Academy as *Alan Turing*")
    linus.clicks("Yes, that's me")
    assert linus.sees("You're enrolled in *Baking Bread*")
    assert linked_to(house, "U0LINUS") == "user_alan"


def test_nobody_is_asked_unless_it_is_set(furnished: Path, tmp_path: Path) -> None:
    with open_house(copied(furnished, tmp_path), with_clerk=True) as house:
        house.slack.rehearsal.clerk.users["user_linus"].email = LINUS
        house.program.learn_members()
        house.quiet()
        assert not [entry for entry in house.traffic() if entry["what"] == "clerk:users"]
        assert not is_offered(house.person("U0LINUS"))


def test_clerk_is_told_no_address_that_could_not_match(house: House) -> None:
    changes(house, "U0LINUS", email="linus@elsewhere.example")
    asked = len(house.traffic())
    reads_members(house)
    calls = [entry["what"] for entry in house.traffic()[asked:] if entry["what"].startswith("clerk:")]
    assert calls == ["clerk:users"]  # for connected Slack accounts alone


def test_who_joins_is_matched_at_once(house: House) -> None:
    assert house.program.matching is not None
    house.slack.rehearsal.clerk.users["user_new"] = ClerkUser("user_new", "Katherine", "Johnson", f"kj@{DOMAIN}")
    reads_members(house)
    changes(house, "U0NEW", name="Katherine Johnson", email=f"kj@{DOMAIN}")
    house.program.matching.settle()
    katherine = house.person("U0NEW")
    katherine.types("/learn link")
    assert katherine.sees("Is this you? *Katherine Johnson*")
    assert is_offered(house.person("U0LINUS"))


def test_a_connected_account_of_this_workspace_is_shown_without_an_address(house: House, linus: Person) -> None:
    account = ExternalAccount("oauth_slack", "U0LINUS", {"https://slack.com/team_id": "T0HOME"})
    user = ClerkUser("user_linus", "Linus", "Pauling", external_accounts=(account,))
    house.slack.rehearsal.clerk.users["user_linus"] = user
    reads_members(house)
    linus.types("/learn link")
    assert linus.sees("Is this you? *Linus Pauling* in *Homeroom Academy*.")
    assert linus.sees("It is connected to your Slack account.")
    linus.clicks("Yes, link")
    assert linus.sees("You're in, as *Linus Pauling*")
    assert [entry[3] for entry in log_of(house)] == ["connected account"]


def test_clerk_out_of_reach_leaves_what_was_found_for_a_day(house: House, linus: Person) -> None:
    reads_members(house)
    house.breaks("clerk:users", "401", times=None)
    reads_members(house)
    assert is_offered(linus)
    house.turns_to(house.clock() + timedelta(hours=27))
    assert not is_offered(linus)
    house.program.scheduler.forget()
    with house.program.database.read() as session:
        assert session.exec(select(Proposal)).all() == []


def test_a_second_press_finds_it_done(house: House, linus: Person) -> None:
    reads_members(house)
    pressed = Request(
        "action", "account.accept", "T0HOME", "U0LINUS", surface="private", value='{"match": "user_linus"}'
    )
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: routes.dispatch(pressed, house.program.context(house.clock())), range(8)))
    said = {reply.screen.text if reply.screen else "" for reply in replies}
    assert said == {"You're in, as *Linus Pauling* of Homeroom Academy."}
    assert len(log_of(house)) == 1


# What was tried against it


def test_an_address_not_verified_in_the_portal_matches_nobody(house: House, linus: Person) -> None:
    house.slack.rehearsal.clerk.users["user_linus"].email_verified = False
    reads_members(house)
    assert not is_offered(linus)


def test_an_address_somebody_else_added_to_their_account_matches_nobody(house: House, linus: Person) -> None:
    house.slack.rehearsal.clerk.users["user_eve"].other_emails = ((LINUS, False),)
    reads_members(house)
    assert not is_offered(linus)


def test_an_address_not_confirmed_in_slack_matches_nobody(house: House, linus: Person) -> None:
    changes(house, "U0LINUS", is_email_confirmed=False)
    reads_members(house)
    assert not is_offered(linus)


def test_two_in_slack_with_one_address_match_nobody(house: House, linus: Person) -> None:
    changes(house, "U0MARY", email=LINUS.upper(), deleted=True)
    reads_members(house)
    assert not is_offered(linus)


def test_a_domain_that_is_not_allowed_matches_nobody(house: House, linus: Person) -> None:
    changes(house, "U0LINUS", email="linus@mail.example")
    house.slack.rehearsal.clerk.users["user_linus"].email = "linus@mail.example"
    reads_members(house)
    assert not is_offered(linus)


@pytest.mark.parametrize(
    "account",
    [
        ExternalAccount("oauth_slack", "U0LINUS", {"team_id": "T0EVE"}),
        ExternalAccount("oauth_slack", "U0LINUS"),
        ExternalAccount("oauth_slack", "U0LINUS", {"team_id": "T0HOME"}, status="unverified"),
        ExternalAccount("oauth_google", "U0LINUS", {"team_id": "T0HOME"}),
    ],
)
def test_a_connected_account_of_another_workspace_or_unproved_matches_nobody(
    house: House, linus: Person, account: ExternalAccount
) -> None:
    house.slack.rehearsal.clerk.users["user_eve"].external_accounts = (account,)
    house.slack.rehearsal.clerk.users["user_linus"].email = "linus@academy.example"
    reads_members(house)
    assert not is_offered(linus)


def test_a_guest_matches_nobody_and_is_turned_away(house: House) -> None:
    house.slack.rehearsal.clerk.users["user_gus"] = ClerkUser("user_gus", "Gus", "Fring", f"gus@{DOMAIN}")
    reads_members(house)
    guest = house.person("U0GUEST")
    guest.types("/learn link")
    assert guest.sees("Homeroom is open to full members of this workspace.")
    with house.program.database.read() as session:
        assert not proposals.offered(session, "T0HOME", "U0GUEST", frozenset({DOMAIN}), house.clock())


def test_somebody_from_another_organization_matches_nobody(house: House) -> None:
    """Slack tells of Eve, who shares a channel with us, as it tells of our own people, but for her workspace."""
    clerk = house.slack.rehearsal.clerk
    eve = house.slack.rehearsal.stage.workspaces["T0EVE"].people["U0EVE"]
    eve.email = f"eve@{DOMAIN}"
    clerk.users["user_eve"].email = f"eve@{DOMAIN}"
    clerk.users["user_eve"].external_accounts = (ExternalAccount("oauth_slack", "U0EVE", {"team_id": "T0HOME"}),)
    joined = {"person": "T0EVE:U0EVE", "channel": "C0LEARN", "joined": True}
    house.http.post("/rehearsal/membership", json=joined).raise_for_status()
    told = house.program.installations.look_up("T0HOME", "U0EVE")
    assert told.is_guest
    with house.program.database.write() as session:
        members.remember(session, told._replace(email=eve.email, is_email_confirmed=True), house.clock())
    reads_members(house)
    with house.program.database.read() as session:
        assert not proposals.offered(session, "T0HOME", "U0EVE", frozenset({DOMAIN}), house.clock())


@pytest.mark.parametrize(
    "change", [{"email": f"other@{DOMAIN}"}, {"is_email_confirmed": False}, {"email": "linus@mail.example"}]
)
def test_an_address_changed_in_slack_before_the_yes_links_nobody(
    house: House, linus: Person, change: dict[str, Any]
) -> None:
    reads_members(house)
    assert is_offered(linus)
    changes(house, "U0LINUS", **change)
    linus.clicks("Yes, link")
    assert linus.sees("Something changed since I asked, so I linked nobody.")
    assert linked_to(house, "U0LINUS") is None


@pytest.mark.parametrize("change", [{"banned": True}, {"email": f"other@{DOMAIN}"}, {"deleted": True}])
def test_an_account_changed_in_the_portal_before_the_yes_links_nobody(
    house: House, linus: Person, change: dict[str, Any]
) -> None:
    reads_members(house)
    assert is_offered(linus)
    house.http.post("/rehearsal/clerk/users", json={"id": "user_linus", **change}).raise_for_status()
    house.quiet()
    linus.clicks("Yes, link")
    assert linus.sees("Something changed since I asked, so I linked nobody.")
    assert linked_to(house, "U0LINUS") is None


def test_somebody_who_became_a_guest_before_the_yes_is_turned_away(house: House, linus: Person) -> None:
    reads_members(house)
    assert is_offered(linus)
    changes(house, "U0LINUS", is_restricted=True)
    linus.clicks("Yes, link")
    assert linus.sees("Homeroom is open to full members of this workspace.")
    assert linked_to(house, "U0LINUS") is None


def test_an_account_linked_meanwhile_is_not_linked_again(house: House, linus: Person) -> None:
    reads_members(house)
    assert is_offered(linus)
    with house.program.database.write() as session:
        users.ensure(session, "user_linus", now=house.clock())
        links.unlink(session, "T0HOME", "U0MARY")
        links.link(session, "T0HOME", "U0MARY", "user_linus", house.clock())
    linus.clicks("Yes, link")
    assert linus.sees("Something changed since I asked, so I linked nobody.")
    assert linked_to(house, "U0LINUS") is None


def test_nobody_takes_the_match_of_somebody_else(house: House, linus: Person) -> None:
    reads_members(house)
    changes(house, "U0NEW", name="Katherine Johnson")
    for value in ('{"match": "user_linus"}', '{"match": null}', "[]", "{", ""):
        pressed = Request("action", "account.accept", "T0HOME", "U0NEW", surface="private", value=value)
        reply = routes.dispatch(pressed, house.program.context(house.clock()))
        assert reply.screen is not None
        assert "I linked nobody" in reply.screen.text
    assert linked_to(house, "U0NEW") is None
    assert is_offered(linus)


def test_a_name_full_of_markup_stays_a_name(house: House, linus: Person) -> None:
    house.slack.rehearsal.clerk.users["user_linus"].first_name = "*<!channel>*"
    reads_members(house)
    linus.types("/learn link")
    assert linus.sees("&lt;!channel&gt;")
