"""The small vocabulary screens are written in. Limits are Slack's own (docs: Block Kit reference)."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime

from handlers.views.screens import Block

ZERO_WIDTH_JOINER = "\u200d"
ZERO_WIDTH_SPACE = "\u200b"
_ESCAPES = (
    # First the ampersand, which the others bring in.
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    *((mark, f"{ZERO_WIDTH_SPACE}{mark}{ZERO_WIDTH_SPACE}") for mark in "*_~`"),
)
LONGEST_CLUSTER = 64
"""Characters that may join into one before a cut goes through them all the same."""
_UNFINISHED = re.compile(r"(<[^>]*|&[a-z]{0,4})$")


class Markup(str):
    """mrkdwn that is safe as it stands, such as a link: ``say`` fills it in unescaped."""

    __slots__ = ()


def say(sentence: str, **fields: str) -> Markup:
    """A sentence in mrkdwn with its named fields filled in, each escaped: the one way words get onto a screen.

    Fields that are ``Markup`` already, links and other sentences among them, keep their meaning.
    """
    for name, value in fields.items():
        if not isinstance(value, Markup):
            fields[name] = escape(value)
    return Markup(sentence.format_map(fields))


def escape(text: str) -> str:
    """Text that shows as it was typed: no mention, no link, no style can come out of it.

    ``&``, ``<`` and ``>`` are escaped (docs: formatting message text). mrkdwn has no escape for ``*``, ``_``, ``~`` and
    the backtick; they open and close a style only at the edge of a word, and Slack takes a zero-width space for a part
    of the word (reported by others, not documented), so one on both sides leaves the mark as it is.
    """
    for typed, escaped in _ESCAPES:
        if typed in text:
            text = text.replace(typed, escaped)
    return text


def link(url: str, words: str) -> Markup:
    """A link in mrkdwn; what would end its URL early is percent-encoded."""
    address = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return Markup(f"<{address}|{escape(words)}>")


def person(slack_user_id: str) -> Markup:
    """A person by their Slack id, shown by name."""
    return Markup(f"<@{slack_user_id}>")


def channel(channel_id: str) -> Markup:
    """A channel by its id, shown by name."""
    return Markup(f"<#{channel_id}>")


def day(instant: datetime) -> Markup:
    """The day of an instant, in the reader's own zone and words (docs: formatting dates)."""
    return Markup(f"<!date^{int(instant.timestamp())}^{{date_long}}|{instant:%Y-%m-%d}>")


def moment(instant: datetime) -> Markup:
    """An instant to the minute, in the reader's own zone and words."""
    return Markup(f"<!date^{int(instant.timestamp())}^{{date_short_pretty}} at {{time}}|{instant:%Y-%m-%d %H:%M} UTC>")


def named_day(day: date, today: date) -> str:
    """A local day as people say it: today, tomorrow, Thursday, Thursday 3 December."""
    ahead = (day - today).days
    if ahead in (0, 1):
        return ("today", "tomorrow")[ahead]
    return (
        f"{day:%A}"
        if 0 < ahead < 7
        else f"{day:%A} {day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")
    )


def shorten(text: str, limit: int) -> str:
    """At most so many characters, the last an ellipsis when some were cut; never half of a joined emoji or accent."""
    if len(text) <= limit:
        return text
    return text[: safe_end(text, limit - 1)].rstrip() + "…"


def safe_end(text: str, limit: int) -> int:
    """Where to cut a longer text so that at most ``limit`` characters stay and none is torn from what it joins."""
    for at in range(limit, max(limit - LONGEST_CLUSTER, 0), -1):
        if not _joins(text, at):
            return at
    return limit


def _joins(text: str, at: int) -> bool:
    after, before = text[at], text[at - 1]
    if _is_flag_half(after):
        # Flags are pairs of letters, so a cut fits only after an even number of them.
        run = 0
        while run < at and _is_flag_half(text[at - 1 - run]):
            run += 1
        return run % 2 == 1
    return bool(
        unicodedata.combining(after)
        or ZERO_WIDTH_JOINER in (after, before)
        or 0xFE00 <= ord(after) <= 0xFE0F
        or 0x1F3FB <= ord(after) <= 0x1F3FF
    )


