"""What people write in Slack becomes Markdown that shows what they wrote."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views import markdown, writing
from handlers.views.screens import Block, read_aloud
from models import coursefiles

COURSES = Path(__file__).parents[3] / "bot" / "sandbox" / "courses"


def rich(*elements: Block) -> str:
    return json.dumps({"type": "rich_text", "elements": list(elements)})


def section(*inlines: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(inlines)}


def text(words: str, **style: bool) -> Block:
    return {"type": "text", "text": words} | ({"style": style} if style else {})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", ""),
        (rich(section(text("Plain words."))), "Plain words."),
        (rich(section(text("One\ntwo\n\nthree"))), "One\\\ntwo\n\nthree"),
        (rich(section(text("Very "), text("bold ", bold=True), text("it is"))), "Very **bold** it is"),
        (rich(section(text("A heading", bold=True), text("\n\nIts text"))), "## A heading\n\nIts text"),
        (rich(section(text("# not one, 1. nor *this*"))), "\\# not one, 1. nor \\*this\\*"),
        (
            rich(section(text("1. Not a list\n2) nor this\n===\n- nor that"))),
            "1\\. Not a list\\\n2\\) nor this\\\n\\===\\\n\\- nor that",
        ),
        (rich(section(text("x = `1`", code=True))), "`` x = `1` ``"),
        (rich(section({"type": "link", "url": "https://a.example/", "text": "here"})), "[here](<https://a.example/>)"),
        (rich(section({"type": "broadcast", "range": "channel"})), "@channel"),
        (rich(section({"type": "emoji", "name": "tada", "unicode": "1f389"})), "🎉"),
        (
            rich({"type": "rich_text_preformatted", "elements": [text("print('hi')\n")]}),
            "```\nprint('hi')\n```",
        ),
        (
            rich({"type": "rich_text_quote", "elements": [text("Said\nonce")]}),
            "> Said\\\n> once",
        ),
        (
            rich(
                {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": [section(text("one"))]},
                {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [section(text("in it"))]},
            ),
            "- one\n\n    1. in it",
        ),
    ],
)
def test_what_is_written_is_markdown(written: str, expected: str) -> None:
    assert writing.to_markdown(written) == expected


def test_what_shows_is_what_was_written() -> None:
    body = "## Loops\n\nTake *this* and **that**, `code` too.\n\n- one\n- two\n\n> Said so.\n\n```\nx = 1\n```"
    form = writing.to_rich_text(body)
    assert form is not None
    assert markdown.pages(writing.to_markdown(json.dumps(form))) == markdown.pages(body)


@pytest.mark.parametrize("body", ["| a | b |\n|---|---|\n| 1 | 2 |", "![A knot](https://a.example/knot.png)", "---"])
def test_what_the_input_can_not_hold_stays_markdown(body: str) -> None:
    assert writing.to_rich_text(body) is None


def test_an_empty_page_has_nothing_to_go_on_from() -> None:
    assert writing.to_rich_text("  ") is None


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)
MARKS = st.text("01.)(#>+-=*_`~|[]!<&;:\\ \na", max_size=12)
"""What means something in Markdown, alone or together."""


@given(st.lists(st.one_of(WORDS, MARKS), max_size=4))
def test_words_stay_the_words_they_were(lines: list[str]) -> None:
    said = "\n\n".join(line.strip() for line in lines if line.strip())
    shown = [block for page in markdown.pages(writing.to_markdown(rich(section(text(said))))) for block in page]
    assert read_aloud(shown).split() == read_aloud([json.loads(rich(section(text(said))))]).split()


def test_a_long_page_of_markdown_goes_on_in_another_field() -> None:
    rows = "".join(f"| {number} | {'word ' * 8}|\n" for number in range(90))
    fields = writing.fields_of(f"Before.\n\n| a | b |\n|---|---|\n{rows}\n\nAfter.")
    assert all(len(field) <= writing.LONGEST_FIELD for field in fields)
    assert (fields[0], fields[-1][-6:]) == ("Before.", "After.")


def test_pages_are_the_authors_own() -> None:
    body = writing.body_of(["One", "", "Two"])
    assert writing.pages_of(body) == ["One", "Two"]
    assert writing.pages_of("") == [""]


def test_the_demos_pages_without_tables_can_be_edited_as_rich_text() -> None:
    pages = [
        page
        for file in sorted(COURSES.glob("*.yaml"))
        for module in coursefiles.read(file.read_text(encoding="utf-8"), file.name).modules
        for lesson in module.lessons
        for page in writing.pages_of(lesson.body or "")
        if page and not markdown.has_table(page)
    ]
    editable = [page for page in pages if writing.to_rich_text(page) is not None]
    assert len(editable) >= 0.9 * len(pages), f"{len(editable)} of {len(pages)}"
