"""docs/events.md says what is really sent, and its receivers take it."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from standardwebhooks import Webhook, WebhookVerificationError

from bot import destinations, eventsending
from bot.eventsending import RETRIES, SECONDS
from models import progress
from models.database import Database
from models.portalevents import OF_CHANGES
from tests.bot.postoffice import PostOffice, a_store, a_webhook, knots
from tests.bot.receivers import OLD_SECRET, SECRET, Portal, RecordStore, running
from tests.school import a_course, a_user, enrolled, lessons_of

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == PAGE.count(f"```{language}\n") > 0
    return found


def ada_finishes(session: Session) -> None:
    """She enrolled at nine, and completed the last lesson five minutes later; the first was left out of the course."""
    course = a_course(session, "Knots", ["Hitch", "Bowline"])
    first, last = lessons_of(session, course)
    first.removed_at = NINE
    enrolled(session, a_user(session, "ada"), course, at=NINE)
    session.flush()
    assert last.id is not None
    progress.complete(session, "user_ada", last.id, NINE + timedelta(minutes=5))


def test_the_webhooks_shown_are_those_sent(database: Database) -> None:
    with running(Portal) as portal:
        office = PostOffice(database, a_webhook(portal.url))
        office.happens(ada_finishes)
        office.sends()
        sent = sorted(portal.taken.values(), key=lambda told: str(told["type"]))
    shown = [json.loads(block) for block in blocks("json") if block.startswith('{"type"')]
    assert sent == sorted(shown, key=lambda told: str(told["type"]))
    assert [list(told) for told in sent] == [list(told) for told in shown]


def test_the_statement_shown_is_the_one_sent(database: Database) -> None:
    with running(RecordStore) as store:
        office = PostOffice(database, a_store(store.url))
        office.happens(ada_finishes)
        office.sends()
        sent = [one for one in store.taken.values() if one["object"]["definition"]["type"].endswith("lesson")]
    shown = [json.loads(block) for block in blocks("json") if '"actor"' in block]
    assert [one | {"id": "ID"} for one in sent] == shown


def test_the_types_and_the_schedule_are_those_there_are() -> None:
    named = re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", PAGE, re.MULTILINE)
    assert named == [*OF_CHANGES.values(), destinations.CHECK]
    (told,) = re.findall(r"^\| after \|(.+)\|$", PAGE, re.MULTILINE)
    units = {"s": 1, "min": 60, "h": 3600}
    pauses = [cell.split() for cell in told.split("|")]
    assert tuple(timedelta(seconds=int(number) * units[unit]) for number, unit in pauses) == RETRIES
    assert f"within {SECONDS:.0f} seconds" in PAGE
    assert timedelta(seconds=5) == eventsending.IN_TROUBLE


def test_the_receiver_in_python_takes_each_event_once_and_nothing_forged(database: Database) -> None:
    acted: list[Any] = []
    room: dict[str, Any] = {
        "Webhook": Webhook,
        "WebhookVerificationError": WebhookVerificationError,
        "act_on": acted.append,
    }
    (code,) = blocks("python")
    exec(compile(code, "events.md", "exec"), room)  # noqa: S102 - it is our own page
    body, headers = an_event(database)
    seen: set[str] = set()
    assert [room["take"](SECRET, body, headers, seen) for _ in range(2)] == [204, 204]
    assert [event["type"] for event in acted] == ["enrollment.created"]
    assert room["take"](OLD_SECRET, body, headers, set()) == 401
    assert room["take"](SECRET, body.replace(b"ada", b"eve"), headers, set()) == 401
    assert len(acted) == 1


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not on this machine.")
def test_the_receiver_in_node_takes_what_is_signed_and_nothing_forged(database: Database, tmp_path: Path) -> None:
    body, headers = an_event(database)
    (code,) = blocks("js")
    cases = [
        [SECRET, body.decode(), headers],
        [OLD_SECRET, body.decode(), headers],
        [SECRET, body.decode().replace("ada", "eve"), headers],
        [SECRET, body.decode(), headers | {"webhook-timestamp": "1700000000"}],
        [SECRET, body.decode(), headers | {"webhook-signature": "v1,AAAA v2,BBBB"}],
        [SECRET, body.decode(), headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}],
    ]
    run = f"for (const one of {json.dumps(cases)}) console.log(verified(...one)?.type ?? null);"
    (tmp_path / "receiver.mjs").write_text(code + run)
    said = subprocess.run(["node", "receiver.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["enrollment.created", "null", "null", "null", "null", "enrollment.created"]


def an_event(database: Database) -> tuple[bytes, dict[str, str]]:
    """An enrollment, as it arrives."""
    with running(Portal) as portal:
        office = PostOffice(database, a_webhook(portal.url))
        office.happens(lambda session: enrolled(session, a_user(session, "ada"), knots(session)))
        office.sends()
        return portal.bodies[0], portal.headers[0]
