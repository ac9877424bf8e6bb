"""Lessons as people read them: faithful, in pages, and harmless whatever they say."""

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.blockkit import check_blocks
from handlers.views.markdown import MOST_BLOCKS, PAGE, pages
from handlers.views.rich_text import LONGEST, length
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
    assert (inlines(before)[0]["text"], inlines(after)[0]["text"]) == ("before", "after")
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


@pytest.mark.parametrize("mark", ["#", "##", "###"])
def test_a_heading_is_never_the_last_thing_on_a_page(mark: str) -> None:
    body = "\n\n".join(f"{mark} Part {number}\n\n" + "word " * 150 for number in range(30))
    made = pages(body)
    assert len(made) > 5
    assert all("Part" not in read_aloud(page[-1:]) for page in made)


def test_code_stays_on_one_page_when_it_fits_one() -> None:
    code = "print(1)\n" * 200
    made = pages("word " * 300 + f"\n\n```\n{code}```\n\nafter")
    assert [code.strip() in read_aloud(page) for page in made] == [False, True]


def test_an_empty_text_is_one_empty_page() -> None:
    assert pages("") == pages("  \n\n") == [[]]


def test_a_task_shows_its_box() -> None:
    (block,) = only_page("- [ ] read\n- [x] write\n- `[x] ` code\n- [y] else")
    assert [leaf["text"] for leaf in leaves(block)] == ["☐ read", "☑ write", "[x] ", " code", "[y] else"]


def test_an_empty_item_does_not_shift_the_numbers() -> None:
    (block,) = only_page("1. one\n2.\n3. three")
    assert [part.get("offset", 0) for part in block["elements"]] == [0, 2]


def test_a_quote_keeps_its_lists_and_code() -> None:
    quote, steps, code, end = only_page("> wise\n>\n> 1. one\n> 2. two\n>\n> ```\n> x = 1\n> ```\n>\n> words")
    assert [leaf["text"] for leaf in leaves([quote, end])] == ["wise", "words"]
    assert (steps["elements"][0]["style"], steps["elements"][0]["border"]) == ("ordered", 1)
    assert [leaf["text"] for leaf in leaves(steps)] == ["one", "two"]
    assert (code["elements"][0]["type"], code["elements"][0]["border"]) == ("rich_text_preformatted", 1)


def test_a_heading_keeps_its_link_and_its_image() -> None:
    linked, image = only_page("# See [this](https://x.example)\n\n# ![cat](https://x.example/cat.png)")
    assert inlines(linked)[1] == {
        "type": "link",
        "url": "https://x.example",
        "text": "this",
        "style": {"bold": True},
    }
    assert image["type"] == "image"


def test_a_link_without_words_shows_its_address_and_one_around_an_image_stands_below_it() -> None:
    bare, image, link = only_page("[](https://x.example)\n\n[![cat](https://x.example/cat.png)](https://x.example)")
    assert inlines(bare) == [{"type": "link", "url": "https://x.example", "text": "https://x.example"}]
    assert image["type"] == "image"
    assert inlines(link) == [{"type": "link", "url": "https://x.example", "text": "cat"}]


def test_a_table_is_aligned_and_keeps_its_links() -> None:
    (block,) = only_page("| name | sum |\n|:--|--:|\n| 東京 | 5 |\n| [a](https://x.example) | 10 |")
    assert "".join(leaf["text"] for leaf in leaves(block)) == "name  sum\n────  ───\n東京    5\na      10"
    assert {"type": "link", "url": "https://x.example", "text": "a"} in leaves(block)


def test_html_is_shown_as_it_was_written() -> None:
    (block,) = only_page("<div>\n  <b>bold</b> &amp;\n</div>")
    assert leaves(block) == [{"type": "text", "text": "<div>\n  <b>bold</b> &amp;\n</div>"}]


@pytest.mark.parametrize(
    "url", ["http:///nowhere", "https://", "mailto:", "http://[::1", "https://x.example/" + "a" * 3000]
)
def test_an_address_slack_would_refuse_costs_only_the_link(url: str) -> None:
    page = only_page(f"[here](<{url}>) ![pic](<{url}>)")
    assert check_blocks(page, "modal") == []
    assert "here pic" in read_aloud(page)


