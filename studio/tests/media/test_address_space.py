"""A sandboxed job may map 3 GiB. Frames must not use that up one by one."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.media.video.reader import open_film
from studio.media.video.writer import VideoWriter
from studio.tests.support.films import picture

STATUS = Path("/proc/self/status")
# 120 scalers with two threads each would map 1,900 MB; the encoder and decoder need about 100.
MOST_MB = 400


@pytest.fixture
def no_collection() -> Iterator[None]:
    """What frames leave behind stays: when it is collected depends on the rest of the process."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def mapped_mb() -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmSize:"))
    return int(line.split()[1]) // 1024


@pytest.mark.skipif(not STATUS.exists(), reason="/proc is Linux's")
def test_frames_written_and_read_map_no_memory_each(tmp_path: Path, no_collection: None) -> None:
    path, frame = tmp_path / "clip.mp4", picture(0, (40, 90, 140))
    before = mapped_mb()
    with VideoWriter(path, 320, 180, 24) as writer:
        for _ in range(120):
            writer.add(frame)
    assert sum(1 for _ in open_film(path).frames()) == 120
    assert mapped_mb() - before < MOST_MB
