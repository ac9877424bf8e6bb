"""Modals: triggers, the stack, submitting and closing."""

from typing import Any

from tests.sandbox.stand import (
    ADA,
    MARY,
    Stand,
    buttons,
    field_for,
    home,
    modal,
    refusal,
    saying,
    section,
    text_input,
    words,
)


def trigger(stand: Stand, person: str = ADA) -> str:
    stand.do("shortcut", person=person, callback_id="look.up")
    return str(stand.bot.last("shortcut")["trigger_id"])


def opened(stand: Stand, *blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return dict(stand.slack.views_open(trigger_id=trigger(stand), view=modal(*blocks, **more))["view"])


def form(stand: Stand, **more: Any) -> dict[str, Any]:
    return opened(stand, field_for("name", text_input()), submit=words("Save"), callback_id="save", **more)


def pushed_from(stand: Stand, view: dict[str, Any]) -> str:
    stand.do("click", person=ADA, view=view["id"], block_id="row", action_id="deeper")
    return str(stand.bot.last("block_actions")["trigger_id"])


def test_a_trigger_opens_one_modal_for_who_caused_it(stand: Stand) -> None:
    trigger_id = trigger(stand)

    view = stand.slack.views_open(trigger_id=trigger_id, view=modal(private_metadata="7"))["view"]

    (shown,) = stand.modals(ADA)
    assert (shown["id"], shown["private_metadata"]) == (view["id"], "7")
    assert stand.modals(MARY) == []
    assert (view["root_view_id"], view["previous_view_id"], view["app_id"]) == (view["id"], None, "A0HOME")
    again = refusal(stand.slack.views_open, trigger_id=trigger_id, view=modal())
    assert again["error"] == "exchanged_trigger_id"


def test_a_trigger_lives_three_seconds(stand: Stand) -> None:
    in_time, late = trigger(stand), trigger(stand)

    stand.do("clock", advance=2)
    stand.slack.views_open(trigger_id=in_time, view=modal())
    stand.do("clock", advance=1.5)
    assert refusal(stand.slack.views_open, trigger_id=late, view=modal())["error"] == "expired_trigger_id"
    invented = refusal(stand.slack.views_open, trigger_id="1.2.3", view=modal())
    assert invented["error"] == "invalid_trigger_id"


def test_a_refused_view_does_not_use_up_the_trigger(stand: Stand) -> None:
    trigger_id = trigger(stand)

    too_many = modal(*[section("x")] * 101)
    assert refusal(stand.slack.views_open, trigger_id=trigger_id, view=too_many)["error"] == "invalid_blocks"
    too_large = modal(private_metadata="x" * 250_000)
    assert refusal(stand.slack.views_open, trigger_id=trigger_id, view=too_large)["error"] == "view_too_large"
    assert refusal(stand.slack.views_open, trigger_id=trigger_id, view=home())["error"] == "invalid_arguments"
    assert stand.slack.views_open(trigger_id=trigger_id, view=modal())["ok"]


def test_three_modals_on_top_of_each_other_and_no_fourth(stand: Stand) -> None:
    deeper = modal(buttons("row", "deeper"))
    root = opened(stand, buttons("row", "deeper"))
    second = stand.slack.views_push(trigger_id=pushed_from(stand, root), view=deeper)["view"]
    third = stand.slack.views_push(trigger_id=pushed_from(stand, second), view=deeper)["view"]

    fourth = refusal(stand.slack.views_push, trigger_id=pushed_from(stand, third), view=deeper)

    assert fourth["error"] == "push_limit_reached"
    assert [view["id"] for view in stand.modals(ADA)] == [root["id"], second["id"], third["id"]]
    assert (third["root_view_id"], third["previous_view_id"]) == (root["id"], second["id"])
    beneath = stand.do("click", person=ADA, view=root["id"], block_id="row", action_id="deeper")
    assert beneath["ok"] is False


def test_a_push_needs_a_trigger_from_a_modal(stand: Stand) -> None:
    opened(stand)

    assert refusal(stand.slack.views_push, trigger_id=trigger(stand), view=modal())["error"] == "not_found"


def test_an_old_hash_is_a_conflict(stand: Stand) -> None:
    view = opened(stand)
    newer = stand.slack.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("Two")))["view"]

    conflict = refusal(stand.slack.views_update, view_id=view["id"], hash=view["hash"], view=modal())
    assert conflict["error"] == "hash_conflict"
    assert newer["hash"] != view["hash"]
    assert stand.modals(ADA)[0]["blocks"][0]["text"]["text"] == "Two"

    first = stand.slack.views_publish(user_id="U0ADA", view=home())["view"]
    stand.slack.views_publish(user_id="U0ADA", view=home())
    conflict = refusal(stand.slack.views_publish, user_id="U0ADA", view=home(), hash=first["hash"])
    assert conflict["error"] == "hash_conflict"


