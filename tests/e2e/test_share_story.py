"""From one person to others and back, by mouse and touch: share, watch, remix, comment, end it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import showing
from tests.support.fakes.http_server import ApiServer, Reply
from tests.support.server import Site
from tests.support.waiting import promised, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SITE_OPTIONS = {
    "settings": "tests.support.settings.lasting",
    "env": {"REELGRAPH_OPEN_SIGNUP": "1"},
}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SAMPLE = "Two-shot product teaser"
PROMPT = "A brass lamp on a desk at dusk"
TITLE = "The brass lamp"
PASSWORD = "harbor-lights-77"
MISSING = ("404 (Not Found)",)
# Of the browser's own controls: their margins, and how far two are from the lower edge of a video.
MARGIN_PX = 16
PLAY_PX = 48


@pytest.fixture(scope="module")
def link(people: Callable[..., Visit]) -> str:
    """What Ann copies once she has run a sample and shared its video with everyone."""
    with people("ann", permissions=["clipboard-read", "clipboard-write"]) as ann:
        ann.goto("/")
        ann.get_by_role("searchbox").first.fill(SAMPLE)
        ann.keyboard.press("Enter")
        ann.get_by_role("link", name=SAMPLE, exact=True).first.click()
        ann.get_by_role("textbox", name="Product and visual direction").fill(PROMPT)
        ann.locator("#run").get_by_role("button", name=re.compile("^Run")).last.click()
        ann.wait_for_url("**/runs/*")
        expect(ann.locator("[data-film] video")).to_be_visible()
        ann.get_by_role("link", name="Share", exact=True).click()
        dialog = ann.get_by_role("dialog")
        dialog.get_by_label("Title").fill(TITLE)
        dialog.get_by_text("Everyone", exact=True).click()
        dialog.get_by_role("switch", name="Allow Remix").click()
        dialog.get_by_role("switch", name="Show prompts and inputs").click()
        dialog.get_by_role("button", name="Share", exact=True).click()
        ann.wait_for_url("**/s/*")
        ann.get_by_role("button", name="Copy link").click()
        expect(ann.get_by_text("Copied.")).to_be_visible()
        copied = ann.evaluate("navigator.clipboard.readText()")
        assert copied == ann.url
        return str(copied)


def press(film: Locator, x: float, y: float, *, by_touch: bool = False) -> None:
    """Press one of the browser's own controls. x: a share of the width between the margins of the
    controls, from the left. y: pixels from the lower edge."""
    film.evaluate("one => new Promise(go => one.readyState ? go() : one.onloadedmetadata = go)")
    box = film.bounding_box()
    assert box is not None
    across = MARGIN_PX + x * (box["width"] - 2 * MARGIN_PX)
    (film.tap if by_touch else film.click)(position={"x": across, "y": box["height"] - y})


def watch(film: Locator) -> None:
    """Tap play; the video plays on, and is heard."""
    press(film, 0.02, PLAY_PX, by_touch=True)
    film.page.wait_for_function("one => one.currentTime > 0.5", arg=film.element_handle())
    heard = "one => [one.muted, one.volume, one.webkitAudioDecodedByteCount > 0]"
    assert film.evaluate(heard) == [False, 1, True]


def rings(page: Page) -> Locator:
    """The panel of the bell, opened once it says that there is one new notice."""
    bell = page.locator("notice-bell > a")
    expect(bell).to_have_attribute("aria-label", "Notices, 1 unread")
    bell.click()
    return page.get_by_role("dialog", name="Latest notices")


def test_a_visitor_on_a_phone_watches_signs_up_remixes_and_runs(
    people: Callable[..., Visit], link: str
) -> None:
    with people("ann") as ann, people("", **PHONE) as bea:
        ann.goto("/me/templates")
        expect(ann.locator("notice-bell > a")).to_have_attribute("aria-label", "Notices")

        bea.goto(link)
        expect(bea.get_by_role("heading", level=1)).to_have_text(TITLE)
        film = bea.locator(".player video")
        assert re.search(r"^/media/s/.*/poster\.webp$", film.get_attribute("poster") or "")
        watch(film)
        expect(bea.get_by_role("region", name="Prompts")).to_contain_text(PROMPT)
        graph = bea.get_by_role("group", name="Graph")
        expect(graph).to_be_hidden()
        bea.get_by_text("How it was made").tap()
        expect(graph).to_be_visible()
        assert bea.evaluate("document.documentElement.scrollWidth") <= 390

        # What needs an account asks for one, and leads back.
        bea.get_by_role("button", name="Remix", exact=True).tap()
        bea.get_by_role("link", name="Sign up").tap()
        bea.get_by_label("Username").fill("bea")
        bea.get_by_label("Display name").fill("Bea")
        bea.get_by_label("Password").fill(PASSWORD)
        bea.get_by_role("button", name="Sign up").tap()
        bea.wait_for_url(link)
        bea.get_by_role("button", name="Remix", exact=True).tap()
        bea.wait_for_url("**/edit")

        panel = rings(ann)
        panel.get_by_role("link", name=f"Bea remixed “{TITLE}”.").click()
        ann.wait_for_url("**/s/*#remixes")
        tree = ann.get_by_role("region", name=re.compile("^Remixes"))
        expect(tree).to_contain_text(re.compile(r"Bea\s*private"))

        bea.get_by_role("treeitem", name=re.compile("^Inputs")).tap()
        expect(bea.get_by_role("dialog")).to_contain_text(PROMPT)
        bea.get_by_role("button", name="Close").tap()
        bea.locator(".run-button:visible").tap()
        status = bea.locator(".run-status:visible")
        expect(status).to_have_attribute("data-status", "completed")
        clip = bea.locator(".stage-row", has_text="First shot").first
        expect(clip.locator("img")).to_be_visible()


def elsewhere_with(code: str) -> ApiServer:
    """Another website, with what was copied for it."""
    page = f"<!doctype html><title>Elsewhere</title>{code}".encode()
    return ApiServer(lambda asked: Reply(body=page, headers={"Content-Type": "text/html"}))


def test_an_end_of_sharing_ends_link_embed_and_media_within_5_s(
    site: Site, people: Callable[..., Visit], link: str
) -> None:
    with (
        people("ann") as ann,
        people("", **PHONE, expected=MISSING) as visitor,
        people("", expected=MISSING) as reader,
    ):
        visitor.goto("/creations")
        card = visitor.locator(".card", has_text=TITLE)
        card.get_by_role("link", name=TITLE).tap()
        visitor.wait_for_url(link)
        watch(visitor.locator(".player video"))
        media = visitor.locator(".player video").get_attribute("src") or ""
        poster = visitor.locator(".player video").get_attribute("poster") or ""
        oembed = visitor.locator("link[type='application/json+oembed']").get_attribute("href") or ""
        visitor.get_by_text("Embed", exact=True).tap()
        code = visitor.get_by_label("Code to embed").input_value()
        embed = (re.search('src="([^"]+)"', code) or [""])[1]
        known = (link, embed, oembed, media, poster)
        for address in known:
            assert visitor.request.get(address).status == 200, address
        with elsewhere_with(code) as elsewhere:
            reader.goto(elsewhere.origin)
            frame = reader.frame_locator("iframe")
            expect(frame.locator("video")).to_be_visible()
            expect(frame.get_by_role("link", name=TITLE)).to_be_visible()

            ann.goto(link)
            ann.get_by_role("link", name="Change", exact=True).click()
            dialog = ann.get_by_role("dialog")
            dialog.locator("summary", has_text="Stop sharing").click()
            dialog.get_by_role("button", name="Stop sharing").click()

            def answers() -> set[int]:
                return {visitor.request.get(address).status for address in known}

            with promised(5, of=showing(site)):
                wait_for(lambda: answers() == {404}, "the end of every address")
            ann.wait_for_url("**/runs/*")
            expect(ann.get_by_role("link", name="Share", exact=True)).to_be_visible()
            # Also for browsers that have the page, the frame and the file.
            answer = visitor.reload()
            assert answer is not None
            assert answer.status == 404
            expect(visitor.get_by_text("isn't shared any more")).to_be_visible()
            reader.reload()
            expect(frame.get_by_text("isn't shared any more")).to_be_visible()
            expect(frame.locator("video")).to_have_count(0)
            again = reader.goto(media)
            assert again is not None
            assert again.status == 404
            visitor.goto("/creations")
            expect(card).to_have_count(0)
