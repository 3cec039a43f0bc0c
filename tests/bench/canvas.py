"""Rows about the editor's canvas: what loads before it, and how long its frames take while people
move about in a graph.

Real Chromium and the real product. Mouse events come through the browser's debugging line, one
after the other is taken; nothing in the page knows of the bench. Pictures of finished stages are
answered in the server's place when the page asks for its run.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, Route

from tests.bench.figures import Figure, middle, percentile
from tests.bench.ground import NotHere, serving
from tests.bench.wire import RUNS, Line
from tests.support.clients.browser import chromium
from tests.support.clients.browser_actions import session_of
from tests.support.program import ROOT
from tests.support.server import Site

# The largest template is usable; up to 2,000 stages, each frame of a 60 Hz screen is met.
TARGETS = {500: 16.8, 1_000: 16.8, 2_000: 16.8, 5_000: 33.4}
OPEN_MS = 1_000
SCRIPTS_KB = 135
VISITS = 4
MOVES = 60
STEPS = 30
PICTURES = 24
FINISHED = "wfrun_finished-on-the-canvas"
AT = "2026-01-01T12:00:00Z"

# The page's frames while something is done, as the browser told scripts of them; and when the
# canvas was first there.
OPENING = """
window.reelgraphBench = { frames: [], isOn: false, open: null }
new MutationObserver((_, observer) => {
  if (!document.querySelector('.work-area[aria-busy=false]')) return
  observer.disconnect()
  requestAnimationFrame(() => requestAnimationFrame(() => {
    window.reelgraphBench.open = performance.now()
  }))
}).observe(document, { subtree: true, childList: true, attributes: true })
"""
BEGIN = """() => {
  const bench = window.reelgraphBench
  bench.frames = []
  bench.isOn = true
  let before = null
  const next = now => {
    if (before !== null) bench.frames.push(now - before)
    before = now
    if (bench.isOn) requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
}"""
END = "() => { window.reelgraphBench.isOn = false; return window.reelgraphBench.frames }"
FRAME = "() => new Promise(done => requestAnimationFrame(done))"
VIEW = """() => {
  const view = document.querySelector('.surface-plane')
  const { e, f, a } = new DOMMatrix(getComputedStyle(view).transform)
  const frame = document.querySelector('.work-area').getBoundingClientRect()
  return [e + frame.x, f + frame.y, a]
}"""


@dataclass
class Taken:
    """What one visit measured: frames by gesture in milliseconds, and the page's weight."""

    open_ms: float
    heap_mb: float = 0.0
    frames: dict[str, list[float]] = field(default_factory=dict)


def canvas() -> Iterator[Figure]:
    """Drag, pan and zoom among 500 to 5,000 stages with 1.3 edges each, at working zoom and
    in the overview: time between frames during 60 mouse moves or 60 turns of the wheel, in a window
    of 1440 × 900. Four visits each with a fresh profile, the median of their percentiles. 24
    distinct pictures. Opening: from the start of the navigation to the second frame with the graph.
    """
    with serving(workers=0) as site, chromium() as browser:
        session = session_of(browser, site, site.signin_link())
        owner = Line(site.url, site.key("owner"))
        for count, target in TARGETS.items():
            template = _template_of(owner, count)
            for tier in ("near", "overview"):
                visits = [
                    _visit(site, browser, session, template, count, tier) for _ in range(VISITS)
                ]
                for gesture in visits[0].frames:
                    row = f"canvas, {count:,} stages, {tier}, {gesture}"
                    yield _figure(row, [visit.frames[gesture] for visit in visits], target)
                if tier == "near":
                    heap = statistics.median(visit.heap_mb for visit in visits)
                    yield middle(
                        f"canvas, {count:,} stages, opening",
                        [visit.open_ms for visit in visits],
                        OPEN_MS,
                        beside=f"heap {heap:.1f} MB",
                    )


def weight() -> Iterator[Figure]:
    """The scripts that the editor loads before its canvas is there, compressed, as last built."""
    folder = ROOT / "static" / "dist"
    manifest = folder / ".vite" / "manifest.json"
    if not manifest.exists():
        raise NotHere("the editor is not built")
    entries = json.loads(manifest.read_text())
    queue = ["src/main.tsx", *(key for key, one in entries.items() if one.get("name") == "Canvas")]
    files = set()
    while queue:
        entry = entries[queue.pop()]
        if entry["file"] not in files:
            files.add(entry["file"])
            queue += entry.get("imports", [])
    late = {one["file"] for one in entries.values() if one["file"].endswith(".js")} - files
    first_kb, late_kb = (
        sum(len(gzip.compress((folder / file).read_bytes())) for file in some) / 1000
        for some in (files, late)
    )
    row, size = "the editor's scripts until its canvas is there, compressed", {"size": first_kb}
    beside = f"{late_kb:.0f} kB more when asked for"
    yield Figure(row, size, unit="kB", judged="size", target=SCRIPTS_KB, beside=beside)


def _figure(row: str, runs: Sequence[Sequence[float]], target: float) -> Figure:
    values = {
        name: statistics.median(percentile(frames, share) for frames in runs)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }
    highest = [percentile(frames, 0.95) for frames in runs]
    beside = f"p95 of the visits {min(highest):.1f} to {max(highest):.1f}"
    return Figure(row, values, judged="p95", target=target, beside=beside)


def _visit(
    site: Site, browser: Browser, session: Any, template: str, count: int, tier: str
) -> Taken:
    context = browser.new_context(
        base_url=site.url, storage_state=session, viewport={"width": 1440, "height": 900}
    )
    try:
        page = context.new_page()
        page.add_init_script(OPENING)
        _answer_finished(page, template, count)
        page.goto(f"/t/{template}/edit")
        page.wait_for_function("() => window.reelgraphBench.open !== null")
        taken = Taken(page.evaluate("() => window.reelgraphBench.open"))
        page.locator(".work-area").focus()
        page.keyboard.press("1" if tier == "near" else "0")
        _settle(page)
        taken.frames["drag"] = _during(page, lambda: _drag(page, count))
        taken.frames["pan"] = _during(page, lambda: _pan(page))
        taken.frames["zoom"] = _during(page, lambda: _zoom(page))
        taken.heap_mb = _heap(page)
        return taken
    finally:
        context.close()


def _during(page: Page, gesture: Callable[[], None]) -> list[float]:
    _settle(page)
    page.evaluate(BEGIN)
    gesture()
    frames: list[float] = page.evaluate(END)
    return frames


def _settle(page: Page) -> None:
    """Animations end and pictures arrive."""
    for _ in range(40):
        page.evaluate(FRAME)


def _drag(page: Page, count: int) -> None:
    """The stage nearest to the middle, by its picture, 60 moves about."""
    x, y, zoom = page.evaluate(VIEW)
    places = [(x + (left + 112) * zoom, y + (top + 60) * zoom) for left, top in _grid(count)]
    left, top = min(places, key=lambda at: math.hypot(at[0] - 640, at[1] - 430))
    page.mouse.move(left, top)
    page.mouse.down()
    for step in range(MOVES):
        angle = step / 9
        page.mouse.move(left + 150 * math.sin(angle), top + 90 * math.sin(angle * 0.7))
    page.mouse.up()


def _pan(page: Page) -> None:
    page.mouse.move(640, 430)
    page.mouse.down(button="middle")
    for step in range(MOVES):
        angle = step / 8
        page.mouse.move(640 + 260 * math.sin(angle), 430 + 160 * math.sin(angle * 0.6))
    page.mouse.up(button="middle")


def _zoom(page: Page) -> None:
    """The wheel out and in again: from working zoom it goes through both tiers twice."""
    page.mouse.move(640, 430)
    page.keyboard.down("Control")
    for turn in (100, -100):
        for _ in range(STEPS):
            page.mouse.wheel(0, turn)
            page.evaluate(FRAME)
    page.keyboard.up("Control")


def _heap(page: Page) -> float:
    line = page.context.new_cdp_session(page)
    line.send("HeapProfiler.collectGarbage")
    line.send("Performance.enable")
    metrics = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
    return float(metrics["JSHeapUsedSize"]) / 1e6


def _grid(count: int) -> list[tuple[int, int]]:
    rows = max(5, round(math.sqrt(count / 2)))
    return [(280 * (place // rows), 256 * (place % rows)) for place in range(count)]


def _template_of(owner: Line, count: int) -> str:
    """Stages that each take a picture of an earlier one, and three of ten words from an input."""
    stages, nodes = [], [{"stageId": "$inputs", "x": -320, "y": 0}]
    for place, (x, y) in enumerate(_grid(count)):
        args: dict[str, Any] = {"prompt": f"A harbour at night, frame {place}"}
        if place % 10 < 3:
            args["prompt"] = "$inputs.story"
        if place:
            source = max(0, place - 1 - place % 23)
            args["source_image_url"] = f"$artifacts.s{source}.items[0].selectedVersion.url"
        stages.append(
            {
                "id": f"s{place}",
                "label": f"Frame {place}",
                "type": "fixed",
                "tool": "generate_image",
                "args": args,
                "produces": [f"s{place}"],
            }
        )
        nodes.append({"stageId": f"s{place}", "x": x, "y": y})
    body = {
        "name": f"{count} frames",
        "inputs": [{"name": "story", "type": "text", "default": "A harbour"}],
        "stages": stages,
        "graph": {"nodes": nodes, "frames": [], "notes": []},
    }
    return str(owner.call("POST", f"{RUNS}/templates", body)["template"]["id"])


def _answer_finished(page: Page, template: str, count: int) -> None:
    """The newest run is one that is over and made a picture at every stage."""
    pictures = [_picture(place) for place in range(PICTURES)]
    steps = [_step(place) for place in range(count)]
    starter = {"id": "owner", "name": "Owner", "hue": 0}
    facts = {
        "id": FINISHED,
        "by": starter,
        "isMine": True,
        "mayStop": True,
        "status": "completed",
        "createdAt": AT,
        "finishedAt": AT,
    }
    row = {**facts, "title": "Frames", "units": 1, "steps": count, "reused": 0}
    state = {**facts, "lastSeq": 9, "units": 1, "documentRev": 0, "steps": steps}

    def answer(route: Route) -> None:
        path = route.request.url
        picture = re.search(r"/bench-picture-(\d+)", path)
        if picture:
            route.fulfill(body=pictures[int(picture[1])], content_type="image/jpeg")
        elif f"/app/runs/{FINISHED}/state" in path:
            route.fulfill(json=state)
        elif route.request.method == "GET":
            route.fulfill(json={"runs": [row], "next": None})
        else:
            route.continue_()

    runs = rf"/app/documents/{re.escape(template)}/runs"
    page.route(re.compile(rf"/bench-picture-\d+|/app/runs/{FINISHED}/state|{runs}"), answer)


def _step(place: int) -> dict[str, Any]:
    address = f"/media/bench-picture-{place % PICTURES}.jpg"
    medium = {"id": f"artifact-{place}", "kind": "image", "url": address, "posterUrl": address}
    return {
        "key": f"s{place}",
        "title": f"Frame {place}",
        "tool": "generate_image",
        "status": "completed",
        "progress": 1,
        "message": "",
        "startedAt": AT,
        "finishedAt": AT,
        "attempts": [{"startedAt": AT, "endedAt": AT, "outcome": "done"}],
        "reusedFrom": None,
        "error": None,
        "seed": 1,
        "artifacts": [
            {**medium, "width": 448, "height": 252, "duration": None, "filename": "frame.jpg"}
        ],
    }


def _picture(place: int) -> bytes:
    """A JPEG as detailed as a photograph is."""
    noise = Image.effect_noise((448, 252), 60).convert("RGB")
    tint = Image.new("RGB", noise.size, f"hsl({place * 15}, 60%, 45%)")
    file = io.BytesIO()
    Image.blend(noise, tint, 0.6).save(file, "JPEG", quality=80)
    return file.getvalue()
