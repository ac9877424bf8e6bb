"""Slack's rate limits, for a rehearsal that switches them on (https://docs.slack.dev/apis/web-api/rate-limits)."""

import math
from collections import defaultdict, deque

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
# Slack only says "several hundred messages a minute" for a workspace and one a second for a channel.
_POSTS_PER_MINUTE = 300
_POSTS_PER_SECOND_AND_CHANNEL = 1


class Limits:
    """Counts calls per workspace and method in a window of the last minute, on the workspace's clock."""

    def __init__(self) -> None:
        self.on = False
        self._calls: dict[tuple[str, ...], deque[float]] = defaultdict(deque)

    def clear(self) -> None:
        self.on = False
        self._calls.clear()

    def wait_for(self, team: str, method: str, tier: int | None, channel: str | None, now: float) -> int | None:
        """Whole seconds to wait (Retry-After) when this call is one too many, else None, and it counts."""
        if not self.on:
            return None
        windows: list[tuple[tuple[str, ...], int, float]] = []
        if tier is not None:
            windows.append(((team, method), PER_MINUTE[tier], 60.0))
        elif method == "chat.postMessage":
            windows.append(((team, method), _POSTS_PER_MINUTE, 60.0))
            windows.append(((team, method, channel or ""), _POSTS_PER_SECOND_AND_CHANNEL, 1.0))
        for key, allowed, seconds in windows:
            calls = self._calls[key]
            while calls and calls[0] <= now - seconds:
                calls.popleft()
            if len(calls) >= allowed:
                return max(1, math.ceil(calls[0] + seconds - now))
        for key, _, _ in windows:
            self._calls[key].append(now)
        return None
