"""Buttons, menus and shortcuts."""

from typing import Any

from starlette.responses import Response

from tests.sandbox.stand import ADA, MARY, Stand, buttons, field_for, home, modal, saying, section, text_input, words


def option(value: str) -> dict[str, Any]:
    return {"text": words(value), "value": value}


def posted(stand: Stand, *blocks: dict[str, Any], channel: str = "C0LEARN") -> dict[str, str]:
    answer = stand.slack.chat_postMessage(channel=channel, text="Choose", blocks=list(blocks))
    return {"channel": str(answer["channel"]), "ts": str(answer["ts"])}


def test_a_click_on_a_message_tells_where_what_and_who(stand: Stand) -> None:
    where = posted(stand, section("Python"), buttons("row", "course.open", "course.enroll"))

    clicked = stand.do("click", person=ADA, message=where, block_id="row", action_id="course.enroll")

    assert clicked == {"ok": True}
    payload = stand.bot.last("block_actions")
    assert payload["user"] == {"id": "U0ADA", "username": "ada", "name": "ada", "team_id": "T0HOME"}
    assert payload["team"] == {"id": "T0HOME", "domain": "homeroom-academy"}
    assert payload["channel"] == {"id": "C0LEARN", "name": "learning"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": where["ts"],
        "channel_id": "C0LEARN",
        "is_ephemeral": False,
    }
    assert payload["message"]["ts"] == where["ts"]
    assert payload["message"]["bot_id"] == "B0BOT"
    (action,) = payload["actions"]
    assert action.pop("action_ts")
    assert action == {
        "type": "button",
        "block_id": "row",
        "action_id": "course.enroll",
        "value": "course.enroll-value",
        "text": {"type": "plain_text", "text": "course.enroll", "emoji": True},
    }
    assert payload["response_url"]
    assert payload["trigger_id"]
    assert payload["state"] == {"values": {}}


def test_a_click_on_an_ephemeral_message_comes_without_the_message(stand: Stand) -> None:
    stand.bot.answer = saying({"text": "Choose", "blocks": [buttons("row", "open")]})
    stand.do("say", person=ADA, channel="C0LEARN", text="/learn")
    where = {"channel": "C0LEARN", "ts": stand.sees(ADA, "C0LEARN")[0]["ts"]}

    stand.do("click", person=ADA, message=where, block_id="row", action_id="open")

    payload = stand.bot.last("block_actions")
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload


def test_nobody_can_click_what_is_not_on_their_screen(stand: Stand) -> None:
    where = posted(stand, buttons("row", "open"))
    private = posted(stand, buttons("row", "open"), channel="C0PRIV")
    ephemeral = stand.slack.chat_postEphemeral(
        channel="C0LEARN", user="U0ADA", text="x", blocks=[buttons("row", "open")]
    )["message_ts"]

    def click(person: str, message: dict[str, str], action_id: str = "open") -> bool:
        answer = stand.do("click", person=person, message=message, block_id="row", action_id=action_id)
        return bool(answer["ok"])

    assert not click(MARY, {"channel": "C0LEARN", "ts": ephemeral})
    assert not click(MARY, private)
    assert not click(MARY, where, "close")
    stand.slack.chat_update(channel="C0LEARN", ts=where["ts"], text="Gone", blocks=[])
    assert not click(MARY, where)
    stand.slack.chat_delete(channel="C0LEARN", ts=where["ts"])
    assert not click(MARY, where)
    assert stand.bot.got("block_actions") == []
    assert click(ADA, {"channel": "C0LEARN", "ts": ephemeral})


