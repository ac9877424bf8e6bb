"""A screen: what a person sees, as a value."""

from collections.abc import Iterable
from typing import Any, NamedTuple

Block = dict[str, Any]


class Screen(NamedTuple):
    """Blocks to show in a message, a modal or on Home.

    ``title`` (24 characters at most, Slack's limit), ``submit``, ``close``, ``callback_id`` and ``metadata`` matter
    only in a modal.
    """

    title: str
    blocks: tuple[Block, ...]
    submit: str = ""
    close: str = "Close"
    callback_id: str = ""
    metadata: str = ""

    @property
    def text(self) -> str:
        """Everything the blocks say, for screen readers and notifications, which read nothing else."""
        return read_aloud(self.blocks)

    @property
    def plainer(self) -> "Screen | None":
        """The same screen with images and videos as links, for when Slack can't fetch one; None without any."""
        if not any(block["type"] in ("image", "video") for block in self.blocks):
            return None
        return self._replace(blocks=tuple(_without_image(block) for block in self.blocks))

    def modal(self) -> Block:
        """The screen as a modal view; a heading that says once more what the modal is called is left out."""
        heading = {"type": "plain_text", "text": self.title, "emoji": True}
        view: Block = {
            "type": "modal",
            "title": heading,
            "close": {"type": "plain_text", "text": self.close, "emoji": True},
            "callback_id": self.callback_id,
            "private_metadata": self.metadata,
            "blocks": [block for block in self.blocks if block["type"] != "header" or block["text"] != heading],
        }
        if self.submit:
            view["submit"] = {"type": "plain_text", "text": self.submit, "emoji": True}
        return view

    def message_blocks(self) -> list[Block]:
        """The blocks as a message takes them: 50 at most (Slack's limit), the last then says where the rest is."""
        if len(self.blocks) <= 50:
            return list(self.blocks)
        rest = {"type": "mrkdwn", "text": "Open Homeroom's Home to see the rest.", "verbatim": True}
        return [*self.blocks[:49], {"type": "context", "elements": [rest]}]

    def home(self) -> Block:
        """The screen as an App Home view."""
        return {"type": "home", "blocks": list(self.blocks)}

    def with_notice(self, notice: Iterable[Block]) -> "Screen":
        """The same screen with a few blocks in front."""
        return self._replace(blocks=(*notice, *self.blocks))


def _without_image(block: Block) -> Block:
    if block["type"] == "image":
        words = f"Image: {block['alt_text']}"
        if "slack_file" in block:
            # Its address opens for nobody but us.
            return {"type": "context", "elements": [{"type": "plain_text", "text": words, "emoji": True}]}
        link = {"type": "link", "url": block["image_url"], "text": words}
    elif block["type"] == "video":
        link = {"type": "link", "url": block["title_url"], "text": f"Video: {block['title']['text']}"}
    else:
        return block
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}


def read_aloud(blocks: Iterable[Block]) -> str:
    """The words of the blocks in reading order, a line for each part; buttons are read as ``[Label]``."""
    return _in_lines([_READERS[block["type"]](block) for block in blocks if block["type"] in _READERS])


def _in_lines(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, map(str.strip, parts)))


def _section(block: Block) -> str:
    words = _words(block["text"]) if "text" in block else ""
    if "fields" in block:
        words = _in_lines([words, *map(_words, block["fields"])])
    if "accessory" in block:
        words = _in_lines([words, _element(block["accessory"])])
    return words


def _row(block: Block) -> str:
    return " ".join(map(_element, block["elements"]))


def _input(block: Block) -> str:
    return _words(block["label"])


def _image(block: Block) -> str:
    return _literal(block["alt_text"])


def _video(block: Block) -> str:
    return f"{_words(block['title'])} {block.get('title_url', '')}"


def _rich_text(block: Block) -> str:
    return _in_lines(line for element in block["elements"] for line in _rich_lines(element))


def _table(block: Block) -> str:
    return _in_lines(" | ".join(map(_cell, row)) for row in block["rows"])


_READERS = {
    "section": _section,
    "header": _section,
    "context": _row,
    "actions": _row,
    "input": _input,
    "image": _image,
    "video": _video,
    "rich_text": _rich_text,
    "table": _table,
}
"""How each type of block is read; one that is not here says nothing."""


def _cell(cell: Block) -> str:
    if cell.get("type") == "rich_text":
        return " ".join(line for element in cell["elements"] for line in _rich_lines(element))
    return _literal(cell.get("text", ""))


def _rich_lines(element: Block) -> Iterable[str]:
    if element["type"] == "rich_text_list":
        first = element.get("offset", 0) + 1
        for number, item in enumerate(element["elements"], start=first):
            mark = f"{number}." if element["style"] == "ordered" else "•"
            yield f"{mark} " + " ".join(_rich_lines(item))
        return
    yield "".join(_inline(part) for part in element["elements"])


def _inline(part: Block) -> str:
    kind = part["type"]
    if kind == "link":
        return f"{_literal(part['text'])} ({part['url']})" if part.get("text") else str(part["url"])
    if kind == "emoji":
        return f":{part['name']}:"
    if kind == "user":
        return f"<@{part['user_id']}>"
    if kind in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
        return "".join(_inline(inner) for inner in part["elements"])
    return _literal(part.get("text", ""))


def _element(element: Block) -> str:
    kind = element["type"]
    if kind == "button":
        return f"[{_literal(element['text']['text'])}]"
    if kind in ("mrkdwn", "plain_text"):
        return _words(element)
    if kind == "image":
        return _literal(element["alt_text"])
    if kind == "overflow":
        return f"[More: {', '.join(_words(option['text']) for option in element['options'])}]"
    if kind == "datepicker" and "placeholder" in element:
        return f"[{_words(element['placeholder'])}]"
    return ""


def _words(text: Block) -> str:
    words: str = text["text"]
    return words if text["type"] == "mrkdwn" else _literal(words)


def _literal(text: str) -> str:
    # A message's fallback text is mrkdwn, so what stood as literal text in a block is escaped on its way there.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
