"""Hearing of a run that ends while its starter looks at another page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import signed_in
from tests.support.server import SHARED, Site
from tests.support.waiting import wait_for

pytestmark = pytest.mark.browser
SITE_OPTIONS = SHARED

PAUSE = {
    "id": "harbor-pause",
    "name": "Harbor pause",
    "visibility": "public",
    "inputs": [{"name": "until", "type": "text", "label": "Until", "required": True}],
    "stages": [
        {
            "id": "pause",
            "label": "Pause",
            "type": "fixed",
            "tool": "sleep",
            "args": {"seconds": 60, "until": "$inputs.until"},
        }
    ],
}
DONE = "“Harbor pause” is done."
# Keeps what the browser is asked to show: one without windows shows nothing.
RECORD = """
  window.asked = [];
  window.Notification = class extends EventTarget {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, { body, tag }) {
      super();
      window.asked.push(body);
      this.close = () => {};
      window.latest = this;
    }
  };
"""
BLOCKED = "Object.defineProperty(Notification, 'permission', { get: () => 'denied' });"


@pytest.fixture(scope="module")
def rest(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("owner")) as client:
        answer = client.post("/v1/creative-agent/workflows/templates", json=PAUSE)
        assert answer.status_code == 201, answer.text
        yield client


@pytest.fixture
def person(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Any:
    """The browser of someone who has no notices yet."""
    name = re.sub(r"\W", "", request.node.name)[-30:]
    return signed_in(browser, site, name)


@pytest.fixture
def visit(browser: Browser, site: Site, person: Any) -> Callable[..., Visit]:
    return lambda **options: Visit(browser, site.url, **{"storage_state": person, **options})


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """The file that ends the pause."""
    return tmp_path / "go"


def run(page: Page, until: Path) -> str:
    """Start a run on its template's page, as people do; its id."""
    page.goto("/t/harbor-pause")
    page.get_by_label(re.compile(r"^\s*Until")).fill(str(until))
    page.get_by_role("button", name=re.compile("^Run")).first.click()
    page.wait_for_url(re.compile(r"/runs/[^/]+$"))
    return page.url.rpartition("/")[2]


def bell(page: Page) -> Locator:
    return page.locator("notice-bell > a")


def rings(page: Page, unread: int) -> None:
    expect(bell(page)).to_have_attribute("aria-label", f"Notices, {unread} unread")
    expect(page).to_have_title(re.compile(rf"^\({unread}\) "))


def is_quiet(page: Page) -> None:
    expect(bell(page)).to_have_attribute("aria-label", "Notices")
    expect(page).to_have_title(re.compile(r"^[^(]"))


def test_a_run_ends_on_another_page_and_the_bell_of_each_window_leads_to_it(
    rest: httpx.Client, visit: Callable[..., Visit], go: Path
) -> None:
    with visit() as page, visit() as phone:
        started = run(page, go)
        page.goto("/")
        phone.goto("/me/templates")
        is_quiet(page)
        go.touch()
        rings(page, 1)
        rings(phone, 1)
        bell(page).click()
        panel = page.get_by_role("dialog", name="Latest notices")
        expect(panel.get_by_text(DONE)).to_be_visible()
        bell(page).click()
        expect(panel).to_be_hidden()
        bell(page).press("Enter")
        expect(panel).to_be_visible()
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        bell(page).click()
        panel.get_by_role("link", name=DONE).click()
        page.wait_for_url(f"**/runs/{started}")
        is_quiet(page)
        # Read in one window, it is read in the other.
        is_quiet(phone)
        page.goto("/me/notices")
        expect(page.get_by_role("link", name=DONE)).to_be_visible()
        expect(page.get_by_text("Unread", exact=True)).to_have_count(0)


