"""Announcements: what instructors tell a channel or their learners, within limits that keep everybody safe."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.sandbox.people import Person as Somebody
from models import announcements, announcing, audit, links, members, pauses, sendoffs
from models.announcements import Announcement
from models.courses import Course
from models.deliveries import SENDING, Delivery
from models.enrollments import Enrollment
from models.recipients import Recipient
from models.switches import ANNOUNCEMENT, POST
from models.users import User
from tests.handlers.test_teams import adds, loses_the_role, makes_an_instructor
from tests.house import House
from tests.people import Person
from tests.school import a_course, a_crowd, a_user

WEDNESDAY = datetime(2027, 3, 3, 14, 0, tzinfo=UTC)
"""A Wednesday on which London and New York are both at work."""
BASICS = "Python Basics"


@pytest.fixture(autouse=True)
def begun(house: House) -> None:
    """It is Wednesday afternoon."""
    house.turns_to(WEDNESDAY)


def course_id(house: House, title: str = BASICS) -> int:
    with house.program.database.read() as session:
        return session.exec(select(Course.id).where(Course.title == title)).one() or 0


def enroll(house: House, *user_ids: str, title: str = BASICS) -> None:
    course = course_id(house, title)
    with house.program.database.write() as session:
        for user_id in user_ids:
            session.add(Enrollment(user_id=user_id, course_id=course, enrolled_at=WEDNESDAY))


def crowd(house: House, count: int) -> None:
    """So many more people of the workspace learn Python Basics."""
    names = [f"n{number:03}" for number in range(count)]
    workspace = house.slack.rehearsal.stage.workspaces["T0HOME"]
    for name in names:
        workspace.add(Somebody(f"U{name.upper()}", workspace.id, name.title(), name))
    course = course_id(house)
    with house.program.database.write() as session:
        a_crowd(session, names, course, workspace.id, WEDNESDAY)


def writes(grace: Person, words: str = "Chapter two is *new*.", **given: str) -> None:
    grace.types(f"/teach announce {BASICS}")
    told = {"to": "Send to people by DM", "people": "Everyone enrolled", **given}
    grace.submits(words=words, **told)


def announces(house: House, grace: Person, words: str = "Chapter two is new.", **given: str) -> None:
    writes(grace, words, **given)
    assert grace.sees("Goes to")
    grace.submits()
    goes(house)


def goes(house: House) -> None:
    house.reminds()
    house.reminds()


def closes_all(person: Person) -> None:
    while person.has_modal():
        person.closes()


def unasked(person: Person) -> list[str]:
    return [message["text"] for message in person.messages() if not message.get("ephemeral")]


def rows(house: House) -> list[Announcement]:
    with house.program.database.read() as session:
        found = list(session.exec(select(Announcement)).all())
        session.expunge_all()
        return found


def at(moment: datetime) -> str:
    """As a form gives a moment."""
    return str(int(moment.timestamp()))


def kinds(session: Session, kind: str) -> list[Delivery]:
    return list(session.exec(select(Delivery).where(Delivery.kind == kind)).all())


def test_learners_get_what_their_instructor_says_and_open_the_lesson(house: House, grace: Person, ada: Person) -> None:
    enroll(house, "user_ada")
    writes(grace, "Chapter two is new.", lesson="say => Say hello")
    assert grace.sees("Chapter two is new.")
    assert grace.sees("everyone enrolled by DM")
    assert grace.sees("1 person by DM.")
    grace.presses("Send to 1 person")
    assert grace.sees("It's on its way.")
    goes(house)
    assert ada.sees("From Grace Hopper, instructor")
    assert ada.sees("Chapter two is new.")
    ada.clicks("Open lesson")
    assert ada.sees("Say hello")
    closes_all(grace)
    grace.goes_to("D0GRACE")
    assert grace.sees("By DM: fewer than 5 people")


def test_a_post_to_a_channel_enrolls_whoever_opens_the_lesson(house: House, grace: Person, mary: Person) -> None:
    announces(house, grace, "Come and learn.", to="Post to a channel", channel="C0LEARN")
    mary.goes_to("C0LEARN")
    assert mary.sees("From Grace Hopper, instructor")
    mary.clicks("Open lesson")
    assert mary.has_modal()
    with house.program.database.read() as session:
        assert session.exec(select(Enrollment).where(Enrollment.user_id == "user_mary")).one()


def test_whoever_is_not_linked_yet_is_taken_to_the_lesson_after_linking(
    house: House, grace: Person, linus: Person
) -> None:
    announces(house, grace, "Come and learn.", to="Post to a channel", channel="C0LEARN")
    linus.goes_to("C0LEARN")
    linus.clicks("Open lesson")
    assert linus.sees("To do this I need to know who you are")
    linus.clicks("Link my account")
    assert linus.sees("member `U0LINUS`")


def test_nobody_is_enrolled_or_counted_for_looking(house: House, grace: Person, ada: Person) -> None:
    enroll(house, "user_ada")
    writes(grace, "Just looking.")
    grace.clicks("Send only to me")
    assert grace.sees("I sent it to you alone")
    grace.clicks("Open lesson")
    assert grace.sees("Here it opens nothing.")
    closes_all(grace)
    grace.goes_to("D0GRACE")
    grace.clicks("Open lesson")
    assert grace.sees("Here it opens nothing.")
    closes_all(grace)
    announces(house, grace, "For real.", to="Both", channel="C0LEARN")
    closes_all(grace)
    grace.goes_to("C0LEARN")
    grace.clicks("Open lesson")
    with house.program.database.read() as session:
        opened = session.exec(select(Recipient.user_id).where(col(Recipient.opened_at).is_not(None))).all()
        assert list(opened) == []


def test_send_only_to_me(house: House, grace: Person, ada: Person) -> None:
    enroll(house, "user_ada")
    writes(grace, "Just looking.")
    grace.clicks("Send only to me")
    assert grace.sees("I sent it to you alone")
    closes_all(grace)
    grace.goes_to("D0GRACE")
    assert grace.sees("From Grace Hopper, instructor")
    goes(house)
    assert "Just looking." not in ada.screen()


def test_what_was_changed_in_another_window_is_not_sent_to_me(house: House, grace: Person) -> None:
    writes(grace, "As I looked at it.")
    (one,) = rows(house)
    with house.program.database.write() as session:
        announcements.change(session, one.id or 0, revision=one.revision + 1)
    grace.clicks("Send only to me")
    assert grace.sees("This was changed in another window. Preview it again.")
    closes_all(grace)
    grace.goes_to("D0GRACE")
    assert "As I looked at it." not in grace.screen()


def test_nobody_can_call_the_whole_channel(house: House, grace: Person, mary: Person) -> None:
    grace.types(f"/teach announce {BASICS}")
    view = grace.modal()
    words = next(block for block in view["blocks"] if block["block_id"] == "words")
    shouting = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [{"type": "broadcast", "range": "channel"}, {"type": "text", "text": " <!here> look"}],
            }
        ],
    }
    assert words["element"]["type"] == "rich_text_input"
    grace.submits(words=shouting, to="Post to a channel", channel="C0LEARN", people="Everyone enrolled")  # type: ignore[arg-type]
    assert grace.sees("@channel <!here> look")
    grace.submits()
    goes(house)
    mary.goes_to("C0LEARN")
    post = [message for message in mary.messages() if "look" in message["text"]][-1]
    assert "<!channel>" not in post["text"]
    assert "<!here>" not in post["text"]
    assert "broadcast" not in str(post["blocks"])


def test_names_and_titles_call_nobody_and_fit(house: House, grace: Person, ada: Person) -> None:
    """A name with <!channel> in it, a course and a lesson of three thousand characters."""
    title = "<!here> " + "x" * 2992
    with house.program.database.write() as session:
        user = session.get_one(User, "user_grace")
        user.first_name, user.last_name = "<!channel>", "Hopper"
        course = a_course(session, title, [title, "Two"], instructor="grace")
        session.flush()
        session.add(Enrollment(user_id="user_ada", course_id=course.id or 0, enrolled_at=WEDNESDAY))
    grace.types("/teach")
    grace.clicks("Announce", beside="xxxxx")
    told = {"to": "Both", "people": "Everyone enrolled", "channel": "C0LEARN"}
    grace.submits(words="Hello.", lesson=f"<!here> => {title[:74]}…", **told)
    assert grace.sees("Goes to")
    grace.submits()
    goes(house)
    assert ada.sees("Hello.")
    for channel in ("D0ADA", "C0LEARN"):
        ada.goes_to(channel)
        said = [one for one in ada.messages() if "Hello." in one["text"]][-1]
        assert "<!" not in said["text"]
        assert "<!" not in str([block for block in said["blocks"] if block["type"] == "context"])
    ada.clicks("Open lesson")
    assert ada.has_modal()
    closes_all(grace)
    for asked in ("Roster", "Numbers", "Channel"):
        grace.types("/teach")
        if asked == "Roster":
            grace.clicks(asked, beside="xxxxx")
        else:
            grace.picks(asked, beside="xxxxx")
        assert grace.has_modal(), asked
        closes_all(grace)


def test_only_channels_both_are_in(house: House, grace: Person) -> None:
    writes(grace, to="Post to a channel", channel="C0GENERAL")
    assert grace.sees("I'm not in that channel. Invite me there with /invite @homeroom")
    assert grace.sees("What do you want to say?")
    house.http.post("/rehearsal/leave", json={"person": grace.key, "channel": "C0LEARN"})
    grace.submits(channel="C0LEARN")
    house.quiet()


def test_submitting_twice_is_one_announcement(house: House, grace: Person, ada: Person) -> None:
    enroll(house, "user_ada")
    writes(grace, "Once.")
    view = grace.modal()
    for _ in range(3):
        grace.http.post("/rehearsal/submit", json={"person": grace.key, "view": view["id"], "values": {}})
    goes(house)
    assert len([text for text in unasked(ada) if "Once." in text]) == 1
    assert len(rows(house)) == 1


def test_a_scheduled_one_is_moved_and_cancelled(house: House, grace: Person, ada: Person) -> None:
    enroll(house, "user_ada")
    later = WEDNESDAY + timedelta(days=1)
    writes(grace, "Tomorrow.", when=str(int(later.timestamp())))
    grace.presses("Schedule")
    assert grace.sees("Scheduled: it leaves")
    goes(house)
    assert "Tomorrow." not in ada.screen()
    grace.clicks("All announcements")
    grace.clicks("Edit")
    assert grace.sees("It stays as it is until you confirm what you change.")
    grace.submits(words="Later.", when=str(int((later + timedelta(hours=1)).timestamp())))
    assert grace.sees("Later.")
    assert [one.words for one in rows(house) if one.state == announcements.SCHEDULED] != ["Later."]
    grace.presses("Schedule")
    assert grace.sees("Scheduled: it leaves")
    house.turns_to(later)
    goes(house)
    assert "Later." not in ada.screen()
    grace.clicks("All announcements")
    assert "Tomorrow." not in grace.screen()
    grace.clicks("Cancel it")
    assert grace.sees("Cancelled. Nobody gets it.")
    house.turns_to(later + timedelta(hours=1, minutes=1))
    goes(house)
    assert "Later." not in ada.screen()
    assert [one.state for one in rows(house)] == [announcements.CANCELLED]


def test_a_change_nobody_confirmed_changes_nothing(house: House, grace: Person, ada: Person) -> None:
    """Clearing the time in the form must not send it, and what went meanwhile can't be changed any more."""
    enroll(house, "user_ada")
    later = WEDNESDAY + timedelta(days=1)
    writes(grace, "Tomorrow.", when=str(int(later.timestamp())))
    grace.submits()
    grace.clicks("All announcements")
    grace.clicks("Edit")
    grace.submits(words="At once.", when=None)
    assert grace.sees("Goes to everyone enrolled by DM, at once.")
    goes(house)
    assert "At once." not in ada.screen()
    house.turns_to(later + timedelta(minutes=1))
    goes(house)
    assert ada.sees("Tomorrow.")
    grace.submits()
    assert grace.sees("That can't be done now")
    goes(house)
    assert "At once." not in ada.screen()


