"""Three ways to say a course, merged: the file, the course as it stands, and the file imported last.

Whatever stands as the last import left it follows the file. Whatever was changed since, in Slack or in the portal, is
kept and listed, unless the file is preferred. Order is merged as a sequence, so that the numbers rows happen to carry
mean nothing. Nothing here touches a database.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from models.coursechanges import Change, difference
from models.coursefiles import CourseFile, LessonFile, ModuleFile
from models.standings import LessonStanding, Standing

Handle = int | str
"""The id of a row, or the key of one that is to be made."""
FIELDS = {"title": "title", "type": "type", "minutes": "minutes", "body": "text", "url": "url"}
"""A lesson's fields, and what they are called in words."""
_UNKNOWN = object()
"""What the last import did not say."""


class Base(NamedTuple):
    """What the file imported last said. ``is_known`` is false when none was."""

    is_known: bool
    course: Mapping[str, Any]
    modules: Mapping[str, Mapping[str, Any]]
    lessons: Mapping[str, Mapping[str, Any]]
    sequences: Mapping[str, Sequence[str]]

    @staticmethod
    def of(document: str | None) -> "Base":
        """The base in this document of `coursefiles.as_document`."""
        told = json.loads(document) if document is not None else {"modules": []}
        modules = told["modules"]
        return Base(
            is_known=document is not None,
            course=told,
            modules={module["key"]: module for module in modules},
            lessons={one["key"]: one | {"module": module["key"]} for module in modules for one in module["lessons"]},
            sequences={module["key"]: [one["key"] for one in module["lessons"]] for module in modules},
        )


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be written, by column, and what to say about it.

    ``modules`` and ``lessons`` hold, by handle, the new values of rows; a lesson's ``module`` is a handle.
    """

    changes: list[Change] = field(default_factory=list)
    kept: list[Change] = field(default_factory=list)
    course: dict[str, Any] = field(default_factory=dict)
    modules: dict[Handle, dict[str, Any]] = field(default_factory=dict)
    lessons: dict[Handle, dict[str, Any]] = field(default_factory=dict)
    added: list[LessonFile] = field(default_factory=list)
    removed: list[LessonStanding] = field(default_factory=list)
    returned: list[LessonStanding] = field(default_factory=list)


def merge(file: CourseFile, instructor_id: str, standing: Standing, base: Base, *, prefer_file: bool) -> Merged:
    """What importing the file changes in the course, and what it keeps."""
    merging = _Merging(file, standing, base, prefer_file)
    settle = merging.settler(merging.merged.course, base.course, "the course")
    settle("title", standing.title, file.title)
    settle("description", standing.description, file.description)
    settle("instructor", standing.instructor_id, instructor_id)
    merging.settle_lessons()
    merging.settle_modules()
    merging.settle_order()
    return merging.merged


class _Merging:
    def __init__(self, file: CourseFile, standing: Standing, base: Base, prefer_file: bool) -> None:
        self.file = file
        self.standing = standing
        self.base = base
        self.prefer_file = prefer_file
        self.merged = Merged()
        self.module_of: dict[Handle, Handle] = {lesson.id: lesson.module_id for lesson in standing.visible}
        self.rows = {lesson.id: lesson for lesson in standing.lessons}
        self.modules = {module.id: module for module in standing.modules}
        self.lesson_ids = {lesson.key: lesson.id for lesson in standing.lessons if lesson.key is not None}
        self.module_ids = {module.key: module.id for module in standing.modules if module.key is not None}

    # Fields

    def settler(self, edits: dict[str, Any], before: Mapping[str, Any], of: str) -> "_Settle":
        """What settles the fields of one thing: into these edits, knowing what the last import said of it."""
        return _Settle(self.merged, edits, before, of, self.prefer_file)

    def settle_modules(self) -> None:
        in_use = set(self.module_of.values())
        seen = {lesson.module_id for lesson in self.standing.visible}
        for module in self.file.modules:
            handle = self.handle(module)
            if isinstance(handle, str):
                if handle in in_use:
                    self.merged.modules[handle] = {"key": module.key, "title": module.title}
                    self.note("+", f"new module: {module.title}")
                continue
            row = self.modules[handle]
            # Nobody saw the title of a module without lessons, so there is nothing of anybody's to keep.
            before = self.base.modules.get(module.key, {}) if handle in seen else {"title": row.title}
            settle = self.settler(self.merged.modules.setdefault(handle, {}), before, f"module “{row.title}”")
            settle("title", row.title, module.title)

    # Lessons

    def settle_lessons(self) -> None:
        in_file = set()
        for module in self.file.modules:
            for lesson in module.lessons:
                in_file.add(lesson.key)
                row = self.rows.get(self.lesson_ids.get(lesson.key, 0))
                if row is None:
                    self.add(lesson, module)
                elif row.removed_at is not None:
                    self.bring_back(row, lesson, module)
                else:
                    self.change(row, lesson, module)
        for row in self.standing.visible:
            if row.key not in in_file:
                self.take_out(row)

    def add(self, lesson: LessonFile, module: ModuleFile) -> None:
        if lesson.key in self.base.lessons and not self.prefer_file:
            self.keep(f"lesson “{lesson.title}” was deleted")
            return
        self.module_of[lesson.key] = self.handle(module)
        self.merged.lessons[lesson.key] = {"key": lesson.key, "module": self.handle(module)} | _values(lesson)
        self.merged.added.append(lesson)
        self.note("+", f"new lesson: {lesson.title}")

    def bring_back(self, row: LessonStanding, lesson: LessonFile, module: ModuleFile) -> None:
        was_taken_out_by_a_file = self.base.is_known and lesson.key not in self.base.lessons
        if not (was_taken_out_by_a_file or self.prefer_file):
            self.keep(f"lesson “{row.title}” was removed")
            return
        self.module_of[row.id] = self.handle(module)
        self.merged.lessons[row.id] = {"removed_at": None, "module": self.handle(module)} | _values(lesson)
        self.merged.returned.append(row)
        self.note("+", f"lesson “{lesson.title}” comes back")

    def change(self, row: LessonStanding, lesson: LessonFile, module: ModuleFile) -> None:
        before = self.base.lessons.get(lesson.key, {})
        edits = self.merged.lessons.setdefault(row.id, {})
        settle = self.settler(edits, before, f"lesson “{row.title}”")
        for name in FIELDS:
            settle(name, getattr(row, name), getattr(lesson, name))
        target = self.handle(module)
        if row.module_id == target:
            return
        told = f"lesson “{row.title}”: from module “{self.modules[row.module_id].title}” to “{module.title}”"
        if not self.prefer_file and row.module_id != self.module_ids.get(before.get("module", "")):
            self.keep(f"{told} is what the file says")
            return
        edits["module"] = self.module_of[row.id] = target
        self.note("~", told)

    def take_out(self, row: LessonStanding) -> None:
        before = self.base.lessons.get(row.key or "")
        if row.key is None or (before is None and not self.prefer_file):
            self.keep(f"lesson “{row.title}” was added")
            return
        if not self.prefer_file and before is not None and self.was_changed(row, before):
            self.keep(f"lesson “{row.title}” was changed; it is no longer in the file")
            return
        del self.module_of[row.id]
        self.merged.removed.append(row)
        self.note("-", f"lesson “{row.title}” goes away")

    def was_changed(self, row: LessonStanding, before: Mapping[str, Any]) -> bool:
        return row.module_id != self.module_ids.get(before["module"]) or any(
            getattr(row, name) != before[name] for name in FIELDS
        )

    # Order

    def settle_order(self) -> None:
        """Number what stands in another sequence than it did. What stands right is left as it is."""
        now: list[Handle] = [module.id for module in self.standing.modules]
        sequence = self.sequence(
            now,
            [self.handle(module) for module in self.file.modules],
            [self.module_ids[key] for key in self.base.modules if key in self.module_ids],
            {*now, *self.module_of.values()},
            "order of the modules",
        )
        self.number(sequence, now, self.merged.modules, {module.id: module.order for module in self.standing.modules})
        in_file = {self.handle(module): module for module in self.file.modules}
        for module in sequence:
            self.settle_order_in(module, in_file.get(module))

    def settle_order_in(self, module: Handle, file: ModuleFile | None) -> None:
        rows = [row for row in self.standing.visible if row.module_id == module]
        now: list[Handle] = [row.id for row in rows]
        keys = self.base.sequences.get(file.key, ()) if file is not None else ()
        sequence = self.sequence(
            now,
            [self.lesson_ids.get(one.key, one.key) for one in file.lessons] if file is not None else now,
            [self.lesson_ids[key] for key in keys if key in self.lesson_ids],
            {lesson for lesson, place in self.module_of.items() if place == module},
            f"order of the lessons in “{file.title}”" if file is not None else "",
        )
        self.number(sequence, now, self.merged.lessons, {row.id: row.order for row in rows})

    def sequence(
        self, now: list[Handle], wanted: list[Handle], before: list[Handle], members: set[Handle], what: str
    ) -> list[Handle]:
        """The members in the file's sequence, or in the one they stand in if that was changed since the last import.

        What only one of the two knows comes after what it follows there.
        """
        now, wanted = [one for one in now if one in members], [one for one in wanted if one in members]
        if _common(now, wanted) == _common(wanted, now):
            return _woven(wanted, now)
        is_as_imported = self.base.is_known and _common(now, before) == _common(before, now)
        if is_as_imported or self.prefer_file:
            self.note("~", f"{what} changes")
            return _woven(wanted, now)
        self.keep(f"{what} was changed")
        return _woven(now, wanted)

    def number(
        self,
        sequence: list[Handle],
        now: list[Handle],
        edits: dict[Handle, dict[str, Any]],
        orders: Mapping[int, int],
    ) -> None:
        if sequence == _common(now, sequence):
            return
        for order, one in enumerate(sequence, start=1):
            if not isinstance(one, int) or orders.get(one) != order:
                edits.setdefault(one, {})["order"] = order

    def handle(self, module: ModuleFile) -> Handle:
        return self.module_ids.get(module.key, module.key)

    def note(self, mark: str, text: str) -> None:
        self.merged.changes.append(Change(mark, text))

    def keep(self, text: str) -> None:
        self.merged.kept.append(Change("=", text))


@dataclass(frozen=True, slots=True)
class _Settle:
    """Lets the file have its way with a field, unless somebody changed it since the last import."""

    merged: Merged
    edits: dict[str, Any]
    before: Mapping[str, Any]
    of: str
    prefer_file: bool

    def __call__(self, name: str, now: Any, wanted: Any) -> None:
        if now == wanted:
            return
        before = self.before.get(name, _UNKNOWN)
        what = f"{FIELDS.get(name, name)} of {self.of}"
        if now != before and not self.prefer_file:
            self.merged.kept.append(difference("=", what, wanted, now, "{after}; the file says {before}"))
            return
        self.edits[name] = wanted
        self.merged.changes.append(difference("~", what, now, wanted, "{before} becomes {after}"))


def _values(lesson: LessonFile) -> dict[str, Any]:
    return {name: getattr(lesson, name) for name in FIELDS}


def _common(these: Iterable[Handle], those: Iterable[Handle]) -> list[Handle]:
    """These, in their sequence, as far as they are among those."""
    among = set(those)
    return [one for one in these if one in among]


def _woven(backbone: list[Handle], others: list[Handle]) -> list[Handle]:
    """The backbone, and whatever only the others have behind what it follows there."""
    woven = list(backbone)
    for number, one in enumerate(others):
        if one not in woven:
            woven.insert(woven.index(others[number - 1]) + 1 if number else 0, one)
    return woven
