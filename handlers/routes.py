"""Every route, and who may use it, on one page; and the way from a request to its reply."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import NamedTuple

from handlers import (
    account,
    announcements,
    announcing,
    authoring,
    bios,
    catalog,
    coursechannels,
    courseimports,
    courses,
    deliveries,
    failures,
    help,
    home,
    lessonfiles,
    lessons,
    lessonwriting,
    lifecycle,
    people,
    privacy,
    progress,
    publishing,
    reminders,
    roles,
    rosters,
    sharing,
    stats,
    talk,
    teaching,
    teams,
    unfurling,
)
from handlers.replies import NOTHING, NoteActive, RefreshHome, Reply
from handlers.requests import AlreadyActed, Context, Kind, Request
from handlers.views import failures as refusals
from handlers.views.screens import Screen
from models import audit, events, members
from models.errors import Unavailable
from models.members import Caller

NOTED_EVERY = timedelta(hours=1)
"""Where somebody was last active is noted no more often than this."""

Handler = Callable[[Request, Caller, Context], Reply]


class Audience(Enum):
    """Who may use a route. Guests and people from other organisations may use none."""

    ANYONE = "anyone"
    LINKED = "linked"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"

    def admits(self, caller: Caller) -> bool:
        """Whether this caller is in the audience, by the roles stored now."""
        return {
            Audience.ANYONE: True,
            Audience.LINKED: caller.is_linked,
            Audience.INSTRUCTOR: caller.is_linked and caller.is_instructor,
            Audience.ADMIN: caller.is_linked and caller.is_admin,
        }[self]


ANYONE, LINKED, INSTRUCTOR, ADMIN = Audience.ANYONE, Audience.LINKED, Audience.INSTRUCTOR, Audience.ADMIN


class Route(NamedTuple):
    """A handler and its audience."""

    handler: Handler
    audience: Audience


VERBS: dict[str, Route] = {
    "courses": Route(catalog.browse, ANYONE),
    "enroll": Route(courses.enroll_by_name, LINKED),
    "continue": Route(lessons.resume_by_name, LINKED),
    "progress": Route(progress.show, LINKED),
    "done": Route(progress.done, LINKED),
    "withdraw": Route(courses.withdraw_by_name, LINKED),
    "reminders": Route(reminders.show, LINKED),
    "why": Route(reminders.explain, LINKED),
    "link": Route(account.link, ANYONE),
    "unlink": Route(account.ask_unlink, LINKED),
    "my-data": Route(privacy.my_data, ANYONE),
    "forget-me": Route(privacy.forget_me, ANYONE),
    "help": Route(help.show, ANYONE),
}
"""What can follow ``/learn``, be typed in the DM, or follow a mention."""

UNSPOKEN: dict[str, Route] = {
    "(search)": Route(catalog.search_words, ANYONE),
    "(guess)": Route(talk.offer, ANYONE),
    "(small talk)": Route(talk.answer, ANYONE),
    "(stop)": Route(reminders.stop, ANYONE),
    "(away)": Route(reminders.ask_away, ANYONE),
    "(passing mention)": Route(talk.hint, ANYONE),
}
"""What is meant when no verb was said."""

ROLES: dict[str, Route] = {
    "roles.show": Route(roles.show, LINKED),
    "roles.grant": Route(roles.grant, ADMIN),
    "roles.revoke": Route(roles.revoke, ADMIN),
    "roles.log": Route(roles.log, ADMIN),
    "roles.person": Route(people.show, ADMIN),
    "roles.(unknown)": Route(roles.unknown, ANYONE),
}
"""What can follow ``/roles``."""

TEACH: dict[str, Route] = {
    "teach.desk": Route(teaching.desk, INSTRUCTOR),
    "teach.announce": Route(announcing.by_name, INSTRUCTOR),
    "teach.channel": Route(coursechannels.by_name, INSTRUCTOR),
    "teach.roster": Route(rosters.by_name, INSTRUCTOR),
    "teach.stats": Route(stats.by_name, INSTRUCTOR),
    "teach.team": Route(teams.by_name, INSTRUCTOR),
    "teach.(unknown)": Route(teaching.unknown, ANYONE),
}
"""What can follow ``/teach``."""

COMMANDS: frozenset[str] = frozenset({"/learn", "/roles", "/teach"})

ACTIONS: dict[str, Route] = {
    "account.link": Route(account.link, ANYONE),
    "account.sign_in": Route(home.nothing, ANYONE),
    "account.bind": Route(account.bind, ANYONE),
    "account.decline": Route(account.decline, ANYONE),
    "account.accept": Route(account.accept, ANYONE),
    "account.sign_in_instead": Route(account.sign_in_instead, ANYONE),
    "account.unlink": Route(account.unlink, LINKED),
    "account.keep": Route(account.keep, LINKED),
    "catalog.open": Route(catalog.open_catalog, ANYONE),
    "catalog.turn": Route(catalog.turn, ANYONE),
    "catalog.pick": Route(courses.open_course, ANYONE),
    "course.open": Route(courses.open_course, ANYONE),
    "course.enroll": Route(courses.enroll, LINKED),
    "course.withdraw": Route(courses.withdraw, LINKED),
    "course.continue": Route(lessons.resume, LINKED),
    "course.start": Route(lessons.start, LINKED),
    "course.share": Route(sharing.ask_where, LINKED),
    "course.unshare": Route(sharing.remove, LINKED),
    "portal.open": Route(home.nothing, ANYONE),
    "lesson.open": Route(lessons.open_lesson, LINKED),
    "lesson.next": Route(lessons.open_next, LINKED),
    "lesson.pick": Route(lessons.open_lesson, LINKED),
    "lesson.turn": Route(lessons.turn, LINKED),
    "lesson.complete": Route(progress.complete, LINKED),
    "lesson.reopen": Route(progress.reopen, LINKED),
    "lesson.keep": Route(lessons.read_in_dm, LINKED),
    "lesson.watch": Route(lessons.watch, LINKED),
    "lesson.send_file": Route(lessonfiles.send, LINKED),
    "progress.show": Route(progress.show, LINKED),
    "reminder.change": Route(reminders.change, LINKED),
    "reminder.menu": Route(reminders.use_menu, LINKED),
    "reminder.snooze": Route(reminders.snooze, LINKED),
    "reminder.snooze_until": Route(reminders.snooze_until, LINKED),
    "reminder.unsnooze": Route(reminders.unsnooze, LINKED),
    "reminder.stop": Route(reminders.stop, LINKED),
    "reminder.resume": Route(reminders.resume, LINKED),
    "reminder.reopen": Route(reminders.reopen, LINKED),
    "reminder.unmute": Route(reminders.unmute, LINKED),
    "reminder.away_until": Route(reminders.away_until, LINKED),
    "reminder.here": Route(reminders.here, LINKED),
    "sending.ask_pause": Route(deliveries.ask_pause, ADMIN),
    "sending.resume": Route(deliveries.resume, ADMIN),
    "sending.discard": Route(deliveries.discard, ADMIN),
    "sending.turn_on": Route(deliveries.turn_on, ADMIN),
    "sending.turn_off": Route(deliveries.turn_off, ADMIN),
    "role.show": Route(roles.show, LINKED),
    "role.ask": Route(roles.ask, ADMIN),
    "role.here": Route(roles.here, ADMIN),
    "role.aside": Route(roles.aside, ADMIN),
    "role.cancel": Route(roles.cancel, ANYONE),
    "role.log": Route(roles.log, ADMIN),
    "person.find": Route(people.find, ADMIN),
    "person.pick": Route(people.show, ADMIN),
    "person.unlinked": Route(people.unlinked, ADMIN),
    "person.unlink": Route(people.ask_unlink, ADMIN),
    "privacy.ask": Route(privacy.ask, ANYONE),
    "privacy.withdraw": Route(privacy.withdraw, ANYONE),
    "privacy.sure": Route(privacy.are_you_sure, ANYONE),
    "privacy.erase": Route(privacy.erase, ANYONE),
    "privacy.approve": Route(privacy.approve, ADMIN),
    "privacy.decline": Route(privacy.decline, ADMIN),
    "help.show": Route(help.show, ANYONE),
    "desk.open": Route(teaching.desk, INSTRUCTOR),
    "desk.menu": Route(teaching.use_menu, INSTRUCTOR),
    "roster.show": Route(rosters.show, INSTRUCTOR),
    "roster.send": Route(rosters.send, INSTRUCTOR),
    "stats.show": Route(stats.show, INSTRUCTOR),
    "stats.picture": Route(stats.picture, INSTRUCTOR),
    "nudge.ask": Route(stats.ask_nudge, INSTRUCTOR),
    "team.show": Route(teams.show, INSTRUCTOR),
    "team.ask_add": Route(teams.ask_add, INSTRUCTOR),
    "team.ask_hand_over": Route(teams.ask_hand_over, INSTRUCTOR),
    "team.remove": Route(teams.remove, INSTRUCTOR),
    "bio.ask": Route(bios.ask, INSTRUCTOR),
    "import.ask": Route(courseimports.ask, INSTRUCTOR),
    "import.prefer": Route(courseimports.prefer, INSTRUCTOR),
    "import.carry_out": Route(courseimports.carry_out, INSTRUCTOR),
    "announcement.new": Route(announcing.new, INSTRUCTOR),
    "announcement.typed": Route(announcing.typed, INSTRUCTOR),
    "announcement.change": Route(announcing.change, INSTRUCTOR),
    "announcement.discard": Route(announcing.discard, INSTRUCTOR),
    "announcement.to_me": Route(announcing.send_to_me, INSTRUCTOR),
    "announcement.previewed": Route(announcing.try_button, INSTRUCTOR),
    "announcement.list": Route(announcements.show_all, INSTRUCTOR),
    "announcement.receipt": Route(announcements.receipt, INSTRUCTOR),
    "announcement.stop": Route(announcements.stop, INSTRUCTOR),
    "announcement.cancel": Route(announcements.cancel, INSTRUCTOR),
    "announcement.send_now": Route(announcements.send_now, INSTRUCTOR),
    "announcement.ask_correct": Route(announcements.ask_correct, INSTRUCTOR),
    "announcement.ask_take_back": Route(announcements.ask_take_back, INSTRUCTOR),
    "announcement.take_back": Route(announcements.take_back, INSTRUCTOR),
    "announcement.approve": Route(announcements.approve, ADMIN),
    "announcement.decline": Route(announcements.decline, ADMIN),
    "announcement.is_there": Route(announcements.is_there, INSTRUCTOR),
    "announcement.post_again": Route(announcements.post_again, INSTRUCTOR),
    "announcement.open": Route(announcements.open_lesson, LINKED),
    "channel.show": Route(coursechannels.show, INSTRUCTOR),
    "channel.untie": Route(coursechannels.untie, INSTRUCTOR),
    "draft.new": Route(authoring.new, INSTRUCTOR),
    "draft.edit": Route(authoring.edit, INSTRUCTOR),
    "draft.open": Route(authoring.open_draft, INSTRUCTOR),
    "draft.title": Route(authoring.ask_title, INSTRUCTOR),
    "draft.add_module": Route(authoring.add_module, INSTRUCTOR),
    "draft.module": Route(authoring.use_module, INSTRUCTOR),
    "draft.lesson": Route(lessonwriting.use_lesson, INSTRUCTOR),
    "draft.add_page": Route(lessonwriting.add_page, INSTRUCTOR),
    "draft.typed_title": Route(authoring.typed, INSTRUCTOR),
    "draft.typed": Route(lessonwriting.typed, INSTRUCTOR),
    "draft.mine": Route(lessonwriting.mine, INSTRUCTOR),
    "draft.theirs": Route(lessonwriting.theirs, INSTRUCTOR),
    "draft.watch": Route(home.nothing, INSTRUCTOR),
    "draft.preview": Route(lessonwriting.preview, INSTRUCTOR),
    "draft.ask_file": Route(lessonfiles.ask, INSTRUCTOR),
    "draft.remove_file": Route(lessonfiles.remove, INSTRUCTOR),
    "draft.send_file": Route(lessonfiles.send_from_draft, INSTRUCTOR),
    "draft.remove": Route(authoring.remove, INSTRUCTOR),
    "draft.ask_publish": Route(publishing.ask_publish, INSTRUCTOR),
    "draft.publish": Route(publishing.publish, INSTRUCTOR),
    "draft.ask_archive": Route(publishing.ask_archive, INSTRUCTOR),
    "draft.archive": Route(publishing.archive, INSTRUCTOR),
    "draft.throw": Route(publishing.throw, INSTRUCTOR),
    "draft.menu": Route(publishing.use_menu, INSTRUCTOR),
    "draft.delete": Route(publishing.delete, INSTRUCTOR),
    "draft.compare": Route(publishing.compare, INSTRUCTOR),
    "draft.restore": Route(publishing.restore, INSTRUCTOR),
}

OPTIONS: dict[str, Route] = {
    "catalog.pick": Route(catalog.suggest, ANYONE),
    "lesson.pick": Route(lessons.suggest, LINKED),
    "reminder.zone": Route(reminders.suggest_zones, LINKED),
    "sending.course": Route(catalog.suggest, ADMIN),
    "announcement.lesson": Route(announcing.suggest_lessons, INSTRUCTOR),
}

SUBMISSIONS: dict[str, Route] = {
    "lesson.complete": Route(progress.complete, LINKED),
    "course.share": Route(sharing.share, LINKED),
    "catalog.search": Route(catalog.search_in_modal, ANYONE),
    "reminder.change": Route(reminders.save, LINKED),
    "sending.pause": Route(deliveries.pause, ADMIN),
    "role.grant": Route(roles.submit_grant, ADMIN),
    "role.revoke": Route(roles.submit_revoke, ADMIN),
    "person.unlink": Route(people.unlink, ADMIN),
    "nudge.send": Route(stats.send_nudge, INSTRUCTOR),
    "team.add": Route(teams.add, INSTRUCTOR),
    "team.hand_over": Route(teams.hand_over, INSTRUCTOR),
    "bio.save": Route(bios.save, INSTRUCTOR),
    "import.look": Route(courseimports.look, INSTRUCTOR),
    "announcement.begin": Route(announcing.begin, INSTRUCTOR),
    "announcement.write": Route(announcing.write, INSTRUCTOR),
    "announcement.confirm": Route(announcing.confirm, INSTRUCTOR),
    "announcement.correct": Route(announcements.correct, INSTRUCTOR),
    "channel.tie": Route(coursechannels.tie, INSTRUCTOR),
    "draft.from_message": Route(lessonwriting.add_from_message, INSTRUCTOR),
    "draft.retitle": Route(authoring.retitle, INSTRUCTOR),
    "draft.save_module": Route(authoring.save_module, INSTRUCTOR),
    "draft.save_lesson": Route(lessonwriting.save_lesson, INSTRUCTOR),
    "draft.add_file": Route(lessonfiles.add, INSTRUCTOR),
}

SHORTCUTS: dict[str, Route] = {
    "delivery.why": Route(deliveries.why, ANYONE),
    "lesson.from_message": Route(lessonwriting.from_message, INSTRUCTOR),
    "announcement.from_message": Route(announcing.of_message, INSTRUCTOR),
}

EVENTS: dict[str, Route] = {"app_home_opened": Route(home.opened, ANYONE)}

PROFILE_EVENTS: dict[str, Callable[[Request, Context], Reply]] = {
    "team_join": lifecycle.remember,
    "user_change": lifecycle.remember,
    "app_uninstalled": lifecycle.uninstalled,
    "tokens_revoked": lifecycle.uninstalled,
    "member_joined_channel": coursechannels.joined,
    "link_shared": unfurling.unfurl,
}
"""Events that tell of something rather than ask for it: acted on for anybody Slack tells us of."""

SPOKEN: dict[Kind, frozenset[str]] = {
    "command": frozenset({"/learn"}),
    "event": frozenset({"message", "app_mention"}),
}
"""What brings words that are said to us: they are understood in one way."""
_MEANT = VERBS | UNSPOKEN
_TABLES: dict[Kind, dict[str, Route]] = {
    "action": ACTIONS,
    "options": OPTIONS,
    "submission": SUBMISSIONS,
    "shortcut": SHORTCUTS,
    "event": EVENTS,
}


def dispatch(request: Request, context: Context) -> Reply:
    """The reply to a request: its route's, or a sentence that says why not.

    Raises `Unavailable` for an event that could not be stored, so that Slack sends it again; for everything else any
    error becomes a reply.
    """
    if request.kind == "event":
        return _event(request, context)
    try:
        return _answer(request, context)
    except Exception as error:
        return failures.explain(error, request)


def _event(request: Request, context: Context) -> Reply:
    with context.read() as session:
        if events.is_known(session, request.event_id):
            return NOTHING
    context = replace(context, event_id=request.event_id)
    try:
        reply = _act(request, context)
    except Unavailable:
        raise
    except AlreadyActed:
        return NOTHING
    except Exception as error:
        reply = failures.explain(error, request)
    with context.database.write() as session:
        events.first_time(session, request.event_id, context.now)
    return reply


def _act(request: Request, context: Context) -> Reply:
    about = PROFILE_EVENTS.get(request.name)
    return about(request, context) if about else _answer(request, context)


def _answer(request: Request, context: Context) -> Reply:
    request, route = find(request)
    if route is None:
        return NOTHING if request.kind in ("closed", "event") else Reply(refusals.outdated(), where="beside")
    caller = None if request.is_stranger else identify(request, context)
    if caller is None or caller.is_guest:
        if request.name == "app_home_opened":
            return Reply(then=(RefreshHome(request.team_id, request.slack_user_id),))
        return Reply(refusals.members_only(), where="beside")
    if not route.audience.admits(caller):
        if route.audience is ADMIN and caller.is_linked:
            _note_refusal(request, caller, context)
        return Reply(_not_for(route.audience, caller, context, request), where="beside")
    reply = route.handler(request, caller, context)
    if reply.again is not None:
        reply = _do_again(reply, reply.again, context)
    if not caller.is_linked or (caller.active_at and context.now - caller.active_at < NOTED_EVERY):
        return reply
    return replace(reply, then=(*reply.then, NoteActive(caller.team_id, caller.slack_user_id)))


def _do_again(reply: Reply, request: Request, context: Context) -> Reply:
    """What was asked before is done now, by its own route and rules, and shown below what this reply says."""
    done = dispatch(request, context)
    if done.screen is None or reply.screen is None:
        return replace(reply, again=None, then=(*reply.then, *done.then))
    screen = done.screen.with_notice(reply.screen.blocks)
    return replace(reply, again=None, screen=screen, then=(*reply.then, *done.then))


def find(request: Request) -> tuple[Request, Route | None]:
    """The request as it was meant, and its route: words are first understood as a verb. None for what is not here."""
    if request.kind == "command" and request.name == "/roles":
        request = roles.understand(request)
        return request, ROLES.get(request.name)
    if request.kind == "command" and request.name == "/teach":
        request = teaching.understand(request)
        return request, TEACH.get(request.name)
    if request.name in SPOKEN.get(request.kind, ()):
        request = talk.understand(request, VERBS.keys())
        return request, _MEANT.get(request.name)
    if request.kind == "action" and request.name == "verb.use":
        verb, _, text = request.value.partition(" ")
        request = request._replace(name=verb, text=text)
        return request, _MEANT.get(verb)
    return request, _TABLES.get(request.kind, {}).get(request.name)


def _not_for(audience: Audience, caller: Caller, context: Context, request: Request) -> Screen:
    if not caller.is_linked:
        return refusals.not_linked(
            context.portal.name, "" if request.name in ROLES | TEACH else account.wish_of(request)
        )
    return refusals.refusal(f"That is for {audience.value}s. Ask an admin if you need it.")


def _note_refusal(request: Request, caller: Caller, context: Context) -> None:
    """Who tried what only admins may do is in the audit log."""
    with context.database.write() as session:
        audit.note(session, "access.refused", actor=caller.user_id or "", what=request.name, now=context.now)


def identify(request: Request, context: Context) -> Caller | None:
    """Who is asking, read afresh; somebody never seen before is looked up in Slack, once. None for the deactivated."""
    with context.database.read() as session:
        caller = members.identify(session, request.team_id, request.slack_user_id)
    if caller is not None:
        return caller
    profile = context.look_up(request.team_id, request.slack_user_id)
    with context.database.write() as session:
        members.remember(session, profile, context.now)
        return members.identify(session, request.team_id, request.slack_user_id)