HOSTILE = {
    "no spaces": "x" * 10_000,
    "list": "- item\n" * 3_000,
    "quotes": "> " * 300 + "deep",
    "levels": "\n".join("  " * depth + "- level" for depth in range(150)) + " deep",
    "emphasis": "*" * 3_000 + "deep" + "*" * 3_000,
    "images in images": "![" * 500 + "deep" + "](https://x.example)" * 500,
    "brackets": "[" * 3_000 + "deep",
    "code": "```\n" + "x" * 9_000 + "\n```",
    "heading": "# " + "long " * 100,
    "headings": "# h\n\n" * 300,
    "rules": "---\n\n" * 300,
    "images": "![a](https://x.example/a.png)\n\n" * 200,
    "alt": "![" + "x" * 3_000 + "](https://x.example/a.png)",
    "right to left": "مرحبا " * 2_000,
    "emoji": "👩‍👩‍👧‍👦" * 2_000,
    "accents": "a" + "\u0301" * 9_000,
    "zero width": "\u200b" * 500,
    "long table": "|a|\n|-|\n" + "|b|\n" * 900,
    "wide table": "|" + "a|" * 200 + "\n|" + "-|" * 200 + "\n|" + "b|" * 200,
    "mentions": "<!channel> <@U0ADA> @here " * 300,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_within_every_limit_and_is_all_there(body: str) -> None:
    made = pages(body)
    for page in made:
        assert len(page) <= MOST_BLOCKS
        assert sum(length(block) for block in page) <= PAGE + LONGEST
        assert check_blocks(page, "modal") == check_blocks(page, "message") == []
    if "deep" in body:
        assert any("deep" in str(page) for page in made)


def test_no_page_cuts_an_emoji_in_two() -> None:
    family = "👩‍👩‍👧‍👦"
    for page in pages(family * 2_000):
        assert all(leaf["text"].replace(family, "") == "" for leaf in leaves(page))


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=400)
    | st.text(alphabet="#-*_~`>|[]()!<&:\\/ \n\ta1.x", max_size=300)
    | st.lists(
        st.sampled_from(["# h", "- a", "1. b", "> c", "`d`", "|e|", "|-|", "", "**f", "```", "    g", "- [x] h", "***"])
    ).map("\n".join)
)
def test_whatever_is_written_slack_takes_it(body: str) -> None:
    for page in pages(body):
        assert check_blocks(page, "modal") == check_blocks(page, "message") == []


SHAPES: dict[str, str] = {
    "paragraph": "{}",
    "broken": "{}\\\n{}  \n{}",
    "styled": "**{}** *{} ~~{}~~* `{}` ***{}***",
    "heading": "# {}",
    "small heading": "### {} *{}*",
    "underlined": "{}\n===",
    "bullets": "- {}\n- {}\n  - {}\n    1. {}\n    2. {}\n- {}",
    "steps": "7. {}\n\n   {}\n\n   ```\n   {}\n   ```\n8. {}\n   > {}",
    "quote": "> {}\n> {}\n>\n> - {}\n>\n> > {}\n>\n> {}",
    "code": "```python\n{}\n{}\n```",
    "indented": "    {}\n    {}",
    "table": "| {} | {} |\n|---|:-:|\n| {} | **{}** |",
    "link": "{} [{}](https://x.example) [{}](javascript:x) <span>{}</span>",
    "image": "{} ![{}](https://x.example/a.png) {}",
    "html": "<div>\n{}\n</div>",
    "page": "<!-- page -->",
    "rule": "---",
}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(SHAPES.values())), st.integers(1, 400)), max_size=12))
def test_every_word_is_shown_once_and_in_order(shapes: list[tuple[str, int]]) -> None:
    count = 0

    def fill(shape: str, repeated: int) -> str:
        nonlocal count
        while "{}" in shape:
            first = count + 1
            # Long runs only where the shape has one place for words: the rest stays short.
            count += repeated if shape.count("{}") == 1 and "|" not in shape else 1
            shape = shape.replace("{}", " ".join(f"w{number}w" for number in range(first, count + 1)), 1)
        return shape

    body = "\n\n<!-- -->\n\n".join(fill(shape, repeated) for shape, repeated in shapes)

    shown = " ".join(str(leaf.get("text", leaf.get("alt_text", ""))) for page in pages(body) for leaf in shown_by(page))

    assert [int(number) for number in re.findall(r"w(\d+)w", shown)] == list(range(1, count + 1))


def shown_by(page: list[Block]) -> list[Block]:
    return [
        leaf
        for block in page
        for leaf in (leaves(block["elements"]) if "elements" in block else [block.get("text", block)])
    ]


def test_ten_thousand_words_are_rendered_in_no_time() -> None:
    body = "\n\n".join(f"## Part {n}\n\n" + "plain *words* here " * 40 + "\n\n- a\n- b" for n in range(80))
    started = time.process_time()
    pages(body)
    assert time.process_time() - started < 1
