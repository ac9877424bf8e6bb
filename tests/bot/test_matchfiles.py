"""Matches at the console: proposed as CSV, looked through by somebody, and bound when the file comes back."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.manifest import manifest_for
from bot.sandbox import server
from bot.sandbox.clerk import Clerk
from bot.sandbox.clerk_people import ExternalAccount
from models import audit, links, members, users
from models.database import Database
from models.members import Profile
from tests.console import ROOT, run
from tests.house import CLERK, SECRET, TOKEN

DOMAIN = "homeroom-academy.example"
COLUMNS = "team_id,slack_user_id,clerk_id,slack_name,slack_email,portal_name,portal_email,match,why"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass
class Desk:
    """Somebody at the console of a school whose Slack and Clerk are rehearsed."""

    slack: server.RunningRehearsal
    url: str
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """Their settings."""
        return {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": self.slack.api_url,
            "CLERK_SECRET_KEY": CLERK.secret_key,
            "CLERK_API_URL": self.slack.clerk_api_url,
            "MATCH_EMAIL_DOMAINS": f"academy.example, {DOMAIN}",
        }

    @property
    def clerk(self) -> Clerk:
        """The portal's Clerk."""
        return self.slack.rehearsal.clerk

    def types(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """They type a command."""
        env = {name: value for name, value in (self.env | changes).items() if value}
        return run(*words, url=self.url, cwd=self.folder, env=env)

    def file(self) -> Path:
        """The pairs that are proposed, as a file."""
        path = self.folder / "pairs.csv"
        done = self.types("link", "--match-email", "--dry-run", "--out", str(path))
        assert done.returncode == 0, done.stderr
        return path

    def changes(self, slack_user_id: str, **profile: object) -> None:
        """Something about a Slack person changes."""
        for name, value in profile.items():
            setattr(self.slack.rehearsal.stage.workspaces["T0HOME"].people[slack_user_id], name, value)


@pytest.fixture
def desk(url: str, tmp_path: Path) -> Iterator[Desk]:
    """Linus and Ada have the same address in Slack and in the portal."""
    setup = server.Setup(
        manifest=manifest_for("http://127.0.0.1:9"), signing_secret=SECRET, bot_token=TOKEN, clerk=CLERK
    )
    with server.run(setup) as running:
        for name in ("linus", "ada"):
            running.rehearsal.clerk.users[f"user_{name}"].email = f"{name}@{DOMAIN}"
        yield Desk(running, url, tmp_path)


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["slack_user_id"]: row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}


def linked(database: Database) -> dict[str, str]:
    with database.read() as session:
        return links.of_many(session, "T0HOME", ["U0ADA", "U0LINUS", "U0MARY", "U0GUEST", "U0GRACE"])


def log_of(database: Database) -> list[tuple[str, str | None, str | None]]:
    with database.read() as session:
        ever = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
        return [(one.actor, one.whom, one.because) for one in audit.entries(session, *ever, action="link.made")]


