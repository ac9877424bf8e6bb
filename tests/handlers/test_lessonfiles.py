"""Pictures and PDFs in lessons: put in by Grace, seen by Ada."""

import pytest
from sqlmodel import select

from models.courses import Lesson
from models.enrollments import withdraw
from tests.handlers.test_authoring import begins_knots, edits, opens_the_desk
from tests.house import House
from tests.people import Block, Person

PNG = b"\x89PNG\r\n\x1a\n a knot"
PDF = b"%PDF-1.7 eight knots"


def opens_the_lesson(grace: Person) -> None:
    begins_knots(grace)
    grace.picks("Edit", beside="Bowline")


def adds(grace: Person, **given: str | tuple[str, bytes]) -> None:
    grace.clicks("Add a picture or PDF")
    grace.submits(**given)


def publishes(grace: Person) -> None:
    grace.presses("Save")
    grace.clicks("Publish")
    grace.clicks("Publish")


def reads(person: Person) -> None:
    person.types("/learn enroll Knots")
    person.clicks("Start lesson 1")


def pictures(person: Person) -> list[Block]:
    return [block for block in person.modal()["blocks"] if block["type"] == "image"]


def seen(person: Person, block: Block) -> bytes:
    """What they see of a picture that Slack holds."""
    file_id = block["slack_file"]["url"].split("/files-pri/")[1].split("/")[0].partition("-")[2]
    answer = person.http.get("/rehearsal/file", params={"person": person.key, "id": file_id})
    return answer.raise_for_status().content


def test_a_picture_is_uploaded_and_seen_under_the_text(house: House, grace: Person, ada: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, file=("bowline.png", PNG), words="A *bowline*, [seen] from above")
    assert grace.sees("🖼 A \u200b*\u200bbowline\u200b*\u200b, [seen] from above")
    assert "Make a loop." in str(grace.modal())
    publishes(grace)
    reads(ada)
    assert ada.sees("Make a loop.")
    (picture,) = pictures(ada)
    assert picture["alt_text"] == "A *bowline*, [seen] from above"
    assert seen(ada, picture) == PNG


def test_a_picture_by_its_address(house: House, grace: Person, ada: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, url="https://knots.example/bow line(1).png", words="A bowline")
    publishes(grace)
    reads(ada)
    (picture,) = pictures(ada)
    assert picture["image_url"] == "https://knots.example/bow%20line%281%29.png"


def test_a_pdf_comes_by_dm_to_whoever_reads(house: House, grace: Person, ada: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, file=("Eight knots.pdf", PDF))
    assert grace.sees("📎 Eight knots.pdf")
    publishes(grace)
    reads(ada)
    ada.clicks("Send it to me", beside="Eight knots.pdf")
    assert ada.sees("It's on its way to our direct messages.")
    assert ada.sees("Make a loop.")
    ada.closes()
    ada.goes_to("D0ADA")
    assert ada.sees("From “Bowline”")
    name, words = ada.opens_file()
    assert (name, words.encode()) == ("Eight knots.pdf", PDF)


def test_a_lesson_kept_in_the_dm_still_hands_out_its_file(house: House, grace: Person, ada: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, file=("knots.pdf", PDF))
    publishes(grace)
    reads(ada)
    ada.clicks("Read in DM")
    house.quiet()
    ada.closes()
    ada.goes_to("D0ADA")
    ada.clicks("Send it to me", beside="knots.pdf")
    assert ada.sees("From “Bowline”")
    assert ada.opens_file()[1].encode() == PDF


def test_who_left_the_course_gets_no_file_of_it(house: House, grace: Person, ada: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, file=("knots.pdf", PDF))
    publishes(grace)
    reads(ada)
    with house.program.database.write() as session:
        lesson = session.exec(select(Lesson).where(Lesson.title == "Bowline")).one()
        withdraw(session, "user_ada", lesson.module.course_id)
    ada.clicks("Send it to me", beside="knots.pdf")
    assert ada.sees("[Enroll]")
    house.quiet()
    assert not [message for message in house.person("U0ADA").messages() if message["files"]]


def test_what_was_taken_out_of_the_lesson_is_handed_out_to_its_end(house: House, grace: Person, ada: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, file=("knots.pdf", PDF))
    publishes(grace)
    reads(ada)
    edits(grace, "Knots")
    grace.picks("Edit", beside="Bowline")
    grace.clicks("Remove", beside="knots.pdf")
    assert grace.sees_no_more("knots.pdf")
    grace.presses("Save")
    grace.clicks("Publish")
    grace.clicks("Small fix")
    ada.clicks("Send it to me", beside="knots.pdf")
    assert ada.sees("It's on its way")
    ada.closes()
    ada.types("/learn continue")
    assert ada.sees("Make a loop.")
    assert "knots.pdf" not in ada.screen()


