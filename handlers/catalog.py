"""Browsing: the catalog, its pages, and searching it."""

from handlers.replies import Reply
from handlers.requests import Context, Request
from handlers.views import catalog as screens
from handlers.views.screens import Screen
from models import catalog, search
from models.members import Caller


def browse(request: Request, caller: Caller, context: Context) -> Reply:
    """The first page of the catalog, or what matches the words after the verb."""
    if request.text:
        return search_words(request, caller, context)
    return Reply(_page(request, caller, context))


def open_catalog(request: Request, caller: Caller, context: Context) -> Reply:
    """The first page of the catalog."""
    return Reply(_page(request, caller, context))


def turn(request: Request, caller: Caller, context: Context) -> Reply:
    """Another page: the button carried ``after`` or ``before``, a cursor, and the words when it is a search."""
    way, _, rest = request.value.partition(" ")
    cursor, _, words = rest.partition(" ")
    if words:
        return Reply(_found(request, caller, context, words, after=cursor))
    after, before = (None, cursor) if way == "before" else (cursor, None)
    return Reply(_page(request, caller, context, after=after, before=before))


def search_words(request: Request, caller: Caller, context: Context) -> Reply:
    """Courses that match the words, best first."""
    return Reply(_found(request, caller, context, request.text))


def search_in_modal(request: Request, caller: Caller, context: Context) -> Reply:
    """Courses that match what was typed in the catalog's own search field; all of them when it is empty."""
    assert request.view is not None
    words = request.view.values.get("words", {}).get("catalog.words", "").strip()
    return Reply(_found(request, caller, context, words) if words else _page(request, caller, context))


def suggest(request: Request, caller: Caller, context: Context) -> Reply:
    """Titles for the type-ahead."""
    with context.read() as session:
        titles = search.titles(session, request.value, limit=20)
    return Reply(options=screens.title_options(titles))


def _page(
    request: Request, caller: Caller, context: Context, *, after: str | None = None, before: str | None = None
) -> Screen:
    with context.read() as session:
        page = catalog.catalog(session, user_id=caller.user_id, after=after, before=before)
    return screens.catalog(page, context.portal, in_view=request.is_in_view)


def _found(request: Request, caller: Caller, context: Context, words: str, *, after: str | None = None) -> Screen:
    with context.read() as session:
        page = search.search(session, words, user_id=caller.user_id, after=after)
        meant = () if page.cards else search.did_you_mean(session, words)
    return screens.found(words, page, meant, context.portal, in_view=request.is_in_view)
