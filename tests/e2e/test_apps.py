"""An app from its link to a video, on a phone and in a frame of another site."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import axe
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.site_apps import app_at
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import close_cases
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SOURCE = "$artifacts.{}.items[0].selectedVersion.url"
TEMPLATE: dict[str, Any] = {
    "id": "guests-film",
    "name": "A film for guests",
    "inputs": [
        {"name": "place", "type": "text", "required": True, "description": "Place"},
        {"name": "photo", "type": "image", "description": "Photo"},
        {
            "name": "length",
            "type": "number",
            "default": 2,
            "jsonSchema": {"type": "integer", "minimum": 1, "maximum": 4},
        },
    ],
    "stages": [
        {
            "id": "looks",
            "label": "zebra-looks",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.place"},
            "produces": ["looks"],
        },
        {
            "id": "pick",
            "label": "zebra-pick",
            "type": "interactive",
            "produces": ["pick"],
            "select": {"from": "$artifacts.looks", "min": 1, "max": 1},
            "userMessage": "Which look goes into the film?",
        },
        {
            "id": "shot",
            "label": "zebra-shot",
            "type": "fixed",
            "tool": "animate_photo",
            "args": {
                "prompt": "Slow push in",
                "reference_image_url": SOURCE.format("pick"),
                "duration": "$inputs.length",
            },
            "produces": ["shot"],
        },
    ],
    "outputs": {"film": {"from": "$artifacts.shot", "label": "Your film"}},
}
ENDED = "This link isn't valid, or it has ended. Ask the person who sent it for a new one."
ADD = """src => {
  const frame = Object.assign(document.createElement('iframe'), { src, width: 500, height: 800 })
  document.body.append(frame)
}"""
# axe writes styles of its own, which the page's policy refuses.
AXE = ("Applying inline style", "preload assets")
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "expected": AXE}
# The page's own scripts, zipped.
SCRIPT_KB = 33


class App(NamedTuple):
    path: str
    token: str

    @property
    def link(self) -> str:
        return f"{self.path}#k={self.token}"


class Elsewhere(NamedTuple):
    """Two other sites that frame an app: one that its author named, and one that is a unlisted."""

    named: str
    unlisted: str


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    class Website(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><title>Elsewhere</title>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Website) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    named, unlisted = (server.server_port for server in servers)
    yield Elsewhere(f"http://localhost:{named}", f"http://localhost:{unlisted}")
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def app(site: Site, rest: httpx.Client, elsewhere: Elsewhere) -> App:
    made = rest.post("/v1/creative-agent/workflows/templates", json=TEMPLATE)
    assert made.status_code in (200, 201), made.text
    token = app_at(
        site,
        TEMPLATE["id"],
        slug="film-for-guests",
        title="A film of your place",
        intro="Name a place that you love.",
        accent="#7546d8",
        inputs=[{"name": "length", "label": "Seconds"}, {"name": "place"}],
        embed_origins=[elsewhere.named],
        own_cost=True,
    )
    return App("/a/film-for-guests", token)


def run_to_the_question(page: Any, place: str = "A lighthouse at dusk") -> None:
    page.get_by_label("Place").fill(place)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="Which look goes into the film?")).to_be_visible()


def run_to_the_film(page: Any) -> None:
    run_to_the_question(page)
    page.locator(".pick").first.click()
    page.get_by_role("button", name="Use this").click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=90_000)
    expect(page.locator("video")).to_be_visible()


def sound(page: Page, shown: str) -> list[str]:
    """What breaks a rule of axe-core in this turn's theme, or is wider than the window."""
    theme, _ = axe.look()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    wide = [] if page.evaluate(axe.FITS) else [f"{shown} is wider than the page"]
    return [*axe.broken(page, f"{shown} {theme}"), *wide]


def test_a_guest_makes_a_film_on_a_phone(site: Site, browser: Browser, app: App) -> None:
    weights: dict[str, int] = {}
    found: list[str] = []
    with Visit(browser, site.url, **PHONE) as page:
        page.on("response", partial(weigh, weights))
        page.goto(app.link)
        expect(page.get_by_role("heading", name="A film of your place")).to_be_visible()
        expect(page).to_have_title("A film of your place")
        assert page.locator("[data-field]").evaluate_all(
            "all => all.map(e => e.dataset.field)"
        ) == [
            "length",
            "place",
            "photo",
        ]
        found += sound(page, "form")
        run = page.get_by_role("button", name="Run", exact=True)
        assert run.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(117, 70, 216)"
        run.click()
        expect(page.get_by_text("Fill in Place to run.")).to_be_visible()
        found += sound(page, "problems")
        photo = {"name": "home.jpg", "mimeType": "image/jpeg", "buffer": jpeg_with_place()}
        page.get_by_label("Photo: file").set_input_files([photo])  # type: ignore[list-item]
        expect(page.get_by_text("32 × 18")).to_be_visible()
        run_to_the_question(page)
        expect(page.get_by_text("1 of 3 done")).to_be_visible()
        found += sound(page, "question")
        page.reload()
        page.locator(".pick").first.click()
        page.get_by_role("button", name="Use this").click()
        expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=90_000)
        film = page.get_by_label("Your film", exact=True)
        page.wait_for_function("one => one.readyState > 0", arg=film.element_handle())
        with page.expect_download() as download:
            page.get_by_role("link", name="Download Your film").click()
        assert download.value.path().stat().st_size > 1_000
        found += sound(page, "film")
        page.get_by_role("button", name="Report", exact=True).click()
        page.get_by_label("Something else").check()
        found += sound(page, "report")
        page.get_by_role("button", name="Send report").click()
        expect(page.get_by_text("Thanks. A moderator will look at it.")).to_be_visible()
        assert "zebra" not in page.content()
        page.get_by_role("button", name="Run again").click()
        expect(page.get_by_text("19 of 20 runs left.")).to_be_visible()
        found += sound(page, "earlier runs")
        page.get_by_role("button", name="Your film").click()
        expect(film).to_be_visible()
        assert page.context.cookies() == []
    # Other tests count what waits for moderators.
    close_cases(site)
    assert found == []
    scripts = {url: size for url, size in weights.items() if "/dist/pages/" in url}
    assert scripts == weights, "an editor's script"
    assert 0 < sum(scripts.values()) <= 1000 * SCRIPT_KB, scripts


