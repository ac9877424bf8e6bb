"""A neighbour's program, in a process of its own: it does what each line on its standard input says, with the seed's
classes alone, and answers with a line of JSON.
"""

import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import create_engine
from sqlmodel import Session, select

from tests.neighbours.seed import TABLES, Course, Lesson, Module, Role, Seed, User

Values = Mapping[str, Any]


def make_tables(session: Session) -> None:
    """Make its tables, as a portal does when it first starts."""
    Seed.metadata.create_all(session.get_bind())


def adds(session: Session, table: str, values: Values) -> dict[str, Any]:
    """Add a row."""
    row = TABLES[table].model_validate(values)
    session.add(row)
    session.flush()
    return row.model_dump(mode="json")


def changes(session: Session, table: str, where: Values, values: Values) -> int:
    """Change the rows where this is so; how many they were."""
    rows = _rows(session, table, where)
    for row in rows:
        checked = type(row).model_validate({**row.model_dump(), **values})
        for name in values:
            setattr(row, name, getattr(checked, name))
    return len(rows)


def removes(session: Session, table: str, where: Values) -> int:
    """Delete the rows where this is so; how many they were."""
    rows = _rows(session, table, where)
    for row in rows:
        session.delete(row)
    return len(rows)


def reads(session: Session, table: str, where: Values) -> list[dict[str, Any]]:
    """The rows where this is so."""
    return [row.model_dump(mode="json") for row in _rows(session, table, where)]


def registers(session: Session, user_id: str, first_name: str, email: str, roles: list[str]) -> None:
    """Add a user and give them roles, made where missing."""
    held = [session.exec(select(Role).where(Role.name == name)).first() or Role(name=name) for name in roles]
    session.add(User(id=user_id, first_name=first_name, last_name="Neighbour", email=email, roles=held))


def appoints(session: Session, user_id: str, role: str) -> None:
    """Give a user another role."""
    user = _user(session, user_id)
    user.roles.append(session.exec(select(Role).where(Role.name == role)).one())


def dismisses(session: Session, user_id: str, role: str) -> None:
    """Take a role from a user."""
    user = _user(session, user_id)
    user.roles.remove(session.exec(select(Role).where(Role.name == role)).one())


def publishes(
    session: Session, title: str, instructor_id: str, modules: Mapping[str, list[str]]
) -> tuple[int | None, list[int | None]]:
    """Add a course with everything in it; its id, and those of its lessons in order."""
    course = Course(title=title, description=f"All about {title}.", instructor_id=instructor_id)
    for place, (name, lessons) in enumerate(modules.items(), start=1):
        module = Module(title=name, order=place, course=course)  # type: ignore[call-arg]
        for order, lesson in enumerate(lessons, start=1):
            module.lessons.append(Lesson(title=lesson, content_type="text", order=order))  # type: ignore[call-arg]
    session.add(course)
    session.flush()
    return course.id, [lesson.id for module in course.modules for lesson in module.lessons]


def transcript(session: Session, user_id: str) -> dict[str, Any]:
    """What a user is and has done, found from one table to the next."""
    user = _user(session, user_id)
    done = {row.lesson.id for row in user.progress if row.completed}
    return {
        "roles": sorted(role.name for role in user.roles),
        "courses": {
            enrollment.course.title: {
                lesson.title: lesson.id in done for module in enrollment.course.modules for lesson in module.lessons
            }
            for enrollment in user.enrollments
        },
    }


def rooms_of_ours(session: Session) -> list[str]:
    """What this process has loaded of Homeroom."""
    return sorted(name for name in sys.modules if name.partition(".")[0] in ("bot", "handlers", "models"))


DEEDS: dict[str, Callable[..., Any]] = {
    deed.__name__: deed
    for deed in (
        make_tables,
        adds,
        changes,
        removes,
        reads,
        registers,
        appoints,
        dismisses,
        publishes,
        transcript,
        rooms_of_ours,
    )
}


def _rows(session: Session, table: str, where: Values) -> list[Seed]:
    return list(session.exec(select(TABLES[table]).filter_by(**where)))


def _user(session: Session, user_id: str) -> User:
    return session.exec(select(User).where(User.id == user_id)).one()


def main() -> None:
    """Do what each line says, in a transaction of its own on the database it names."""
    engine_of = cache(create_engine)
    for line in sys.stdin:
        url, deed, asked = json.loads(line)
        try:
            with Session(engine_of(url)) as session:
                answer = {"answer": DEEDS[deed](session, **asked)}
                session.commit()
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
