"""The foundation: the seed's tables as the seed wrote them, then what Homeroom adds to them and its own tables.

A new database and one which already has the seed's tables take the same road: what is missing is first made in the
seed's own form, then everything is lifted. Going down leaves that form.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.migrations.seed import SEED
from models.migrations.shape import is_naive

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)


@dataclass(frozen=True)
class Lift:
    """What one seed table gains."""

    table: str
    columns: Callable[[], Sequence[sa.Column[Any]]] = list
    unique: dict[str, list[str]] = field(default_factory=dict)
    indexes: dict[str, list[str]] = field(default_factory=dict)
    autoincrement: bool = True


LIFTS = (
    Lift("user", autoincrement=False),
    Lift("role"),
    Lift("userrole", indexes={"ix_userrole_role_id": ["role_id"]}, autoincrement=False),
    Lift("instructor", autoincrement=False),
    Lift(
        "course",
        lambda: [sa.Column("slug", sa.String()), sa.Column("archived_at", Instant), sa.Column("revised_at", Instant)],
        unique={"uq_course_slug": ["slug"]},
        indexes={"ix_course_instructor_id": ["instructor_id"]},
    ),
    Lift(
        "module",
        lambda: [sa.Column("key", sa.String())],
        unique={"uq_module_course_id_key": ["course_id", "key"]},
        indexes={"ix_module_course_id_order": ["course_id", "order"]},
    ),
    Lift(
        "lesson",
        lambda: [
            sa.Column("key", sa.String()),
            sa.Column("minutes", sa.Integer()),
            sa.Column("body", sa.Text()),
            sa.Column("removed_at", Instant),
        ],
        unique={"uq_lesson_module_id_key": ["module_id", "key"]},
        indexes={"ix_lesson_module_id_order": ["module_id", "order"]},
    ),
    Lift(
        "enrollment",
        unique={"uq_enrollment_user_id_course_id": ["user_id", "course_id"]},
        indexes={"ix_enrollment_course_id": ["course_id"]},
    ),
    Lift(
        "progress",
        unique={"uq_progress_user_id_lesson_id": ["user_id", "lesson_id"]},
        indexes={"ix_progress_lesson_id": ["lesson_id"]},
    ),
)
CATALOG_INDEX = "ix_course_lower_title_id"
OURS = (
    "homeroom_absence",
    "homeroom_announcement",
    "homeroom_audit",
    "homeroom_change",
    "homeroom_channel",
    "homeroom_clerk_user",
    "homeroom_completion",
    "homeroom_coteacher",
    "homeroom_course_channel",
    "homeroom_delivery",
    "homeroom_destination",
    "homeroom_draft",
    "homeroom_erasure",
    "homeroom_event",
    "homeroom_grant",
    "homeroom_heartbeat",
    "homeroom_hint",
    "homeroom_import",
    "homeroom_lesson_text",
    "homeroom_link",
    "homeroom_link_request",
    "homeroom_match",
    "homeroom_member",
    "homeroom_mute",
    "homeroom_pace",
    "homeroom_pause",
    "homeroom_place",
    "homeroom_recipient",
    "homeroom_reminder",
    "homeroom_share",
    "homeroom_sign_in",
    "homeroom_snapshot",
    "homeroom_switch",
    "homeroom_unsaved",
    "homeroom_version",
    "homeroom_workload",
    "homeroom_workspace",
)


def upgrade() -> None:
    """Make what is missing of the seed, lift it, and make our tables."""
    SEED.create_all(op.get_bind())
    for lift in LIFTS:
        _raise(lift)
    op.create_index(CATALOG_INDEX, "course", [sa.text("lower(substr(title, 1, 200))"), "id"])
    _create_ours()
    _create_what_reminders_need()
    _create_audit()
    _create_what_linking_needs()
    _create_what_granting_needs()
    _create_what_teaching_needs()
    _create_what_announcing_needs()


def downgrade() -> None:
    """Take away what is ours and leave the seed's tables, with their rows, as the seed wrote them."""
    for table in reversed(OURS):
        op.drop_table(table)
    op.drop_index(CATALOG_INDEX, "course")
    for lift in LIFTS:
        _lower(lift)