def test_an_admin_approves_what_they_saw(house: House, grace: Person, radia: Person) -> None:
    house.slack.rehearsal.stage.workspaces["T0HOME"].channels["C0LEARN"].crowd = 600
    writes(grace, "Harmless.", to="Post to a channel", channel="C0LEARN")
    assert grace.sees("in the channel.")
    grace.presses("Ask an admin")
    goes(house)
    grace.clicks("All announcements")
    grace.clicks("Edit")
    grace.submits(words="Not harmless.", to="Post to a channel", channel="C0LEARN")
    grace.presses("Ask an admin")
    radia.goes_to("D0RADIA")
    radia.clicks("Approve")
    assert radia.sees("This was changed since you looked at it.")
    goes(house)
    assert rows(house)[0].state == announcements.ASKED
    radia.clicks("Approve", beside="Not harmless.")
    assert radia.sees("Approved. Its author has been told.")


def test_whoever_sends_a_held_one_must_be_in_its_channel(house: House, grace: Person, radia: Person) -> None:
    writes(grace, "In the room.", to="Post to a channel", channel="C0LEARN", when=at(WEDNESDAY + timedelta(days=1)))
    grace.submits()
    loses_the_role(house, "user_grace")
    goes(house)
    house.http.post("/rehearsal/membership", json={"person": radia.key, "channel": "C0LEARN", "joined": False})
    radia.types(f"/teach announce {BASICS}")
    radia.clicks("Earlier announcements")
    radia.clicks("Send now")
    assert radia.sees("You aren't in that channel yourself.")
    assert rows(house)[0].state == announcements.HELD


