"""Copies say how they were made in their metadata, and say nothing else there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from media.origin import Origin, Provenance
from media.sandbox import Unwatched, run_in_sandbox
from media.stripping import strip_file
from tests.support.builders.planted_media import FORMATS, planted_file, words_in

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# What every browser shows is what pictures become.
SHOWN = {"GIF": "image/png", "TIFF": "image/png", "HEIC": "image/jpeg", "AVIF": "image/jpeg"}
JOB = "tests.support.fakes.sandbox_jobs.copy_all"


@pytest.mark.slow
def test_a_copy_of_each_format_says_its_source_and_no_more(tmp_path: Path) -> None:
    files = [_planted(name, tmp_path) for name in FORMATS]
    out = tmp_path / "out"
    reads = [Path(file["path"]) for file in files]
    answer = run_in_sandbox(
        JOB, {"files": files}, reads=reads, out=out, timeout_s=60, context=Unwatched()
    )
    for name, file, reply in zip(FORMATS, files, answer["replies"], strict=True):
        copy = Path(file["target"]).read_bytes()
        assert copy.count(AI.encode()) == 1, name
        assert words_in(copy) == [], name
        if file["kind"] == "image":
            assert reply["result"]["mime"] == SHOWN.get(name, file["mime"])


def _planted(name: str, folder: Path) -> dict[str, str]:
    """Write a file of a format; the arguments of its copying."""
    data, facts = planted_file(name)
    assert words_in(data), f"nothing was planted in {name}"
    source, target = folder / name, folder / "out" / name
    target.parent.mkdir(exist_ok=True)
    source.write_bytes(data)
    return {
        "path": str(source),
        "kind": facts.kind,
        "mime": facts.mime,
        "target": str(target),
        "source_type": AI,
    }


def test_equal_files_have_equal_copies_and_no_claim_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A signature has its moment.
    monkeypatch.setitem(sys.modules, "c2pa", None)

    def copied(origin: Origin) -> bytes:
        source, target = tmp_path / "source", tmp_path / "out" / "copy"
        target.parent.mkdir(exist_ok=True)
        data, facts = planted_file("MP4")
        source.write_bytes(data)
        strip_file(source, facts, target, Unwatched(), Provenance(origin))
        return target.read_bytes()

    assert copied("ai") == copied("ai")
    assert b"DigitalSourceType" not in copied("unknown")
