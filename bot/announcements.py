"""What a tick does for announcements: those that are due go, people are let in, authors see how it gets on."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.answers import Answers
from bot.delivery import Sender
from handlers import announced
from models import announcementnotes, announcementqueues, announcements, deliveries, receipts, sendoffs
from models.announcements import Announcement
from models.database import Database


class Announcements:
    """The announcements of one workspace. Any number of processes may tick."""

    def __init__(
        self, database: Database, answers: Answers, sender: Sender, clock: Callable[[], datetime], team_id: str
    ) -> None:
        self._database, self._answers, self._sender = database, answers, sender
        self._clock, self._team_id = clock, team_id

    def let_go(self) -> None:
        """Begin those whose time has come, and look for the people they are for."""
        now = self._clock()
        with self._database.read() as session:
            if not announcementqueues.any_due(session, self._team_id, now):
                return
        with self._database.write() as session:
            sendoffs.let_go(session, self._team_id, now, datetime.now(UTC))
        self._look_for_people(now)
        self._let_people_in(now)
        self._sender.wake()

    def go_on(self) -> None:
        """Let in whose turn it is, have messages follow what was corrected, and finish what is over."""
        now = self._clock()
        with self._database.read() as session:
            queues = announcementqueues.going, announcementqueues.editing
            is_busy = any(queue(session, self._team_id) for queue in queues)
        if not is_busy:
            return
        self._look_for_people(now)
        self._let_people_in(now)
        with self._database.write() as session:
            sendoffs.follow_edits(session, self._team_id, now, datetime.now(UTC))
            before = announcementqueues.going(session, self._team_id)
            sendoffs.finish(session, self._team_id, now, datetime.now(UTC))
        for announcement in before:
            self._show_progress(announcement)

    def _look_for_people(self, now: datetime) -> None:
        """In batches of a transaction each, so that others may write in between."""
        with self._database.read() as session:
            unfinished = [
                one.id for one in announcementqueues.going(session, self._team_id) if one.added_past is not None
            ]
        holidays = self._answers.context_at(now).holidays
        for announcement_id in unfinished:
            assert announcement_id is not None
            is_more = True
            while is_more:
                with self._database.write() as session:
                    is_more = sendoffs.look_for_people(session, announcement_id, now, holidays)

    def _let_people_in(self, now: datetime) -> None:
        with self._database.write() as session:
            sendoffs.let_people_in(session, self._team_id, now, datetime.now(UTC))

    def _show_progress(self, announcement: Announcement) -> None:
        """The author's own message says how far it is, when that has changed."""
        assert announcement.id is not None
        with self._database.write() as session:
            now_stands = announcements.get(session, announcement.id, locks=True)
            settled = receipts.receipt(session, now_stands).settled
            is_over = now_stands.state != announcements.GOING
            told = deliveries.of_keys(session, [announcementnotes.progress_key(now_stands)])
            if not told or told[0].message_ts is None or (settled == now_stands.shown and not is_over):
                return
            announcements.change(session, announcement.id, shown=settled)
            screen = announced.progress(session, announced.told(session, now_stands))
            channel_id, message_ts = str(told[0].channel_id), told[0].message_ts
        self._answers.update(self._team_id, now_stands.slack_user_id, channel_id, message_ts, screen)