def test_a_post_held_up_for_more_than_an_hour_asks_its_author(house: House, grace: Person, mary: Person) -> None:
    writes(grace, "Lunch at one.", to="Post to a channel", channel="C0LEARN")
    with house.program.database.write() as session:
        pauses.pause(session, pauses.KIND, POST, by="U0RADIA", because="", now=WEDNESDAY)
    grace.submits()
    closes_all(grace)
    house.program.scheduler.follow()
    house.turns_to(WEDNESDAY + timedelta(hours=2))
    with house.program.database.write() as session:
        pauses.resume(session, pauses.KIND, POST)
    goes(house)
    mary.goes_to("C0LEARN")
    assert "Lunch at one." not in mary.screen()
    grace.goes_to("D0GRACE")
    grace.clicks("Post it now")
    goes(house)
    assert len([text for text in unasked(mary) if "Lunch at one." in text]) == 1
    with house.program.database.read() as session:
        assert len(kinds(session, POST)) == 2


def test_taken_back_while_its_post_is_on_its_way(house: House, grace: Person, mary: Person) -> None:
    writes(grace, "Oops.", to="Post to a channel", channel="C0LEARN")
    grace.submits()
    house.program.scheduler.follow()
    with house.program.database.write() as session:
        (row,) = session.exec(select(Announcement)).all()
        (post,) = kinds(session, POST)
        post.state, post.try_at = SENDING, datetime.now(UTC) + timedelta(hours=1)
        session.flush()
        grace_ = members.identify(session, "T0HOME", "U0GRACE")
        assert grace_ is not None
        announcing.take_back(session, grace_, row.id or 0, house.clock())
        sendoffs.follow_edits(session, "T0HOME", house.clock(), datetime.now(UTC))
        assert announcements.get(session, row.id or 0).is_editing


