"""What people say, what the bot says, and who sees which of it."""

from bot.sandbox.installed_app import read_manifest
from tests.sandbox.stand import ADA, EVE, GRACE, MANIFEST, MARY, TOKEN, Stand, buttons, refusal, section


def test_a_mention_reaches_a_bot_that_is_in_the_channel(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="C0LEARN", text="@homeroom hi, <b> & https://a.example/?x=1&y=2")
    stand.do("say", person=ADA, channel="C0GENERAL", text="@homeroom are you here?")
    stand.quiet()

    (mention,) = stand.bot.got("app_mention")
    event = mention["event"]
    assert event["text"] == "<@U0BOT> hi, &lt;b&gt; &amp; <https://a.example/?x=1&amp;y=2>"
    assert (event["channel"], event["user"], event["team"]) == ("C0LEARN", "U0ADA", "T0HOME")
    assert event["event_ts"] == event["ts"]
    assert "channel_type" not in event


def test_shouting_is_sent_as_slack_spells_it(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="C0LEARN", text="@here @channel @nobody mail@mary.example @Mary.")

    assert stand.sees(ADA, "C0LEARN")[0]["text"] == "<!here> <!channel> @nobody mail@mary.example <@U0MARY>."


def test_a_direct_message_reaches_the_bot(stand: Stand) -> None:
    said = stand.do("say", person=ADA, channel="D0ADA", text="hello")
    stand.do("say", person=ADA, channel="D0ADA", text="and again", thread=said["ts"])
    stand.quiet()

    first, second = stand.bot.got("message")
    assert first["event"]["channel_type"] == "im"
    assert first["event"]["channel"] == "D0ADA"
    assert second["event"]["thread_ts"] == said["ts"] == first["event"]["ts"]
    assert first["event_id"] != second["event_id"]
    assert first["authorizations"][0] == {
        "enterprise_id": None,
        "team_id": "T0HOME",
        "user_id": "U0BOT",
        "is_bot": True,
        "is_enterprise_install": False,
    }


def test_what_is_said_in_a_channel_is_not_delivered_without_a_subscription(stand: Stand) -> None:
    stand.do("say", person=ADA, channel="C0LEARN", text="nothing for the bot")
    stand.quiet()

    assert "message.channels" not in MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert stand.bot.received == []


def test_the_bot_hears_its_own_message_in_a_dm(stand: Stand) -> None:
    stand.slack.chat_postMessage(channel="U0ADA", text="Good morning")
    stand.quiet()

    assert stand.bot.last("message")["event"]["bot_id"] == "B0BOT"


def test_a_message_to_a_user_opens_their_dm(stand: Stand) -> None:
    answer = stand.slack.chat_postMessage(channel="U0ADA", text="Good morning")

    assert answer["channel"] == "D0ADA"
    assert answer["message"]["bot_profile"]["name"] == "tiny"
    assert [message["text"] for message in stand.sees(ADA, "D0ADA")] == ["Good morning"]
    assert stand.slack.conversations_open(users="U0ADA")["channel"]["id"] == "D0ADA"
    assert stand.slack.conversations_open(users="U0ADA")["channel"]["id"] == "D0ADA"


def test_places_where_the_bot_may_not_speak(stand: Stand) -> None:
    post = stand.slack.chat_postMessage
    stand.do("people", team="T0HOME", id="U0MARY", deleted=True)

    assert refusal(post, channel="C0NOWHERE", text="x")["error"] == "channel_not_found"
    assert refusal(post, channel="C0EVE", text="x")["error"] == "channel_not_found"
    assert refusal(post, channel="C0GENERAL", text="x")["error"] == "not_in_channel"
    assert refusal(post, channel="U0MARY", text="x")["error"] == "user_disabled"
    assert refusal(post, channel="U0BOT", text="x")["error"] == "cannot_dm_bot"
    assert refusal(post, channel="C0LEARN", text="x", thread_ts="1.2")["error"] == "thread_not_found"
    wordless = refusal(stand.slack.api_call, api_method="chat.postMessage", json={"channel": "C0LEARN"})
    assert wordless["error"] == "no_text"


