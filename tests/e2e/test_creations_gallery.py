"""The gallery of creations and pages of authors in real Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import check
from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

PEOPLE = ("Ada Lovelace", "Ottoline Marsh", "Quillon Verity")
SHARE = """
from accounts import services as accounts
from tests.support.builders.listed_creations import share_samples
people = []
for place, name in enumerate({names!r}):
    person = accounts.create_user(username=f"person-{{place}}", display_name=name)
    people.append(person)
share_samples(*people)
print(people[0].public_id)
"""


@pytest.fixture(scope="module")
def author(site: Site) -> str:
    """The address of someone who shares what samples show, as others do."""
    told = site.manage("shell", "--no-imports", "-c", SHARE.format(names=PEOPLE))
    return f"/u/{told.split()[-1]}"


@pytest.fixture
def visit(site: Site, author: str, browser: Browser) -> Callable[..., Visit]:
    def open_(**options: object) -> Visit:
        return Visit(browser, site.url, **options)

    return open_


def names(page: Page) -> list[str]:
    return page.locator("#results > .grid .card h3").all_inner_texts()


def test_typing_filters_films_and_the_way_to_an_author(
    visit: Callable[..., Visit], author: str
) -> None:
    with visit() as page:
        page.goto("/?q=ada")
        page.get_by_role("link", name="Creations", exact=True).click()
        page.wait_for_url("**/creations?q=ada")
        search = page.get_by_role("searchbox", name="Search creations")
        expect(search).to_have_value("ada")
        people = page.get_by_role("region", name="People")
        people.get_by_role("link", name="Ada Lovelace").click()
        page.wait_for_url(f"**{author}")
        expect(page.get_by_role("heading", name="Ada Lovelace", level=1)).to_be_visible()

        page.goto("/creations")
        page.evaluate("window.neverReloaded = true")
        search.press_sequentially("#night", delay=20)
        page.wait_for_url("**/creations?q=%23night")
        expect(page.locator("#live")).to_contain_text("creation")
        page.get_by_role("link", name="Filter by tag: first").click()
        page.wait_for_url("**/creations?q=%23night&tag=first")
        page.get_by_role("link", name="Most liked").click()
        page.wait_for_url("**/creations?q=%23night&tag=first&sort=liked")
        page.get_by_role("link", name="Remove filter: first").click()
        page.wait_for_url("**/creations?q=%23night&sort=liked")
        expect(search).to_have_value("#night")
        assert page.evaluate("window.neverReloaded")
        search.fill("nothing of the kind")
        expect(page.locator("[data-empty]")).to_contain_text("No results for")
        check(page, "creations, none")
        page.get_by_role("link", name="Clear filters").click()
        expect(page.locator("#results > .grid .card").first).to_be_visible()

    # A film plays under the pointer, and its author is a click away.
    with visit() as page:
        page.goto("/creations?kind=video")
        card = page.locator(".card[data-preview]").first
        card.hover()
        expect(card.locator("video.is-on")).to_be_attached()
        page.mouse.move(0, 0)
        expect(card.locator("video")).to_have_count(0)
        name = card.locator(".card-by").inner_text()
        card.locator(".card-by").click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        page.locator(".card[data-preview]").first.hover()
        expect(page.locator(".card video.is-on").first).to_be_attached()
        page.goto("/creations")
        name = names(page)[0]
        box = page.locator("#results > .grid .card .media").first.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 20, box["y"] + 60)
        page.wait_for_url("**/s/*")
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_without_javascript_it_searches_narrows_and_pages(visit: Callable[..., Visit]) -> None:
    with visit(java_script_enabled=False) as page:
        page.goto("/creations?kind=video")
        page.get_by_role("searchbox", name="Search creations").fill("evening")
        page.get_by_role("main").get_by_role("button", name="Search").click()
        page.wait_for_url("**q=evening*")
        assert "kind=video" in page.url
        assert names(page)
        page.get_by_role("link", name="New", exact=True).click()
        page.wait_for_url("**sort=new*")
