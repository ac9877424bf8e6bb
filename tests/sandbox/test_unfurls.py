"""Links the app shows a card under, and the channels a person is in."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.sandbox.server import run
from tests import plain
from tests.sandbox.stand import ADA, MANIFEST, MARY, Stand, TinyBot, refusal, setup

URL = "https://portal.example.com/courses/1"
CARD: list[dict[str, Any]] = [
    {
        "type": "actions",
        "block_id": "card",
        "elements": [{"type": "button", "action_id": "enroll", "text": {"type": "plain_text", "text": "Enroll"}}],
    }
]
GRANTED: dict[str, Any] = {
    **MANIFEST,
    "features": {**MANIFEST["features"], "unfurl_domains": ["portal.example.com"]},
    "oauth_config": {"scopes": {"bot": [*MANIFEST["oauth_config"]["scopes"]["bot"], "links:read", "links:write"]}},
    "settings": {**MANIFEST["settings"], "event_subscriptions": {"bot_events": ["link_shared"]}},
}


@pytest.fixture
def linking() -> Iterator[Stand]:
    """A stand whose bot hears of links to the portal."""
    bot = TinyBot()
    with bot.listening() as request_url, run(setup(manifest=GRANTED)) as running:
        running.rehearsal.connect(request_url)
        with plain.client(base_url=running.url, trust_env=False) as http:
            yield Stand(running, bot, http)


def posts(stand: Stand, text: str) -> str:
    ts = str(stand.do("say", person=ADA, channel="C0LEARN", text=text)["ts"])
    stand.quiet()
    return ts


def test_links_to_the_apps_domains_are_told_and_others_are_not(linking: Stand) -> None:
    ts = posts(linking, f"{URL} and https://example.com/x")
    event = linking.bot.last("link_shared")["event"]
    assert event["links"] == [{"domain": "portal.example.com", "url": URL}]
    assert (event["channel"], event["message_ts"], event["user"]) == ("C0LEARN", ts, "U0ADA")
    assert event["source"] == "conversations_history"
    posts(linking, "nothing")
    assert len(linking.bot.got("link_shared")) == 1


def test_a_card_stands_under_the_link_and_its_button_says_where_it_was(linking: Stand) -> None:
    ts = posts(linking, URL)
    event = linking.bot.last("link_shared")["event"]
    unfurls = {URL: {"blocks": CARD}}
    assert linking.slack.chat_unfurl(unfurl_id=event["unfurl_id"], source=event["source"], unfurls=unfurls)["ok"]
    assert linking.sees(MARY, "C0LEARN")[-1]["unfurled"][0]["block_id"] == "card"
    message = {"channel": "C0LEARN", "ts": ts}
    linking.do("click", person=MARY, message=message, block_id="card", action_id="enroll")
    container = linking.bot.last("block_actions")["container"]
    assert container["is_app_unfurl"] is True
    assert container["app_unfurl_url"] == URL


def test_what_was_not_posted_or_is_not_ours_is_refused(linking: Stand) -> None:
    ts = posts(linking, f"{URL} https://example.com/x")
    for url in ("https://portal.example.com/other", "https://example.com/x"):
        refused = refusal(linking.slack.chat_unfurl, channel="C0LEARN", ts=ts, unfurls={url: {"blocks": CARD}})
        assert refused["error"] == "cannot_unfurl_url"
    nowhere = refusal(linking.slack.chat_unfurl, channel="C0LEARN", ts="1.0", unfurls={URL: {"blocks": CARD}})
    assert nowhere["error"] == "cannot_find_message"


def test_without_the_scopes_nothing_is_told_or_shown(stand: Stand) -> None:
    ts = posts(stand, URL)
    assert not stand.bot.got("link_shared")
    refused = refusal(stand.slack.chat_unfurl, channel="C0LEARN", ts=ts, unfurls={URL: {"blocks": CARD}})
    assert refused["error"] == "missing_scope"


def test_the_channels_somebody_is_in(stand: Stand) -> None:
    def names(user: str) -> list[str]:
        kinds = "public_channel,private_channel"
        return [one["name"] for one in stand.slack.users_conversations(user=user, types=kinds)["channels"]]

    assert names("U0ADA") == ["general", "learning"]
    assert names("U0GRACE") == ["general", "learning", "learning-admins"]
    assert refusal(stand.slack.users_conversations, user="U0NOBODY")["error"] == "user_not_found"
