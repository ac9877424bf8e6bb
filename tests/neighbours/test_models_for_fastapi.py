"""`from models import …` is all a portal in Python needs: it does nothing else, and FastAPI takes every class of it."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BeforeValidator
from sqlmodel import SQLModel

import models
from models import User
from models.database import Database
from tests.loops import awaited
from tests.neighbours.neighbour import ROOT
from tests.neighbours.seed import TABLES

CLASSES: dict[str, type[SQLModel]] = {name: getattr(models, name) for name in models.__all__}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROWS: dict[str, dict[str, Any]] = {
    "User": {"id": "user_ada", "first_name": "Ada", "last_name": "L", "email": "ada@example.org", "created_at": NOON},
    "Role": {"name": "Student"},
    "UserRole": {"user_id": "user_ada", "role_id": 1},
    "Instructor": {"user_id": "user_ada", "bio": "Knits."},
    "Course": {"title": "Knots", "description": "About.", "instructor_id": "user_ada", "updated_at": NOON},
    "Module": {"title": "First", "order": 1, "course_id": 1},
    "Lesson": {"title": "Reef", "content_type": "text", "order": 1, "module_id": 1},
    "Enrollment": {"user_id": "user_ada", "course_id": 1, "enrolled_at": NOON},
    "Progress": {"user_id": "user_ada", "lesson_id": 1, "completed": True, "completed_at": NOON},
}
LOOK = """
import gc, json, sys, threading
import models
from sqlalchemy import Engine
from sqlalchemy.orm import configure_mappers
configure_mappers()
print(json.dumps({
    "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
    "threads": threading.active_count(),
    "engines": sum(isinstance(one, Engine) for one in gc.get_objects()),
}))
"""
NOT_WANTED = {"bot", "handlers", "slack_sdk", "slack_bolt", "starlette", "uvicorn", "httpx", "apscheduler", "alembic"}


def test_importing_does_nothing_else(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOOK],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout)
    assert set(found["loaded"]) & NOT_WANTED == set()
    assert (found["threads"], found["engines"], told.stderr, list(tmp_path.iterdir())) == (1, 0, "", [])


def test_every_table_of_the_seed_is_there() -> None:
    assert {str(model.__tablename__) for model in CLASSES.values()} == {*TABLES, "instructor"}
    assert ROWS.keys() == CLASSES.keys()


@pytest.mark.parametrize("name", CLASSES)
def test_each_is_a_body_and_an_answer(name: str) -> None:
    model, row = CLASSES[name], CLASSES[name].model_validate(ROWS[name])
    received: list[SQLModel] = []

    def keep(told: Any) -> Any:
        received.append(told)
        return told

    app = FastAPI()
    keep.__annotations__ = {"told": Annotated[model, BeforeValidator(model.model_validate)]}
    app.add_api_route("/checked", keep, methods=["PUT"], response_model=model)
    app.add_api_route("/all", lambda: [row], response_model=list[model])  # type: ignore[valid-type]
    (listed,) = asked(app, "GET", "/all").json()
    assert listed == row.model_dump(mode="json")
    assert asked(app, "PUT", "/checked", listed).json() == listed
    assert type(received[0]) is model
    assert received[0].model_dump() == row.model_dump()
    missing = asked(app, "PUT", "/checked", {})
    assert missing.status_code == 422
    assert missing.json()["detail"][0]["type"] == "missing"


def test_a_plain_class_takes_what_a_page_sends_and_is_stored(any_database: Database) -> None:
    app = FastAPI()

    def join(told: User) -> User:
        with any_database.write() as session:
            session.add(told)
        return told

    app.add_api_route("/users", join, methods=["POST"], response_model=User)
    told = {"id": "user_new", "first_name": "New", "last_name": "Comer", "email": "new@example.org"}
    assert asked(app, "POST", "/users", told).json().items() >= told.items()
    with any_database.read() as session:
        assert session.get_one(User, "user_new").email == "new@example.org"


def asked(app: FastAPI, method: str, path: str, told: object = None) -> httpx.Response:
    """What the application answers."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as page:
            return await page.request(method, path, json=told)

    return awaited(ask())
