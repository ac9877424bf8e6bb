"""Words said to Homeroom, after a command, in its DM or by mention, and what they mean."""

import re
from collections.abc import Collection

from handlers.replies import NOTHING, Reply
from handlers.requests import Context, Request
from handlers.views import talk as screens
from models import hints, search
from models.members import Caller

MENTION = re.compile(r"<@[A-Z0-9]+(\|[^>]*)?>")
SILENCE = "(silence)"
"""The name of what was not said to us by a person: it has no route."""
CLOSE_ENOUGH = 75
"""How alike (of 100) a first word must be to a verb to be offered as one."""

SMALL_TALK: dict[str, frozenset[str]] = {
    "greeting": frozenset({"hi", "hello", "hey", "good morning", "good afternoon", "good evening", "hi there"}),
    "thanks": frozenset({"thanks", "thank you", "ty", "thx", "cheers", "great", "ok", "okay", "cool", "nice"}),
    "who": frozenset({"who are you", "what are you", "what is this", "what can you do", "what do you do"}),
    "stop": frozenset({"stop", "unsubscribe", "leave me alone", "stop it"}),
    "pause": frozenset({"pause", "quiet", "be quiet", "not now", "later"}),
    "away": frozenset({"i'm on holiday", "im on holiday", "i'm on vacation", "im on vacation", "i'm away", "im away"}),
}


def understand(request: Request, verbs: Collection[str]) -> Request:
    """The request named by the verb that was meant, its ``text`` what followed the verb.

    A first word that is not a verb but close to one becomes a guess, which is offered and never run. In the DM small
    talk is answered and never searched for; a mention without a verb is a mention in passing.
    """
    if request.surface in ("dm", "mention") and _is_not_from_a_person(request):
        return request._replace(name=SILENCE)
    words = " ".join(MENTION.sub(" ", request.text).split())
    verb, _, rest = words.partition(" ")
    verb = verb.lower()
    if not words:
        return request._replace(name="(passing mention)" if request.surface == "mention" else "help", text="")
    if verb in verbs:
        return request._replace(name=verb, text=rest.strip())
    if request.surface in ("dm", "mention") and (kind := _small_talk(words)):
        if request.surface == "mention" and kind in ("greeting", "thanks"):
            return request._replace(name="(passing mention)", text=words)
        if kind in ("stop", "away"):
            return request._replace(name=f"({kind})", text=words)
        if kind == "pause":
            return request._replace(name="reminders", text="")
        return request._replace(name="(small talk)", text=words, value=kind)
    from rapidfuzz import fuzz, process

    near = process.extractOne(verb, sorted(verbs), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    if near is not None:
        return request._replace(name="(guess)", text=words, value=near[0])
    return request._replace(name="(passing mention)" if request.surface == "mention" else "(search)", text=words)


def _is_not_from_a_person(request: Request) -> bool:
    # Slack marks edits, deletions and other apps' messages with a subtype or a bot id; only plain words are said to us.
    if request.event.get("bot_id") or request.event.get("subtype"):
        return True
    return request.name == "message" and request.event.get("channel_type") != "im"


def _small_talk(words: str) -> str | None:
    plain = words.lower().strip(" .,!?:)👋🙏").replace("\u2019", "'")
    return next((kind for kind, phrases in SMALL_TALK.items() if plain in phrases), None)


def offer(request: Request, caller: Caller, context: Context) -> Reply:
    """What the words may have meant, as buttons."""
    _, _, rest = request.text.partition(" ")
    course = None
    if rest and request.value in ("enroll", "continue", "withdraw"):
        with context.read() as session:
            found = search.find(session, rest, user_id=caller.user_id)
            course = found[0] if found else next(iter(search.did_you_mean(session, rest)), None)
    return Reply(screens.guess(request.text, request.value, rest, course))


def answer(request: Request, caller: Caller, context: Context) -> Reply:
    """Small talk, answered."""
    return Reply(screens.small_talk(request.value, caller.first_name))


def hint(request: Request, caller: Caller, context: Context) -> Reply:
    """A mention in passing gets one hint for each person and thread, then silence."""
    with context.write() as session:
        thread = request.thread_ts or request.message_ts
        if not hints.first_time(session, caller.team_id, request.channel_id, thread, caller.slack_user_id):
            return NOTHING
    return Reply(screens.hint())
