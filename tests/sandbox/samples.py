"""Blocks and their parts, valid as they are and made wrong by a word."""

from typing import Any

Json = dict[str, Any]


def plain(text: str = "Words") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "Words") -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(), **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements) or [button()], **more}


def option(value: str = "one", **more: Any) -> Json:
    return {"text": plain(), "value": value, **more}


def numbered(count: int) -> list[Json]:
    return [option(str(number)) for number in range(count)]


def select(**more: Any) -> Json:
    return {"type": "static_select", "options": [option()], **more}


def confirm(**more: Any) -> Json:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "A picture", **more}


def asked(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain(), "element": element, **more}


def typed(**more: Any) -> Json:
    return {"type": "plain_text_input", **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def part(text: str = "Words", **more: Any) -> Json:
    return {"type": "text", "text": text, **more}


def run(*parts: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(parts) or [part()]}


def listed(**more: Any) -> Json:
    return {"type": "rich_text_list", "style": "bullet", "elements": [run()], **more}


def table(rows: int = 1, columns: int = 1, text: str = "x", **more: Any) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows, **more}


def card(**more: Any) -> Json:
    return {"type": "card", "title": mrkdwn(), **more}


def video(**more: Any) -> Json:
    made = {"type": "video", "alt_text": "A film", "title": plain(), "video_url": "https://example.org/v"}
    return made | {"thumbnail_url": "https://example.org/t.png", **more}


def container(**more: Any) -> Json:
    return {"type": "container", "title": plain(), "child_blocks": [section()], **more}


def feedback(**more: Any) -> Json:
    side = {"text": plain(), "value": "good"} | more
    return {"type": "feedback_buttons", "positive_button": side, "negative_button": side}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Title"), "blocks": list(blocks) or [section()], **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks) or [section()], **more}


def web(length: int) -> str:
    return "https://example.org/".ljust(length, "a")
