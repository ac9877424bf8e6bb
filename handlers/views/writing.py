"""What people write in Slack's rich text input, as Markdown, and Markdown as they can go on writing it there.

Slack's input knows paragraphs, lists, quotes, code and links (docs: rich text input). It has no headings: a line that
is all bold is one. What it can't hold, such as a table or an image, is written as Markdown instead.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from handlers.views import markdown, slackfiles
from handlers.views.kit import safe_end
from handlers.views.rich_text import Inline
from handlers.views.screens import Block

LONGEST_FIELD = 3000
_FILE = re.compile(r"(?:\A|\n[ \t]*\n)(!?)\[((?:[^\[\]\\\n]|\\.)*)\]\(<?([^()<>\s]+)>?\)\s*\Z")
_SPECIAL = re.compile(r"([\\`*_\[\]<>~&|])")
_AT_START = re.compile(r"^(\s*)([#>+=-])|^(\s*\d+)([.)])")
_ESCAPED_THERE = r"\1\3\\\2\4"
_MARKS = {"bold": "**", "italic": "*", "strike": "~~"}
_BREAK = re.compile(rf"^\s*{markdown.PAGE_BREAK}\s*$", re.MULTILINE)


def pages_of(body: str) -> list[str]:
    """The author's own pages of a lesson's text; at least one."""
    return [page.strip() for page in _BREAK.split(body)] or [""]


class PageFile(NamedTuple):
    """A picture or another file at the end of a page. ``words`` are its name, or what the picture shows."""

    is_picture: bool
    words: str
    url: str

    @property
    def markdown(self) -> str:
        """As the text holds it."""
        address = re.sub(r"[\s<>()]", lambda found: quote(found.group()), self.url)
        return f"{'!' if self.is_picture else ''}[{_escaped(' '.join(self.words.split()))}](<{address}>)"


def parts_of(page: str) -> tuple[str, tuple[PageFile, ...]]:
    """The words of a page, and the pictures and files at its end, which its field can't hold."""
    files: list[PageFile] = []
    page = page.strip()
    while found := _FILE.search(page):
        mark, words, url = found.groups()
        if not mark and not is_file(url):
            break
        files.insert(0, PageFile(bool(mark), re.sub(r"\\(.)", r"\1", words), url))
        page = page[: found.start()].rstrip()
    return page, tuple(files)


def is_file(url: str) -> bool:
    """Whether an address is that of a file to be handed out rather than of a page: one Slack holds, or a PDF."""
    return slackfiles.file_id(url) is not None or urlsplit(url).path.lower().endswith(".pdf")


def page_of(words: str, files: Iterable[PageFile]) -> str:
    """A page of these words, with these files at its end."""
    return "\n\n".join(part for part in (words.strip(), *(file.markdown for file in files)) if part)


def fields_of(body: str) -> list[str]:
    """The pages of a text as fields hold them: one that only fits a field for Markdown, 3,000 characters at most
    (docs: plain-text input), goes on in a further one."""
    fields: list[str] = []
    for page in pages_of(body):
        words, files = parts_of(page)
        if len(words) <= LONGEST_FIELD or to_rich_text(words) is not None:
            fields.append(page)
        else:
            *before, last = _split(words)
            fields += [*before, page_of(last, files)]
    return fields


def _split(page: str) -> Iterator[str]:
    while len(page) > LONGEST_FIELD:
        at = max(page.rfind("\n\n", 0, LONGEST_FIELD), 0) or safe_end(page, LONGEST_FIELD)
        yield page[:at].strip()
        page = page[at:].strip()
    if page:
        yield page


def body_of(pages: Iterable[str]) -> str:
    """The text of these pages; empty ones are left out."""
    return f"\n\n{markdown.PAGE_BREAK}\n\n".join(page.strip() for page in pages if page.strip())


def to_markdown(written: str) -> str:
    """What somebody wrote, as Markdown. ``written`` is the input's rich text block in JSON; empty for nothing."""
    if not written:
        return ""
    elements = json.loads(written).get("elements", [])
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(part for part in map(_element, elements) if part)).strip()


def literal(message: str) -> str:
    """The words of a message, in Slack's mrkdwn, as Markdown that reads the same; links stay links.

    Escapes and the form of links are Slack's (docs: formatting message text).
    """
    parts = re.split(r"<(https?://[^|>]+)(?:\|([^>]*))?>", message)
    written = ""
    for words, url, label in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
        written += _escaped(html.unescape(re.sub(r"<[@#!][^>]*>", "", words)))
        if url:
            written += f"[{_escaped(html.unescape(label or url))}](<{html.unescape(url)}>)"
    lines = [_AT_START.sub(_ESCAPED_THERE, line) for line in written.split("\n")]
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "\\\\\n", "\n".join(lines)).strip()


def to_rich_text(page: str) -> Block | None:
    """A page of Markdown as a rich text block to go on writing; None where the input could not hold all of it."""
    rich = _rich(page)
    if rich is None or not page.strip() or markdown.has_table(page):
        return None
    again = _rich(to_markdown(json.dumps(rich)))
    return rich if again == rich else None


