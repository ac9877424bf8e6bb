"""Manuscripts: a course being written, as one value that knows how to be changed and kept as JSON.

Lessons and modules are known by a ``ref`` of the manuscript's own, for those that are new have no id yet.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

from models.errors import Gone
from models.standings import Standing

TEXT, VIDEO, QUIZ = "text", "video", "quiz"


@dataclass(frozen=True, slots=True)
class WrittenLesson:
    """A lesson. ``lesson_id`` is None until it is first published; ``saves`` counts how often it was saved here, the
    last time by ``saved_by`` (a Clerk ID) at ``saved_at`` (ISO 8601, UTC)."""

    ref: int
    lesson_id: int | None
    title: str
    type: str = TEXT
    minutes: int | None = None
    body: str | None = None
    url: str | None = None
    saves: int = field(default=0, compare=False)
    saved_by: str = field(default="", compare=False)
    saved_at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class WrittenModule:
    """A module with its lessons in order."""

    ref: int
    module_id: int | None
    title: str
    lessons: tuple[WrittenLesson, ...] = ()


class NotWritten(Gone):
    """Somebody took it out of the draft meanwhile."""

    def __init__(self) -> None:
        super().__init__("That isn't in the draft any more: somebody removed it. Open the course again at /teach.")


_Part = TypeVar("_Part", WrittenLesson, WrittenModule)


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A course as somebody writes it. Every change returns another manuscript; what is not in it is `NotWritten`."""

    title: str
    description: str
    modules: tuple[WrittenModule, ...] = ()
    next_ref: int = field(default=1, compare=False)

    # Reading

    @property
    def lessons(self) -> Iterator[WrittenLesson]:
        """All lessons in the order they are taken."""
        return (lesson for module in self.modules for lesson in module.lessons)

    def lesson(self, ref: int) -> WrittenLesson:
        """The lesson of this ref."""
        return self._found(lesson for lesson in self.lessons if lesson.ref == ref)

    def module(self, ref: int) -> WrittenModule:
        """The module of this ref."""
        return self._found(module for module in self.modules if module.ref == ref)

    def module_of(self, lesson_ref: int) -> WrittenModule:
        """The module that holds this lesson."""
        return self._found(one for one in self.modules if any(lesson.ref == lesson_ref for lesson in one.lessons))

    @staticmethod
    def _found(parts: Iterator[_Part]) -> _Part:
        for part in parts:
            return part
        raise NotWritten

    # Writing

    def with_lesson(self, lesson: WrittenLesson) -> "Manuscript":
        """The same with this lesson in place of the one of its ref."""
        self.lesson(lesson.ref)
        return self._each_lesson(lambda one: lesson if one.ref == lesson.ref else one)

    def with_new_lesson(self, module_ref: int, **told: Any) -> "Manuscript":
        """The same with one more lesson at the end of a module; its ref is this manuscript's ``next_ref``."""
        module = self.module(module_ref)
        lesson = WrittenLesson(ref=self.next_ref, lesson_id=None, **told)
        return self._with_module(replace(module, lessons=(*module.lessons, lesson)), next_ref=self.next_ref + 1)

    def with_new_module(self, title: str) -> "Manuscript":
        """The same with one more module at the end."""
        module = WrittenModule(ref=self.next_ref, module_id=None, title=title)
        return replace(self, modules=(*self.modules, module), next_ref=self.next_ref + 1)

    def with_module_titled(self, ref: int, title: str) -> "Manuscript":
        """The same with another title of a module."""
        return self._with_module(replace(self.module(ref), title=title))

    def without_lesson(self, ref: int) -> "Manuscript":
        """The same without a lesson."""
        module = self.module_of(ref)
        return self._with_module(replace(module, lessons=tuple(one for one in module.lessons if one.ref != ref)))

    def without_module(self, ref: int) -> "Manuscript":
        """The same without a module and its lessons."""
        self.module(ref)
        return replace(self, modules=tuple(one for one in self.modules if one.ref != ref))

    def with_module_moved(self, ref: int, by: int) -> "Manuscript":
        """The same with a module so many places further down; at either end it stays."""
        return replace(self, modules=_moved(self.modules, self.module(ref), by))

    def with_lesson_moved(self, ref: int, by: int) -> "Manuscript":
        """The same with a lesson one place further (1) or nearer (-1); past the end of its module it changes over."""
        module, lesson = self.module_of(ref), self.lesson(ref)
        here, there = self.modules.index(module), self.modules.index(module) + by
        at_the_end = lesson == module.lessons[-1 if by > 0 else 0]
        if not at_the_end or not 0 <= there < len(self.modules):
            return self._with_module(replace(module, lessons=_moved(module.lessons, lesson, by)))
        target = self.modules[there]
        joined = (lesson, *target.lessons) if by > 0 else (*target.lessons, lesson)
        changed = {here: self.without_lesson(ref).modules[here], there: replace(target, lessons=joined)}
        return replace(self, modules=tuple(changed.get(at, one) for at, one in enumerate(self.modules)))

    def _with_module(self, module: WrittenModule, **more: Any) -> "Manuscript":
        return replace(self, modules=tuple(module if one.ref == module.ref else one for one in self.modules), **more)

    def _each_lesson(self, change: Callable[[WrittenLesson], WrittenLesson]) -> "Manuscript":
        modules = (replace(one, lessons=tuple(change(lesson) for lesson in one.lessons)) for one in self.modules)
        return replace(self, modules=tuple(modules))

    # Keeping

    def as_json(self) -> str:
        """The manuscript as text, for `from_json`."""
        return json.dumps(asdict(self), ensure_ascii=False)


def from_json(text: str) -> Manuscript:
    """The manuscript that was kept as this text."""
    told = json.loads(text)
    modules = tuple(
        WrittenModule(**{**module, "lessons": tuple(WrittenLesson(**lesson) for lesson in module["lessons"])})
        for module in told["modules"]
    )
    return Manuscript(**{**told, "modules": modules})


def of_standing(standing: Standing) -> Manuscript:
    """The course as it stands, as a manuscript to go on from."""
    ref = 0
    modules = []
    # A module whose lessons were all removed is kept for their sake, and nobody sees it.
    hidden = {row.module_id for row in standing.lessons} - {row.module_id for row in standing.visible}
    for module in standing.modules:
        if module.id in hidden:
            continue
        ref += 1
        module_ref, lessons = ref, []
        for row in standing.visible:
            if row.module_id == module.id:
                ref += 1
                lessons.append(WrittenLesson(ref, row.id, row.title, row.type, row.minutes, row.body, row.url))
        modules.append(WrittenModule(module_ref, module.id, module.title, tuple(lessons)))
    return Manuscript(standing.title, standing.description, tuple(modules), ref + 1)


def _moved(parts: tuple[_Part, ...], part: _Part, by: int) -> tuple[_Part, ...]:
    sequence = list(parts)
    sequence.remove(part)
    sequence.insert(max(parts.index(part) + by, 0), part)
    return tuple(sequence)
