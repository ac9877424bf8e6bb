"""The log of what was done to roles, in sentences."""

from collections.abc import Mapping, Sequence

from handlers.views.kit import Markup, actions, button, channel, divider, header, moment, person, say, section
from handlers.views.roles import a
from handlers.views.screens import Block, Screen
from models.audit import Entry

SENTENCES = {
    "role.granted": "{who} made {whom} {held}{after}.",
    "role.promised": "{who} will make {whom} {held} once they link{after}.",
    "role.changed": "{who} changed how long {whom} is {held}{after}.",
    "role.revoked": "{who} took the role {role} from {whom}.",
    "role.withdrawn": "{who} took back the promise to make {whom} {held}.",
    "role.ended": "{whom} stopped being {held}, as {who} had set.",
    "role.lapsed": "{whom} did not become {held}: {who} had promised it, and is no longer an admin.",
    "role.kept": "{whom} stays {held} past the end {who} had set: nobody else is.",
}
"""Each thing the log has on roles."""


def log(entries: Sequence[Entry], people: Mapping[str, str], older: str) -> Screen:
    """What was done to roles, newest first. ``people`` are Slack ids by the log's own; ``older``, if any, leads on."""
    if not entries:
        return Screen("Role log", (section("Nothing has been done to roles there yet."),))
    blocks: list[Block] = [header("What was done to roles")]
    blocks += [section(_entry(entry, people)) for entry in entries]
    if older:
        blocks += [divider(), actions(button("Older", "role.log", older))]
    return Screen("Role log", tuple(blocks))


def _entry(entry: Entry, people: Mapping[str, str]) -> Markup:
    after = f", {entry.after}" if entry.after else ""
    role = entry.what or ""
    what = say(
        SENTENCES[entry.action],
        who=_who(entry.actor, people),
        whom=_who(entry.whom or "", people),
        held=a(role),
        role=role.lower(),
        after=after,
    )
    line = say("{at}  {what}", at=moment(entry.at), what=what)
    if entry.place:
        line = say("{line} In {place}.", line=line, place=channel(entry.place))
    return say("{line}\n_Because {why}_", line=line, why=entry.because) if entry.because else line


def _who(name: str, people: Mapping[str, str]) -> Markup:
    fixed = {"console": "the console", "clerk": "the portal's list"}
    if name in fixed:
        return Markup(fixed[name])
    return person(people[name]) if name in people else say("`{name}`", name=name)