def weigh(weights: dict[str, int], response: Any) -> None:
    if response.request.resource_type == "script":
        weights[response.url] = len(gzip.compress(response.body()))


def test_who_is_signed_in_runs_it_at_their_own_cost_and_others_need_a_link(
    site: Site, browser: Browser, visit: Callable[..., Visit], app: App
) -> None:
    with visit(**PHONE) as page:
        page.goto(app.path)
        expect(page.get_by_text("A run takes about")).to_be_visible()
        assert sound(page, "price") == []
        run_to_the_question(page)
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    with visit(expected=AXE) as page:
        page.goto(f"{app.path}/embed")
        expect(page.get_by_text(ENDED)).to_be_visible()
    with Visit(browser, site.url, expected=("404 (Not Found)", "401 (Unauthorized)", *AXE)) as page:
        for address in (app.path, f"{app.path}#k=no", f"/a/nothing-here#k={app.token}"):
            page.goto("about:blank")
            page.goto(address)
            expect(page.get_by_text(ENDED)).to_be_visible()
            expect(page.get_by_role("link", name="Sign in")).to_be_visible(
                visible="#" not in address
            )
        page.goto(app.path)
        expect(page.get_by_role("link", name="Sign in")).to_have_attribute(
            "href", f"{site.url}/sign-in?next={app.path}"
        )
        assert sound(page, "ended") == []


def test_a_run_waits_for_its_author_and_is_stopped(
    site: Site, rest: httpx.Client, browser: Browser, app: App
) -> None:
    slug, limits = "asks-its-author", {"runs": 2}
    token = app_at(site, TEMPLATE["id"], limits=limits, slug=slug, guests_answer=False)
    with Visit(browser, site.url, expected=("ERR_INTERNET_DISCONNECTED",)) as page:
        page.goto(f"/a/{slug}#k={token}")
        heading = page.locator("#run-state")
        page.get_by_label("Place").fill("A lighthouse")
        page.get_by_role("button", name="Run", exact=True).click()
        expect(heading).to_have_text("Waiting for the author")
        # What happens while the line is broken is read when it is back.
        page.context.set_offline(True)
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_text("connection, then try again.")).to_be_visible()
        runs = rest.get("/v1/creative-agent/workflows").json()["data"]["workflows"]
        cancelled = rest.post(f"/v1/creative-agent/workflows/{runs[0]['id']}/cancel")
        assert cancelled.status_code == 200, cancelled.text
        page.context.set_offline(False)
        expect(heading).to_have_text("Stopped")
        expect(page.get_by_text("connection, then try again.")).to_be_hidden()

        page.get_by_role("button", name="Run again").click()
        expect(page.get_by_text("1 of 2 runs left.")).to_be_visible()
        page.get_by_role("button", name="Run", exact=True).click()
        expect(heading).to_have_text("Waiting for the author")
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(heading).to_have_text("Stopped")
        expect(page.get_by_text("This run was stopped.")).to_be_visible()
        page.get_by_role("button", name="Run again").click()
        expect(page.get_by_text("All runs of this link are used.")).to_be_visible()
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_hidden()


def test_it_runs_in_a_frame_of_a_site_that_its_author_named(
    site: Site, browser: Browser, app: App, elsewhere: Elsewhere
) -> None:
    source = f"{site.url}{app.path}/embed#k={app.token}"
    with Visit(browser, elsewhere.named) as page:
        page.goto("/")
        page.evaluate(ADD, source)
        frame = page.frame_locator("iframe")
        expect(frame.locator(".app-top")).to_have_count(0)
        run_to_the_film(frame)
    with Visit(browser, elsewhere.unlisted, expected=("frame-ancestors",)) as page:
        page.goto("/")
        with page.expect_console_message(lambda one: "frame-ancestors" in one.text):
            page.evaluate(ADD, source)
        expect(page.frame_locator("iframe").locator("[data-app]")).to_have_count(0)
