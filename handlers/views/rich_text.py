"""Rich text blocks: literal text in paragraphs, lists, quotes and code (docs: rich text block)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from handlers.views.screens import Block

Inline = dict[str, Any]

LONGEST = 2500
"""Characters in one rich text block: what is longer goes on in the next."""
LONGEST_URL = 3000
DEEPEST = 8
"""The deepest indent a list takes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list, or code that stands inside an item (``preformatted``). ``indent`` is 0 for the outermost."""

    indent: int
    is_ordered: bool
    number: int
    inlines: list[Inline] = field(default_factory=list)
    preformatted: str | None = None


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
        yield from inner
        return
    for inline in inner:
        if inline["type"] == "image":
            yield inline
        else:
            made = {"type": "link", "url": url, "text": inline["text"]}
            yield made | {"style": inline["style"]} if "style" in inline else made


def image(url: str, alt: str) -> Iterator[Inline]:
    """An image that Slack could fetch, else the words that stand for it."""
    if _is_safe(url, ("http", "https")):
        yield {"type": "image", "url": url, "text": alt[:2000].strip() or "Image"}
    elif alt:
        yield text(alt)


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
    return 300 if block["type"] == "image" else 0


def paragraphs(inlines: Sequence[Inline]) -> Iterator[Block]:
    """A paragraph, in as many blocks as its length asks for; nothing for one without words."""
    for part in _cut(inlines):
        yield _block({"type": "rich_text_section", "elements": part})


def quote(inlines: Sequence[Inline]) -> Iterator[Block]:
    """A quotation."""
    for part in _cut(inlines):
        yield _block({"type": "rich_text_quote", "elements": part})


def preformatted(code: str) -> Iterator[Block]:
    """Code, its lines kept; very long code goes on in further blocks."""
    part = ""
    for line in code.rstrip("\n").splitlines(keepends=True) or [""]:
        for piece in _pieces(line):
            if part and len(part) + len(piece) > LONGEST:
                yield _code(part)
                part = ""
            part += piece
    if part.strip():
        yield _code(part)


def rows(items: Iterable[Row]) -> Iterator[Block]:
    """A list; items of one kind and indent stand in one element, numbered on where it was interrupted."""
    elements: list[Block] = []
    size = 0
    for row in items:
        if row.preformatted is not None:
            if elements:
                yield _block(*elements)
            elements, size = [], 0
            yield from preformatted(row.preformatted)
            continue
        for first, part in enumerate(_cut(row.inlines)):
            item = {"type": "rich_text_section", "elements": part}
            taken = sum(len(words(one)) for one in part)
            if elements and (size + taken > LONGEST or len(elements) >= 60):
                yield _block(*elements)
                elements, size = [], 0
            style, indent = "ordered" if row.is_ordered else "bullet", min(row.indent, DEEPEST)
            last = elements[-1] if elements else None
            if last is not None and (last["style"], last["indent"]) == (style, indent) and not first:
                last["elements"].append(item)
            else:
                made: Block = {"type": "rich_text_list", "style": style, "indent": indent, "elements": [item]}
                if row.is_ordered and row.number > 1:
                    made["offset"] = row.number - 1
                elements.append(made)
            size += taken
    if elements:
        yield _block(*elements)


def _cut(inlines: Sequence[Inline]) -> Iterator[list[Inline]]:
    """The run in parts of at most `LONGEST` characters, without empty text and without blank ends."""
    part: list[Inline] = []
    size = 0
    for inline in _trimmed(inlines):
        for piece in _pieces(words(inline)):
            if part and size + len(piece) > LONGEST:
                yield part
                part, size = [], 0
            part.append(inline | {"text": piece})
            size += len(piece)
    if part:
        yield part


def _trimmed(inlines: Sequence[Inline]) -> list[Inline]:
    kept = [one for one in inlines if words(one)]
    while kept and not words(kept[-1]).strip():
        kept.pop()
    while kept and not words(kept[0]).strip():
        kept.pop(0)
    return kept


def _pieces(long: str) -> Iterator[str]:
    """Text cut where a line or a word ends, or anywhere when it is all one word."""
    while len(long) > LONGEST:
        ends = [match.end() for match in re.finditer(r"\s+", long[:LONGEST])]
        at = ends[-1] if ends else LONGEST
        yield long[:at]
        long = long[at:]
    if long:
        yield long


def _code(part: str) -> Block:
    return _block({"type": "rich_text_preformatted", "elements": [text(part.rstrip("\n") or " ")]})


def _block(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _length(element: Block) -> int:
    inner = element.get("elements")
    return sum(_length(one) for one in inner) if inner is not None else len(words(element))


def _is_safe(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc or parts.path) and len(url) <= LONGEST_URL
