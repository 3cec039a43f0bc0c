"""The accessibility rules of axe-core, as the frontend's lock has it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, expect

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
# Tags of rules: what WCAG 2 demands at its levels A and AA.
WCAG = ("wcag2a", "wcag2aa")
RUN = """async ([within, tags]) => {
  const only = tags.length ? { runOnly: tags } : {};
  const found = await axe.run(within ?? document, { resultTypes: ["violations"], ...only });
  return found.violations.flatMap(one => one.nodes.map(node =>
    `${one.id}: ${node.target} ${node.html.slice(0, 120)} ${node.failureSummary}`));
}"""
FITS = "document.documentElement.scrollWidth <= innerWidth"
HEIGHT = 900

Theme = Literal["dark", "light"]
Look = tuple[Theme, int]
# A theme and a width. Each run of the tests looks at a page in one of them.
LOOKS: tuple[Look, ...] = (("dark", 1440), ("light", 390), ("dark", 390), ("light", 1440))


def turn() -> int | None:
    """Return the turn of CI (see tests/support/tiers.py), None where everything is looked at."""
    text = os.environ.get("REELGRAPH_TURN", "")
    return int(text) if text else None


def look(place: int = 0) -> Look:
    """Return the look of a page in this turn, by its place in a list: neighbors take turns."""
    return LOOKS[(place + (turn() or 0) // 2) % len(LOOKS)]


def broken(
    page: Page, shown: str, within: str | None = None, *, tags: tuple[str, ...] = ()
) -> list[str]:
    """Every breach of a rule, in words. shown: what is in sight. within: a selector, else all.

    tags: of the rules to check, such as WCAG; without any, all of them.
    """
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN, [within, list(tags)])
    return [f"{shown}: {one}" for one in found]


def check(page: Page, shown: str) -> None:
    """Check that the page as it is now breaks no rule and fits, in the look of this turn."""
    before, (theme, width) = page.viewport_size, look()
    assert before is not None
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": HEIGHT})
    # A price that is asked for again is faint until it comes.
    expect(page.locator(".quote.is-old")).to_have_count(0)
    breaches = broken(page, f"{shown} {theme} {width}")
    assert breaches == [], breaches
    assert page.evaluate(FITS), (shown, width)
    page.set_viewport_size(before)
