"""Grace writes a course in a real browser, and Ada takes it."""

from playwright.sync_api import Page, expect

from tests.browser.test_people_and_roles import becomes, types
from tests.house import House


def leaves(page: Page) -> None:
    """Closes each modal, as Escape closes the one in front."""
    while page.get_by_role("dialog").count():
        page.get_by_role("dialog").last.press("Escape")


def test_a_course_is_written_published_and_taken(page: Page, house: House) -> None:
    becomes(page, "U0GRACE")
    page.get_by_role("button", name="Your desk").click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_role("button", name="New course").click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_label("Title").fill("Knots")
    dialog.get_by_label("What it is about").fill("Eight of them.")
    dialog.get_by_role("button", name="Begin").click()
    expect(dialog).to_contain_text("learners don't see this course yet")
    dialog.get_by_role("button", name="More").first.click()
    page.get_by_text("Add a lesson", exact=True).last.click()
    dialog.get_by_label("Title").fill("Bowline")
    dialog.get_by_label("What it says").fill("Make a loop.")
    dialog.get_by_role("button", name="Add a page").click()
    expect(dialog.get_by_label("Page 1")).to_have_value("Make a loop.")
    dialog.get_by_label("Page 2").fill("Pull it tight.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Bowline")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog).to_contain_text("Everybody in the workspace can find it")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog).to_contain_text("Knots is open.")
    leaves(page)

    becomes(page, "U0ADA")
    types(page, "learning", "/learn enroll Knots ")
    page.get_by_role("article").last.get_by_role("button", name="Start lesson 1").click()
    dialog = page.get_by_role("dialog").last
    expect(dialog).to_contain_text("Make a loop.")
    dialog.get_by_role("button", name="Next page").click()
    expect(dialog).to_contain_text("Pull it tight.")
    dialog.get_by_role("button", name="Mark complete").click()
    expect(dialog).to_contain_text("You finished Knots")
    leaves(page)

    becomes(page, "U0GRACE")
    types(page, "learning", "/teach roster Knots ")
    expect(page.get_by_role("dialog").last).to_contain_text("1 of 1")
    expect(page.get_by_role("dialog").last).to_contain_text("Finished")
