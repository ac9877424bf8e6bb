"""Files: reading one that somebody put into a modal, and sending one by DM (docs: files.info, working with files)."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from slack_sdk import WebClient
from sqlmodel import Session

from bot import turns
from bot.certificates import trusted
from handlers.replies import PassOn, SendFile


class File(NamedTuple):
    """A file to be sent. ``alt_text`` are the words for those who can't see a picture."""

    name: str
    title: str
    content: str | bytes
    alt_text: str | None = None


class Unread(Exception):
    """The file can't be had: it is too large, or Slack gives its sign-in page instead of it."""


def read(client: WebClient, file_id: str, most: int) -> tuple[str, bytes]:
    """The name and the bytes of a file, ``most`` of them; the time-out is the client's.

    The token goes to Slack alone: the address is the one Slack itself names for the file, and looked at all the same.
    Raises `SlackApiError`, `Unread`, and `OSError` when Slack doesn't answer in time.
    """
    file = client.files_info(file=file_id)["file"]
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if int(file.get("size") or 0) > most:
        raise Unread("too large")
    if not _is_slacks(url, client.base_url):
        raise Unread("held elsewhere")
    return str(file.get("name") or "file"), turns.wait(lambda: _download(client, url, file, most))


def _download(client: WebClient, url: str, file: Mapping[str, Any], most: int) -> bytes:
    # Few bots ever read a file, and this is a twentieth of a small one's memory.
    import httpx

    told = bytearray()
    try:
        # Slack answers a token that may not read the file with a page to sign in, and 200.
        headers = {"Authorization": f"Bearer {client.token}"}
        until = time.monotonic() + client.timeout
        with (
            httpx.Client(proxy=client.proxy, timeout=client.timeout, trust_env=False, verify=trusted()) as http,
            http.stream("GET", url, headers=headers) as answer,
        ):
            is_page = answer.headers.get("content-type", "").startswith("text/html")
            if answer.status_code != 200 or (is_page and file.get("filetype") != "html"):
                raise Unread(f"answered {answer.status_code}")
            for part in answer.iter_bytes():
                told += part
                if len(told) > most or time.monotonic() > until:
                    raise Unread("too large, or too slow")
    except httpx.HTTPError as error:
        raise OSError(type(error).__name__) from error
    return bytes(told)


def made(session: Session, asked: SendFile) -> File:
    """The file that is made for somebody, from what the database says now."""
    alt_text = asked.alt_text(session) if asked.alt_text else None
    return File(asked.name, asked.title, asked.make(session), alt_text)


def kept(client: WebClient, asked: PassOn, most: int) -> File:
    """The file that Slack holds for us; raises as `read` does."""
    name, content = read(client, asked.file_id, most)
    return File(name, name, content)


def send(client: WebClient, channel: str | None, asked: SendFile | PassOn, file: File) -> None:
    """Upload a file into somebody's DM, opened first where ``channel`` isn't known: files go to channels only, by
    their ids (docs: files.completeUploadExternal). Raises `SlackApiError`, `SlackRequestError` and `OSError`."""
    client.files_upload_v2(
        channel=channel or str(client.conversations_open(users=asked.slack_user_id)["channel"]["id"]),
        filename=file.name,
        title=file.title,
        content=file.content,
        initial_comment=asked.words,
        alt_txt=file.alt_text,
        request_file_info=False,
    )


def _is_slacks(url: str, api: str) -> bool:
    """Whether an address is Slack's own, or the rehearsal's where that takes Slack's place."""
    asked, base = urlsplit(url), urlsplit(api)
    host = asked.hostname or ""
    is_slack = asked.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
    return is_slack or (asked.scheme, asked.netloc) == (base.scheme, base.netloc)
