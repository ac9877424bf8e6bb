"""``homeroom demo``: the whole of Homeroom on one machine, in a rehearsal workspace, with no Slack account."""

import base64
import hashlib
import os
import secrets
import signal
import sys
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType

from sqlmodel import Session

from bot.manifest import EVENTS_PATH, manifest_for
from bot.program import Program
from bot.sandbox.clerk import ClerkSetup
from bot.sandbox.server import RunningRehearsal, Setup
from bot.sandbox.server import run as run_rehearsal
from bot.serving import listen, serve_in_thread
from bot.settings import Settings
from models import coursefiles, courseplans, links, migrations, roles, switches, users
from models.database import Database

HOST = "127.0.0.1"
COURSES = Path(__file__).parent / "sandbox" / "courses"
TEAM = "T0HOME"
PORTAL_NAME = "Homeroom Academy"
PEOPLE = (
    ("user_ada", "Ada", "Lovelace", "ada@academy.example", roles.STUDENT, "U0ADA"),
    ("user_mary", "Mary", "Jackson", "mary@academy.example", roles.STUDENT, "U0MARY"),
    ("user_grace", "Grace", "Hopper", "grace@academy.example", roles.INSTRUCTOR, "U0GRACE"),
    ("user_radia", "Radia", "Perlman", "radia@academy.example", roles.ADMIN, "U0RADIA"),
    ("user_alan", "Alan", "Turing", "alan@academy.example", roles.INSTRUCTOR, None),
)
"""Clerk ID, names, e-mail, role, and who they are in the rehearsal workspace. Linus is left unlinked on purpose."""


def run(port: int, folder: Path, *, opens: bool, say: Callable[[str], object]) -> None:
    """Start everything, print the address, and wait for Ctrl-C. All it keeps is in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    database_url = f"sqlite:///{(folder / 'homeroom.db').resolve()}"
    prepare(database_url, folder / "courses.sha256", datetime.now(UTC))
    leaving = _leave_on_signals()
    door = listen(HOST, 0)
    bot_url = f"http://{HOST}:{door.getsockname()[1]}"
    setup = Setup(
        manifest=manifest_for(bot_url),
        signing_secret=secrets.token_hex(16),
        bot_token=f"xoxb-{secrets.token_hex(8)}",
        state_file=folder / "workspace.json",
        event_retries=(0.0, 60.0, 300.0),
        clerk=ClerkSetup(
            client_id="homeroom",
            client_secret=secrets.token_hex(16),
            redirect_uris=(f"{bot_url}/link/callback",),
            secret_key=secrets.token_hex(16),
            webhook_secret="whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
            portal_name=PORTAL_NAME,
        ),
    )
    with ExitStack() as house:
        workspace = _open_workspace(house, setup, port)
        if not workspace.url.endswith(f":{port}"):
            say(f"Port {port} is taken, so I took the next free one.")
        # The bot lives in the workspace's time, so that "a week later" on the page brings what a week brings.
        program = Program(_settings(database_url, setup, workspace, bot_url), clock=workspace.now)
        house.callback(program.stop, 0.3)
        house.enter_context(serve_in_thread(program.web, door))
        workspace.rehearsal.connect(bot_url + EVENTS_PATH)
        workspace.rehearsal.clerk_webhooks_to(f"{bot_url}/clerk/webhook")
        program.start()
        say(f"Homeroom is open at {workspace.url}\nPress Ctrl-C to stop. What you did is kept for next time.")
        if opens and _has_screen():
            webbrowser.open(workspace.url)
        leaving.wait()


def _has_screen() -> bool:
    """Whether a browser would open in a window, rather than take over the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_workspace(house: ExitStack, setup: Setup, port: int) -> RunningRehearsal:
    for candidate in range(port, port + 49):
        try:
            return house.enter_context(run_rehearsal(setup, HOST, candidate))
        except OSError:
            continue
    return house.enter_context(run_rehearsal(setup, HOST, 0))


def prepare(database_url: str, digest_file: Path, now: datetime) -> None:
    """A database at head, with the demo's people and its courses; nothing already there is changed."""
    migrations.migrate(database_url)
    files = sorted(COURSES.glob("*.yaml"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if digest_file.exists() and digest_file.read_text() == digest:
        return
    database = Database(database_url, patience=30)
    with database.write() as session:
        enlist(session, now)
        for file in files:
            course = coursefiles.read(file.read_text(encoding="utf-8"), file.name)
            courseplans.apply(session, courseplans.plan(session, course), now)
        # Alerts are left for an admin to turn on: one would come each time somebody turns the workspace's clock.
        switches.turn_on(session, [switches.REMINDER, switches.REPORT], "console", now)
    database.close()
    digest_file.write_text(digest)


def enlist(session: Session, now: datetime) -> None:
    """The demo's people: users, roles and links."""
    roles.ensure_roles(session)
    for clerk_id, first_name, last_name, email, role, slack_user_id in PEOPLE:
        users.ensure(session, clerk_id, first_name=first_name, last_name=last_name, email=email, now=now)
        roles.grant(session, clerk_id, role)
        if slack_user_id is not None and links.of(session, TEAM, slack_user_id) is None:
            links.link(session, TEAM, slack_user_id, clerk_id, now)


def _settings(database_url: str, setup: Setup, workspace: RunningRehearsal, bot_url: str) -> Settings:
    assert setup.clerk is not None
    return Settings(
        database_url=database_url,
        host=HOST,
        port=0,
        public_url=bot_url,
        portal_url=None,
        portal_name=PORTAL_NAME,
        slack_bot_token=setup.bot_token,
        slack_app_token=None,
        slack_signing_secret=setup.signing_secret,
        slack_api_url=workspace.api_url,
        clerk_issuer=workspace.clerk_issuer,
        clerk_client_id=setup.clerk.client_id,
        clerk_client_secret=setup.clerk.client_secret,
        clerk_webhook_secret=setup.clerk.webhook_secret,
    )


def _leave_on_signals() -> Event:
    leaving = Event()

    def leave(number: int, frame: FrameType | None) -> None:
        leaving.set()

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    return leaving
