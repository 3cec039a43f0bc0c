"""A template is offered to agents in the editor, and they find it by its rank."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.support import axe
from tests.support.builders.editor_templates import TEMPLATES
from tests.support.clients.browser import Visit
from tests.support.server import SHARED

SITE_OPTIONS = SHARED
pytestmark = pytest.mark.browser

STAGE = {"id": "still", "type": "fixed", "tool": "generate_image", "args": {"prompt": "A fox"}}


def offered(rest: httpx.Client) -> list[str]:
    answer = rest.get(TEMPLATES, params={"exposeToLLM": "true", "visibility": "own"})
    return [template["id"] for template in answer.json()["data"]["templates"]]


def test_a_template_is_offered_to_agents_by_rank(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    for name, exposed in (("agents-usual", True), ("agents-first", False)):
        body = {"id": name, "name": name, "stages": [STAGE], "exposeToLLM": exposed}
        assert rest.post(TEMPLATES, json=body).status_code == 201
    with visit() as page:
        page.goto("/t/agents-first/edit")
        expect(page.locator(".saved")).to_be_visible()
        inspector = page.get_by_role("complementary", name="Inspector")
        inspector.get_by_text("Category, tags and more").click()
        inspector.get_by_role("switch", name="Offer to agents").check()
        rank = inspector.get_by_label("Rank for agents", exact=True)
        rank.fill("5")
        rank.blur()
        assert axe.broken(page, "the template panel", ".inspector") == []
        page.keyboard.press("Control+s")
        dialog = page.get_by_role("dialog", name="Save version")
        dialog.get_by_role("button", name="Save version").click()
        expect(dialog).to_have_count(0)
        assert offered(rest) == ["agents-first", "agents-usual"]
        page.goto("/t/agents-first")
        expect(page.get_by_text("Rank 5")).to_be_visible()
