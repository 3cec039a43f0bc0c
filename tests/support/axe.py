"""The accessibility rules of axe-core, all of them, as the frontend's lock has it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RUN = """async within => {
  const found = await axe.run(within ?? document, { resultTypes: ["violations"] });
  return found.violations.flatMap(one => one.nodes.map(node =>
    `${one.id}: ${node.target} ${node.html.slice(0, 120)} ${node.failureSummary}`));
}"""


def broken(page: Page, shown: str, within: str | None = None) -> list[str]:
    """Every breach of a rule, in words. shown: what is in sight. within: a selector, else all."""
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN, within)
    return [f"{shown}: {one}" for one in found]
