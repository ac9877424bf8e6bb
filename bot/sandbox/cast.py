"""Who is in the rehearsal when nobody says otherwise: people with something at stake."""

from bot.sandbox.people import Person
from bot.sandbox.workspace import Channel, UserGroup, Workspace

# Id, name, handle, zone, what the page says about them, colour.
_ACADEMY = (
    ("U0ADA", "Ada Lovelace", "ada", "Europe/London", "a learner", "#b4553a"),
    ("U0MARY", "Mary Jackson", "mary", "America/New_York", "a second learner", "#2f7d6b"),
    ("U0GRACE", "Grace Hopper", "grace", "America/New_York", "an instructor", "#3d5a98"),
    ("U0RADIA", "Radia Perlman", "radia", "America/Los_Angeles", "an admin", "#7a4b94"),
    ("U0LINUS", "Linus Pauling", "linus", "Europe/Helsinki", "not linked yet", "#8a6d1f"),
    ("U0GUEST", "Gus Fring", "gus", "America/Denver", "a guest", "#5b6770"),
)
_INDUSTRIES = (("U0EVE", "Eve Moneypenny", "eve", "Europe/London", "from another workspace", "#9c3d54"),)


def _workspace(
    team: str, name: str, bot: str, bot_id: str, cast: tuple[tuple[str, str, str, str, str, str], ...]
) -> Workspace:
    domain = name.lower().replace(" ", "-")
    workspace = Workspace(team, name, domain, bot, bot_id)
    workspace.add(Person(bot, team, "homeroom", "homeroom", color="#1f6f54", is_bot=True))
    for user, full_name, handle, tz, about, color in cast:
        workspace.add(Person(user, team, full_name, handle, tz, about, color, email=f"{handle}@{domain}.example"))
    return workspace


def academy() -> Workspace:
    """Homeroom Academy: learners, an instructor, an admin, someone not linked yet, a guest.

    That Radia is also an admin of Slack must mean nothing to the bot.
    """
    workspace = _workspace("T0HOME", "Homeroom Academy", "U0BOT", "B0BOT", _ACADEMY)
    workspace.people["U0RADIA"].is_admin = True
    workspace.people["U0GUEST"].is_restricted = True
    everyone = [row[0] for row in _ACADEMY]
    for channel in (
        Channel("C0GENERAL", "general", "channel", list(everyone), "Everything for everyone"),
        Channel("C0LEARN", "learning", "channel", [*everyone, "U0BOT"], "What we are learning"),
        Channel("C0PRIV", "learning-admins", "private", ["U0RADIA", "U0GRACE", "U0BOT"], "Behind the scenes"),
    ):
        workspace.channels[channel.id] = channel
    workspace.channels["C0GENERAL"].crowd = 3012 - len(everyone)
    workspace.groups["S0TEACH"] = UserGroup("S0TEACH", "teachers", "Teachers", ["U0GRACE", "U0MARY"])
    return workspace


def industries() -> Workspace:
    """Eve Industries: another workspace with the app, whose people must see nothing of the first."""
    workspace = _workspace("T0EVE", "Eve Industries", "U0BOT2", "B0BOT2", _INDUSTRIES)
    workspace.channels["C0EVE"] = Channel("C0EVE", "general", "channel", ["U0EVE"], "Eve's own workspace")
    return workspace


def default_cast() -> tuple[Workspace, ...]:
    """Both workspaces, freshly made."""
    return academy(), industries()
