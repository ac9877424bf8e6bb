"""The catalog: courses as cards, page by page, and what a search found."""

from collections.abc import Iterable, Sequence

from handlers.requests import Portal
from handlers.views.kit import (
    actions,
    button,
    context,
    divider,
    external_select,
    field,
    header,
    options,
    progress_bar,
    say,
    section,
    shorten,
    words,
)
from handlers.views.screens import Block, Screen
from models.catalog import Card, CatalogPage


def catalog(page: CatalogPage, portal: Portal, *, in_view: bool) -> Screen:
    """One page of every course there is."""
    blocks: list[Block] = [header("Courses")]
    if not page.cards:
        blocks.append(section("There are no courses yet. Ask an instructor to publish the first one."))
        return Screen("Courses", tuple(blocks))
    blocks.append(_finder())
    for card in page.cards:
        blocks += course_card(card, portal)
    blocks += _pager(page, "")
    return _searchable("Courses", blocks, in_view=in_view)


def found(looked_for: str, page: CatalogPage, meant: Sequence[Card], portal: Portal, *, in_view: bool) -> Screen:
    """What a search found; when nothing, the titles that come closest."""
    shown = shorten(looked_for, 60)
    blocks: list[Block] = [header(f"Courses for “{shown}”")]
    if page.cards:
        for card in page.cards:
            blocks += course_card(card, portal)
        blocks += _pager(page, shorten(looked_for, 200))
    elif meant:
        blocks.append(section(say("Nothing matches *{words}*. Did you mean one of these?", words=shown)))
        for card in meant:
            blocks += course_card(card, portal)
    else:
        blocks.append(section(say("Nothing matches *{words}*. Try fewer or other words.", words=shown)))
    if not page.cards or not (page.before or page.after):
        blocks.append(actions(button("All courses", "catalog.open")))
    return _searchable("Courses", blocks, in_view=in_view)


def course_card(card: Card, portal: Portal) -> list[Block]:
    """One course: title, what it is, who teaches, how long, how far; and the one thing to do next."""
    about = say("*{title}*\n{description}", title=card.title, description=shorten(card.description, 300))
    length = f"{words(card.lessons, 'lesson')} · {card.minutes} min"
    facts = say("{name} · {length}", name=card.instructor, length=length) if card.instructor else length
    return [
        section(about),
        context(facts, *how_far(card)),
        actions(*_ways_on(card), *portal_button(card, portal)),
        divider(),
    ]


def _ways_on(card: Card) -> list[Block]:
    carried, title = str(card.course_id), card.title
    if card.completed:
        return [button("Open", "course.open", carried, label=f"Open {title}")]
    if card.enrolled:
        main = button("Continue", "course.continue", carried, style="primary", label=f"Continue {title}")
    else:
        main = button("Enroll", "course.enroll", carried, style="primary", label=f"Enroll in {title}")
    return [main, button("Details", "course.open", carried, label=f"Details of {title}")]


def how_far(card: Card) -> list[str]:
    """A learner's own progress in words and squares; nothing for somebody not enrolled."""
    archived = ["Archived: no reminders, and nobody new"] if card.is_archived else []
    if card.completed:
        news = [words(card.new_lessons, "new lesson")] if card.new_lessons else ["updated"] if card.is_updated else []
        return [" · ".join(["Finished", *news]), *archived]
    return [progress_bar(card.done, card.lessons), *archived] if card.enrolled else archived


def portal_button(card: Card, portal: Portal) -> list[Block]:
    """The way to the same course in the web portal, where there is one."""
    url = portal.course_url(card.course_id)
    return [button(f"Open in {portal.name}", "portal.open", str(card.course_id), url=url)] if url else []


def title_options(titles: Iterable[tuple[int, str]]) -> list[Block]:
    """Titles as options of a select."""
    return options((title, str(course_id)) for course_id, title in titles)


def _finder() -> Block:
    return actions(external_select("catalog.pick", "Find a course by title", min_query_length=0))


def _pager(page: CatalogPage, looked_for: str) -> list[Block]:
    buttons = []
    if page.before:
        buttons.append(button("Previous courses", "catalog.turn", f"before {page.before} {looked_for}".rstrip()))
    if page.after:
        buttons.append(button("More courses", "catalog.turn", f"after {page.after} {looked_for}".rstrip()))
    return [actions(*buttons)] if buttons else []


def _searchable(title: str, blocks: list[Block], *, in_view: bool) -> Screen:
    if not in_view:
        return Screen(title, tuple(blocks))
    search_field = field("words", "catalog.words", "Search", placeholder="A word or two", optional=True, max_length=200)
    return Screen(title, (search_field, *blocks), submit="Search", callback_id="catalog.search")
