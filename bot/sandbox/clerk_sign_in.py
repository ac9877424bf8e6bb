"""The authorization endpoint and the pages behind it, up to the moment someone is sent back."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import clerk_pages
from bot.sandbox.clerk import PATH, Clerk
from bot.sandbox.clerk_browsers import Pending
from bot.sandbox.clerk_people import ClerkUser
from bot.sandbox.clerk_refusals import DeadEnd, SentBack
from bot.sandbox.clerk_requests import read_request

_COOKIE = "rehearsal_clerk"


def authorize(clerk: Clerk, request: Request, form: dict[str, str]) -> Response:
    """The first page someone sees, by who is signed in in this browser."""
    asked = read_request(request.query_params.multi_items(), clerk.setup.client_id, clerk.redirect_uris)
    browser = request.cookies.get(_COOKIE)
    user = clerk.who_may_sign_in(clerk.browsers.user_in(browser))
    if "none" in asked.prompt:
        error = "login_required" if user is None else "consent_required"
        raise SentBack(asked.redirect_uri, error, "Someone has to look at a page first.", asked.state)
    pending = clerk.browsers.begin(browser, asked)
    page = _choices(clerk, pending) if user is None or "login" in asked.prompt else _question(clerk, user, pending)
    return _with_cookie(page, pending)


def choose(clerk: Clerk, request: Request, form: dict[str, str]) -> Response:
    """The people to choose from."""
    return _choices(clerk, _pending(clerk, request, dict(request.query_params)))


def sign_in(clerk: Clerk, request: Request, form: dict[str, str]) -> Response:
    """Be someone from now on."""
    pending = _pending(clerk, request, form)
    user = clerk.who_may_sign_in(form.get("user"))
    if user is None:
        raise DeadEnd("This person can't sign in here any more.")
    clerk.browsers.sign_in(pending, user.id)
    return _with_cookie(_go("consent", pending), pending)


def sign_out(clerk: Clerk, request: Request, form: dict[str, str]) -> Response:
    """Be nobody again, and choose anew."""
    pending = _pending(clerk, request, form)
    clerk.browsers.sign_out(pending)
    return _go("sign-in", pending)


def ask(clerk: Clerk, request: Request, form: dict[str, str]) -> Response:
    """What the person is asked to allow."""
    pending = _pending(clerk, request, dict(request.query_params))
    user = clerk.who_may_sign_in(clerk.browsers.user_in(pending.browser))
    if user is None:
        return _go("sign-in", pending)
    return _question(clerk, user, pending)


def answer(clerk: Clerk, request: Request, form: dict[str, str]) -> Response:
    """Allow or deny, and go back."""
    pending = _pending(clerk, request, form)
    user = clerk.who_may_sign_in(clerk.browsers.user_in(pending.browser))
    if user is None:
        return _go("sign-in", pending)
    asked = pending.request
    if form.get("answer") not in ("allow", "deny"):
        raise DeadEnd("The answer was neither yes nor no.")
    clerk.browsers.finish(pending)
    if form["answer"] == "deny":
        raise SentBack(asked.redirect_uri, "access_denied", "The person said no.", asked.state)
    return _back(asked.redirect_uri, {"code": clerk.grants.allow(user.id, asked), "state": asked.state})


def _choices(clerk: Clerk, pending: Pending) -> Response:
    return clerk_pages.choose(clerk.setup.portal_name, clerk.setup.client_name, clerk.users.values(), pending)


def _question(clerk: Clerk, user: ClerkUser, pending: Pending) -> Response:
    place = list(clerk.users).index(user.id)
    return clerk_pages.consent(clerk.setup.portal_name, clerk.setup.client_name, user, place, pending)


def _pending(clerk: Clerk, request: Request, given: dict[str, str]) -> Pending:
    return clerk.browsers.pending(given.get("request", ""), request.cookies.get(_COOKIE))


def _with_cookie(response: Response, pending: Pending) -> Response:
    response.set_cookie(_COOKIE, pending.browser, path=PATH, httponly=True, samesite="lax")
    return response


def _go(page: str, pending: Pending) -> Response:
    return _redirect(f"{PATH}/{page}?{urlencode({'request': pending.id})}")


def _back(redirect_uri: str, told: dict[str, str]) -> Response:
    parts = urlsplit(redirect_uri)
    query = "&".join(part for part in (parts.query, urlencode(told)) if part)
    return _redirect(urlunsplit(parts._replace(query=query)))


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def routes(clerk: Clerk) -> list[Route]:
    """The routes people's browsers use."""

    def page(show: Callable[[Clerk, Request, dict[str, str]], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
                return show(clerk, request, form)
            except UnicodeDecodeError:
                return clerk_pages.dead_end("That was not a form of this page.")
            except DeadEnd as end:
                return clerk_pages.dead_end(str(end))
            except SentBack as sent:
                return _back(sent.redirect_uri, sent.answer)

        return endpoint

    return [
        Route(f"{PATH}/oauth/authorize", page(authorize), methods=["GET"]),
        Route(f"{PATH}/sign-in", page(choose), methods=["GET"]),
        Route(f"{PATH}/sign-in", page(sign_in), methods=["POST"]),
        Route(f"{PATH}/sign-out", page(sign_out), methods=["POST"]),
        Route(f"{PATH}/consent", page(ask), methods=["GET"]),
        Route(f"{PATH}/consent", page(answer), methods=["POST"]),
    ]