def test_a_scheduled_one_goes_at_its_time(house: House, grace: Person, ada: Person) -> None:
    enroll(house, "user_ada")
    later = WEDNESDAY + timedelta(days=1)
    writes(grace, "Tomorrow.", when=str(int(later.timestamp())))
    grace.submits()
    house.turns_to(later + timedelta(minutes=1))
    goes(house)
    assert ada.sees("Tomorrow.")


def test_more_than_an_hour_late_it_asks_first(house: House, grace: Person, ada: Person) -> None:
    enroll(house, "user_ada")
    later = WEDNESDAY + timedelta(days=1)
    writes(grace, "Tomorrow.", when=str(int(later.timestamp())))
    grace.submits()
    closes_all(grace)
    house.turns_to(later + timedelta(hours=2))
    goes(house)
    assert "Tomorrow." not in ada.screen()
    grace.goes_to("D0GRACE")
    assert grace.sees("I was asleep. Send it all the same?")
    grace.clicks("Send now")
    assert grace.sees("It's on its way.")
    goes(house)
    assert ada.sees("Tomorrow.")


def test_more_than_200_people_wait_for_an_admin(house: House, grace: Person, radia: Person) -> None:
    crowd(house, 201)
    writes(grace, "All of you.")
    assert grace.sees("201 people by DM.")
    grace.presses("Ask an admin")
    assert grace.sees("I've asked the admins.")
    goes(house)
    assert rows(house)[0].state == announcements.ASKED
    radia.goes_to("D0RADIA")
    assert radia.sees("wants to announce this in Python Basics")
    radia.clicks("Approve")
    assert radia.sees("Approved. Its author has been told.")
    house.program.scheduler.follow()
    house.program.scheduler.remind()
    assert rows(house)[0].state == announcements.GOING
    with house.program.database.read() as session:
        waiting = len(kinds(session, ANNOUNCEMENT))
        assert 0 < waiting < 201, "people are let in as fast as the workspace takes messages"
        assert session.exec(select(Recipient)).all()


