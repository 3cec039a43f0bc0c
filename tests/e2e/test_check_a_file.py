"""A file is checked in the browser: it stays there, and its hash is asked for."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from media.sandbox.source_types import xmp_of
from tests.support.axe import broken
from tests.support.builders.maker_credentials import Maker
from tests.support.builders.planted_media import planted_file
from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site, finished, start

SITE_OPTIONS = SHARED
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
DROP = """([name, content]) => {
  const transfer = new DataTransfer()
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))
  transfer.items.add(new File([bytes], name, { type: 'image/png' }))
  for (const kind of ['dragover', 'drop']) {
    const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true })
    document.getElementById('check-drop').dispatchEvent(event)
  }
}"""


@pytest.fixture(scope="module")
def drawing(rest: httpx.Client) -> bytes:
    """A result of the built-in studio, as its owner downloads it."""
    step = {
        "id": "one",
        "toolName": "generate_image",
        "arguments": {"prompt": "A gray heron", "width": 64, "height": 64},
    }
    run = finished(rest, start(rest, {"input": {"steps": [step]}})["id"])
    return rest.get(run["steps"][0]["artifacts"][0]["url"]).content


def give(page: Page, content: bytes) -> None:
    file: Any = {"name": "a file.png", "mimeType": "image/png", "buffer": content}
    page.locator("#check-file").set_input_files(file)


def test_a_file_is_checked_without_an_upload(site: Site, browser: Browser, drawing: bytes) -> None:
    sizes: list[int] = []

    def note(request: Request) -> None:
        sizes.append(len(request.post_data_buffer or b""))

    with Visit(browser, site.url) as page:
        page.on("request", note)
        page.goto("/check")
        status = page.get_by_role("status").filter(has_text="file")
        claims = page.get_by_role("region", name="What the file says of itself")
        page.evaluate(DROP, ["heron.png", base64.b64encode(drawing).decode()])
        expect(status).to_contain_text("This server made this file")
        expect(status).to_contain_text("Drawn by a program")
        expect(status).to_contain_text(hashlib.sha256(drawing).hexdigest())
        expect(claims).to_be_hidden()
        # By keyboard: the button opens the browser's own dialog.
        with page.expect_file_chooser():
            # In here: the answer says that the renderer watches for the dialog by now. A key alone
            # could overtake the request to watch, where the page is busy.
            page.get_by_role("button", name="Choose a file").focus()
            page.keyboard.press("Enter")
        # One of some parts, with the claim on the border between two of them.
        give(page, bytes((1 << 20) - 40) + xmp_of(CAPTURE).encode() + bytes(2 << 20))
        expect(page.get_by_role("heading", name="Nothing known")).to_be_visible()
        expect(claims.get_by_role("listitem")).to_have_text(
            ["A camera or a microphone recorded it."]
        )
        give(page, Maker().signed(planted_file("PNG")[0], "image/png"))
        expect(claims).to_contain_text("It has content credentials (C2PA).")
        assert broken(page, "check") == []
    assert max(sizes) == 0
