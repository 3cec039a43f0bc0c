"""The row about the studio: what each tool's piece of work takes, at the product's own size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.figures import Figure, middle, skipped
from tests.bench.ground import person, serving, steps
from tests.bench.pieces import PIECES, Piece
from tests.bench.wire import Line, at
from tools.catalog import catalogue

TIMES = 3


def studio() -> Iterator[Figure]:
    """Each piece three times, each as a run's only step through the engine, one warm worker, at the
    product's own settings: the step's start to its completion.
    """
    made: dict[str, str] = {}
    # The server's tools are those of the product, its studio draws at full size.
    with serving(workers=1) as site:
        line = person(site)
        line.finished(line.start(steps((PIECES[0].tool, PIECES[0].params))))
        for piece in PIECES:
            row = f"studio, {piece.key}"
            missing = [need for names in piece.media.values() for need in names if need not in made]
            if missing:
                yield skipped(row, f"it needs {missing[0]}, which was not made")
            else:
                try:
                    yield _measured(line, piece, row, made)
                except RuntimeError as problem:
                    yield skipped(row, f"failed: {problem}")


def _measured(line: Line, piece: Piece, row: str, made: dict[str, str]) -> Figure:
    samples = []
    for _ in range(TIMES):
        run = line.finished(line.start(steps((piece.tool, _arguments(piece, made)))))
        step = run["steps"][0]
        samples.append(at(step["completedAt"]) - at(step["startedAt"]))
        if run["artifacts"]:
            made[piece.key] = run["artifacts"][0]["url"]
    return middle(row, samples, piece.target_s, unit="s")


def _arguments(piece: Piece, made: Mapping[str, str]) -> dict[str, Any]:
    """The piece's arguments, media by address."""
    tool = next(tool for tool in catalogue() if tool.name == piece.tool)
    arguments = dict(piece.params)
    for port in tool.ports():
        addresses = [made[name] for name in piece.media.get(port.name, ())]
        if addresses:
            arguments[port.url] = addresses if port.is_list(port.url) else addresses[0]
    return arguments