def test_an_admin_declines_and_the_author_may_change_it(house: House, grace: Person, radia: Person) -> None:
    house.slack.rehearsal.stage.workspaces["T0HOME"].channels["C0LEARN"].crowd = 600
    writes(grace, "Everybody.", to="Post to a channel", channel="C0LEARN")
    grace.presses("Ask an admin")
    closes_all(grace)
    goes(house)
    radia.goes_to("D0RADIA")
    radia.clicks("Decline")
    goes(house)
    grace.goes_to("D0GRACE")
    assert grace.sees("didn't approve your announcement")
    assert rows(house)[0].state == announcements.HELD


def test_one_a_week_and_never_to_those_who_muted(house: House, grace: Person, ada: Person, mary: Person) -> None:
    enroll(house, "user_ada", "user_mary")
    mary.types("/learn reminders")
    announces(house, grace, "First.")
    assert ada.sees("First.")
    closes_all(grace)
    writes(grace, "Second.")
    assert grace.sees("2 people heard from this course within a week and won't get it.")
    assert grace.sees("0 people by DM.")
    grace.submits()
    assert grace.sees("Nobody would get this now.")
    house.turns_to(WEDNESDAY + timedelta(days=8))
    closes_all(grace)
    announces(house, grace, "Second.")
    assert ada.sees("Second.")


def test_each_is_told_within_their_own_working_hours(house: House, grace: Person, ada: Person, mary: Person) -> None:
    """At eight in the morning in London it is three at night in New York."""
    enroll(house, "user_ada", "user_mary")
    house.turns_to(WEDNESDAY.replace(hour=9))
    announces(house, grace, "Good morning.")
    assert ada.sees("Good morning.")
    assert "Good morning." not in mary.screen()
    house.turns_to(WEDNESDAY.replace(hour=13, minute=30))
    goes(house)
    assert mary.sees("Good morning.")


