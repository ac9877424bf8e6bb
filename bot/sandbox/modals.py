"""What a person does with a modal: submit it, or close it."""

from typing import Any

from bot.sandbox import clicking, elements, requests, views
from bot.sandbox.clicking import OnView
from bot.sandbox.deliveries import Answer
from bot.sandbox.people import Person
from bot.sandbox.refusals import NotThere, Refused
from bot.sandbox.response_urls import ResponseUrl
from bot.sandbox.saying import answer_body, reasons
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import View, Workspace

FAILED = "We had some trouble connecting. Try again?"
_REQUIRED = "Please complete this required field."


async def submit(stage: Stage, person: Person, place: OnView, values: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Someone fills in a modal and submits it. What Slack's own client would not let through is not sent."""
    workspace, view = place.workspace, place.view
    if view.body["type"] != "modal" or not view.body["submit"]:
        raise NotThere("There is nothing to submit here.")
    clicking.fill_in(stage, person, place, values)
    problems = _client_side_problems(view)
    if problems:
        return {"ok": False, "errors": problems}
    payload = requests.view_submission(
        workspace,
        view,
        person,
        _response_urls(stage, workspace, view, person),
        trigger_id=stage.triggers.issue(workspace.id, person.id, stage.clock.now(), view.id),
    )
    answer = await stage.deliveries.deliver("view_submission", "interactive", payload)
    if answer.failure is not None:
        return {"ok": False, "error": FAILED}
    try:
        return _follow(stage, workspace, view, answer)
    except Refused as refused:
        answer.entry.refused = reasons(refused)
        return {"ok": False, "error": FAILED}


def _client_side_problems(view: View) -> dict[str, str]:
    problems = {}
    for block, element in elements.elements(view.blocks):
        if block["type"] != "input":
            continue
        entry = view.body["state"]["values"][block["block_id"]][element["action_id"]]
        value = entry[elements.value_key(element)]
        problem = None
        if value in (None, "", []):
            problem = None if block.get("optional") else _REQUIRED
        elif element["type"] in elements.TEXT_INPUTS:
            problem = _text_problem(element, str(value))
        if problem is not None:
            problems[str(block["block_id"])] = problem
    return problems


def _text_problem(element: dict[str, Any], value: str) -> str | None:
    kind = element["type"]
    shortest, longest = element.get("min_length", 0), element.get("max_length", 3000)
    if kind == "plain_text_input" and len(value) < shortest:
        return f"Write at least {shortest} characters."
    if kind == "plain_text_input" and len(value) > longest:
        return f"Write at most {longest} characters."
    if kind == "email_text_input" and "@" not in value.strip("@"):
        return "Enter an e-mail address."
    if kind == "url_text_input" and not value.startswith(("http://", "https://")):
        return "Enter a link that begins with https://."
    if kind == "number_input":
        return _number_problem(element, value)
    return None


def _number_problem(element: dict[str, Any], value: str) -> str | None:
    try:
        number = float(value) if element.get("is_decimal_allowed") else int(value)
    except ValueError:
        return "Enter a number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and number < float(least):
        return f"Enter {least} or more."
    if most is not None and number > float(most):
        return f"Enter {most} or less."
    return None


def _response_urls(stage: Stage, workspace: Workspace, view: View, person: Person) -> list[dict[str, str]]:
    """Response URLs for channels chosen in menus that ask for one (`response_url_enabled`)."""
    urls = []
    for block, element in elements.elements(view.blocks):
        if not element.get("response_url_enabled"):
            continue
        entry = view.body["state"]["values"][block["block_id"]][element["action_id"]]
        channel_id = entry.get("selected_conversation") or entry.get("selected_channel")
        if channel_id in workspace.channels:
            url = ResponseUrl(workspace.id, channel_id, person.id, stage.clock.now())
            urls.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel_id,
                    "response_url": stage.response_url(url),
                }
            )
    return urls


def _follow(stage: Stage, workspace: Workspace, view: View, answer: Answer) -> dict[str, Any]:
    """Do what the bot's answer to a submission says. Raises Refused when it says what Slack does not take."""
    body = answer_body(answer)
    still_open = workspace.views.get(view.id) is view
    if body is None:
        if still_open:
            views.drop(stage, workspace, view)
        return {"ok": True}
    action = body.get("response_action")
    if action == "errors":
        return {"ok": False, "errors": _field_errors(view, body.get("errors"))}
    if action == "clear":
        views.drop_all(workspace, view.user)
        views.tell(stage, workspace, view.user)
    elif action == "update" and still_open:
        views.change(
            stage, workspace, view, views.checked(stage, workspace, body.get("view"), "modal", "view_submission")
        )
    elif action == "push" and still_open:
        views.push_modal(
            stage, workspace, view.user, views.checked(stage, workspace, body.get("view"), "modal", "view_submission")
        )
    else:
        raise Refused("invalid_response_action")
    return {"ok": True}


def _field_errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block, _ in elements.elements(view.blocks) if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise Refused("invalid_errors")
    for block_id, sentence in errors.items():
        if block_id not in inputs or not isinstance(sentence, str) or not sentence:
            raise Refused("invalid_errors", response_metadata={"messages": [f"no input block {block_id!r} here"]})
    return dict(errors)


async def close(stage: Stage, person: Person, place: OnView, *, everything: bool) -> dict[str, Any]:
    """Someone cancels a modal, or closes all of them with the X. The bot hears of it when it asked to."""
    workspace, view = place.workspace, place.view
    if view.body["type"] != "modal":
        raise NotThere("App Home cannot be closed.")
    cleared = everything or bool(view.body["clear_on_close"])
    closed = workspace.stack(person.id)[0] if everything else view
    if cleared:
        views.drop_all(workspace, person.id)
        views.tell(stage, workspace, person.id)
    else:
        views.drop(stage, workspace, view)
    if closed.body["notify_on_close"]:
        payload = requests.view_closed(workspace, closed, person, is_cleared=cleared)
        await stage.deliveries.deliver("view_closed", "interactive", payload)
    return {"ok": True}
