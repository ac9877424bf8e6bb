"""Events: who joined, what changed, and trying again."""

import pytest
from slack_sdk.errors import SlackApiError
from starlette.responses import Response

from tests.sandbox.stand import ADA, LINUS, Received, Stand

A_BUTTON = {
    "type": "actions",
    "block_id": "b",
    "elements": [{"type": "button", "action_id": "press", "text": {"type": "plain_text", "text": "Press"}}],
}


def test_people_join_and_change(stand: Stand) -> None:
    stand.do(
        "people",
        team="T0HOME",
        id="U0NEW",
        name="Nell Newcomer",
        tz="Asia/Tokyo",
        email="nell@homeroom-academy.example",
    )
    stand.do("people", team="T0HOME", id="U0LINUS", deleted=True)
    stand.quiet()

    joined = stand.bot.last("team_join")["event"]["user"]
    assert (joined["id"], joined["real_name"], joined["tz"]) == ("U0NEW", "Nell Newcomer", "Asia/Tokyo")
    assert joined["tz_offset"] == 9 * 3600
    assert "email" not in joined["profile"]
    assert stand.bot.last("user_change")["event"]["user"]["deleted"] is True
    assert "U0NEW" in stand.slack.conversations_members(channel="C0GENERAL")["members"]
    assert stand.do("say", person=LINUS, channel="D0LINUS", text="hi")["ok"] is False
    assert stand.do("people", team="T0HOME", id="U0ADA", shoe_size=3)["ok"] is False


def test_an_app_that_is_taken_out_hears_it_and_then_nothing(stand: Stand) -> None:
    said = stand.slack.chat_postMessage(channel="D0ADA", text="Press", blocks=[A_BUTTON])
    stand.do("installation", team="T0HOME", fate="uninstall")
    stand.quiet()
    (revoked,) = stand.bot.got("tokens_revoked")
    (gone,) = stand.bot.got("app_uninstalled")
    assert revoked["event"]["tokens"]["bot"]
    assert (gone["team_id"], gone["event"]["type"]) == ("T0HOME", "app_uninstalled")
    with pytest.raises(SlackApiError, match="account_inactive"):
        stand.slack.auth_test()

    assert stand.do("say", person=ADA, channel="D0ADA", text="/learn")["error"] == "/learn is not a valid command."
    place = {"channel": "D0ADA", "ts": said["ts"]}
    pressed = stand.do("click", person=ADA, message=place, block_id="b", action_id="press")
    assert pressed["error"] == "Tiny isn't installed here any more."
    stand.do("say", person=ADA, channel="D0ADA", text="hello?")
    stand.quiet()
    assert "hello?" not in {one["event"]["text"] for one in stand.bot.got("message")}

    stand.do("installation", team="T0HOME", fate="install")
    assert stand.slack.auth_test()["ok"]
    stand.do("say", person=ADA, channel="D0ADA", text="hello?")
    stand.quiet()
    assert "hello?" in {one["event"]["text"] for one in stand.bot.got("message")}


def test_a_revoked_token_is_one_event_and_a_new_start_gives_it_back(stand: Stand) -> None:
    stand.do("installation", team="T0HOME", fate="revoke")
    stand.quiet()
    assert stand.bot.got("app_uninstalled") == []
    with pytest.raises(SlackApiError, match="token_revoked"):
        stand.slack.auth_test()
    stand.do("reset")
    assert stand.slack.auth_test()["ok"]
    assert stand.do("installation", team="T0HOME", fate="sell")["error"].startswith('"fate" is one of')


def test_who_joins_a_channel_of_the_bot_is_told(stand: Stand) -> None:
    stand.do("membership", person=ADA, channel="C0PRIV", joined=True)
    stand.do("membership", person=ADA, channel="C0GENERAL", joined=False)
    stand.quiet()

    (payload,) = stand.bot.got("member_joined_channel")
    event = payload["event"]
    assert (event["user"], event["channel"], event["channel_type"]) == ("U0ADA", "C0PRIV", "G")


def test_an_event_that_was_not_accepted_comes_again_three_times(stand: Stand) -> None:
    stand.bot.answer = lambda received: Response(status_code=503)

    stand.do("say", person=ADA, channel="D0ADA", text="hello")
    stand.quiet()

    assert len({received.payload["event_id"] for received in stand.bot.received}) == 1
    assert [received.headers.get("x-slack-retry-num") for received in stand.bot.received] == [None, "1", "2", "3"]
    assert stand.bot.received[1].headers["x-slack-retry-reason"] == "http_error"


def test_an_event_accepted_on_the_second_try_does_not_come_again(stand: Stand) -> None:
    def once(received: Received) -> Response:
        return Response(status_code=200 if "x-slack-retry-num" in received.headers else 503)

    stand.bot.answer = once
    stand.do("say", person=ADA, channel="D0ADA", text="hello")
    stand.quiet()

    assert len(stand.bot.received) == 2


def test_the_bot_can_ask_for_no_more_tries(stand: Stand) -> None:
    stand.bot.answer = lambda received: Response(status_code=500, headers={"x-slack-no-retry": "1"})

    stand.do("say", person=ADA, channel="D0ADA", text="hello")
    stand.quiet()

    assert len(stand.bot.received) == 1


def test_an_event_can_be_delivered_twice(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="D0ADA", text="hello")
    stand.quiet()
    n = stand.tell("traffic")["entries"][-1]["n"]

    assert stand.do("redeliver", n=n)["status"] == 200

    first, second = stand.bot.received
    assert first.body == second.body
    assert second.headers["x-slack-signature"]


def test_a_forged_request_goes_out_as_it_is(stand: Stand) -> None:
    stand.bot.answer = lambda received: Response("no", status_code=401)

    answer = stand.do("forge", body='{"type": "forged"}', headers={"X-Slack-Request-Timestamp": "yesterday"})

    assert answer == {"status": 401, "body": "no"}
    assert stand.bot.received[0].headers["x-slack-request-timestamp"] == "yesterday"


def test_the_request_url_is_verified_by_a_challenge(stand: Stand) -> None:
    assert stand.do("verify_url")["ok"] is False
    stand.bot.answer = lambda received: Response(received.payload["challenge"])
    assert stand.do("verify_url")["ok"] is True