def test_its_author_sees_how_far_it_is_and_stops_it(house: House, grace: Person, ada: Person, mary: Person) -> None:
    """Ada's day began; Mary and four others are asleep in New York."""
    crowd(house, 4)
    enroll(house, "user_ada", "user_mary")
    for number in range(4):
        house.person(f"UN{number:03}").changes_profile(tz="America/New_York")
    house.turns_to(WEDNESDAY.replace(hour=9))
    announces(house, grace, "Good morning.")
    closes_all(grace)
    assert ada.sees("Good morning.")
    grace.goes_to("D0GRACE")
    assert grace.sees("On its way")
    assert grace.sees("Delivered: fewer than 5\nStill to be told: almost everybody, the next from")
    grace.clicks("Stop")
    assert grace.sees("Stopped")
    assert grace.sees("its author stopped it")
    house.turns_to(WEDNESDAY.replace(hour=14))
    goes(house)
    assert "Good morning." not in mary.screen()
    assert "Good morning." not in house.person("UN000").screen()
    assert [one.state for one in rows(house)] == [announcements.STOPPED]


def test_correcting_and_taking_back(house: House, grace: Person, ada: Person) -> None:
    enroll(house, "user_ada")
    announces(house, grace, "Chapter too is new.", to="Both", channel="C0LEARN")
    grace.clicks("All announcements")
    grace.clicks("Correct")
    grace.submits(words="Chapter two is new.")
    goes(house)
    assert ada.sees("Chapter two is new.")
    assert "Chapter too" not in ada.screen()
    ada.goes_to("C0LEARN")
    assert ada.sees("Chapter two is new.")
    grace.clicks("Take back")
    grace.clicks("Take it back")
    assert grace.sees("Taken back")
    goes(house)
    assert "Chapter two" not in ada.screen()
    ada.goes_to("D0ADA")
    assert "Chapter two" not in ada.screen()
    with house.program.database.read() as session:
        told = {entry.action for entry in audit.latest(session, AUDITED, before_id=10**12, about=None, most=50)}
    assert told == set(AUDITED)


AUDITED = ["announcement.confirmed", "announcement.corrected", "announcement.taken back"]


def test_revoking_an_instructor_holds_what_they_scheduled(
    house: House, grace: Person, ada: Person, radia: Person
) -> None:
    enroll(house, "user_ada")
    later = WEDNESDAY + timedelta(days=1)
    writes(grace, "Tomorrow.", when=str(int(later.timestamp())))
    grace.submits()
    closes_all(grace)
    loses_the_role(house, "user_grace")
    goes(house)
    assert rows(house)[0].state == announcements.HELD
    grace.goes_to("D0GRACE")
    assert grace.sees("is held: its author may no longer announce this.")
    radia.goes_to("D0RADIA")
    assert radia.sees("1 scheduled announcement held")
    house.turns_to(later)
    goes(house)
    assert "Tomorrow." not in ada.screen()
    radia.types(f"/teach announce {BASICS}")
    radia.clicks("Earlier announcements")
    radia.clicks("Send now")
    goes(house)
    assert ada.sees("From Radia Perlman, admin")


def test_the_courses_instructor_hears_when_a_co_teachers_is_held(
    house: House, grace: Person, mary: Person, ada: Person
) -> None:
    enroll(house, "user_ada")
    makes_an_instructor(house, "user_mary")
    adds(grace, "Mary Jackson")
    later = WEDNESDAY + timedelta(days=1)
    writes(mary, "Tomorrow.", when=at(later))
    mary.submits()
    grace.clicks("Remove", beside="U0MARY")
    closes_all(grace)
    house.turns_to(later)
    goes(house)
    assert rows(house)[0].state == announcements.HELD
    grace.goes_to("D0GRACE")
    assert grace.sees("Mary Jackson's announcement in *Python Basics* is held: its author may no longer announce this.")
    grace.clicks("Send now")
    goes(house)
    assert ada.sees("From Grace Hopper, instructor")


