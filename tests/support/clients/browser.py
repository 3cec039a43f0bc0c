"""Real Chromium for the tests marked `browser`, watched for everything it complains about."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from tests.support.waiting import WAIT_S

WAIT_MS = int(WAIT_S * 1000)
# The same engine without windows and menus comes first: those cost as much CPU as a page.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
# What is said when a page is left while it asks, connects or loads a font, which Firefox gives by
# the number of an aborted load: nothing is wrong then.
LEFT = (
    *("htmx:sendAbort", "htmx:afterRequest", "closed before the connection is established"),
    "status=2152398850",
)
# What is said on a busy machine, which draws text later than Chromium likes.
BUSY = ("was preloaded using link preload but not used within a few seconds",)


def launched(kind: BrowserType, *args: str) -> Browser:
    """The Chromium of this machine, headless. Skips the test where there is none."""
    found = [path for path in map(shutil.which, PROGRAMS) if path]
    if not found:
        pytest.skip(f"Chromium is not installed: none of {', '.join(PROGRAMS)} is on the PATH")
    return kind.launch(executable_path=found[0], args=args)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium until the block ends."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = launched(playwright.chromium)
        try:
            yield browser
        finally:
            browser.close()


def expect_title(page: Page, title: str) -> None:
    """Expect a title of the tab that begins so, whether or not unread notices are counted in it."""
    expect(page).to_have_title(re.compile(rf"^(\(\d+\) )?{re.escape(title)}"))


# As the translators of Chromium and of Google do: another text node, in two elements of its own.
_TRANSLATION = """() => {
    const wrap = node => {
        const parent = node.parentElement;
        if (!parent || !node.data.trim()) return;
        if (parent.closest('[translate=no], font, script, style, textarea, template')) return;
        const [outer, inner] = [document.createElement('font'), document.createElement('font')];
        outer.append(inner);
        inner.append(node.data);
        node.replaceWith(outer);
    };
    const wrapAll = () => {
        const texts = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) texts.push(walker.currentNode);
        texts.forEach(wrap);
    };
    wrapAll();
    const whatChanges = { childList: true, subtree: true, characterData: true };
    new MutationObserver(wrapAll).observe(document.body, whatChanges);
}"""


def translate(page: Page) -> None:
    """Take each text out of its element, now and when it comes, as a translating browser does."""
    page.evaluate(_TRANSLATION)


class Visit:
    """`with Visit(browser, url) as page:` one person's window; leaving it checks the console.

    complaints: errors and warnings of the console, of scripts and of the page's policy.
    options: of the browser context, such as `color_scheme` or `storage_state`. expected: parts of
    complaints that the test means to cause.
    """

    def __init__(
        self, browser: Browser, url: str, *, expected: tuple[str, ...] = (), **options: Any
    ) -> None:
        self.browser = browser
        self.options = {"base_url": url, "viewport": {"width": 1280, "height": 900}, **options}
        self.expected = expected
        self.complaints: list[str] = []
        self.context: BrowserContext | None = None

    def __enter__(self) -> Page:
        self.context = self.browser.new_context(**self.options)
        self.context.set_default_timeout(WAIT_MS)
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        return page

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        assert self.context is not None
        self.context.close()
        if kind is None:
            assert self.complaints == [], self.complaints

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            where = f"{message.text} ({message.location.get('url', '')})"
            if not any(part in where for part in (*LEFT, *BUSY, *self.expected)):
                self.complaints.append(where)
