"""Rows about the editor's first load: what it weighs, and what a slow line makes of it."""

from __future__ import annotations

import gzip
import json
import statistics
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.bench.canvas import OPENING, template_of
from tests.bench.figures import Figure, middle
from tests.bench.ground import Ground, NotHere
from tests.support.clients.browser import chromium
from tests.support.clients.browser_actions import session_of
from tests.support.program import ROOT
from tests.support.server import Site

# What the editor's scripts may weigh until its canvas is there, compressed.
BUDGET_KB = 135
STAGES = 8
VISITS = 5
# A phone in the country: a round trip in ms, and bytes a second.
LATENCY_MS, LINE = 150, 1_600_000 / 8
LINE_MS, LINE_KB, LINE_REQUESTS = 2_000, 400, 25


def load(ground: Ground) -> Iterator[Figure]:
    """The editor with a template of 8 stages over a line of 150 ms and 1.6 Mbit, in real Chromium
    with a fresh profile: from the start of the navigation to the second frame with the graph; the
    requests and the bytes that had come by then. Five visits, their medians.
    """
    try:
        with ground.site(workers=0) as site, chromium() as browser:
            session = session_of(browser, site, site.signin_link())
            template = template_of(site.client(site.key("owner")), STAGES)
            visits = [_visit(site, browser, session, template) for _ in range(VISITS)]
    except pytest.skip.Exception as problem:
        raise NotHere(str(problem)) from problem
    opened, sizes, requests = (list(values) for values in zip(*visits, strict=True))
    name = "the editor over a slow line"
    yield middle(f"{name}, first stages", opened, LINE_MS)
    size = {"size": statistics.median(sizes)}
    yield Figure(f"{name}, sent", size, unit="kB", judged="size", target=LINE_KB)
    count = {"count": statistics.median(requests)}
    yield Figure(f"{name}, requests", count, unit="", judged="count", target=LINE_REQUESTS)


def _visit(site: Site, browser: Browser, session: Any, template: str) -> tuple[float, float, int]:
    """Milliseconds to the graph; kilobytes and requests until then."""
    context = browser.new_context(
        base_url=site.url, storage_state=session, viewport={"width": 1440, "height": 900}
    )
    try:
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": LINE,
                "uploadThroughput": LINE,
            },
        )
        sizes: list[float] = []
        line.on("Network.loadingFinished", lambda end: sizes.append(end["encodedDataLength"]))
        page.add_init_script(OPENING)
        page.goto(f"/t/{template}/edit", wait_until="commit")
        page.wait_for_function("() => window.reelgraphBench.open !== null")
        return page.evaluate("() => window.reelgraphBench.open"), sum(sizes) / 1000, len(sizes)
    finally:
        context.close()


def weight(ground: Ground) -> Iterator[Figure]:
    """Measure the compressed scripts that the editor loads before its canvas, in the last build."""
    del ground
    folder = ROOT / "static" / "dist"
    manifest = folder / ".vite" / "manifest.json"
    if not manifest.exists():
        raise NotHere("the editor is not built")
    entries = json.loads(manifest.read_text())
    canvases = [at for at, entry in entries.items() if entry.get("name") == "Canvas"]
    if len(canvases) != 1:
        raise NotHere("the canvas is not one file")
    queue = ["src/main.tsx", *canvases]
    sizes: dict[str, int] = {}
    while queue:
        entry = entries[queue.pop()]
        if entry["file"] in sizes:
            continue
        sizes[entry["file"]] = len(gzip.compress((folder / entry["file"]).read_bytes()))
        queue += entry.get("imports", [])
    late = sum(
        len(gzip.compress((folder / entry["file"]).read_bytes()))
        for entry in entries.values()
        if entry["file"] not in sizes and entry["file"].endswith(".js")
    )
    yield Figure(
        "the editor's scripts until its canvas is there, compressed",
        {"size": sum(sizes.values()) / 1000},
        unit="kB",
        judged="size",
        target=BUDGET_KB,
        beside=f"{late / 1000:.0f} kB more when asked for",
    )
