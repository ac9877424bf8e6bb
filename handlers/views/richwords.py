"""What somebody wrote in Slack's rich text input, as it may be posted in their name."""

import json
from typing import Any

from handlers.views.screens import Block

_STYLES = ("bold", "italic", "strike", "code")
_PARTS = {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}
CARRIED = 3000
_LINKS = ("https://", "http://", "mailto:")


def safe(written: str) -> Block | None:
    """The rich text block somebody wrote (JSON), with nothing in it that calls many people; None without any words.

    ``@channel``, ``@here`` and groups become plain words (docs: rich text, broadcast and usergroup elements).
    """
    try:
        told = json.loads(written)
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("type") != "rich_text":
        return None
    elements = [made for one in told.get("elements", ()) for made in _element(one)]
    block: Block = {"type": "rich_text", "elements": elements}
    return block if plain(block).strip() else None


def joined(first: Block, second: Block) -> Block:
    """Two rich text blocks as one, an empty line between them."""
    between = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "\n"}]}]
    return {"type": "rich_text", "elements": [*first["elements"], *between, *second["elements"]]}


def carry(words: Block) -> tuple[str, bool]:
    """The words as a modal carries them, and whether it carries them whole: it takes 3,000 characters (docs:
    private_metadata), so of longer ones the plain beginning."""
    carried = json.dumps(words, ensure_ascii=False)
    if len(carried) <= CARRIED:
        return carried, True
    said, room = plain(words), CARRIED
    while len(carried) > CARRIED:
        carried = json.dumps(of_words(said[:room]), ensure_ascii=False)
        # A character takes two where JSON escapes it.
        room -= max((len(carried) - CARRIED) // 2, 1)
    return carried, False


def carried(metadata: str) -> Block:
    """The words that a modal carried."""
    return safe(metadata) or of_words(" ")


def of_words(words: str) -> Block:
    """Plain words as rich text."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [section]}


def plain(block: Block) -> str:
    """Every word of a rich text block."""
    if "elements" in block:
        return "".join(plain(one) for one in block["elements"])
    return str(block.get("text") or block.get("url") or block.get("name") or block.get("user_id") or "")


def _element(element: Block) -> list[Block]:
    kind = element.get("type")
    if kind in _PARTS:
        inside = [made for one in element.get("elements", ()) for made in _inline(one)]
        return [{"type": kind, "elements": inside}] if inside else []
    if kind == "rich_text_list":
        items = [made for one in element.get("elements", ()) for made in _element(one)]
        style = "ordered" if element.get("style") == "ordered" else "bullet"
        numbers = {
            name: element[name] for name in ("indent", "offset") if isinstance(element.get(name), int) and element[name]
        }
        return [{"type": kind, "style": style, "elements": items, **numbers}] if items else []
    return []


def _inline(one: Block) -> list[Block]:
    kind, style = one.get("type"), _style(one)
    if kind == "text" and one.get("text"):
        return [{"type": "text", "text": str(one["text"]), **style}]
    if kind == "link" and str(one.get("url", "")).startswith(_LINKS):
        words = {"text": str(one["text"])} if one.get("text") else {}
        return [{"type": "link", "url": str(one["url"]), **words, **style}]
    if kind == "link" and (one.get("text") or one.get("url")):
        return [{"type": "text", "text": str(one.get("text") or one["url"]), **style}]
    if kind in ("user", "channel") and one.get(f"{kind}_id"):
        return [{"type": kind, f"{kind}_id": str(one[f"{kind}_id"])}]
    if kind == "emoji" and one.get("name"):
        return [{"type": "emoji", "name": str(one["name"])}]
    said = {"broadcast": f"@{one.get('range')}", "usergroup": "@group"}.get(
        str(kind), str(one.get("fallback") or one.get("value") or "")
    )
    return [{"type": "text", "text": said}] if said else []


def _style(one: Block) -> dict[str, Any]:
    given = one.get("style")
    kept = {name: True for name in _STYLES if isinstance(given, dict) and given.get(name) is True}
    return {"style": kept} if kept else {}
