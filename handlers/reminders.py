"""Reminders: presses on the message, the settings, and why one comes or doesn't."""

from datetime import date, timedelta
from zoneinfo import available_timezones

from sqlmodel import Session

from handlers.replies import RefreshHome, Reply, Suppressed
from handlers.requests import Context, Request, learner
from handlers.views import digests as messages
from handlers.views import reminders as screens
from handlers.views.reminders import Standing
from handlers.views.screens import Block, Screen
from models import (
    absences,
    digests,
    mutes,
    outlines,
    pauses,
    preferences,
    progress,
    reminders,
    rhythms,
    switches,
)
from models.errors import DomainError, Gone
from models.leases import Leased
from models.members import Caller
from models.reminderfacts import decide, facts_of
from models.reminderrows import BY_YOU
from models.rhythms import Rhythm, local_day

LONGEST = timedelta(days=365)


def compose(leased: Leased, context: Context) -> Screen | Suppressed:
    """The reminder as it should read now, or why it should not leave."""
    assert leased.user_id is not None
    if leased.not_after is not None and context.now > leased.not_after:
        return Suppressed("late")
    with context.read() as session:
        facts = facts_of(session, [leased.user_id]).get(leased.user_id)
        where = (leased.team_id, leased.slack_user_id)
        reason = digests.why_not_now(facts, where, context.now, context.holidays)
        if reason is None and switches.REMINDER not in switches.on(session):
            reason = "turned off"
        if facts is None or reason is not None:
            return Suppressed(reason or "unlinked")
        told = digests.digest(session, facts, context.now)
    if not told.lines:
        return Suppressed("announced" if told.is_announced else "course paused")
    # Whoever did a lesson since it was planned is not told goodbye.
    return messages.digest(told, min(int(leased.facts["step"]), told.nudges + 1), context.now)


def stand(session: Session, user_id: str, context: Context) -> Standing:
    """How this learner's reminders stand at the moment."""
    facts = facts_of(session, [user_id])[user_id]
    verdict = decide(facts, context.holidays, after=context.now)
    today = local_day(context.now, facts.rhythm.tz)
    team_id = facts.reach.team_id if facts.reach else ""
    held = {(pause.scope, pause.value) for pause in pauses.in_force(session)}
    until = facts.row.snoozed_until
    return Standing(
        rhythm=facts.rhythm,
        own_tz=facts.row.tz,
        slack_tz=(facts.reach.tz if facts.reach else None) or "UTC",
        now=context.now,
        next_at=verdict.due_at,
        why=verdict.why,
        is_running=switches.REMINDER in switches.on(session),
        is_paused=not held.isdisjoint(
            {(pauses.EVERYTHING, ""), (pauses.KIND, switches.REMINDER), (pauses.WORKSPACE, team_id)}
        ),
        snoozed_until=until if until is not None and until > today else None,
        back_on=absences.back_on(facts.absences, today),
        unreachable_why=facts.row.unreachable_why,
        nudges=facts.nudges,
        active_on=local_day(facts.active_at, facts.rhythm.tz) if facts.active_at else None,
        nudged_on=local_day(facts.row.nudged_at, facts.rhythm.tz) if facts.row.nudged_at else None,
        muted=mutes.of(session, user_id),
    )


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """How the caller's reminders stand, and every way to change them."""
    with context.read() as session:
        return Reply(screens.standing(stand(session, learner(caller), context)))


def explain(request: Request, caller: Caller, context: Context) -> Reply:
    """When the caller's next reminder comes and why, or why none does."""
    with context.read() as session:
        return Reply(screens.explained(stand(session, learner(caller), context)))


def snooze(request: Request, caller: Caller, context: Context) -> Reply:
    """Nothing for so many days."""
    (days,) = request.numbers()
    if days > LONGEST.days:
        raise Gone("That button is from an older screen. Type /learn reminders for a fresh one.")
    return _snooze(request, caller, context, days=days)


def snooze_until(request: Request, caller: Caller, context: Context) -> Reply:
    """Nothing before the day the caller picked."""
    return _snooze(request, caller, context, until=_day(request.value))


def _snooze(request: Request, caller: Caller, context: Context, *, days: int = 0, until: date | None = None) -> Reply:
    user_id = learner(caller)
    with context.write() as session:
        today = _today(session, user_id, context)
        until = until or today + timedelta(days=days)
        _check_ahead(until, today)
        preferences.snooze(session, user_id, until, context.now)
        reminders.schedule(session, [user_id], context.now, context.holidays)
    return _confirm(request, caller, context, messages.snoozed(until, today))


