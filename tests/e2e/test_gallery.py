"""The gallery in real Chromium: searching while typing, scrolling, previews."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from studio.tests.support.films import make_clip
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import withdraw
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED
PERSON = "galina"

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
COUNT = 60
HOSTILE = ("<script>window.harmed = true</script>", "‮gnp.exe", "🦊" * 100, "w" * 200)
# Posters belong to the template's page; what a missing one logs is no matter of this page.
NO_POSTER = ("poster.svg",)


@pytest.fixture(scope="module", autouse=True)
def _published(site: Site, rest: httpx.Client) -> Iterator[None]:
    for number in range(COUNT):
        _publish(rest, f"Zoetrope {number}", "music" if number % 2 else "cinematic")
    for name in HOSTILE:
        _name_as_before(site, _publish(rest, "Antique", "other"), name)
    _publish(rest, "Zircon otters", "portrait")
    yield
    withdraw(site, PERSON)


def _name_as_before(site: Site, public_id: str, name: str) -> None:
    """Some of these names were taken by earlier releases."""
    named = f"name_as_before(Template.objects.get(public_id={public_id!r}), {name!r})"
    modules = (
        "from templates_app.models import Template; from tests.support.builders.templates import *"
    )
    site.manage("shell", "--no-imports", "-c", f"{modules}; {named}")


def _publish(client: httpx.Client, name: str, category: str) -> str:
    body = {
        "name": name,
        "description": name,
        "category": category,
        "visibility": "public",
        "tags": ["late night"] if category == "music" else [],
        "inputs": [{"name": "brief", "type": "text"}],
        "stages": [
            {"id": "one", "type": "fixed", "tool": "note", "args": {"text": "$inputs.brief"}}
        ],
    }
    answer = client.post(TEMPLATES, json=body)
    assert answer.status_code == 201, answer.text
    public_id: str = answer.json()["data"]["template"]["id"]
    return public_id


@pytest.fixture
def visit(site: Site, browser: Browser) -> Callable[..., Visit]:
    def open_(*, expected: tuple[str, ...] = (), **options: object) -> Visit:
        return Visit(browser, site.url, expected=(*NO_POSTER, *expected), **options)

    return open_


def names(page: Page) -> list[str]:
    # Not those of what is new this week.
    return page.locator("#results > .grid .card h3").all_inner_texts()


def test_typing_filters_back_and_scrolling_without_a_reload(visit: Callable[..., Visit]) -> None:
    with visit(expected=("ERR_FAILED", "htmx:")) as page:
        page.goto("/")
        page.evaluate("window.neverReloaded = true")
        search = page.get_by_role("searchbox", name="Search templates")
        search.press_sequentially("zircon ot", delay=20)
        cards = page.locator("#results > .grid .card")
        expect(cards).to_have_count(1)
        assert names(page) == ["Zircon otters"]
        page.wait_for_url("**/?q=zircon+ot")
        expect(page.locator("#live")).to_have_text("1 template")
        expect(search).to_be_focused()
        search.fill("zircon otters of nowhere")
        expect(page.locator("[data-empty]")).to_contain_text("No results for")
        assert page.evaluate("window.neverReloaded")
        page.get_by_role("link", name="Clear filters").click()
        page.wait_for_url("**/")
        expect(cards).to_have_count(24)

        # A search that fails keeps the list and can be repeated.
        page.route("**/?q=*", lambda route: route.abort())
        search.fill("otters")
        expect(page.locator("#stale")).to_be_visible()
        assert len(names(page)) == 24
        page.unroute("**/?q=*")
        page.get_by_role("button", name="Try again").click()
        expect(cards).to_have_count(1)
        expect(page.locator("#stale")).to_be_hidden()
        search.fill("")
        expect(page.locator("#live")).to_have_text("24 templates, more below")

        search.fill("zoetrope")
        page.wait_for_url("**/?q=zoetrope")
        page.get_by_role("link", name="Music", exact=True).click()
        page.wait_for_url("**/?q=zoetrope&category=music")
        page.get_by_role("link", name="Filter by tag: late night").click()
        page.wait_for_url("**/?q=zoetrope&category=music&tag=late+night")
        search.fill("zoetrope 11")
        page.wait_for_url("**/?q=zoetrope+11&category=music&tag=late+night")
        expect(cards).to_have_count(1)
        page.get_by_role("link", name="Remove filter: late night").click()
        page.wait_for_url("**/?q=zoetrope+11&category=music")
        page.goto("/?q=zoetrope&sort=new")
        expect(cards).to_have_count(24)
        for count in (48, COUNT):
            page.locator("#more").scroll_into_view_if_needed()
            expect(cards).to_have_count(count)
        expect(page.locator("#more")).to_have_count(0)
        assert sorted(names(page)) == sorted(f"Zoetrope {number}" for number in range(COUNT))
        page.go_back()
        page.wait_for_url("**/?q=zoetrope+11&category=music")
        expect(cards).to_have_count(1)


def test_without_javascript_it_searches_narrows_and_pages(visit: Callable[..., Visit]) -> None:
    with visit(java_script_enabled=False) as page:
        page.goto("/?category=music")
        page.get_by_role("searchbox", name="Search templates").fill("zoetrope")
        page.get_by_role("main").get_by_role("button", name="Search").click()
        page.wait_for_url("**q=zoetrope*")
        assert "category=music" in page.url
        seen = names(page)
        page.get_by_role("link", name="Show more", exact=True).click()
        page.wait_for_url("**after=*")
        seen += names(page)
        assert sorted(seen) == sorted(f"Zoetrope {number}" for number in range(1, COUNT, 2))


def test_a_card_plays_its_preview_and_leads_to_its_page_and_its_form(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    make_clip(path)
    film = path.read_bytes()
    with visit() as page:
        # The first of the front page is large, that of a search is small.
        for address in ("/", "/?q=otters"):
            page.goto(address)
            name = names(page)[0]
            card = page.locator("#results > .grid .card").first
            card.get_by_role("link", name=f"Run {name}").click()
            page.wait_for_url("**/t/*#run")
            page.goto(address)
            box = card.locator(".media").bounding_box()
            assert box is not None
            page.mouse.click(box["x"] + 20, box["y"] + 60)
            page.wait_for_url("**/t/*")
            assert not page.url.endswith("#run")
        _card_with_preview(page, film)
        card = page.locator(".card")
        card.hover()
        expect(card.locator("video.is-on")).to_be_visible()
        assert card.locator("video").evaluate("film => film.muted && !film.paused")
        page.mouse.move(0, 0)
        expect(card.locator("video")).to_have_count(0)
        card.get_by_role("link", name="Zircon otters", exact=True).focus()
        expect(card.locator("video.is-on")).to_be_visible()
        expect(card.get_by_role("link", name="Run Zircon otters")).to_be_visible()
        # Nothing plays for those who want stillness.
        page.emulate_media(reduced_motion="reduce")
        page.clock.install()
        _card_with_preview(page, film)
        page.locator(".card").hover()
        page.clock.run_for(5_000)
        expect(page.locator(".card video")).to_have_count(0)


def _card_with_preview(page: Page, film: bytes) -> None:
    """A card that has a film, as one does whose author chose a preview."""

    def answer(route: Route) -> None:
        route.fulfill(body=film, content_type="video/mp4")

    page.route("**/media/t/1/film.mp4", answer)
    page.goto("/?q=otters")
    page.locator(".card").evaluate("card => card.dataset.preview = '/media/t/1/film.mp4'")


def test_a_phone_shows_a_film_at_once_and_hostile_names_fit(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    _publish(rest, "A teaser in two shots", "custom")
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with visit(**phone) as page:
        page.goto("/?sort=new")
        title = page.locator(".card.big h3")
        expect(title).to_have_text("A teaser in two shots")
        assert title.evaluate("one => one.scrollWidth <= one.clientWidth")
        assert title.evaluate("one => one.scrollHeight <= one.clientHeight")
        page.goto("/")
        first = page.locator(".card .media").first.bounding_box()
        assert first is not None
        assert first["y"] < 480
        # Filters are folded here.
        music = page.get_by_role("link", name="Music", exact=True)
        expect(music).to_be_hidden()
        page.get_by_role("button", name="Filters").tap()
        expect(page.get_by_role("link", name="Most remixed")).to_be_visible()
        music.tap()
        expect(page).to_have_url(re.compile("category=music"))
        expect(music).to_be_hidden()
        expect(page.get_by_role("button", name="Filters 1 on")).to_be_visible()
        for address in ("/?q=antique&category=other", "/"):
            page.goto(address)
            for width in (320, 390, 1440):
                page.set_viewport_size({"width": width, "height": 844})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            if "antique" in address:
                assert set(HOSTILE) <= set(names(page))
                assert page.evaluate("window.harmed") is None
        expect(page.get_by_role("button", name="Filters")).to_be_hidden()
        expect(music).to_be_visible()
