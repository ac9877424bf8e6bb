"""One call of a Web API method: who calls, with what, and how arguments are read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.refusals import Refused, invalid
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """A call with a good token. `args` are as they came: from JSON, or strings from a form."""

    stage: Stage
    workspace: Workspace
    method: str
    args: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A required text argument. Raises Refused("invalid_arguments")."""
        value = self.args.get(name)
        if not isinstance(value, str) or not value:
            raise invalid("invalid_arguments", [f"missing required field: {name}"])
        return value

    def optional(self, name: str) -> str | None:
        value = self.args.get(name)
        return None if value in (None, "") else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean argument: JSON's own, or true/false/1/0 in a form."""
        value = self.args.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1")

    def json(self, name: str) -> Any:
        """A structured argument: as it is, or as JSON in a string; None when absent."""
        value = self.args.get(name)
        if isinstance(value, str) and value:
            try:
                return json.loads(value)
            except ValueError as error:
                raise invalid("invalid_arguments", [f"{name} is not JSON"]) from error
        return None if value == "" else value

    def limit(self, default: int, most: int) -> int:
        """The page size asked for."""
        try:
            limit = int(self.args.get("limit") or default)
        except (TypeError, ValueError) as error:
            raise Refused("invalid_limit") from error
        if not 0 < limit <= most:
            raise Refused("invalid_limit")
        return limit

    def needs(self, *scopes: str) -> None:
        """Raise Refused("missing_scope") unless the manifest grants them all."""
        missing = [scope for scope in scopes if scope not in self.stage.app.scopes]
        if missing:
            raise Refused("missing_scope", needed=",".join(missing), provided=",".join(self.stage.app.scopes))

    def page(self, items: list[Any], default: int, most: int) -> tuple[list[Any], str]:
        """One page of a list, and the cursor of the next ("" at the end)."""
        limit = self.limit(default, most)
        cursor = self.optional("cursor") or "at:0"
        try:
            start = int(cursor.removeprefix("at:"))
        except ValueError as error:
            raise Refused("invalid_cursor") from error
        following = f"at:{start + limit}" if start + limit < len(items) else ""
        return items[start : start + limit], following


@dataclass(frozen=True)
class Method:
    """What answers a Web API method, the scopes it needs, its rate limit tier (None: a limit of its own)."""

    answer: Callable[[Call], dict[str, Any]]
    scopes: tuple[str, ...] = ()
    tier: int | None = None