def unsnooze(request: Request, caller: Caller, context: Context) -> Reply:
    """The quiet is over."""
    user_id = learner(caller)
    with context.write() as session:
        preferences.snooze(session, user_id, None, context.now)
        reminders.schedule(session, [user_id], context.now, context.holidays)
    return _confirm(request, caller, context, messages.unsnoozed())


def stop(request: Request, caller: Caller, context: Context) -> Reply:
    """No more reminders, until the caller wants them back."""
    if caller.user_id is None:
        return Reply(screens.nothing_unasked())
    with context.write() as session:
        preferences.stop(session, caller.user_id, BY_YOU, context.now)
        reminders.schedule(session, [caller.user_id], context.now, context.holidays)
    return _confirm(request, caller, context, messages.stopped())


def resume(request: Request, caller: Caller, context: Context) -> Reply:
    """Reminders again."""
    user_id = learner(caller)
    with context.write() as session:
        preferences.resume(session, user_id, context.now)
        reminders.schedule(session, [user_id], context.now, context.holidays)
    return _confirm(request, caller, context, messages.resumed())


def use_menu(request: Request, caller: Caller, context: Context) -> Reply:
    """What was chosen in a course's ⋯ menu: already did this, or mute."""
    chosen, _, number = request.value.partition(" ")
    if not number.isdecimal() or len(number) > 18 or chosen not in ("done", "mute"):
        raise Gone("That menu is from an older message. Type /learn reminders for a fresh one.")
    if chosen == "mute":
        return _mute(request, caller, context, int(number))
    return _already_did(request, caller, context, int(number))


def _already_did(request: Request, caller: Caller, context: Context, lesson_id: int) -> Reply:
    user_id = learner(caller)
    with context.write() as session:
        reading = outlines.reading(session, lesson_id, user_id=user_id)
        if reading.content_type not in ("text", "video") and not reading.done:
            return _confirm(request, caller, context, messages.marks_itself(reading.title, lesson_id))
        completed = progress.complete(session, user_id, lesson_id, context.now)
        reminders.schedule(session, [user_id], context.now, context.holidays)
    finished = completed.course_title if completed.finished_course else None
    return _confirm(request, caller, context, messages.done(completed.lesson_title, lesson_id, finished))


def reopen(request: Request, caller: Caller, context: Context) -> Reply:
    """The lesson said to be done is not."""
    (lesson_id,) = request.numbers()
    user_id = learner(caller)
    with context.write() as session:
        told = progress.reopen(session, user_id, lesson_id)
        reminders.schedule(session, [user_id], context.now, context.holidays)
    return _confirm(request, caller, context, messages.reopened(told.lesson_title))


def _mute(request: Request, caller: Caller, context: Context, course_id: int) -> Reply:
    user_id = learner(caller)
    with context.write() as session:
        title = mutes.mute(session, user_id, course_id)
        reminders.schedule(session, [user_id], context.now, context.holidays)
    return _confirm(request, caller, context, messages.muted(title, course_id))


def unmute(request: Request, caller: Caller, context: Context) -> Reply:
    """The course is heard of again."""
    (course_id,) = request.numbers()
    user_id = learner(caller)
    with context.write() as session:
        title = mutes.title(session, course_id)
        mutes.unmute(session, user_id, course_id)
        reminders.schedule(session, [user_id], context.now, context.holidays)
    return _confirm(request, caller, context, messages.unmuted(title))


def change(request: Request, caller: Caller, context: Context) -> Reply:
    """Every setting, in a form."""
    with context.read() as session:
        return Reply(screens.change(stand(session, learner(caller), context)), where="modal")


def suggest_zones(request: Request, caller: Caller, context: Context) -> Reply:
    """Zones whose name holds what was typed."""
    typed = request.value.strip().lower().replace(" ", "_")
    names = sorted(name for name in available_timezones() if "/" in name and typed in name.lower())
    with context.read() as session:
        slack_tz = stand(session, learner(caller), context).slack_tz
    return Reply(options=screens.zones(names, slack_tz))


