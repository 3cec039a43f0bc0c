"""Pages with services for final media: a site of its own, whose stages all name their models."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.builders.film import made_by
from tests.support.clients.browser_actions import EditorActions
from tests.support.pages import TEMPLATES, Shown
from tests.support.server import Site, finished, start

SETTINGS = "tests.shots.final_settings"
SHOT = "Opening shot"
STAGES: list[dict[str, Any]] = [
    {
        "id": "still",
        "label": "Keyframe",
        "type": "fixed",
        "tool": "generate_image",
        "produces": ["still"],
        "args": {
            "prompt": "A lighthouse on a cliff at dusk, warm lamp light",
            "model": "nano-banana-pro",
            "width": 1280,
            "height": 720,
        },
    },
    {
        "id": "shot",
        "label": SHOT,
        "type": "fixed",
        "tool": "animate_photo",
        "produces": ["shot"],
        "args": {
            "prompt": "Slow push-in, waves below",
            "videoModel": "kling-3-pro",
            "duration": 5,
            "reference_image_url": made_by("still"),
        },
    },
]


@dataclass(frozen=True, slots=True)
class FinalSite:
    """run: of draft quality, at its end."""

    site: Site
    session: Any
    template: str
    run: str


def furnish(site: Site, browser: Browser) -> FinalSite:
    """Sign the owner in, and run a template as a draft."""
    link = re.search(r"http\S+", site.manage("signin-link", "owner"))
    assert link
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto(link[0])
    page.get_by_role("main").get_by_role("button", name="Continue as").click()
    page.wait_for_url("**/")
    session = context.storage_state()
    context.close()
    with site.client(site.key("owner")) as client:
        made = client.post(TEMPLATES, json={"name": "The lighthouse", "stages": STAGES})
        assert made.status_code == 201, made.text
        template = made.json()["data"]["template"]["id"]
        run = start(client, {"workflow_id": template, "quality": "draft"})["id"]
        finished(client, run)
    return FinalSite(site, session, template, run)


def _choose_another(page: Page) -> None:
    offer = page.get_by_role("region", name="Make final")
    expect(offer).to_contain_text("2 stages final")
    offer.get_by_role("button", name=f"Change the model of {SHOT}").click()
    expect(offer.get_by_role("option").first).to_be_visible()
    _only(page, ".final", below=300)


def _open_chooser(page: Page) -> None:
    actions = EditorActions(page)
    actions.select("shot")
    actions.inspector.get_by_role("combobox", name="Model").click()
    expect(actions.inspector.get_by_role("option").first).to_be_visible()


def _only(page: Page, selector: str, *, below: int) -> None:
    """Leave a part of the page, and what floats over so many pixels below it."""
    page.evaluate(
        """([selector, below]) => {
          const part = document.querySelector(selector);
          for (let one = part; one !== document.body; one = one.parentElement)
            for (const other of one.parentElement.children)
              if (other !== one && !["SCRIPT", "LINK"].includes(other.tagName))
                other.style.display = "none";
          part.style.marginBottom = `${below}px`;
        }""",
        [selector, below],
    )


PAGES: list[Shown] = [
    Shown("final", lambda made: f"/runs/{made.run}", True, before=_choose_another),  # type: ignore[attr-defined]
    Shown("models", lambda made: f"/t/{made.template}/edit", True, before=_open_chooser),
]
