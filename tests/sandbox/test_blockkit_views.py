"""Views are refused exactly where Slack refuses them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.blockkit import check_view
from tests.sandbox.samples import Json, asked, home, image, modal, mrkdwn, plain, section, typed

VIEW_LIMITS: list[tuple[str, int, Callable[[int], Json]]] = [
    ("title", 24, lambda n: modal(title=plain("x" * n))),
    ("submit", 24, lambda n: modal(submit=plain("x" * n))),
    ("close", 24, lambda n: modal(close=plain("x" * n))),
    ("private_metadata", 3000, lambda n: modal(private_metadata="x" * n)),
    ("callback_id", 255, lambda n: modal(callback_id="x" * n)),
    ("external_id", 255, lambda n: home(external_id="x" * n)),
    ("blocks", 100, lambda n: home(*[section()] * n)),
]


@pytest.mark.parametrize(("name", "most", "make"), VIEW_LIMITS, ids=[row[0] for row in VIEW_LIMITS])
def test_a_view_at_its_limit_passes_and_one_more_does_not(name: str, most: int, make: Callable[[int], Json]) -> None:
    assert check_view(make(most)) == []

    problems = check_view(make(most + 1))

    assert len(problems) == 1
    assert f"[json-pointer:/view/{name}" in problems[0]


def test_a_refused_title_reads_as_slack_writes_it() -> None:
    assert check_view(modal(title=plain("x" * 25))) == [
        "must be less than 25 characters [json-pointer:/view/title/text]"
    ]


def test_a_view_is_at_most_250_kb() -> None:
    def view(size: int) -> Json:
        blocks = [section(text=mrkdwn("x" * 3000)) for _ in range(80)]
        room = size - len(json.dumps(modal(*blocks, image(alt_text="x")), separators=(",", ":")))
        longest = [image(alt_text="x" * min(2000, room + 1))]
        made = modal(*blocks, *longest)
        missing = size - len(json.dumps(made, separators=(",", ":")))
        return made | {"blocks": [*made["blocks"][:-1], *_padding(missing, longest[0])]}

    assert check_view(view(250_000)) == []
    assert check_view(view(250_001)) == ["must be less than 250001 bytes [json-pointer:/view]"]


def _padding(missing: int, last: Json) -> list[Json]:
    """Blocks that make up for so many bytes, the last of them of a fitting size."""
    empty = len(json.dumps(section(text=mrkdwn("")), separators=(",", ":"))) + 1
    whole, rest = divmod(missing, 2000 + empty)
    if 0 < rest <= empty:
        whole, rest = whole - 1, rest + 2000 + empty
    parts = [section(text=mrkdwn("x" * 2000)) for _ in range(whole)]
    return [last, *parts, section(text=mrkdwn("x" * (rest - empty)))]


REFUSED_VIEWS: list[tuple[Any, str]] = [
    (None, "must provide an object [json-pointer:/view]"),
    ({"type": "message", "blocks": [section()]}, "unsupported type: message [json-pointer:/view/type]"),
    ({"type": "modal", "blocks": [section()]}, "missing required field: title [json-pointer:/view]"),
    ({"type": "modal", "title": plain()}, "missing required field: blocks [json-pointer:/view]"),
    (modal() | {"blocks": []}, "must provide at least 1 items [json-pointer:/view/blocks]"),
    (modal() | {"blocks": None}, "must provide an array [json-pointer:/view/blocks]"),
    (modal(title=mrkdwn()), "unsupported type: mrkdwn [json-pointer:/view/title/type]"),
    (modal(title=plain("")), "must be more than 0 characters [json-pointer:/view/title/text]"),
    (modal(hash="1"), "invalid additional property: hash"),
    (home(title=plain()), "invalid additional property: title"),
    (home(submit=plain()), "invalid additional property: submit"),
    (modal(notify_on_close="yes"), "must provide a boolean"),
    (
        modal(section(), asked(typed())),
        "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]",
    ),
    (
        modal(asked(typed(focus_on_load=True)), asked(typed(focus_on_load=True)), submit=plain()),
        "only one element can have focus_on_load",
    ),
    (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
]


@pytest.mark.parametrize(("view", "reason"), REFUSED_VIEWS, ids=[row[1][:60] for row in REFUSED_VIEWS])
def test_a_view_slack_would_refuse_is_refused(view: Any, reason: str) -> None:
    problems = check_view(view)

    assert any(reason in problem for problem in problems), problems


def test_a_form_with_a_submit_button_passes_and_home_may_ask_without() -> None:
    assert check_view(modal(asked(typed()), submit=plain("Save"), callback_id="", private_metadata="")) == []
    assert check_view(home(asked(typed(), dispatch_action=True))) == []