def test_pairs_are_proposed_and_nobody_is_linked(desk: Desk, database: Database) -> None:
    desk.clerk.users["user_eve"].other_emails = ((f"mary@{DOMAIN}", False),)
    desk.clerk.users["user_mary"].email = f"mary@{DOMAIN}"
    desk.clerk.users["user_grace"].email = f"grace@{DOMAIN}"
    desk.clerk.users["user_grace"].banned = True
    done = desk.types("link", "--match-email", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == COLUMNS
    assert "2 of 5 who are not linked match one account. Nobody was linked." in done.stderr
    found = rows(done.stdout)
    assert [row["match"] for row in found.values()] == ["one match", "one match", "several", "refused", "none"]
    assert found["U0LINUS"] == {
        "team_id": "T0HOME",
        "slack_user_id": "U0LINUS",
        "clerk_id": "user_linus",
        "slack_name": "Linus Pauling",
        "slack_email": f"linus@{DOMAIN}",
        "portal_name": "Linus Pauling",
        "portal_email": f"linus@{DOMAIN}",
        "match": "one match",
        "why": "matched by e-mail",
    }
    assert (found["U0MARY"]["clerk_id"], found["U0MARY"]["why"]) == ("", "Accounts: user_eve, user_mary.")
    assert (found["U0GRACE"]["clerk_id"], found["U0RADIA"]["clerk_id"]) == ("", "")
    assert found.keys() == {"U0ADA", "U0LINUS", "U0MARY", "U0GRACE", "U0RADIA"}
    assert linked(database) == {}


def test_the_file_binds_its_single_matches_when_it_comes_back(desk: Desk, database: Database) -> None:
    desk.clerk.users["user_ada"].email = ""
    account = ExternalAccount("oauth_slack", "U0ADA", {"team_id": "T0HOME"})
    desk.clerk.users["user_ada"].external_accounts = (account,)
    file = desk.file()
    done = desk.types("link", "--file", str(file))
    assert done.returncode == 0, done.stderr
    assert "Linus Pauling (@linus, U0LINUS)  is to be  Linus Pauling (linus@homeroom-academy.example" in done.stdout
    assert done.stdout.endswith("Linked 2.\n")
    assert linked(database) == {"U0ADA": "user_ada", "U0LINUS": "user_linus"}
    because = {whom: why for actor, whom, why in log_of(database) if actor == "console"}
    assert because == {"user_ada": "connected account", "user_linus": "matched by e-mail"}
    with database.read() as session:
        user = users.get(session, "user_linus")
        assert user is not None
        assert (users.name(user), user.email) == ("Linus Pauling", f"linus@{DOMAIN}")
    again = desk.types("link", "--file", str(file))
    assert again.returncode == 0, again.stderr
    assert len(log_of(database)) == 2


def test_rows_somebody_took_out_are_not_linked(desk: Desk, database: Database) -> None:
    file = desk.file()
    kept = [line for line in file.read_text(encoding="utf-8-sig").splitlines() if "U0ADA" not in line]
    file.write_text("\n".join(kept), encoding="utf-8-sig")
    assert desk.types("link", "--file", str(file)).returncode == 0
    assert linked(database) == {"U0LINUS": "user_linus"}
    file.write_text("\n".join(line for line in kept if "one match" not in line), encoding="utf-8-sig")
    refused = desk.types("link", "--file", str(file))
    assert refused.returncode == 2
    assert "there is nobody to link in it" in refused.stderr


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("T0HOME,U0LINUS,user_linus", "T0HOME,U0LINUS,user_radia"),
        ("T0HOME,U0LINUS,user_linus", "T0HOME,U0GUEST,user_linus"),
        ("T0HOME,U0LINUS,user_linus", "T0HOME,U0ADA,user_linus"),
        ("T0HOME,U0LINUS,user_linus", "T0EVE,U0LINUS,user_linus"),
        ("T0HOME,U0MARY,", "T0HOME,U0MARY,user_radia"),
    ],
)
def test_a_file_edited_by_hand_binds_nobody(desk: Desk, database: Database, was: str, becomes: str) -> None:
    file = desk.file()
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    (at,) = [at for at, line in enumerate(lines) if line.startswith(was)]
    lines[at] = lines[at].replace(was, becomes).replace(",none,", ",one match,")
    file.write_text("\n".join(lines), encoding="utf-8-sig")
    refused = desk.types("link", "--file", str(file), "--yes")
    assert refused.returncode == 2
    _, person, account = becomes.split(",")
    assert "These are no single match now:" in refused.stderr
    assert f"{person} and {account}" in refused.stderr
    assert "Nobody was linked." in refused.stderr
    assert linked(database) == {}


def test_what_changed_since_the_file_was_written_binds_nobody(desk: Desk, database: Database) -> None:
    file = desk.file()
    desk.changes("U0LINUS", email=f"other@{DOMAIN}")
    refused = desk.types("link", "--file", str(file))
    assert refused.returncode == 2
    assert "U0LINUS and user_linus" in refused.stderr
    desk.changes("U0LINUS", email=f"linus@{DOMAIN}")
    desk.clerk.users["user_linus"].banned = True
    assert "U0LINUS and user_linus" in desk.types("link", "--file", str(file)).stderr
    assert linked(database) == {}


