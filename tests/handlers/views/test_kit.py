"""The vocabulary of the screens: whatever a name holds, Slack takes it and nobody is called by it."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.blockkit import check_blocks, check_view
from handlers.views import kit
from handlers.views.screens import Screen

FAMILY = "👩‍👩‍👧‍👦"
WAVE = "👋🏽"
FLAG = "🇬🇧"

words_anyone_types = st.text(max_size=200) | st.text(alphabet="*_~`<>&@#!|a \n{}:" + FAMILY, max_size=200)


def seen(mrkdwn: str) -> str:
    """What a reader sees of escaped text."""
    shown = mrkdwn.replace(kit.ZERO_WIDTH_SPACE, "")
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_a_sentence_takes_its_fields_by_name() -> None:
    assert kit.say("Next: *{title}*, {minutes} min", title="Loops", minutes="6") == "Next: *Loops*, 6 min"


@pytest.mark.parametrize(
    "shout", ["<!channel>", "<!here>", "<@U0RADIA>", "<!subteam^S1>", "<https://evil.example|Click>"]
)
def test_no_name_can_call_anyone_or_hide_a_link(shout: str) -> None:
    said = kit.say("*{title}*", title=shout)

    assert "<" not in said
    assert seen(said) == f"*{shout}*"


@pytest.mark.parametrize("title", ["2 * 3 * 4", "snake_case_name", "~/.config ~x~", "`code` and ```more```"])
def test_marks_in_a_name_stay_marks(title: str) -> None:
    said = kit.say("{title}", title=title)

    assert not re.search(rf"(?<!{kit.ZERO_WIDTH_SPACE})[*_~`]|[*_~`](?!{kit.ZERO_WIDTH_SPACE})", said)
    assert seen(said) == title


def test_braces_in_a_name_are_no_fields() -> None:
    assert kit.say("{title}", title="{title} {other} {0}") == "{title} {other} {0}"


def test_a_link_or_a_sentence_within_a_sentence_is_escaped_once() -> None:
    inner = kit.say("by {name}", name="R&D")

    said = kit.say("{where}, {by}", where=kit.link("https://x.example/?a=1&b=2", "A > B"), by=inner)

    assert said == "<https://x.example/?a=1&amp;b=2|A &gt; B>, by R&amp;D"


def test_a_link_cannot_be_ended_early_by_its_address() -> None:
    assert kit.link("https://x.example/>|<!here>", "x") == "<https://x.example/%3E%7C%3C!here%3E|x>"


@given(words_anyone_types)
def test_whatever_is_typed_is_seen_as_typed(typed: str) -> None:
    typed = typed.replace(kit.ZERO_WIDTH_SPACE, "")

    assert seen(kit.escape(typed)) == typed


def test_short_text_stays_and_long_text_ends_in_an_ellipsis() -> None:
    assert kit.shorten("Loops", 5) == "Loops"
    assert kit.shorten("Loops!", 5) == "Loop…"
    assert kit.shorten("Go on then", 7) == "Go on…"


@pytest.mark.parametrize("whole", [FAMILY, WAVE, FLAG, "é", "❤️"], ids=["family", "skin", "flag", "accent", "variation"])
def test_a_character_made_of_several_is_kept_or_dropped_whole(whole: str) -> None:
    whole = unicodedata.normalize("NFD", whole)
    text = whole * 10
    for limit in range(1, len(text)):
        short = kit.shorten(text, limit)
        assert len(short) <= limit
        kept = short.removesuffix("…")
        assert kept == whole * (len(kept) // len(whole)) or limit <= len(whole)


@given(st.text(max_size=300), st.integers(1, 100))
def test_shortened_text_is_never_too_long_and_always_a_beginning(text: str, limit: int) -> None:
    short = kit.shorten(text, limit)

    assert len(short) <= limit
    assert short == text or text.startswith(short[:-1])


def test_markup_is_not_cut_in_the_middle() -> None:
    amp = kit.section(kit.escape("&" * 2000))["text"]["text"]
    link = kit.section("x" * 2990 + kit.link("https://x.example", "here"))["text"]["text"]

    assert set(re.findall(r"&[^;]*;?", amp)) == {"&amp;"}
    assert link == "x" * 2990 + "…"


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 lessons"), (1, "1 lesson"), (2, "2 lessons"), (1200, "1,200 lessons")]
)
def test_one_lesson_two_lessons(count: int, words: str) -> None:
    assert kit.words(count, "lesson") == words


@pytest.mark.parametrize(
    ("done", "total", "bar"),
    [
        (3, 10, "▰▰▰▱▱▱▱▱▱▱ 3 of 10"),
        (0, 4, "▱▱▱▱▱▱▱▱▱▱ 0 of 4"),
        (4, 4, "▰▰▰▰▰▰▰▰▰▰ 4 of 4"),
        (99, 100, "▰▰▰▰▰▰▰▰▰▱ 99 of 100"),
        (0, 0, "▱▱▱▱▱▱▱▱▱▱ 0 of 0"),
        (5, 4, "▰▰▰▰▰▰▰▰▰▰ 5 of 4"),
    ],
)
def test_progress_is_squares_and_figures_and_full_only_when_it_is(done: int, total: int, bar: str) -> None:
    assert kit.progress_bar(done, total) == bar


def test_every_sentence_on_a_screen_is_verbatim() -> None:
    """Else Slack would make mentions and links out of plain words such as @here."""
    texts = [kit.section("@here")["text"], *kit.context("#general", "https://x.example")["elements"]]

    assert all(text["type"] == "mrkdwn" and text["verbatim"] is True for text in texts)


def test_the_same_button_twice_in_a_row_is_told_apart() -> None:
    row = kit.actions(*[kit.button(str(number), "course.enroll", str(number)) for number in range(30)])

    assert [element["action_id"] for element in row["elements"][:3]] == [
        "course.enroll",
        "course.enroll:1",
        "course.enroll:2",
    ]
    assert check_blocks([row], "message") == []


def test_a_button_says_more_to_those_who_listen() -> None:
    made = kit.button("Enroll", "course.enroll", "7", style="primary", label="Enroll in " + "Loops " * 30)

    assert made["accessibility_label"].startswith("Enroll in Loops")
    assert (made["value"], made["style"]) == ("7", "primary")
    assert "url" not in made


def everything(text: str) -> list[dict[str, Any]]:
    return [
        kit.header(text),
        kit.section(text, accessory=kit.button(text, "course.open", "1", label=text)),
        kit.section(kit.say("*{text}*", text=text)),
        kit.context(text, kit.say("{text}", text=text), "end"),
        kit.divider(),
        kit.image("https://x.example/a.png", text or "A picture"),
        kit.actions(
            kit.external_select("catalog.pick", text), kit.button(text, "portal.open", url="https://x.example")
        ),
        kit.actions({"type": "static_select", "action_id": "pick", "options": kit.options([(text, "1")] * 120)}),
    ]


@given(st.text(max_size=100).flatmap(lambda text: st.sampled_from([text, text * 40, text * 400])))
def test_whatever_the_words_slack_takes_the_blocks(text: str) -> None:
    assert check_blocks(everything(text), "message") == []
    field = kit.field("words", "catalog.words", text, placeholder=text, optional=True, max_length=200)
    assert check_view(Screen("Course", (field, *everything(text)), submit="Save").modal()) == []
    assert check_view(Screen("Home", tuple(everything(text))).home()) == []


def test_a_modal_says_its_name_once() -> None:
    screen = Screen("Your desk", (kit.header("Your desk"), kit.header("Knots"), kit.section("One learner")))
    assert screen.modal()["blocks"] == [kit.header("Knots"), kit.section("One learner")]
    assert screen.message_blocks()[0] == kit.header("Your desk")
