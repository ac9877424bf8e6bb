"""What somebody said in Slack, carried into an announcement."""

import json

import pytest

from handlers.views import richwords, spokenwords
from handlers.views.screens import Block


def text(words: str, **style: bool) -> Block:
    return {"type": "text", "text": words} | ({"style": style} if style else {})


@pytest.mark.parametrize(
    ("said", "inside"),
    [
        ("plain", [text("plain")]),
        ("a &lt;b&gt; &amp; c", [text("a <b> & c")]),
        ("*bold* and _it_", [text("bold", bold=True), text(" and "), text("it", italic=True)]),
        ("*bold _both_*", [text("bold ", bold=True), text("both", bold=True, italic=True)]),
        ("2 * 3 * 4 snake_case_name", [text("2 * 3 * 4 snake_case_name")]),
        ("`a *b*`", [text("a *b*", code=True)]),
        ("<https://example.com|here>", [{"type": "link", "url": "https://example.com", "text": "here"}]),
        ("<https://example.com?a=1&amp;b=2>", [{"type": "link", "url": "https://example.com?a=1&b=2"}]),
        ("<@U0ADA> in <#C0LEARN|learning>", [{"type": "user", "user_id": "U0ADA"}, text(" in "), None]),
        ("<!channel> <!here|here>", [text("@channel"), text(" "), text("here")]),
        ("<!subteam^S1|@team>", [text("@team")]),
        ("<!date^1^{date}|Monday>", [text("Monday")]),
        ("<|x>", [{"type": "link", "url": "", "text": "x"}]),
    ],
)
def test_a_message_reads_as_it_did(said: str, inside: list[Block | None]) -> None:
    channel = {"type": "channel", "channel_id": "C0LEARN"}
    (section,) = spokenwords.rich(said)["elements"]
    assert section["elements"] == [one or channel for one in inside]


def test_code_stands_by_itself() -> None:
    kinds = [one["type"] for one in spokenwords.rich("Look:\n```print(1)\n```\nDone")["elements"]]
    assert kinds == ["rich_text_section", "rich_text_preformatted", "rich_text_section"]


def test_a_modal_carries_what_fits() -> None:
    short = spokenwords.rich("*Short*")
    assert richwords.carry(short) == (json.dumps(short), True)
    for long in ("x" * 5000, '"\\' * 2500, "*a* " * 1000):
        carried, is_whole = richwords.carry(spokenwords.rich(long))
        assert not is_whole
        assert 2500 < len(carried) <= 3000
        assert richwords.plain(richwords.carried(carried))[:2] == richwords.plain(spokenwords.rich(long))[:2]


def test_a_link_nobody_should_follow_stays_as_words() -> None:
    link = {"type": "link", "url": "javascript:alert(1)", "text": "here"}
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    made = richwords.safe(json.dumps(block))
    assert made is not None
    assert made["elements"][0]["elements"] == [text("here")]
