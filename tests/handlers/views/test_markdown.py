"""Lessons as people read them: faithful, in pages, and harmless whatever they say."""

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.views.markdown import MOST_BLOCKS, PAGE, pages
from handlers.views.rich_text import length
from handlers.views.screens import Screen, read_aloud

Block = dict[str, Any]


def only_page(body: str) -> list[Block]:
    (page,) = pages(body)
    return page


def inlines(block: Block) -> list[Block]:
    return [one for element in block["elements"] for one in element["elements"]]


def leaves(thing: Any) -> list[Block]:
    """Every text and link anywhere inside."""
    if isinstance(thing, list):
        return [leaf for one in thing for leaf in leaves(one)]
    return [thing] if "elements" not in thing else leaves(thing["elements"])


def test_headings() -> None:
    first, second, third = only_page("# One\n\n## Two\n\n### Three *more*")
    assert (first["type"], first["text"]["text"]) == ("header", "One")
    assert (second["type"], second["text"]["text"]) == ("header", "Two")
    assert [one["style"] for one in inlines(third)] == [{"bold": True}, {"italic": True, "bold": True}]


def test_styles_and_links() -> None:
    (block,) = only_page("a **b** *c* ~~d~~ `e` [f](https://g.example) ***h***")
    styles = {one["text"]: one.get("style") for one in inlines(block)}
    assert styles["b"] == {"bold": True}
    assert styles["c"] == {"italic": True}
    assert styles["d"] == {"strike": True}
    assert styles["e"] == {"code": True}
    assert styles["h"] == {"bold": True, "italic": True}
    assert {"type": "link", "url": "https://g.example", "text": "f"} in inlines(block)


def test_nested_lists_keep_their_numbers() -> None:
    (block,) = only_page("1. one\n   - inner\n2. two\n3. three")
    assert [(part["style"], part["indent"], part.get("offset")) for part in block["elements"]] == [
        ("ordered", 0, None),
        ("bullet", 1, None),
        ("ordered", 0, 1),
    ]


def test_code_inside_a_list_keeps_its_lines_and_the_count_goes_on() -> None:
    before, code, after = only_page("1. run\n\n   ```\n   a\n     b\n   ```\n2. look")
    assert leaves(code["elements"])[0]["text"] == "a\n  b"
    assert after["elements"][0]["offset"] == 1
    assert before["elements"][0]["type"] == "rich_text_list"


def test_quotes_tables_and_rules() -> None:
    quote, rule, table = only_page("> wise\n> words\n\n---\n\n| a | long |\n|---|---|\n| 1 | 2 |")
    assert quote["elements"][0]["type"] == "rich_text_quote"
    assert rule["type"] == "divider"
    assert leaves(table["elements"])[0]["text"] == "a  long\n─  ────\n1  2"


def test_an_image_stands_by_itself_and_can_become_a_link() -> None:
    body = "before ![a cat](https://x.example/cat.png) after"
    before, image, after = only_page(body)
    assert (image["image_url"], image["alt_text"]) == ("https://x.example/cat.png", "a cat")
    assert (inlines(before)[0]["text"], inlines(after)[0]["text"]) == ("before ", " after")
    plainer = Screen("Lesson", tuple(only_page(body))).plainer
    assert plainer is not None
    line = plainer.blocks[1]
    assert {"type": "link", "url": "https://x.example/cat.png", "text": "Image: a cat"} in inlines(line)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "relative.html"])
def test_only_the_web_is_linked(url: str) -> None:
    assert all(leaf["type"] == "text" for leaf in leaves(only_page(f"[press]({url}) ![pic]({url})")))


@pytest.mark.parametrize("shout", ["<!channel>", "<@U0RADIA>", "@here", "<script>alert(1)</script>", "&lt;!here&gt;"])
def test_nothing_a_lesson_says_can_shout(shout: str) -> None:
    page = only_page(f"Hello {shout} and\n\n{shout}")
    assert {block["type"] for block in page} == {"rich_text"}
    assert all(leaf["type"] == "text" for leaf in leaves(page))
    assert "<!" not in read_aloud(page)
    assert "<@" not in read_aloud(page)


def test_a_page_is_turned_where_the_author_says() -> None:
    assert len(pages("one\n\n<!-- page -->\n\ntwo\n\n<!-- page -->\n<!-- page -->\n\nthree")) == 3


def test_a_heading_is_never_the_last_thing_on_a_page() -> None:
    body = "\n\n".join(f"## Part {number}\n\n" + "word " * 150 for number in range(30))
    made = pages(body)
    assert len(made) > 5
    assert all(page[-1]["type"] != "header" for page in made)


def test_an_empty_text_is_one_empty_page() -> None:
    assert pages("") == pages("  \n\n") == [[]]


@pytest.mark.parametrize(
    "body",
    [
        "x" * 10_000,
        "- item\n" * 3_000,
        "> " * 60 + "deep",
        "\n".join("  " * depth + "- level" for depth in range(20)),
        "```\n" + "x" * 9_000 + "\n```",
        "# " + "long " * 100,
        "مرحبا " * 2_000,
        "👩‍👩‍👧‍👦" * 2_000,
        "\u200b" * 500,
        "|a|\n|-|\n" + "|b|\n" * 900,
    ],
    ids=["no spaces", "list", "quotes", "levels", "code", "heading", "right to left", "emoji", "zero width", "table"],
)
def test_hostile_text_stays_within_every_limit(body: str) -> None:
    for page in pages(body):
        assert len(page) <= MOST_BLOCKS
        assert sum(length(block) for block in page) <= 2 * PAGE


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=400)
    | st.lists(st.sampled_from(["# h", "- a", "1. b", "> c", "`d`", "|e|", "", "**f"])).map("\n".join)
)
def test_no_word_is_lost(body: str) -> None:
    shown = "".join(str(leaf.get("text", "")) for page in pages(body) for leaf in shown_by(page))
    unseen = r"\[[^\]]*\]:.*|<[^>]*>|\([^)]*\)|&[a-zA-Z]+;?|\\.|```.*"
    for word in re.findall(r"[A-Za-z]{2,}", re.sub(unseen, "", body)):
        assert word in shown


def shown_by(page: list[Block]) -> list[Block]:
    return [
        leaf
        for block in page
        for leaf in (leaves(block["elements"]) if "elements" in block else [block.get("text", {})])
    ]


def test_a_long_lesson_is_rendered_in_no_time() -> None:
    body = "\n\n".join(f"## Part {n}\n\n" + "plain *words* here " * 40 + "\n\n- a\n- b" for n in range(80))
    started = time.process_time()
    pages(body)
    assert time.process_time() - started < 2
