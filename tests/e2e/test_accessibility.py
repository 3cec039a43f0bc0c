"""Every page before axe-core, the rule engine of the accessibility tools, in both themes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.support.house import House
from tests.support.pages import PAGES, Furnished, Shown, furnish

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Furnished]:
    with House(tmp_path_factory.mktemp("house")) as house:
        yield furnish(house, browser)


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_breaks_no_rule_of_wcag(
    shown: Shown, browser: Browser, furnished: Furnished
) -> None:
    found = {}
    context = browser.new_context(
        base_url=furnished.house.url,
        color_scheme="dark",
        reduced_motion="reduce",
        viewport={"width": 1280, "height": 900},
        storage_state=furnished.session if shown.signed_in else None,
    )
    page = context.new_page()
    shown.visit(page, furnished)
    themes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        violations = Axe().run(page, options=RULES).response["violations"]
        found.update({f"{theme}: {one['id']}": summary(one) for one in violations})
    context.close()
    assert found == {}


def summary(violation: dict[str, Any]) -> list[str]:
    """Where a rule is broken, and what axe says about it."""
    return [f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"][:5]]
