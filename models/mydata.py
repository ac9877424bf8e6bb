"""Everything stored about one person, table by table, for themselves."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_, select
from sqlmodel import Session, SQLModel

from models import audit, links

TITLES = {
    "user": "Your account in the portal",
    "userrole": "Your roles, by number",
    "role": "What those numbers mean",
    "instructor": "What you say about yourself as an instructor",
    "course": "Courses you teach",
    "homeroom_coteacher": "Courses you teach beside others",
    "enrollment": "Courses you are enrolled in",
    "progress": "Lessons you opened or completed",
    "homeroom_completion": "Courses you finished",
    "homeroom_place": "Where you left off in each course",
    "homeroom_member": "What Slack says about you",
    "homeroom_link": "Your Slack accounts that are linked",
    "homeroom_link_request": "Links you asked for in the last day",
    "homeroom_match": "The account that may be yours",
    "homeroom_sign_in": "Sign-ins for those links",
    "homeroom_clerk_user": "When the portal last told us of you",
    "homeroom_grant": "Roles promised to you, or that end",
    "homeroom_draft": "Courses you are writing",
    "homeroom_version": "What you published",
    "homeroom_announcement": "What you announced, or began to",
    "homeroom_recipient": "Announcements meant for you, or opened by you",
    "homeroom_unsaved": "What you typed and did not save",
    "homeroom_erasure": "Your wish to be forgotten",
    "homeroom_reminder": "Your reminders",
    "homeroom_absence": "When you are away",
    "homeroom_mute": "Courses you don't want to hear of",
    "homeroom_delivery": "What I sent you unasked, or didn't",
    "homeroom_share": "Courses you showed to a channel",
    "homeroom_hint": "Threads in which I gave you a hint",
    "homeroom_pause": "What you paused as an admin",
    "homeroom_switch": "What you turned on as an admin",
    "homeroom_change": "Changes still being followed",
    "homeroom_audit": "What the audit log has on you",
}
"""Each table with rows about people, as they may call what is in it."""
ABOUT_NOBODY = {
    "homeroom_course_channel": "which channel goes with a course",
    "homeroom_channel": "channels, by size",
    "homeroom_destination": "programs that are told what happens here",
    "homeroom_event": "ids of events, so that none counts twice",
    "homeroom_heartbeat": "when the clock last ticked",
    "homeroom_import": "course files as they were imported",
    "homeroom_lesson_text": "what lessons said before",
    "homeroom_snapshot": "the numbers of courses",
    "homeroom_pace": "how fast a workspace takes messages",
    "homeroom_workload": "how much there is to learn in a course",
    "homeroom_workspace": "workspaces",
    "module": "parts of courses",
    "lesson": "lessons of courses",
}
"""Tables that say nothing about anybody, and what they hold instead."""
SECRETS = frozenset({"token", "token_digest", "state_digest", "browser_digest", "verifier", "nonce", "leased_by"})
"""Columns that prove something rather than say something: they are left out."""
BY_USER = {
    "course": "instructor_id",
    "homeroom_announcement": "author_id",
    "homeroom_draft": "owner_id",
    "homeroom_reminder": "user_id",
    "homeroom_version": "published_by",
}
BY_SLACK_ID = {"homeroom_pause": "paused_by", "homeroom_switch": "turned_on_by"}


def everything(session: Session, team_id: str, slack_user_id: str) -> dict[str, list[dict[str, Any]]]:
    """Every row about this person, by the title of its table; tables without one are left out."""
    user_id = links.of(session, team_id, slack_user_id)
    told = {}
    for name, title in TITLES.items():
        table = SQLModel.metadata.tables[name]
        rows = session.connection().execute(
            select(table).where(_about(table, team_id, slack_user_id, user_id)).order_by(*table.primary_key.columns)
        )
        shown = [_row(row._mapping) for row in rows]
        if shown:
            told[title] = shown
    return told


def _about(table: Table, team_id: str, slack_user_id: str, user_id: str | None) -> ColumnElement[bool]:
    columns, tables = table.c, SQLModel.metadata.tables
    person = audit.member(team_id, slack_user_id)
    if table.name == "user":
        return columns.id == user_id
    if table.name == "role":
        held = tables["userrole"]
        return columns.id.in_(select(held.c.role_id).where(held.c.user_id == user_id))
    if table.name in BY_USER:
        return columns[BY_USER[table.name]] == user_id
    if table.name == "homeroom_audit":
        names = [person, *([user_id] if user_id else [])]
        return or_(columns.actor.in_(names), columns.whom.in_(names), columns.what == person)
    if table.name == "homeroom_sign_in":
        asked = tables["homeroom_link_request"]
        mine = and_(asked.c.team_id == team_id, asked.c.slack_user_id == slack_user_id)
        return columns.request_id.in_(select(asked.c.id).where(mine))
    if table.name in BY_SLACK_ID:
        return columns[BY_SLACK_ID[table.name]] == slack_user_id
    ways = []
    if "user_id" in columns and user_id is not None:
        ways.append(columns.user_id == user_id)
    if "slack_user_id" in columns and "team_id" in columns:
        ways.append(and_(columns.team_id == team_id, columns.slack_user_id == slack_user_id))
    return or_(False, *ways)


def _row(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _value(value) for name, value in row.items() if name not in SECRETS and value is not None}


def _value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
