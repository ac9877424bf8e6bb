"""The pages of the local Clerk: who are you, may the bot know, and why not. They need no JavaScript."""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from bot.sandbox.clerk_browsers import Pending
from bot.sandbox.clerk_people import ClerkUser

_TOLD = {"openid": "which account is yours", "profile": "your name", "email": "your e-mail address"}
_TINTS = 8


def choose(portal: str, client: str, people: Iterable[ClerkUser], pending: Pending) -> HTMLResponse:
    """ "Sign in to PORTAL", with the people to choose from."""
    rows = "".join(
        f"""<li>{_form("sign-in", pending)}
        <input type="hidden" name="user" value="{escape(person.id)}">
        <button type="submit" class="person">{_avatar(person, n)}
        <span class="who"><span class="who-name">{escape(person.name)}</span>
        <span class="who-email">{escape(person.email or "no e-mail address")}</span></span></button></form></li>"""
        for n, person in enumerate(people)
        if person.may_sign_in
    )
    return _page(
        f"Sign in to {portal}",
        f"""<p>{escape(client)} sent you here. Choose who you are.</p>
        <ul class="people">{rows}</ul>""",
        pending,
    )


def consent(portal: str, client: str, person: ClerkUser, n: int, pending: Pending) -> HTMLResponse:
    """ "CLIENT wants to know who you are: Allow, Deny"; `n` is the person's place among all."""
    told = "".join(f"<li>{_TOLD[scope]}</li>" for scope in _TOLD if scope in pending.request.scopes)
    return _page(
        f"{client} wants to know who you are",
        f"""<div class="card">{_avatar(person, n)}
        <p class="who"><span class="who-name">{escape(person.name)}</span>
        <span class="who-email">{escape(person.email or "no e-mail address")}</span></p>
        {_form("sign-out", pending)}<button type="submit" class="plain">Someone else</button></form></div>
        <p>{escape(portal)} would tell {escape(client)}, at {escape(urlsplit(pending.request.redirect_uri).netloc)}:</p>
        <ul class="told">{told}</ul>
        {_form("consent", pending)}<div class="answers">
        <button type="submit" name="answer" value="allow" class="button primary">Allow</button>
        <button type="submit" name="answer" value="deny" class="button">Deny</button></div></form>
        <p class="quiet">Deny if you did not just ask {escape(client)} for this.</p>""",
        pending,
    )


def dead_end(reason: str) -> HTMLResponse:
    """Why this sign-in ends here."""
    return _page(
        "This sign-in can't go on",
        f"<p>{escape(reason)}</p><p>Close this page, and begin again where you came from.</p>",
        None,
        400,
    )


def _form(action: str, pending: Pending) -> str:
    hidden = f'<input type="hidden" name="request" value="{escape(pending.id)}">'
    return f'<form method="post" action="/clerk/{action}">{hidden}'


def _avatar(person: ClerkUser, n: int) -> str:
    initials = "".join(name[:1] for name in (person.first_name, person.last_name)).upper() or "?"
    return f'<span class="avatar tint-{n % _TINTS}" aria-hidden="true">{escape(initials)}</span>'


def _page(title: str, inside: str, pending: Pending | None, status: int = 200) -> HTMLResponse:
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<script src="/static/theme.js"></script>
<link rel="stylesheet" href="/static/style.css">
<link rel="stylesheet" href="/static/clerk.css">
</head>
<body class="clerk"><main><h1>{escape(title)}</h1>
{inside}
</main><footer><p>A rehearsal: nobody's real account is here.</p></footer></body>
</html>"""
    # A browser follows a form's redirect only to where form-action allows, so the way back is named.
    back = "" if pending is None else _origin(pending.request.redirect_uri)
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {back}"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy.rstrip(),
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(text, status, headers=headers)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
