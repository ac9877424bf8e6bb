"""People in the rehearsal workspace. A Person can only click what is on their screen."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.plain import Line

Block = dict[str, Any]
PATIENCE = 5.0
"""Seconds somebody looks at their screen for something to show."""


class NotOnScreen(AssertionError):
    """What was to be clicked or read is not there; the message shows what is."""


def quiet(http: Line) -> None:
    """Wait until nothing is on its way between the bot and Slack."""
    http.get("/rehearsal/quiet", params={"seconds": PATIENCE})


def rich_text(words: str) -> Block:
    """What Slack's rich text input makes of plain words."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [section]}


@dataclass
class Person:
    """Somebody at the rehearsal page, looking at Home, at a channel or at the modal in front of it.

    ``settles`` waits until what they did has had its consequences; without it, until Slack hears nothing any more.
    ``follows`` has the bot look at what changed, as it does every two seconds by itself.
    """

    key: str
    http: Line
    channel: str = ""
    thread: str | None = None
    on_home: bool = False
    settles: Callable[[], object] | None = field(default=None, repr=False)
    follows: Callable[[], object] | None = field(default=None, repr=False)
    error: str = field(default="", init=False)
    errors: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.channel = self.channel or "D" + self.id.removeprefix("U")

    @property
    def id(self) -> str:
        """Their Slack id."""
        return self.key.partition(":")[2]

    # What they do

    def goes_to(self, channel: str) -> None:
        """They open a channel or a DM."""
        self.channel, self.thread, self.on_home = channel, None, False

    def opens_home(self) -> None:
        """They open the app's Home."""
        self.on_home = True
        self._post("open_home", tab="home")

    def types(self, text: str) -> None:
        """They type a command or a message where they are."""
        self.on_home = False
        self._post("say", channel=self.channel, text=text, thread=self.thread)

    def clicks(self, label: str, *, beside: str = "") -> str:
        """They press the button of this label, near these words when there are several; a link's URL is returned."""
        where, block, element = self._find(label, beside)
        answer = self._post("click", **where, block_id=block["block_id"], action_id=element["action_id"])
        return str(answer.get("url") or "")

    def chooses(self, typed: str, option: str) -> None:
        """They type in the type-ahead on screen and choose what it offers."""
        for where, block in self._standing():
            for element in _elements(block):
                if element["type"] != "external_select":
                    continue
                at = {**where, "block_id": block["block_id"], "action_id": element["action_id"]}
                offered = self._post("suggest", **at, query=typed).get("options", [])
                values = [entry["value"] for entry in offered if entry["text"]["text"] == option]
                if not values:
                    raise NotOnScreen(f"{option!r} is not offered for {typed!r}: {offered}")
                self._post("click", **at, selected=values[0])
                return
        raise NotOnScreen(f"There is no type-ahead on screen:\n{self.screen()}")

    def picks(self, option: str, *, beside: str = "") -> None:
        """They pick an option of this label in a menu on screen, near these words when there are several."""
        for where, block, element in self._within(beside):
            for offered in element.get("options", ()):
                if offered["text"]["text"] == option:
                    at = {"block_id": block["block_id"], "action_id": element["action_id"]}
                    self._post("click", **where, **at, selected=offered["value"])
                    return
        raise NotOnScreen(f"No menu offers {option!r}:\n{self.screen()}")

    def picks_date(self, day: date, *, beside: str = "") -> None:
        """They pick a day in the calendar on screen."""
        for where, block, element in self._within(beside):
            if element["type"] == "datepicker":
                at = {"block_id": block["block_id"], "action_id": element["action_id"]}
                self._post("click", **where, **at, selected=day.isoformat())
                return
        raise NotOnScreen(f"There is no calendar:\n{self.screen()}")

    def picks_person(self, name: str) -> None:
        """They pick somebody in the list of people on screen."""
        for where, block, element in self._within(""):
            if element["type"] == "users_select":
                at = {"block_id": block["block_id"], "action_id": element["action_id"]}
                self._post("click", **where, **at, selected=self._ids([name])[0])
                return
        raise NotOnScreen(f"There is no list of people:\n{self.screen()}")

    def uses(self, shortcut: str, *, on: str) -> None:
        """They use the shortcut of this name on the newest message that holds these words."""
        callbacks = [one["callback_id"] for one in self.state()["app"]["shortcuts"] if one["name"] == shortcut]
        found = [message for message in self.messages() if on in message["text"]]
        if not callbacks or not found:
            raise NotOnScreen(f"There is no {shortcut!r} on a message with {on!r}:\n{self.screen()}")
        self._post("shortcut", callback_id=callbacks[0], message={"channel": self.channel, "ts": found[-1]["ts"]})

    def goes_on_vacation(self, until: datetime | None) -> None:
        """They set their Slack status to vacation until this instant; None clears it."""
        status = {
            "status_emoji": ":palm_tree:" if until else "",
            "status_text": "Vacationing" if until else "",
            "status_expiration": int(until.timestamp()) if until else 0,
        }
        self.changes_profile(**status)

    def changes_profile(self, **profile: Any) -> None:
        """They change what Slack says about them, such as their zone (``tz``)."""
        team_id = self.key.partition(":")[0]
        self.http.post("/rehearsal/people", json={"team": team_id, "id": self.id, **profile}).raise_for_status()
        self._settle()

    def submits(self, **values: str | list[str] | date | tuple[str, bytes] | None) -> None:
        """They fill in the modal in front, fields by block id up to a dot, and press its submit button.

        Menus take the label of an option, checkboxes a list of them, a type-ahead ``typed => label``, a field for files
        the name of one and its bytes.
        """
        view = self.modal()
        filled: dict[str, dict[str, Any]] = {}
        for block in view["blocks"]:
            name = str(block["block_id"]).partition(".")[0]
            if block["type"] == "input" and name in values:
                filled[block["block_id"]] = {block["element"]["action_id"]: self._filled(view, block, values.pop(name))}
        assert not values, f"no such fields: {set(values)}"
        self.errors = self._post("submit", view=view["id"], values=filled).get("errors") or {}

    def begins_to_type(self, **values: str) -> None:
        """They type into fields of the modal in front that tell of it, by block id, and submit nothing."""
        view = self.modal()
        for block in view["blocks"]:
            if block.get("block_id") in values:
                at = {"view": view["id"], "block_id": block["block_id"], "action_id": block["element"]["action_id"]}
                self._post("click", **at, selected=self._filled(view, block, values[block["block_id"]]))

    def _filled(
        self, view: dict[str, Any], block: Block, given: str | list[str] | date | tuple[str, bytes] | None
    ) -> Any:
        element = block["element"]
        if isinstance(given, tuple):
            name, content = given
            answer = self._post("upload", name=name, content=base64.b64encode(content).decode())
            return [answer["id"]] if "id" in answer else []
        if isinstance(given, date):
            return given.isoformat()
        if element["type"] == "rich_text_input" and isinstance(given, str):
            return rich_text(given)
        if element["type"] == "external_select" and isinstance(given, str):
            typed, _, given = given.partition(" => ")
            at = {"view": view["id"], "block_id": block["block_id"], "action_id": element["action_id"]}
            return _values(self._post("suggest", **at, query=typed).get("options", []), [given])[0]
        if element["type"] == "users_select" and isinstance(given, str):
            return self._ids([given])[0]
        if element["type"] == "multi_users_select":
            return self._ids(given if isinstance(given, list) else [])
        if "options" in element and given is not None:
            wanted = _values(element["options"], given if isinstance(given, list) else [given])
            return wanted if isinstance(given, list) else wanted[0]
        return given

    def _ids(self, names: list[str]) -> list[str]:
        """The Slack ids of people by name."""
        by_name = {one["name"]: one["id"] for one in self.state()["people"]}
        return [by_name[name] for name in names]

    def presses(self, label: str) -> None:
        """They press the modal's submit button, which must say this."""
        view = self.modal()
        shown = (view.get("submit") or {}).get("text")
        if shown != label:
            raise NotOnScreen(f"The modal's button says {shown!r}, not {label!r}:\n{self.screen()}")
        self.submits()

    def closes(self) -> None:
        """They close the modal in front."""
        self._post("close", view=self.modal()["id"])

    # What they see

    def sees(self, words: str, *, patience: int | None = None) -> bool:
        """Whether these words are on their screen, or come while something still happens and a few looks after it."""
        return self._waits(lambda: words in self.screen(), patience)

    def sees_no_more(self, words: str) -> bool:
        """Whether these words are not on their screen, or go within a few seconds."""
        return self._waits(lambda: words not in self.screen())

    def _waits(self, until: Callable[[], bool], patience: int | None = None) -> bool:
        if until():
            return True
        if self.follows is not None:
            self.follows()
            self._settle()
        # Where the bot has just looked, nothing is to come but what is underway.
        patience = patience or (8 if self.follows is None else 3)
        revision = -1
        client = self.http
        waited = 0
        while True:
            if until():
                return True
            if waited >= patience:
                return False
            state = client.get("/rehearsal/wait", params={"after": self._revision(), "seconds": 0.4}).json()
            waited = waited + 1 if state["revision"] == revision else 0
            revision = state["revision"]

    def opens_file(self) -> tuple[str, str]:
        """The name and the words of the newest file in front of them."""
        files = [file for message in self.messages() for file in message["files"]]
        if not files:
            raise NotOnScreen(f"There is no file:\n{self.screen()}")
        answer = self.http.get("/rehearsal/file", params={"person": self.key, "id": files[-1]["id"]})
        return files[-1]["name"], answer.raise_for_status().text

    def screen(self) -> str:
        """All the words in front of them."""
        state = self.state()
        modals = state["modals"]
        messages = [] if modals or self.on_home else self.messages()
        lines = [line for _, block in self._blocks(state, messages) for line in read(block)]
        if modals:
            lines.insert(0, modals[-1]["title"]["text"])
            if modals[-1].get("submit"):
                lines.append(f"[{modals[-1]['submit']['text']}]")
        elif not self.on_home:
            for message in messages:
                if not message["blocks"]:
                    lines.append(message["text"])
                if message.get("notice"):
                    lines.append(message["notice"])
        if self.error:
            lines.append(self.error)
        return "\n".join(lines)

    def buttons(self) -> list[str]:
        """The labels of every button in front of them."""
        return [
            element["text"]["text"]
            for _, block in self._standing()
            for element in _elements(block)
            if element["type"] == "button"
        ]

    def state(self) -> dict[str, Any]:
        """Everything but messages, as the rehearsal tells it."""
        answer: dict[str, Any] = self.http.get("/rehearsal/state", params={"person": self.key}).json()
        return answer

    def messages(self) -> list[dict[str, Any]]:
        """The messages of the channel (or thread) they look at."""
        params = {"person": self.key, "channel": self.channel} | ({"thread": self.thread} if self.thread else {})
        found: list[dict[str, Any]] = self.http.get("/rehearsal/messages", params=params).json()["messages"]
        return found

    def modal(self) -> dict[str, Any]:
        """The modal in front of them."""
        modals: list[dict[str, Any]] = self.state()["modals"]
        if not modals:
            raise NotOnScreen(f"No modal is open:\n{self.screen()}")
        return modals[-1]

    def has_modal(self) -> bool:
        """Whether a modal is open."""
        return bool(self.state()["modals"])

    # How

    def _standing(self) -> Iterator[tuple[dict[str, Any], Block]]:
        """Every block in front of them, newest message last, and how a click on it is addressed."""
        state = self.state()
        yield from self._blocks(state, [] if state["modals"] or self.on_home else self.messages())

    def _blocks(self, state: dict[str, Any], messages: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Block]]:
        if state["modals"]:
            view = state["modals"][-1]
            yield from (({"view": view["id"]}, block) for block in view["blocks"])
        elif self.on_home:
            home = state["home"] or {"view_id": "", "blocks": []}
            yield from (({"view": home["view_id"]}, block) for block in home["blocks"])
        else:
            for message in messages:
                where = {"message": {"channel": self.channel, "ts": message["ts"]}}
                yield from ((where, block) for block in [*message["blocks"], *message["unfurled"]])

    def _within(self, beside: str) -> Iterator[tuple[dict[str, Any], Block, Block]]:
        """Every menu, calendar and button outside a form, newest message first, near these words."""
        found = []
        nearby: list[str] = []
        for where, block in self._standing():
            if block["type"] in ("divider", "header"):
                nearby = []
            words = read(block)
            nearby += words
            # A menu at the end of a section belongs to that section, a row of them to what stands above it.
            if beside in "\n".join(words if "accessory" in block else nearby):
                found += [(where, block, element) for element in _elements(block)]
            if block["type"] == "actions":
                nearby = []
        yield from reversed(found)

    def _find(self, label: str, beside: str) -> tuple[dict[str, Any], Block, Block]:
        """The newest button of this label; ``beside`` narrows it to those under a text that holds these words."""
        found = None
        nearby: list[str] = []
        for where, block in self._standing():
            if block["type"] in ("divider", "header"):
                nearby = []
            words = read(block)
            nearby += words
            # A button at the end of a section belongs to that section, a row of buttons to what stands above it.
            about = words if "accessory" in block else nearby
            for element in _elements(block):
                if element["type"] == "button" and element["text"]["text"] == label and beside in "\n".join(about):
                    found = (where, block, element)
            if block["type"] == "actions":
                nearby = []
        if found is None:
            at = f" beside {beside!r}" if beside else ""
            raise NotOnScreen(f"There is no button {label!r}{at} on screen:\n{self.screen()}")
        return found

    def _post(self, what: str, **asked: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.post(f"/rehearsal/{what}", json={"person": self.key, **asked}).json()
        self.error = str(answer.get("error") or "")
        self._settle()
        return answer

    def _settle(self) -> None:
        if self.settles is not None:
            self.settles()
        else:
            quiet(self.http)

    def _revision(self) -> int:
        return int(self.state()["revision"])


def read(block: Block) -> list[str]:
    """The words of a block, as a person sees them."""
    if block["type"] == "rich_text":
        return ["".join(_rich(block["elements"]))]
    lines = []
    if "text" in block:
        lines.append(block["text"]["text"])
    lines += [part["text"] for part in block.get("fields", ())]
    lines += [part["text"] for part in block.get("elements", ()) if part["type"] in ("mrkdwn", "plain_text")]
    lines += [f"[{one['text']['text']}]" for one in _elements(block) if one["type"] == "button"]
    if block["type"] == "input":
        lines.append(block["label"]["text"])
        lines += _offered(block["element"])
    lines += [line for one in _elements(block) for line in _offered(one)]
    if block["type"] == "image":
        lines.append(f"(image: {block['alt_text']})")
    if block["type"] == "table":
        lines.append(json.dumps(block["rows"]))
    return lines


def _offered(element: Block) -> list[str]:
    """What a menu offers, or a calendar says."""
    if "options" in element:
        return ["[" + " | ".join(option["text"]["text"] for option in element["options"]) + "]"]
    if element["type"] == "datepicker":
        return [f"[{element.get('initial_date') or (element.get('placeholder') or {}).get('text', '')}]"]
    return []


def _values(options: list[Block], labels: list[str]) -> list[str]:
    """The values of the options with these labels."""
    by_label = {option["text"]["text"]: option["value"] for option in options}
    missing = [label for label in labels if label not in by_label]
    if missing:
        raise NotOnScreen(f"Not offered: {missing}; there is {list(by_label)}")
    return [by_label[label] for label in labels]


def _rich(elements: list[Block]) -> Iterator[str]:
    for element in elements:
        if "elements" in element:
            yield from _rich(element["elements"])
            yield "\n"
        else:
            yield element.get("text") or element.get("url") or element.get("name") or ""


def _elements(block: Block) -> list[Block]:
    elements = list(block.get("elements", ())) if block["type"] == "actions" else []
    return elements + ([block["accessory"]] if "accessory" in block else [])
