"""Row: what the studio needs for each tool's piece of work, at the product's own size."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import psutil

from tests.bench.figures import Figure, middle, skipped
from tests.bench.ground import Ground, person, steps
from tests.bench.pieces import PIECES, Piece
from tests.bench.wire import Line, at
from tests.support.server import Site
from tools.catalog import catalogue

TIMES = 3
LOOK_S = 0.02


def studio(ground: Ground) -> Iterator[Figure]:
    """Each piece three times, each as a run's only step through the engine, one warm worker, at the
    product's own settings: the step's start to its completion. Beside it the largest resident
    memory of the sandbox child, looked at every 20 ms.
    """
    made: dict[str, str] = {}
    # The server's tools are those of the product, its studio draws at full size.
    with ground.site(workers=1) as site:
        line = person(site)
        line.finished(line.start(steps((PIECES[0].tool, PIECES[0].params))))
        for piece in PIECES:
            row = f"studio, {piece.key}"
            missing = [need for names in piece.media.values() for need in names if need not in made]
            if missing:
                yield skipped(row, f"it needs {missing[0]}, which was not made")
            else:
                try:
                    yield _measured(site, line, piece, row, made)
                except RuntimeError as problem:
                    yield skipped(row, f"failed: {problem}")


def _measured(site: Site, line: Line, piece: Piece, row: str, made: dict[str, str]) -> Figure:
    samples, peaks = [], []
    for _ in range(TIMES):
        with Watch(site) as watch:
            run = line.finished(line.start(steps((piece.tool, _arguments(piece, made)))))
        step = run["steps"][0]
        samples.append(at(step["completedAt"]) - at(step["startedAt"]))
        peaks.append(watch.peak)
        if run["artifacts"]:
            made[piece.key] = run["artifacts"][0]["url"]
    beside = f"sandbox child at most {max(peaks) / 1024**2:.0f} MB"
    return middle(row, samples, piece.target_s, unit="s", beside=beside)


def _arguments(piece: Piece, made: Mapping[str, str]) -> dict[str, Any]:
    """The piece's arguments, media by address."""
    tool = next(tool for tool in catalogue() if tool.name == piece.tool)
    arguments = dict(piece.params)
    for port in tool.ports():
        addresses = [made[name] for name in piece.media.get(port.name, ())]
        if addresses:
            arguments[port.url] = addresses if port.is_list(port.url) else addresses[0]
    return arguments


class Watch(threading.Thread):
    """While open, looks at the memory of the workers' sandbox children; `peak` in bytes."""

    def __init__(self, site: Site) -> None:
        super().__init__(daemon=True)
        self.site = site
        self.peak = 0
        self._end = threading.Event()

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._end.set()
        self.join()

    def run(self) -> None:
        workers = [psutil.Process(pid) for pid in self.site.workers()]
        while not self._end.wait(LOOK_S):
            for worker in workers:
                for child in _children(worker):
                    self.peak = max(self.peak, _resident(child))


def _children(worker: psutil.Process) -> list[psutil.Process]:
    try:
        return worker.children()
    except psutil.Error:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
