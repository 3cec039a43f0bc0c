"""The pages in real Chromium, in front of the real product: what a person sees and does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser import Visit
from tests.support.commands import manage
from tests.support.server import SHARED, Site, finished

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

WORDS = "A translucent speaker on a glossy black table, neon rim light"
# What Chromium says about any answer that is an error; the page itself is what counts.
REFUSED = ("Failed to load resource: the server responded with a status of 4",)

SLOW: dict[str, Any] = {
    "id": "slow-study",
    "name": "Slow study",
    "description": "Three stages, one of which takes its time.",
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
        {"id": "two", "type": "fixed", "tool": "sleep", "args": {"seconds": 60}},
    ],
}
# A running step says so, or how far it is.
UNDER_WAY = re.compile(r"Running|\d+%")
LONG = SLOW | {
    "id": "long-study",
    "name": "Long study",
    "stages": [{"id": "rest", "type": "fixed", "tool": "sleep", "args": {"seconds": 60}}],
}


@pytest.fixture(scope="module")
def rest(site: Site) -> Iterator[httpx.Client]:
    """The owner's REST client, after publishing the studies of these tests."""
    first, second = SLOW["stages"]
    (site.home / "go").touch()
    until = {"args": {**second["args"], "until": str(site.home / "go")}}
    with site.client(site.key("owner")) as client:
        for template in (SLOW | {"stages": [first, second | until]}, LONG):
            answer = client.post("/v1/creative-agent/workflows/templates", json=template)
            assert answer.status_code == 201, answer.text
        yield client


@pytest.fixture
def go(site: Site, rest: httpx.Client) -> Iterator[Path]:
    """The file without which a slow study rests, for as long as a slow page is looked at."""
    go = site.home / "go"
    go.unlink()
    yield go
    go.touch()


@pytest.fixture(scope="module")
def session(site: Site, browser: Browser) -> Any:
    """The storage of a browser that came in by the link that the start printed."""
    with Visit(browser, site.url) as page:
        come_in(page, site.signin_link())
        return page.context.storage_state()


@pytest.fixture
def visit(site: Site, browser: Browser, session: Any, rest: httpx.Client) -> Callable[..., Visit]:
    """`with visit(**options) as page:` a signed-in window; its console must stay silent."""
    return lambda **options: Visit(browser, site.url, **{"storage_state": session, **options})


def come_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("main").get_by_role("button", name="Continue as").click()
    page.wait_for_url("**/")
    expect(page.get_by_role("button", name="'s account")).to_be_visible()


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


def cancel(rest: httpx.Client, run_id: str) -> None:
    rest.post(f"/v1/creative-agent/workflows/{run_id}/cancel")


def runs_of(rest: httpx.Client) -> list[str]:
    listed = rest.get("/v1/creative-agent/workflows?limit=100").json()["data"]["workflows"]
    return [run["id"] for run in listed]


def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(
    site: Site, browser: Browser
) -> None:
    link = manage(site.env, "signin-link", "owner").strip().splitlines()[-1]
    link = re.search(r"http\S+", link)[0]  # type: ignore[index]
    for _ in range(3):
        assert httpx.get(link).status_code == 200
    with Visit(browser, site.url, expected=REFUSED) as page:
        come_in(page, link)
        page.get_by_role("button", name="'s account").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


def test_the_sample_becomes_a_film_that_plays_and_seeks(
    visit: Callable[..., Visit],
) -> None:
    with visit() as page:
        form = form_of(page, "Two-shot product teaser")
        form.get_by_label("Product and visual direction").fill(WORDS)
        form.locator("[data-run]").click()
        page.wait_for_url("**/runs/*")
        page.evaluate("window.neverReloaded = true")
        expect(page.locator("#run[data-over]")).to_be_attached(timeout=60_000)
        expect(page.get_by_text(WORDS)).to_be_visible()
        expect(page.get_by_role("heading", name="Generate image")).to_be_visible()
        film = page.locator("[data-film] video")
        expect(film).to_be_visible()
        ready = "film => new Promise((done, fail) => { film.onerror = () => fail(film.error);"
        ready += " film.readyState ? done() : film.onloadedmetadata = done; })"
        film.evaluate(ready)
        length = film.evaluate("film => film.duration")
        assert length > 0.5
        film.evaluate("film => { film.muted = true; return film.play(); }")
        moves = "film => new Promise(done => film.ontimeupdate = () =>"
        film.evaluate(moves + " film.currentTime > 0.1 && done())")
        film.evaluate("film => film.pause()")
        seek = "(film, to) => new Promise(done => { film.onseeked = done; film.currentTime = to; })"
        film.evaluate(seek, length - 0.2)
        assert film.evaluate("film => film.currentTime") == pytest.approx(length - 0.2, abs=0.1)
        assert film.evaluate("film => film.readyState") >= 2
        film.evaluate(seek, 0)
        assert page.evaluate("window.neverReloaded")
        download = page.get_by_role("link", name="Download", exact=True).get_attribute("href")
        assert httpx.get(str(download)).headers["content-type"] == "video/mp4"


