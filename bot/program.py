"""The program: every part made and joined, started and stopped, in one place."""

import logging
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slack_sdk import WebClient
from sqlalchemy import text
from starlette.routing import Route

from bot import turns
from bot.afterwards import Afterwards
from bot.answers import Answers, Lane
from bot.channels import learn_channels
from bot.delivery import Sender
from bot.door import Door
from bot.events import Events
from bot.holidays import Holidays
from bot.installations import Installations
from bot.people import learn_everyone
from bot.scheduler import DAY, HOUR, Scheduler
from bot.settings import Settings
from bot.slack import build_app
from bot.web import build_web
from handlers import deliveries
from handlers.requests import Context, Portal
from models import audit, grants, revisions, roles, users, workloads
from models.database import Database
from models.errors import DomainError
from models.grants import Terms

if TYPE_CHECKING:
    from bot.clerk import Clerk
    from bot.eventsending import EventSender
    from bot.matching import Matching
    from bot.socketmode import Socket

log = logging.getLogger("homeroom")

THREADS = 16
"""Requests worked on at once. Most of a thread's time is Slack opening a modal; the database takes few at a time."""
HOME_EVERY = 0.05
"""Seconds between two Homes. Slack takes some hundred a minute (docs: rate limits, views.publish), and a crowd
must not have us spend on Homes what its next requests need."""
MOST_HOMES = 10_000
"""People whose Homes may wait to be published."""


