"""A web portal beside the bot: courses, enrolling, completing and progress, by the bot's own operations.

It is small, but it is what docs/portal.md shows. ``uvicorn --factory tests.neighbours.portal:portal`` starts it.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BeforeValidator
from sqlmodel import col, select

from bot.clerk import Clerk, NotVerified, Unreachable
from models import (
    Course,
    Enrollment,
    Progress,
    User,
    catalog,
    clerkusers,
    enrollments,
    progress,
    revisions,
    roles,
    users,
)
from models.catalog import CatalogPage
from models.courses import CourseGone
from models.database import Database
from models.enrollments import NotEnrolled
from models.errors import DomainError, Gone, Unavailable
from models.progress import Completed

PATIENCE = 5.0
"""Seconds a browser waits for the database. The bot's own wait is shorter, because Slack's is."""

router = APIRouter()


class Portal:
    """What every request works with."""

    def __init__(self, database: Database, clerk: Clerk, address: str, clock: Callable[[], datetime]) -> None:
        self.database, self.clerk, self.clock = database, clerk, clock
        at = urlsplit(address)
        self.origins = {f"{at.scheme}://{at.netloc}"}


def here(request: Request) -> Portal:
    """The portal this request came to."""
    found: Portal = request.app.state.portal
    return found


Here = Annotated[Portal, Depends(here)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def signed_in(here: Here, bearer: Bearer) -> str:
    """The Clerk ID of whoever asks, by the session token their browser sends; somebody new becomes a Student."""
    try:
        clerk_id = here.clerk.session(bearer.credentials if bearer else "", here.origins)
    except NotVerified as error:
        raise HTTPException(401, "Sign in first.", {"WWW-Authenticate": "Bearer"}) from error
    except Unreachable as error:
        raise HTTPException(503, "The sign-in can't be reached. Try again in a minute.") from error
    with here.database.read() as session:
        if clerkusers.is_gone(session, clerk_id):
            raise HTTPException(401, "That account was deleted.", {"WWW-Authenticate": "Bearer"})
        is_new = users.get(session, clerk_id) is None
    if is_new:
        with here.database.write() as session:
            users.ensure(session, clerk_id, now=here.clock())
            roles.grant(session, clerk_id, roles.STUDENT)
    return clerk_id


Me = Annotated[str, Depends(signed_in)]
Id = Annotated[int, Path(gt=0, lt=2**31)]
NewCourse = Annotated[Course, BeforeValidator(Course.model_validate)]
"""SQLModel takes a table's class from JSON as it comes; this checks it first, as it would any other class."""


@router.get("/me", response_model=User)
def who_i_am(here: Here, me: Me) -> User | None:
    with here.database.read() as session:
        return users.get(session, me)


@router.get("/courses", response_model=CatalogPage)
def browse(here: Here, me: Me, after: str | None = None) -> CatalogPage:
    with here.database.read() as session:
        return catalog.catalog(session, user_id=me, after=after)


@router.get("/courses/{course_id}", response_model=Course)
def look_at(here: Here, me: Me, course_id: Id) -> Course:
    with here.database.read() as session:
        course = session.get(Course, course_id)
    if course is None:
        raise CourseGone
    return course


@router.post("/courses", response_model=Course, status_code=201)
def publish(here: Here, me: Me, told: NewCourse) -> Course:
    with here.database.write() as session:
        if told.instructor_id != me or roles.INSTRUCTOR not in roles.of(session, me):
            raise HTTPException(403, "Instructors publish courses of their own.")
        now = here.clock()
        course = Course(
            title=told.title, description=told.description, instructor_id=me, created_at=now, updated_at=now
        )
        session.add(course)
    return course


@router.put("/courses/{course_id}/enrollment", response_model=Enrollment)
def enroll(here: Here, me: Me, course_id: Id) -> Enrollment:
    with here.database.write() as session:
        enrollments.enroll(session, me, course_id, here.clock())
        mine = select(Enrollment).where(Enrollment.user_id == me, Enrollment.course_id == course_id)
        return session.exec(mine).one()


@router.delete("/courses/{course_id}/enrollment", status_code=204)
def withdraw(here: Here, me: Me, course_id: Id) -> None:
    with here.database.write() as session:
        enrollments.withdraw(session, me, course_id)


@router.put("/lessons/{lesson_id}/completion", response_model=Completed)
def complete(here: Here, me: Me, lesson_id: Id) -> Completed:
    with here.database.write() as session:
        return progress.complete(session, me, lesson_id, here.clock())


@router.delete("/lessons/{lesson_id}/completion", response_model=Completed)
def reopen(here: Here, me: Me, lesson_id: Id) -> Completed:
    with here.database.write() as session:
        return progress.reopen(session, me, lesson_id)


@router.get("/progress", response_model=list[Progress])
def how_far(here: Here, me: Me) -> list[Progress]:
    with here.database.read() as session:
        mine = select(Progress).where(Progress.user_id == me).order_by(col(Progress.id))
        return list(session.exec(mine))


def refused(request: Request, error: Exception) -> JSONResponse:
    """What an operation refuses, as HTTP. The sentences of its errors are for Slack; these are the portal's own."""
    match error:
        case Unavailable():
            return JSONResponse({"detail": "Try again in a minute."}, 503, {"Retry-After": "1"})
        case Gone():
            return JSONResponse({"detail": "That isn't here any more."}, 404)
        case NotEnrolled():
            return JSONResponse({"detail": "Enroll first.", "course_id": error.course_id}, 409)
    return JSONResponse({"detail": "That can't be done."}, 409)


def build(database: Database, clerk: Clerk, address: str, clock: Callable[[], datetime]) -> FastAPI:
    """The portal on this database, for pages at this address."""

    @asynccontextmanager
    async def while_open(app: FastAPI) -> AsyncIterator[None]:
        yield
        clerk.close()
        database.close()

    app = FastAPI(title="Portal", lifespan=while_open)
    app.state.portal = Portal(database, clerk, address, clock)
    app.include_router(router)
    app.add_exception_handler(DomainError, refused)
    return app


def portal() -> FastAPI:
    """The portal, by the settings it shares with the bot."""
    database = Database(os.environ["DATABASE_URL"], patience=PATIENCE)
    with database.read() as session:
        if not revisions.is_at_head(session):
            raise SystemExit("The database is not up to date. Run `homeroom migrate`, then start again.")
    return build(database, Clerk(os.environ["CLERK_ISSUER"]), os.environ["PORTAL_URL"], lambda: datetime.now(UTC))
