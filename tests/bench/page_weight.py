"""The row about the bytes of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx

from tests.bench.figures import Figure
from tests.bench.first_minutes import signed_in
from tests.bench.ground import Ground

PAGES = (
    "/",
    "/?q=lamp",
    "/creations",
    "/me/templates",
    "/me/runs",
    "/me/media",
    "/me/keys",
    "/me",
    "/admin/",
    "/docs/api",
    "/app/tools",
    "/v1/openapi.json",
)
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


def page_weight(ground: Ground) -> Iterator[Figure]:
    """The bytes of pages with the samples, as the owner's browser gets them, with and without gzip;
    and those of all style sheets that they name."""
    with ground.site(workers=0) as site, signed_in(site) as browser:
        styles: set[str] = set()
        for path in PAGES:
            answer = browser.get(path)
            answer.raise_for_status()
            styles.update(_STYLE.findall(answer.text))
            yield _figure(f"page weight, {path}", browser, [path])
        yield _figure("page weight, the style sheets", browser, sorted(styles))


def _figure(name: str, browser: httpx.Client, paths: list[str]) -> Figure:
    plain, packed = (
        sum(_sent(browser, path, takes) for path in paths) / 1000 for takes in ("identity", "gzip")
    )
    return Figure(name, {"plain": plain, "gzip": packed}, unit="kB")


def _sent(browser: httpx.Client, path: str, takes: str) -> int:
    with browser.stream("GET", path, headers={"Accept-Encoding": takes}) as answer:
        return sum(map(len, answer.iter_raw()))
