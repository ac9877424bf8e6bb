"""Tables in columns of equal width: a modal takes no table block, and this reads well in a fixed font."""

import unicodedata
from collections.abc import Sequence

from handlers.views.rich_text import Inline, text, words

Cell = tuple[Sequence[Inline], str]
"""What a cell says, and the style Markdown gives its column (``text-align:right``)."""
GAP = "  "


def rows_of(rows: Sequence[Sequence[Cell]]) -> list[list[Inline]]:
    """The lines of a table, a rule below the first; links stay links."""
    widths = [max(_width(row[column][0]) for row in rows) for column in range(len(rows[0]))]
    lines = [_line(row, widths) for row in rows]
    rule = [text(GAP.join("─" * width for width in widths))]
    return [lines[0], rule, *lines[1:]]


def _line(row: Sequence[Cell], widths: Sequence[int]) -> list[Inline]:
    line: list[Inline] = []
    for (inlines, style), width in zip(row, widths, strict=True):
        free = width - _width(inlines)
        before = free if "right" in style else free // 2 if "center" in style else 0
        line += [text(" " * before), *(_in_one_line(one) for one in inlines), text(" " * (free - before) + GAP)]
    while line and not words(line[-1]).strip():
        line.pop()
    return line


def _in_one_line(inline: Inline) -> Inline:
    # Fixed-width text carries no style of its own.
    return {name: value for name, value in inline.items() if name != "style"} | {
        "text": words(inline).replace("\n", " ")
    }


def _width(inlines: Sequence[Inline]) -> int:
    """Columns taken in a fixed font: two for a wide character, none for a mark that joins the one before."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for inline in inlines
        for one in words(inline)
    )
