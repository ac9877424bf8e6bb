"""The Web API: tokens, scopes, limits, and who is here."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.server import run
from tests import plain
from tests.sandbox.stand import MANIFEST, TOKEN, Stand, home, refusal, section, setup


def test_the_bot_learns_who_it_is(stand: Stand) -> None:
    answer = stand.slack.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0HOME", "U0BOT", "B0BOT")
    assert answer["url"] == "https://homeroom-academy.slack.com/"
    assert "chat:write" in answer.headers["x-oauth-scopes"]


def test_tokens(stand: Stand) -> None:
    assert refusal(stand.slack_of("xoxb-wrong").auth_test)["error"] == "invalid_auth"
    assert stand.http.post("/api/auth.test").json()["error"] == "not_authed"
    assert stand.http.post("/api/auth.test", data={"token": TOKEN}).json()["ok"] is True


def test_a_method_that_is_not_rehearsed_is_unknown(stand: Stand) -> None:
    assert refusal(stand.slack.api_call, api_method="files.upload")["error"] == "unknown_method"
    assert refusal(stand.slack.api_call, api_method="admin.users.list")["error"] == "unknown_method"


def test_a_scope_that_is_not_in_the_manifest_is_missing(stand: Stand) -> None:
    manifest = {**MANIFEST, "oauth_config": {"scopes": {"bot": ["users:read", "im:history"]}}}
    with run(setup(manifest=manifest)) as running:
        slack = Stand(running, stand.bot, stand.http).slack
        missing = refusal(slack.chat_postMessage, channel="C0LEARN", text="x")
        assert (missing["error"], missing["needed"]) == ("missing_scope", "chat:write")
        assert missing["provided"] == "users:read,im:history"
        assert refusal(slack.conversations_open, users="U0ADA")["needed"] == "im:write"
        assert refusal(slack.conversations_history, channel="C0LEARN")["needed"] == "channels:history"
        assert refusal(slack.conversations_list, types="private_channel")["needed"] == "groups:read"
        assert slack.conversations_history(channel="D0ADA")["ok"]


def test_e_mail_addresses_need_their_own_scope(stand: Stand) -> None:
    assert "email" not in stand.slack.users_info(user="U0ADA")["user"]["profile"]
    scopes = [*MANIFEST["oauth_config"]["scopes"]["bot"], "users:read.email"]
    with run(setup(manifest={**MANIFEST, "oauth_config": {"scopes": {"bot": scopes}}})) as running:
        user = Stand(running, stand.bot, stand.http).slack.users_info(user="U0ADA", include_locale=True)["user"]
    assert user["profile"]["email"] == "ada@homeroom-academy.example"
    assert user["locale"] == "en-US"


def test_the_people_are_listed_in_pages(stand: Stand) -> None:
    found: list[dict[str, Any]] = []
    for page in stand.slack.users_list(limit=3):
        found += page["members"]

    people = {user["id"]: user for user in found}
    assert set(people) == {"U0BOT", "U0ADA", "U0MARY", "U0GRACE", "U0RADIA", "U0LINUS", "U0GUEST"}
    assert people["U0GUEST"]["is_restricted"] is True
    assert people["U0RADIA"]["is_admin"] is True
    assert people["U0BOT"]["is_bot"] is True
    assert people["U0ADA"]["tz"] == "Europe/London"


def test_channels_are_listed_with_what_the_bot_may_know(stand: Stand) -> None:
    listed = stand.slack.conversations_list(types="public_channel,private_channel")["channels"]

    assert [(channel["name"], channel["is_member"]) for channel in listed] == [
        ("general", False),
        ("learning", True),
        ("learning-admins", True),
    ]
    assert stand.slack.conversations_info(channel="C0PRIV")["channel"]["is_private"] is True


def test_arguments_come_as_json_or_as_a_form(stand: Stand) -> None:
    authorized = {"Authorization": f"Bearer {TOKEN}"}
    form = {"channel": "C0LEARN", "text": "x", "blocks": '[{"type": "divider"}]'}

    assert stand.http.post("/api/chat.postMessage", data=form, headers=authorized).json()["ok"]
    assert stand.http.get("/api/users.info", params={"user": "U0ADA"}, headers=authorized).json()["ok"]
    json_headers = {**authorized, "Content-Type": "application/json"}
    broken = stand.http.post("/api/chat.postMessage", content=b"{", headers=json_headers)
    assert broken.json()["error"] == "invalid_json"


def test_what_the_rehearsal_does_not_show_is_refused(stand: Stand) -> None:
    post = stand.slack.chat_postMessage

    assert refusal(post, channel="C0LEARN", text="x", username="Someone")["error"] == "argument_not_rehearsed"
    attached = refusal(post, channel="C0LEARN", text="x", attachments=[{"text": "old", "fallback": "old"}])
    assert attached["error"] == "attachments_not_rehearsed"
    conflict = refusal(post, channel="C0LEARN", text="x", markdown_text="y")
    assert conflict["error"] == "markdown_text_conflict"
    assert refusal(post, channel="C0LEARN", text="x", metadata={"event_type": 7})["error"] == "invalid_metadata_format"


def test_a_view_that_is_no_home_or_for_nobody_is_not_published(stand: Stand) -> None:
    assert refusal(stand.slack.views_publish, user_id="U0NOBODY", view=home())["error"] == "user_not_found"
    assert refusal(stand.slack.views_publish, user_id="U0EVE", view=home())["error"] == "user_not_found"


def test_limits_per_tier_once_they_are_switched_on(stand: Stand) -> None:
    for _ in range(25):
        stand.slack.users_list()
    stand.do("limits", on=True)
    for _ in range(20):
        stand.slack.users_list()

    with pytest.raises(SlackApiError) as caught:
        stand.slack.users_list()
    assert caught.value.response.status_code == 429
    assert 1 <= int(caught.value.response.headers["Retry-After"]) <= 60
    assert stand.slack.users_info(user="U0ADA")["ok"]
    assert stand.slack_of(f"{TOKEN}-T0EVE").users_list()["ok"]
    stand.do("clock", advance=61)
    assert stand.slack.users_list()["ok"]


def test_one_message_a_second_in_a_channel(stand: Stand) -> None:
    stand.do("limits", on=True)
    post = stand.slack.chat_postMessage

    post(channel="C0LEARN", text="One")
    assert refusal(post, channel="C0LEARN", text="Two")["error"] == "ratelimited"
    post(channel="U0ADA", text="Elsewhere")
    stand.do("clock", advance=1.1)
    post(channel="C0LEARN", text="Two")


def test_a_permalink_leads_to_a_message(stand: Stand) -> None:
    ts = stand.slack.chat_postMessage(channel="C0LEARN", text="x")["ts"]

    link = stand.slack.chat_getPermalink(channel="C0LEARN", message_ts=ts)["permalink"]

    assert link == f"https://homeroom-academy.slack.com/archives/C0LEARN/p{ts.replace('.', '')}"


def test_no_secret_is_in_the_traffic(stand: Stand) -> None:
    stand.do("say", person="T0HOME:U0ADA", channel="C0LEARN", text="/learn")
    url = stand.bot.last("/learn")["response_url"]
    stand.http.post("/api/chat.postMessage", data={"token": TOKEN, "channel": "C0LEARN", "text": "x"})
    plain.post(url, json={"text": "Answer", "blocks": [section("x")]}, trust_env=False)

    shown = stand.http.get("/rehearsal/traffic").text
    assert TOKEN not in shown
    assert url.rpartition("/")[2] not in shown
    entries = stand.tell("traffic")["entries"]
    assert [(entry["direction"], entry["what"]) for entry in entries] == [
        ("to_bot", "/learn"),
        ("from_bot", "chat.postMessage"),
        ("from_bot", "response_url"),
    ]
    assert entries[1]["request"]["text"] == "x"
    assert entries[1]["response"]["ok"] is True
    assert stand.tell("traffic", after=entries[1]["n"])["entries"] == entries[2:]
