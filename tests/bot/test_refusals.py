"""What Slack's refusals mean for a message: whom they are about, and how long to wait."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.refusals import Refusal, meaning


def refused(data: object, status: int = 200, **headers: object) -> SlackApiError:
    """What the client raises when Slack answers so."""
    response = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.com/api/chat.postMessage",
        req_args={},
        data=data,  # type: ignore[arg-type]
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        status_code=status,
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("user_disabled", Refusal.PERSON),
        ("channel_not_found", Refusal.PERSON),
        ("messages_tab_disabled", Refusal.PERSON),
        ("account_inactive", Refusal.WORKSPACE),
        ("user_not_found", Refusal.PERSON),
        ("cannot_dm_bot", Refusal.PERSON),
        ("is_archived", Refusal.PERSON),
        ("invalid_auth", Refusal.WORKSPACE),
        ("token_revoked", Refusal.WORKSPACE),
        ("not_authed", Refusal.WORKSPACE),
        ("missing_scope", Refusal.WORKSPACE),
        ("ratelimited", Refusal.FOR_NOW),
        ("message_limit_exceeded", Refusal.FOR_NOW),
        ("service_unavailable", Refusal.FOR_NOW),
        ("internal_error", Refusal.UNKNOWN),
        ("fatal_error", Refusal.UNKNOWN),
        ("invalid_blocks", Refusal.MESSAGE),
        ("msg_too_long", Refusal.MESSAGE),
        ("something_slack_invents_tomorrow", Refusal.MESSAGE),
    ],
)
def test_a_code_says_whom_it_is_about(code: str, expected: Refusal) -> None:
    assert meaning(refused({"ok": False, "error": code})) == (expected, code, 0.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "30"}, 30.0),
        ({"retry_after": "30"}, 30.0),
        ({"Retry_After": ["7"]}, 7.0),
        ({"Retry_After": "1.5"}, 1.5),
        ({"Retry_After": "-5"}, 0.0),
        ({"Retry_After": "soon"}, 0.0),
        ({"Retry_After": []}, 0.0),
        ({}, 0.0),
    ],
)
def test_retry_after_is_read_however_it_is_written(headers: dict[str, object], seconds: float) -> None:
    assert meaning(refused({"ok": False, "error": "ratelimited"}, 429, **headers)) == (
        Refusal.FOR_NOW,
        "ratelimited",
        seconds,
    )


def test_429_is_a_rate_limit_whatever_the_body_says() -> None:
    assert meaning(refused("Too many requests", 429, Retry_After="3")) == (Refusal.FOR_NOW, "ratelimited", 3.0)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_answer_of_a_broken_server_says_nothing(status: int) -> None:
    assert meaning(refused("Internal Server Error", status)) == (Refusal.UNKNOWN, f"http {status}", 0.0)
    assert meaning(refused({"ok": False, "error": "user_disabled"}, status))[0] is Refusal.UNKNOWN


@pytest.mark.parametrize("data", ["<html>", {"ok": False}, {"ok": False, "error": 7}])
def test_an_answer_without_a_code_says_nothing(data: object) -> None:
    assert meaning(refused(data)) == (Refusal.UNKNOWN, "http 200", 0.0)
