"""Files: an upload in three steps, and what people can open
(https://docs.slack.dev/messaging/working-with-files#upload)."""

import base64
import mimetypes
from dataclasses import dataclass
from typing import Any

_LIFETIME = 600.0
"""Seconds an upload URL is good for; Slack names no figure."""
_LARGEST = 1024**3


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
    """A file in a message. `content` is base64, so that it can be kept over a restart."""

    id: str
    name: str
    title: str
    content: str
    alt_text: str = ""

    @property
    def bytes(self) -> bytes:
        return base64.b64decode(self.content)

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def shown(self) -> dict[str, Any]:
        """The file as messages carry it."""
        described = {"alt_txt": self.alt_text} if self.alt_text else {}
        return {
            **described,
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2],
            "size": len(self.bytes),
            "mode": "hosted",
            "is_external": False,
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
