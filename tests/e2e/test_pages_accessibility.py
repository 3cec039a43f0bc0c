"""Every page of the server breaks no rule of axe-core, in each theme and width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support import axe
from tests.support.house import House
from tests.support.pages import PAGES, Furnished, Shown, furnish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# The editor has a test of its own; the API reference is looked at in test_accessibility.
OURS = [one for one in PAGES if not one.name.startswith(("editor", "api"))]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Furnished]:
    with House(tmp_path_factory.mktemp("house")) as house:
        yield furnish(house, browser)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("shown", OURS, ids=lambda shown: shown.name)
def test_a_page_breaks_no_rule(
    shown: Shown, theme: Any, width: int, browser: Browser, furnished: Furnished
) -> None:
    context = browser.new_context(
        base_url=furnished.house.url,
        color_scheme=theme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
        storage_state=furnished.session if shown.signed_in else None,
    )
    page = context.new_page()
    shown.visit(page, furnished)
    found = axe.broken(page, f"{shown.name} {theme} {width}")
    context.close()
    assert found == []
