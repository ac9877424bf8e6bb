"""What somebody said in Slack, as rich text: a message comes to us in mrkdwn (docs: formatting message text)."""

import re
from typing import Any

from handlers.views.screens import Block

STYLES = {"*": "bold", "_": "italic", "~": "strike"}
_TOKEN = re.compile(
    r"<(?P<angle>[^<>\n]+)>"
    r"|```(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<![\w*_~])(?P<mark>[*_~])(?P<styled>\S(?:[^\n]*?\S)?)(?P=mark)(?![\w*_~])",
    re.DOTALL,
)


def rich(words: str) -> Block:
    """The words of a message as rich text, which calls nobody: ``@channel`` and groups are plain words in it."""
    elements: list[Block] = []
    line: list[Block] = []
    for part in _parts(words, {}):
        if part["type"] == "rich_text_preformatted":
            elements += [*_section(line), part]
            line = []
        else:
            line.append(part)
    return {"type": "rich_text", "elements": [*elements, *_section(line)]}


def _section(inside: list[Block]) -> list[Block]:
    return [{"type": "rich_text_section", "elements": inside}] if inside else []


def _parts(words: str, style: dict[str, bool]) -> list[Block]:
    parts: list[Block] = []
    at = 0
    for found in _TOKEN.finditer(words):
        parts += _text(words[at : found.start()], style)
        at = found.end()
        if found["angle"]:
            parts += _angle(found["angle"], style)
        elif found["block"]:
            inside = [{"type": "text", "text": _literal(found["block"])}]
            parts.append({"type": "rich_text_preformatted", "elements": inside})
        elif found["code"]:
            parts += _text(found["code"], style | {"code": True})
        else:
            parts += _parts(found["styled"], style | {STYLES[found["mark"]]: True})
    return parts + _text(words[at:], style)


def _angle(inside: str, style: dict[str, bool]) -> list[Block]:
    """What stands between angle brackets: a mention, a channel, somebody who calls many, or a link."""
    told, _, label = inside.partition("|")
    if told.startswith("@"):
        return [{"type": "user", "user_id": told[1:]}]
    if told.startswith("#"):
        return [{"type": "channel", "channel_id": told[1:]}]
    if told.startswith("!"):
        said = label or f"@{told[1:].partition('^')[0]}"
        return _text(said, style)
    link: dict[str, Any] = {"type": "link", "url": _literal(told)}
    return [link | ({"text": _literal(label)} if label else {}) | _styled(style)]


def _text(words: str, style: dict[str, bool]) -> list[Block]:
    return [{"type": "text", "text": _literal(words), **_styled(style)}] if words else []


def _styled(style: dict[str, bool]) -> dict[str, Any]:
    return {"style": style} if style else {}


def _literal(words: str) -> str:
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