def test_who_looks_at_the_run_is_not_told_and_a_kind_that_is_switched_off_tells_nothing(
    rest: httpx.Client, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    with visit() as page:
        for go in (tmp_path / "first", tmp_path / "second"):
            run(page, go)
            go.touch()
            expect(page.locator("#run")).to_have_attribute("data-over", re.compile(".*"))
            page.goto("/me/notices")
            expect(page.get_by_role("link", name=DONE)).to_have_count(1)
            is_quiet(page)
            page.goto("/me/notices/settings")
            for way in ("in the page", "by the browser"):
                page.get_by_role("switch", name=f"A run is done, {way}").uncheck()
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_text("Saved.")).to_be_visible()
        expect(page.get_by_role("switch", name="A run is done, in the page")).not_to_be_checked()
        expect(page.get_by_role("switch", name="A run failed, in the page")).to_be_checked()


def test_of_two_tabs_one_shows_a_notification_and_both_count(
    rest: httpx.Client, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    with visit() as page:
        page.context.add_init_script(RECORD)
        other = page.context.new_page()
        first, second = tmp_path / "first", tmp_path / "second"
        started = run(page, first)
        run(page, second)
        page.goto("/")
        other.goto("/me/templates")

        def asked() -> list[str]:
            return [text for tab in (page, other) for text in tab.evaluate("asked")]

        for unread, ends in enumerate((first, second), start=1):
            ends.touch()
            rings(page, unread)
            rings(other, unread)
            wait_for(lambda least=unread: len(asked()) >= least, "the notification")
        assert asked() == [DONE, DONE]
        # The tab that listens is closed, and the other one takes over.
        leader = page if page.evaluate("asked.length") else other
        stays = other if leader is page else page
        third = tmp_path / "third"
        run(leader, third)
        leader.close()
        third.touch()
        rings(stays, 3)
        stays.wait_for_function("() => asked.length > 0")
        assert stays.evaluate("asked") == [DONE]
        # Its click leads where the notice leads.
        stays.evaluate("latest.dispatchEvent(new Event('click'))")
        stays.wait_for_url("**/runs/*")
        assert started


def test_without_a_socket_the_bell_asks_now_and_then(
    rest: httpx.Client, visit: Callable[..., Visit], go: Path, site: Site
) -> None:
    with visit(expected=("WebSocket",)) as page:
        started = run(page, go)
        page.clock.install()
        page.route_web_socket("**/ws/notices", lambda socket: socket.close(code=1013))
        page.goto("/")
        is_quiet(page)
        go.touch()
        expect(page.request.get(f"/runs/{started}")).to_be_ok()

        def heard() -> bool:
            page.clock.fast_forward(21_000)
            return bell(page).get_attribute("aria-label") == "Notices, 1 unread"

        wait_for(heard, "the count")


def test_the_editor_has_the_bell_and_all_is_marked_as_read(
    rest: httpx.Client, visit: Callable[..., Visit], go: Path
) -> None:
    with visit() as page:
        started = run(page, go)
        page.goto("/me/templates")
        page.get_by_role("button", name="New template").click()
        page.wait_for_url(re.compile("/t/[^/]+/edit"))
        expect(bell(page)).to_be_visible()
        go.touch()
        rings(page, 1)
        bell(page).click()
        expect(page.get_by_role("link", name=DONE)).to_have_attribute(
            "href", re.compile(f"/runs/{started}$")
        )
        page.get_by_role("button", name="Mark all as read").click()
        is_quiet(page)


def test_settings_ask_the_browser_by_a_button_and_say_what_to_do(
    visit: Callable[..., Visit],
) -> None:
    with visit() as page:
        page.add_init_script(
            "window.Notification = class { static permission = 'default';"
            " static async requestPermission() { this.permission = 'granted'; } };"
        )
        page.goto("/me/notices/settings")
        page.get_by_role("button", name="Allow notifications").click()
        expect(page.get_by_text("Allowed", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Allow notifications")).to_be_hidden()
    with visit() as page:
        page.add_init_script(BLOCKED)
        page.goto("/me/notices/settings")
        expect(page.get_by_text("Your browser blocks notifications")).to_be_visible()