def test_stages_change_while_the_page_stays(visit: Callable[..., Visit], go: Path) -> None:
    with visit() as page:
        run_study(page, "Slow study")
        page.evaluate("window.neverReloaded = true")
        expect(pill(page, "two")).to_have_text(UNDER_WAY)
        expect(page.locator("[data-run-status]")).to_have_text("Running")
        expect(page.locator('[data-bar="two"] progress')).to_be_visible()
        expect(pill(page, "one")).to_have_text("Done")
        expect(page.locator('[data-step="one"] [data-media] img')).to_have_count(1)
        go.touch()
        expect(pill(page, "two")).to_have_text("Done")
        expect(page.locator("[data-run-status]")).to_have_text("Done")
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        expect(page.get_by_role("heading", name="Credits used")).to_contain_text("1 of 1")
        sequence = page.locator("[data-log] li").evaluate_all("all => all.map(one => one.value)")
        assert sequence == list(range(len(sequence), 0, -1))
        assert page.evaluate("window.neverReloaded")


def test_a_reload_in_mid_run_shows_the_truth_and_goes_on(
    visit: Callable[..., Visit], go: Path
) -> None:
    with visit() as page:
        run_study(page, "Slow study")
        expect(pill(page, "one")).to_have_text("Done")
        page.reload()
        expect(pill(page, "one")).to_have_text("Done")
        expect(page.locator('[data-step="one"] [data-media] img')).to_have_count(1)
        go.touch()
        expect(pill(page, "two")).to_have_text("Done")
        expect(page.locator("#run[data-over]")).to_be_attached()


def test_stop_cancels_the_run(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    with visit() as page:
        run_id = run_study(page, "Long study")
        expect(pill(page, "rest")).to_have_text(UNDER_WAY)
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("[data-run-status]")).to_have_text("Stopped")
        expect(pill(page, "rest")).to_have_text("Stopped")
        assert finished(rest, run_id)["status"] == "cancelled"


