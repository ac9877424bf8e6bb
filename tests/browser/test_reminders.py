"""A reminder and each of its buttons, in a real browser."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.house import House

MONDAY = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
FRIDAY = datetime(2027, 3, 5, 9, 1, tzinfo=UTC)


@pytest.fixture
def reminder(page: Page, house: House) -> Locator:
    """Ada fell behind in two courses, and looks at the reminder in her DM."""
    house.turns_to(MONDAY)
    house.turns_on_reminders()
    ada = house.person("U0ADA")
    for course in ("baking", "python basics"):
        ada.types(f"/learn enroll {course}")
    house.program.scheduler.follow()
    house.turns_to(FRIDAY)
    house.reminds()
    page.get_by_role("navigation").get_by_role("button", name="homeroom", exact=True).click()
    page.get_by_role("tab", name="Messages").click()
    message = page.get_by_role("article").last
    expect(message).to_contain_text("You get this after 3 working days without a lesson.")
    return message


def on_home(page: Page) -> Locator:
    page.get_by_role("tab", name="Home").click()
    return page.get_by_role("main")


def back(page: Page) -> None:
    page.get_by_role("tab", name="Messages").click()


def test_continue_opens_the_lesson(page: Page, reminder: Locator) -> None:
    reminder.get_by_role("button", name="Continue Python Basics").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="The smallest program")).to_be_visible()


def test_already_did_this_and_undo(page: Page, reminder: Locator) -> None:
    reminder.get_by_role("button", name="More options").last.click()
    page.get_by_role("menuitem", name="Already did this").click()
    expect(page.get_by_role("article").last).to_contain_text("is complete.")
    page.get_by_role("article").last.get_by_role("button", name="Mark it as not done").click()
    expect(page.get_by_role("article").last).to_contain_text("is open again.")


def test_mute_and_undo(page: Page, reminder: Locator) -> None:
    reminder.get_by_role("button", name="More options").first.click()
    page.get_by_role("menuitem", name="Mute this course").click()
    expect(page.get_by_role("article").last).to_contain_text("is muted. You stay enrolled.")
    page.get_by_role("article").last.get_by_role("button", name="Unmute it").click()
    expect(page.get_by_role("article").last).to_contain_text("is back in your reminders.")


@pytest.mark.parametrize(("label", "until"), [("Snooze 1 day", "tomorrow"), ("Snooze 1 week", "Friday 12 March")])
def test_snooze_shows_on_home_and_is_undone(page: Page, reminder: Locator, label: str, until: str) -> None:
    reminder.get_by_role("button", name=label).click()
    expect(page.get_by_role("article").last).to_contain_text(f"Quiet until {until}.")
    expect(on_home(page)).to_contain_text(f"You asked for quiet until {until}.")
    back(page)
    page.get_by_role("article").last.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("article").last).to_contain_text("Done. Reminders come as before.")


def test_snooze_until_a_date(page: Page, reminder: Locator) -> None:
    reminder.get_by_label("Snooze until…").fill("2027-03-25")
    expect(page.get_by_role("article").last).to_contain_text("Quiet until Thursday 25 March.")


def test_stop_and_resume(page: Page, reminder: Locator) -> None:
    reminder.get_by_role("button", name="Stop reminders").click()
    expect(page.get_by_role("article").last).to_contain_text("Stopped. I won't remind you any more.")
    expect(on_home(page)).to_contain_text("None is coming: you stopped them.")
    back(page)
    page.get_by_role("article").last.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("article").last).to_contain_text("Welcome back. Reminders are on again.")


def test_why_it_came_and_the_settings(page: Page, reminder: Locator) -> None:
    reminder.hover()
    reminder.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Why did I get this?").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("it follows your own rhythm")
    dialog.get_by_role("button", name="Change your reminders").click()
    expect(dialog.get_by_text("When should I write?")).to_be_visible()
    dialog.get_by_label("Every day").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Every day at 09:00 (Europe/London).")
