"""Markdown as Block Kit, in pages that are comfortable to read.

Lesson text becomes rich text, whose elements are literal: nothing a lesson says can mention or shout. Raw HTML shows as
it was written; the comment ``<!-- page -->`` on a line of its own turns the page.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from handlers.views import rich_text, slackfiles
from handlers.views.rich_text import Inline, Row
from handlers.views.screens import Block
from handlers.views.tables import rows_of

# The library is loaded with the first lesson that is read: a start is a fiftieth shorter without.
if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

PAGE = 2800
"""Characters a page holds before it is turned at the next paragraph."""
ENOUGH = 1800
"""Characters after which a heading opens a new page."""
MOST_BLOCKS = 40
"""Blocks on a page: a modal takes 100 and a message 50 (Slack's limits), and a lesson's frame needs some."""
MOST_CARRIED = 5
"""Headings in a row that are carried over to the page of their text."""
PAGE_BREAK = "<!-- page -->"
DEEPEST = 40
"""Levels of nesting that are read. markdown-it leaves out what lies deeper, so such a text is shown as it was typed."""
_LISTS = ("bullet_list", "ordered_list")
_CODE = ("fence", "code_block")
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


class _Piece(NamedTuple):
    """A block on its way to a page; one without a block turns the page."""

    block: Block | None
    is_heading: bool = False

    @property
    def length(self) -> int:
        return rich_text.length(self.block) if self.block else 0


def pages(body: str) -> list[list[Block]]:
    """The text as pages of blocks, at least one, which is empty for an empty text."""
    return [list(page) for page in _rendered(body)]


def has_table(body: str) -> bool:
    """Whether there is a table in the text, which Slack shows as lines in a fixed font."""
    return "|" in body and any(token.type == "table_open" for token in _parser().parse(body))


@lru_cache(maxsize=256)
def _rendered(body: str) -> tuple[tuple[Block, ...], ...]:
    return tuple(tuple(piece.block for piece in page if piece.block) for page in _paged(_pieces(body)))


def _pieces(body: str) -> Iterable[_Piece]:
    from markdown_it.tree import SyntaxTreeNode

    try:
        tokens = _parser().parse(body)
        if _depth(tokens) < DEEPEST - 1:
            return list(_blocks(SyntaxTreeNode(tokens)))
    except RecursionError:
        pass  # the same text, only nested deeper still
    return [
        piece for part in re.split(r"\n\s*\n", body) for piece in _each(rich_text.paragraphs([rich_text.text(part)]))
    ]


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"])


def _depth(tokens: "Sequence[Token]") -> int:
    return max((max(token.level, _depth(token.children or ())) for token in tokens), default=0)


def _paged(pieces: Iterable[_Piece]) -> list[list[_Piece]]:
    made: list[list[_Piece]] = [[]]
    size = 0
    for piece in pieces:
        page = made[-1]
        if piece.block is None:
            made, size = ([*made, []], 0) if page else (made, 0)
            continue
        is_crammed = len(page) >= MOST_BLOCKS
        is_full = size + piece.length > PAGE or (piece.is_heading and size > ENOUGH)
        if is_crammed or (is_full and not all(one.is_heading for one in page)):
            # A heading is never the last thing on a page: it goes where its text goes.
            carried: list[_Piece] = []
            while len(page) > 1 and page[-1].is_heading and len(carried) < MOST_CARRIED:
                carried.insert(0, page.pop())
            made.append(carried)
            size = sum(one.length for one in carried)
        made[-1].append(piece)
        size += piece.length
    return [page for page in made if page] or [[]]


def _each(blocks: Iterable[Block], *, is_heading: bool = False) -> Iterator[_Piece]:
    return (_Piece(block, is_heading) for block in blocks)


def _blocks(tree: "SyntaxTreeNode") -> Iterator[_Piece]:
    """The text in reading order."""
    for node in tree.children:
        if node.type == "heading":
            yield from _each(_heading(node), is_heading=True)
        elif node.type == "html_block":
            yield from _html(node.content)
        else:
            yield from _each(_block(node))


def _block(node: "SyntaxTreeNode") -> Iterator[Block]:
    if node.type == "paragraph":
        yield from _paragraph(_inside(node))
    elif node.type in _LISTS:
        yield from rich_text.rows(_list(node, 0))
    elif node.type in _CODE:
        yield from rich_text.preformatted(rich_text.code_lines(node.content))
    elif node.type == "blockquote":
        yield from _quote(node)
    elif node.type == "hr":
        yield {"type": "divider"}
    elif node.type == "table":
        yield from rich_text.preformatted(_table(node))


def _html(content: str) -> Iterator[_Piece]:
    for number, part in enumerate(re.split(rf"^\s*{PAGE_BREAK}\s*$", content, flags=re.MULTILINE)):
        if number:
            yield _Piece(None)
        yield from _each(rich_text.paragraphs([rich_text.text(part)]))


def _heading(node: "SyntaxTreeNode") -> Iterator[Block]:
    inlines = list(_inside(node))
    words = "".join(rich_text.words(one) for one in inlines).strip()
    is_plain = all(one["type"] == "text" for one in inlines)
    if words and is_plain and node.tag in ("h1", "h2") and len(words) <= 150:
        yield {"type": "header", "text": {"type": "plain_text", "text": words, "emoji": True}}
    else:
        yield from _paragraph(rich_text.styled(one, "bold") for one in inlines)


def _paragraph(inlines: Iterable[Inline]) -> Iterator[Block]:
    waiting: list[Inline] = []
    inlines = list(inlines)
    if len(inlines) == 1 and inlines[0]["type"] == "link" and (file := slackfiles.file_id(inlines[0]["url"])):
        yield slackfiles.offered(str(inlines[0]["text"]), file)
        return
    for inline in inlines:
        if inline["type"] == "image":
            yield from rich_text.paragraphs(waiting)
            waiting = []
            yield slackfiles.picture(inline["url"], inline["text"])
        else:
            waiting.append(inline)
    yield from rich_text.paragraphs(waiting)


def _quote(node: "SyntaxTreeNode") -> Iterator[Block]:
    """A quotation; lists and code in it keep their form beside the same line (Slack's ``border``)."""
    run: list[Inline] = []
    for child in node.children:
        if child.type not in (*_LISTS, *_CODE, "blockquote"):
            run = _joined(run, _flat(child))
            continue
        yield from rich_text.quote(run)
        run = []
        if child.type in _LISTS:
            yield from rich_text.rows(_list(child, 0), is_quoted=True)
        elif child.type in _CODE:
            yield from rich_text.preformatted(rich_text.code_lines(child.content), is_quoted=True)
        else:
            yield from _quote(child)
    yield from rich_text.quote(run)


def _list(node: "SyntaxTreeNode", indent: int) -> Iterator[Row]:
    """The items of a list and of the lists within, flat, each with its indent, as Slack draws them."""
    is_ordered = node.type == "ordered_list"
    first = int(node.attrs.get("start", 1)) if is_ordered else 1
    for number, item in enumerate(node.children, start=first):
        run: list[Inline] = []
        later: list[Row] = []
        for child in item.children:
            if child.type in _LISTS:
                later += _list(child, indent + 1)
            elif child.type in _CODE:
                later.append(Row(indent, is_ordered, number, lines=rich_text.code_lines(child.content)))
            else:
                run = _joined(run, _flat(child))
        yield Row(indent, is_ordered, number, _ticked(run))
        yield from later


def _ticked(run: list[Inline]) -> list[Inline]:
    """A task with its box drawn."""
    first = run[0] if run else {}
    box = _TASKS.get(str(first.get("text"))[:4]) if first.get("type") == "text" and "style" not in first else None
    return [first | {"text": box + first["text"][4:]}, *run[1:]] if box else run


def _flat(node: "SyntaxTreeNode") -> list[Inline]:
    """Everything inside, as one run of text: what a quote or a list item can hold."""
    if node.type in ("paragraph", "heading"):
        return [rich_text.as_link(one) for one in _inside(node)]
    if node.type in _CODE:
        return [rich_text.text(node.content.rstrip("\n"), code=True)]
    if node.type == "html_block":
        return [rich_text.text(node.content.rstrip("\n"))]
    if node.type == "hr":
        return [rich_text.text("―――")]
    if node.type == "table":
        return [inline for line in _table(node) for inline in line]
    run: list[Inline] = []
    for child in node.children:
        run = _joined(run, _flat(child))
    return run


def _joined(run: list[Inline], more: list[Inline]) -> list[Inline]:
    return [*run, rich_text.text("\n"), *more] if run and more else run or more


def _table(node: "SyntaxTreeNode") -> list[list[Inline]]:
    return rows_of(
        [
            [
                ([rich_text.as_link(one) for one in _inside(cell)], str(cell.attrs.get("style", "")))
                for cell in row.children
            ]
            for part in node.children
            for row in part.children
        ]
    )


def _inside(node: "SyntaxTreeNode") -> Iterator[Inline]:
    return (inline for child in node.children for inline in _inlines(child))


def _inlines(node: "SyntaxTreeNode") -> Iterator[Inline]:
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
        shown = "".join(rich_text.words(one) for one in _inside(node))
        alt = shown or str(node.attrs.get("title") or "")
        yield from rich_text.image(str(node.attrs.get("src", "")), alt)
    elif kind == "link":
        yield from rich_text.link(str(node.attrs.get("href", "")), list(_inside(node)))
    else:
        style = {"strong": "bold", "em": "italic", "s": "strike"}.get(kind)
        for inline in _inside(node):
            yield rich_text.styled(inline, style) if style else inline
