"""Every tool of the studio makes the same files, byte for byte, with and without the sandbox."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from media.sandbox import Unwatched, confine, parent, run_in_sandbox, worker_pool
from mediakit.job_protocol import TOOLS
from tests.bench.pieces import PIECES, Piece
from tools.catalog import catalogue
from tools.declaration.arguments import fill_defaults

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(confine.available().missing()), reason="nothing to compare with"),
]
SEED = 7
SMALL = {piece.key: piece for piece in PIECES}


def small(piece: Piece) -> Piece:
    params = dict(piece.params)
    for side in {"width", "height"} & set(params):
        params[side] = params[side] * 5 // 16
    if "duration" in params:
        params["duration"] = min(params["duration"], 4 if piece.tool == "dance_montage" else 2)
    # Films of tests last one second.
    if "endSeconds" in params:
        params |= {"startSeconds": 0.25, "endSeconds": 0.75}
    return replace(piece, params=params)


class Studio:
    """Makes pieces in real jobs, and what they are made from once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[str, dict[str, Any]] = {}

    def make(self, key: str, out: Path) -> dict[str, Any]:
        piece = small(SMALL[key])
        tool = next(tool for tool in catalogue() if tool.name == piece.tool)
        media = {port: [self.source(name) for name in names] for port, names in piece.media.items()}
        out.mkdir(parents=True)
        return run_in_sandbox(
            f"studio.jobs.{piece.tool}.run",
            {
                "tool": piece.tool,
                "params": fill_defaults(tool, piece.params),
                "media": media,
                "seed": SEED if tool.seeded else None,
                "studio": dict(settings.STUDIO),
            },
            reads=[Path(medium["path"]) for media in media.values() for medium in media],
            out=out,
            timeout_s=170,
            context=Unwatched(),
        )

    def source(self, key: str) -> dict[str, Any]:
        if key not in self.made:
            self.made[key] = self.make(key, self.folder / "sources" / key)["files"][0]
        return self.made[key]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


@pytest.fixture
def unconfined(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Call it, and the children that follow are not confined."""

    def switch() -> None:
        monkeypatch.setattr(worker_pool, "CHILD", "tests.support.faults.unconfined")
        parent.close()

    yield switch
    monkeypatch.undo()
    parent.close()


def told(answer: dict[str, Any], out: Path) -> tuple[str, list[str]]:
    """The answer without its folder, and a sum of each file."""
    sums = [hashlib.sha256(Path(file["path"]).read_bytes()) for file in answer["files"]]
    text = json.dumps(answer, sort_keys=True).replace(str(out), "")
    return text, [sum_of.hexdigest() for sum_of in sums]


def test_every_tool_of_the_studio_is_compared() -> None:
    assert {piece.tool for piece in PIECES} == set(TOOLS)


@pytest.mark.parametrize("key", list(SMALL))
def test_a_confined_job_makes_the_same_files(
    key: str, studio: Studio, unconfined: Any, tmp_path: Path
) -> None:
    make = partial(studio.make, key)
    confined = told(make(tmp_path / "confined"), tmp_path / "confined")
    unconfined()
    assert told(make(tmp_path / "open"), tmp_path / "open") == confined