def save(request: Request, caller: Caller, context: Context) -> Reply:
    """The settings as the form has them."""
    assert request.view is not None
    user_id = learner(caller)
    given = {block: next(iter(elements.values()), "") for block, elements in request.view.values.items()}
    with context.write() as session:
        before = stand(session, user_id, context)
        errors = _mistakes(given, before.today)
        if errors:
            return Reply(errors=errors)
        own_tz = None if given["zone"] == screens.SLACK_ZONE else given["zone"]
        weekdays = "".join(sorted(given.get("weekdays", "").split())) or rhythms.WEEKDAYS
        chosen = Rhythm(given["rhythm"], weekdays, int(given["hour"]), own_tz or before.slack_tz)
        preferences.choose(session, user_id, chosen, own_tz, context.now)
        back_on = date.fromisoformat(given["away"]) if given.get("away") else None
        if back_on != before.back_on:
            _set_away(session, user_id, back_on, before.today)
        if before.muted:
            kept = set(given.get("muted", "").split())
            for course_id, _ in before.muted[:100]:
                if str(course_id) not in kept:
                    mutes.unmute(session, user_id, course_id)
        reminders.schedule(session, [user_id], context.now, context.holidays)
        after = stand(session, user_id, context)
    return Reply(screens.saved(after), then=_refresh(caller))


def _mistakes(given: dict[str, str], today: date) -> dict[str, str]:
    errors = {}
    if given.get("rhythm") not in rhythms.RHYTHMS:
        errors["rhythm"] = "Choose when I should write."
    elif given["rhythm"] != rhythms.DAILY and not given.get("weekdays"):
        errors["weekdays"] = "Tick at least one day."
    if not given.get("hour", "").isdecimal() or not 0 <= int(given["hour"]) <= 23:
        errors["hour"] = "Choose an hour."
    zone = given.get("zone", "")
    if zone != screens.SLACK_ZONE and zone not in available_timezones():
        errors["zone"] = "Choose a place from the list."
    if given.get("away"):
        back_on = date.fromisoformat(given["away"])
        if back_on <= today:
            errors["away"] = "Choose your first day back, tomorrow or later."
        elif back_on > today + LONGEST:
            errors["away"] = "Choose a day within a year."
    return errors


def ask_away(request: Request, caller: Caller, context: Context) -> Reply:
    """Until when the caller is away."""
    return Reply(screens.away_until() if caller.is_linked else screens.nothing_unasked())


def away_until(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller is away until the day they picked."""
    user_id = learner(caller)
    back_on = _day(request.value)
    with context.write() as session:
        today = _today(session, user_id, context)
        _check_ahead(back_on, today)
        _set_away(session, user_id, back_on, today)
        reminders.schedule(session, [user_id], context.now, context.holidays)
    return Reply(screens.away(back_on, today), then=_refresh(caller))


def here(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller is back early, or never left."""
    user_id = learner(caller)
    with context.write() as session:
        _set_away(session, user_id, None, _today(session, user_id, context))
        reminders.schedule(session, [user_id], context.now, context.holidays)
    return Reply(screens.here_again(), then=_refresh(caller))


def _set_away(session: Session, user_id: str, back_on: date | None, today: date) -> None:
    if back_on is None:
        # Being back is being back, whoever said that they were away.
        absences.set_back(session, user_id, absences.OWN, today)
        absences.set_back(session, user_id, absences.STATUS, today)
    else:
        absences.set_away(session, user_id, absences.OWN, today, back_on)


def _confirm(request: Request, caller: Caller, context: Context, notice: tuple[Block, ...]) -> Reply:
    """The reminder with what was done on top, in place of itself; on Home, Home itself changes."""
    if request.surface == "home":
        return Reply(then=_refresh(caller))
    with context.read() as session:
        facts = facts_of(session, [learner(caller)])[learner(caller)]
        told = digests.digest(session, facts, context.now)
    screen = messages.digest(told, 1, context.now, notice) if told.lines else messages.only(notice)
    return Reply(screen, then=_refresh(caller))


def _today(session: Session, user_id: str, context: Context) -> date:
    return local_day(context.now, facts_of(session, [user_id])[user_id].rhythm.tz)


def _day(picked: str) -> date:
    try:
        return date.fromisoformat(picked)
    except ValueError as error:
        raise DomainError("Pick a day from the calendar.") from error


def _check_ahead(day: date, today: date) -> None:
    if not today < day <= today + LONGEST:
        raise DomainError("Pick a day from tomorrow on, within a year.")


def _refresh(caller: Caller) -> tuple[RefreshHome, ...]:
    return (RefreshHome(caller.team_id, caller.slack_user_id),)
