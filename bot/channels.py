"""The workspace's channels, read from Slack's conversations.list when the program starts and every hour."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.installations import Installations
from models import channels
from models.channels import Channel
from models.database import Database

log = logging.getLogger("homeroom.channels")

PAGE = 200
"""Channels a page: Slack advises 200 at most (docs: conversations.list)."""
MEMBERS = 1000
"""Members a page, Slack's most (docs: conversations.members). Of a larger channel the person's own list is read."""
CHANNELS = 999
"""Channels a page, below Slack's most of 1,000 (docs: users.conversations)."""


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
        page = [_channel(team_id, one, now) for one in told["channels"]]
        with database.write() as session:
            channels.learn(session, page)
        count += len(page)
        cursor = str((told.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            with database.write() as session:
                channels.forget_others(session, team_id, now)
            return count


def is_in_channel(
    database: Database, client: WebClient, person: tuple[str, str], channel_id: str, now: datetime
) -> bool:
    """Keep what Slack says of a channel now; whether this person (team, Slack user) is in it. Two calls to Slack.

    Raises `SlackApiError` for a channel we can't see.
    """
    team_id, slack_user_id = person
    told = client.conversations_info(channel=channel_id, include_num_members=True)["channel"]
    with database.write() as session:
        channels.learn(session, [_channel(team_id, told, now)])
    if int(told.get("num_members") or 0) <= MEMBERS:
        return slack_user_id in client.conversations_members(channel=channel_id, limit=MEMBERS)["members"]
    theirs = client.users_conversations(user=slack_user_id, types="public_channel,private_channel", limit=CHANNELS)
    return any(one["id"] == channel_id for one in theirs["channels"])


def _channel(team_id: str, one: Mapping[str, Any], now: datetime) -> Channel:
    return Channel(
        team_id=team_id,
        channel_id=str(one["id"]),
        name=str(one.get("name") or ""),
        members=int(one.get("num_members") or 0),
        has_us=bool(one.get("is_member")),
        learned_at=now,
    )
