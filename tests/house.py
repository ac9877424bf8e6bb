"""The whole house, running: the rehearsal workspace and the real bot, each on its own port of this machine."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.eventsettings import LrsSettings, WebhookSettings
from bot.manifest import EVENTS_PATH, manifest_for
from bot.program import Program
from bot.sandbox import server
from bot.sandbox.clerk import ClerkSetup
from bot.serving import listen, serve_in_thread
from bot.settings import MatchSettings, Settings
from models import switches
from tests.people import PATIENCE, Person, quiet
from tests.plain import Line

SECRET = "a signing secret for tests"
TOKEN = "xoxb-rehearsal"
APP_TOKEN = "xapp-rehearsal"
PATIENT_SECONDS = 30.0
"""How long the bot has to finish what is in hand: what it was still doing later would have its database closed."""
CLERK = ClerkSetup(
    client_id="homeroom",
    client_secret="a client secret for tests",
    redirect_uris=(),
    secret_key="sk_test_rehearsal",
    webhook_secret="whsec_" + base64.b64encode(b"a webhook secret for tests").decode(),
)


@dataclass
class Clock:
    """The bot's clock, as far ahead of this machine's as a test says."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class House:
    """The running house; ``program`` is the bot, ``http`` speaks to the rehearsal."""

    url: str
    bot_url: str
    program: Program
    http: Line
    clock: Clock
    slack: server.RunningRehearsal

    def person(self, slack_user_id: str, team_id: str = "T0HOME") -> Person:
        """Somebody of the cast."""
        return Person(
            f"{team_id}:{slack_user_id}", self.http, settles=self.quiet, follows=self.program.scheduler.follow
        )

    def breaks(self, method: str, fault: str, **details: object) -> None:
        """From now on Slack does this to calls of the method."""
        self.http.post("/rehearsal/faults", json={"method": method, "fault": fault, **details}).raise_for_status()

    def mends(self) -> None:
        """Slack works again."""
        self.http.delete("/rehearsal/faults").raise_for_status()

    def hears(self, method: str, status: int) -> None:
        """Wait until Slack has answered a call of this method with this status."""
        for _ in range(100):
            if any((entry["what"], entry["status"]) == (method, status) for entry in self.traffic()):
                return
            self.http.get("/rehearsal/wait", params={"after": 10**9, "seconds": 0.2})
        raise AssertionError(f"Nobody was answered {status} to {method}.")

    def turns_to(self, instant: datetime) -> None:
        """From now on the bot's clock goes on from this instant."""
        self.clock.ahead = instant - datetime.now(UTC)

    def turns_on_reminders(self) -> None:
        """Reminders and reports are on; an alert would come each time a test turns the clock."""
        with self.program.database.write() as session:
            switches.turn_on(session, [switches.REMINDER, switches.REPORT], "console", self.clock())

    def reminds(self) -> None:
        """A tick, and everything it leads to."""
        self.program.scheduler.follow()
        self.program.scheduler.remind()
        self.program.sender.drain()
        self.quiet()

    def quiet(self) -> None:
        """Wait until nothing is on its way between the bot and Slack, and nothing that follows an answer is left."""
        quiet(self.http)
        while not self.program.rests(0):
            self.program.rests(PATIENCE)
            quiet(self.http)

    def traffic(self) -> list[dict[str, Any]]:
        """Everything the bot and Slack said to each other."""
        entries: list[dict[str, Any]] = self.http.get("/rehearsal/traffic", params={"after": 0}).json()["entries"]
        return entries


@lru_cache
def _manifest(video_domains: frozenset[str], portal_url: str | None) -> dict[str, Any]:
    """The app's manifest, read once; where requests go is told when the house is open."""
    return manifest_for("https://homeroom.example", video_domains, portal_url)


@contextmanager
def open_house(
    database_url: str,
    *,
    socket_mode: bool = False,
    portal_url: str | None = None,
    video_domains: frozenset[str] = frozenset(),
    with_clerk: bool = False,
    admin_channel: str | None = None,
    mirrors_roles: bool = False,
    erases_at_once: bool = False,
    match_domains: frozenset[str] = frozenset(),
    webhook: WebhookSettings | None = None,
    lrs: LrsSettings | None = None,
) -> Iterator[House]:
    """The bot on this database in a rehearsal workspace, until the end of the block.

    With ``match_domains`` people of these are asked about the account that matches them.
    """
    with ExitStack() as stack:
        # The bot's web side is told to leave before the rest, and waited for after it: both servers take a while to go.
        web = stack.enter_context(ExitStack())
        door = listen("127.0.0.1", 0)
        bot_url = f"http://127.0.0.1:{door.getsockname()[1]}"
        setup = server.Setup(
            manifest=_manifest(video_domains, portal_url),
            signing_secret=SECRET,
            bot_token=TOKEN,
            app_token=APP_TOKEN if socket_mode else None,
            clerk=CLERK if with_clerk else None,
        )
        running = stack.enter_context(server.run(setup))
        settings = Settings(
            database_url=database_url,
            host="127.0.0.1",
            port=0,
            public_url=bot_url if with_clerk else None,
            portal_url=portal_url,
            portal_name="Homeroom Academy",
            slack_bot_token=TOKEN,
            slack_app_token=APP_TOKEN if socket_mode else None,
            slack_signing_secret="" if socket_mode else SECRET,
            slack_api_url=running.api_url,
            video_domains=video_domains,
            admin_channel=admin_channel,
            mirrors_roles=mirrors_roles,
            erases_at_once=erases_at_once,
            clerk_issuer=running.clerk_issuer if with_clerk else None,
            clerk_client_id=CLERK.client_id if with_clerk else None,
            clerk_client_secret=CLERK.client_secret if with_clerk else None,
            clerk_webhook_secret=CLERK.webhook_secret if with_clerk else None,
            match=MatchSettings(CLERK.secret_key, match_domains, running.clerk_api_url, asks=True)
            if match_domains
            else None,
            webhook=webhook,
            lrs=lrs,
        )
        if with_clerk:
            running.rehearsal.clerk_webhooks_to(f"{bot_url}/clerk/webhook")
            running.rehearsal.clerk_redirects(f"{bot_url}/link/callback")
        clock = Clock()
        program = Program(settings, clock=clock)
        stack.callback(program.stop, PATIENT_SECONDS)
        stack.callback(web.enter_context(serve_in_thread(program.web, door)))
        if not socket_mode:
            running.rehearsal.connect(bot_url + EVENTS_PATH)
        program.start()
        http = stack.enter_context(closing(Line(running.url)))
        house = House(running.url, bot_url, program, http, clock, running)
        house.quiet()
        yield house


def copied(template: Path, folder: Path) -> str:
    """A copy of a SQLite file for one test; its URL."""
    path = folder / "homeroom.db"
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"
