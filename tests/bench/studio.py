"""Row: what the studio needs for a picture, clips, a film and music, at the product's own size."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from tests.bench.figures import Figure, middle, skipped
from tests.bench.ground import Ground, person, steps
from tests.bench.wire import Line, at
from tests.support.house import House
from tests.support.program import ROOT

TIMES = 3
LOOK_S = 0.02


@dataclass(frozen=True)
class Piece:
    """One thing to make. needs: the pieces whose address `arguments` names as `{piece}`."""

    name: str
    tool: str
    arguments: Mapping[str, Any]
    target_s: float | None = None
    needs: tuple[str, ...] = ()


PIECES = (
    Piece(
        "image 1024×576",
        "generate_image",
        {"prompt": "A lighthouse on a cliff at dusk", "width": 1024, "height": 576},
        2,
    ),
    Piece(
        "5 s video from text",
        "generate_video",
        {"prompt": "A red car drives through a snowy forest, slow push-in", "duration": 5},
        10,
    ),
    Piece(
        "5 s video from an image",
        "generate_video",
        {
            "prompt": "Slow cinematic push-in",
            "duration": 5,
            "reference_image_urls": ["{image 1024×576}"],
        },
        10,
        ("image 1024×576",),
    ),
    Piece(
        "stitch of two 5 s clips",
        "stitch_video",
        {"reference_video_urls": ["{5 s video from text}", "{5 s video from an image}"]},
        5,
        ("5 s video from text", "5 s video from an image"),
    ),
    Piece("20 s music", "generate_music", {"prompt": "Calm piano, slow", "duration": 20}),
    Piece(
        "video to video of 5 s",
        "video_to_video",
        {
            "prompt": "Watercolour painting",
            "controlMode": "canny",
            "reference_video_url": "{5 s video from text}",
        },
        None,
        ("5 s video from text",),
    ),
)


def studio(ground: Ground) -> Iterator[Figure]:
    """Each piece three times, each as a run's only step through the engine, one warm worker, at the
    product's own settings: the step's start to its completion. Beside it the largest resident
    memory of the sandbox child, looked at every 20 ms.
    """
    made: dict[str, str] = {}
    # The house's tools are those of the product, its studio draws at full size.
    with ground.house(workers=1) as house:
        line = person(house)
        if _has_job("generate_image"):
            line.finished(line.start(steps((PIECES[0].tool, PIECES[0].arguments))))
        for piece in PIECES:
            row = f"studio, {piece.name}"
            missing = [need for need in piece.needs if need not in made]
            if not _has_job(piece.tool):
                yield skipped(row, f"the studio has no job for {piece.tool} yet")
            elif missing:
                yield skipped(row, f"it needs {missing[0]}, which was not made")
            else:
                try:
                    yield _measured(house, line, piece, row, made)
                except RuntimeError as problem:
                    yield skipped(row, f"failed: {problem}")


def _measured(house: House, line: Line, piece: Piece, row: str, made: dict[str, str]) -> Figure:
    samples, peaks = [], []
    for _ in range(TIMES):
        with Watch(house) as watch:
            run = line.finished(line.start(steps((piece.tool, _filled(piece.arguments, made)))))
        step = run["steps"][0]
        samples.append(at(step["completedAt"]) - at(step["startedAt"]))
        peaks.append(watch.peak)
        made[piece.name] = run["artifacts"][0]["url"]
    beside = f"sandbox child at most {max(peaks) / 1024**2:.0f} MB"
    return middle(row, samples, piece.target_s, unit="s", beside=beside)


def _filled(value: Any, made: Mapping[str, str]) -> Any:
    """Arguments with the addresses of earlier pieces in place of their names."""
    if isinstance(value, str):
        return made.get(value[1:-1], value) if value.startswith("{") else value
    if isinstance(value, list):
        return [_filled(item, made) for item in value]
    if isinstance(value, Mapping):
        return {name: _filled(item, made) for name, item in value.items()}
    return value


def _has_job(tool: str) -> bool:
    jobs = ROOT / "tools" / "providers" / "studio" / "jobs"
    return (jobs / f"{tool}.py").exists() or (jobs / tool).is_dir()


class Watch(threading.Thread):
    """While open, looks at the memory of the workers' sandbox children; `peak` in bytes."""

    def __init__(self, house: House) -> None:
        super().__init__(daemon=True)
        self.house = house
        self.peak = 0
        self._end = threading.Event()

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._end.set()
        self.join()

    def run(self) -> None:
        workers = [psutil.Process(pid) for pid in self.house.workers()]
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
