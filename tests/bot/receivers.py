"""Who is told of events: a portal that verifies what it is sent, and a record store that refuses what xAPI refuses."""

import base64
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from standardwebhooks import Webhook

from tests.bot.xapirules import faults_of, strictly

SECRET = "whsec_" + base64.b64encode(b"a secret of a portal, for tests!").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the secret the portal had before").decode()
PATIENCE = 20.0
"""Seconds after which something that should have happened has not."""
TOLERANCE = timedelta(minutes=5)
R = TypeVar("R", bound="Receiver")
KEY, LRS_SECRET = "homeroom", "a record store's secret"


@dataclass
class Fault:
    """What a receiver answers instead. ``takes`` says that it kept the event all the same; ``waits`` keeps the answer
    back until then."""

    status: int = 500
    headers: tuple[tuple[str, str], ...] = ()
    takes: bool = False
    waits: Event | None = None


class Receiver(ThreadingHTTPServer, ABC):
    """A receiver on this machine. ``attempts`` are all calls; ``taken`` is what it kept, by id."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.attempts: list[tuple[str, float]] = []
        self.taken: dict[str, Any] = {}
        self.times: dict[str, int] = {}
        self.faults: list[Fault] = []
        self.always: Fault | None = None
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.heard = Condition()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def has_taken(self, count: int) -> list[Any]:
        """What it kept, once it is so much."""
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.taken) >= count, PATIENCE), "it never came to that"
            return list(self.taken.values())

    @abstractmethod
    def judged(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, Any]:
        """What it would answer if nothing were wrong with it, the id of what it was told, and that."""

    def call(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Fault:
        """Act on a call; the answer."""
        status, event_id, told = self.judged(method, path, headers, body)
        with self.heard:
            self.headers.append(headers)
            self.bodies.append(body)
            self.attempts.append((event_id, time.monotonic()))
            fault = self.faults.pop(0) if self.faults else self.always
            if (fault is None or fault.takes) and 200 <= status < 300 and method != "GET":
                self.taken.setdefault(event_id, told)
                self.times[event_id] = self.times.get(event_id, 0) + 1
            self.heard.notify_all()
        return fault or Fault(status)


class Portal(Receiver):
    """A portal's webhook, which verifies as the specification says. ``clock`` is its own."""

    def __init__(self, secret: str = SECRET) -> None:
        super().__init__()
        self.secret = secret
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def judged(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, Any]:
        """204 for what is signed."""
        event_id, signed_at = headers["webhook-id"], datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        right = Webhook(self.secret).sign(event_id, signed_at, body.decode())
        if right not in headers["webhook-signature"].split(" ") or abs(self.clock() - signed_at) > TOLERANCE:
            return 401, event_id, None
        return 204, event_id, json.loads(body)


class RecordStore(Receiver):
    """A learning record store, strict by the rules of xAPI 1.0.3."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals: list[str] = []

    def judged(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, Any]:
        """204 for a statement that can be stored; what is wrong with others is kept."""
        asked = parse_qs(urlsplit(path).query)
        wrong, statement, status = self._wrong(method, path, asked, headers, body)
        self.refusals += wrong
        if wrong:
            return status, wrong[0], None
        if method == "GET":
            return 200, "", None
        event_id = str(statement["id"])
        known = self.taken.get(event_id)
        return 204 if known in (None, statement) else 409, event_id, statement

    def _wrong(
        self, method: str, path: str, asked: dict[str, list[str]], headers: dict[str, str], body: bytes
    ) -> tuple[list[str], Any, int]:
        credentials = base64.b64encode(f"{KEY}:{LRS_SECRET}".encode()).decode()
        if headers.get("authorization") != f"Basic {credentials}":
            return ["bad credentials"], None, 401
        if not headers.get("x-experience-api-version", "").startswith("1.0"):
            return ["no version"], None, 400
        if not path.startswith("/xapi/statements?"):
            return [f"no resource {path}"], None, 404
        if method == "GET":
            return [], None, 200
        if headers.get("content-type", "").partition(";")[0] != "application/json":
            return ["not JSON"], None, 400
        try:
            statement = json.loads(body.decode("utf-8"), object_pairs_hook=strictly)
        except ValueError as error:
            return [str(error)], None, 400
        if asked.get("statementId") != [statement.get("id")]:
            return ["statementId is not the statement's id"], None, 400
        return faults_of(statement), statement, 400


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _act(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.call(self.command, self.path, headers, body)
        if answer.waits is not None:
            answer.waits.wait(PATIENCE)
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_PUT = do_GET = _act

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


@contextmanager
def running(make: Callable[[], R]) -> Iterator[R]:
    """A receiver at work until the end of the block."""
    receiver = make()
    thread = Thread(target=receiver.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        thread.join()
        receiver.server_close()