class Program:
    """The bot, ready to start. ``web`` is its ASGI application."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.settings = settings
        self.clock = clock
        self.database = Database(settings.database_url, wait=turns.wait)
        self._background = self.database.for_workers()
        with self.database.read() as session:
            if not revisions.is_at_head(session):
                raise DomainError("The database is not up to date. Run `homeroom migrate`, then start again.")
        self.installations = Installations(self.database, settings.slack_bot_token, settings.slack_api_url)
        self.workspace = self.installations.learn(clock())
        self._lanes: dict[Lane, Afterwards] = {
            "prompt": Afterwards(),
            "slow": Afterwards(threads=2),
            "home": Afterwards(threads=1, waiting=MOST_HOMES, every=HOME_EVERY),
        }
        self._holidays = Holidays(settings.holidays)
        self._clerk: Clerk | None = None
        name_first_admins(self.database, settings.first_admins, clock())
        self._holidays.around(clock())
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self.matching = self._matching()
        self._answers = Answers(self.installations, self._lanes, self.context, clock, self.find_match)
        self.bolt = build_app(self._answers)
        self.sender = Sender(
            self._background,
            self.installations.sending,
            self.workspace.team_id,
            lambda leased, now: deliveries.compose(leased, self.context(now)),
            clock,
            lambda: self._holidays.around(clock()),
            check=lambda: self.installations.check(clock()),
        )
        self.events = Events(self._background, self._event_senders())
        self.scheduler = Scheduler(
            self._background,
            self._answers,
            self.sender,
            self.events,
            clock,
            self.workspace.team_id,
            {HOUR: self.look_after_workspace, DAY: self.read_again},
            settings.heartbeat_url,
        )
        self.web = build_web(
            None if settings.is_socket_mode else self._door(),
            self._pool,
            self.is_healthy,
            self.figures,
            [*self._link_pages(), *self._clerk_webhooks()],
        )
        self._socket: Socket | None = None

    def _door(self) -> Door:
        secret, takes_turns = self.settings.slack_signing_secret, self.database.is_sqlite
        return Door(self.bolt, self._answers, secret, self._pool, takes_turns=takes_turns)

    # What only some bots do is imported where they do it: it is a fifth of a start, and of the memory.
    def _matching(self) -> "Matching | None":
        match = self.settings.match
        if match is None or not match.asks:
            return None
        from bot.matching import Matching

        return Matching(self._background, match, self.clock)

    def _event_senders(self) -> "list[EventSender]":
        if self.settings.webhook is None and self.settings.lrs is None:
            return []
        from bot.destinations import of_settings
        from bot.eventsending import EventSender

        return [EventSender(self._background, one, self.clock) for one in of_settings(self.settings)]

    def _link_pages(self) -> list[Route]:
        settings = self.settings
        if not settings.can_link:
            return []
        from bot.clerk import Clerk
        from bot.linking import Linking, routes

        assert settings.clerk_issuer is not None
        assert settings.clerk_client_id is not None
        assert settings.public_url is not None
        portal = urlsplit(settings.portal_url) if settings.portal_url else None
        parties = frozenset({f"{portal.scheme}://{portal.netloc}"} if portal else ())
        self._clerk = Clerk(settings.clerk_issuer, settings.clerk_client_id, settings.clerk_client_secret)
        linking = Linking(
            self.database,
            self._clerk,
            settings.public_url,
            settings.portal_name,
            self.clock,
            self._answers.post,
            parties,
        )
        return routes(linking, self._pool)

    def _clerk_webhooks(self) -> list[Route]:
        secret = self.settings.clerk_webhook_secret
        if secret is None:
            return []
        from bot.webhooks import ClerkWebhooks, route

        refresh, mirrors_roles = self._answers.refresh_home, self.settings.mirrors_roles
        hooks = ClerkWebhooks(self._background, secret, self.clock, refresh, mirrors_roles=mirrors_roles)
        return [route(hooks, self._pool)]

    def context(self, now: datetime) -> Context:
        """What a handler works with at this moment."""
        portal = Portal(self.settings.portal_name, self.settings.portal_url)
        return Context(
            self.database,
            now,
            portal,
            self.installations.look_up,
            video_domains=self.settings.video_domains,
            holidays=self._holidays.around(now),
            away_emoji=self.settings.away_emoji,
            admin_channel=self.settings.admin_channel,
            erases_at_once=self.settings.erases_at_once,
            link_url=f"{(self.settings.public_url or '').rstrip('/')}/link" if self.settings.can_link else None,
            match_domains=self.settings.match.domains if self.matching and self.settings.match else frozenset(),
        )

    def learn_members(self) -> int:
        """Read every member of the workspace from Slack, and have matches looked for; how many members there are."""
        context = self.context(self.clock())
        count = learn_everyone(self._background, self.installations, self.workspace.team_id, context)
        self.find_match(self.workspace.team_id)
        return count

    def mend_workloads(self) -> int:
        """Count anew the courses of which we know another workload than there is; how many they were."""
        with self._background.read() as session:
            wrong = workloads.wrong(session)
        for course_id in wrong:
            with self._background.write() as session:
                workloads.count(session, course_id)
        return len(wrong)

    def read_again(self) -> None:
        """See that the workloads are right, and read every member from Slack."""
        self.mend_workloads()
        self.learn_members()

    def find_match(self, team_id: str, slack_user_id: str | None = None) -> None:
        """Have the accounts looked for that may be those of a workspace's people, or of one of them, soon."""
        if self.matching is not None:
            self.matching.soon(team_id, slack_user_id)

    def look_after_workspace(self) -> None:
        """See whether we are still installed, and where we are, read the channels."""
        if self.installations.check(self.clock()):
            self.learn_channels()

    def learn_channels(self) -> int:
        """Read every channel of the workspace that we may see from Slack; how many there are."""
        return learn_channels(self._background, self.installations, self.workspace.team_id, self.clock())

    def start(self) -> None:
        """Start the clock, and the socket in Socket Mode; learn the workspace's members and channels meanwhile, and see
        that the workloads are right."""
        self.events.start(self.clock())
        self.scheduler.start()
        self.sender.start()
        self._lanes["slow"].add("members", self.learn_members)
        self._lanes["slow"].add("channels", self.learn_channels)
        self._lanes["slow"].add("workloads", self.mend_workloads)
        if self.settings.is_socket_mode:
            from bot.socketmode import Socket

            assert self.settings.slack_app_token is not None
            client = WebClient(base_url=self.settings.slack_api_url, timeout=10)
            self._socket = Socket(self.bolt, self.settings.slack_app_token, client, self._answers, THREADS)
            self._socket.connect()  # type: ignore[no-untyped-call]

    def rests(self, seconds: float) -> bool:
        """True once every answer is given and everything that follows is done, but for Homes, which come at a pace of
        their own; False when it takes longer than so many seconds, or an answer is still being given."""
        if self._answers.in_hand:
            return False
        return all(lane.rests(seconds) for name, lane in self._lanes.items() if name != "home")

    def stop(self, seconds: float = 10.0) -> None:
        """Take nothing new, finish what is in hand within so many seconds, let go of everything."""
        if self._socket is not None:
            self._socket.close()  # type: ignore[no-untyped-call]
        self._pool.shutdown(wait=True)
        self.scheduler.stop()
        self.sender.stop()
        self.events.stop()
        for lane in self._lanes.values():
            lane.stop(seconds)
        if self.matching is not None:
            self.matching.stop()
        if self._clerk is not None:
            self._clerk.close()
        self.database.close()
        self._background.close()

    def figures(self) -> bytes:
        """How sending stands, for Prometheus. Raises `Unavailable` when the database can't be read."""
        from bot.telemetry import exposition

        return exposition(self.database, self.clock)

    def is_healthy(self) -> bool:
        """Whether the database answers."""
        try:
            with self.database.read() as session:
                session.connection().execute(text("SELECT 1"))
        except DomainError:
            return False
        return True


def name_first_admins(database: Database, clerk_ids: Collection[str], now: datetime) -> None:
    """Make these users admins while nobody is; later they are left as they are, so that a revocation stays one."""
    if not clerk_ids:
        return
    with database.write() as session:
        if roles.has_admin(session):
            return
        for clerk_id in clerk_ids:
            users.ensure(session, clerk_id, now=now)
            grants.give_user(session, clerk_id, roles.ADMIN, Terms(audit.CONSOLE, because="HOMEROOM_ADMINS"), now)
