"""The Bolt app: one middleware at the end of Bolt's own, and the route table decides."""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.middleware import Middleware

from bot import payloads
from bot.answers import Answers, FollowUp
from bot.installations import Installations
from handlers import routes

NOT_INSTALLED = "Homeroom isn't installed in this workspace. Ask an admin to add it."
FOLLOWING = "homeroom_following"
log = logging.getLogger("homeroom.slack")


class _Authorizing(Authorize):
    """Who we are in the workspace of a payload. For a function Bolt would gather all that one may ask for."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    def __call__(self, *, enterprise_id: str | None, team_id: str | None, **_others: Any) -> AuthorizeResult:
        """Never None: Bolt would answer for us where we are not installed, over the network and before the ack."""
        return self._installations.authorize(team_id) or AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


class _Routing(Middleware):
    """What Bolt has parsed and authorized goes to the route table, if it is of a kind we have (docs/decisions/0015)."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def process(
        self,
        *,
        req: BoltRequest,
        resp: BoltResponse,
        next: Callable[[], BoltResponse],
    ) -> BoltResponse | None:
        """The answer to a payload. What is none of ours is left to Bolt, which says so with a 404."""
        kind = payloads.kind_of(req.body)
        if kind is None:
            return next()
        answers, ack = self._answers, req.context.ack
        # Not asked of Bolt's context: Bolt authorizes nothing that says the app was taken out.
        if answers.installations.authorize(req.context.team_id) is None:
            return ack({"text": NOT_INSTALLED} if kind == "command" else "")
        request, means = payloads.read(kind, req.body)
        reply = routes.dispatch(request, answers.context_at(answers.clock()))
        req.context[FOLLOWING] = answers.give(request, reply, ack, means)
        return ack.response


def build_app(answers: Answers) -> App:
    """A Bolt app that hands every payload to the route table.

    The signature is checked before Bolt sees a request (bot.door), since Bolt logs the body of one that fails.
    """
    app = App(
        # The name of its logger. Without one Bolt reads the source files of the whole stack to find a file's.
        name="homeroom.bolt",
        authorize=_Authorizing(answers.installations),
        client=answers.installations.patient,
        logger=_quiet_logger(),
        token_verification_enabled=False,
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )

    app.use(_Routing(answers))

    @app.error
    def not_stored(error: Exception, body: dict[str, Any]) -> BoltResponse:
        # What a handler raises has become a reply, but for an event that could not be stored. For a 503 Slack sends it
        # again.
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
