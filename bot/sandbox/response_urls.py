"""Response URLs: five answers within thirty minutes (https://docs.slack.dev/interactivity/handling-user-interaction)."""

from dataclasses import dataclass

from bot.sandbox.ids import Ids
from bot.sandbox.refusals import Refused

USES = 5
LIFETIME = 30 * 60.0


@dataclass
class ResponseUrl:
    """Leave to answer one person in one place. `original` is the ts of the message clicked, if any."""

    team: str
    channel: str
    user: str
    issued_at: float
    original: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    """Every response URL that has not expired long ago, by the secret part of its address."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.issued: dict[str, ResponseUrl] = {}

    def issue(self, url: ResponseUrl) -> str:
        """Keep it; returns the secret part of its address."""
        long_ago = url.issued_at - 2 * LIFETIME
        for old in [secret for secret, kept in self.issued.items() if kept.issued_at < long_ago]:
            del self.issued[old]
        secret = self._ids.secret()
        self.issued[secret] = url
        return secret

    def use(self, secret: str, now: float) -> ResponseUrl:
        """Count a use. Raises Refused("expired_url" or "used_url") when there is none left."""
        url = self.issued.get(secret)
        if url is None or now - url.issued_at > LIFETIME:
            raise Refused("expired_url")
        if url.uses >= USES:
            raise Refused("used_url")
        url.uses += 1
        return url
