"""Linking: both sides say yes, and nobody is bound to anybody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from handlers import routes
from handlers.requests import Request
from models import audit, links
from models.enrollments import Enrollment
from models.users import User
from tests import plain
from tests.house import House, copied, open_house
from tests.people import Person
from tests.surfer import Surfer


@pytest.fixture
def linked_house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house with a Clerk beside it."""
    with open_house(copied(furnished, tmp_path), with_clerk=True) as running:
        yield running


@pytest.fixture
def house(linked_house: House) -> House:
    """Every house in here."""
    return linked_house


@pytest.fixture
def surfer() -> Iterator[Surfer]:
    """Linus' browser."""
    browser = Surfer()
    yield browser
    browser.closes()


def gets_a_link(linus: Person) -> str:
    linus.types("/learn link")
    assert linus.sees("First, sign in to *Homeroom Academy* (about a minute).")
    return linus.clicks("Sign in to Homeroom Academy")


def signs_in(surfer: Surfer, url: str, name: str = "Linus Pauling") -> Surfer:
    surfer.opens(url)
    assert "Sign in to Homeroom Academy" in surfer.words
    surfer.presses(name)
    return surfer.presses("Allow")


def linked_to(house: House, slack_user_id: str) -> str | None:
    with house.program.database.read() as session:
        return links.of(session, "T0HOME", slack_user_id)


def log_of(house: House, action: str) -> list[tuple[str, str | None]]:
    with house.program.database.read() as session:
        ever = (house.clock() - timedelta(days=9), house.clock() + timedelta(days=9))
        return [(entry.actor, entry.whom) for entry in audit.entries(session, *ever, action=action)]


def test_linus_links_himself_and_both_sides_say_yes(house: House, linus: Person, surfer: Surfer) -> None:
    signs_in(surfer, gets_a_link(linus))
    assert "In Slack you are @linus at Homeroom Academy" in surfer.words
    assert "Linus Pauling, linus@academy.example" in surfer.words
    surfer.presses("Yes, link")
    assert "go back to Slack" in surfer.words
    assert linked_to(house, "U0LINUS") is None
    house.quiet()
    assert linus.sees("Somebody signed in to Homeroom Academy as *Linus Pauling* (linus@academy.example)")
    linus.clicks("Yes, that's me")
    assert linus.sees("You're in, as *Linus Pauling* of Homeroom Academy.")
    assert linked_to(house, "U0LINUS") == "user_linus"
    with house.program.database.read() as session:
        user = session.get_one(User, "user_linus")
        assert (user.first_name, user.last_name, user.email) == ("Linus", "Pauling", "linus@academy.example")
    assert ("T0HOME/U0LINUS", "user_linus") in log_of(house, "link.made")
    linus.opens_home()
    assert linus.sees("Browse all courses")


def test_what_was_being_done_is_done_once_linked(house: House, linus: Person, surfer: Surfer) -> None:
    linus.types("/learn courses python")
    linus.clicks("Enroll", beside="Python Basics")
    linus.clicks("Link my account")
    assert linus.sees("I'll bring you back to *Python Basics*.")
    signs_in(surfer, linus.clicks("Sign in to Homeroom Academy")).presses("Yes, link")
    house.quiet()
    linus.clicks("Yes, that's me")
    assert linus.sees("You're in, as *Linus Pauling* of Homeroom Academy.")
    assert linus.sees("You're enrolled in *Python Basics*.")
    assert "Start lesson 1" in linus.buttons()


def test_a_typed_command_is_done_once_linked(house: House, linus: Person, surfer: Surfer) -> None:
    linus.types("/learn enroll baking")
    linus.clicks("Link my account")
    signs_in(surfer, linus.clicks("Sign in to Homeroom Academy")).presses("Yes, link")
    house.quiet()
    linus.clicks("Yes, that's me")
    assert linus.sees("You're enrolled in *Baking Bread*")
    with house.program.database.read() as session:
        assert [row.user_id for row in session.exec(select(Enrollment))] == ["user_linus"]


def test_a_forwarded_link_names_who_sent_it_and_no_binds_nobody(house: House, linus: Person, surfer: Surfer) -> None:
    """Linus sends his link to Alan, who is signed in to the portal."""
    signs_in(surfer, gets_a_link(linus), "Alan Turing")
    assert "In Slack you are @linus" in surfer.words
    surfer.presses("No, someone sent me this")
    assert "Nothing was linked" in surfer.words
    assert linked_to(house, "U0LINUS") is None
    assert log_of(house, "link.refused") == [("user_alan", "T0HOME/U0LINUS")]


def test_an_account_linked_to_somebody_else_is_refused_on_the_page(house: House, linus: Person, surfer: Surfer) -> None:
    signs_in(surfer, gets_a_link(linus), "Ada Lovelace")
    assert "is linked to somebody else in that Slack workspace" in surfer.words
    assert surfer.answer.status_code == 409
    assert log_of(house, "link.refused") == [("user_ada", "T0HOME/U0LINUS")]


def test_a_stolen_link_needs_the_slack_person_too(house: House, linus: Person, surfer: Surfer) -> None:
    """Somebody opens Linus' link and says yes as themselves; Linus is asked, and it isn't him."""
    signs_in(surfer, gets_a_link(linus), "Alan Turing").presses("Yes, link")
    house.quiet()
    assert linus.sees("as *Alan Turing*")
    linus.clicks("No, it wasn't")
    assert linus.sees("Nothing was linked.")
    assert linked_to(house, "U0LINUS") is None


