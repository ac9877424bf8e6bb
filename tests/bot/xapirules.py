"""What an xAPI statement must be, rule by rule, from the specification (xAPI 1.0.3, part two: data)."""

import re
from collections.abc import Iterator
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
TIMESTAMP = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)")
STATEMENT = {"id", "actor", "verb", "object", "result", "context", "timestamp", "stored", "authority", "version"}
STATEMENT |= {"attachments"}
AGENT = {"objectType", "name", "mbox", "mbox_sha1sum", "openid", "account"}
IDENTIFIERS = {"mbox", "mbox_sha1sum", "openid", "account"}
ACTIVITY = {"objectType", "id", "definition"}
DEFINITION = {"name", "description", "type", "moreInfo", "extensions"}
"""Of a definition that is no interaction."""
RESULT = {"score", "success", "completion", "response", "duration", "extensions"}
CONTEXT = {"registration", "instructor", "team", "contextActivities", "revision", "platform", "language"}
CONTEXT |= {"statement", "extensions"}
CONTEXT_ACTIVITIES = {"parent", "grouping", "category", "other"}


def strictly(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose keys comes twice (2.2). Raises `ValueError`."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key comes twice")
    return made


def faults_of(statement: Any) -> list[str]:
    """Every rule the statement breaks; nothing when a record store must take it."""
    return list(_statement(statement))


def _statement(told: Any) -> Iterator[str]:
    if not isinstance(told, dict):
        yield "a statement is an object"
        return
    yield from _nothing_is_null(told, "")
    yield from _keys(told, STATEMENT, "statement")
    if "id" in told and not _matches(UUID, told["id"]):
        yield "id is a UUID in its standard form (2.4.1)"
    yield from _agent(told.get("actor"))
    yield from _verb(told.get("verb"))
    yield from _activity(told.get("object"), "object")
    if "result" in told:
        yield from _result(told["result"])
    if "context" in told:
        yield from _context(told["context"])
    if "timestamp" in told and (not _matches(TIMESTAMP, told["timestamp"]) or told["timestamp"].endswith("-00:00")):
        yield "timestamp is an ISO 8601 instant with its offset, never -00:00 (2.4.7, 4.5)"
    if "version" in told and not _matches(re.compile(r"1\.0(\.\d+)?"), told["version"]):
        yield "version is 1.0.x (2.4.10)"


def _nothing_is_null(told: Any, where: str) -> Iterator[str]:
    if told is None:
        yield f"{where} is null (2.2)"
    elif isinstance(told, dict):
        for name, value in told.items():
            if name != "extensions":
                yield from _nothing_is_null(value, f"{where}.{name}")
    elif isinstance(told, list):
        for value in told:
            yield from _nothing_is_null(value, where)


def _keys(told: dict[str, Any], allowed: set[str], where: str) -> Iterator[str]:
    for name in sorted(told.keys() - allowed):
        yield f"{where} has no property {name} (2.2)"


def _agent(told: Any) -> Iterator[str]:
    if not isinstance(told, dict):
        yield "an agent is an object (2.4.2.1)"
        return
    yield from _keys(told, AGENT, "agent")
    if told.get("objectType", "Agent") != "Agent":
        yield "the actor is an Agent here (2.4.2)"
    if len(IDENTIFIERS & told.keys()) != 1:
        yield "an agent has exactly one inverse functional identifier (2.4.2.3)"
    account = told.get("account")
    if account is None:
        return
    if not isinstance(account, dict) or account.keys() != {"homePage", "name"}:
        yield "an account is a homePage and a name (2.4.2.4)"
        return
    if not _matches(IRI, account["homePage"]):
        yield "homePage is an IRL (2.4.2.4)"
    if not isinstance(account["name"], str) or not account["name"]:
        yield "an account's name is text (2.4.2.4)"


def _verb(told: Any) -> Iterator[str]:
    if not isinstance(told, dict):
        yield "a verb is an object (2.4.3)"
        return
    yield from _keys(told, {"id", "display"}, "verb")
    if not _matches(IRI, told.get("id")):
        yield "a verb's id is an IRI (2.4.3)"
    if "display" in told:
        yield from _language_map(told["display"], "display")


def _activity(told: Any, where: str) -> Iterator[str]:
    if not isinstance(told, dict):
        yield f"{where}: an activity is an object (2.4.4.1)"
        return
    yield from _keys(told, ACTIVITY, where)
    if told.get("objectType", "Activity") != "Activity":
        yield f"{where}: the object is an Activity here (2.4.4)"
    if not _matches(IRI, told.get("id")):
        yield f"{where}: an activity's id is an IRI (2.4.4.1)"
    definition = told.get("definition", {})
    if not isinstance(definition, dict):
        yield f"{where}: a definition is an object (2.4.4.1)"
        return
    yield from _keys(definition, DEFINITION, "definition")
    for name in ("name", "description"):
        if name in definition:
            yield from _language_map(definition[name], name)
    if "type" in definition and not _matches(IRI, definition["type"]):
        yield f"{where}: a type is an IRI (2.4.4.1)"


def _result(told: Any) -> Iterator[str]:
    if not isinstance(told, dict):
        yield "a result is an object (2.4.5)"
        return
    yield from _keys(told, RESULT, "result")
    for name in ("success", "completion"):
        if name in told and not isinstance(told[name], bool):
            yield f"{name} is a boolean (2.4.5)"


def _context(told: Any) -> Iterator[str]:
    if not isinstance(told, dict):
        yield "a context is an object (2.4.6)"
        return
    yield from _keys(told, CONTEXT, "context")
    if "platform" in told and not isinstance(told["platform"], str):
        yield "platform is text (2.4.6)"
    activities = told.get("contextActivities", {})
    if not isinstance(activities, dict):
        yield "contextActivities is an object (2.4.6.2)"
        return
    yield from _keys(activities, CONTEXT_ACTIVITIES, "contextActivities")
    for name, value in activities.items():
        for one in value if isinstance(value, list) else [value]:
            yield from _activity(one, name)


def _language_map(told: Any, where: str) -> Iterator[str]:
    if not isinstance(told, dict):
        yield f"{where} is a language map (4.2)"
        return
    for tag, said in told.items():
        if not LANGUAGE.fullmatch(tag):
            yield f"{where}: {tag} is no language (4.2, RFC 5646)"
        if not isinstance(said, str):
            yield f"{where}: what is said is text (4.2)"


def _matches(pattern: re.Pattern[str], told: Any) -> bool:
    return isinstance(told, str) and pattern.fullmatch(told) is not None
