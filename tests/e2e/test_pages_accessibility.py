"""Every page of the server breaks no rule of axe-core, in each theme and width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support import axe
from tests.support.clients.browser_actions import close_cases
from tests.support.pages import ANNOUNCED as SAID
from tests.support.pages import PAGES, Furnished, Shown, furnish
from tests.support.server import SHARED, Site, cancel_all
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

# The first test prepares what all pages show, for a minute on a quiet machine.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

Theme = Literal["dark", "light"]
LOOKS: tuple[tuple[Theme, int], ...] = (
    ("dark", 1280),
    ("light", 390),
    ("dark", 390),
    ("light", 1280),
)
# The editor's states are looked at for all rules in tests of their own.
OTHERS = [one for one in PAGES if one.name.startswith(("editor", "api"))]
# What is announced stays on every page and takes room from the canvas: these come last.
ANNOUNCED = [one for one in PAGES if one.name.startswith(("announced", "terms"))]
SILENCE = "from core.models import ServerSetting; ServerSetting.objects.all().delete()"
OURS = [one for one in PAGES if one not in OTHERS and one not in ANNOUNCED]
# Neighbors in the list, which are alike, take turns with the themes and the widths.
TURNS = pytest.mark.parametrize(
    "turn", [0, *(pytest.param(turn, marks=pytest.mark.thorough) for turn in range(1, len(LOOKS)))]
)


@pytest.fixture(scope="module")
def furnished(site: Site, rest: httpx.Client, browser: Browser) -> Iterator[Furnished]:
    close_cases(site)
    yield furnish(site, browser)
    cancel_all(rest)
    site.manage("shell", "-c", SILENCE)
    wait_for(lambda: SAID not in httpx.get(site.url).text, "an end of the announcement")


@TURNS
@pytest.mark.parametrize("shown", OURS, ids=lambda shown: shown.name)
def test_a_page_breaks_no_rule(
    shown: Shown, turn: int, browser: Browser, furnished: Furnished
) -> None:
    theme, width = LOOKS[(OURS.index(shown) + turn) % len(LOOKS)]
    assert broken(shown, theme, width, browser, furnished) == []


@TURNS
@pytest.mark.parametrize("shown", OTHERS, ids=lambda shown: shown.name)
def test_the_editor_and_the_reference_break_no_rule_of_wcag(
    shown: Shown, turn: int, browser: Browser, furnished: Furnished
) -> None:
    theme, width = LOOKS[(OTHERS.index(shown) + turn) % len(LOOKS)]
    assert broken(shown, theme, width, browser, furnished, tags=axe.WCAG) == []


@TURNS
@pytest.mark.parametrize("shown", ANNOUNCED, ids=lambda shown: shown.name)
def test_a_page_with_an_announcement_breaks_no_rule(
    shown: Shown, turn: int, browser: Browser, furnished: Furnished
) -> None:
    theme, width = LOOKS[(ANNOUNCED.index(shown) + turn) % len(LOOKS)]
    assert broken(shown, theme, width, browser, furnished) == []


def broken(
    shown: Shown, theme: Theme, width: int, browser: Browser, furnished: Furnished, **options: Any
) -> list[str]:
    context = browser.new_context(
        base_url=furnished.site.url,
        color_scheme=theme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
        storage_state=shown.session(furnished),
    )
    page = context.new_page()
    shown.visit(page, furnished)
    found = axe.broken(page, f"{shown.name} {theme} {width}", **options)
    context.close()
    return found