def test_nobody_else_can_press_the_button_in_slack(house: House, linus: Person, mary: Person, surfer: Surfer) -> None:
    signs_in(surfer, gets_a_link(linus)).presses("Yes, link")
    house.quiet()
    pressed = Request("action", "account.bind", "T0HOME", "U0MARY", surface="private", value="1")
    reply = routes.dispatch(pressed, house.program.context(house.clock()))
    assert reply.screen is not None
    assert "This link is no longer good" in reply.screen.text
    assert linked_to(house, "U0MARY") == "user_mary"


def test_a_link_is_good_once_and_for_ten_minutes(house: House, linus: Person, surfer: Surfer) -> None:
    url = gets_a_link(linus)
    newer = gets_a_link(linus)
    assert "This link is no longer good" in surfer.opens(url).words
    signs_in(surfer, newer).presses("Yes, link")
    assert "This link is no longer good" in surfer.opens(newer).words
    late = gets_a_link(linus)
    house.turns_to(house.clock() + timedelta(minutes=11))
    assert "This link is no longer good" in surfer.opens(late).words
    assert surfer.answer.status_code == 400


def test_opening_a_link_uses_nothing_up(house: House, linus: Person, surfer: Surfer) -> None:
    url = gets_a_link(linus)
    for _ in range(3):
        scanner = plain.get(url, follow_redirects=False)
        assert scanner.status_code == 302
    signs_in(surfer, url).presses("Yes, link")
    assert "go back to Slack" in surfer.words


def test_another_browser_can_not_finish_what_one_began(house: House, linus: Person, surfer: Surfer) -> None:
    """The attacker signs in as themselves, and has the victim's browser open the way back."""
    signs_in(surfer, gets_a_link(linus))
    come_back = str(surfer.answer.url)
    victim = Surfer()
    assert "This link is no longer good" in victim.opens(come_back).words
    address, fields = surfer.form()
    assert plain.post(address, data=fields | {"answer": "yes"}).status_code == 400
    victim.closes()
    assert linked_to(house, "U0LINUS") is None


def test_the_way_back_works_once(house: House, linus: Person, surfer: Surfer) -> None:
    signs_in(surfer, gets_a_link(linus))
    assert "This link is no longer good" in surfer.opens(str(surfer.answer.url)).words


def test_a_hundred_who_confirm_at_once_are_one(house: House, linus: Person, surfer: Surfer) -> None:
    signs_in(surfer, gets_a_link(linus))
    address, fields = surfer.form()
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda _: plain.post(address, data=fields | {"answer": "yes"}, cookies=surfer.http.cookies, timeout=30),
                range(100),
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 99
    house.quiet()
    asked = [message for message in linus.messages() if "Somebody signed in" in message["text"]]
    assert len(asked) == 1


def test_whoever_denies_is_told_what_to_do(house: House, linus: Person, surfer: Surfer) -> None:
    surfer.opens(gets_a_link(linus)).presses("Linus Pauling").presses("Deny")
    assert "You didn't let Homeroom Academy tell me who you are." in surfer.words


def test_an_e_mail_of_another_account_changes_nothing(house: House, linus: Person, surfer: Surfer) -> None:
    with house.program.database.write() as session:
        session.connection().exec_driver_sql("UPDATE user SET email = 'linus@academy.example' WHERE id = 'user_alan'")
    signs_in(surfer, gets_a_link(linus))
    assert "That e-mail address belongs to another account" in surfer.words
    assert linked_to(house, "U0LINUS") is None


def test_pages_are_not_framed_cached_or_told_to_others(house: House, linus: Person, surfer: Surfer) -> None:
    signs_in(surfer, gets_a_link(linus))
    headers = surfer.answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]


def test_a_name_full_of_markup_stays_a_name(house: House, linus: Person, surfer: Surfer) -> None:
    clerk = house.slack.rehearsal.clerk
    clerk.users["user_linus"].first_name = "<script>alert(1)</script> <!channel>"
    signs_in(surfer, gets_a_link(linus), "Pauling")
    assert "<script>" not in surfer.answer.text
    surfer.presses("Yes, link")
    house.quiet()
    assert linus.sees("&lt;!channel&gt;")


def test_unlinking_asks_and_linking_again_finds_everything(house: House, ada: Person, surfer: Surfer) -> None:
    ada.types("/learn enroll python basics")
    ada.types("/learn unlink")
    assert ada.sees("End the link to *Ada Lovelace* in Homeroom Academy?")
    ada.clicks("Unlink")
    assert ada.sees("Unlinked. What you did stays with your account")
    assert linked_to(house, "U0ADA") is None
    ada.clicks("Link my account")
    signs_in(surfer, ada.clicks("Sign in to Homeroom Academy"), "Ada Lovelace").presses("Yes, link")
    house.quiet()
    ada.clicks("Yes, that's me")
    ada.types("/learn progress")
    assert ada.sees("*Python Basics*")


def test_a_portal_page_may_vouch_with_its_session(house: House, linus: Person) -> None:
    url = gets_a_link(linus)
    token = url.rsplit("/", 1)[1]
    address = f"{house.bot_url}/link/session"
    assert plain.post(address, json={"token": token}).status_code == 401
    clerk = house.slack.rehearsal.clerk
    bearer = {"authorization": f"Bearer {clerk.session_token('user_linus', azp='https://elsewhere.example')}"}
    assert plain.post(address, json={"token": token}, headers=bearer).status_code == 401
    assert linked_to(house, "U0LINUS") is None