def _raise(lift: Lift) -> None:
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    inspector = sa.inspect(connection)
    found = {column["name"]: column for column in inspector.get_columns(lift.table)}
    taken = {unique["name"] for unique in inspector.get_unique_constraints(lift.table)}
    with op.batch_alter_table(
        lift.table,
        recreate="always" if is_sqlite else "never",
        table_kwargs={"sqlite_autoincrement": lift.autoincrement},
    ) as batch:
        for column in lift.columns():
            batch.add_column(column)
        for column in SEED.tables[lift.table].columns:
            was = found[column.name]
            if was["nullable"] and not column.nullable:
                batch.alter_column(column.name, existing_type=was["type"], nullable=False)
            # An older SQLModel keeps timestamps without a zone; what is in them is UTC, as the seed wrote it.
            if not is_sqlite and is_naive(was):
                batch.alter_column(
                    column.name,
                    existing_type=was["type"],
                    type_=Instant,
                    postgresql_using=f"\"{column.name}\" AT TIME ZONE 'UTC'",
                )
        for name, columns in lift.unique.items():
            if name not in taken:
                batch.create_unique_constraint(name, columns)
    # A neighbour who followed the seed's own advice on indexes has some of these already.
    taken = {index["name"] for index in sa.inspect(connection).get_indexes(lift.table)}
    for name, columns in lift.indexes.items():
        if name not in taken:
            op.create_index(name, lift.table, columns)


def _lower(lift: Lift) -> None:
    for name in lift.indexes:
        op.drop_index(name, lift.table)
    with op.batch_alter_table(
        lift.table,
        recreate="always" if op.get_bind().dialect.name == "sqlite" else "never",
        table_kwargs={"sqlite_autoincrement": False},
    ) as batch:
        for name in lift.unique:
            batch.drop_constraint(name, type_="unique")
        for column in lift.columns():
            batch.drop_column(column.name)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer(), primary_key=True, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant, nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _refers(column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], ondelete=ondelete)


