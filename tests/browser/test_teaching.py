"""Instructors in a real browser: a course is written, published, announced, taken, handed over."""

import struct
import zlib

from playwright.sync_api import FilePayload, Page, expect

from models.grants import Terms, give_user
from models.roles import INSTRUCTOR
from tests.browser.test_people_and_roles import becomes, types
from tests.handlers.test_announcing import WEDNESDAY, crowd, enroll
from tests.handlers.test_courseimports import knots
from tests.handlers.test_lessonfiles import PDF
from tests.house import House


def picture() -> bytes:
    """A green square, eight pixels wide."""
    rows = (b"\0" + b"\x1f\x4d\x43" * 8) * 8

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def leaves(page: Page, house: House, person: str) -> None:
    """Closes each modal, one under the other."""
    while house.person(person).has_modal():
        house.person(person).closes()
    expect(page.get_by_role("dialog")).to_have_count(0)


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
    leaves(page, house, "U0GRACE")

    becomes(page, "U0ADA")
    types(page, "learning", "/learn enroll Knots ")
    page.get_by_role("article").last.get_by_role("button", name="Start lesson 1").click()
    dialog = page.get_by_role("dialog").last
    expect(dialog).to_contain_text("Make a loop.")
    dialog.get_by_role("button", name="Next page").click()
    expect(dialog).to_contain_text("Pull it tight.")
    dialog.get_by_role("button", name="Mark complete").click()
    expect(dialog).to_contain_text("You finished Knots")
    leaves(page, house, "U0ADA")

    becomes(page, "U0GRACE")
    types(page, "learning", "/teach roster Knots ")
    expect(page.get_by_role("dialog").last).to_contain_text("1 of 1")
    expect(page.get_by_role("dialog").last).to_contain_text("Finished")


def test_a_course_is_announced_and_its_receipt_follows(page: Page, house: House) -> None:
    house.turns_to(WEDNESDAY)
    crowd(house, 5)
    enroll(house, "user_ada")
    becomes(page, "U0GRACE")
    types(page, "learning", "/teach announce Python Basics ")
    dialog = page.get_by_role("dialog").last
    dialog.get_by_label("What do you want to say?").fill("Say hello, it takes four minutes.")
    dialog.get_by_label("Send to people by DM").check()
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog).to_contain_text("From Grace Hopper, instructor")
    dialog.get_by_role("button", name="Send to 6 people").click()
    expect(dialog).to_contain_text("It's on its way.")
    leaves(page, house, "U0GRACE")
    for _ in range(2):
        house.reminds()
    for number in range(4):
        house.person(f"UN{number:03}").clicks("Open lesson")

    becomes(page, "U0ADA")
    page.get_by_role("tab", name="Messages").click()
    page.get_by_role("article").last.get_by_role("button", name="Open Python Basics").click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_role("button", name="Mark complete").click()
    expect(dialog).to_contain_text("1 of 4")
    leaves(page, house, "U0ADA")

    becomes(page, "U0GRACE")
    page.get_by_role("tab", name="Messages").click()
    receipt = page.get_by_role("article").last
    expect(receipt).to_contain_text("Delivered: 6")
    receipt.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("Opened the lesson: 5 or more")).to_be_visible()
    expect(page.get_by_text("Completed the course since: fewer than 5")).to_be_visible()
    page.get_by_role("article").last.get_by_role("button", name="Take back").click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_role("button", name="Take it back").click()
    expect(dialog).to_contain_text("Taken back")
    leaves(page, house, "U0GRACE")
    house.reminds()
    becomes(page, "U0ADA")
    page.get_by_role("tab", name="Messages").click()
    expect(page.get_by_text("Say hello, it takes four minutes.")).to_have_count(0)


def test_a_course_is_handed_over(page: Page, house: House) -> None:
    with house.program.database.write() as session:
        give_user(session, "user_mary", INSTRUCTOR, Terms("user_radia"), house.clock())
    becomes(page, "U0GRACE")
    types(page, "learning", "/teach team Python Basics ")
    dialog = page.get_by_role("dialog").last
    dialog.get_by_role("button", name="Hand Python Basics over").click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_label("Who?").click()
    page.get_by_role("option", name="Mary Jackson").click()
    dialog.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("dialog").last).to_contain_text("Python Basics is Mary Jackson's now.")
    leaves(page, house, "U0GRACE")
    house.reminds()
    becomes(page, "U0MARY")
    page.get_by_role("tab", name="Messages").click()
    expect(page.get_by_role("article").last).to_contain_text("Python Basics is yours now")


def test_a_picture_a_pdf_and_a_course_file_go_in(page: Page, house: House) -> None:
    becomes(page, "U0GRACE")
    page.get_by_role("button", name="Your desk").click()
    page.get_by_role("dialog").last.get_by_role("button", name="Import a course").click()
    dialog = page.get_by_role("dialog").last
    name, written = knots()
    dialog.get_by_label("Course file").set_input_files({"name": name, "mimeType": "text/yaml", "buffer": written})
    expect(dialog).to_contain_text(name)
    dialog.get_by_role("button", name="Look").click()
    expect(dialog).to_contain_text("new course: Knots, 1 lesson in 1 module")
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog).to_contain_text("Knots is what the file says.")
    dialog.get_by_role("button", name="See the course").click()
    dialog.get_by_role("button", name="More").nth(1).click()
    page.get_by_text("Edit", exact=True).last.click()
    for file, words in (("loop.png", "A loop"), ("eight knots.pdf", "")):
        dialog.get_by_role("button", name="Add a picture or PDF").click()
        given: FilePayload = {"name": file, "mimeType": "", "buffer": picture() if words else PDF}
        dialog.get_by_label("A picture or a PDF").set_input_files(given)
        expect(dialog.get_by_role("status")).to_have_text(file)
        dialog.get_by_label("What the picture shows").fill(words)
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(dialog).to_contain_text(words or file)
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    dialog.get_by_role("button", name="Small fix").click()
    expect(dialog).to_contain_text("Knots is published.")
    leaves(page, house, "U0GRACE")

    becomes(page, "U0ADA")
    types(page, "learning", "/learn enroll Knots ")
    page.get_by_role("article").last.get_by_role("button", name="Start lesson 1").click()
    dialog = page.get_by_role("dialog").last
    shown = dialog.get_by_role("img", name="A loop")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 8
    dialog.get_by_role("button", name="Send me eight knots.pdf").click()
    expect(dialog).to_contain_text("It's on its way to our direct messages.")
    assert house.person("U0ADA").sees("It's on its way")
