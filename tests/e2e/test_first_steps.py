"""What the editor shows of itself to someone who never had it open."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import broken
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import signed_in
from tests.support.server import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SITE_OPTIONS = {"workers": 0, "settings": "tests.support.settings.first_steps"}

TEMPLATES = "/v1/creative-agent/workflows/templates"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
# Invites, and accepts.
_INVITED = """
from accounts.models import User
from templates_app.models import Collaborator, Template
person = User.objects.get(username="newcomer")
Collaborator.objects.create(template=Template.objects.get(public_id="{}"), user=person)
"""
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


def test_they_are_for_an_empty_template_of_ones_own_on_a_wide_screen(
    site: Site, browser: Browser
) -> None:
    still = {"id": "still", "type": "fixed", "tool": "generate_image", "args": {"prompt": "A boat"}}
    phone, wide = signed_in(browser, site, "thumb"), signed_in(browser, site, "newcomer")

    def made_by(person: str, *stages: dict[str, Any]) -> str:
        with site.client(site.key(person)) as client:
            body = {"name": "Harbor", "inputs": [], "stages": list(stages)}
            return str(client.post(TEMPLATES, json=body).json()["data"]["template"]["id"])

    with Visit(browser, site.url, storage_state=phone, **PHONE) as page:
        page.goto(f"/t/{made_by('thumb')}/edit")
        expect(page.get_by_role("button", name="Add the first stage")).to_be_visible()
        expect(steps_of(page)).to_have_count(0)
    theirs = made_by("newcomer", still)
    guests = made_by("thumb")
    site.manage("shell", "--no-imports", "-c", _INVITED.format(guests))
    with Visit(browser, site.url, storage_state=wide) as page:
        for template in (theirs, guests):
            page.goto(f"/t/{template}/edit")
            is_open(page)
            expect(page.get_by_role("complementary", name="Inspector")).to_be_visible()
            expect(steps_of(page)).to_have_count(0)
        # They were not used up by what they are not for, and a draft that comes in ends them.
        page.goto(f"/t/{made_by('newcomer')}/edit")
        expect(steps_of(page)).to_contain_text("1 of 3")
        page.get_by_role("textbox", name="What should it make?").fill("A boat at dusk, 4 seconds")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("region", name="Proposal")).to_be_visible()
        page.keyboard.press("Enter")
        expect(run_button(page)).to_be_focused()
        expect(steps_of(page)).to_have_count(0)
