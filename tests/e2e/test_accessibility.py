"""Every page before axe-core, the rule engine of the accessibility tools.

In the short form each page is looked at once: neighbours in the list, which are alike, take turns
with the themes and the widths, so that all four pairs occur in each part of the product.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.support.house import House
from tests.support.pages import PAGES, Furnished, Shown, furnish

pytestmark = pytest.mark.browser

Theme = Literal["dark", "light"]
LOOKS: tuple[tuple[Theme, int], ...] = (
    ("dark", 1280),
    ("light", 390),
    ("light", 1280),
    ("dark", 390),
)
RULES = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Furnished]:
    with House(tmp_path_factory.mktemp("house")) as house:
        yield furnish(house, browser)


@pytest.mark.parametrize(
    "turn", [0, *(pytest.param(turn, marks=pytest.mark.thorough) for turn in range(1, len(LOOKS)))]
)
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_breaks_no_rule_of_wcag(
    shown: Shown, turn: int, browser: Browser, furnished: Furnished
) -> None:
    theme, width = LOOKS[(PAGES.index(shown) + turn) % len(LOOKS)]
    context = browser.new_context(
        base_url=furnished.house.url,
        color_scheme=theme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
        storage_state=furnished.session if shown.signed_in else None,
    )
    page = context.new_page()
    shown.visit(page, furnished)
    violations = Axe().run(page, options=RULES).response["violations"]
    context.close()
    assert {one["id"]: summary(one) for one in violations} == {}, f"{theme}, {width} pixels"


def summary(violation: dict[str, Any]) -> list[str]:
    """Where a rule is broken, and what axe says about it."""
    return [f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"][:5]]
