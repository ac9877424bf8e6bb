"""Course files: a course written down as YAML, read into a value or refused with every mistake at once."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from models.errors import DomainError

LARGEST = 2 * 1024 * 1024
"""Characters in one file."""
DEEPEST = 12
LONGEST_TITLE = 150
LONGEST_DESCRIPTION = 2000
MOST_MINUTES = 600
TYPES = ("text", "video", "quiz")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")

_FOUND = {
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:bool": "yes or no",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:map": "named fields",
    "tag:yaml.org,2002:seq": "a list",
}


@dataclass(frozen=True, slots=True)
class LessonFile:
    """A lesson as its file has it. ``minutes`` is None where the author left it to be reckoned from the length."""

    key: str
    title: str
    type: str
    minutes: int | None
    body: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """A module as its file has it."""

    key: str
    title: str
    lessons: tuple[LessonFile, ...]


@dataclass(frozen=True, slots=True)
class CourseFile:
    """A course as its file has it. ``instructor`` is a Clerk ID or an e-mail; ``name`` is the file's."""

    name: str
    slug: str
    title: str
    description: str
    instructor: str
    modules: tuple[ModuleFile, ...]


class CourseFileErrors(DomainError):
    """A course file can't be read. ``mistakes`` holds all of them, each with file, line and what to do."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def read(text: str, name: str) -> CourseFile:
    """The course in the file. Raises `CourseFileErrors`.

    A module or lesson without a key gets one from its title, so that reading the file again finds the same one; two of
    the same title are told apart by a number.
    """
    reader = _Reader(name)
    root = reader.compose(text)
    course = reader.course(root) if root is not None else None
    if reader.mistakes or course is None:
        raise CourseFileErrors(reader.mistakes)
    return course


def slugify(words: str, taken: Callable[[str], bool] = lambda _: False) -> str:
    """A key made of these words: lower-case ASCII letters, digits and hyphens; numbered when it is taken."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-") or "untitled"
    slug, number = stem, 2
    while taken(slug):
        slug, number = f"{stem}-{number}", number + 1
    return slug


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[str] = []

    def wrong(self, line: int, what: str) -> None:
        self.mistakes.append(f"{self.name}, line {line}: {what}")

    def compose(self, text: str) -> Node | None:
        """The file's nodes, or None with the reason noted."""
        if len(text) > LARGEST:
            self.wrong(1, "the file is larger than 2 MB. Split the course, or link large material by url.")
            return None
        depth = 0
        try:
            for event in yaml.parse(text, Loader=yaml.SafeLoader):
                if isinstance(event, yaml.AliasEvent):
                    self.wrong(_line(event), f"*{event.anchor} repeats a part. Write it out instead.")
                    return None
                depth += isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
                depth -= isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
                if depth > DEEPEST:
                    self.wrong(_line(event), "this is nested too deep for a course.")
                    return None
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else 1
            self.wrong(line, f"this is not YAML ({error.problem}). Check the indentation, colons and quotes near it.")
            return None
        except yaml.YAMLError as error:
            self.wrong(1, f"this is not YAML ({str(error).splitlines()[0]}).")
            return None
        if root is None:
            self.wrong(1, "the file is empty. Begin with: course: the-name-of-the-course")
        return root

    def course(self, root: Node) -> CourseFile | None:
        fields = self.fields(
            root, "the file", required=("course", "title", "description", "instructor", "modules"), optional=()
        )
        slug = self.text(fields, "course", 80)
        if slug and not SLUG.match(slug):
            where = fields["course"].start_mark.line + 1
            self.wrong(where, f"course: use lower-case letters, digits and hyphens, such as {slugify(slug)}.")
        seen: dict[str, set[str]] = {"module": set(), "lesson": set()}
        modules = [self.module(node, seen) for node in self.items(fields, "modules", "module")]
        return CourseFile(
            name=self.name,
            slug=slug,
            title=self.text(fields, "title", LONGEST_TITLE),
            description=self.text(fields, "description", LONGEST_DESCRIPTION),
            instructor=self.text(fields, "instructor", 320),
            modules=tuple(modules),
        )

    def module(self, node: Node, seen: Mapping[str, set[str]]) -> ModuleFile:
        fields = self.fields(node, "a module", required=("title", "lessons"), optional=("key",))
        title = self.text(fields, "title", LONGEST_TITLE)
        key = self.key(fields, title, seen["module"])
        lessons = [self.lesson(one, seen["lesson"]) for one in self.items(fields, "lessons", "lesson")]
        return ModuleFile(key, title, tuple(lessons))

    def lesson(self, node: Node, seen: set[str]) -> LessonFile:
        optional = ("key", "minutes", "body", "url")
        fields = self.fields(node, "a lesson", required=("title", "type"), optional=optional)
        title = self.text(fields, "title", LONGEST_TITLE)
        kind = self.text(fields, "type", 20)
        line = node.start_mark.line + 1
        if kind and kind not in TYPES:
            self.wrong(fields["type"].start_mark.line + 1, f"type: {kind} is not one of {', '.join(TYPES)}.")
        body = self.text(fields, "body", LARGEST, may_be_empty=True) if "body" in fields else None
        url = self.text(fields, "url", 3000) if "url" in fields else None
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
            self.wrong(fields["url"].start_mark.line + 1, "url: it should begin with https:// or http://.")
        if kind == "text" and body is None and url is None:
            self.wrong(line, "a text lesson needs a body (or a url).")
        if kind in ("video", "quiz") and url is None:
            self.wrong(line, f"a {kind} lesson needs a url.")
        return LessonFile(self.key(fields, title, seen), title, kind, self.minutes(fields), body, url)

    def fields(self, node: Node, what: str, *, required: Sequence[str], optional: Sequence[str]) -> dict[str, Node]:
        """The fields of a mapping, by name; every odd, doubled or missing one is noted."""
        line = node.start_mark.line + 1
        if not isinstance(node, MappingNode):
            self.wrong(line, f"{what} should be named fields ({', '.join(required)}), and this is {_found(node)}.")
            return {}
        known = (*required, *optional)
        found: dict[str, Node] = {}
        for name_node, value in node.value:
            name = str(name_node.value)
            at = name_node.start_mark.line + 1
            if name in found:
                self.wrong(at, f"{name} stands here twice. Keep one of them.")
            elif name in known:
                found[name] = value
            else:
                near = get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"The fields here are {', '.join(known)}."
                self.wrong(at, f"{what} has no field {name}. {hint}")
        for name in required:
            if name not in found:
                self.wrong(line, f"{what} needs the field {name}.")
        return found

    def items(self, fields: Mapping[str, Node], name: str, what: str) -> Iterator[Node]:
        node = fields.get(name)
        if node is None:
            return
        line = node.start_mark.line + 1
        if not isinstance(node, SequenceNode):
            self.wrong(line, f"{name} should be a list of {what}s, each beginning with a dash; this is {_found(node)}.")
        elif not node.value:
            self.wrong(line, f"{name} is empty. Add at least one {what}.")
        else:
            yield from node.value

    def text(self, fields: Mapping[str, Node], name: str, longest: int, *, may_be_empty: bool = False) -> str:
        node = fields.get(name)
        if node is None:
            return ""
        line = node.start_mark.line + 1
        if not isinstance(node, ScalarNode) or node.tag != "tag:yaml.org,2002:str":
            quoted = f' Put it in quotes: "{node.value}".' if isinstance(node, ScalarNode) and node.value else ""
            self.wrong(line, f"{name} should be text, and this is {_found(node)}.{quoted}")
            return ""
        value = str(node.value)
        if "\x00" in value:
            self.wrong(line, f"{name} holds a NUL character. Remove it.")
        elif not value.strip() and not may_be_empty:
            self.wrong(line, f"{name} is empty. Write something here.")
        elif len(value) > longest:
            self.wrong(line, f"{name} has {len(value):,} characters; {longest:,} is the most. Shorten it.")
        return value

    def key(self, fields: Mapping[str, Node], title: str, seen: set[str]) -> str:
        if "key" not in fields:
            made = slugify(title, seen.__contains__)
            seen.add(made)
            return made
        key = self.text(fields, "key", 80)
        line = fields["key"].start_mark.line + 1
        if key and not SLUG.match(key):
            self.wrong(line, f"key: use lower-case letters, digits and hyphens, such as {slugify(key)}.")
        elif key in seen:
            self.wrong(line, f"key: {key} was used before in this course. Give this one another.")
        seen.add(key)
        return key

    def minutes(self, fields: Mapping[str, Node]) -> int | None:
        node = fields.get("minutes")
        if node is None:
            return None
        value = node.value if isinstance(node, ScalarNode) else ""
        if node.tag != "tag:yaml.org,2002:int" or not value.isdecimal() or not 1 <= int(value) <= MOST_MINUTES:
            self.wrong(node.start_mark.line + 1, f"minutes should be a whole number from 1 to {MOST_MINUTES}.")
            return None
        return int(value)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def _found(node: Node) -> str:
    return _FOUND.get(node.tag, "text")


def as_document(course: CourseFile, instructor_id: str) -> dict[str, Any]:
    """The course as plain data, in one canonical form: what is kept of an import, to compare the next with."""
    return {
        "title": course.title,
        "description": course.description,
        "instructor": instructor_id,
        "modules": [
            {
                "key": module.key,
                "title": module.title,
                "lessons": [
                    {
                        "key": lesson.key,
                        "title": lesson.title,
                        "type": lesson.type,
                        "minutes": lesson.minutes,
                        "body": lesson.body,
                        "url": lesson.url,
                    }
                    for lesson in module.lessons
                ],
            }
            for module in course.modules
        ],
    }