def test_blocks_are_checked_and_the_reasons_given(stand: Stand) -> None:
    answer = refusal(stand.slack.chat_postMessage, channel="C0LEARN", text="x", blocks=[section("x")] * 51)

    assert answer["error"] == "invalid_blocks"
    assert "50" in answer["response_metadata"]["messages"][0]


def test_long_text_is_cut(stand: Stand) -> None:
    stand.slack.chat_postMessage(channel="C0LEARN", text="x" * 40_001)

    assert len(stand.sees(ADA, "C0LEARN")[0]["text"]) == 40_000


def test_only_one_person_sees_an_ephemeral_message_and_no_call_reaches_it(stand: Stand) -> None:
    ts = stand.slack.chat_postEphemeral(channel="C0LEARN", user="U0ADA", text="For you")["message_ts"]

    assert [message["text"] for message in stand.sees(ADA, "C0LEARN")] == ["For you"]
    assert stand.sees(MARY, "C0LEARN") == []
    assert refusal(stand.slack.chat_update, channel="C0LEARN", ts=ts, text="x")["error"] == "message_not_found"
    assert stand.slack.conversations_history(channel="C0LEARN")["messages"] == []
    stranger = refusal(stand.slack.chat_postEphemeral, channel="C0PRIV", user="U0ADA", text="x")
    assert stranger["error"] == "user_not_in_channel"


def test_a_message_is_changed_and_deleted_by_who_posted_it(stand: Stand) -> None:
    ts = stand.slack.chat_postMessage(channel="C0LEARN", text="One", blocks=[section("One")])["ts"]
    of_ada = stand.do("say", person=ADA, channel="C0LEARN", text="Mine")["ts"]

    stand.slack.chat_update(channel="C0LEARN", ts=ts, text="Two")
    kept = stand.sees(ADA, "C0LEARN")[0]
    assert (kept["text"], kept["edited"]) == ("Two", True)
    assert kept["blocks"][0]["text"]["text"] == "One"

    stand.slack.chat_update(channel="C0LEARN", ts=ts, text="Two", blocks=[])
    assert stand.sees(ADA, "C0LEARN")[0]["blocks"] == []

    assert refusal(stand.slack.chat_update, channel="C0LEARN", ts=of_ada, text="x")["error"] == "cant_update_message"
    assert refusal(stand.slack.chat_delete, channel="C0LEARN", ts=of_ada)["error"] == "cant_delete_message"
    stand.slack.chat_delete(channel="C0LEARN", ts=ts)
    assert [message["text"] for message in stand.sees(ADA, "C0LEARN")] == ["Mine"]


def test_replies_stay_in_their_thread(stand: Stand) -> None:
    parent = stand.do("say", person=ADA, channel="C0LEARN", text="A question")["ts"]
    stand.slack.chat_postMessage(channel="C0LEARN", text="An answer", thread_ts=parent)

    (top,) = stand.sees(MARY, "C0LEARN")
    assert top["reply_count"] == 1
    assert [m["text"] for m in stand.sees(MARY, "C0LEARN", thread=parent)] == ["A question", "An answer"]
    replies = stand.slack.conversations_replies(channel="C0LEARN", ts=parent)["messages"]
    assert [reply["text"] for reply in replies] == ["A question", "An answer"]
    assert replies[0]["reply_count"] == 1
    assert replies[1]["parent_user_id"] == "U0ADA"


def test_history_comes_newest_first_in_pages_with_metadata_on_request(stand: Stand) -> None:
    metadata = {"event_type": "delivery", "event_payload": {"id": "7"}}
    for n in range(3):
        stand.slack.chat_postMessage(channel="U0ADA", text=f"Message {n}", metadata=metadata)

    page = stand.slack.conversations_history(channel="D0ADA", limit=2, include_all_metadata=True)
    assert [message["text"] for message in page["messages"]] == ["Message 2", "Message 1"]
    assert page["messages"][0]["metadata"] == metadata
    assert page["has_more"]
    cursor = page["response_metadata"]["next_cursor"]
    rest = stand.slack.conversations_history(channel="D0ADA", limit=2, cursor=cursor)
    assert [message["text"] for message in rest["messages"]] == ["Message 0"]
    assert not rest["has_more"]
    assert "metadata" not in rest["messages"][0]
    oldest = page["messages"][1]["ts"]
    since = stand.slack.conversations_history(channel="D0ADA", oldest=oldest)["messages"]
    assert [message["text"] for message in since] == ["Message 2"]


