"""Any file, any change made elsewhere, any next file: what must be true whatever they are."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from models import Course, Lesson, Module, Progress, courseplans, standings
from models.coursefiles import CourseFile, LessonFile, ModuleFile
from models.standings import Standing
from tests.school import a_lesson, a_user, completed
from tests.trying import tried

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WORDS = st.sampled_from(["a", "b", "c"])


@st.composite
def files(draw: st.DrawFn) -> CourseFile:
    """A course of up to three modules and six lessons, from few enough names that two of them have much in common."""
    keys = draw(st.lists(st.sampled_from("uvwxyz"), unique=True, min_size=1, max_size=6))
    modules = draw(st.lists(st.sampled_from("123"), unique=True, min_size=1, max_size=min(3, len(keys))))
    cuts = sorted(draw(st.lists(st.integers(1, len(keys)), min_size=len(modules) - 1, max_size=len(modules) - 1)))
    shares = [keys[start:end] for start, end in zip([0, *cuts], [*cuts, len(keys)], strict=True)]
    return CourseFile(
        name="any.yaml",
        slug="any",
        title=draw(WORDS),
        description=draw(WORDS),
        instructor="user_grace",
        modules=tuple(
            ModuleFile(module, draw(WORDS), tuple(draw(lesson_files(key)) for key in share))
            for module, share in zip(modules, shares, strict=True)
            if share
        ),
    )


def lesson_files(key: str) -> st.SearchStrategy[LessonFile]:
    return st.builds(
        LessonFile,
        key=st.just(key),
        title=WORDS,
        type=st.just("text"),
        minutes=st.none() | st.integers(1, 3),
        body=st.none() | WORDS,
        url=st.just(None),
    )


ELSEWHERE = st.lists(
    st.tuples(
        st.sampled_from(["title", "body", "course", "hide", "show", "add", "move", "order", "delete"]),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=5,
)


def change_elsewhere(session: Session, changes: list[tuple[str, int, int]]) -> None:
    """What a neighbour does to the rows, without asking."""
    for what, which, how in changes:
        lessons = session.exec(select(Lesson).order_by(Lesson.id)).all()  # type: ignore[arg-type]
        modules = session.exec(select(Module).order_by(Module.id)).all()  # type: ignore[arg-type]
        row, module = lessons[which % len(lessons)], modules[how % len(modules)]
        match what:
            case "title" | "body":
                setattr(row, what, f"portal {how}")
            case "course":
                session.exec(select(Course)).one().title = f"portal {how}"
            case "hide":
                row.removed_at = NOW
            case "show":
                row.removed_at = None
            case "add":
                a_lesson(session, module, f"portal {how}")
            case "move":
                row.module_id, row.order = module.id or 0, how
            case "order":
                row.order = how
            case "delete" if len(lessons) > 1:
                for progress in session.exec(select(Progress).where(Progress.lesson_id == row.id)):
                    session.delete(progress)
                session.flush()
                session.delete(row)
        session.flush()


def imported(session: Session, file: CourseFile, *, prefer_file: bool = False) -> courseplans.Plan:
    plan = courseplans.plan(session, file, prefer_file=prefer_file)
    courseplans.apply(session, plan, NOW)
    return plan


def standing(session: Session) -> Standing:
    found = standings.by_slug(session, "any")
    assert found is not None
    return found


def as_file(session: Session, file: CourseFile, *, with_nameless: bool = False) -> CourseFile:
    """The course as learners see it, in the form of a file."""
    now = standing(session)
    modules = []
    for module in now.modules:
        rows = [row for row in now.visible if row.module_id == module.id and (row.key is not None or with_nameless)]
        lessons = tuple(LessonFile(row.key or "", row.title, row.type, row.minutes, row.body, row.url) for row in rows)
        if lessons:
            modules.append(ModuleFile(module.key or "", module.title, lessons))
    return replace(file, title=now.title, description=now.description, modules=tuple(modules))


@pytest.fixture
def desk(session: Session) -> Session:
    """A session that knows Grace, the instructor, and Ada, the learner."""
    a_user(session, "grace", "Instructor")
    a_user(session, "ada")
    return session


relaxed = settings(
    max_examples=tried(120, otherwise=30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(first=files(), second=files(), third=files())
def test_where_nobody_else_writes_the_course_is_what_the_file_says(
    desk: Session, first: CourseFile, second: CourseFile, third: CourseFile
) -> None:
    undone = desk.begin_nested()
    for file in (first, second, third, first):
        plan = imported(desk, file)
        assert plan.kept == ()
        assert as_file(desk, file) == file
        assert courseplans.plan(desk, file).changes == ()
    undone.rollback()
    desk.expire_all()


@relaxed
@given(first=files(), elsewhere=ELSEWHERE, second=files())
def test_an_import_settles_everything_and_loses_nobody_s_progress(
    desk: Session, first: CourseFile, elsewhere: list[tuple[str, int, int]], second: CourseFile
) -> None:
    undone = desk.begin_nested()
    imported(desk, first)
    ada = a_user(desk, "ada")
    for row in desk.exec(select(Lesson)).all():
        completed(desk, ada, row)
    change_elsewhere(desk, elsewhere)
    rows = {row.id for row in desk.exec(select(Lesson))}
    done = len(desk.exec(select(Progress)).all())
    plan = imported(desk, second)
    assert {row.id for row in desk.exec(select(Lesson))} >= rows
    assert len(desk.exec(select(Progress).where(Progress.completed)).all()) == done
    again = courseplans.plan(desk, second)
    assert (again.changes, len(again.kept) <= len(plan.kept) + len(plan.changes)) == ((), True)
    undone.rollback()
    desk.expire_all()


@relaxed
@given(first=files(), elsewhere=ELSEWHERE, second=files())
def test_what_was_changed_elsewhere_is_as_it_was_left(
    desk: Session, first: CourseFile, elsewhere: list[tuple[str, int, int]], second: CourseFile
) -> None:
    undone = desk.begin_nested()
    imported(desk, first)
    before = {row.id: row for row in standing(desk).lessons}
    change_elsewhere(desk, elsewhere)
    left = standing(desk)
    imported(desk, second)
    after = {row.id: row for row in standing(desk).lessons}
    for row in left.lessons:
        was = before.get(row.id)
        if was is None or (row.removed_at is None) != (was.removed_at is None):
            assert (after[row.id].removed_at is None) == (row.removed_at is None)
        elif row.removed_at is None:
            for name in ("title", "body", "module_id"):
                if getattr(row, name) != getattr(was, name) and getattr(after[row.id], name) != getattr(row, name):
                    pytest.fail(f"{name} of {row} became {getattr(after[row.id], name)}")
    undone.rollback()
    desk.expire_all()


@relaxed
@given(first=files(), elsewhere=ELSEWHERE, second=files())
def test_a_preferred_file_wins_but_for_lessons_it_can_not_name(
    desk: Session, first: CourseFile, elsewhere: list[tuple[str, int, int]], second: CourseFile
) -> None:
    undone = desk.begin_nested()
    imported(desk, first)
    change_elsewhere(desk, elsewhere)
    nameless = {row.id for row in standing(desk).visible if row.key is None}
    imported(desk, second, prefer_file=True)
    assert as_file(desk, second) == second
    assert {row.id for row in standing(desk).visible if row.key is None} == nameless
    undone.rollback()
    desk.expire_all()
