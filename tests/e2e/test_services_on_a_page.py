"""A service is set up on a page, and workers that were there before do steps with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.axe import check
from tests.support.clients.browser import Visit
from tests.support.clients.describing import Describing
from tests.support.fakes.local_model_servers import LocalModelServer, ollama
from tests.support.fakes.makers.jobs import Account
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.fakes.openai_server import OpenAIServer
from tests.support.faults.kept_waiting import family_of
from tests.support.server import SHARED, Site, finished, start
from tests.support.waiting import promised, wait_for

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEY = "sk-of-this-test-0123456789-wxyz"
REFUSED = ("Failed to load resource: the server responded with a status of 4",)
PICTURE = {
    "id": "fox",
    "toolName": "generate_image",
    "arguments": {"prompt": "a red fox", "model": "gpt-image-1"},
}
# 5 s for the change, and the step that begins before it holds.
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


def provider_of_the_next(rest: httpx.Client) -> str:
    done = finished(rest, start(rest, {"input": {"steps": [PICTURE]}})["id"])
    assert done["status"] == "completed", done
    return str(done["steps"][0]["provider"])


def becomes(site: Site, rest: httpx.Client, provider: str) -> None:
    def has() -> bool:
        return provider_of_the_next(rest) == provider

    with promised(HOLDS_WITHIN_S, of=family_of(site)):
        wait_for(has, f"steps of {provider}")


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
        becomes(site, rest, "cellar")
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
        becomes(site, rest, "studio")
        page.goto("/admin/providers/cellar/service")
        page.get_by_role("button", name="Turn on").click()
        becomes(site, rest, "cellar")
        page.get_by_role("link", name="Who may use it cellar").click()
        page.get_by_label("Only people on the list").check()
        page.get_by_role("button", name="Save").click()
        becomes(site, rest, "studio")
        page.get_by_label("Username").fill("owner")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("button", name="Remove owner")).to_be_visible()
        check(page, "people")
        becomes(site, rest, "cellar")
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
        expect(image).to_be_visible()
        assert image.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
        expect(page.locator("#test-state")).to_contain_text("Booked: 17 credits")
        check(page, "test image")
        assert KEY not in page.content()
        page.goto("/admin/providers")
        expect(page.locator("#provider-router")).to_contain_text("Booked: 17 credits")
        check(page, "figures")
    assert len(router.submissions()) == 1


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
        editor = Describing(page)
        expect(editor.proposal).to_be_visible()
        assert [body["model"] for body in program.bodies] == ["qwen3:8b"]
        page.keyboard.press("Enter")
        editor.over()
        page.keyboard.press("d")
        expect(editor.box).to_be_focused()
        check(page, "change it")
        # Without it sentences aren't read, here and in the tests that follow.
        page.goto("/admin/providers/ollama/service")
        page.get_by_role("button", name="Turn off").click()
        page.goto("/describe")
        expect(page.get_by_role("link", name="Add a language model")).to_be_visible()


def holds(path: Path, text: str) -> bool:
    return text.encode() in path.read_bytes()