def test_stopped_elsewhere_the_page_says_so(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit() as page:
        run_id = run_study(page, "Long study")
        expect(pill(page, "rest")).to_have_text(UNDER_WAY)
        cancel(rest, run_id)
        expect(page.locator("[data-run-status]")).to_have_text("Stopped")
        expect(page.locator("#run[data-over]")).to_be_attached()


def test_a_double_click_starts_one_run(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    before = runs_of(rest)
    with visit() as page:
        form = form_of(page, "Slow study")
        form.get_by_label("What to note").fill("twice")
        form.locator("[data-run]").dblclick()
        page.wait_for_url("**/runs/*")
        expect(page.locator("#run[data-over]")).to_be_attached()
    assert len(runs_of(rest)) == len(before) + 1


def test_back_and_other_words_start_another_run(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    before = runs_of(rest)
    with visit() as page:
        first = run_study(page, "Slow study", "one heron")
        page.go_back()
        form = form_here(page)
        form.get_by_label("What to note").fill("two herons")
        form.locator("[data-run]").click()
        page.wait_for_url("**/runs/*")
        expect(page.get_by_text("two herons")).to_be_visible()
        assert page.url.rpartition("/")[2] != first
    assert len(runs_of(rest)) == len(before) + 2


def test_what_the_form_refuses_comes_back_with_the_words_kept(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    before = runs_of(rest)
    link = "A picture to start from: URL"
    with visit(expected=REFUSED) as page:
        form = form_of(page, "Slow study")
        form.get_by_label("What to note").fill("herons <b>&</b> otters")
        form.get_by_text("Use a URL").click()
        form.get_by_label(link).fill("http://10.0.0.1/x.png")
        form.get_by_text("bright").click()
        form.get_by_role("switch", name="Loud").check()
        form.locator("[data-run]").click()
        problem = form_here(page).locator("[id$='-bad']")
        expect(problem).to_contain_text("can't be used")
        assert ".." not in str(problem.text_content())
        form = form_here(page)
        expect(form.get_by_label("What to note")).to_have_value("herons <b>&</b> otters")
        expect(form.get_by_label(link)).to_have_value("http://10.0.0.1/x.png")
        expect(form.get_by_role("radio", name="bright")).to_be_checked()
        expect(form.get_by_role("switch", name="Loud")).to_be_checked()
        assert runs_of(rest) == before
        form.get_by_label(link).fill("")
        form.locator("[data-run]").click()
        page.wait_for_url("**/runs/*")
        cancel(rest, page.url.rpartition("/")[2])


def test_without_javascript_the_pages_are_whole(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit(java_script_enabled=False) as page:
        run_id = run_study(page, "Slow study")
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
        page.keyboard.type("slow study")
        page.wait_for_url("**/?q=slow+study")
        expect(page.locator("#results .card")).to_have_count(1)
        tab_to(page, "link", "Slow study")
        page.keyboard.press("Enter")
        page.wait_for_url("**/t/*")
        tab_to(page, "textarea", "What to note")
        page.keyboard.type("written by keyboard")
        tab_to(page, "button", "Run")
        page.keyboard.press("Enter")
        page.wait_for_url("**/runs/*")
        expect(page.get_by_text("written by keyboard")).to_be_visible()
        cancel(rest, page.url.rpartition("/")[2])


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("dark", 1280),
        ("light", 390),
        ("dark", 320),
        pytest.param("light", 1280, marks=pytest.mark.thorough),
        pytest.param("dark", 390, marks=pytest.mark.thorough),
        pytest.param("light", 320, marks=pytest.mark.thorough),
    ],
)
def test_no_page_scrolls_sideways_and_text_can_be_read(
    visit: Callable[..., Visit], rest: httpx.Client, scheme: str, width: int
) -> None:
    steps = [{"toolName": "note", "title": "w" * 150}, {"toolName": "fail", "arguments": {}}]
    steps[1]["arguments"] = {"retryable": False}
    body = {"input": {"title": "A_title_without_a_place_to_break" * 5, "steps": steps}}
    run = rest.post("/v1/creative-agent/workflows", json=body).json()["data"]["workflow"]
    finished(rest, run["id"])
    size = {"width": width, "height": 800}
    with visit(color_scheme=scheme, viewport=size, expected=REFUSED) as page:
        themed = ["/", f"/runs/{run['id']}"]
        # Signing in and errors stand on a picture of the night, whatever the theme.
        for path in [*themed, "/sign-in/x", "/nothing", "/runs/wf_nothing"]:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            if path not in themed:
                continue
            dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == (
                "rgb(11, 12, 14)"
            )
            assert dark == (scheme == "dark"), path
            faint = page.evaluate(CONTRAST)
            assert faint == [], path


# Every text against the nearest background that is not see-through, as WCAG counts contrast.
CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = color => {
    const [r, g, b] = color.map(v => v / 255)
      .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgb(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("main *, header *, footer *")) {
    const text = [...element.childNodes].filter(n => n.nodeType === 3)
      .map(n => n.data).join("").trim();
    // Words on a picture stand on the picture's own shade, which colors do not tell.
    if (!text || !element.checkVisibility() || element.closest(".media, .card-caption")) continue;
    const pair = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(...pair) + .05) / (Math.min(...pair) + .05);
    if (contrast < 4.5) faint.push(`${text}: ${contrast.toFixed(1)}`);
  }
  return faint;
}"""


def test_a_page_without_sign_in_leads_through_it_and_back(
    site: Site, browser: Browser, rest: httpx.Client
) -> None:
    with Visit(browser, site.url) as page:
        form = form_of(page, "Slow study")
        form.get_by_label("What to note").fill("herons")
        form.locator("[data-run]").click()
        page.wait_for_url(re.compile(r"/sign-in\?next="))
        page.goto("/runs/wf_x")
        assert page.url.endswith("/sign-in?next=/runs/wf_x")
        icon = page.locator('link[rel="icon"]').get_attribute("href")
        assert httpx.get(f"{site.url}{icon}").headers["content-type"].startswith("image/svg")
