"""Files that Slack holds, as a lesson's text names them: by the address Slack gave them (docs: file object).

A picture of them is shown by Slack to whoever reads; any other file is a button that sends it.
"""

import re

from handlers.views.kit import button, say, section
from handlers.views.screens import Block

PICTURES = ("png", "jpg", "jpeg", "gif")
"""What a block shows of the files Slack holds (docs: Slack file object)."""
_ADDRESS = re.compile(r"https?://[^/\s<>()]+/files-pri/[A-Z0-9]+-([A-Z0-9]+)/[^\s<>()]*")
SEND = "lesson.send_file"


def file_id(url: str) -> str | None:
    """The id of the file at this address; None for an address that isn't one of Slack's files."""
    found = _ADDRESS.fullmatch(url)
    return found.group(1) if found else None


def ids_in(body: str) -> frozenset[str]:
    """The ids of all files a text names."""
    return frozenset(_ADDRESS.findall(body))


def picture(url: str, alt_text: str) -> Block:
    """A picture at its address, or out of Slack's own keeping."""
    where: Block = {"slack_file": {"url": url}} if file_id(url) else {"image_url": url}
    return {"type": "image", **where, "alt_text": alt_text}


def offered(name: str, file: str) -> Block:
    """A file to be sent; what its button carries is told by whoever shows it."""
    line = say("📎 {name}", name=name)
    return section(line, button("Send it to me", SEND, file, label=f"Send me {name}"))


def carrying(blocks: list[Block], action_id: str, carried: str) -> list[Block]:
    """The same blocks; buttons for files carry this besides, and mean this action."""
    return [
        block | {"accessory": button | {"action_id": action_id, "value": f"{carried} {button['value']}"}}
        if (button := block.get("accessory", {})).get("action_id") == SEND
        else block
        for block in blocks
    ]
