"""How Clerk says no: on a page of its own, back to where the person came from, or to the bot in JSON."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


class DeadEnd(Exception):
    """A sign-in that can go nowhere: the person is told on a page, and no address is trusted to send them to."""


class SentBack(Exception):
    """An authorization request refused by sending the person back with an error (RFC 6749, 4.1.2.1)."""

    def __init__(self, redirect_uri: str, error: str, description: str, state: str | None) -> None:
        super().__init__(description)
        self.redirect_uri = redirect_uri
        self.answer = {"error": error, "error_description": description} | ({"state": state} if state else {})


class OAuthRefused(Exception):
    """A call refused in OAuth's words (RFC 6749, 5.2; RFC 6750, 3.1)."""

    def __init__(self, error: str, description: str, status: int = 400, challenge: str | None = None) -> None:
        super().__init__(description)
        self.error = error
        self.status = status
        self.challenge = challenge

    def answer(self) -> JSONResponse:
        headers: Mapping[str, str] = {"Cache-Control": "no-store"} | (
            {"WWW-Authenticate": self.challenge} if self.challenge else {}
        )
        return JSONResponse({"error": self.error, "error_description": str(self)}, self.status, headers=headers)


class BackendRefused(Exception):
    """A call of the Backend API refused in Clerk's words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def answer(self) -> JSONResponse:
        error = {"code": self.code, "message": str(self), "long_message": str(self), "meta": {}}
        return JSONResponse({"errors": [error], "clerk_trace_id": "rehearsal"}, self.status)
