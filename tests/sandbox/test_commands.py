"""Slash commands: what the bot gets, and what the person sees."""

from threading import Event

from slack_sdk.signature import SignatureVerifier
from starlette.responses import PlainTextResponse, Response

from tests.sandbox.stand import ADA, EVE, MARY, SECRET, Received, Stand, buttons, saying, section


def test_a_command_reaches_the_bot_as_slack_sends_it(stand: Stand) -> None:
    assert stand.do("say", person=ADA, channel="C0LEARN", text="/learn  python basics") == {"ok": True}

    form = stand.bot.last("/learn")
    assert form["text"] == "python basics"
    assert (form["team_id"], form["user_id"], form["user_name"]) == ("T0HOME", "U0ADA", "ada")
    assert (form["channel_id"], form["channel_name"]) == ("C0LEARN", "learning")
    assert form["response_url"].startswith(f"{stand.running.url}/respond/")
    assert form["trigger_id"]
    assert form["is_enterprise_install"] == "false"


def test_the_signature_proves_that_a_request_comes_from_here(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="D0ADA", text="/learn")

    received = stand.bot.received[-1]
    assert SignatureVerifier(SECRET).is_valid_request(received.body, received.headers)
    assert not SignatureVerifier("another secret").is_valid_request(received.body, received.headers)
    assert stand.bot.last("/learn")["channel_name"] == "directmessage"


def test_only_the_person_who_typed_sees_an_ephemeral_answer(stand: Stand) -> None:
    stand.bot.answer = saying({"text": "Your courses", "blocks": [section("*Courses*"), buttons("row", "open")]})

    stand.do("say", person=ADA, channel="C0LEARN", text="/learn courses")

    (answer,) = stand.sees(ADA, "C0LEARN")
    assert answer["ephemeral"]
    assert answer["text"] == "Your courses"
    assert answer["bot_id"] == "B0BOT"
    assert answer["blocks"][0]["block_id"]
    assert stand.sees(MARY, "C0LEARN") == []


def test_an_answer_in_the_channel_shows_what_was_typed_to_all(stand: Stand) -> None:
    stand.bot.answer = saying({"response_type": "in_channel", "text": "Look at this"})

    stand.do("say", person=ADA, channel="C0LEARN", text="/learn share")

    assert [(m["user"], m["text"]) for m in stand.sees(MARY, "C0LEARN")] == [
        ("U0ADA", "/learn share"),
        ("U0BOT", "Look at this"),
    ]


def test_a_plain_text_answer_is_a_message(stand: Stand) -> None:
    stand.bot.answer = lambda received: PlainTextResponse("Just words")

    stand.do("say", person=ADA, channel="C0LEARN", text="/learn")

    assert stand.sees(ADA, "C0LEARN")[-1]["text"] == "Just words"


def test_an_empty_answer_shows_nothing(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="C0LEARN", text="/learn")

    assert stand.sees(ADA, "C0LEARN") == []


def test_a_late_answer_shows_slacks_own_failure(stand: Stand) -> None:
    seen = Event()

    def late(received: Received) -> Response:
        seen.wait(timeout=5)
        return Response()

    stand.bot.answer = late

    answer = stand.do("say", person=ADA, channel="C0LEARN", text="/learn courses")
    seen.set()

    sentence = '/learn failed with the error "operation_timeout"'
    assert answer == {"ok": False, "error": sentence}
    (shown,) = stand.sees(ADA, "C0LEARN")
    assert (shown["name"], shown["text"], shown["ephemeral"]) == ("Slackbot", sentence, True)


def test_an_error_of_the_bot_shows_slacks_own_failure(stand: Stand) -> None:
    stand.bot.answer = lambda received: Response(status_code=500)

    answer = stand.do("say", person=ADA, channel="C0LEARN", text="/learn")

    assert answer["error"] == '/learn failed with the error "dispatch_unknown_error"'


def test_blocks_that_slack_refuses_are_refused_in_an_answer_too(stand: Stand) -> None:
    stand.bot.answer = saying({"text": "Too much", "blocks": [section("x")] * 51})

    answer = stand.do("say", person=ADA, channel="C0LEARN", text="/learn")

    assert answer["ok"] is False
    assert [message["name"] for message in stand.sees(ADA, "C0LEARN")] == ["Slackbot"]
    entry = stand.tell("traffic")["entries"][-1]
    assert entry["refused"][0] == "invalid_blocks"
    assert "50" in entry["refused"][1]


def test_a_command_that_is_not_in_the_manifest_is_none(stand: Stand) -> None:
    answer = stand.do("say", person=ADA, channel="C0LEARN", text="/teach")

    assert answer == {"ok": False, "error": "/teach is not a valid command."}
    assert stand.bot.received == []


def test_commands_do_not_work_in_threads(stand: Stand) -> None:
    thread = stand.do("say", person=ADA, channel="C0LEARN", text="A question")["ts"]

    answer = stand.do("say", person=ADA, channel="C0LEARN", text="/learn", thread=thread)

    assert answer == {"ok": False, "error": "/learn is not supported in threads. Sorry!"}
    assert stand.bot.got("/learn") == []


def test_mentions_in_a_command_are_escaped_only_where_the_manifest_says_so(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="C0LEARN", text="/learn @mary & #general <3")
    stand.do("say", person=ADA, channel="C0LEARN", text="/tag @mary & #general <3 #learning-admins")

    assert stand.bot.last("/learn")["text"] == "@mary &amp; #general &lt;3"
    assert stand.bot.last("/tag")["text"] == "<@U0MARY|mary> &amp; <#C0GENERAL|general> &lt;3 <#C0PRIV|>"


def test_someone_from_another_organisation_has_no_commands_here(stand: Stand) -> None:
    stand.do("membership", person=EVE, channel="C0LEARN", joined=True)

    answer = stand.do("say", person=EVE, channel="C0LEARN", text="/learn")

    assert answer["ok"] is False
    assert stand.bot.got("/learn") == []