def test_the_file_that_is_taken_out_is_the_one_pressed_though_an_earlier_page_was_emptied(
    house: House, grace: Person
) -> None:
    opens_the_lesson(grace)
    grace.clicks("Add a page")
    grace.clicks("Add a page")
    grace.begins_to_type(page2="Pull.", page3="Undo it.")
    adds(grace, file=("pull.pdf", PDF), page="Page 2")
    adds(grace, file=("undo.pdf", PDF), page="Page 3")
    grace.begins_to_type(page1="")
    grace.clicks("Remove", beside="pull.pdf")
    assert grace.sees_no_more("pull.pdf")
    assert grace.sees("undo.pdf")
    assert "Make a loop." not in str(grace.modal())


def test_what_was_typed_meanwhile_is_there_when_the_picture_is(house: House, grace: Person) -> None:
    opens_the_lesson(grace)
    grace.clicks("Add a page")
    grace.begins_to_type(title="The bowline", page1="Make a loop, slowly.", page2="Pull.")
    grace.clicks("Add a picture or PDF")
    grace.submits(file=("a.png", PNG), words="A loop", page="Page 1")
    shown = str(grace.modal())
    assert all(words in shown for words in ("The bowline", "Make a loop, slowly.", "Pull.", "A loop"))
    grace.clicks("Add a picture or PDF")
    grace.clicks("Back to the lesson")
    assert "The bowline" in str(grace.modal())
    grace.presses("Save")
    assert grace.sees("• The bowline")
    grace.picks("Preview", beside="The bowline")
    assert grace.sees("Make a loop, slowly.")
    assert grace.sees("(image: A loop)")


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {"file": "Choose a file, or give an address: one of the two."}),
        (
            {"file": ("a.png", PNG), "url": "https://x.example/a.png"},
            {"url": "Choose a file, or give an address: one of the two."},
        ),
        ({"file": ("a.png", PNG)}, {"words": "Say what the picture shows, for those who can't see it."}),
        ({"url": "https://x.example/a"}, {"words": "Say what the picture shows, for those who can't see it."}),
        (
            {"url": "https://x.example/" + "a" * 3000, "words": "A"},
            {"url": "Give an address that begins with https://, 3,000 characters at most."},
        ),
    ],
)
def test_what_can_not_go_in_is_said_beside_it(
    house: House, grace: Person, given: dict[str, str | tuple[str, bytes]], errors: dict[str, str]
) -> None:
    opens_the_lesson(grace)
    adds(grace, **given)
    assert grace.errors == errors


def test_a_file_slack_lost_is_said(house: House, grace: Person, ada: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, file=("knots.pdf", PDF))
    publishes(grace)
    reads(ada)
    house.breaks("files.info", "file_deleted")
    ada.clicks("Send it to me", beside="knots.pdf")
    house.quiet()
    ada.closes()
    ada.goes_to("D0ADA")
    assert ada.sees("I can't get the file of *Bowline* from Slack just now.")


def test_slack_that_shows_no_picture_shows_its_words(house: House, grace: Person, ada: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, file=("a.png", PNG), words="A loop")
    publishes(grace)
    house.slack.rehearsal.stage.workspaces["T0HOME"].files.clear()
    reads(ada)
    assert ada.sees("Image: A loop")
    assert "files-pri" not in str(ada.modal())


def test_trying_it_out_sends_the_file_to_who_tries(house: House, grace: Person) -> None:
    opens_the_lesson(grace)
    adds(grace, file=("knots.pdf", PDF))
    grace.presses("Save")
    grace.picks("Preview", beside="Bowline")
    grace.clicks("Send it to me", beside="knots.pdf")
    assert grace.sees("It's on its way to our direct messages.")
    while grace.has_modal():
        grace.closes()
    grace.goes_to("D0GRACE")
    assert grace.sees("From “Bowline”")
    assert grace.opens_file()[1].encode() == PDF


def test_two_who_write_one_lesson_are_told_before_a_picture_goes_in(house: House, grace: Person, radia: Person) -> None:
    opens_the_lesson(grace)
    opens_the_desk(radia)
    radia.clicks("Go on", beside="Knots")
    radia.picks("Edit", beside="Bowline")
    radia.submits(title="Bowline", page1="Radia says so.")
    grace.clicks("Add a picture or PDF")
    assert grace.sees("*Radia Perlman* saved this lesson")
    grace.clicks("Keep mine")
    assert "Make a loop." in str(grace.modal())
