"""The fields of a course file: YAML taken apart into named, checked values, every mistake noted with its line."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from urllib.parse import urlsplit

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from models.coursefiles import LARGEST, LONGEST_URL, SLUG, TOO_LARGE, Found

DEEPEST = 12
"""Levels a file may be nested; a course needs six."""
_STR, _INT = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int"
_FOUND = {
    _STR: "text",
    _INT: "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:bool": "yes or no",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:map": "named fields",
    "tag:yaml.org,2002:seq": "a list",
}


class Fields:
    """The named fields of one thing in a file. A field that is missing or wrong has an empty value, and is noted."""

    def __init__(
        self, found: Found, node: Node, what: str, required: Sequence[str], optional: Sequence[str] = ()
    ) -> None:
        self.found = found
        self.line = _line(node)
        self._nodes: dict[str, Node] = {}
        if not isinstance(node, MappingNode):
            found.wrong(self.line, f"{what} should be named fields ({', '.join(required)}), not {_kind(node)}.")
            return
        known, meant = (*required, *optional), set()
        for name_node, value in node.value:
            name = name_node.value if isinstance(name_node, ScalarNode) else _kind(name_node)
            if name in self._nodes:
                found.wrong(_line(name_node), f"{name} stands here twice. Keep one of them.")
            elif name in known:
                self._nodes[name] = value
            else:
                near = get_close_matches(name.lower(), known, n=1)
                meant |= set(near)
                hint = f"Did you mean {near[0]}?" if near else f"The fields here are {', '.join(known)}."
                found.wrong(_line(name_node), f"{what} has no field {name[:40]}. {hint}")
        for name in required:
            if name not in self._nodes and name not in meant:
                found.wrong(self.line, f"{what} needs the field {name}.")

    def __contains__(self, name: str) -> bool:
        return name in self._nodes

    def line_of(self, name: str) -> int:
        """The line of this field, or of the thing where the field is missing."""
        return _line(self._nodes[name]) if name in self._nodes else self.line

    def wrong(self, name: str, what: str) -> None:
        """Note a mistake in this field."""
        self.found.wrong(self.line_of(name), what)

    def items(self, what: str) -> Sequence[Node]:
        """What stands in the list of these things, which should hold at least one."""
        name = f"{what}s"
        node = self._nodes.get(name)
        if isinstance(node, SequenceNode):
            if not node.value:
                self.wrong(name, f"{name} is empty. Add at least one {what}.")
            return list(node.value)
        if node is not None:
            self.wrong(name, f"{name} should be a list, a dash before each {what}, not {_kind(node)}.")
        return ()

    def text(self, name: str, longest: int, *, may_be_empty: bool = False) -> str:
        """Text of so many characters at most."""
        node = self._nodes.get(name)
        if node is None:
            return ""
        if not isinstance(node, ScalarNode) or node.tag != _STR:
            is_short = isinstance(node, ScalarNode) and node.tag in _FOUND and 0 < len(node.value) <= 40
            quoted = f' Put it in quotes: "{node.value}".' if is_short else ""
            self.wrong(name, f"{name} should be text, not {_kind(node)}.{quoted}")
            return ""
        value = str(node.value)
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            self.wrong(name, f"{name} holds a character that can't be kept (NUL, or half of a pair). Remove it.")
        elif not value.strip() and not may_be_empty:
            self.wrong(name, f"{name} is empty. Write something here.")
        elif len(value) > longest:
            self.wrong(name, f"{name} has {len(value):,} characters; {longest:,} is the most. Shorten it.")
        return value

    def one_line(self, name: str, longest: int) -> str:
        """Text without line breaks."""
        value = self.text(name, longest)
        if len(f"{value}.".splitlines()) > 1:
            self.wrong(name, f"{name} should be one line. Write it right behind the colon.")
        return value

    def one_of(self, name: str, choices: Sequence[str]) -> str:
        """One of these words."""
        value = self.one_line(name, 40)
        if value and value not in choices:
            self.wrong(name, f"{name}: {value} is not one of {', '.join(choices)}.")
        return value

    def slug(self, name: str, longest: int) -> str:
        """A slug; empty when it isn't one."""
        value = self.one_line(name, longest)
        if not value or SLUG.match(value):
            return value
        near = "-".join(re.findall("[a-z0-9]+", value.lower()))
        such = f", such as {near}" if near else ""
        self.wrong(name, f"{name}: use lower-case letters, digits and single hyphens{such}.")
        return ""

    def url(self, name: str) -> str:
        """A web address."""
        value = self.one_line(name, LONGEST_URL)
        if value and not _is_web_address(value):
            self.wrong(name, f"{name}: it should be a web address, beginning with https:// or http://.")
        return value

    def whole_number(self, name: str, most: int) -> int | None:
        """A whole number from 1, or None where there is none."""
        node = self._nodes.get(name)
        if node is None:
            return None
        value = str(node.value) if isinstance(node, ScalarNode) and node.tag == _INT else ""
        if re.fullmatch("[0-9]{1,9}", value) and 1 <= int(value) <= most:
            return int(value)
        told = f"“{node.value[:40]}”" if isinstance(node, ScalarNode) and node.value else _kind(node)
        self.wrong(name, f"{name} should be a whole number from 1 to {most}, not {told}.")
        return None


def compose(text: str, found: Found) -> Node | None:
    """The nodes of a file, or None with the reason noted.

    Aliases are refused, since a few lines of them unfold without end, and so is what is nested deeper than a course.
    """
    if len(text.encode("utf-8", "replace")) > LARGEST:
        found.wrong(1, TOO_LARGE)
        return None
    try:
        root: Node | None = yaml.compose(text, Loader=_Loader)
    except _Refused as error:
        found.wrong(error.line, error.what)
        return None
    except yaml.reader.ReaderError as error:
        line = len(re.split("\r\n|[\r\n\x85\u2028\u2029]", text[: error.position]))
        found.wrong(line, f"the character U+{ord(text[error.position]):04X} can't stand in YAML. Remove it.")
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found.wrong(mark.line + 1 if mark is not None else 1, f"this is not YAML ({error.problem}). {_fix(error)}")
        return None
    if root is None:
        found.wrong(1, "the file is empty. Begin with: course: the-name-of-the-course")
    return root


class _Refused(Exception):
    def __init__(self, line: int, what: str) -> None:
        self.line = line
        self.what = what


class _Loader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """One node and all below it. Raises `_Refused`."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(line, f"*{event.anchor} repeats another part. Write it out instead.")
        if self.depth == DEEPEST:
            raise _Refused(line, "this is nested too deep for a course. Check the brackets and the indentation.")
        self.depth += 1
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _fix(error: yaml.MarkedYAMLError) -> str:
    if r"'\t'" in str(error.problem):
        return "Indent with spaces instead of tabs."
    if "another document" in str(error.problem):
        return "Keep one course in a file, and no --- below its first line."
    return "Check the indentation, colons and quotes here and just above."


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _kind(node: Node) -> str:
    return _FOUND.get(node.tag, f"something marked {node.tag}")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)
