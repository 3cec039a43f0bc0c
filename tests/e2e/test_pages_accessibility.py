"""Every page of the server breaks no rule of axe-core and fits; looks and pages take turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support import axe
from tests.support.clients.browser import WAIT_MS
from tests.support.clients.browser_actions import close_cases
from tests.support.pages import ANNOUNCED as ANNOUNCEMENT
from tests.support.pages import PAGES, Furnished, Shown, furnish
from tests.support.server import SHARED, Site, cancel_all
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

# The first test prepares what all pages show, for a minute on a quiet machine.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

# So many pages are one test, which keeps the browser's cache.
WALK = 16
# The editor's states are looked at for all rules in tests of their own.
WCAG_ONLY = ("editor", "api")
# What is announced stays on every page and takes room from the canvas: these come last.
ANNOUNCED = ("announced", "terms")
ORDER = sorted(PAGES, key=lambda shown: shown.name.startswith(ANNOUNCED))
WALKS = [ORDER[first : first + WALK] for first in range(0, len(ORDER), WALK)]
SILENCE = "from core.models import ServerSetting; ServerSetting.objects.all().delete()"


@pytest.fixture(scope="module")
def furnished(site: Site, rest: httpx.Client, browser: Browser) -> Iterator[Furnished]:
    close_cases(site)
    yield furnish(site, browser)
    cancel_all(rest)
    site.manage("shell", "-c", SILENCE)
    wait_for(lambda: ANNOUNCEMENT not in httpx.get(site.url).text, "an end of the announcement")


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: f"{walk[0].name} to {walk[-1].name}")
def test_pages_break_no_rule(walk: list[Shown], browser: Browser, furnished: Furnished) -> None:
    """In CI every second page, and the others in the next turn."""
    problems: list[str] = []
    visitor = Walker(browser, furnished)
    for place, shown in enumerate(walk):
        turn = axe.turn()
        if turn is None or (place + turn) % 2 == 0:
            problems += visitor.problems(shown, axe.look(place // 2))
    visitor.leave()
    assert problems == []


class Walker:
    """Visits pages, with a browser of its own for each person."""

    def __init__(self, browser: Browser, furnished: Furnished) -> None:
        self.browser, self.furnished = browser, furnished
        self.contexts: list[tuple[Any, BrowserContext]] = []

    def context_of(self, session: Any) -> BrowserContext:
        for known, context in self.contexts:
            if known is session:
                return context
        context = self.browser.new_context(
            base_url=self.furnished.site.url, reduced_motion="reduce", storage_state=session
        )
        context.set_default_timeout(WAIT_MS)
        self.contexts.append((session, context))
        return context

    def problems(self, shown: Shown, look: axe.Look) -> list[str]:
        theme, width = look
        session = shown.session(self.furnished)
        context = self.context_of(session)
        page = context.new_page()
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": axe.HEIGHT})
        shown.visit(page, self.furnished)
        where = f"{shown.name} {theme} {width}"
        tags = axe.WCAG if shown.name.startswith(WCAG_ONLY) else ()
        problems = axe.broken(page, where, tags=tags)
        if not page.evaluate(axe.FITS):
            problems.append(f"{where}: wider than the window")
        # What a page keeps in the browser is not for the next one.
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.close()
        cookies = {cookie["name"] for cookie in context.cookies()}
        if session and not any(name.endswith("sessionid") for name in cookies):
            self.contexts.remove((session, context))
            context.close()
        return problems

    def leave(self) -> None:
        for _, context in self.contexts:
            context.close()