def _is_flag_half(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def words(count: int, thing: str) -> str:
    """``1 lesson``, ``2 lessons``."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def progress_bar(done: int, total: int) -> str:
    """Ten squares and the figures, which are all a screen reader needs."""
    filled = min(10 * done // total, 10) if total else 0
    return f"{'▰' * filled}{'▱' * (10 - filled)} {done} of {total}"


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph of mrkdwn, 3,000 characters at most; nothing in it is turned into mentions or links by Slack."""
    block: Block = {"type": "section", "text": _mrkdwn(text, 3000)}
    return block | {"accessory": accessory} if accessory else block


def header(text: str) -> Block:
    """A heading in plain text, 150 characters at most."""
    return {"type": "header", "text": _plain(text, 150)}


def context(*texts: str) -> Block:
    """Small print in mrkdwn, ten parts at most."""
    return {"type": "context", "elements": [_mrkdwn(text, 2000) for text in texts if text][:10]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def image(url: str, alt_text: str) -> Block:
    """An image with the words for those who can't see it."""
    return {"type": "image", "image_url": url, "alt_text": shorten(alt_text, 2000)}


def video(title: str, url: str, player: str, poster: str, alt_text: str) -> Block:
    """A video that plays inside Slack, which needs links.embed:write and its domain in the manifest."""
    return {
        "type": "video",
        "title": _plain(title, 199),
        "title_url": url,
        "video_url": player,
        "thumbnail_url": poster,
        "alt_text": shorten(alt_text, 2000),
    }


def actions(*elements: Block) -> Block:
    """A row of buttons and selects, 25 at most. The same action twice in a row gets an id of its own from Slack's view:
    action ids must differ within a block, so repeated ones are numbered behind a colon that routing cuts off."""
    seen: dict[str, int] = {}
    row = []
    for element in elements[:25]:
        action_id = element["action_id"]
        count = seen[action_id] = seen.get(action_id, -1) + 1
        row.append(element | {"action_id": f"{action_id}:{count}"} if count else element)
    return {"type": "actions", "elements": row}


def button(
    text: str,
    action_id: str,
    value: str = "",
    *,
    style: str | None = None,
    url: str | None = None,
    label: str | None = None,
) -> Block:
    """A button. ``label`` is what a screen reader says where the text alone would not tell it from its neighbours."""
    made: Block = {"type": "button", "action_id": action_id, "text": _plain(text, 75)}
    if value:
        made["value"] = value
    if style:
        made["style"] = style
    if url:
        made["url"] = url
    if label:
        made["accessibility_label"] = shorten(label, 75)
    return made


def external_select(action_id: str, placeholder: str, *, min_query_length: int = 1) -> Block:
    """A select whose options are asked of us as somebody types."""
    return {
        "type": "external_select",
        "action_id": action_id,
        "placeholder": _plain(placeholder, 150),
        "min_query_length": min_query_length,
    }


def options(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """Text and value of each option of a select, 100 at most."""
    return [{"text": _plain(text, 75), "value": value} for text, value in pairs][:100]


def overflow(action_id: str, pairs: Iterable[tuple[str, str]]) -> Block:
    """The ⋯ menu: text and value of each entry, five at most."""
    return {"type": "overflow", "action_id": action_id, "options": options(pairs)[:5]}


def date_button(action_id: str, placeholder: str) -> Block:
    """A date to pick, which acts at once."""
    return {"type": "datepicker", "action_id": action_id, "placeholder": _plain(placeholder, 150)}


def asked(block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    """A question in a modal with the element that answers it."""
    made: Block = {"type": "input", "block_id": block_id, "label": _plain(label, 2000), "element": element}
    made["optional"] = optional
    return made | {"hint": _plain(hint, 2000)} if hint else made


def one_of(kind: str, action_id: str, pairs: Iterable[tuple[str, str]], chosen: str) -> Block:
    """``radio_buttons`` or a ``static_select`` with one option chosen, by its value."""
    offered = options(pairs)
    found = [option for option in offered if option["value"] == chosen]
    made: Block = {"type": kind, "action_id": action_id, "options": offered}
    return made | {"initial_option": found[0]} if found else made


def some_of(kind: str, action_id: str, pairs: Iterable[tuple[str, str]], chosen: Iterable[str]) -> Block:
    """``checkboxes`` or a ``multi_static_select`` with some options chosen, by their values."""
    offered, wanted = options(pairs), set(chosen)
    found = [option for option in offered if option["value"] in wanted]
    made: Block = {"type": kind, "action_id": action_id, "options": offered}
    return made | {"initial_options": found} if found else made


def a_date(action_id: str, chosen: date | None) -> Block:
    """A date in a form, perhaps with one chosen."""
    made: Block = {"type": "datepicker", "action_id": action_id}
    return made | {"initial_date": chosen.isoformat()} if chosen else made


def field(
    block_id: str,
    action_id: str,
    label: str,
    initial: str = "",
    *,
    placeholder: str = "",
    optional: bool = False,
    multiline: bool = False,
    tells: bool = False,
    max_length: int = 3000,
) -> Block:
    """A line to type in, in a modal; several with ``multiline``. With ``tells`` we hear of it as it is typed."""
    element: Block = {"type": "plain_text_input", "action_id": action_id, "max_length": max_length}
    if placeholder:
        element["placeholder"] = _plain(placeholder, 150)
    if initial:
        element["initial_value"] = initial
    if multiline:
        element["multiline"] = True
    return (
        telling(asked(block_id, label, element, optional=optional))
        if tells
        else asked(block_id, label, element, optional=optional)
    )


def telling(question: Block) -> Block:
    """A question whose answer we hear of as it is typed."""
    on_typing = {"trigger_actions_on": ["on_character_entered"]}
    element = question["element"] | {"dispatch_action_config": on_typing}
    return question | {"element": element, "dispatch_action": True}


def _plain(text: str, limit: int) -> Block:
    if len(text) > limit:
        text = shorten(text, limit)
    return {"type": "plain_text", "text": text or " ", "emoji": True}


def _mrkdwn(text: str, limit: int) -> Block:
    if len(text) > limit:
        # Half a link or half an escaped character would show its markup.
        text = _UNFINISHED.sub("", text[: safe_end(text, limit - 1)]).rstrip() + "…"
    return {"type": "mrkdwn", "text": text or " ", "verbatim": True}
