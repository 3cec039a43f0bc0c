"""3D models in real Chromium: seen as a still wherever media are, turned where one is opened."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support import axe
from tests.support.builders.film import made_by
from tests.support.builders.models3d import textured_glb, with_buffer_at, with_texture_at
from tests.support.clients.browser import Visit, launched
from tests.support.clients.browser_actions import EditorActions
from tests.support.server import SHARED, Site, finished, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser]

TEMPLATES = "/v1/creative-agent/workflows/templates"
STAGES = [
    {
        "id": "look",
        "label": "Look",
        "type": "fixed",
        "tool": "generate_image",
        "produces": ["look"],
        "args": {"prompt": "a red lighthouse on a rock, white background"},
    },
    {
        "id": "body",
        "label": "Body",
        "type": "fixed",
        "tool": "image_to_3d",
        "produces": ["body"],
        "args": {"source_image_url": made_by("look")},
    },
]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NO_WEBGL = """
const before = HTMLCanvasElement.prototype.getContext
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith('webgl') ? null : before.call(this, kind, ...rest)
}
"""


@pytest.fixture(scope="module")
def painter(browser: Browser) -> Iterator[Browser]:
    """A Chromium that draws 3D without a graphics card."""
    other = launched(browser.browser_type, "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    yield other
    other.close()


@pytest.fixture
def visit(site: Site, painter: Browser, session: Any) -> Callable[..., Visit]:
    return lambda **options: Visit(painter, site.url, **{"storage_state": session, **options})


@pytest.fixture(scope="module")
def made(rest: httpx.Client) -> dict[str, Any]:
    """A finished run of a template of the owner that makes a model of a picture."""
    template = rest.post(TEMPLATES, json={"name": "A solid lighthouse", "stages": STAGES})
    assert template.status_code == 201, template.text
    public_id = template.json()["data"]["template"]["id"]
    run = finished(rest, start(rest, {"workflow_id": public_id})["workflowId"])
    assert run["status"] == "completed", run
    return {"template": public_id, **run}


def shot(canvas: Locator) -> np.ndarray:
    """What it shows, without the ring round what has the focus."""
    picture = Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")
    return np.asarray(picture).astype(int)[8:-8, 8:-8]


def turning(page: Page) -> Locator:
    """The canvas of a model, once it shows one."""
    expect(page.locator(".model-view[data-model=turns]")).to_be_visible()
    return page.locator(".model-canvas")


def resting(canvas: Locator) -> np.ndarray:
    """The picture once nothing moves any more."""
    seen = [shot(canvas)]

    def rests() -> bool:
        seen.append(shot(canvas))
        return bool((seen[-1] == seen[-2]).all())

    wait_for(rests, "the model comes to rest")
    return seen[-1]


def body_share(picture: np.ndarray) -> float:
    """How much of a picture is in strong colors, which its ground never is."""
    return float(((picture.max(axis=2) - picture.min(axis=2)) > 40).mean())


def test_a_run_shows_its_model_and_keys_turn_it(
    made: dict[str, Any], visit: Callable[..., Visit]
) -> None:
    with visit(reduced_motion="reduce") as page:
        page.goto(f"/runs/{made['id']}")
        canvas = turning(page)
        before = resting(canvas)
        assert body_share(before) > 0.01
        canvas.focus()
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        after = resting(canvas)
        assert (abs(after - before).max(axis=2) > 24).mean() > 0.02
        page.keyboard.press("Home")
        assert (abs(resting(canvas) - before).max(axis=2) > 24).mean() < 0.002
        for _ in range(5):
            page.keyboard.press("+")
        assert (abs(resting(canvas) - before).max(axis=2) > 24).mean() > 0.02
        # Keys that are not for it still go their way.
        page.keyboard.press("Tab")
        expect(canvas).not_to_be_focused()
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert axe.broken(page, scheme, ".run-film") == []


def test_a_model_turns_by_itself_until_it_is_touched_and_lists_show_its_still(
    made: dict[str, Any], visit: Callable[..., Visit]
) -> None:
    with visit() as page:
        page.goto(f"/runs/{made['id']}")
        canvas = turning(page)
        first = shot(canvas)
        wait_for(lambda: (abs(shot(canvas) - first) > 24).mean() > 0.005, "it turns by itself")
        box = canvas.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y, steps=6)
        page.mouse.up()
        before = resting(canvas)
        # From now on the wheel is for the model.
        page.mouse.wheel(0, -400)
        assert (abs(resting(canvas) - before).max(axis=2) > 24).mean() > 0.02
        page.goto("/me/runs")
        small = page.locator(f"#row-{made['id']} .media img")
        expect(small).to_have_attribute("src", has_still())
        pictured(small)
        page.goto(f"/runs/{made['id']}")
        row = page.locator("[data-step=body] [data-media] img")
        expect(row).to_have_attribute("src", has_still())
        pictured(row)
        thumbs = page.locator("[data-thumbs] button")
        expect(thumbs).to_have_count(2)
        # What turned is put away for a picture, and comes back.
        thumbs.first.click()
        expect(page.locator(".model-view")).to_have_count(0)
        thumbs.last.click()
        turning(page)


def test_the_editor_shows_it_on_the_stage_and_turns_it(
    made: dict[str, Any], visit: Callable[..., Visit]
) -> None:
    fetched: list[str] = []
    with visit(reduced_motion="reduce") as page:
        page.on("request", lambda request: fetched.append(request.url))
        actions = EditorActions(page)
        actions.open(made["template"])
        actions.start_run()
        actions.ended()
        hero = actions.node("body").locator(".stage-preview img")
        expect(hero).to_have_attribute("src", has_still())
        pictured(hero)
        # The graphics library comes when a model is opened, not when the page has time.
        expect(page.locator(".inspector")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert not [url for url in fetched if "/viewer-" in url]
        actions.select("body")
        page.get_by_role("tab", name="Result").click()
        canvas = turning(page)
        assert [url for url in fetched if "/viewer-" in url]
        before = resting(canvas)
        assert body_share(before) > 0.01
        canvas.focus()
        where = actions.node("body").bounding_box()
        for _ in range(6):
            page.keyboard.press("ArrowLeft")
        assert (abs(resting(canvas) - before).max(axis=2) > 24).mean() > 0.02
        # The stage did not move with it.
        assert actions.node("body").bounding_box() == where
        page.get_by_role("tab", name="Settings").click()
        expect(page.locator(".model-view")).to_have_count(0)


def test_without_webgl_the_still_stays_and_says_so(
    made: dict[str, Any], visit: Callable[..., Visit]
) -> None:
    with visit() as page:
        page.add_init_script(NO_WEBGL)
        page.goto(f"/runs/{made['id']}")
        view = page.locator(".model-view")
        expect(view.get_by_role("status")).to_contain_text("can't show 3D")
        expect(page.locator(".model-canvas")).to_have_count(0)
        pictured(view.locator("img"))


def test_a_hostile_model_asks_no_one_and_a_texture_in_the_file_is_seen(
    made: dict[str, Any], visit: Callable[..., Visit], site: Site
) -> None:
    elsewhere = f"{site.url}/app/tools?from-a-model"
    fetched: list[str] = []
    # A model without its texture is shown in its plain color.
    untextured = ("THREE.GLTFLoader: Couldn't load texture",)
    with visit(reduced_motion="reduce", expected=untextured) as page:
        page.on("request", lambda request: fetched.append(request.url))
        for hostile in (with_buffer_at, with_texture_at):
            given = instead(page, hostile(elsewhere))
            page.goto(f"/runs/{made['id']}")
            view = page.locator(".model-view")
            expect(view).to_have_attribute("data-model", re.compile("still|turns"))
            assert given
            assert elsewhere not in fetched
            if hostile is with_buffer_at:
                expect(view.get_by_role("status")).to_contain_text("Can't show this 3D model here")
                pictured(view.locator("img"))
        given = instead(page, textured_glb())
        page.goto(f"/runs/{made['id']}")
        picture = resting(turning(page))
        assert given
        assert (picture[..., 1] > picture[..., 0] + 60).mean() > 0.05


def instead(page: Page, model: bytes) -> list[str]:
    """Answer with this wherever the page asks for its model; the addresses asked so far."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=model, content_type="model/gltf-binary")

    page.route(re.compile(r"/media/(?!still_)[^/]+/[^/]+\.glb"), answer)
    return asked


def has_still() -> re.Pattern[str]:
    return re.compile("/media/still_[^/]+/poster.webp")


def pictured(image: Locator) -> None:
    """Wait until a picture has come."""
    expect(image).to_be_visible()
    wait_for(lambda: image.evaluate("one => one.naturalWidth") > 1, "the still comes")
