"""Members of Slack workspaces as we know them, and the Caller made of one on each request."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, select, update
from sqlmodel import Field, Session

from models import changes, users
from models.links import Link
from models.prepared import Prepared
from models.reminderrows import Reminder
from models.roles import ADMIN, INSTRUCTOR, Role, UserRole
from models.statements import insert_or_update, table_of
from models.tablemodels import TableModel
from models.users import User


class Member(TableModel, table=True):
    """A person (or bot) of one workspace, as Slack last described them."""

    __tablename__ = "homeroom_member"
    __table_args__ = ({"sqlite_with_rowid": False},)

    team_id: str = Field(primary_key=True)
    slack_user_id: str = Field(primary_key=True)
    handle: str
    name: str
    email: str | None = None
    image_url: str | None = None
    tz: str | None = None
    locale: str | None = None
    is_bot: bool = False
    is_guest: bool = False
    is_deleted: bool = False
    is_email_confirmed: bool = False
    seen_at: datetime
    home_opened_at: datetime | None = None
    welcomed_at: datetime | None = None
    active_at: datetime | None = None
    dm_channel_id: str | None = None


class Caller(NamedTuple):
    """Who is asking, read afresh for one request: a value, never a row.

    ``user_id`` is the Clerk ID, or None while the person is not linked. ``tz`` is an IANA zone name; ``active_at`` is
    when the person last did something here, to the hour.
    """

    team_id: str
    slack_user_id: str
    name: str
    user_id: str | None = None
    roles: frozenset[str] = frozenset()
    tz: str | None = None
    locale: str | None = None
    is_guest: bool = False
    active_at: datetime | None = None
    handle: str = ""

    @property
    def first_name(self) -> str:
        """How to greet this person: the first word of their name."""
        return self.name.split(" ")[0]

    @property
    def is_linked(self) -> bool:
        """Whether this person is bound to a user of the portal."""
        return self.user_id is not None

    @property
    def is_admin(self) -> bool:
        """Whether this person holds the Admin role."""
        return ADMIN in self.roles

    @property
    def is_instructor(self) -> bool:
        """Whether this person may teach: an Instructor, or an Admin, which satisfies it."""
        return INSTRUCTOR in self.roles or self.is_admin


class Profile(NamedTuple):
    """What Slack says about a member. ``tz`` is an IANA zone name, ``locale`` as Slack writes it (``en-GB``).

    People of other organizations count as guests. ``is_email_confirmed`` is whether they proved to Slack that the
    address is theirs.
    The status is not kept with the member; ``status_ends_at`` is None for one that doesn't end by itself.
    """

    team_id: str
    slack_user_id: str
    handle: str
    name: str
    email: str | None = None
    image_url: str | None = None
    tz: str | None = None
    locale: str | None = None
    is_bot: bool = False
    is_guest: bool = False
    is_deleted: bool = False
    is_email_confirmed: bool = False
    status_emoji: str = ""
    status_ends_at: datetime | None = None


class Known(NamedTuple):
    """Somebody we know by name, linked or not."""

    slack_user_id: str
    name: str
    is_guest: bool


_MEMBER, _LINK, _USER, _REMINDER = (table_of(model) for model in (Member, Link, User, Reminder))
_ROLE, _USER_ROLE = table_of(Role), table_of(UserRole)
_SAME_PERSON = (_LINK.c.team_id == _MEMBER.c.team_id) & (_LINK.c.slack_user_id == _MEMBER.c.slack_user_id)
_IS_REACHED_THERE = and_(
    _REMINDER.c.user_id == _LINK.c.user_id,
    _REMINDER.c.team_id == _LINK.c.team_id,
    _REMINDER.c.slack_user_id == _LINK.c.slack_user_id,
)
_FOLLOWED = ("tz", "is_deleted", "is_guest", "is_bot")
"""What reminders follow from."""
_THIS_MEMBER = (_MEMBER.c.team_id == bindparam("team")) & (_MEMBER.c.slack_user_id == bindparam("person"))
_IDENTIFY = Prepared(
    select(
        _MEMBER.c.name,
        _MEMBER.c.handle,
        _MEMBER.c.tz,
        _MEMBER.c.locale,
        _MEMBER.c.is_guest,
        _MEMBER.c.active_at,
        _USER.c.id.label("user_id"),
        _ROLE.c.name.label("role"),
    )
    .select_from(
        _MEMBER.outerjoin(_LINK, _SAME_PERSON)
        .outerjoin(_USER, _USER.c.id == _LINK.c.user_id)
        .outerjoin(_USER_ROLE, _USER_ROLE.c.user_id == _USER.c.id)
        .outerjoin(_ROLE, _ROLE.c.id == _USER_ROLE.c.role_id)
    )
    .where(_THIS_MEMBER, _MEMBER.c.is_deleted.is_(False))
)
_MANY = select(_MEMBER.c.slack_user_id, _MEMBER.c.name, _MEMBER.c.handle, _MEMBER.c.is_guest).where(
    _MEMBER.c.team_id == bindparam("team"),
    _MEMBER.c.slack_user_id.in_(bindparam("people", expanding=True)),
    _MEMBER.c.is_deleted.is_(False),
    _MEMBER.c.is_bot.is_(False),
)
_OPEN_FIRST = (
    update(_MEMBER)
    .where(_THIS_MEMBER, _MEMBER.c.welcomed_at.is_(None))
    .values(home_opened_at=bindparam("now"), welcomed_at=bindparam("now"))
)
_OPEN_AGAIN = update(_MEMBER).where(_THIS_MEMBER).values(home_opened_at=bindparam("now"))
_RECENTLY_HOME = (
    select(_MEMBER.c.team_id, _MEMBER.c.slack_user_id, _LINK.c.user_id)
    .join_from(_LINK, _MEMBER, _SAME_PERSON)
    .where(
        _LINK.c.user_id.in_(bindparam("users", expanding=True)),
        _MEMBER.c.home_opened_at >= bindparam("since"),
        _MEMBER.c.is_deleted.is_(False),
    )
    .order_by(_MEMBER.c.team_id, _MEMBER.c.slack_user_id)
)
_ADMINS = (
    select(_MEMBER.c.slack_user_id)
    .select_from(
        _ROLE.join(_USER_ROLE, _USER_ROLE.c.role_id == _ROLE.c.id)
        .join(_LINK, _LINK.c.user_id == _USER_ROLE.c.user_id)
        .join(_MEMBER, _SAME_PERSON)
    )
    .where(_ROLE.c.name == ADMIN, _LINK.c.team_id == bindparam("team"), _MEMBER.c.is_deleted.is_(False))
    .order_by(_MEMBER.c.slack_user_id)
)
_UNDESCRIBED = (
    select(_LINK.c.team_id, _LINK.c.slack_user_id, _LINK.c.user_id)
    .join_from(_LINK, _USER, _USER.c.id == _LINK.c.user_id)
    .where(
        _LINK.c.team_id.in_(bindparam("teams", expanding=True)),
        _LINK.c.slack_user_id.in_(bindparam("people", expanding=True)),
        _USER.c.email.like(f"%@{users.PLACEHOLDER_DOMAIN}"),
    )
)
_IS_LINKED = select(_LINK.c.user_id).where(_SAME_PERSON).correlate(_MEMBER).exists()
_ACTIVE = update(_MEMBER).where(_THIS_MEMBER, _IS_LINKED).values(active_at=bindparam("now"))
_DM = select(_MEMBER.c.dm_channel_id).where(_THIS_MEMBER)
_KEEP_DM = (
    update(_MEMBER)
    .where(_THIS_MEMBER, _MEMBER.c.dm_channel_id.is_distinct_from(bindparam("channel")))
    .values(dm_channel_id=bindparam("channel"))
)
_REMIND_THERE = (
    update(_REMINDER)
    .where(
        _REMINDER.c.user_id
        == select(_LINK.c.user_id)
        .where(_LINK.c.team_id == bindparam("team"), _LINK.c.slack_user_id == bindparam("person"))
        .scalar_subquery(),
        _REMINDER.c.team_id == bindparam("team"),
        _REMINDER.c.slack_user_id == bindparam("person"),
    )
    .values(dm_channel_id=bindparam("channel"))
)
_NOTHING = {"home_opened_at": None, "welcomed_at": None, "active_at": None, "dm_channel_id": None}
_FORGET_USE = update(_MEMBER).where(_THIS_MEMBER).values(_NOTHING)
_LINKED = (
    select(
        _LINK.c.team_id,
        _LINK.c.slack_user_id,
        _LINK.c.user_id,
        *(_MEMBER.c[name] for name in _FOLLOWED),
        _REMINDER.c.user_id.is_not(None).label("is_reached"),
        _REMINDER.c.slack_tz,
    )
    .join_from(_LINK, _MEMBER, _SAME_PERSON, isouter=True)
    .join(_REMINDER, _IS_REACHED_THERE, isouter=True)
    .where(
        _LINK.c.team_id.in_(bindparam("teams", expanding=True)),
        _LINK.c.slack_user_id.in_(bindparam("people", expanding=True)),
    )
)
_AT_ONCE = 500
"""Parameters in one statement: SQLite takes 32,766 at most (docs: SQLITE_MAX_VARIABLE_NUMBER)."""


def identify(session: Session, team_id: str, slack_user_id: str) -> Caller | None:
    """Who this is, with link and roles as they stand now; None for somebody never seen or deactivated."""
    rows = _IDENTIFY.rows(session, team=team_id, person=slack_user_id)
    if not rows:
        return None
    first = rows[0]
    return Caller(
        team_id=team_id,
        slack_user_id=slack_user_id,
        name=first.name or first.handle,
        user_id=first.user_id,
        roles=frozenset(row.role for row in rows if row.role is not None),
        tz=first.tz,
        locale=first.locale,
        is_guest=first.is_guest,
        active_at=first.active_at,
        handle=first.handle,
    )


def many(session: Session, team_id: str, slack_user_ids: Collection[str]) -> dict[str, Known]:
    """Each of these people of a workspace whom we know; not bots, and nobody deactivated."""
    rows = session.connection().execute(_MANY, {"team": team_id, "people": list(slack_user_ids)})
    return {row.slack_user_id: Known(row.slack_user_id, row.name or row.handle, row.is_guest) for row in rows}


def remember(session: Session, profile: Profile, now: datetime) -> None:
    """Keep what Slack says about a member, in place of what it said before."""
    remember_many(session, [profile], now)


def remember_many(session: Session, profiles: Iterable[Profile], now: datetime) -> None:
    """Keep what Slack says about many members; linked users nobody had described yet are described by it."""
    # In one order everywhere, so that two processes learning the same people never wait for each other in a ring.
    told = sorted(profiles, key=lambda profile: (profile.team_id, profile.slack_user_id))
    for at in range(0, len(told), _AT_ONCE):
        _remember_some(session, told[at : at + _AT_ONCE], now)


def _remember_some(session: Session, told: list[Profile], now: datetime) -> None:
    connection = session.connection()
    people = {(profile.team_id, profile.slack_user_id): profile for profile in told}
    asked = {"teams": sorted({team_id for team_id, _ in people}), "people": [person for _, person in people]}
    known = connection.execute(_LINKED, asked).all()
    insert_or_update(session, Member, [_row(profile, now) for profile in told])
    for row in connection.execute(_UNDESCRIBED, asked).all():
        profile = people.get((row.team_id, row.slack_user_id))
        if profile is not None:
            users.complete(session, row.user_id, name=profile.name, email=profile.email, now=now)
    moved = set()
    for was in known:
        now_is = people.get((was.team_id, was.slack_user_id))
        if now_is is None:
            continue
        is_news = any(getattr(now_is, name) != getattr(was, name) for name in _FOLLOWED)
        is_gone = now_is.is_deleted or now_is.is_guest or now_is.is_bot
        # Two processes may have learned different things at once, and what was written last was not news to either.
        is_reached_wrongly = was.is_reached and (is_gone or now_is.tz != was.slack_tz)
        if is_news or is_reached_wrongly:
            moved.add(was.user_id)
    changes.note(session, "homeroom_member", moved)


def _row(profile: Profile, now: datetime) -> dict[str, Any]:
    row = profile._asdict()
    del row["status_emoji"], row["status_ends_at"]
    return {**row, "seen_at": now}


def was_active(session: Session, team_id: str, slack_user_id: str, now: datetime) -> None:
    """Note that this member did something here; nothing is noted of those not linked, or no longer."""
    session.connection().execute(_ACTIVE, {"team": team_id, "person": slack_user_id, "now": now})


def forget_use(session: Session, team_id: str, slack_user_id: str) -> None:
    """Forget when this member was here. What Slack says about them stays: it would be told again tomorrow."""
    session.connection().execute(_FORGET_USE, {"team": team_id, "person": slack_user_id})


def dm_channel(session: Session, team_id: str, slack_user_id: str) -> str | None:
    """The channel of our DM with this member, when it was opened before."""
    found: str | None = session.connection().execute(_DM, {"team": team_id, "person": slack_user_id}).scalar()
    return found


def keep_dm_channel(session: Session, team_id: str, slack_user_id: str, channel_id: str) -> None:
    """Remember the channel of our DM with this member; if they are reminded there, the next reminder knows it too."""
    told = {"team": team_id, "person": slack_user_id, "channel": channel_id}
    if session.connection().execute(_KEEP_DM, told).rowcount:
        session.connection().execute(_REMIND_THERE, told)


def home_opened(session: Session, team_id: str, slack_user_id: str, now: datetime) -> bool:
    """Note that this member opened Home; whether it was the first time ever. False for somebody never seen."""
    moment = {"team": team_id, "person": slack_user_id, "now": now}
    if session.connection().execute(_OPEN_FIRST, moment).rowcount:
        return True
    session.connection().execute(_OPEN_AGAIN, moment)
    return False


def recently_home(
    session: Session, team_id: str | None, user_ids: Collection[str], since: datetime
) -> tuple[tuple[str, str, str], ...]:
    """Which of these users opened Home at ``since`` or later, in one workspace or (None) in any.

    Each is (team id, Slack user id, user id).
    """
    wanted = sorted(set(user_ids))
    people = []
    for start in range(0, len(wanted), _AT_ONCE):
        some = {"users": wanted[start : start + _AT_ONCE], "since": since}
        people += [
            (row.team_id, row.slack_user_id, row.user_id) for row in session.connection().execute(_RECENTLY_HOME, some)
        ]
    return tuple(person for person in people if team_id in (None, person[0]))


def admins(session: Session, team_id: str) -> tuple[str, ...]:
    """The Slack user ids of this workspace's linked admins."""
    return tuple(session.connection().execute(_ADMINS, {"team": team_id}).scalars())