def test_who_withdrew_or_unlinked_meanwhile_is_left_out(house: House, grace: Person, ada: Person, mary: Person) -> None:
    enroll(house, "user_ada", "user_mary")
    later = WEDNESDAY + timedelta(days=1)
    writes(grace, "Tomorrow.", when=str(int(later.timestamp())))
    grace.submits()
    ada.types(f"/learn withdraw {BASICS}")
    with house.program.database.write() as session:
        links.unlink(session, "T0HOME", "U0MARY")
    house.turns_to(later)
    goes(house)
    assert "Tomorrow." not in ada.screen()
    assert "Tomorrow." not in mary.screen()


def test_a_failing_recipient_harms_nobody(house: House, grace: Person, ada: Person, mary: Person) -> None:
    enroll(house, "user_ada", "user_mary")
    writes(grace, "To both.")
    grace.submits()
    house.http.post("/rehearsal/people", json={"team": "T0HOME", "id": "U0MARY", "deleted": True})
    goes(house)
    goes(house)
    assert len([text for text in unasked(ada) if "To both." in text]) == 1
    assert rows(house)[0].state == announcements.SENT


def test_the_digest_of_the_day_leaves_the_course_out(house: House, grace: Person, ada: Person) -> None:
    house.turns_on_reminders()
    house.turns_to(datetime(2027, 3, 1, 12, 0, tzinfo=UTC))
    ada.types(f"/learn enroll {BASICS}")
    house.program.scheduler.follow()
    house.turns_to(datetime(2027, 3, 5, 8, 30, tzinfo=UTC))
    announces(house, grace, "Early bird.")
    assert ada.sees("Early bird.")
    house.turns_to(datetime(2027, 3, 5, 9, 1, tzinfo=UTC))
    house.reminds()
    assert "Next: *Say hello*" not in ada.screen()
    with house.program.database.read() as session:
        reminder = kinds(session, "reminder")[-1]
        assert (reminder.state, reminder.reason) == ("suppressed", "announced")


def test_a_post_of_unknown_fate_asks_its_author(house: House, grace: Person, mary: Person) -> None:
    writes(grace, "Is it there?", to="Post to a channel", channel="C0LEARN")
    house.breaks("chat.postMessage", "drop", times=1)
    grace.submits()
    closes_all(grace)
    goes(house)
    grace.goes_to("D0GRACE")
    assert grace.sees("Look there, and tell me.")
    mary.goes_to("C0LEARN")
    before = len([text for text in unasked(mary) if "Is it there?" in text])
    grace.clicks("It's there")
    assert grace.sees("Good, then it stays as it is.")
    goes(house)
    assert rows(house)[0].state == announcements.SENT
    assert len([text for text in unasked(mary) if "Is it there?" in text]) == before


def test_a_post_of_unknown_fate_is_taken_back_once_somebody_presses_it(
    house: House, grace: Person, mary: Person
) -> None:
    writes(grace, "Is it there?", to="Post to a channel", channel="C0LEARN")
    house.breaks("chat.postMessage", "drop", times=1)
    grace.submits()
    goes(house)
    grace.types(f"/teach announce {BASICS}")
    grace.clicks("Earlier announcements")
    grace.clicks("Take back")
    grace.clicks("Take it back")
    goes(house)
    mary.goes_to("C0LEARN")
    assert mary.sees("Is it there?")
    mary.clicks("Open lesson")
    assert mary.sees("That announcement was taken back.")
    goes(house)
    closes_all(mary)
    assert mary.sees_no_more("Is it there?")


