"""The workspace's members, read from Slack's users.list when the program starts."""

import logging
from collections.abc import Iterator

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.installations import Installations
from handlers.lifecycle import take_in
from handlers.profiles import profile
from handlers.requests import Context
from models.database import Database
from models.members import Profile

log = logging.getLogger("homeroom.people")

PAGE = 200
"""Members a page: Slack advises 200 at most (docs: users.list)."""


def everyone(client: WebClient, team_id: str) -> Iterator[list[Profile]]:
    """Every member in pages, deactivated ones too. Raises SlackApiError and OSError when Slack won't or can't say."""
    cursor = ""
    while True:
        told = client.users_list(limit=PAGE, cursor=cursor or None, include_locale=True)
        yield [profile(team_id, user) for user in told["members"]]
        cursor = str((told.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return


def learn_everyone(database: Database, installations: Installations, team_id: str, context: Context) -> int:
    """Remember every member, deactivated ones too; how many there are. Slack out of reach is logged and does no harm:
    somebody unknown is looked up when they first say something."""
    count = 0
    try:
        for profiles in everyone(installations.patient, team_id):
            with database.write() as session:
                take_in(session, profiles, context)
            count += len(profiles)
    except (SlackApiError, OSError) as error:
        log.warning("The list of members could not be read: %s", type(error).__name__)
    return count
