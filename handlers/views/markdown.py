"""Markdown as Block Kit, in pages that are comfortable to read.

Lesson text becomes rich text, whose elements are literal: nothing a lesson says can mention or shout. Raw HTML shows as
it was written; the comment ``<!-- page -->`` on a line of its own turns the page.
"""

from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from handlers.views import rich_text
from handlers.views.rich_text import Inline
from handlers.views.screens import Block

PAGE = 2800
"""Characters a page holds before it is turned at the next paragraph."""
ENOUGH = 1800
"""Characters after which a heading opens a new page."""
MOST_BLOCKS = 40
"""Blocks on a page: a modal takes 100 and a message 50 (Slack's limits), and a lesson's frame needs some."""
PAGE_BREAK = "<!-- page -->"
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@lru_cache(maxsize=256)
def _rendered(body: str) -> tuple[tuple[Block, ...], ...]:
    return tuple(tuple(page) for page in _paged(list(_blocks(SyntaxTreeNode(_PARSER.parse(body))))))


def pages(body: str) -> list[list[Block]]:
    """The text as pages of blocks, at least one, which is empty for an empty text."""
    return [list(page) for page in _rendered(body)]


def _paged(blocks: list[Block | None]) -> list[list[Block]]:
    made: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        if block is None:
            made, size = ([*made, []], 0) if made[-1] else (made, 0)
            continue
        length = rich_text.length(block)
        is_heading = _is_heading(block)
        page = made[-1]
        is_full = size + length > PAGE or len(page) >= MOST_BLOCKS or (is_heading and size > ENOUGH)
        if is_full and any(not _is_heading(one) for one in page):
            # A heading is never the last thing on a page.
            carried: list[Block] = []
            while _is_heading(page[-1]):
                carried.insert(0, page.pop())
            made.append(carried)
            size = sum(rich_text.length(one) for one in carried)
        made[-1].append(block)
        size += length
    return [page for page in made if page] or [[]]


def _is_heading(block: Block) -> bool:
    return bool(block["type"] == "header")


def _blocks(tree: SyntaxTreeNode) -> Iterator[Block | None]:
    """The blocks in reading order; None turns the page."""
    for node in tree.children:
        kind = node.type
        if kind == "heading":
            yield from _heading(node)
        elif kind == "paragraph":
            yield from _paragraph(node)
        elif kind in ("bullet_list", "ordered_list"):
            yield from rich_text.rows(_list(node, 0))
        elif kind in ("fence", "code_block"):
            yield from rich_text.preformatted(node.content)
        elif kind == "blockquote":
            yield from rich_text.quote(_flat(node))
        elif kind == "hr":
            yield {"type": "divider"}
        elif kind == "table":
            yield from rich_text.preformatted(_table(node))
        elif kind == "html_block":
            yield from _html(node.content)


def _html(content: str) -> Iterator[Block | None]:
    for line in content.splitlines():
        if line.strip() == PAGE_BREAK:
            yield None
        elif line.strip():
            yield from rich_text.paragraphs([rich_text.text(line)])


def _heading(node: SyntaxTreeNode) -> Iterator[Block]:
    inlines = [one for child in node.children for one in _inlines(child)]
    words = "".join(rich_text.words(one) for one in inlines).strip()
    if not words:
        return
    if node.tag in ("h1", "h2") and len(words) <= 150:
        yield {"type": "header", "text": {"type": "plain_text", "text": words, "emoji": True}}
    else:
        yield from rich_text.paragraphs([rich_text.styled(one, "bold") for one in inlines])


def _paragraph(node: SyntaxTreeNode) -> Iterator[Block]:
    waiting: list[Inline] = []
    for inline in (one for child in node.children for one in _inlines(child)):
        if inline["type"] == "image":
            yield from rich_text.paragraphs(waiting)
            waiting = []
            yield {"type": "image", "image_url": inline["url"], "alt_text": inline["text"]}
        else:
            waiting.append(inline)
    yield from rich_text.paragraphs(waiting)


def _list(node: SyntaxTreeNode, indent: int) -> Iterator[rich_text.Row]:
    """The items of a list and of the lists within, flat, each with its indent, as Slack draws them."""
    is_ordered = node.type == "ordered_list"
    number = int(node.attrs.get("start", 1)) if is_ordered else 1
    for item in node.children:
        inlines: list[Inline] = []
        later: list[rich_text.Row] = []
        for child in item.children:
            if child.type in ("bullet_list", "ordered_list"):
                later += _list(child, indent + 1)
            elif child.type in ("fence", "code_block"):
                later.append(rich_text.Row(indent, is_ordered, number, [], preformatted=child.content))
            else:
                more = _flat(child)
                inlines += [rich_text.text("\n"), *more] if inlines and more else more
        yield rich_text.Row(indent, is_ordered, number, inlines)
        yield from later
        number += 1


def _flat(node: SyntaxTreeNode) -> list[Inline]:
    """Everything inside, as one run of text: what a quote or a list item can hold."""
    if node.type in ("paragraph", "heading", "inline", "td", "th"):
        return [rich_text.as_link(one) for child in node.children for one in _inlines(child)]
    if node.type in ("fence", "code_block", "html_block"):
        return [rich_text.text(node.content.rstrip("\n"), code=node.type != "html_block")]
    if node.type == "table":
        return [rich_text.text(_table(node), code=True)]
    parts: list[Inline] = []
    for child in node.children:
        inner = _flat(child)
        if child.type == "list_item":
            inner = [rich_text.text("• "), *inner]
        if parts and inner:
            parts.append(rich_text.text("\n"))
        parts += inner
    return parts


def _inlines(node: SyntaxTreeNode) -> Iterator[Inline]:
    kind = node.type
    if kind in ("text", "html_inline"):
        if node.content:
            yield rich_text.text(node.content)
    elif kind == "code_inline":
        yield rich_text.text(node.content, code=True)
    elif kind == "softbreak":
        yield rich_text.text(" ")
    elif kind == "hardbreak":
        yield rich_text.text("\n")
    elif kind == "image":
        alt = node.content or str(node.attrs.get("title") or "")
        yield from rich_text.image(str(node.attrs.get("src", "")), alt)
    elif kind == "link":
        yield from _link(node)
    else:
        style = {"strong": "bold", "em": "italic", "s": "strike"}.get(kind)
        for child in node.children:
            for inline in _inlines(child):
                yield rich_text.styled(inline, style) if style else inline


def _link(node: SyntaxTreeNode) -> Iterator[Inline]:
    inner = [one for child in node.children for one in _inlines(child)]
    yield from rich_text.link(str(node.attrs.get("href", "")), inner)


def _table(node: SyntaxTreeNode) -> str:
    """The table in columns of equal width: a modal takes no table block, and this reads well in a fixed font."""
    rows = [
        ["".join(rich_text.words(one) for one in _flat(cell)).strip() for cell in row.children]
        for part in node.children
        for row in part.children
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])