def test_posting_again_is_once(house: House, grace: Person, mary: Person) -> None:
    writes(grace, "Is it there?", to="Post to a channel", channel="C0LEARN")
    house.breaks("chat.postMessage", "drop_before", times=1)
    grace.submits()
    closes_all(grace)
    goes(house)
    mary.goes_to("C0LEARN")
    assert "Is it there?" not in mary.screen()
    grace.goes_to("D0GRACE")
    asks = [one for one in grace.messages() if "Look there, and tell me." in one["text"]][-1]
    row = next(block for block in asks["blocks"] if block["type"] == "actions")
    again = {"person": grace.key, "message": {"channel": "D0GRACE", "ts": asks["ts"]}, "block_id": row["block_id"]}
    for _ in range(2):
        house.http.post("/rehearsal/click", json={**again, "action_id": row["elements"][1]["action_id"]})
    goes(house)
    assert len([text for text in unasked(mary) if "Is it there?" in text]) == 1


def test_announce_this_message(house: House, grace: Person, ada: Person) -> None:
    """Its words come along as they read, calling nobody, and below what was begun before."""
    enroll(house, "user_ada")
    grace.types(f"/teach announce {BASICS}")
    grace.begins_to_type(words="I began this.")
    closes_all(grace)
    ada.goes_to("C0LEARN")
    ada.types("Tabs *or* spaces & https://example.com for @channel: spaces.")
    grace.goes_to("C0LEARN")
    grace.uses("Announce this message", on="Tabs")
    grace.submits(course=BASICS)
    assert grace.sees("You began this before. The message stands below your words.")
    grace.submits(to="Send to people by DM", people="Everyone enrolled")
    assert grace.sees("I began this.")
    assert grace.sees("Tabs or spaces & https://example.com for @channel: spaces.")
    grace.submits()
    goes(house)
    ada.goes_to("D0ADA")
    assert ada.sees("Tabs or spaces & https://example.com for @channel: spaces.")


def test_threads_under_it_work_by_mention(house: House, grace: Person, mary: Person) -> None:
    announces(house, grace, "Ask me anything.", to="Post to a channel", channel="C0LEARN")
    mary.goes_to("C0LEARN")
    post = [message for message in mary.messages() if "Ask me anything." in message["text"]][-1]
    mary.thread = post["ts"]
    mary.types("@homeroom courses")
    assert mary.sees(BASICS)


def test_what_is_typed_is_kept_and_too_long_is_said(house: House, grace: Person) -> None:
    grace.types(f"/teach announce {BASICS}")
    grace.begins_to_type(words="Not finished")
    closes_all(grace)
    grace.types(f"/teach announce {BASICS}")
    assert grace.sees("You began this before.")
    assert "Not finished" in str(grace.modal())
    grace.submits(words="x" * 3001, to="Send to people by DM", people="Everyone enrolled")
    assert grace.errors == {"words": "That is 1 character too long. A lesson has room for more."}
    grace.submits(words="y", to="Send to people by DM", people="Those stuck before this lesson")
    assert grace.errors == {"lesson": "Choose the lesson they are stuck before."}
    grace.submits(words="y", to="Post to a channel")
    assert grace.errors == {"channel": "Choose the channel to post to."}
    everybody = {"to": "Send to people by DM", "people": "Everyone enrolled"}
    grace.submits(words="y", when=at(WEDNESDAY - timedelta(hours=1)), **everybody)
    assert grace.errors == {"when": "That moment has passed. Choose a later one, or leave it empty to send at once."}
    grace.clicks("Throw away")
    assert grace.sees("Thrown away. Nothing was sent.")


def test_only_who_teaches_the_course_announces(house: House, mary: Person, ada: Person) -> None:
    ada.types(f"/teach announce {BASICS}")
    assert ada.sees("That is for instructors.")
    with house.program.database.write() as session:
        a_user(session, "teacher", "Instructor")
    mary.types(f"/teach announce {BASICS}")
    assert mary.sees("That is for instructors.")
