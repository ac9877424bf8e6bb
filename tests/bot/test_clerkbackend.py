"""Asking Clerk's Backend API, on its good days and its bad ones."""

import logging
from collections.abc import Iterator

import pytest

from bot.clerkbackend import CantAsk, ClerkBackend
from bot.sandbox.clerk_people import ClerkUser, ExternalAccount
from bot.sandbox.server import run
from models.matches import Connected
from tests import plain
from tests.sandbox.portal import SECRET_KEY, Portal, clerk_setup
from tests.sandbox.stand import Stand, TinyBot, setup

SLACK_AND_MORE = ClerkUser(
    "user_kay",
    "Kay",
    "McNulty",
    "Kay@X.example",
    other_emails=(("kay@y.example", False),),
    external_accounts=(
        ExternalAccount("oauth_slack", "U0KAY", {"team_id": "T0HOME"}),
        ExternalAccount("oauth_slack", "U0KAY", {"https://slack.com/team_id": "T2"}, status="unverified"),
        ExternalAccount("oauth_slack", "U0ELSE"),
        ExternalAccount("oauth_google", "U0GOOGLE"),
    ),
)
CROWD = tuple(
    ClerkUser(f"user_{n}", email=f"{n}@x.example", other_emails=(("all@x.example", False),)) for n in range(230)
)
SHUT = (
    ClerkUser("user_banned", email="banned@z.example", banned=True),
    ClerkUser("user_locked", email="locked@z.example", locked=True),
    ClerkUser("user_deprovisioned", email="deprovisioned@z.example", deprovisioned=True),
)


@pytest.fixture(scope="module")
def running_portal() -> Iterator[Portal]:
    clerk = clerk_setup(users=(SLACK_AND_MORE, *CROWD, *SHUT))
    with run(setup(clerk=clerk)) as running, plain.client(base_url=running.url, trust_env=False) as http:
        yield Portal(Stand(running, TinyBot(), http))


@pytest.fixture
def portal(running_portal: Portal) -> Iterator[Portal]:
    yield running_portal
    running_portal.stand.http.delete("/rehearsal/faults")


class Patience(list[float]):
    """The seconds somebody was asked to wait, without waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture
def backend(portal: Portal, patience: Patience) -> Iterator[ClerkBackend]:
    asked = ClerkBackend(portal.running.clerk_api_url, SECRET_KEY, patience)
    yield asked
    asked.close()


def breaks(portal: Portal, fault: str, times: int = 1, **details: int) -> None:
    portal.stand.do("faults", method="clerk:users", fault=fault, times=times, **details)


def test_an_account_is_what_clerk_says_of_it(backend: ClerkBackend) -> None:
    (kay,) = backend.by_address(["kay@x.example"])
    assert (kay.identity.clerk_id, kay.identity.first_name, kay.identity.email) == ("user_kay", "Kay", "Kay@X.example")
    assert kay.addresses == {"kay@x.example", "kay@y.example"}
    assert kay.connected == (
        Connected("U0KAY", "T0HOME", True),
        Connected("U0KAY", "T2", False),
        Connected("U0ELSE", None, True),
    )
    assert not kay.is_shut
    assert backend.by_slack(["U0KAY", "U0NOBODY"]) == [kay]
    assert backend.by_slack(["U0GOOGLE"]) == []


@pytest.mark.parametrize("name", ["banned", "locked", "deprovisioned"])
def test_who_can_not_sign_in_is_known(backend: ClerkBackend, name: str) -> None:
    assert [one.is_shut for one in backend.by_address([f"{name}@z.example"])] == [True]


def test_nobody_to_ask_for_asks_nothing(backend: ClerkBackend, portal: Portal) -> None:
    breaks(portal, "500")
    assert backend.by_address([]) == backend.by_slack([]) == []


def test_many_are_asked_for_in_batches_and_read_in_pages(backend: ClerkBackend) -> None:
    many = backend.by_address([f"{n}@x.example" for n in range(230)])
    assert sorted(one.identity.clerk_id for one in many) == sorted(user.id for user in CROWD)
    assert len(backend.by_address(["all@x.example"])) == 230


def test_a_limit_is_waited_out_as_long_as_clerk_asks(backend: ClerkBackend, portal: Portal, patience: Patience) -> None:
    breaks(portal, "429", retry_after=7)
    assert len(backend.by_address(["kay@x.example"])) == 1
    assert patience == [7]


def test_no_wait_is_longer_than_half_a_minute(backend: ClerkBackend, portal: Portal, patience: Patience) -> None:
    breaks(portal, "429", times=3, retry_after=3600)
    assert len(backend.by_address(["kay@x.example"])) == 1
    assert patience == [30, 30, 30]


@pytest.mark.parametrize("fault", ["500", "503", "drop"])
def test_a_bad_moment_is_tried_again(backend: ClerkBackend, portal: Portal, patience: Patience, fault: str) -> None:
    breaks(portal, fault, times=2)
    assert len(backend.by_address(["kay@x.example"])) == 1
    assert patience == [0.5, 1]


def test_a_bad_day_is_a_sentence(backend: ClerkBackend, portal: Portal, patience: Patience) -> None:
    breaks(portal, "503", times=4)
    with pytest.raises(CantAsk, match="gives no answer just now"):
        backend.by_address(["kay@x.example"])
    assert len(patience) == 3


def test_closing_ends_the_waiting(portal: Portal) -> None:
    backend = ClerkBackend(portal.running.clerk_api_url, SECRET_KEY)
    breaks(portal, "429", retry_after=3600)
    backend.close()
    with pytest.raises(CantAsk):
        backend.by_address(["kay@x.example"])


def test_a_wrong_key_and_a_wrong_address_are_sentences(portal: Portal, patience: Patience) -> None:
    wrong = ClerkBackend(portal.running.clerk_api_url, "sk_test_wrong", patience)
    for ask in (wrong.answers, lambda: wrong.by_address(["kay@x.example"]), lambda: wrong.by_slack(["U0KAY"])):
        with pytest.raises(CantAsk, match="Clerk refused CLERK_SECRET_KEY"):
            ask()
    lost = ClerkBackend(f"{portal.running.url}/nowhere", SECRET_KEY, patience)
    with pytest.raises(CantAsk, match="See that CLERK_API_URL is right"):
        lost.answers()
    assert patience == []
    assert "sk_" not in repr(wrong)
    for one in (wrong, lost):
        one.close()


def test_an_instance_without_slack_accounts_is_asked_by_e_mail_only(backend: ClerkBackend, portal: Portal) -> None:
    breaks(portal, "422")
    assert backend.by_slack(["U0KAY"]) == []
    breaks(portal, "422")
    with pytest.raises(CantAsk):
        backend.by_address(["kay@x.example"])


def test_nothing_of_what_is_asked_or_answered_is_logged(
    backend: ClerkBackend, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "homeroom")
    breaks(portal, "drop")
    backend.by_address(["kay@x.example"])
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("homeroom"))
    assert told
    assert "kay" not in told.lower()
    assert SECRET_KEY not in told
