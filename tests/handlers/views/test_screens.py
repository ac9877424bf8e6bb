"""What a screen says is read aloud, whatever it is made of."""

from typing import Any

import pytest

from handlers.views.screens import read_aloud

MRKDWN = {"type": "mrkdwn", "text": "*Knots* &amp; more"}
PLAIN = {"type": "plain_text", "text": "Tie & untie"}
BUTTON = {"type": "button", "action_id": "a", "text": PLAIN}
PARAGRAPH = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Over < under"}]}
CELL = {"type": "raw_text", "text": "a"}
LIST = {"type": "rich_text_list", "style": "ordered", "elements": [PARAGRAPH, PARAGRAPH]}


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"type": "header", "text": PLAIN}, "Tie &amp; untie"),
        ({"type": "section", "text": MRKDWN, "accessory": BUTTON}, "*Knots* &amp; more\n[Tie &amp; untie]"),
        ({"type": "section", "fields": [MRKDWN, PLAIN]}, "*Knots* &amp; more\nTie &amp; untie"),
        ({"type": "context", "elements": [MRKDWN, PLAIN]}, "*Knots* &amp; more Tie &amp; untie"),
        ({"type": "actions", "elements": [BUTTON, BUTTON]}, "[Tie &amp; untie] [Tie &amp; untie]"),
        ({"type": "input", "label": PLAIN, "element": {}}, "Tie &amp; untie"),
        ({"type": "image", "alt_text": "A <bight>"}, "A &lt;bight&gt;"),
        ({"type": "video", "title": PLAIN, "title_url": "https://example.org"}, "Tie &amp; untie https://example.org"),
        (
            {"type": "rich_text", "elements": [PARAGRAPH, LIST]},
            "Over &lt; under\n1. Over &lt; under\n2. Over &lt; under",
        ),
        ({"type": "table", "rows": [[CELL, {"type": "rich_text", "elements": [PARAGRAPH]}]]}, "a | Over &lt; under"),
        ({"type": "divider"}, ""),
    ],
    ids=lambda told: told["type"] if isinstance(told, dict) else "",
)
def test_each_type_of_block_says_its_words(block: dict[str, Any], said: str) -> None:
    assert read_aloud([block]) == said