def _rich(page: str) -> Block | None:
    elements: list[Block] = []
    for blocks in markdown.pages(page):
        for block in blocks:
            if block["type"] == "header":
                bold = {"type": "text", "text": block["text"]["text"], "style": {"bold": True}}
                parts: list[Block] = [{"type": "rich_text_section", "elements": [bold]}]
            elif block["type"] == "rich_text":
                parts = block["elements"]
            else:
                return None
            for part in parts:
                _join(elements, part)
    return {"type": "rich_text", "elements": elements}


def _join(elements: list[Block], part: Block) -> None:
    """Paragraphs that follow each other are one section with an empty line between, as Slack's input makes them."""
    if elements and elements[-1]["type"] == part["type"] == "rich_text_section":
        gap: Inline = {"type": "text", "text": "\n\n"}
        elements[-1] = {**elements[-1], "elements": _merged([*elements[-1]["elements"], gap, *part["elements"]])}
    else:
        elements.append(part)


def _merged(inlines: Sequence[Inline]) -> list[Inline]:
    looks = groupby(inlines, key=lambda one: json.dumps({**one, "text": ""}, sort_keys=True))
    return [
        {**run[0], "text": "".join(one.get("text", "") for one in run)} if run[0]["type"] == "text" else one
        for run in (list(alike) for _, alike in looks)
        for one in (run[:1] if run[0]["type"] == "text" else run)
    ]


def _element(element: Block) -> str:
    kind = element["type"]
    if kind == "rich_text_section":
        return "\n\n".join(_paragraph(lines) for lines in _paragraphs(element["elements"]))
    if kind == "rich_text_quote":
        paragraphs = ["\\\n".join(map(_inline_run, lines)) for lines in _paragraphs(element["elements"])]
        return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(paragraphs).split("\n"))
    if kind == "rich_text_preformatted":
        return _fenced("".join(_plain(one) for one in element["elements"]))
    if kind == "rich_text_list":
        return "\n".join(_items(element))
    return ""


def _fenced(code: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{code.rstrip()}\n{fence}"


def _items(element: Block) -> Iterator[str]:
    indent = "    " * int(element.get("indent", 0))
    first = int(element.get("offset", 0)) + 1
    for number, item in enumerate(element["elements"], start=first):
        mark = f"{number}." if element["style"] == "ordered" else "-"
        lines = [_inline_run(line) for paragraph in _paragraphs(item["elements"]) for line in paragraph]
        yield f"{indent}{mark} " + f"\\\n{indent}{' ' * (len(mark) + 1)}".join(lines)


def _paragraphs(inlines: Iterable[Inline]) -> Iterator[list[list[Inline]]]:
    """The paragraphs of a section, each as its lines; an empty line parts two."""
    lines: list[list[Inline]] = [[]]
    for inline in inlines:
        if inline["type"] != "text":
            lines[-1].append(inline)
            continue
        for number, piece in enumerate(inline["text"].split("\n")):
            if number:
                lines.append([])
            if piece:
                lines[-1].append({**inline, "text": piece})
    for has_words, run in groupby(lines, key=lambda line: any(_plain(one).strip() for one in line)):
        if has_words:
            yield list(run)


def _paragraph(lines: list[list[Inline]]) -> str:
    if len(lines) == 1 and all(one["type"] == "text" and one.get("style") == {"bold": True} for one in lines[0]):
        return f"## {_escaped(''.join(_plain(one) for one in lines[0]).strip())}"
    return "\\\n".join(map(_inline_run, lines))


def _inline_run(line: Sequence[Inline]) -> str:
    return _AT_START.sub(_ESCAPED_THERE, "".join(_inline(one) for one in line).strip())


def _inline(one: Inline) -> str:
    style = one.get("style", {})
    if one["type"] == "link":
        return _marked(f"[{_escaped(one.get('text') or one['url'])}](<{one['url'].replace('>', '%3E')}>)", style)
    words = _plain(one)
    if style.get("code"):
        fence = "`" * (max((len(run) for run in re.findall(r"`+", words)), default=0) + 1)
        padding = " " if words[:1] == "`" or words[-1:] == "`" else ""
        return f"{fence}{padding}{words}{padding}{fence}"
    bare = words.strip()
    if not bare:
        return words
    before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    return f"{before}{_marked(_escaped(bare), style)}{after}"


def _marked(words: str, style: dict[str, Any]) -> str:
    for name, mark in _MARKS.items():
        if style.get(name):
            words = f"{mark}{words}{mark}"
    return words


def _plain(one: Inline) -> str:
    """What is read of an element; nobody is mentioned and nobody is called by it."""
    kind = one["type"]
    if kind == "emoji":
        codes = one.get("unicode", "")
        return "".join(chr(int(code, 16)) for code in codes.split("-")) if codes else f":{one['name']}:"
    if kind == "broadcast":
        return f"@{one['range']}"
    if kind in ("user", "channel", "usergroup"):
        return {"user": "@somebody", "channel": "#channel", "usergroup": "@group"}[kind]
    return str(one.get("text") or one.get("url") or "")


def _escaped(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words)
