"""Who is in the rehearsal when nobody says otherwise: people with something at stake."""

from bot.sandbox.people import Person
from bot.sandbox.workspace import Channel, Workspace


def academy() -> Workspace:
    """Homeroom Academy: learners, an instructor, an admin, someone not linked yet, a guest."""
    team = "T0HOME"
    workspace = Workspace(team, "Homeroom Academy", "homeroom-academy", "U0BOT", "B0BOT")
    everyone = [
        Person(
            "U0ADA",
            team,
            "Ada Lovelace",
            "ada",
            "Europe/London",
            "a learner",
            "#b4553a",
            "ada@homeroom.example",
        ),
        Person(
            "U0MARY",
            team,
            "Mary Jackson",
            "mary",
            "America/New_York",
            "a second learner",
            "#2f7d6b",
            "mary@homeroom.example",
        ),
        Person(
            "U0GRACE",
            team,
            "Grace Hopper",
            "grace",
            "America/New_York",
            "an instructor",
            "#3d5a98",
            "grace@homeroom.example",
        ),
        Person(
            "U0RADIA",
            team,
            "Radia Perlman",
            "radia",
            "America/Los_Angeles",
            "an admin",
            "#7a4b94",
            "radia@homeroom.example",
            is_admin=True,
        ),
        Person(
            "U0LINUS",
            team,
            "Linus Pauling",
            "linus",
            "Europe/Helsinki",
            "not linked yet",
            "#8a6d1f",
            "linus@homeroom.example",
        ),
        Person(
            "U0GUEST",
            team,
            "Gus Fring",
            "gus",
            "America/Denver",
            "a guest",
            "#5b6770",
            "gus@elsewhere.example",
            is_restricted=True,
        ),
    ]
    workspace.add(Person("U0BOT", team, "homeroom", "homeroom", color="#1f6f54", is_bot=True))
    for person in everyone:
        workspace.add(person)
    ids = [person.id for person in everyone]
    for channel in (
        Channel("C0GENERAL", "general", "channel", list(ids), topic="Everything for everyone"),
        Channel("C0LEARN", "learning", "channel", [*ids, "U0BOT"], topic="What we are learning"),
        Channel("C0PRIV", "learning-admins", "private", ["U0RADIA", "U0GRACE", "U0BOT"], topic="Behind the scenes"),
    ):
        workspace.channels[channel.id] = channel
    return workspace


def industries() -> Workspace:
    """Eve Industries: another workspace with the app, whose people must see nothing of the first."""
    team = "T0EVE"
    workspace = Workspace(team, "Eve Industries", "eve-industries", "U0BOT2", "B0BOT2")
    workspace.add(Person("U0BOT2", team, "homeroom", "homeroom", color="#1f6f54", is_bot=True))
    workspace.add(
        Person(
            "U0EVE",
            team,
            "Eve Moneypenny",
            "eve",
            "Europe/London",
            "from another workspace",
            "#9c3d54",
            "eve@industries.example",
        )
    )
    workspace.channels["C0EVE"] = Channel("C0EVE", "general", "channel", ["U0EVE"], topic="Eve's own workspace")
    return workspace


def default_cast() -> tuple[Workspace, ...]:
    """Both workspaces, freshly made."""
    return academy(), industries()