def test_menus_and_inputs_report_what_was_chosen(stand: Stand) -> None:
    pick = {
        "type": "static_select",
        "action_id": "pick",
        "placeholder": words("Pick"),
        "options": [option("a"), option("b")],
    }
    ticks = {"type": "checkboxes", "action_id": "ticks", "options": [option("x"), option("y")]}
    day = {"type": "datepicker", "action_id": "day", "initial_date": "2026-01-31"}
    where = posted(
        stand, {"type": "actions", "block_id": "row", "elements": [pick, ticks, day]}, buttons("send", "send")
    )

    def choose(action_id: str, selected: Any) -> dict[str, Any]:
        return stand.do("click", person=ADA, message=where, block_id="row", action_id=action_id, selected=selected)

    assert choose("pick", "b")["ok"]
    assert choose("ticks", ["x", "y"])["ok"]
    assert stand.bot.got("block_actions")[0]["actions"][0]["selected_option"]["value"] == "b"
    assert not choose("pick", "c")["ok"]
    stand.do("click", person=ADA, message=where, block_id="send", action_id="send")
    values = stand.bot.last("block_actions")["state"]["values"]["row"]
    assert values["pick"]["selected_option"]["value"] == "b"
    assert [chosen["value"] for chosen in values["ticks"]["selected_options"]] == ["x", "y"]
    assert values["day"] == {"type": "datepicker", "selected_date": "2026-01-31"}


def test_an_overflow_menu_and_a_link_button(stand: Stand) -> None:
    more = {"type": "overflow", "action_id": "more", "options": [option("edit"), option("drop")]}
    link = {"type": "button", "action_id": "link", "text": words("Portal"), "url": "https://portal.example/"}
    where = posted(
        stand,
        section("Python", block_id="row", accessory=more),
        {"type": "actions", "block_id": "links", "elements": [link]},
    )

    stand.do("click", person=ADA, message=where, block_id="row", action_id="more", selected="drop")
    assert stand.bot.last("block_actions")["actions"][0]["selected_option"]["value"] == "drop"
    opened = stand.do("click", person=ADA, message=where, block_id="links", action_id="link")
    assert opened == {"ok": True, "url": "https://portal.example/"}
    assert stand.bot.last("block_actions")["actions"][0]["url"] == "https://portal.example/"


def test_a_failed_click_leaves_a_notice_beside_the_message_until_one_succeeds(stand: Stand) -> None:
    where = posted(stand, buttons("row", "open"))
    stand.bot.answer = lambda received: Response(status_code=503)

    failed = stand.do("click", person=ADA, message=where, block_id="row", action_id="open")

    assert failed["ok"] is False
    assert stand.sees(ADA, "C0LEARN")[0]["notice"] == failed["error"]
    assert stand.sees(MARY, "C0LEARN")[0]["notice"] is None
    stand.bot.answer = lambda received: Response()
    stand.do("click", person=ADA, message=where, block_id="row", action_id="open")
    assert stand.sees(ADA, "C0LEARN")[0]["notice"] is None


def test_app_home_is_published_opened_and_clicked(stand: Stand) -> None:
    stand.do("open_home", person=ADA, tab="home")
    stand.quiet()
    assert "view" not in stand.bot.last("app_home_opened")["event"]

    view = stand.slack.views_publish(user_id="U0ADA", view=home(buttons("row", "continue")))["view"]
    shown = stand.tell("state", person=ADA)["home"]
    assert (shown["view_id"], shown["hash"]) == (view["id"], view["hash"])
    assert stand.tell("state", person=MARY)["home"] is None

    stand.do("open_home", person=ADA, tab="messages")
    stand.quiet()
    event = stand.bot.last("app_home_opened")["event"]
    assert (event["tab"], event["channel"], event["view"]["id"]) == ("messages", "D0ADA", view["id"])

    stand.do("click", person=ADA, view=view["id"], block_id="row", action_id="continue")
    payload = stand.bot.last("block_actions")
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["type"] == "home"
    assert payload["view"]["bot_id"] == "B0BOT"
    assert "response_url" not in payload
    assert "message" not in payload
    assert "channel" not in payload
    assert not stand.do("click", person=MARY, view=view["id"], block_id="row", action_id="continue")["ok"]
    again = stand.slack.views_publish(user_id="U0ADA", view=home())["view"]
    assert again["id"] == view["id"]
    assert again["hash"] != view["hash"]


