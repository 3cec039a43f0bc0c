"""The accessibility rules of axe-core, as the frontend's lock has it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
# Tags of rules: what WCAG 2 demands at its levels A and AA.
WCAG = ("wcag2a", "wcag2aa")
RUN = """async ([within, tags]) => {
  const only = tags.length ? { runOnly: tags } : {};
  const found = await axe.run(within ?? document, { resultTypes: ["violations"], ...only });
  return found.violations.flatMap(one => one.nodes.map(node =>
    `${one.id}: ${node.target} ${node.html.slice(0, 120)} ${node.failureSummary}`));
}"""


def broken(
    page: Page, shown: str, within: str | None = None, *, tags: tuple[str, ...] = ()
) -> list[str]:
    """Every breach of a rule, in words. shown: what is in sight. within: a selector, else all.

    tags: of the rules to check, such as WCAG; without any, all of them.
    """
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN, [within, list(tags)])
    return [f"{shown}: {one}" for one in found]
