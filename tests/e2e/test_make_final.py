"""A draft first, its final later, on the pages: what it takes is said, and only that is paid."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.fakes.openai_server import OpenAIServer
from tests.support.server import SHARED_SERVICES

SITE_OPTIONS = SHARED_SERVICES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEMPLATES = "/v1/creative-agent/workflows/templates"
BADGE = "Draft quality, made by the built-in studio."
SMALL = {"model": "gpt-image-1", "width": 256, "height": 256}


def stage(name: str, tool: str, **args: Any) -> dict[str, Any]:
    known = {"id": name, "label": name.title(), "type": "fixed", "tool": tool}
    return {**known, "produces": [name], "args": args}


POSTCARDS = {
    "id": "two-postcards",
    "name": "Two postcards",
    "inputs": [],
    "stages": [
        stage("harbor", "generate_image", prompt="A quiet harbor", **SMALL),
        stage("island", "generate_image", prompt="A small island", **SMALL),
        stage("poster", "upscale_image", source_image_url="$artifacts.harbor"),
    ],
}


def row(page: Page, stage: str) -> Any:
    return page.locator(f'[data-step="{stage}"]')


def test_a_draft_is_made_final_for_what_the_page_says(
    visit: Callable[..., Visit], rest: httpx.Client, openai: OpenAIServer
) -> None:
    answer = rest.post(TEMPLATES, json=POSTCARDS)
    assert answer.status_code == 201, answer.text
    asked = len(openai.asked)
    with visit() as page:
        page.goto("/t/two-postcards")
        quote = page.locator("#quote")
        expect(quote).to_contain_text("6 credits")
        page.get_by_role("switch", name="Draft quality").check()
        expect(quote).to_contain_text("3 credits")
        expect(page.get_by_role("switch", name="Draft quality")).to_be_checked()
        page.get_by_role("button", name="Run", exact=True).last.click()
        page.wait_for_url("**/runs/*")
        expect(page.locator("#run[data-over]")).to_be_attached()
        draft = page.url
        expect(row(page, "harbor")).to_contain_text(BADGE)
        offer = page.get_by_role("region", name="Make final")
        expect(offer).to_contain_text("2 stages final, 1 made again because its input changes")
        offer.get_by_role("checkbox", name=re.compile("Island")).uncheck()
        expect(offer).to_contain_text(
            "1 stage final, 1 made again because its input changes, 1 kept · 3.5 credits"
        )
        # No one was paid until now.
        assert len(openai.asked) == asked
        offer.get_by_role("button", name="Make final").click()
        page.wait_for_url(lambda url: "/runs/" in url and url != draft)
        expect(page.locator("#run[data-over]")).to_be_attached()
        expect(row(page, "harbor")).not_to_contain_text(BADGE)
        expect(row(page, "island")).to_contain_text(BADGE)
        expect(page.locator("[data-used]")).to_have_text("3.5")
        # The rest is still to be had.
        offer = page.get_by_role("region", name="Make final")
        expect(offer.get_by_role("checkbox")).to_have_count(1)
        expect(offer).to_contain_text("1 stage final, 2 kept · 2.5 credits")
    paid = [one.body["prompt"] for one in openai.asked[asked:] if one.method == "POST"]
    assert paid == ["A quiet harbor"]


def test_the_editor_runs_drafts_until_it_is_told_otherwise(
    visit: Callable[..., Visit], rest: httpx.Client, openai: OpenAIServer
) -> None:
    answer = rest.post(TEMPLATES, json={**POSTCARDS, "id": "drafts-here"})
    assert answer.status_code == 201, answer.text
    asked = len(openai.asked)
    with visit() as page:
        actions = EditorActions(page)
        actions.open("drafts-here")
        quote = page.locator(".editor-bar .quote")
        switch = page.get_by_role("banner").get_by_role("button", name="Draft", exact=True)
        expect(quote).to_contain_text("6 credits")
        switch.click()
        expect(quote).to_contain_text("3 credits")
        page.reload()
        expect(switch).to_have_attribute("aria-pressed", "true")
        expect(quote).to_contain_text("3 credits")
        page.get_by_role("button", name="Run", exact=True).last.click()
        expect(page.locator(".run-status")).to_contain_text("Done")
        page.get_by_role("group", name="Mode").get_by_role("button", name="Edit").click()
        switch.click()
        # The studio's own stage is reused only where what it is made from is.
        expect(quote).to_contain_text("6 credits")
        runs = rest.get("/v1/creative-agent/workflows").json()["data"]["workflows"]
        page.goto(f"/runs/{runs[0]['id']}")
        expect(row(page, "harbor")).to_contain_text(BADGE)
        expect(page.get_by_role("region", name="Make final")).to_contain_text("2 stages final")
    assert len(openai.asked) == asked
