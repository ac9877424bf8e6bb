"""Whom an announcement is for, when each may be told, and how they are let into the ledger, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import (
    announcements,
    announcing,
    approvals,
    audiences,
    channels,
    completions,
    coursechannels,
    enrollments,
    leases,
    links,
    members,
    mutes,
    paces,
    places,
    progress,
    receipts,
    recipients,
    roles,
    sendoffs,
)
from models.announcements import ENROLLED, GOING, NOT_STARTED, SENT, STUCK, UNFINISHED, Announcement, Content
from models.audiences import Reached
from models.channels import Channel
from models.courses import Lesson
from models.deliveries import Delivery
from models.members import Caller, Profile
from models.switches import ANNOUNCEMENT, EDIT
from tests.school import a_course, a_crowd, a_user

WEDNESDAY = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)
TEAM = "T1"


def joins(session: Session, name: str, *held: str, tz: str = "UTC") -> str:
    user = a_user(session, name, *held)
    members.remember(session, Profile(TEAM, f"U{name.upper()}", name, name.title(), tz=tz), WEDNESDAY)
    links.link(session, TEAM, f"U{name.upper()}", user.id, WEDNESDAY)
    return user.id


def a_school(session: Session, *learners: str) -> int:
    """Grace teaches Knots, of three lessons, to these."""
    joins(session, "grace", roles.INSTRUCTOR)
    course = a_course(session, "Knots", ["Bowline", "Sheet bend", "Clove hitch"])
    assert course.id is not None
    if learners:
        a_crowd(session, learners, course.id, TEAM, WEDNESDAY)
    return course.id


def an_announcement(
    session: Session,
    course_id: int,
    audience: str | None,
    *,
    lesson_id: int | None = None,
    channel_id: str | None = None,
) -> Announcement:
    made = announcements.begin(session, course_id, "user_grace", TEAM, "UGRACE", WEDNESDAY)
    content = Content('{"type": "rich_text", "elements": []}', lesson_id, audience, channel_id, None)
    announcements.write(session, made, content)
    return announcements.get(session, made)


def grace(session: Session) -> Caller:
    caller = members.identify(session, TEAM, "UGRACE")
    assert caller is not None
    return caller


def is_for(session: Session, announcement: Announcement) -> set[str]:
    return {one.removeprefix("user_") for one in audiences.next_of(session, announcement, "", WEDNESDAY)}


def lesson(session: Session, title: str) -> int:
    return session.exec(select(Lesson.id).where(Lesson.title == title)).one() or 0


def goes(session: Session, announcement: Announcement, now: datetime = WEDNESDAY) -> Announcement:
    """It is confirmed, and a tick comes."""
    assert announcement.id is not None
    announcing.confirm(session, grace(session), announcement.id, now, now)
    sendoffs.let_go(session, TEAM, now, now)
    while sendoffs.look_for_people(session, announcement.id, now, frozenset()):
        pass
    sendoffs.let_people_in(session, TEAM, now, now)
    return announcements.get(session, announcement.id)


def sends(session: Session, now: datetime = WEDNESDAY) -> int:
    """What is in the ledger is sent."""
    count = 0
    while True:
        leased = leases.lease(session, TEAM, now + timedelta(seconds=2 * count), 50)
        if not leased:
            return count
        for one in leased:
            count += 1
            leases.sent(session, one, f"{1000 + one.delivery_id}.0", now)


def test_each_audience_is_who_it_says(any_session: Session) -> None:
    course_id = a_school(any_session, "new", "opened", "begun", "stuck", "done")
    first, second, third = (lesson(any_session, title) for title in ("Bowline", "Sheet bend", "Clove hitch"))
    places.keep(any_session, "user_opened", first, 1, WEDNESDAY)
    progress.complete(any_session, "user_begun", second, WEDNESDAY)
    progress.complete(any_session, "user_stuck", first, WEDNESDAY)
    for one in (first, second, third):
        progress.complete(any_session, "user_done", one, WEDNESDAY)
    assert completions.finished(any_session, "user_done")
    everyone = {"new", "opened", "begun", "stuck", "done"}
    assert is_for(any_session, an_announcement(any_session, course_id, ENROLLED)) == everyone
    assert is_for(any_session, an_announcement(any_session, course_id, NOT_STARTED)) == {"new"}
    assert is_for(any_session, an_announcement(any_session, course_id, UNFINISHED)) == everyone - {"done"}
    before = an_announcement(any_session, course_id, STUCK, lesson_id=second)
    assert is_for(any_session, before) == {"stuck"}
    at_first = an_announcement(any_session, course_id, STUCK, lesson_id=first)
    assert is_for(any_session, at_first) == {"new", "opened", "begun"}


def test_who_muted_left_or_is_its_author_is_not_told(any_session: Session) -> None:
    course_id = a_school(any_session, "ada", "mary", "linus")
    enrollments.enroll(any_session, "user_grace", course_id, WEDNESDAY)
    mutes.mute(any_session, "user_mary", course_id)
    members.remember(any_session, Profile(TEAM, "ULINUS", "linus", "Linus", is_deleted=True), WEDNESDAY)
    announcement = an_announcement(any_session, course_id, ENROLLED)
    assert audiences.count(any_session, announcement, WEDNESDAY) == Reached(told=1, muted=1, heard=0)
    assert is_for(any_session, announcement) == {"ada"}


def test_more_than_a_batch_are_put_down_once_each(any_session: Session) -> None:
    course_id = a_school(any_session)
    a_crowd(any_session, [f"n{number:04}" for number in range(1203)], course_id, TEAM, WEDNESDAY)
    announcement = an_announcement(any_session, course_id, ENROLLED)
    assert announcement.id is not None
    announcements.change(any_session, announcement.id, state=GOING, added_past="", began_at=WEDNESDAY)
    rounds = 1
    while sendoffs.look_for_people(any_session, announcement.id, WEDNESDAY, frozenset()):
        rounds += 1
    assert rounds == 3
    assert receipts.receipt(any_session, announcement).waiting == 1203
    assert announcements.get(any_session, announcement.id).added_past is None


def test_people_are_let_in_as_fast_as_the_workspace_takes_messages(any_session: Session) -> None:
    course_id = a_school(any_session, *(f"n{number:03}" for number in range(150)))
    announcement = goes(any_session, an_announcement(any_session, course_id, ENROLLED))
    assert announcement.id is not None
    first = len(any_session.exec(select(Delivery).where(Delivery.kind == ANNOUNCEMENT)).all())
    assert first == int(paces.FIRST_RATE * sendoffs.SECONDS_AHEAD)
    assert sendoffs.let_people_in(any_session, TEAM, WEDNESDAY, WEDNESDAY) == 0
    assert sends(any_session) == first + 1  # and the author's own message
    assert sendoffs.let_people_in(any_session, TEAM, WEDNESDAY, WEDNESDAY) > 0


def test_it_is_over_when_everybody_was_told(any_session: Session) -> None:
    course_id = a_school(any_session, "ada", "mary")
    announcement = goes(any_session, an_announcement(any_session, course_id, ENROLLED))
    assert announcement.id is not None
    assert len(sendoffs.finish(any_session, TEAM, WEDNESDAY, WEDNESDAY)) == 1
    sends(any_session)
    assert sendoffs.finish(any_session, TEAM, WEDNESDAY, WEDNESDAY) == ()
    assert announcements.get(any_session, announcement.id).state == SENT
    told = receipts.receipt(any_session, announcement)
    assert (told.delivered, told.waiting, told.opened, told.completed) == (2, 0, 0, 0)


def test_the_receipt_counts_who_opened_and_who_completed_since(any_session: Session) -> None:
    course_id = a_school(any_session, "ada", "mary")
    first = lesson(any_session, "Bowline")
    progress.complete(any_session, "user_mary", first, WEDNESDAY - timedelta(days=1))
    announcement = goes(any_session, an_announcement(any_session, course_id, ENROLLED, lesson_id=first))
    assert announcement.id is not None
    sends(any_session)
    recipients.opened(any_session, announcement.id, "user_ada", WEDNESDAY)
    recipients.opened(any_session, announcement.id, "user_ada", WEDNESDAY + timedelta(hours=1))
    progress.complete(any_session, "user_ada", first, WEDNESDAY + timedelta(hours=1))
    told = receipts.receipt(any_session, announcement)
    assert (told.delivered, told.opened, told.completed) == (2, 1, 1)


def test_a_second_one_within_a_week_gives_way(any_session: Session) -> None:
    course_id = a_school(any_session, "ada")
    first = goes(any_session, an_announcement(any_session, course_id, ENROLLED))
    second = an_announcement(any_session, course_id, ENROLLED)
    assert audiences.count(any_session, second, WEDNESDAY) == Reached(told=0, muted=0, heard=1)
    own = any_session.exec(select(Delivery).where(Delivery.kind == ANNOUNCEMENT)).one().id or 0
    assert audiences.why_not(any_session, first, "user_ada", own, WEDNESDAY) is None
    sends(any_session)
    assert audiences.why_not(any_session, second, "user_ada", own + 1, WEDNESDAY) == "heard"
    later = WEDNESDAY + timedelta(days=7, seconds=1)
    assert audiences.why_not(any_session, second, "user_ada", own + 1, later) is None
    assert audiences.told_since(any_session, "user_ada", WEDNESDAY - timedelta(hours=1)) == {course_id}


@pytest.mark.parametrize(
    ("tz", "at", "told_at"),
    [
        ("UTC", "2027-03-03T12:00", "2027-03-03T12:00"),
        ("UTC", "2027-03-03T18:00", "2027-03-04T08:00"),
        ("UTC", "2027-03-05T20:00", "2027-03-08T08:00"),
        ("America/New_York", "2027-03-03T08:00", "2027-03-03T13:00"),
        ("Asia/Kolkata", "2027-03-03T12:00", "2027-03-03T12:00"),
        ("Asia/Kolkata", "2027-03-03T12:31", "2027-03-04T02:30"),
        ("Europe/London", "2027-03-26T19:00", "2027-03-29T07:00"),
    ],
)
def test_each_is_told_at_work(session: Session, tz: str, at: str, told_at: str) -> None:
    course_id = a_school(session)
    enrollments.enroll(session, joins(session, "ada", tz=tz), course_id, WEDNESDAY)
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    announcement = an_announcement(session, course_id, ENROLLED)
    assert announcement.id is not None
    announcements.change(session, announcement.id, state=GOING, added_past="", began_at=now)
    sendoffs.look_for_people(session, announcement.id, now, frozenset())
    due = session.exec(select(recipients.Recipient)).one().due_at
    assert due == datetime.fromisoformat(told_at).replace(tzinfo=UTC)


def test_a_correction_reaches_everybody_a_few_at_a_time(any_session: Session) -> None:
    course_id = a_school(any_session, *(f"n{number}" for number in range(10)))
    announcement = goes(any_session, an_announcement(any_session, course_id, ENROLLED))
    assert announcement.id is not None
    sends(any_session)
    sendoffs.finish(any_session, TEAM, WEDNESDAY, WEDNESDAY)
    announcing.correct(any_session, grace(any_session), announcement.id, "{}", WEDNESDAY)
    for expected, is_editing in ((8, True), (10, False), (10, False)):
        sendoffs.follow_edits(any_session, TEAM, WEDNESDAY, WEDNESDAY)
        assert len(any_session.exec(select(Delivery).where(Delivery.kind == EDIT)).all()) == expected
        assert announcements.get(any_session, announcement.id).is_editing is is_editing


def test_what_is_taken_back_reaches_nobody_else(any_session: Session) -> None:
    course_id = a_school(any_session, *(f"n{number:03}" for number in range(100)))
    announcement = goes(any_session, an_announcement(any_session, course_id, ENROLLED))
    assert announcement.id is not None
    announcing.take_back(any_session, grace(any_session), announcement.id, WEDNESDAY)
    assert sendoffs.let_people_in(any_session, TEAM, WEDNESDAY, WEDNESDAY) == 0


def test_what_can_not_be_done_where_it_stands_says_so(any_session: Session) -> None:
    course_id = a_school(any_session, "ada")
    announcement = an_announcement(any_session, course_id, ENROLLED)
    assert announcement.id is not None
    with pytest.raises(announcements.NotThere, match="is still being written"):
        announcing.stop(any_session, grace(any_session), announcement.id, WEDNESDAY)
    with pytest.raises(announcements.AnnouncementGone):
        announcements.get(any_session, announcement.id + 1)
    for _ in range(2):
        announcing.confirm(any_session, grace(any_session), announcement.id, WEDNESDAY, WEDNESDAY)
    announcing.cancel(any_session, grace(any_session), announcement.id, WEDNESDAY)
    with pytest.raises(announcements.NotThere, match="was cancelled"):
        announcing.send_now(any_session, grace(any_session), announcement.id, WEDNESDAY, WEDNESDAY)


def test_only_what_was_looked_at_is_confirmed(any_session: Session) -> None:
    """Its preview stays open in one window while another changes it, perhaps to a channel that was refused."""
    announcement = an_announcement(any_session, a_school(any_session, "ada"), ENROLLED)
    assert announcement.id is not None
    announcements.write(any_session, announcement.id, Content('{"type": "other"}', None, None, "CELSEWHERE", None))
    with pytest.raises(announcements.ChangedSince):
        announcing.confirm(
            any_session, grace(any_session), announcement.id, WEDNESDAY, WEDNESDAY, revision=announcement.revision
        )


def test_words_told_of_late_undo_nothing(any_session: Session) -> None:
    announcement = an_announcement(any_session, a_school(any_session, "ada"), ENROLLED)
    assert announcement.id is not None
    announcements.keep_typed(any_session, announcement.id, "half a", announcement.revision - 1)
    assert announcements.get(any_session, announcement.id).typed == ""
    announcements.keep_typed(any_session, announcement.id, "half a", announcement.revision)
    assert announcements.get(any_session, announcement.id).typed == "half a"


def test_one_that_grew_waits_for_an_admin_when_it_goes(any_session: Session) -> None:
    """A course of one when it was scheduled, of more than 200 when its time comes; an approval holds for 200 more."""
    joins(any_session, "radia", roles.ADMIN)
    course_id = a_school(any_session, "ada")
    announcement = an_announcement(any_session, course_id, ENROLLED)
    assert announcement.id is not None
    announcing.confirm(any_session, grace(any_session), announcement.id, WEDNESDAY, WEDNESDAY)
    crowd = [f"n{number:03}" for number in range(401)]
    a_crowd(any_session, crowd[:201], course_id, TEAM, WEDNESDAY)
    sendoffs.let_go(any_session, TEAM, WEDNESDAY, WEDNESDAY)
    asked = announcements.get(any_session, announcement.id)
    assert (asked.state, asked.recipients) == (announcements.ASKED, 202)
    told = {row.slack_user_id for row in any_session.exec(select(Delivery)).all() if "announcement" in row.key}
    assert told == {"URADIA", "UGRACE"}
    radia = members.identify(any_session, TEAM, "URADIA")
    assert radia is not None
    a_crowd(any_session, crowd[201:], course_id, TEAM, WEDNESDAY)
    approvals.approve(any_session, radia, announcement.id, asked.revision, WEDNESDAY, WEDNESDAY)
    sendoffs.let_go(any_session, TEAM, WEDNESDAY, WEDNESDAY)
    assert announcements.get(any_session, announcement.id).state == GOING


def test_what_is_changed_after_an_approval_needs_another(any_session: Session) -> None:
    joins(any_session, "radia", roles.ADMIN)
    course_id = a_school(any_session, *(f"n{number:03}" for number in range(201)))
    announcement = an_announcement(any_session, course_id, ENROLLED)
    assert announcement.id is not None
    later = WEDNESDAY + timedelta(days=1)
    announcements.change(any_session, announcement.id, leaves_at=later)
    asked = announcing.confirm(any_session, grace(any_session), announcement.id, WEDNESDAY, WEDNESDAY)
    radia = members.identify(any_session, TEAM, "URADIA")
    assert radia is not None
    approvals.approve(any_session, radia, announcement.id, asked.revision, WEDNESDAY, WEDNESDAY)
    anew = announcements.begin_anew(any_session, asked, "user_grace", WEDNESDAY)
    assert announcements.begin_anew(any_session, asked, "user_grace", WEDNESDAY) == anew
    assert announcements.begun(any_session, course_id, "user_grace") is None
    assert announcements.get(any_session, announcement.id).state == announcements.SCHEDULED
    again = announcing.confirm(any_session, grace(any_session), anew, WEDNESDAY, WEDNESDAY)
    assert (again.id, again.state, again.leaves_at) == (announcement.id, announcements.ASKED, later)


def test_before_a_lesson_that_is_gone_nobody_is_stuck(any_session: Session) -> None:
    course_id = a_school(any_session, "ada")
    bowline = lesson(any_session, "Bowline")
    announcement = an_announcement(any_session, course_id, STUCK, lesson_id=bowline)
    assert announcement.id is not None
    announcing.confirm(any_session, grace(any_session), announcement.id, WEDNESDAY, WEDNESDAY)
    any_session.get_one(Lesson, bowline).removed_at = WEDNESDAY
    any_session.flush()
    assert audiences.count(any_session, announcement, WEDNESDAY).told == 0
    sendoffs.let_go(any_session, TEAM, WEDNESDAY, WEDNESDAY)
    held = announcements.get(any_session, announcement.id)
    assert (held.state, held.because) == (announcements.HELD, "lesson")


def test_taking_one_back_does_not_wait_for_another_that_is_still_going(any_session: Session) -> None:
    """Sam is asleep until tomorrow, so the corrected one goes on; what was taken back is deleted at once."""
    course_id = a_school(any_session, "ada")
    enrollments.enroll(any_session, joins(any_session, "sam", tz="Pacific/Auckland"), course_id, WEDNESDAY)
    first = goes(any_session, an_announcement(any_session, course_id, ENROLLED))
    sends(any_session)
    known = Channel(team_id=TEAM, channel_id="C1", name="knots", members=9, has_us=True, learned_at=WEDNESDAY)
    channels.learn(any_session, [known])
    second = goes(any_session, an_announcement(any_session, course_id, None, channel_id="C1"))
    assert first.id is not None
    assert second.id is not None
    announcements.change(any_session, second.id, state=announcements.SENT)
    sends(any_session, WEDNESDAY + timedelta(minutes=1))
    announcing.correct(any_session, grace(any_session), first.id, "{}", WEDNESDAY)
    announcing.take_back(any_session, grace(any_session), second.id, WEDNESDAY)
    sendoffs.follow_edits(any_session, TEAM, WEDNESDAY, WEDNESDAY)
    edits = any_session.exec(select(Delivery).where(Delivery.kind == EDIT)).all()
    assert {row.user_id for row in edits} == {"user_ada", None}
    assert announcements.get(any_session, first.id).is_editing
    assert not announcements.get(any_session, second.id).is_editing


def test_the_receipt_misses_nobody(any_session: Session) -> None:
    """Who unlinked before their turn is in no ledger, and still counted; so are those for whom it was stopped."""
    course_id = a_school(any_session, "ada", "mary")
    announcement = an_announcement(any_session, course_id, ENROLLED)
    assert announcement.id is not None
    announcing.confirm(any_session, grace(any_session), announcement.id, WEDNESDAY, WEDNESDAY)
    sendoffs.let_go(any_session, TEAM, WEDNESDAY, WEDNESDAY)
    sendoffs.look_for_people(any_session, announcement.id, WEDNESDAY, frozenset())
    links.unlink(any_session, TEAM, "UMARY")
    sendoffs.let_people_in(any_session, TEAM, WEDNESDAY, WEDNESDAY)
    sends(any_session)
    told = receipts.receipt(any_session, announcements.get(any_session, announcement.id))
    assert (told.delivered, told.left_out, told.settled) == (1, (("not reached", 1),), 2)


def test_a_course_goes_with_one_channel(any_session: Session) -> None:
    course_id = a_school(any_session)
    coursechannels.tie(any_session, course_id, TEAM, "C1", coursechannels.OFFER)
    coursechannels.tie(any_session, course_id, TEAM, "C2", coursechannels.ENROLL)
    assert coursechannels.courses_in(any_session, TEAM, "C1") == ()
    assert coursechannels.courses_in(any_session, TEAM, "C2") == ((course_id, "Knots", coursechannels.ENROLL),)
    assert coursechannels.untie(any_session, course_id)
    assert coursechannels.of(any_session, course_id) is None
