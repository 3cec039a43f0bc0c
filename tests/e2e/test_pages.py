"""The pages in real Chromium, in front of the real product: what a person sees and does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site, cancel_all, finished

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

# What Chromium says about any answer that is an error; the page itself is what counts.
REFUSED = ("Failed to load resource: the server responded with a status of 4",)

STUDY: dict[str, Any] = {
    "id": "heron-study",
    "name": "Heron study",
    "description": "A note.",
    "visibility": "public",
    "inputs": [
        {"name": "subject", "type": "text", "required": True, "description": "What to note"},
        {"name": "look", "type": "image", "description": "A picture to start from"},
        {"name": "mood", "type": "select", "options": ["calm", "bright"]},
        {"name": "loud", "type": "boolean", "description": "Loud"},
    ],
    "stages": [
        {
            "id": "one",
            "label": "First note",
            "type": "fixed",
            "tool": "note",
            "args": {"text": "$inputs.subject"},
        },
    ],
}
LONG = STUDY | {
    "id": "long-study",
    "name": "Long study",
    "stages": [{"id": "rest", "type": "fixed", "tool": "sleep", "args": {"seconds": 60}}],
}


@pytest.fixture(scope="module")
def rest(site: Site) -> Iterator[httpx.Client]:
    """The owner's REST client, after publishing the studies of these tests."""
    with site.client(site.key("owner")) as client:
        for template in (STUDY, LONG):
            answer = client.post("/v1/creative-agent/workflows/templates", json=template)
            assert answer.status_code == 201, answer.text
        yield client


def form_of(page: Page, name: str) -> Any:
    """The form on a template's page, reached from its card in the gallery."""
    page.goto("/")
    page.get_by_role("searchbox", name="Search templates").fill(name)
    page.get_by_role("main").get_by_role("button", name="Search").click()
    page.wait_for_url("**/?q=*")
    expect(page.locator("#results .card")).to_have_count(1)
    page.get_by_role("link", name=f"Run {name}").click()
    page.wait_for_url("**/t/*")
    return form_here(page)


def form_here(page: Page) -> Any:
    return page.locator("[data-run-form]")


def run_study(page: Page, name: str, words: str = "herons") -> str:
    """Start a study from its page; the id of its run."""
    form = form_of(page, name)
    form.get_by_label("What to note").fill(words)
    form.locator("[data-run]").click()
    page.wait_for_url("**/runs/*")
    return page.url.rpartition("/")[2]


def tab_to(page: Page, what: str, name: str) -> None:
    """Press Tab until the focus is on a link, a button or a field of that name."""
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        kind, words = page.evaluate(
            """() => {
              const here = document.activeElement;
              const words = (here.labels?.[0] ?? here).textContent.trim().replace(/\\s+/g, " ");
              return [here.localName === "a" ? "link" : here.localName, words];
            }"""
        )
        reached.append(words)
        if kind == what and words.startswith(name):
            return
    raise AssertionError(f"no {what} {name!r} among {reached}")


def pill(page: Page, step: str) -> Any:
    return page.locator(f'[data-step="{step}"] [data-status]')


def runs_of(rest: httpx.Client) -> list[str]:
    listed = rest.get("/v1/creative-agent/workflows?limit=100").json()["data"]["workflows"]
    return [run["id"] for run in listed]


def test_a_double_click_starts_one_run_and_what_the_form_refuses_keeps_its_words(
    site: Site, browser: Browser, visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    before = runs_of(rest)
    address = "A picture to start from: URL"
    with visit(expected=REFUSED) as page:
        form = form_of(page, "Heron study")
        form.get_by_label("What to note").fill("herons <b>&</b> otters")
        form.get_by_text("Use a URL").click()
        form.get_by_label(address).fill("http://10.0.0.1/x.png")
        form.get_by_text("bright").click()
        form.get_by_role("switch", name="Loud").check()
        form.locator("[data-run]").click()
        form = form_here(page)
        problem = form.locator("[id$='-bad']")
        expect(problem).to_contain_text("can't be used")
        assert ".." not in str(problem.text_content())
        expect(form.get_by_label("What to note")).to_have_value("herons <b>&</b> otters")
        expect(form.get_by_label(address)).to_have_value("http://10.0.0.1/x.png")
        expect(form.get_by_role("radio", name="bright")).to_be_checked()
        expect(form.get_by_role("switch", name="Loud")).to_be_checked()
        assert runs_of(rest) == before
        form.get_by_label(address).fill("")
        form.locator("[data-run]").dblclick()
        page.wait_for_url("**/runs/*")
        expect(page.locator("#run[data-over]")).to_be_attached()
        assert len(runs_of(rest)) == len(before) + 1
        # Back, and other words start another one.
        first = page.url
        form = form_of(page, "Heron study")
        form.get_by_label("What to note").fill("two herons")
        form.locator("[data-run]").click()
        page.wait_for_url(lambda url: "/runs/" in url and url != first)
        second = page.url
        page.go_back()
        form = form_here(page)
        form.get_by_label("What to note").fill("three herons")
        form.locator("[data-run]").click()
        page.wait_for_url("**/runs/*")
        expect(page.get_by_text("three herons")).to_be_visible()
        assert page.url not in (first, second)
    assert len(runs_of(rest)) == len(before) + 3
    with Visit(browser, site.url) as page:
        form = form_of(page, "Heron study")
        form.get_by_label("What to note").fill("herons")
        form.locator("[data-run]").click()
        page.wait_for_url(re.compile(r"/sign-in\?next="))
        page.goto("/runs/wf_x")
        assert page.url.endswith("/sign-in?next=/runs/wf_x")
        icon = page.locator('link[rel="icon"]').get_attribute("href")
        assert httpx.get(f"{site.url}{icon}").headers["content-type"].startswith("image/svg")


def test_without_javascript_the_pages_are_whole(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit(java_script_enabled=False) as page:
        run_id = run_study(page, "Heron study")
        finished(rest, run_id)
        page.goto(f"/runs/{run_id}")
        expect(page.locator("[data-run-status]")).to_have_text("Done")
        expect(page.locator('tr[data-step="one"] a')).to_have_count(1)
        expect(page.locator("[data-film] img")).to_be_visible()
        run_id = run_study(page, "Long study")
        expect(page.locator("[data-log-box] a")).to_have_text("Reload")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("[data-run-status]")).to_have_text("Stopped")


def test_the_keyboard_reaches_everything_in_order(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit() as page:
        page.goto("/")
        page.keyboard.press("/")
        page.keyboard.type("heron study")
        page.wait_for_url("**/?q=heron+study")
        expect(page.locator("#results .card")).to_have_count(1)
        tab_to(page, "link", "Heron study")
        page.keyboard.press("Enter")
        page.wait_for_url("**/t/*")
        tab_to(page, "textarea", "What to note")
        page.keyboard.type("written by keyboard")
        tab_to(page, "button", "Run")
        page.keyboard.press("Enter")
        page.wait_for_url("**/runs/*")
        expect(page.get_by_text("written by keyboard")).to_be_visible()
        cancel_all(rest)
