"""Files: an upload in three steps, what people put into forms, and what people can open
(https://docs.slack.dev/messaging/working-with-files)."""

import base64
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

_LIFETIME = 600.0
"""Seconds an upload URL is good for; Slack names no figure."""
_LARGEST = 1024**3
LARGEST_IN_FORM = 10 * 1024**2
"""Bytes of a file in a form (https://docs.slack.dev/reference/block-kit/block-elements/file-input-element)."""
_PICTURES = ("png", "jpg", "jpeg", "gif")
"""What a block shows (https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object)."""


@dataclass
class Upload:
    """A file on its way: announced, then perhaps sent, then completed or forgotten."""

    file_id: str
    workspace_id: str
    name: str
    length: int
    until: float
    alt_text: str = ""
    content: bytes | None = None


@dataclass
class File:
    """A file, in a message or put into a form by `user`. `content` is base64, so that it can be kept over a restart."""

    id: str
    name: str
    title: str
    content: str
    alt_text: str = ""
    user: str = ""

    @property
    def bytes(self) -> bytes:
        return base64.b64decode(self.content)

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def filetype(self) -> str:
        return self.name.rpartition(".")[2].lower()

    @property
    def is_picture(self) -> bool:
        """Whether a block may show it."""
        return self.filetype in _PICTURES

    def shown(self) -> dict[str, Any]:
        """The file as messages carry it."""
        described = {"alt_txt": self.alt_text} if self.alt_text else {}
        return {
            **described,
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": self.filetype,
            "size": len(self.bytes),
            "mode": "hosted",
            "is_external": False,
        }

    def told(self, address: str, workspace_id: str) -> dict[str, Any]:
        """The file as an app reads it (https://docs.slack.dev/reference/objects/file-object)."""
        private = f"{address}/files-pri/{workspace_id}-{self.id}/{quote(self.name)}"
        return {
            **self.shown(),
            "user": self.user,
            "url_private": private,
            "url_private_download": private,
            "permalink": f"{address}/files/{self.user}/{self.id}/{quote(self.name)}",
        }


class Uploads:
    """Uploads that have begun, by the secret in their URL."""

    def __init__(self) -> None:
        self.begun: dict[str, Upload] = {}

    def begin(self, secret: str, upload: Upload) -> None:
        self.begun[secret] = upload

    def take(self, secret: str, content: bytes, now: float) -> bool:
        """The bytes have come; whether the URL was good, for the first time, and they are as many as announced."""
        upload = self.begun.get(secret)
        if upload is None or upload.content is not None or now > upload.until or len(content) != upload.length:
            return False
        upload.content = content
        return True

    def complete(self, file_id: str, workspace_id: str) -> Upload | None:
        """A file that has been sent, once."""
        for secret, upload in list(self.begun.items()):
            if (upload.file_id, upload.workspace_id) == (file_id, workspace_id) and upload.content is not None:
                return self.begun.pop(secret)
        return None

    def clear(self) -> None:
        self.begun.clear()


def announced(file_id: str, workspace_id: str, name: str, length: int, now: float, alt_text: str = "") -> Upload:
    """An upload that begins now."""
    return Upload(file_id, workspace_id, name, length, now + _LIFETIME, alt_text)


def is_size(length: int) -> bool:
    """Whether Slack takes a file of so many bytes."""
    return 0 < length <= _LARGEST


def kept(upload: Upload, title: str) -> File:
    """The file of an upload that is complete."""
    return File(upload.file_id, upload.name, title, base64.b64encode(upload.content or b"").decode(), upload.alt_text)


def named(slack_file: Mapping[str, Any]) -> str:
    """The id of the file a block names, by itself or by its address; empty when the address is none of Slack's."""
    if slack_file.get("id"):
        return str(slack_file["id"])
    found = re.search(r"/files-pri/[A-Z0-9]+-([A-Z0-9]+)/|/files/[^/]+/([A-Z0-9]+)/", str(slack_file.get("url", "")))
    return (found.group(1) or found.group(2)) if found else ""
