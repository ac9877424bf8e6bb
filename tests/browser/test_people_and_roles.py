"""Linking and roles in a real browser, on both sides of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import links
from tests.house import House, copied, open_house


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house with a Clerk beside it, and a channel of its admins."""
    with open_house(copied(furnished, tmp_path), with_clerk=True, admin_channel="C0PRIV") as running:
        yield running


def becomes(page: Page, person: str) -> None:
    page.get_by_role("combobox", name="Who you are").select_option(value=f"T0HOME:{person}")


def types(page: Page, channel: str, text: str) -> None:
    page.get_by_role("button", name=f"# {channel}").click()
    composer = page.get_by_role("textbox", name=f"Message #{channel}")
    composer.fill(text)
    composer.press("Enter")


def opens_messages(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("button", name="homeroom", exact=True).click()
    page.get_by_role("tab", name="Messages").click()


def test_linus_links_himself_and_is_where_he_wanted_to_be(page: Page, house: House) -> None:
    becomes(page, "U0LINUS")
    types(page, "learning", "/learn courses python")
    page.get_by_role("button", name="Enroll in Python Basics").click()
    page.get_by_role("button", name="Link my account").click()
    expect(page.get_by_text("First, sign in to Homeroom Academy (about a minute).")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Sign in to Homeroom Academy").click()
    portal = opened.value
    portal.get_by_role("button", name="Linus Pauling").click()
    portal.get_by_role("button", name="Allow").click()
    expect(portal.get_by_text("In Slack you are")).to_be_visible()
    expect(portal.get_by_text("Linus Pauling").first).to_be_visible()
    portal.get_by_role("button", name="Yes, link").click()
    expect(portal.get_by_text("One more step: go back to Slack")).to_be_visible()
    portal.close()

    opens_messages(page)
    asked = page.get_by_role("article").last
    expect(asked).to_contain_text("as Linus Pauling (linus@academy.example), to link you to it. Was it you?")
    asked.get_by_role("button", name="Yes, that's me").click()
    done = page.get_by_role("article").last
    expect(done).to_contain_text("You're in, as Linus Pauling of Homeroom Academy.")
    expect(done).to_contain_text("You're enrolled in Python Basics.")
    done.get_by_role("button", name="Start lesson 1").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="The smallest program")).to_be_visible()
    with house.program.database.read() as session:
        assert links.of(session, "T0HOME", "U0LINUS") == "user_linus"


def test_an_admin_makes_an_instructor_and_takes_it_back(page: Page, house: House) -> None:
    becomes(page, "U0RADIA")
    types(page, "general", "/roles grant @mary instructor for 14d because she knows ropes")
    expect(page.get_by_text("This will be seen by 3,012 people in #general.")).to_be_visible()
    page.get_by_role("button", name="Post in #learning-admins").click()
    expect(page.get_by_text("is an instructor now, until")).to_be_visible()

    becomes(page, "U0MARY")
    house.program.sender.drain()
    opens_messages(page)
    expect(page.get_by_role("article").last).to_contain_text("You're an instructor now, until")
    expect(page.get_by_role("article").last).to_contain_text("Because she knows ropes")

    becomes(page, "U0RADIA")
    types(page, "learning", "/roles revoke @mary instructor")
    expect(page.get_by_role("article").last).to_contain_text("is no longer an instructor.")
    types(page, "learning", "/roles log @mary ")
    expect(page.get_by_role("article").last).to_contain_text("she knows ropes")

    becomes(page, "U0ADA")
    page.get_by_role("button", name="# learning").click()
    expect(page.get_by_role("article").last).to_contain_text("Mary Jackson is no longer an instructor.")
    expect(page.get_by_role("article").last).not_to_contain_text("Radia")


def test_an_admin_finds_a_person_and_ends_their_link(page: Page, house: House) -> None:
    becomes(page, "U0RADIA")
    page.get_by_role("button", name="Find a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").first.click()
    dialog.get_by_role("combobox").first.fill("mary")
    page.get_by_role("option", name="Mary Jackson").first.click()
    card = page.get_by_role("dialog").last
    expect(card).to_contain_text("Mary Jackson (mary@academy.example) in Homeroom Academy.")
    card.get_by_role("button", name="Unlink Mary Jackson").click()
    page.get_by_role("dialog").last.get_by_role("button", name="Unlink", exact=True).click()
    expect(page.get_by_role("dialog").last).to_contain_text("is no longer linked to Mary Jackson in Homeroom Academy.")
    with house.program.database.read() as session:
        assert links.of(session, "T0HOME", "U0MARY") is None
