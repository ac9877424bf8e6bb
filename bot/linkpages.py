"""The few web pages of linking, as a browser gets them: plain HTML that works without JavaScript."""

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from jinja2 import Environment

STYLE = """
body { font: 1.05rem/1.5 system-ui, sans-serif; color: #1d1c1d; background: #f5f3ee; margin: 0; }
main { max-width: 32rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: 12px; }
h1 { font-size: 1.4rem; margin-top: 0; }
dl { margin: 1.5rem 0; } dt { color: #5b6770; } dd { margin: 0 0 1rem; font-weight: 600; overflow-wrap: anywhere; }
button { font: inherit; padding: .6rem 1.1rem; border-radius: 6px; border: 1px solid #8a9196; background: #fff; }
button.yes { background: #1f6f54; border-color: #1f6f54; color: #fff; margin-right: .5rem; }
button:focus-visible { outline: 3px solid #f2b705; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  body { color: #e8e8e8; background: #16211d; } main { background: #22302b; } dt { color: #b0bbc2; }
  button { background: #22302b; color: inherit; }
}
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
}
"""Nothing is loaded, framed, cached or told to the next page."""

_TEMPLATES = {
    "page": """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{{ title }}{% endblock %}</title><style>{{ style | safe }}</style></head>
<body><main><h1>{{ self.title() }}</h1>{% block words %}<p>{{ words }}</p>{% endblock %}</main></body>
</html>
""",
    "both": """{% extends "page" %}
{% block title %}Both you?{% endblock %}
{% block words %}
<dl><dt>In Slack you are</dt><dd>@{{ handle }} at {{ workspace }}</dd>
<dt>In {{ portal }} you are</dt><dd>{{ name }}{% if email %}, {{ email }}{% endif %}</dd></dl>
<form method="post" action="{{ action }}"><input type="hidden" name="state" value="{{ state }}">
<button class="yes" name="answer" value="yes">Yes, link</button>
<button name="answer" value="no">No, someone sent me this</button></form>
{% endblock %}
""",
}


@cache
def _pages() -> "Environment":
    # Loaded with the first page: most starts are of a bot that nobody links by until tomorrow.
    from jinja2 import DictLoader, Environment

    return Environment(autoescape=True, loader=DictLoader(_TEMPLATES))


def sentence(title: str, words: str, status: int = 200) -> HTMLResponse:
    """A page that says one thing and what to do next."""
    return _page("page", status, title=title, words=words)


def both_you(
    *, handle: str, workspace: str, portal: str, name: str, email: str | None, action: str, state: str
) -> HTMLResponse:
    """The page that names both sides and asks."""
    return _page(
        "both",
        200,
        handle=handle,
        workspace=workspace,
        portal=portal,
        name=name,
        email=email,
        action=action,
        state=state,
    )


def _page(template: str, status: int, **fields: object) -> HTMLResponse:
    return HTMLResponse(_pages().get_template(template).render(style=STYLE, **fields), status, HEADERS)