def test_a_name_that_is_a_formula_stays_a_name(desk: Desk) -> None:
    desk.clerk.users["user_linus"].first_name = "=HYPERLINK(1)"
    desk.changes("U0LINUS", name="@SUM(1)")
    row = rows(desk.file().read_text(encoding="utf-8-sig"))["U0LINUS"]
    assert (row["slack_name"], row["portal_name"]) == ("'@SUM(1)", "'=HYPERLINK(1) Pauling")
    assert row["match"] == "one match"


def test_matching_without_a_dry_run_says_how_it_goes(desk: Desk, database: Database) -> None:
    refused = desk.types("link", "--match-email")
    assert refused.returncode == 2
    assert "--match-email binds nobody by itself: run it with --dry-run" in refused.stderr
    assert linked(database) == {}
    for words in (("--dry-run",), ("--out", "x.csv"), ("--match-email", "--dry-run", "T1", "U1", "user_1")):
        assert desk.types("link", *words).returncode == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"CLERK_SECRET_KEY": "", "MATCH_EMAIL_DOMAINS": ""}, "Matching is off. Set CLERK_SECRET_KEY and"),
        ({"MATCH_EMAIL_DOMAINS": ""}, "Matching is off."),
        ({"CLERK_SECRET_KEY": ""}, "CLERK_SECRET_KEY is missing"),
        ({"CLERK_SECRET_KEY": "sk_test_wrong"}, "Clerk refused CLERK_SECRET_KEY"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Slack did not tell who its members are (invalid_auth)"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "Slack can't be reached"),
    ],
)
def test_what_is_missing_or_wrong_is_a_sentence(desk: Desk, changes: dict[str, str], said: str) -> None:
    refused = desk.types("link", "--match-email", "--dry-run", **changes)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""
    assert "sk_test" not in refused.stderr


def test_a_place_that_can_not_be_written_is_a_sentence(desk: Desk) -> None:
    refused = desk.types("link", "--match-email", "--dry-run", "--out", str(desk.folder / "nowhere" / "x.csv"))
    assert refused.returncode == 2
    assert "Give another place with --out" in refused.stderr


def test_without_a_token_the_members_we_know_are_looked_for(desk: Desk, database: Database) -> None:
    desk.types("link", "--match-email", "--dry-run")
    known = Profile("T0HOME", "U0ELSE", "alan", "Alan Turing", "alan@academy.example", is_email_confirmed=True)
    with database.write() as session:
        members.remember(session, known, NOW)
    done = desk.types("link", "--match-email", "--dry-run", SLACK_BOT_TOKEN="")
    assert rows(done.stdout)["U0ELSE"]["clerk_id"] == "user_alan"


def test_check_says_how_matching_stands(desk: Desk) -> None:
    said = desk.types("check").stdout
    assert f"ok    Matching by e-mail: academy.example, {DOMAIN}, at the console\n" in said
    asking = desk.types("check", MATCH_EMAIL="ask").stdout
    assert "at the console and in Slack" in asking
    assert "note  Matching by e-mail: off" in desk.types("check", MATCH_EMAIL_DOMAINS="").stdout
    wrong = desk.types("check", CLERK_SECRET_KEY="sk_test_wrong")
    assert wrong.returncode == 1
    assert "wrong Matching by e-mail: Clerk refused CLERK_SECRET_KEY" in wrong.stdout


def test_the_log_of_a_running_bot_holds_no_address(desk: Desk) -> None:
    """httpx would log each address it calls, and ours hold the e-mails that are asked for."""
    asks = (
        "import sys; from bot.cli import start_logging; from bot.clerkbackend import ClerkBackend; start_logging();"
        "print(len(ClerkBackend(*sys.argv[1:3]).by_address([sys.argv[3]])))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", asks, desk.slack.clerk_api_url, CLERK.secret_key, f"linus@{DOMAIN}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert asked.stdout == "1\n"
    assert "linus" not in asked.stderr
