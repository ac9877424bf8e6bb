"""``python -m tests.benchmarks.peers.naive``: the catalog as a Bolt app is usually written.

Bolt's default mode and Starlette adapter; a Session for each request, and its statements built in the handler. It has
one listener only, which flatters it: Bolt asks each in turn.
"""

import os
from collections.abc import Callable
from typing import Any

import uvicorn
from slack_bolt import App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from sqlmodel import Session, case, col, create_engine, func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models import Course, Enrollment, Lesson, Module, Progress, Role, User, UserRole
from models.completions import Completion
from models.links import Link
from models.members import Member
from tests.benchmarks.floor import screen_of

engine = create_engine(os.environ["DATABASE_URL"])
app = App(
    signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    client=WebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]),
)


@app.command("/learn")
def learn(ack: Callable[[dict[str, Any]], Any], command: dict[str, str]) -> None:
    """Show the first courses."""
    with Session(engine) as session:
        member = session.exec(
            select(Member).where(
                Member.team_id == command["team_id"],
                Member.slack_user_id == command["user_id"],
                ~col(Member.is_deleted),
            )
        ).one()
        user = session.exec(
            select(User)
            .join(Link, col(Link.user_id) == User.id)
            .where(Link.team_id == member.team_id, Link.slack_user_id == member.slack_user_id)
        ).one()
        roles = session.exec(
            select(Role.name).join(UserRole, col(UserRole.role_id) == Role.id).where(UserRole.user_id == user.id)
        ).all()
        assert roles
        title = func.lower(func.substr(Course.title, 1, 200))
        courses = session.exec(
            select(Course).where(col(Course.archived_at).is_(None)).order_by(title, col(Course.id)).limit(7)
        ).all()
        ids = [course.id for course in courses[:6]]
        teachers = {
            one.id: one
            for one in session.exec(select(User).where(col(User.id).in_([course.instructor_id for course in courses])))
        }
        mine = session.exec(
            select(Enrollment.course_id).where(Enrollment.user_id == user.id, col(Enrollment.course_id).in_(ids))
        ).all()
        finished = session.exec(
            select(Completion.course_id).where(Completion.user_id == user.id, col(Completion.course_id).in_(ids))
        ).all()
        assert not finished
        counts = session.exec(
            select(
                Module.course_id,
                func.count(col(Lesson.id)),
                func.sum(Lesson.minutes),
                func.count(case((col(Progress.completed), 1))),
            )
            .join(Lesson, (col(Lesson.module_id) == Module.id) & col(Lesson.removed_at).is_(None))
            .outerjoin(Progress, (col(Progress.lesson_id) == Lesson.id) & (col(Progress.user_id) == user.id))
            .where(col(Module.course_id).in_(ids))
            .group_by(col(Module.course_id))
        ).all()
        count = {course_id: (lessons, minutes) for course_id, lessons, minutes, _ in counts}
        done = {course_id: done for course_id, _, _, done in counts}
        rows = []
        for course in courses:
            teacher = teachers[course.instructor_id]
            enrolled = 1 if course.id in mine else None
            row = (course.id, course.title, course.description, None, None, teacher.first_name, teacher.last_name)
            rows.append((*row, *count.get(course.id or 0, (0, 0)), enrolled, None, None, course.title.lower()))
    ack(screen_of(rows, done))


handler = SlackRequestHandler(app)


async def events(request: Request) -> Response:
    """Bolt's own way in."""
    return await handler.handle(request)


if __name__ == "__main__":
    web = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
    uvicorn.run(web, port=int(os.environ["PORT"]), lifespan="off", access_log=False, log_level="warning")