def test_an_external_id_names_one_view(stand: Stand) -> None:
    opened(stand, external_id="lesson-7")

    stand.slack.views_update(external_id="lesson-7", view=modal(section("Found"), external_id="lesson-7"))
    assert stand.modals(ADA)[0]["blocks"][0]["text"]["text"] == "Found"
    taken = refusal(stand.slack.views_open, trigger_id=trigger(stand), view=modal(external_id="lesson-7"))
    assert taken["error"] == "duplicate_external_id"
    stand.do("close", person=ADA, view=stand.modals(ADA)[0]["id"])
    opened(stand, external_id="lesson-7")


def test_what_was_typed_survives_an_update_where_the_ids_stay(stand: Stand) -> None:
    view = opened(stand, field_for("name", text_input()), field_for("age", text_input()), submit=words("Save"))
    stand.do("fill_in", person=ADA, view=view["id"], values={"name": {"typed": "Ada"}, "age": {"typed": "36"}})

    blocks = [field_for("name", text_input()), field_for("age-again", text_input(initial_value="?"))]
    updated = stand.slack.views_update(view_id=view["id"], view=modal(*blocks, submit=words("Save")))["view"]

    values = updated["state"]["values"]
    assert values["name"]["typed"]["value"] == "Ada"
    assert values["age-again"]["typed"]["value"] == "?"
    assert "age" not in values


def test_a_submission_carries_every_value_and_an_empty_answer_closes_the_modal(stand: Stand) -> None:
    pick = {
        "type": "static_select",
        "action_id": "pick",
        "placeholder": words("Pick"),
        "options": [{"text": words("A"), "value": "a"}],
    }
    view = opened(
        stand, field_for("name", text_input()), field_for("pick", pick, optional=True),
        submit=words("Save"), callback_id="save", private_metadata="7",
    )  # fmt: skip

    values = {"name": {"typed": "Ada"}, "pick": {"pick": "a"}}
    assert stand.do("submit", person=ADA, view=view["id"], values=values) == {"ok": True}

    payload = stand.bot.last("view_submission")
    assert (payload["view"]["callback_id"], payload["view"]["private_metadata"]) == ("save", "7")
    sent = payload["view"]["state"]["values"]
    assert sent["name"]["typed"] == {"type": "plain_text_input", "value": "Ada"}
    assert sent["pick"]["pick"]["selected_option"]["value"] == "a"
    assert payload["response_urls"] == []
    assert payload["trigger_id"]
    assert stand.modals(ADA) == []


def test_a_required_input_is_asked_for_before_the_bot_hears_of_it(stand: Stand) -> None:
    view = opened(
        stand, field_for("name", text_input()), field_for("code", text_input(max_length=4), optional=True),
        submit=words("Save"),
    )  # fmt: skip

    missing = stand.do("submit", person=ADA, view=view["id"], values={"code": {"typed": "12345"}})

    assert set(missing["errors"]) == {"name", "code"}
    assert stand.bot.got("view_submission") == []
    elsewhere = stand.do("submit", person=ADA, view=view["id"], values={"other": {"typed": "x"}})
    assert elsewhere["ok"] is False


def test_field_errors_keep_the_modal_open(stand: Stand) -> None:
    view = form(stand)
    stand.bot.answer = saying({"response_action": "errors", "errors": {"name": "Taken. Choose another."}})

    answer = stand.do("submit", person=ADA, view=view["id"], values={"name": {"typed": "Ada"}})

    assert answer == {"ok": False, "errors": {"name": "Taken. Choose another."}}
    assert len(stand.modals(ADA)) == 1


