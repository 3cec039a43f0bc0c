"""`make shots`: photograph again what README and docs show, into docs/shots.

`python -m tests.shots --out FOLDER [NAME …]` photographs pages in both themes and both widths into
a folder, to look at; without names all of tests/support/pages.py. It judges nothing.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser

from tests.shots import backups, final_media
from tests.support.clients.browser import chromium
from tests.support.pages import PAGES, Furnished, Shown, furnish
from tests.support.program import ROOT
from tests.support.server import Site

OUT = ROOT / "docs" / "shots"
WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}
THEMES = ("dark", "light")
MAX_BYTES = 150_000
# Settings, pages, and what furnishes a site for them.
SITES: tuple[tuple[str, Sequence[Shown], Callable[[Site, Browser], Any]], ...] = (
    ("tests.shots.settings", PAGES, furnish),
    (final_media.SETTINGS, final_media.PAGES, final_media.furnish),
    (backups.SETTINGS, backups.PAGES, backups.furnish),
)
# Longer pages are cut here, in heights of the window.
MAX_SCREENS = 3


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which pages; without: all")
    parser.add_argument("--out", type=Path, help="where all four pictures of each page go")
    options = parser.parse_args(arguments)
    known = {shown.name for _, pages, _ in SITES for shown in pages}
    unknown = sorted(set(options.names) - known)
    if unknown:
        print(f"No page is called {', '.join(unknown)}. There are: {', '.join(known)}")
        return 2
    out = options.out or OUT
    in_docs = None if options.out else pictures_in_docs()
    out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for settings, pages, furnish_it in SITES:
            wanted = [one for one in pages if not options.names or one.name in options.names]
            if not wanted:
                continue
            with (
                tempfile.TemporaryDirectory(prefix="rg-") as home,
                Site(Path(home), settings=settings) as site,
            ):
                photograph_all(browser, furnish_it(site, browser), wanted, out, in_docs)
    return 0


def photograph_all(
    browser: Browser,
    furnished: Any,
    wanted: Sequence[Shown],
    out: Path,
    in_docs: Collection[str] | None,
) -> None:
    """in_docs: the names of those to photograph; None: all."""
    for shown in wanted:
        for theme in THEMES:
            for width in WIDTHS:
                path = out / f"{shown.name}-{width}-{theme}.webp"
                if in_docs is not None and path.name not in in_docs:
                    continue
                path.write_bytes(photograph(browser, furnished, shown, theme, width))
                print(f"{path.name:<44} {path.stat().st_size // 1000:>4} kB")


def pictures_in_docs() -> set[str]:
    """The names of the pictures in docs/shots that README.md and docs show."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return {
        name for page in pages for name in re.findall(r"shots/([\w-]+\.webp)", page.read_text())
    }


def photograph(
    browser: Browser, furnished: Furnished, shown: Shown, theme: str, width: str
) -> bytes:
    """A WebP of the whole page, up to MAX_SCREENS, of MAX_BYTES at most."""
    wide, high = WIDTHS[width]
    context = browser.new_context(
        base_url=furnished.site.url,
        viewport={"width": wide, "height": high},
        color_scheme=theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        has_touch=width == "phone",
        storage_state=shown.session(furnished),
    )
    try:
        page = context.new_page()
        shown.visit(page, furnished)
        # A taller window instead of a stitched picture: bars at the bottom stay at the bottom.
        full = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": wide, "height": min(full, high * MAX_SCREENS)})
        # The player's own mark of loading goes a moment after its film is there.
        page.wait_for_timeout(500)
        picture = page.screenshot(animations="disabled", caret="hide")
    finally:
        context.close()
    return compressed(picture)


def compressed(picture: bytes) -> bytes:
    """A screenshot as WebP, as good as MAX_BYTES allows."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in (82, 70, 55, 40, 25, 10):
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MAX_BYTES:
            break
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