def _create_ours() -> None:
    op.create_table(
        "homeroom_change",
        _id(),
        _text("table_name"),
        _text("operation"),
        _text("user_id", nullable=True),
        _number("course_id", nullable=True),
        _number("module_id", nullable=True),
        _number("lesson_id", nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "homeroom_completion",
        _id(),
        _text("user_id"),
        _number("course_id"),
        _number("lessons"),
        _instant("completed_at"),
        sa.UniqueConstraint("user_id", "course_id", name="uq_homeroom_completion_user_id_course_id"),
        _refers("user_id", "user.id", "CASCADE"),
        _refers("course_id", "course.id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_homeroom_completion_course_id", "homeroom_completion", ["course_id"])
    op.create_table(
        "homeroom_workload",
        *(_number(name) for name in ("course_id", "lessons")),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("course_id"),
        _refers("course_id", "course.id", "CASCADE"),
    )
    op.create_table("homeroom_event", _text("event_id"), _instant("received_at"), sa.PrimaryKeyConstraint("event_id"))
    op.create_index("ix_homeroom_event_received_at", "homeroom_event", ["received_at"])
    op.create_table(
        "homeroom_hint",
        *(_text(name) for name in ("team_id", "channel_id", "thread_ts", "slack_user_id")),
        sa.PrimaryKeyConstraint("team_id", "channel_id", "thread_ts", "slack_user_id"),
    )
    op.create_table(
        "homeroom_import",
        _number("course_id"),
        sa.Column("document", sa.Text(), nullable=False),
        _instant("imported_at"),
        sa.PrimaryKeyConstraint("course_id"),
        _refers("course_id", "course.id", "CASCADE"),
    )
    op.create_table(
        "homeroom_link",
        _text("team_id"),
        _text("slack_user_id"),
        _text("user_id"),
        _instant("linked_at"),
        sa.PrimaryKeyConstraint("team_id", "slack_user_id"),
        sa.UniqueConstraint("team_id", "user_id", name="uq_homeroom_link_team_id_user_id"),
        _refers("user_id", "user.id", "CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_homeroom_link_user_id", "homeroom_link", ["user_id"])
    op.create_table(
        "homeroom_member",
        _text("team_id"),
        _text("slack_user_id"),
        _text("handle"),
        _text("name"),
        *(_text(name, nullable=True) for name in ("email", "image_url", "tz", "locale")),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("is_bot", "is_guest", "is_deleted", "is_email_confirmed")
        ),
        _instant("seen_at"),
        _instant("home_opened_at", nullable=True),
        _instant("welcomed_at", nullable=True),
        _instant("active_at", nullable=True),
        _text("dm_channel_id", nullable=True),
        sa.PrimaryKeyConstraint("team_id", "slack_user_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "homeroom_place",
        _text("user_id"),
        _number("course_id"),
        _number("lesson_id"),
        _number("page"),
        _instant("opened_at"),
        sa.PrimaryKeyConstraint("user_id", "course_id"),
        _refers("user_id", "user.id", "CASCADE"),
        _refers("course_id", "course.id", "CASCADE"),
        _refers("lesson_id", "lesson.id", "CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_homeroom_place_course_id", "homeroom_place", ["course_id"])
    op.create_index("ix_homeroom_place_lesson_id", "homeroom_place", ["lesson_id"])
    op.create_table(
        "homeroom_share",
        _id(),
        _number("course_id"),
        _text("team_id"),
        _text("channel_id"),
        _text("slack_user_id"),
        sa.Column("shared_on", sa.Date(), nullable=False),
        sa.UniqueConstraint(
            "course_id", "team_id", "channel_id", "shared_on", name="uq_homeroom_share_course_channel_day"
        ),
        _refers("course_id", "course.id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_homeroom_share_course_id", "homeroom_share", ["course_id"])
    op.create_table(
        "homeroom_workspace",
        _text("team_id"),
        _text("name"),
        _text("url"),
        _text("bot_user_id"),
        _text("bot_id"),
        _text("token_digest"),
        _instant("learned_at"),
        _instant("uninstalled_at", nullable=True),
        sa.PrimaryKeyConstraint("team_id"),
    )
    op.create_index("ix_homeroom_workspace_token_digest", "homeroom_workspace", ["token_digest"])


def _create_what_reminders_need() -> None:
    op.create_table(
        "homeroom_absence",
        _id(),
        _text("user_id"),
        _text("source"),
        _day("starts_on"),
        _day("ends_on"),
        _instant("status_ends_at", nullable=True),
        _refers("user_id", "user.id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_homeroom_absence_user_id", "homeroom_absence", ["user_id"])
    op.create_table(
        "homeroom_delivery",
        _id(),
        *(_text(name) for name in ("key", "token", "kind", "team_id", "slack_user_id")),
        _text("user_id", nullable=True),
        _number("course_id", nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        _text("state"),
        _text("reason", nullable=True),
        _instant("planned_at"),
        _instant("not_after", nullable=True),
        _instant("try_at", nullable=True),
        _text("leased_by", nullable=True),
        _instant("lease_ends_at", nullable=True),
        _instant("first_leased_at", nullable=True),
        _number("attempts"),
        _text("channel_id", nullable=True),
        _text("message_ts", nullable=True),
        _instant("settled_at", nullable=True),
        sa.Column("history", sa.Text(), nullable=False),
        sa.UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )
    _create_partial_index("homeroom_delivery", ["team_id", "try_at"], "try_at IS NOT NULL")
    op.create_index("ix_homeroom_delivery_channel_id_message_ts", "homeroom_delivery", ["channel_id", "message_ts"])
    op.create_index("ix_homeroom_delivery_settled_at", "homeroom_delivery", ["settled_at"])
    op.create_index("ix_homeroom_delivery_user_id", "homeroom_delivery", ["user_id"])
    _create_partial_index("homeroom_delivery", ["kind"], "state = 'failed'")
    op.create_table(
        "homeroom_destination",
        *(_text(name) for name in ("name", "address")),
        *(_instant(name) for name in ("since", "seen_at")),
        _instant("failing_since", nullable=True),
        _text("trouble", nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table("homeroom_heartbeat", _text("name"), _instant("beat_at"), sa.PrimaryKeyConstraint("name"))
    op.create_table(
        "homeroom_mute",
        _text("user_id"),
        _number("course_id"),
        sa.PrimaryKeyConstraint("user_id", "course_id"),
        _refers("user_id", "user.id", "CASCADE"),
        _refers("course_id", "course.id", "CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_homeroom_mute_course_id", "homeroom_mute", ["course_id"])
    op.create_table(
        "homeroom_pace",
        _text("team_id"),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("ceiling", sa.Float(), nullable=True),
        _instant("next_at"),
        _instant("blocked_until", nullable=True),
        _number("since_refused"),
        sa.PrimaryKeyConstraint("team_id"),
    )
    op.create_table(
        "homeroom_pause",
        *(_text(name) for name in ("scope", "value", "paused_by", "because")),
        _instant("paused_at"),
        sa.PrimaryKeyConstraint("scope", "value"),
    )
    op.create_table(
        "homeroom_reminder",
        _id(),
        _text("user_id"),
        _text("rhythm"),
        _text("weekdays"),
        _number("hour"),
        _text("tz", nullable=True),
        _day("snoozed_until", nullable=True),
        _text("stopped_because", nullable=True),
        _instant("stopped_at", nullable=True),
        _text("unreachable_why", nullable=True),
        _number("nudges"),
        _instant("nudged_at", nullable=True),
        _instant("answered_at", nullable=True),
        _day("planned_on", nullable=True),
        _instant("planned_at", nullable=True),
        _instant("due_at", nullable=True),
        *(_text(name, nullable=True) for name in ("team_id", "slack_user_id", "dm_channel_id", "slack_tz")),
        _day("away_until", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id"),
        _refers("user_id", "user.id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    _create_partial_index("homeroom_reminder", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "homeroom_switch",
        _text("kind"),
        _instant("turned_on_at"),
        _text("turned_on_by"),
        sa.PrimaryKeyConstraint("kind"),
    )


def _create_audit() -> None:
    op.create_table(
        "homeroom_audit",
        _id(),
        _instant("at"),
        _text("actor"),
        _text("action"),
        *(_text(name, nullable=True) for name in ("whom", "what")),
        _number("course_id", nullable=True),
        *(_text(name, nullable=True) for name in ("place", "before", "after", "because")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_homeroom_audit_at", "homeroom_audit", ["at"])
    op.create_index("ix_homeroom_audit_whom", "homeroom_audit", ["whom"])


def _create_what_linking_needs() -> None:
    op.create_table(
        "homeroom_clerk_user",
        _text("user_id"),
        _instant("changed_at"),
        _instant("deleted_at", nullable=True),
        sa.PrimaryKeyConstraint("user_id"),
    )
    who = ("clerk_id", "first_name", "last_name", "email", "image_url")
    op.create_table(
        "homeroom_link_request",
        _id(),
        *(_text(name) for name in ("token_digest", "team_id", "slack_user_id", "wish", "state")),
        _instant("expires_at"),
        *(_text(name, nullable=True) for name in who),
        sa.UniqueConstraint("token_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_homeroom_link_request_team_id_slack_user_id", "homeroom_link_request", ["team_id", "slack_user_id"]
    )
    op.create_table(
        "homeroom_match",
        *(_text(name) for name in ("team_id", "slack_user_id", "clerk_id", "first_name", "last_name")),
        *(_text(name, nullable=True) for name in ("email", "image_url")),
        _text("by"),
        _instant("found_at"),
        sa.PrimaryKeyConstraint("team_id", "slack_user_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_homeroom_match_clerk_id", "homeroom_match", ["clerk_id"])
    op.create_table(
        "homeroom_sign_in",
        _text("state_digest"),
        _number("request_id"),
        *(_text(name) for name in ("browser_digest", "verifier", "nonce")),
        _instant("expires_at"),
        _instant("returned_at", nullable=True),
        *(_text(name, nullable=True) for name in who),
        sa.PrimaryKeyConstraint("state_digest"),
        _refers("request_id", "homeroom_link_request.id", "CASCADE"),
    )
    op.create_index("ix_homeroom_sign_in_expires_at", "homeroom_sign_in", ["expires_at"])
    op.create_index("ix_homeroom_sign_in_request_id", "homeroom_sign_in", ["request_id"])


def _create_what_granting_needs() -> None:
    op.create_table(
        "homeroom_erasure",
        _text("team_id"),
        _text("slack_user_id"),
        _instant("asked_at"),
        sa.PrimaryKeyConstraint("team_id", "slack_user_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "homeroom_channel",
        *(_text(name) for name in ("team_id", "channel_id", "name")),
        _number("members"),
        sa.Column("has_us", sa.Boolean(), nullable=False),
        _instant("learned_at"),
        sa.PrimaryKeyConstraint("team_id", "channel_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "homeroom_grant",
        _id(),
        *(_text(name, nullable=True) for name in ("team_id", "slack_user_id", "user_id")),
        _text("role"),
        _text("granted_by"),
        _instant("granted_at"),
        _instant("ends_at", nullable=True),
        sa.UniqueConstraint("team_id", "slack_user_id", "role", name="uq_homeroom_grant_team_id_slack_user_id_role"),
        sa.UniqueConstraint("user_id", "role", name="uq_homeroom_grant_user_id_role"),
        _refers("user_id", "user.id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_homeroom_grant_ends_at", "homeroom_grant", ["ends_at"])


def _create_what_teaching_needs() -> None:
    op.create_table(
        "homeroom_coteacher",
        _number("course_id"),
        _text("user_id"),
        _text("added_by"),
        _instant("added_at"),
        sa.PrimaryKeyConstraint("course_id", "user_id"),
        _refers("course_id", "course.id", "CASCADE"),
        _refers("user_id", "user.id", "CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_homeroom_coteacher_user_id", "homeroom_coteacher", ["user_id"])
    op.create_table(
        "homeroom_draft",
        _id(),
        _number("course_id", nullable=True),
        _text("owner_id"),
        _text("title"),
        sa.Column("ground", sa.Text()),
        sa.Column("document", sa.Text(), nullable=False),
        _text("changed_by"),
        _instant("changed_at"),
        sa.UniqueConstraint("course_id", name="uq_homeroom_draft_course_id"),
        _refers("course_id", "course.id", "CASCADE"),
        _refers("owner_id", "user.id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_homeroom_draft_owner_id", "homeroom_draft", ["owner_id"])
    op.create_table(
        "homeroom_unsaved",
        _number("draft_id"),
        _number("ref"),
        _text("user_id"),
        sa.Column("words", sa.Text(), nullable=False),
        _instant("typed_at"),
        sa.PrimaryKeyConstraint("draft_id", "ref", "user_id"),
        _refers("draft_id", "homeroom_draft.id", "CASCADE"),
        _refers("user_id", "user.id", "CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_homeroom_unsaved_user_id", "homeroom_unsaved", ["user_id"])
    op.create_table(
        "homeroom_version",
        _id(),
        *(_number(name) for name in ("course_id", "number")),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("is_small", sa.Boolean(), nullable=False),
        _text("published_by", nullable=True),
        _instant("published_at"),
        sa.UniqueConstraint("course_id", "number", name="uq_homeroom_version_course_id_number"),
        _refers("course_id", "course.id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "homeroom_lesson_text",
        _number("lesson_id"),
        _instant("replaced_at"),
        _text("title"),
        sa.Column("body", sa.Text()),
        _text("url", nullable=True),
        sa.PrimaryKeyConstraint("lesson_id", "replaced_at"),
        _refers("lesson_id", "lesson.id", "CASCADE"),
        sqlite_with_rowid=False,
    )


def _create_what_announcing_needs() -> None:
    op.create_table(
        "homeroom_announcement",
        _id(),
        _number("course_id"),
        _number("lesson_id", nullable=True),
        *(_text(name) for name in ("author_id", "team_id", "slack_user_id")),
        _number("replaces", nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("words", "typed")),
        *(_text(name, nullable=True) for name in ("audience", "channel_id")),
        _instant("leaves_at", nullable=True),
        _text("state"),
        _text("because", nullable=True),
        _number("recipients"),
        _instant("created_at"),
        _text("approved_by", nullable=True),
        *(_instant(name, nullable=True) for name in ("began_at", "finished_at")),
        _text("added_past", nullable=True),
        _number("revision"),
        sa.Column("is_editing", sa.Boolean(), nullable=False),
        *(_number(name) for name in ("posts", "shown")),
        _refers("course_id", "course.id", "CASCADE"),
        _refers("lesson_id", "lesson.id", "SET NULL"),
        _refers("author_id", "user.id", "CASCADE"),
        _refers("replaces", "homeroom_announcement.id", "CASCADE"),
        sqlite_autoincrement=True,
    )
    for column in ("course_id", "lesson_id", "author_id", "replaces"):
        op.create_index(f"ix_homeroom_announcement_{column}", "homeroom_announcement", [column])
    _create_partial_index("homeroom_announcement", ["leaves_at"], "state = 'scheduled'")
    _create_partial_index("homeroom_announcement", ["team_id"], "state = 'going'")
    _create_partial_index("homeroom_announcement", ["team_id", "is_editing"], "is_editing")
    op.create_table(
        "homeroom_recipient",
        _number("announcement_id"),
        _text("user_id"),
        *(_instant(name, nullable=True) for name in ("due_at", "opened_at")),
        _number("revision"),
        sa.PrimaryKeyConstraint("announcement_id", "user_id"),
        _refers("announcement_id", "homeroom_announcement.id", "CASCADE"),
        _refers("user_id", "user.id", "CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_homeroom_recipient_user_id", "homeroom_recipient", ["user_id"])
    _create_partial_index("homeroom_recipient", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "homeroom_course_channel",
        _number("course_id"),
        *(_text(name) for name in ("team_id", "channel_id", "on_join")),
        sa.PrimaryKeyConstraint("course_id"),
        _refers("course_id", "course.id", "CASCADE"),
    )
    op.create_index("ix_homeroom_course_channel_channel_id", "homeroom_course_channel", ["channel_id"])
    op.create_table(
        "homeroom_snapshot",
        *(_number(name) for name in ("course_id", "learners", "finished")),
        _number("stuck_lesson_id", nullable=True),
        _number("stuck"),
        _instant("taken_at"),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("course_id"),
        _refers("course_id", "course.id", "CASCADE"),
    )
    _create_partial_index("homeroom_snapshot", ["taken_at"], "is_stale")


def _create_partial_index(table: str, columns: list[str], condition: str) -> None:
    name = f"ix_{table}_{'_'.join(columns)}"
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
