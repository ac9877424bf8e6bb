"""xAPI: what happened here, said as a learning record store reads it (spec: xAPI 1.0.3, part two)."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from models.portalevents import COURSE_DONE, ENROLLED, LESSON_DONE

VERSION = "1.0.3"
PLATFORM = "Homeroom"
REGISTERED, COMPLETED = "registered", "completed"
VERBS = {ENROLLED: REGISTERED, LESSON_DONE: COMPLETED, COURSE_DONE: COMPLETED}
_VERB = "http://adlnet.gov/expapi/verbs/"
_TYPE = "http://adlnet.gov/expapi/activities/"
UNKNOWN_LANGUAGE = "und"
"""Courses don't say what language they are in (RFC 5646: undetermined)."""


def statement(facts: Mapping[str, Any], home: str, portal_url: str | None) -> dict[str, Any]:
    """The statement of an event. ``home`` is whose account a Clerk ID is; activities are the portal's pages, or have
    names that stay the same where there is no portal."""
    course, lesson, kind = facts["course"], facts.get("lesson"), facts["type"]
    of_course = _activity(home, portal_url, f"/courses/{course['id']}", course["title"], "course")
    context: dict[str, Any] = {"platform": PLATFORM}
    about = of_course
    if lesson is not None:
        address = f"/courses/{course['id']}/lessons/{lesson['id']}"
        about = _activity(home, portal_url, address, lesson["title"], "lesson")
        context["contextActivities"] = {"parent": [of_course]}
    said = {
        "id": facts["id"],
        "actor": {"objectType": "Agent", "account": {"homePage": home, "name": facts["user_id"]}},
        "verb": {"id": _VERB + VERBS[kind], "display": {"en-US": VERBS[kind]}},
        "object": about,
        "context": context,
        "timestamp": facts["timestamp"],
    }
    return said | {"result": {"completion": True}} if VERBS[kind] == COMPLETED else said


def _activity(home: str, portal_url: str | None, path: str, title: str, kind: str) -> dict[str, Any]:
    made_up = f"urn:uuid:{uuid5(NAMESPACE_URL, home + path)}"
    return {
        "objectType": "Activity",
        "id": portal_url.rstrip("/") + path if portal_url else made_up,
        "definition": {"name": {UNKNOWN_LANGUAGE: title}, "type": _TYPE + kind},
    }