def test_unread_messages_are_counted_until_read(stand: Stand) -> None:
    stand.slack.chat_postMessage(channel="C0LEARN", text="News")

    def unread(person: str) -> int:
        channels = stand.tell("state", person=person)["channels"]
        return next(int(channel["unread"]) for channel in channels if channel["id"] == "C0LEARN")

    assert (unread(ADA), unread(GRACE)) == (1, 1)
    stand.do("read", person=ADA, channel="C0LEARN")
    assert (unread(ADA), unread(GRACE)) == (0, 1)


def test_a_workspace_never_sees_another(stand: Stand) -> None:
    eves_bot = stand.slack_of(f"{TOKEN}-T0EVE")
    message = stand.slack.chat_postMessage(channel="C0LEARN", text="Ours", blocks=[buttons("row", "open")])

    assert eves_bot.auth_test()["team_id"] == "T0EVE"
    assert refusal(eves_bot.users_info, user="U0ADA")["error"] == "user_not_found"
    assert refusal(eves_bot.conversations_history, channel="C0LEARN")["error"] == "channel_not_found"
    assert refusal(eves_bot.chat_postMessage, channel="U0ADA", text="x")["error"] == "channel_not_found"
    assert {user["id"] for user in eves_bot.users_list()["members"]} == {"U0EVE", "U0BOT2"}
    assert {channel["team"] for channel in stand.tell("state", person=EVE)["channels"]} == {"T0EVE"}
    where = {"channel": "C0LEARN", "ts": message["ts"]}
    clicked = stand.do("click", person=EVE, message=where, block_id="row", action_id="open")
    assert clicked["ok"] is False
    assert stand.bot.got("block_actions") == []


def test_a_stranger_in_a_shared_channel_is_known_as_one(stand: Stand) -> None:
    assert refusal(stand.slack.users_info, user="U0EVE")["error"] == "user_not_found"
    stand.do("membership", person=EVE, channel="C0LEARN", joined=True)

    user = stand.slack.users_info(user="U0EVE")["user"]
    assert "is_stranger" not in user
    assert user["team_id"] == "T0EVE"
    assert "email" not in user["profile"]
    stand.do("say", person=EVE, channel="C0LEARN", text="@homeroom hello")
    stand.quiet()
    mention = stand.bot.last("app_mention")
    assert mention["is_ext_shared_channel"] is True
    assert mention["team_id"] == "T0HOME"
    assert mention["event"]["user_team"] == "T0EVE"
    posted = stand.slack.chat_postMessage(channel="U0EVE", text="Hello, Eve")
    assert [message["text"] for message in stand.sees(EVE, posted["channel"])] == ["Hello, Eve"]


def test_a_video_plays_only_where_the_manifest_lets_it() -> None:
    domains = {**MANIFEST["features"], "unfurl_domains": ["videos.example"]}
    scopes = {"scopes": {"bot": ["links.embed:write"]}}
    granted = read_manifest({**MANIFEST, "features": domains, "oauth_config": scopes})
    assert granted.plays("https://www.videos.example/embed/1")
    assert not granted.plays("https://notvideos.example/embed/1")
    assert not read_manifest({**MANIFEST, "features": domains}).plays("https://videos.example/embed/1")
    assert not read_manifest({**MANIFEST, "oauth_config": scopes}).plays("https://videos.example/embed/1")


def test_a_message_with_a_video_that_may_not_play_is_refused(stand: Stand) -> None:
    video = {
        "type": "video",
        "title": {"type": "plain_text", "text": "Loops"},
        "video_url": "https://videos.example/embed/1",
        "thumbnail_url": "https://videos.example/1.png",
        "alt_text": "Loops",
    }
    error = refusal(lambda: stand.slack.chat_postMessage(channel="C0LEARN", text="Loops", blocks=[video]))
    assert error["error"] == "invalid_blocks"
    assert "unfurl_domains" in error["response_metadata"]["messages"][0]
