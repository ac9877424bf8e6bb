"""Answering through a response URL."""

from typing import Any

from slack_sdk.webhook import WebhookClient

from tests import plain
from tests.sandbox.stand import ADA, MARY, Stand, buttons, saying, section


def url_of_command(stand: Stand) -> str:
    stand.do("say", person=ADA, channel="C0LEARN", text="/learn")
    return str(stand.bot.last("/learn")["response_url"])


def url_of_click(stand: Stand, ts: str) -> str:
    where = {"channel": "C0LEARN", "ts": ts}
    assert stand.do("click", person=ADA, message=where, block_id="row", action_id="open")["ok"]
    return str(stand.bot.last("block_actions")["response_url"])


def answer(url: str, **body: Any) -> tuple[int, str]:
    response = plain.post(url, json=body, trust_env=False)
    return response.status_code, str(response.json().get("error", "ok"))


def test_five_answers_and_no_sixth(stand: Stand) -> None:
    url = url_of_command(stand)

    for n in range(5):
        assert WebhookClient(url).send(text=f"Answer {n}").status_code == 200
    assert answer(url, text="Answer 5") == (404, "used_url")
    assert [message["text"] for message in stand.sees(ADA, "C0LEARN")] == [f"Answer {n}" for n in range(5)]
    assert stand.sees(MARY, "C0LEARN") == []


def test_half_an_hour_and_no_longer(stand: Stand) -> None:
    url = url_of_command(stand)

    stand.do("clock", advance=29 * 60)
    assert answer(url, text="In time") == (200, "ok")
    stand.do("clock", advance=2 * 60)
    assert answer(url, text="Late") == (404, "expired_url")


def test_a_public_answer_is_seen_by_all_even_where_the_bot_is_not(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="C0GENERAL", text="/learn")

    answer(str(stand.bot.last("/learn")["response_url"]), text="For all", response_type="in_channel")

    assert [message["text"] for message in stand.sees(MARY, "C0GENERAL")] == ["For all"]


def test_an_answer_to_a_click_overwrites_the_message_unless_told_not_to(stand: Stand) -> None:
    blocks = [buttons("row", "open")]
    ts = stand.slack.chat_postMessage(channel="C0LEARN", text="Choose", blocks=blocks)["ts"]
    url = url_of_click(stand, ts)

    answer(url, text="Beside it", replace_original=False)
    assert [(m["text"], m["ephemeral"]) for m in stand.sees(ADA, "C0LEARN")] == [
        ("Choose", False),
        ("Beside it", True),
    ]
    answer(url, text="Instead of it")
    assert [message["text"] for message in stand.sees(MARY, "C0LEARN")] == ["Instead of it"]
    assert stand.sees(MARY, "C0LEARN")[0]["blocks"] == []


def test_an_ephemeral_message_is_replaced_and_deleted_through_its_url(stand: Stand) -> None:
    stand.bot.answer = saying({"text": "Choose", "blocks": [buttons("row", "open")]})
    stand.do("say", person=ADA, channel="C0LEARN", text="/learn")
    ts = stand.sees(ADA, "C0LEARN")[0]["ts"]
    url = url_of_click(stand, ts)

    answer(url, replace_original=True, text="Chosen", blocks=[section("Chosen")])
    (replaced,) = stand.sees(ADA, "C0LEARN")
    assert (replaced["ts"], replaced["text"], replaced["ephemeral"]) == (ts, "Chosen", True)
    assert answer(url, delete_original=True, text="and more") == (400, "invalid_payload")
    assert answer(url, delete_original=True) == (200, "ok")
    assert stand.sees(ADA, "C0LEARN") == []


def test_a_command_has_no_original_to_delete(stand: Stand) -> None:
    assert answer(url_of_command(stand), delete_original=True) == (400, "invalid_payload")


def test_an_answer_to_a_click_in_a_thread_can_stay_in_the_thread(stand: Stand) -> None:
    parent = stand.do("say", person=ADA, channel="C0LEARN", text="A question")["ts"]
    ts = stand.slack.chat_postMessage(channel="C0LEARN", text="x", blocks=[buttons("row", "open")], thread_ts=parent)[
        "ts"
    ]
    url = url_of_click(stand, ts)
    assert stand.bot.last("block_actions")["container"]["thread_ts"] == parent

    answer(url, text="To all", response_type="in_channel", replace_original=False, thread_ts=parent)
    answer(url, text="To you", replace_original=False)

    assert [m["text"] for m in stand.sees(ADA, "C0LEARN", thread=parent)][-2:] == ["To all", "To you"]
    assert [m["text"] for m in stand.sees(ADA, "C0LEARN")] == ["A question"]


def test_blocks_are_checked_here_too(stand: Stand) -> None:
    url = url_of_command(stand)

    assert answer(url, text="x", blocks=[section("x")] * 51) == (400, "invalid_blocks")
    assert answer(url) == (400, "no_text")
    assert plain.post(url, content=b"not json", trust_env=False).status_code == 400
