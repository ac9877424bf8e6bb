"""The workspace's channels, read from Slack's conversations.list when the program starts and every hour."""

import logging
from datetime import datetime

from slack_sdk.errors import SlackApiError

from bot.installations import Installations
from models import channels
from models.channels import Channel
from models.database import Database

log = logging.getLogger("homeroom.channels")

PAGE = 200
"""Channels a page: Slack advises 200 at most (docs: conversations.list)."""


def learn_channels(database: Database, installations: Installations, team_id: str, now: datetime) -> int:
    """Keep every public channel, and the private ones we are in; how many. Slack out of reach is logged and harmless:
    a channel that isn't known counts as one that many may see."""
    count, cursor = 0, ""
    while True:
        try:
            told = installations.patient.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=PAGE, cursor=cursor or None
            )
        except (SlackApiError, OSError) as error:
            log.warning("The list of channels could not be read: %s", type(error).__name__)
            return count
        page = [
            Channel(
                team_id=team_id,
                channel_id=str(one["id"]),
                name=str(one.get("name") or ""),
                members=int(one.get("num_members") or 0),
                has_us=bool(one.get("is_member")),
                learned_at=now,
            )
            for one in told["channels"]
        ]
        with database.write() as session:
            channels.learn(session, page)
        count += len(page)
        cursor = str((told.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            with database.write() as session:
                channels.forget_others(session, team_id, now)
            return count
