"""Errors are sentences: the one place where a refusal becomes something a person reads."""

import logging
import secrets

from handlers.replies import Reply
from handlers.requests import Request
from handlers.views import failures as screens
from models.errors import DomainError, Unavailable

log = logging.getLogger("homeroom")


def explain(error: Exception, request: Request) -> Reply:
    """The sentence for this error, shown where the person stands.

    A `DomainError` speaks for itself. Anything else is ours to mend: it is logged with a reference, which the person is
    given too. That the database did not answer is logged as well: Slack was told 200, and nobody else would know. A
    refusal never replaces what the person clicked, so nothing they typed is lost.
    """
    if isinstance(error, Unavailable):
        log.warning("Somebody was told to try again, for the database: %s %s", request.kind, request.name)
    if isinstance(error, DomainError):
        return Reply(screens.refusal(str(error)), where="beside")
    reference = secrets.token_hex(3)
    log.error("Unexpected error %s in %s %s", reference, request.kind, request.name, exc_info=error)
    return Reply(screens.our_fault(reference), where="beside")
