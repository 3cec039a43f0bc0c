"""The dialog that shares a run, and a creation run with one's own text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site, finished, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SITE_OPTIONS = SHARED
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
VIEW = "A lighthouse on a rock at sunset"


@pytest.fixture(scope="module")
def of_alice(site: Site) -> Any:
    """Alice's programs."""
    with site.client(site.key("alice")) as client:
        yield client


def open_dialog(page: Page, button: str = "Share") -> Locator:
    page.get_by_role("link", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def middle(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_what_to_do_next_is_in_sight_after_share_and_after_remix(
    people: Callable[..., Visit], of_alice: httpx.Client
) -> None:
    size: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    look = {"type": "fixed", "tool": "generate_image"}
    names = [f"look_{place}" for place in range(1, 6)]
    stages = [
        {**look, "id": one, "produces": [one], "label": label, "args": {"prompt": VIEW}}
        for one, label in zip(names, ("Dawn", "Noon", "Dusk", "Night", "Dawn"), strict=True)
    ]
    off = {"id": "off", "tool": "upscale_image", "produces": ["off"], "bypass": True}
    stages.append({**look, **off, "args": {"source_image_url": "$artifacts.look_5"}})
    template = {"id": "five-looks", "name": "Five looks", "stages": stages}
    made = of_alice.post("/v1/creative-agent/workflows/templates", json=template)
    assert made.status_code in (200, 201), made.text
    run = finished(of_alice, start(of_alice, {"workflow_id": template["id"], "inputs": {}})["id"])
    assert run["status"] == "completed"
    with people("alice", **size) as alice:
        for window in (WIDE, PHONE):
            alice.set_viewport_size(window)
            for address in (f"/app/runs/{run['id']}/share", f"/runs/{run['id']}"):
                alice.goto(address)
                form = alice.get_by_role("main")
                if address.startswith("/runs"):
                    form = open_dialog(alice)
                send = form.get_by_role("button", name="Share", exact=True)
                expect(send).to_be_in_viewport(ratio=1)
                # Above the tabs of a phone, too.
                x, y = middle(send)
                assert send.evaluate(
                    "(one, at) => one.contains(document.elementFromPoint(...at))", [x, y]
                )
        form.get_by_text("See them").click()
        expect(form.get_by_text(VIEW)).to_have_count(1)
        expect(form.get_by_text("Dawn × 2, Noon, Dusk, and 1 more")).to_be_visible()
        form.get_by_role("switch", name="Allow Remix").check()
        form.get_by_role("switch", name="Show prompts and inputs").check()
        send.click()
        alice.wait_for_url("**/s/*")
        expect(alice.get_by_role("button", name="Copy link")).to_be_focused()
        expect(alice.get_by_role("button", name="Copy link")).to_be_in_viewport()
        expect(alice.get_by_text("Anyone with the link can see it")).to_be_visible()
        share = alice.url
        assert "#" not in share
    with people("bob", **size) as bob:
        bob.goto(share)
        expect(bob.locator(".creation-graph summary")).to_contain_text("5 stages")
        remix = bob.get_by_role("button", name="Remix", exact=True)
        expect(remix).to_have_attribute("title", "Remix (fork)")
        expect(bob.get_by_text("Its author allows remixing here.")).to_be_visible()
        expect(bob.get_by_text("before you reuse it")).to_have_count(0)
        remix.click()
        bob.wait_for_url("**/edit")
        expect(bob.get_by_role("region", name="Message")).to_have_text("Remixed. It's yours now.")
        expect(bob.locator(".run-button:visible")).to_be_enabled()
        # Another name that people know, in the search of commands.
        bob.keyboard.press("Control+k")
        commands = bob.get_by_role("dialog", name="Commands")
        commands.get_by_role("combobox").fill("fork")
        expect(commands.get_by_role("option").first).to_contain_text("Remix")
        bob.keyboard.press("Escape")
        bob.goto("/me/templates")
        expect(bob.get_by_role("heading", level=1)).to_be_visible()
        expect(bob.get_by_text("Remixed. It's yours now.")).to_have_count(0)


def test_the_dialog_says_what_is_wrong_and_keeps_what_was_typed(
    people: Callable[..., Visit], of_alice: httpx.Client
) -> None:
    steps = [
        {"id": "look", "title": "Look", "toolName": "generate_image", "arguments": {"prompt": "x"}}
    ]
    run = finished(of_alice, start(of_alice, {"input": {"steps": steps}})["id"])
    with people("alice", reduced_motion="reduce", expected=("422",)) as page:
        page.goto(f"/runs/{run['id']}")
        dialog = open_dialog(page)
        # Without a template there is nothing to remix.
        expect(dialog.get_by_role("switch", name="Allow Remix")).to_have_count(0)
        send = dialog.get_by_role("button", name="Share", exact=True)
        dialog.get_by_label("Title").fill("Two \u200b words")
        dialog.get_by_label("Description").fill("Kept")
        dialog.locator("[value=public]").check()
        send.click()
        expect(dialog.get_by_role("alert")).to_contain_text("The title contains a character")
        expect(dialog.get_by_label("Description")).to_have_value("Kept")
        expect(dialog.locator("[value=public]")).to_be_checked()
        dialog.get_by_label("Title").fill("Two words")
        dialog.locator(".choice").first.click()
        send.click()
        expect(dialog.get_by_role("alert")).to_have_text("Choose at least one result.")
        dialog.locator(".choice").first.click()
        send.click()
        page.wait_for_url("**/s/*")
        expect(page.get_by_role("heading", level=1)).to_have_text("Two words")
