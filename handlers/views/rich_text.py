"""Rich text blocks: literal text in paragraphs, lists, quotes and code.

Lists hold sections, and do not nest: deeper items stand in lists of their own with a higher ``indent`` (0 to 8); code
holds text and links (docs.slack.dev, rich text block and the element pages it links to).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from handlers.views.kit import safe_end
from handlers.views.screens import Block

Inline = dict[str, Any]

LONGEST = 2500
"""Characters in one rich text block: what is longer goes on in the next."""
MOST_PARTS = 60
"""Lists in one rich text block, for the sake of a page's size."""
LONGEST_URL = 3000
DEEPEST_INDENT = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list, or the ``lines`` of code that stand inside an item. ``indent`` is 0 for the outermost."""

    indent: int
    is_ordered: bool
    number: int
    inlines: list[Inline] = field(default_factory=list)
    lines: list[list[Inline]] | None = None


def text(words_: str, *, code: bool = False) -> Inline:
    """Literal text."""
    inline: Inline = {"type": "text", "text": words_}
    return inline | {"style": {"code": True}} if code else inline


def styled(inline: Inline, style: str) -> Inline:
    """The same, bold, italic or struck through besides what it was. Code keeps its own look only."""
    if inline["type"] == "image" or inline.get("style", {}).get("code"):
        return inline
    return inline | {"style": inline.get("style", {}) | {style: True}}


def link(url: str, inner: Sequence[Inline]) -> Iterator[Inline]:
    """A link around these; only the web and e-mail are linked, everything else stays the words it was."""
    if not _is_safe(url, ("http", "https", "mailto")):
        yield from inner or [text(url)]
        return
    for inline in inner or [text(url)]:
        if inline["type"] == "image":
            yield inline
        made = {"type": "link", "url": url, "text": inline["text"]}
        yield made | {"style": inline["style"]} if "style" in inline else made


def image(url: str, alt: str) -> Iterator[Inline]:
    """An image that Slack could fetch, else the words that stand for it."""
    if _is_safe(url, ("http", "https")):
        yield {"type": "image", "url": url, "text": alt[:2000].strip() or "Image"}
    else:
        yield text(alt or url)


def as_link(inline: Inline) -> Inline:
    """An image as a link to it; anything else as it is."""
    if inline["type"] != "image":
        return inline
    return {"type": "link", "url": inline["url"], "text": f"Image: {inline['text']}"}


def words(inline: Inline) -> str:
    """What is read of it."""
    return str(inline.get("text", ""))


def length(block: Block) -> int:
    """How many characters a block shows."""
    if block["type"] == "rich_text":
        return sum(_length(element) for element in block["elements"])
    if block["type"] == "header":
        return len(block["text"]["text"])
    return 300 if block["type"] in ("image", "section") else 0


def paragraphs(inlines: Sequence[Inline]) -> Iterator[Block]:
    """A paragraph, in as many blocks as its length asks for; nothing for one without words."""
    for part in _cut(_trimmed(inlines)):
        yield _block({"type": "rich_text_section", "elements": part})


def quote(inlines: Sequence[Inline]) -> Iterator[Block]:
    """A quotation."""
    for part in _cut(_trimmed(inlines)):
        yield _block({"type": "rich_text_quote", "elements": part})


def code_lines(code: str) -> list[list[Inline]]:
    """Code as lines of text."""
    return [[text(line)] if line else [] for line in code.rstrip("\n").split("\n")]


def preformatted(lines: Iterable[Sequence[Inline]], *, is_quoted: bool = False) -> Iterator[Block]:
    """Lines in a fixed font; many go on in further blocks, broken between lines where that is possible."""
    part: list[Inline] = []
    size = 0
    for line in lines:
        for piece in _cut([*line, text("\n")]):
            taken = sum(len(words(one)) for one in piece)
            if part and size + taken > LONGEST:
                yield from _code(part, is_quoted=is_quoted)
                part, size = [], 0
            part += piece
            size += taken
    yield from _code(part, is_quoted=is_quoted)


def rows(items: Iterable[Row], *, is_quoted: bool = False) -> Iterator[Block]:
    """A list; items of one kind and indent stand in one element, numbered on where it was interrupted."""
    elements: list[Block] = []
    size = due = 0
    for row in items:
        if row.lines is not None:
            if elements:
                yield _block(*elements)
            elements, size = [], 0
            yield from preformatted(row.lines, is_quoted=is_quoted)
            continue
        for part in _cut(_trimmed(row.inlines)):
            taken = sum(len(words(one)) for one in part)
            if elements and (size + taken > LONGEST or len(elements) >= MOST_PARTS):
                yield _block(*elements)
                elements, size = [], 0
            begun = _begun(row, is_quoted=is_quoted)
            last = elements[-1] if elements else {}
            is_next = row.number == due or not row.is_ordered
            if (last.get("style"), last.get("indent")) != (begun["style"], begun["indent"]) or not is_next:
                elements.append(begun)
            elements[-1]["elements"].append({"type": "rich_text_section", "elements": part})
            size += taken
            due = row.number + 1
    if elements:
        yield _block(*elements)


def _begun(row: Row, *, is_quoted: bool) -> Block:
    style, indent = "ordered" if row.is_ordered else "bullet", min(row.indent, DEEPEST_INDENT)
    made: Block = {"type": "rich_text_list", "style": style, "indent": indent, "elements": []}
    if row.is_ordered and row.number > 1:
        made["offset"] = row.number - 1
    return made | {"border": 1} if is_quoted else made


def _cut(inlines: Iterable[Inline]) -> Iterator[list[Inline]]:
    """The run in parts of at most `LONGEST` characters, without empty text."""
    part: list[Inline] = []
    size = 0
    for inline in inlines:
        for piece in _pieces(words(inline)):
            if part and size + len(piece) > LONGEST:
                yield _merged(part)
                part, size = [], 0
            part.append(inline | {"text": piece})
            size += len(piece)
    if part:
        yield _merged(part)


def _merged(inlines: Iterable[Inline]) -> list[Inline]:
    """The same run with neighbours of one look as one element."""
    looks = groupby(inlines, key=lambda one: one | {"text": ""})
    return [look | {"text": "".join(words(one) for one in alike)} for look, alike in looks]


def _trimmed(inlines: Iterable[Inline]) -> list[Inline]:
    """Without blank ends."""
    kept = [one for one in inlines if words(one)]
    while kept and not words(kept[-1]).strip():
        kept.pop()
    while kept and not words(kept[0]).strip():
        kept.pop(0)
    if kept:
        kept[-1] = kept[-1] | {"text": words(kept[-1]).rstrip()}
        kept[0] = kept[0] | {"text": words(kept[0]).lstrip()}
    return kept


def _pieces(long: str) -> Iterator[str]:
    """Text cut where a line or a word ends, or wherever a character does when it is all one word."""
    while len(long) > LONGEST:
        ends = [match.end() for match in re.finditer(r"\s+", long[:LONGEST])]
        at = ends[-1] if ends else safe_end(long, LONGEST)
        yield long[:at]
        long = long[at:]
    if long:
        yield long


def _code(part: list[Inline], *, is_quoted: bool) -> Iterator[Block]:
    if not any(words(one).strip() for one in part):
        return
    *most, last = _merged(part)
    rest = words(last).rstrip("\n")
    elements = [*most, last | {"text": rest}] if rest else most
    made: Block = {"type": "rich_text_preformatted", "elements": elements}
    yield _block(made | {"border": 1} if is_quoted else made)


def _block(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _length(element: Block) -> int:
    inner = element.get("elements")
    return sum(_length(one) for one in inner) if inner is not None else len(words(element))


def _is_safe(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname if parts.scheme in ("http", "https") else parts.path)
    except ValueError:
        return False
    return parts.scheme in schemes and is_whole and len(url) <= LONGEST_URL
