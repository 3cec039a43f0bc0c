"""A service is set up on a page, and workers that were there before do steps with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support import axe
from tests.support.clients.browser import Visit
from tests.support.clients.describing import Describing
from tests.support.fakes.local_model_servers import LocalModelServer, ollama
from tests.support.fakes.makers.jobs import Account
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.fakes.openai_server import OpenAIServer
from tests.support.server import SHARED, Site, finished, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEY = "sk-of-this-test-0123456789-wxyz"
ACCOUNT_KEY = "comfyui-0a1b2c3d4e5f60718293a4b5c6d7e8f9"
REFUSED = ("Failed to load resource: the server responded with a status of 4",)
LOOKS: tuple[tuple[Literal["dark", "light"], int], ...] = (
    ("dark", 1440), ("light", 1440), ("dark", 390), ("light", 390),
)  # fmt: skip
PICTURE = {
    "id": "fox",
    "toolName": "generate_image",
    "arguments": {"prompt": "a red fox", "model": "gpt-image-1"},
}
# With the time that a busy machine takes to begin a step.
HOLDS_WITHIN_S = 15


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def router() -> Iterator[RouterServer]:
    with RouterServer() as server:
        server.accounts[KEY] = Account("operator")
        yield server


@pytest.fixture(scope="module", autouse=True)
def _gone_at_the_end(site: Site) -> Iterator[None]:
    yield
    site.manage("shell", "-c", "from tools.models import Service; Service.objects.all().delete()")


def check(page: Page, name: str) -> None:
    """The page as it is now breaks no rule and fits, in each theme and width."""
    wide = page.viewport_size
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        assert axe.broken(page, f"{name} {theme} {width}") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
    assert wide is not None
    page.set_viewport_size(wide)


def provider_of_the_next(rest: httpx.Client) -> str:
    done = finished(rest, start(rest, {"input": {"steps": [PICTURE]}})["id"])
    assert done["status"] == "completed", done
    return str(done["steps"][0]["provider"])


def becomes(rest: httpx.Client, provider: str) -> None:
    def has() -> bool:
        return provider_of_the_next(rest) == provider

    wait_for(has, f"steps of {provider}", HOLDS_WITHIN_S)


def test_a_service_is_added_tried_used_and_turned_off(
    site: Site, server: OpenAIServer, visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    assert provider_of_the_next(rest) == "studio"
    with visit(expected=REFUSED) as page:
        page.goto("/admin/providers")
        page.get_by_role("link", name="Add service").click()
        check(page, "add")
        page.get_by_label("Name").fill("cellar")
        page.get_by_label("URL").fill(server.url)
        page.get_by_label("Key", exact=True).fill("sk-a-wrong-key-00000")
        page.get_by_label("Image models").fill("gpt-image-1")
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#tried")).to_contain_text("key")
        page.get_by_label("Key", exact=True).fill(KEY)
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#tried")).to_contain_text("answers")
        check(page, "tried")
        page.get_by_role("button", name="Add service").click()
        expect(page.get_by_text("cellar added.")).to_be_visible()
        check(page, "providers")
        becomes(rest, "cellar")
        page.get_by_role("link", name="Edit service cellar").click()
        expect(page.get_by_label("Key", exact=True)).to_have_value("")
        expect(page.get_by_text("It ends in wxyz.")).to_be_visible()
        check(page, "edit")
        page.get_by_label("URL").fill("http://127.0.0.1:9/v1")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("Key: type it again.")
        page.goto("/admin/providers/cellar/service")
        page.get_by_role("button", name="Turn off").click()
        expect(page.get_by_text("cellar is off.")).to_be_visible()
        becomes(rest, "studio")
        page.goto("/admin/providers/cellar/service")
        page.get_by_role("button", name="Turn on").click()
        becomes(rest, "cellar")
        page.get_by_role("link", name="Who may use it cellar").click()
        page.get_by_label("Only people on the list").check()
        page.get_by_role("button", name="Save").click()
        becomes(rest, "studio")
        page.get_by_label("Username").fill("owner")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("button", name="Remove owner")).to_be_visible()
        check(page, "people")
        becomes(rest, "cellar")
        said = page.content()
    held = [path for path in site.home.rglob("*") if path.is_file() and holds(path, KEY)]
    assert held == []
    assert KEY not in said


def test_a_service_for_final_media_makes_a_test_image(
    site: Site, router: RouterServer, visit: Callable[..., Visit]
) -> None:
    with visit() as page:
        page.goto("/admin/providers/add")
        page.get_by_role("link", name="Comfy Router").click()
        expect(page.get_by_text("one key and one balance")).to_be_visible()
        page.get_by_label("Name").fill("router")
        page.get_by_label("Key", exact=True).fill(KEY)
        page.get_by_text("More settings").first.click()
        page.get_by_role("textbox", name="More settings").fill(
            f'base_url = "{router.url}"\nhosts = {{ assets = "{router.assets_url}" }}\npoll_s = 0.1'
        )
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#tried")).to_contain_text("Comfy Router answers, with")
        models = page.get_by_role("region", name="Models")
        chosen = models.get_by_role("checkbox", name="Nano Banana Pro", exact=True)
        page.get_by_label("Search models").fill("no such model")
        expect(page.get_by_text("No model matches.")).to_be_visible()
        page.get_by_label("Search models").fill("banana image")
        expect(chosen).to_be_checked()
        check(page, "models of a service")
        chosen.uncheck()
        chosen.check()
        page.get_by_role("button", name="Add service").click()
        expect(page.get_by_text("router added.")).to_be_visible()
        page.get_by_label("Model and cost").select_option("nano-banana-pro")
        page.get_by_role("button", name="Make a test image").click()
        image = page.get_by_role("img", name="Test image")
        expect(image).to_be_visible(timeout=30_000)
        assert image.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
        expect(page.locator("#test-state")).to_contain_text("Booked: 17 credits")
        check(page, "test image")
        assert KEY not in page.content()
        page.goto("/admin/providers")
        expect(page.locator("#provider-router")).to_contain_text("Booked: 17 credits")
        check(page, "figures")
    assert len(router.submissions()) == 1


def stage(name: str, tool: str, **args: object) -> dict[str, object]:
    known = {"id": name, "label": name.title(), "type": "fixed", "tool": tool}
    return {**known, "produces": [name], "args": args}


FINAL = {"model": "nano-banana-pro", "width": 512, "height": 288}
FILM = {
    "id": "film-of-a-lamp",
    "name": "Film of a lamp",
    "inputs": [],
    "stages": [
        stage("lamp", "generate_image", prompt="A brass lamp on a desk", **FINAL),
        stage("night", "generate_image", prompt="A desk at night", **FINAL),
        stage(
            "clip",
            "animate_photo",
            prompt="It glows",
            duration=1,
            source_image_url="$artifacts.lamp",
        ),
        stage("film", "stitch_video", videoUrls=["$artifacts.clip", "$artifacts.clip"]),
    ],
}


def test_a_film_of_the_studio_becomes_final_where_it_is_chosen(
    site: Site, rest: httpx.Client, router: RouterServer, visit: Callable[..., Visit]
) -> None:
    """After the service was added and tried: its key is in no page, log or answer."""
    created = rest.post("/v1/creative-agent/workflows/templates", json=FILM)
    assert created.status_code == 201, created.text
    paid = len(router.submissions())
    badge = "Draft quality"
    with visit() as page:
        page.goto("/t/film-of-a-lamp")
        page.get_by_role("switch", name="Draft quality").check()
        page.get_by_role("button", name="Run", exact=True).last.click()
        page.wait_for_url("**/runs/*")
        expect(page.locator("#run[data-over]")).to_be_attached(timeout=60_000)
        draft = page.url
        offer = page.get_by_role("region", name="Make final")
        # It names no model, so the service's first one makes it, if it's wanted.
        expect(offer).to_contain_text("3 stages final, 1 made again because its input changes")
        offer.get_by_role("checkbox", name="Clip").uncheck()
        expect(offer).to_contain_text("2 stages final, 2 made again because their input changes")
        expect(offer).to_contain_text("up to")
        assert len(router.submissions()) == paid
        check(page, "make final")
        offer.get_by_role("button", name="Make final").click()
        page.wait_for_url(lambda url: "/runs/" in url and url != draft)
        expect(page.locator("#run[data-over]")).to_be_attached(timeout=60_000)
        for name in ("lamp", "night"):
            row = page.locator(f'[data-step="{name}"]')
            expect(row).not_to_contain_text(badge)
            expect(row).to_contain_text("Nano Banana Pro by Comfy Router")
            expect(row).to_contain_text("booked 17 credits")
        expect(page.locator('[data-step="film"]')).to_contain_text(badge)
        content = page.content()
    assert len(router.submissions()) == paid + 2
    listed = rest.get("/v1/model-catalog").text + rest.get("/v1/models?all=true").text
    logs = "".join(path.read_text(errors="replace") for path in site.home.rglob("*.log"))
    assert KEY not in content + listed + logs


def test_a_model_on_this_machine_is_taken_with_one_click_and_drafts(
    site: Site, visit: Callable[..., Visit]
) -> None:
    routes = ollama("qwen3:8b")
    with LocalModelServer(routes, port=site.model_ports[0]) as program, visit() as page:
        page.goto("/describe")
        page.get_by_role("link", name="Add a language model").click()
        page.get_by_role("button", name="Look for models on this machine").click()
        expect(page.get_by_label(f"Ollama at 127.0.0.1:{program.port}")).to_have_value("qwen3:8b")
        expect(page.get_by_text("will read what people describe.")).to_be_visible()
        check(page, "models")
        page.get_by_role("button", name="Use this model").click()
        expect(page.get_by_text("qwen3:8b of Ollama makes the drafts.")).to_be_visible()
        page.goto("/describe")
        expect(page.get_by_role("link", name="Add a language model")).to_have_count(0)
        page.get_by_label("What do you want to make?").fill("A teaser for a candle shop")
        page.get_by_role("button", name="Describe it").click()
        expect(Describing(page).proposal).to_be_visible()
        assert [body["model"] for body in program.bodies] == ["qwen3:8b"]


def holds(path: Path, text: str) -> bool:
    return text.encode() in path.read_bytes()


def test_an_answer_never_comes_and_that_is_said(visit: Callable[..., Visit]) -> None:
    with visit() as page:
        page.goto("/admin/providers/add?kind=comfyui")
        page.get_by_label("Name").fill("desk")
        page.get_by_label("URL").fill("http://127.0.0.1:9")
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#tried")).to_contain_text("127.0.0.1")
        page.get_by_label("Comfy account key").fill(ACCOUNT_KEY)
        page.get_by_role("button", name="Add service").click()
        page.get_by_role("link", name="Edit service ComfyUI desk").click()
        expect(page.get_by_label("Comfy account key", exact=True)).to_have_value("")
        check(page, "account key")
        assert ACCOUNT_KEY not in page.content()
        page.get_by_label("Remove the Comfy account key").check()
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Edit service ComfyUI desk").click()
        expect(page.get_by_label("Remove the Comfy account key")).to_have_count(0)
        page.goto("/admin/providers/add?kind=comfyui")
        page.get_by_role("link", name="OpenAI-compatible").click()
        expect(page.get_by_label("Image models")).to_be_visible()
