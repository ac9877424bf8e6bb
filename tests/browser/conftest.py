"""A real browser on the rehearsal page."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.house import House
from tests.house_fixtures import furnished, house

__all__ = ["browser", "furnished", "house", "page", "window"]

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 15_000
"""Milliseconds a page may take on a busy machine."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless; a reason to skip where it is not installed, and a failure in CI."""
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "Chromium is not on this machine (Debian's package chromium)."
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} In CI it must be.", pytrace=False)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One window for all tests, held open by an empty tab: a window costs five times as much as a tab."""
    opened = browser.new_context(reduced_motion="reduce")
    opened.set_default_timeout(PATIENCE)
    opened.new_page()
    yield opened
    opened.close()


@pytest.fixture
def page(window: BrowserContext, house: House) -> Iterator[Page]:
    """The rehearsal page as somebody opens it the first time; an error in the page fails the test.

    What a page keeps it keeps for its own port, and each house has another.
    """
    window.clear_cookies()
    opened = window.new_page()
    opened.set_viewport_size({"width": 1280, "height": 800})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(house.url)
    yield opened
    for tab in window.pages[1:]:
        tab.close()
    assert errors == []
