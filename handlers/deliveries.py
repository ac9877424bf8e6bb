"""What is sent unasked: how each kind reads when it leaves, why it came, and an admin's hand on the tap."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlmodel import Session

from handlers import accountnotes, announced, reminders, stats
from handlers.replies import NotYet, RefreshHome, Reply, Suppressed, TakeBack
from handlers.requests import Context, Request
from handlers.views import deliveries as screens
from handlers.views import digests
from handlers.views import reports as told_admins
from handlers.views.deliveries import Operations
from handlers.views.screens import Screen
from models import audit, backlogs, catalog, destinations, members, outcomes, pauses, reports, switches
from models.deliveries import Delivery
from models.errors import Gone
from models.leases import Leased
from models.members import Caller
from models.pauses import COURSE, EVERYTHING, KIND, WORKSPACE, Held
from models.reminderfacts import facts_of
from models.switches import ACCOUNT, ALERT, ALWAYS, ANNOUNCEMENT, EDIT, KINDS, NUDGE, POST, REMINDER, REPORT

Composed = Screen | Suppressed | NotYet | TakeBack
Composer = Callable[[Leased, Context], Composed]


def compose(leased: Leased, context: Context) -> Composed:
    """The message of a delivery as it should read now, or why it should not leave."""
    return COMPOSERS[leased.kind](leased, context)


def _report(leased: Leased, context: Context) -> Screen | Suppressed:
    if leased.not_after is not None and context.now > leased.not_after:
        return Suppressed("late")
    with context.read() as session:
        refused = _not_for_admins(session, leased)
        if refused is not None:
            return refused
        since, until = (datetime.fromisoformat(leased.facts[name]) for name in ("since", "until"))
        return told_admins.report(reports.weekly(session, leased.team_id, since, until))


EVENT_ALERTS = {"events": told_admins.no_events, "gone": told_admins.events_paused}


def _alert(leased: Leased, context: Context) -> Screen | Suppressed:
    with context.read() as session:
        refused = _not_for_admins(session, leased)
    if refused is not None:
        return refused
    facts = leased.facts
    if facts["what"] == "asleep":
        return told_admins.asleep(datetime.fromisoformat(facts["since"]), datetime.fromisoformat(facts["until"]))
    if facts["what"] in EVENT_ALERTS:
        screen = EVENT_ALERTS[facts["what"]]
        return screen(facts["kind"], datetime.fromisoformat(facts["since"]), facts["why"])
    return told_admins.failures(facts["failed"], facts["tried"])


def _not_for_admins(session: Session, leased: Leased) -> Suppressed | None:
    caller = members.identify(session, leased.team_id, leased.slack_user_id)
    if caller is None or not caller.is_admin:
        return Suppressed("not an admin")
    return None if leased.kind in switches.on(session) else Suppressed("turned off")


COMPOSERS: dict[str, Composer] = {
    REMINDER: reminders.compose,
    REPORT: _report,
    ALERT: _alert,
    ACCOUNT: accountnotes.compose,
    ANNOUNCEMENT: announced.compose,
    POST: announced.compose_post,
    EDIT: announced.compose_edit,
    NUDGE: stats.compose_nudge,
}


def why(request: Request, caller: Caller, context: Context) -> Reply:
    """Why the message the caller points at came."""
    with context.read() as session:
        delivery = backlogs.of_message(session, request.channel_id, request.message_ts)
        if delivery is None or delivery.team_id != caller.team_id:
            return Reply(screens.not_unasked(), where="modal")
        is_mine = delivery.slack_user_id == caller.slack_user_id
        if not is_mine and not caller.is_admin:
            return Reply(screens.not_unasked(), where="modal")
        sentence = _came_because(session, delivery)
    facts = json.loads(delivery.facts)
    return Reply(screens.why(delivery, facts, sentence, is_mine=is_mine, is_admin=caller.is_admin), where="modal")


def _came_because(session: Session, delivery: Delivery) -> str:
    if delivery.kind == REPORT:
        return "It came because you are an admin: once a week I report what I sent unasked. Nobody set it off."
    if delivery.kind == ALERT:
        return "It came because you are an admin and something needed a look. Nobody set it off."
    if delivery.kind == ACCOUNT:
        return "It came because something about your account here changed. The message says what, and who did it."
    if delivery.kind == NUDGE:
        return "It came because somebody who teaches this course saw where you are, and thought of you."
    if delivery.kind in (ANNOUNCEMENT, POST):
        return "It came because somebody who teaches this course wrote it. The message says who."
    facts = facts_of(session, [delivery.user_id or ""]).get(delivery.user_id or "")
    reason = digests.why_it_came(facts.rhythm) if facts else "You had a course in hand."
    return f"{reason} Nobody else set it off: it follows your own rhythm and the courses you are enrolled in."


# An admin's hand on the tap


def operations(session: Session, caller: Caller, now: datetime) -> Operations:
    """How sending stands, for this admin."""
    paused = tuple(
        pause for pause in pauses.in_force(session) if pause.scope != WORKSPACE or pause.value == caller.team_id
    )
    numbers = [int(pause.value) for pause in paused if pause.scope == COURSE and pause.value.isdecimal()]
    titles = {card.course_id: card.title for card in catalog.cards(session, numbers, user_id=None)} if numbers else {}
    on = switches.on(session)
    return Operations(
        pauses=paused,
        held={(one.scope, one.value): backlogs.held_by(session, one.scope, one.value) for one in paused},
        off=tuple(kind for kind in KINDS if kind not in on),
        backlog=backlogs.backlog(session, caller.team_id).count,
        uncertain=backlogs.stuck(session, caller.team_id),
        course_titles=titles,
        failed=reports.failed(session, caller.team_id, now - timedelta(days=1), now),
        events=destinations.standings(session),
    )


def ask_pause(request: Request, caller: Caller, context: Context) -> Reply:
    """What to hold, and why."""
    return Reply(screens.ask_pause((*KINDS, *ALWAYS)), where="modal")


def pause(request: Request, caller: Caller, context: Context) -> Reply:
    """It is held from now on, by every sender."""
    assert request.view is not None
    values = request.view.values
    scope, _, value = values.get("what", {}).get("sending.what", "").partition(" ")
    because = values.get("because", {}).get("sending.because", "")
    if scope == WORKSPACE:
        value = caller.team_id
    if scope == COURSE:
        value = values.get("course", {}).get("sending.course", "")
        if not value:
            return Reply(errors={"course": "Choose the course to hold."})
    if scope not in (EVERYTHING, WORKSPACE, KIND, COURSE):
        return Reply(errors={"what": "Choose what to hold."})
    with context.write() as session:
        if pauses.pause(session, scope, value, by=caller.slack_user_id, because=because, now=context.now):
            _note(session, "sending.paused", caller, context, f"{scope} {value}".strip(), because=because)
        told = operations(session, caller, context.now)
        made = next(one for one in told.pauses if (one.scope, one.value) == (scope, value))
    return Reply(screens.paused(made, told), then=_refresh(caller))


def resume(request: Request, caller: Caller, context: Context) -> Reply:
    """What is still timely goes out; what is late is put down as such."""
    scope, value = _carried(request, caller)
    with context.write() as session:
        if pauses.resume(session, scope, value):
            _note(session, "sending.resumed", caller, context, f"{scope} {value}".strip())
    return Reply(then=_refresh(caller))


def discard(request: Request, caller: Caller, context: Context) -> Reply:
    """What is held is thrown away, and sending goes on."""
    scope, value = _carried(request, caller)
    with context.write() as session:
        found = [one for one in pauses.in_force(session) if (one.scope, one.value) == (scope, value)]
        count = throw_away(session, found, context.now, context.holidays)
        if found:
            _note(session, "sending.discarded", caller, context, f"{scope} {value}".strip(), after=str(count))
    return Reply(then=_refresh(caller))


def throw_away(session: Session, found: list[Held], now: datetime, holidays: frozenset[date]) -> int:
    """Discard what these pauses hold and end them; how much was discarded."""
    count = 0
    for one in found:
        count += outcomes.discarded(session, one.scope, one.value, now, holidays)
        pauses.resume(session, one.scope, one.value)
    return count


def turn_on(request: Request, caller: Caller, context: Context) -> Reply:
    """This kind may be sent from now on."""
    if request.value not in KINDS:
        raise Gone("That kind of message isn't there any more. Open Home for a fresh list.")
    with context.write() as session:
        for kind in switches.turn_on(session, [request.value], caller.slack_user_id, context.now):
            _note(session, "sending.turned on", caller, context, kind)
    return Reply(then=_refresh(caller))


def turn_off(request: Request, caller: Caller, context: Context) -> Reply:
    """No more of this kind goes to admins."""
    if request.value not in (REPORT, ALERT):
        raise Gone("That kind of message isn't there any more. Open Home for a fresh list.")
    with context.write() as session:
        if switches.turn_off(session, request.value):
            _note(session, "sending.turned off", caller, context, request.value)
    return Reply(screens.turned_off(request.value), then=_refresh(caller))


def _note(
    session: Session, action: str, caller: Caller, context: Context, what: str, after: str = "", because: str = ""
) -> None:
    actor = caller.user_id or audit.member(caller.team_id, caller.slack_user_id)
    audit.note(session, action, actor=actor, what=what, after=after or None, because=because, now=context.now)


def _carried(request: Request, caller: Caller) -> tuple[str, str]:
    scope, _, value = request.value.partition(" ")
    if scope == WORKSPACE and value != caller.team_id:
        raise Gone("That pause is another workspace's. Open Home for a fresh list.")
    return scope, value


def _refresh(caller: Caller) -> tuple[RefreshHome, ...]:
    return (RefreshHome(caller.team_id, caller.slack_user_id),)
