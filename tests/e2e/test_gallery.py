"""The gallery in real Chromium: searching while typing, scrolling, previews."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

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


def test_results_follow_the_typing_and_the_address_with_them(visit: Callable[..., Visit]) -> None:
    with visit() as page:
        page.goto("/")
        page.evaluate("window.neverReloaded = true")
        page.get_by_role("searchbox", name="Search templates").press_sequentially(
            "zircon ot", delay=20
        )
        expect(page.locator("#results > .grid .card")).to_have_count(1)
        assert names(page) == ["Zircon otters"]
        page.wait_for_url("**/?q=zircon+ot")
        expect(page.locator("#live")).to_have_text("1 template")
        expect(page.get_by_role("searchbox", name="Search templates")).to_be_focused()
        assert page.evaluate("window.neverReloaded")
        page.get_by_role("searchbox", name="Search templates").fill("zircon otters of nowhere")
        expect(page.locator("[data-empty]")).to_contain_text("No results for")
        page.get_by_role("link", name="Clear filters").click()
        page.wait_for_url("**/")
        expect(page.locator("#results > .grid .card")).to_have_count(24)
        box = page.get_by_role("searchbox", name="Search templates")
        box.fill("zircon")
        expect(page.locator("#live")).to_have_text("1 template")
        box.fill("")
        expect(page.locator("#live")).to_have_text("24 templates, more below")


def test_filters_keep_the_words_and_back_brings_the_list_again(
    visit: Callable[..., Visit],
) -> None:
    with visit() as page:
        page.goto("/?q=zoetrope")
        page.get_by_role("link", name="Music", exact=True).click()
        page.wait_for_url("**/?q=zoetrope&category=music")
        page.get_by_role("link", name="Filter by tag: late night").click()
        page.wait_for_url("**/?q=zoetrope&category=music&tag=late+night")
        page.get_by_role("searchbox", name="Search templates").fill("zoetrope 11")
        page.wait_for_url("**/?q=zoetrope+11&category=music&tag=late+night")
        expect(page.locator("#results > .grid .card")).to_have_count(1)
        page.get_by_role("link", name="Remove filter: late night").click()
        page.wait_for_url("**/?q=zoetrope+11&category=music")
        page.goto("/?q=zoetrope&category=music&sort=new")
        page.go_back()
        page.wait_for_url("**/?q=zoetrope+11&category=music")
        expect(page.locator("#results > .grid .card")).to_have_count(1)


def test_scrolling_brings_every_template_once(visit: Callable[..., Visit]) -> None:
    with visit() as page:
        page.goto("/?q=zoetrope&sort=new")
        expect(page.locator("#results > .grid .card")).to_have_count(24)
        for count in (48, COUNT):
            page.locator("#more").scroll_into_view_if_needed()
            expect(page.locator("#results > .grid .card")).to_have_count(count)
        expect(page.locator("#more")).to_have_count(0)
        assert sorted(names(page)) == sorted(f"Zoetrope {number}" for number in range(COUNT))


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


@pytest.mark.parametrize("address", ["/", "/?q=otters"], ids=["large", "small"])
def test_a_card_leads_to_its_page_and_its_button_to_the_form(
    visit: Callable[..., Visit], address: str
) -> None:
    with visit() as page:
        page.goto(address)
        name = names(page)[0]
        page.locator("#results > .grid .card").first.get_by_role("link", name=f"Run {name}").click()
        page.wait_for_url("**/t/*#run")
        page.goto(address)
        box = page.locator("#results > .grid .card").first.locator(".media").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 20, box["y"] + 60)
        page.wait_for_url("**/t/*")
        assert not page.url.endswith("#run")


def test_filters_unfold_on_a_phone_so_that_a_film_is_in_sight(visit: Callable[..., Visit]) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with visit(**phone) as page:
        page.goto("/")
        first = page.locator(".card .media").first.bounding_box()
        assert first is not None
        assert first["y"] < 480
        music = page.get_by_role("link", name="Music", exact=True)
        expect(music).to_be_hidden()
        page.get_by_role("button", name="Filters").tap()
        expect(page.get_by_role("link", name="Most remixed")).to_be_visible()
        music.tap()
        expect(page).to_have_url(re.compile("category=music"))
        expect(music).to_be_hidden()
        expect(page.get_by_role("button", name="Filters 1 on")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1440, "height": 900})
        expect(page.get_by_role("button", name="Filters")).to_be_hidden()
        expect(music).to_be_visible()


def _card_with_preview(page: Page, film: bytes) -> None:
    """A card that has a film, as one does whose author chose a preview."""

    def answer(route: Route) -> None:
        route.fulfill(body=film, content_type="video/mp4")

    page.route("**/media/t/1/film.mp4", answer)
    page.goto("/?q=otters")
    page.locator(".card").evaluate("card => card.dataset.preview = '/media/t/1/film.mp4'")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    make_clip(path)
    return path.read_bytes()


def test_a_preview_plays_muted_on_hover_and_on_focus_and_ends(
    visit: Callable[..., Visit], film: bytes
) -> None:
    with visit() as page:
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


def test_nothing_plays_for_those_who_want_stillness(
    visit: Callable[..., Visit], film: bytes
) -> None:
    with visit(reduced_motion="reduce") as page:
        page.clock.install()
        _card_with_preview(page, film)
        page.locator(".card").hover()
        page.clock.run_for(5_000)
        expect(page.locator(".card video")).to_have_count(0)


def test_a_failed_search_keeps_the_list_and_can_be_repeated(visit: Callable[..., Visit]) -> None:
    with visit(expected=("ERR_FAILED", "htmx:")) as page:
        page.goto("/")
        page.route("**/?q=*", lambda route: route.abort())
        page.get_by_role("searchbox", name="Search templates").fill("otters")
        expect(page.locator("#stale")).to_be_visible()
        assert len(names(page)) == 24
        page.unroute("**/?q=*")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#results > .grid .card")).to_have_count(1)
        expect(page.locator("#stale")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, pytest.param(390, marks=pytest.mark.thorough), 320])
def test_hostile_names_harm_nothing_at_any_width(visit: Callable[..., Visit], width: int) -> None:
    with visit(viewport={"width": width, "height": 844}) as page:
        page.goto("/?q=antique&category=other")
        assert set(HOSTILE) <= set(names(page))
        assert page.evaluate("window.harmed") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto("/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_the_large_card_of_a_phone_shows_its_whole_title(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    _publish(rest, "A teaser in two shots", "custom")
    with visit(viewport={"width": 390, "height": 844}) as page:
        page.goto("/?sort=new")
        title = page.locator(".card.big h3")
        expect(title).to_have_text("A teaser in two shots")
        assert title.evaluate("one => one.scrollWidth <= one.clientWidth")
        assert title.evaluate("one => one.scrollHeight <= one.clientHeight")
