"""Trouble on demand."""

import time
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.sandbox.stand import ADA, TOKEN, Stand, home, modal, refusal, saying

PICTURE = {"type": "image", "image_url": "https://gone.example/a.png", "alt_text": "A chart"}


def test_a_429_says_how_long_to_wait(stand: Stand) -> None:
    stand.do("faults", method="chat.postMessage", fault="429", retry_after=7)

    with pytest.raises(SlackApiError) as caught:
        stand.slack.chat_postMessage(channel="C0LEARN", text="x")

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert stand.slack.chat_postMessage(channel="C0LEARN", text="x")["ok"]


def test_a_fault_strikes_as_often_as_asked_and_only_its_method(stand: Stand) -> None:
    stand.do("faults", method="views.publish", fault="fatal_error", times=2)

    assert stand.slack.auth_test()["ok"]
    for _ in range(2):
        refused = refusal(stand.slack.views_publish, user_id="U0ADA", view=home())
        assert refused["error"] == "fatal_error"
    assert stand.slack.views_publish(user_id="U0ADA", view=home())["ok"]


def test_a_fault_without_an_end_lasts_until_it_is_cleared(stand: Stand) -> None:
    stand.do("faults", method="*", fault="500", times=None)

    for _ in range(3):
        with pytest.raises(SlackApiError):
            stand.slack.auth_test()
    assert stand.tell("state", person=ADA)["faults"][0]["fault"] == "500"
    stand.http.delete("/rehearsal/faults")
    assert stand.slack.auth_test()["ok"]


def test_a_dropped_connection_after_the_work_leaves_it_done(stand: Stand) -> None:
    stand.do("faults", method="chat.postMessage", fault="drop")

    with pytest.raises((URLError, ConnectionError)):
        stand.slack.chat_postMessage(channel="C0LEARN", text="Done all the same")

    assert [message["text"] for message in stand.sees(ADA, "C0LEARN")] == ["Done all the same"]


def test_a_dropped_connection_before_the_work_leaves_nothing(stand: Stand) -> None:
    stand.do("faults", method="chat.postMessage", fault="drop_before")

    with pytest.raises((URLError, ConnectionError)):
        stand.slack.chat_postMessage(channel="C0LEARN", text="Never said")

    assert stand.sees(ADA, "C0LEARN") == []


def test_a_timeout_answers_never(stand: Stand) -> None:
    stand.do("faults", method="chat.postMessage", fault="timeout")
    impatient = WebClient(TOKEN, base_url=stand.running.api_url, retry_handlers=[], timeout=1)
    started = time.monotonic()

    with pytest.raises((URLError, TimeoutError)):
        impatient.chat_postMessage(channel="C0LEARN", text="Done unseen")

    assert time.monotonic() - started >= 1
    assert [message["text"] for message in stand.sees(ADA, "C0LEARN")] == ["Done unseen"]


def test_a_picture_out_of_reach_refuses_what_shows_it(stand: Stand) -> None:
    stand.do("faults", method="*", fault="image_unreachable", times=None)

    refused = refusal(stand.slack.views_publish, user_id="U0ADA", view=home(PICTURE))
    assert refused["error"] == "invalid_blocks"
    assert refused["response_metadata"]["messages"] == [
        "[ERROR] downloading image failed [json-pointer:/view/blocks/0/image_url]"
    ]
    assert stand.slack.views_publish(user_id="U0ADA", view=home())["ok"]
    stand.bot.answer = saying({"text": "Look", "blocks": [PICTURE]})
    assert stand.do("say", person=ADA, channel="C0LEARN", text="/learn")["ok"] is False


def test_a_slow_acknowledgement_shows_the_failure_without_the_wait(stand: Stand) -> None:
    stand.do("faults", method="/learn", fault="slow_ack", seconds=4)
    stand.bot.answer = saying({"text": "Too late"})

    answer = stand.do("say", person=ADA, channel="C0LEARN", text="/learn")

    assert answer["error"] == '/learn failed with the error "operation_timeout"'
    assert [message["name"] for message in stand.sees(ADA, "C0LEARN")] == ["Slackbot"]
    assert stand.do("say", person=ADA, channel="C0LEARN", text="/learn")["ok"]


def test_a_late_answer_to_a_submission_keeps_the_modal(stand: Stand) -> None:
    stand.do("shortcut", person=ADA, callback_id="look.up")
    view = modal(submit={"type": "plain_text", "text": "Go"})
    opened = stand.slack.views_open(trigger_id=stand.bot.last("shortcut")["trigger_id"], view=view)["view"]
    stand.do("faults", method="view_submission", fault="slow_ack", seconds=4)

    answer = stand.do("submit", person=ADA, view=opened["id"])

    assert answer == {"ok": False, "error": "We had some trouble connecting. Try again?"}
    assert len(stand.modals(ADA)) == 1


def test_a_response_url_can_fail_too(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="C0LEARN", text="/learn")
    stand.do("faults", method="response_url", fault="500")

    url = stand.bot.last("/learn")["response_url"]

    assert stand.http.post(url, json={"text": "x"}).status_code == 500
    assert stand.http.post(url, json={"text": "x"}).status_code == 200
