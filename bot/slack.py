"""The Bolt app: one listener for each kind of payload, and the route table decides."""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot import payloads
from bot.answers import Answers, FollowUp
from bot.installations import Installations
from handlers import routes
from handlers.requests import Context, Kind

ANYTHING = re.compile("")
NOT_INSTALLED = "Homeroom isn't installed in this workspace. Ask an admin to add it."
FOLLOWING = "homeroom_following"
log = logging.getLogger("homeroom.slack")


def build_app(
    installations: Installations,
    answers: Answers,
    context_at: Callable[[datetime], Context],
    clock: Callable[[], datetime],
) -> App:
    """A Bolt app that hands every payload to the route table.

    ``process_before_response`` because Bolt's default polls for the ack every 10 ms. The signature is checked before
    Bolt sees a request (bot.web), since Bolt logs the body of one that fails.
    """

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Bolt would answer for us where we are not installed, over the network and before the ack.
        return installations.authorize(team_id) or AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

    app = App(
        # The name of its logger. Without one Bolt reads the source files of the whole stack to find a file's.
        name="homeroom.bolt",
        process_before_response=True,
        authorize=authorize,
        client=installations.patient,
        logger=_quiet_logger(),
        token_verification_enabled=False,
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )

    def listener(kind: Kind) -> Callable[..., None]:
        def handle(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
            # Not asked of Bolt's context: Bolt authorizes nothing that says the app was taken out.
            if installations.authorize(context.team_id) is None:
                ack({"text": NOT_INSTALLED} if kind == "command" else "")
                return
            request, means = payloads.read(kind, body)
            reply = routes.dispatch(request, context_at(clock()))
            context[FOLLOWING] = answers.give(request, reply, ack, means)

        return handle

    app.command(ANYTHING)(listener("command"))
    app.action(ANYTHING)(listener("action"))
    app.options(ANYTHING)(listener("options"))
    app.view_submission(ANYTHING)(listener("submission"))
    app.view_closed(ANYTHING)(listener("closed"))
    app.shortcut(ANYTHING)(listener("shortcut"))
    app.event(ANYTHING)(listener("event"))

    @app.error
    def not_stored(error: Exception, body: dict[str, Any]) -> BoltResponse:
        # Only an event gets here: everything else has become a reply. Slack sends it again for a 503.
        log.error("A payload could not be handled: %s", type(error).__name__, exc_info=error)
        return BoltResponse(status=503)

    return app


def following(request: BoltRequest) -> tuple[FollowUp, ...]:
    """What is to follow the answer to this request, once its ack is out."""
    found: tuple[FollowUp, ...] = request.context.get(FOLLOWING, ())
    return found


def _quiet_logger() -> logging.Logger:
    logger = logging.getLogger("homeroom.bolt")
    logger.setLevel(logging.ERROR)
    return logger