def test_answers_to_a_submission_that_slack_does_not_take(stand: Stand) -> None:
    view = form(stand)
    refused: list[dict[str, Any]] = [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "close"},
        {"text": "Saved"},
        {"response_action": "update", "view": modal(*[section("x")] * 101)},
    ]

    for body in refused:
        stand.bot.answer = saying(body)
        answer = stand.do("submit", person=ADA, view=view["id"], values={"name": {"typed": "Ada"}})
        assert answer == {"ok": False, "error": "We had some trouble connecting. Try again?"}
        assert stand.tell("traffic")["entries"][-1]["refused"]
    assert [shown["id"] for shown in stand.modals(ADA)] == [view["id"]]


def test_update_push_and_clear(stand: Stand) -> None:
    view = form(stand)
    typed = {"name": {"typed": "Ada"}}

    again = modal(field_for("name", text_input()), submit=words("Save"), title=words("Again"))
    stand.bot.answer = saying({"response_action": "update", "view": again})
    assert stand.do("submit", person=ADA, view=view["id"], values=typed)["ok"]
    assert [(shown["id"], shown["title"]["text"]) for shown in stand.modals(ADA)] == [(view["id"], "Again")]

    stand.bot.answer = saying({"response_action": "push", "view": again})
    assert stand.do("submit", person=ADA, view=view["id"], values=typed)["ok"]
    assert len(stand.modals(ADA)) == 2

    stand.bot.answer = saying({"response_action": "clear"})
    assert stand.do("submit", person=ADA, view=stand.modals(ADA)[-1]["id"], values=typed)["ok"]
    assert stand.modals(ADA) == []


def test_closing_is_told_only_to_who_asked(stand: Stand) -> None:
    silent = form(stand)
    stand.do("close", person=ADA, view=silent["id"])
    assert stand.bot.got("view_closed") == []

    telling = form(stand, notify_on_close=True)
    stand.do("fill_in", person=ADA, view=telling["id"], values={"name": {"typed": "secret"}})
    stand.do("close", person=ADA, view=telling["id"])

    payload = stand.bot.last("view_closed")
    assert payload["is_cleared"] is False
    assert payload["view"]["id"] == telling["id"]
    assert payload["view"]["state"] == {"values": {}}


def test_closing_everything_tells_of_the_root(stand: Stand) -> None:
    root = opened(stand, buttons("row", "deeper"), notify_on_close=True)
    top = stand.slack.views_push(trigger_id=pushed_from(stand, root), view=modal(notify_on_close=True))["view"]

    stand.do("close", person=ADA, view=top["id"], all=True)

    (payload,) = stand.bot.got("view_closed")
    assert (payload["view"]["id"], payload["is_cleared"]) == (root["id"], True)
    assert stand.modals(ADA) == []


def test_closing_the_top_shows_what_lay_beneath(stand: Stand) -> None:
    root = opened(stand, buttons("row", "deeper"))
    top = stand.slack.views_push(trigger_id=pushed_from(stand, root), view=modal())["view"]

    stand.do("close", person=ADA, view=top["id"])

    assert [view["id"] for view in stand.modals(ADA)] == [root["id"]]
    assert refusal(stand.slack.views_update, view_id=top["id"], view=modal())["error"] == "not_found"


def test_a_channel_chosen_with_response_url_enabled_brings_one(stand: Stand) -> None:
    menu = {
        "type": "conversations_select",
        "action_id": "where",
        "placeholder": words("Where"),
        "response_url_enabled": True,
    }
    view = opened(stand, field_for("share", menu), submit=words("Share"))

    stand.do("submit", person=ADA, view=view["id"], values={"share": {"where": "C0GENERAL"}})

    (url,) = stand.bot.last("view_submission")["response_urls"]
    assert (url["channel_id"], url["block_id"], url["action_id"]) == ("C0GENERAL", "share", "where")


def test_publishing_the_same_home_again_keeps_what_can_be_pressed(stand: Stand) -> None:
    view = {"type": "home", "blocks": [section("One"), {"type": "divider"}, section("Two")]}
    ids = []
    for _ in range(2):
        stand.slack.views_publish(user_id="U0ADA", view=view)
        state = stand.running.rehearsal.stage.workspaces["T0HOME"].home("U0ADA")
        assert state is not None
        ids.append([block["block_id"] for block in state.blocks])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3
