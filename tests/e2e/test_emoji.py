"""Emoji are drawn in color on a machine that has no font for them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Literal

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator

from tests.support.clients.browser import Visit
from tests.support.server import SHARED

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEMPLATES = "/v1/creative-agent/workflows/templates"
# A single character, a skin tone, a sequence with joiners, one with a variation selector.
EMOJI = "🦦 👋🏽 👩‍🚀 ❤️"
TEMPLATE = {
    "id": "emoji-study",
    "name": f"Otters {EMOJI}",
    "description": EMOJI,
    "visibility": "public",
    "inputs": [],
    "stages": [{"id": "study", "type": "fixed", "tool": "note", "args": {"text": EMOJI}}],
    "graph": {"notes": [{"id": "n1", "text": f"Look at {EMOJI}", "x": 0, "y": 300}]},
}


@pytest.fixture(scope="module", autouse=True)
def _published(rest: httpx.Client) -> None:
    answer = rest.post(TEMPLATES, json=TEMPLATE)
    assert answer.status_code == 201, answer.text


def colors_of(part: Locator) -> int:
    """How many pixels of a part of the page are clearly colored."""
    picture = Image.open(io.BytesIO(part.screenshot())).convert("HSV")
    saturation = picture.getchannel("S").histogram()
    return sum(saturation[120:])


def test_emoji_are_drawn_in_color_and_a_page_without_any_fetches_no_font(
    visit: Callable[..., Visit],
) -> None:
    with visit() as page:
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        page.goto("/me")
        page.evaluate("document.fonts.ready")
        assert not [url for url in fetched if "noto-color-emoji" in url]
        page.goto("/t/emoji-study")
        schemes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            page.evaluate("document.fonts.ready")
            assert colors_of(page.locator("h1")) > 300
            assert colors_of(page.locator(".description")) > 100
        page.goto("/t/emoji-study/edit")
        name = page.get_by_label("Template name")
        name.wait_for()
        page.evaluate("document.fonts.ready")
        assert colors_of(name) > 100
        note = page.get_by_text("Look at").first
        note.wait_for()
        assert colors_of(note) > 100
