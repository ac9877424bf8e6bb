"""HTTP to what is on this machine. Nothing here speaks TLS, and reading the world's certificates takes longer than to
ask and be answered."""

import json as jsons
import ssl
from functools import partial
from http.client import HTTPConnection
from selectors import EVENT_READ, DefaultSelector
from socket import socket
from threading import local
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

client = partial(httpx.Client, verify=_TRUSTS_NOBODY)
get = partial(httpx.get, verify=_TRUSTS_NOBODY)
post = partial(httpx.post, verify=_TRUSTS_NOBODY)
request = partial(httpx.request, verify=_TRUSTS_NOBODY)


class Answer(NamedTuple):
    """What came back."""

    status_code: int
    content: bytes

    @property
    def text(self) -> str:
        """The words in it."""
        return self.content.decode()

    def json(self) -> Any:
        """What the JSON in it says."""
        return jsons.loads(self.content)

    def raise_for_status(self) -> "Answer":
        """The answer itself; fails when it is a refusal."""
        assert self.status_code < 400, f"{self.status_code}: {self.text}"
        return self


class Line:
    """Requests to one program, over a connection that each thread keeps.

    The conversations make tens of thousands; with httpx each of them costs twice as much, both sides taken together.
    """

    def __init__(self, url: str, timeout: float = 30) -> None:
        self._host, self._timeout = urlsplit(url).netloc, timeout
        self._here = local()
        self._all: list[HTTPConnection] = []

    def get(self, path: str, params: dict[str, Any] | None = None) -> Answer:
        """The answer to GET."""
        return self._ask("GET", f"{path}?{urlencode(params)}" if params else path)

    def post(self, path: str, json: dict[str, Any]) -> Answer:
        """The answer to POST with this as JSON."""
        return self._ask("POST", path, jsons.dumps(json).encode(), {"Content-Type": "application/json"})

    def delete(self, path: str) -> Answer:
        """The answer to DELETE."""
        return self._ask("DELETE", path)

    def close(self) -> None:
        """Hang up, in every thread."""
        for connection in self._all:
            connection.close()

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = self._connection()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        except OSError:
            connection.close()
            raise

    def _connection(self) -> HTTPConnection:
        connection: HTTPConnection | None = getattr(self._here, "connection", None)
        if connection is None:
            connection = self._here.connection = HTTPConnection(self._host, timeout=self._timeout)
            self._all.append(connection)
        if connection.sock is not None and _is_hung_up(connection.sock):
            connection.close()
        return connection


def _is_hung_up(side: socket) -> bool:
    """Nothing is to be read before anything was asked, unless the other side has hung up."""
    with DefaultSelector() as selector:
        selector.register(side, EVENT_READ)
        return bool(selector.select(0))