def test_a_menu_asks_the_app_for_its_options(stand: Stand) -> None:
    menu = {"type": "external_select", "action_id": "find", "placeholder": words("Find"), "min_query_length": 2}
    where = posted(stand, {"type": "actions", "block_id": "row", "elements": [menu]})
    stand.bot.answer = saying({"options": [option("python"), option("pottery")]})

    asked = {"person": ADA, "message": where, "block_id": "row", "action_id": "find"}
    assert stand.do("suggest", **asked, query="p") == {"ok": True, "options": []}
    assert stand.bot.received == []
    assert len(stand.do("suggest", **asked, query="py")["options"]) == 2
    payload = stand.bot.last("block_suggestion")
    assert (payload["value"], payload["block_id"], payload["action_id"]) == ("py", "row", "find")
    assert payload["container"]["type"] == "message"
    assert "trigger_id" not in payload

    assert stand.do("click", **asked, selected="pottery")["ok"]
    assert stand.bot.last("block_actions")["actions"][0]["selected_option"] == option("pottery")
    assert not stand.do("click", **asked, selected="poetry")["ok"]


def test_more_than_a_hundred_options_leave_the_menu_empty(stand: Stand) -> None:
    menu = {"type": "external_select", "action_id": "find", "placeholder": words("Find"), "min_query_length": 0}
    where = posted(stand, {"type": "actions", "block_id": "row", "elements": [menu]})
    stand.bot.answer = saying({"options": [option(str(n)) for n in range(101)]})

    answer = stand.do("suggest", person=ADA, message=where, block_id="row", action_id="find", query="")

    assert answer == {"ok": True, "options": []}
    assert stand.tell("traffic")["entries"][-1]["refused"][0] == "invalid_options"


def test_shortcuts_from_slack_and_from_a_message(stand: Stand) -> None:
    ts = stand.do("say", person=MARY, channel="C0LEARN", text="Keep this")["ts"]

    assert stand.do("shortcut", person=ADA, callback_id="look.up") == {"ok": True}
    found = stand.bot.last("shortcut")
    assert found["callback_id"] == "look.up"
    assert found["trigger_id"]
    assert "channel" not in found

    assert stand.do("shortcut", person=ADA, callback_id="keep", message={"channel": "C0LEARN", "ts": ts}) == {
        "ok": True
    }
    kept = stand.bot.last("message_action")
    assert kept["message"]["text"] == "Keep this"
    assert kept["message_ts"] == ts
    assert kept["response_url"]
    assert stand.do("shortcut", person=ADA, callback_id="keep")["ok"] is False


def test_an_input_that_dispatches_tells_what_was_typed(stand: Stand) -> None:
    quiet_input = field_for("quiet", text_input("words"))
    telling_input = field_for("telling", text_input("words"), dispatch_action=True)
    trigger = _trigger(stand)
    view = stand.slack.views_open(trigger_id=trigger, view=modal(quiet_input, telling_input, submit=words("Go")))[
        "view"
    ]

    refused = stand.do("click", person=ADA, view=view["id"], block_id="quiet", action_id="words", selected="x")
    assert refused["ok"] is False
    typed = {"quiet": {"words": "kept"}}
    stand.do("click", person=ADA, view=view["id"], block_id="telling", action_id="words", selected="hi", values=typed)
    payload = stand.bot.last("block_actions")
    assert payload["actions"][0]["value"] == "hi"
    assert payload["view"]["state"]["values"]["quiet"]["words"] == {"type": "plain_text_input", "value": "kept"}


def _trigger(stand: Stand) -> str:
    stand.do("shortcut", person=ADA, callback_id="look.up")
    return str(stand.bot.last("shortcut")["trigger_id"])
