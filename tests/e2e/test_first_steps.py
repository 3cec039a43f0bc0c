"""What the editor shows of itself to someone who never had it open."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import broken
from tests.support.browser import Visit
from tests.support.browser_actions import signed_in
from tests.support.server import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SITE_OPTIONS = {"workers": 0, "settings": "tests.support.first_steps_settings"}

TEMPLATES = "/v1/creative-agent/workflows/templates"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
MARKED = re.compile("is-pointed-at")


@pytest.fixture(scope="module")
def mine(rest: httpx.Client) -> str:
    """The editor of the owner's template."""
    body = {"name": "Harbor", "inputs": [], "stages": []}
    answer = rest.post(TEMPLATES, json=body)
    assert answer.status_code == 201, answer.text
    return f"/t/{answer.json()['data']['template']['id']}/edit"


def steps_of(page: Page) -> Any:
    return page.get_by_role("region", name="First steps")


def run_button(page: Page) -> Any:
    """Beside it there is the mode of that name."""
    return page.locator(".run-button")


def is_open(page: Page) -> None:
    expect(run_button(page)).to_be_visible()


def test_three_steps_on_the_first_visit_and_never_again(
    visit: Callable[..., Visit], mine: str
) -> None:
    with visit() as page:
        page.goto(mine)
        steps = steps_of(page)
        expect(steps).to_contain_text("1 of 3")
        expect(page.get_by_role("complementary", name="Palette")).to_have_class(MARKED)
        assert broken(page, "the first step", ".first-steps") == []
        # It is in no one's way: what it tells to do can be done beside it.
        page.get_by_role("button", name=re.compile("^Generate image")).first.click()
        steps.get_by_role("button", name="Next").click()
        expect(steps).to_contain_text("2 of 3")
        expect(page.get_by_role("complementary", name="Palette")).not_to_have_class(MARKED)
        steps.get_by_role("button", name="Back").click()
        steps.get_by_role("button", name="Next").click()
        steps.get_by_role("button", name="Next").click()
        expect(run_button(page)).to_have_class(MARKED)
        steps.get_by_role("button", name="Done").click()
        expect(steps).to_have_count(0)
        page.reload()
        is_open(page)
        expect(steps).to_have_count(0)


def test_on_a_phone_they_speak_of_the_outline_and_can_be_skipped(
    site: Site, browser: Browser
) -> None:
    session = signed_in(browser, site, "newcomer")
    with site.client(site.key("newcomer")) as client:
        answer = client.post(TEMPLATES, json={"name": "Harbor", "inputs": [], "stages": []})
        address = f"/t/{answer.json()['data']['template']['id']}/edit"
    with Visit(browser, site.url, storage_state=session, **PHONE) as page:
        page.goto(address)
        steps = steps_of(page)
        expect(steps).to_contain_text("below the list")
        box = steps.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert broken(page, "the first step on a phone", ".first-steps") == []
        steps.get_by_role("button", name="Skip the first steps").tap()
        expect(steps).to_have_count(0)
    # Skipped is seen, in any browser of theirs.
    with Visit(browser, site.url, storage_state=session) as page:
        page.goto(address)
        is_open(page)
        expect(steps_of(page)).to_have_count(0)
