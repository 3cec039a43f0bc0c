"""Files of a run are called after the run and the stage, in names that every file system takes."""

from __future__ import annotations

import pytest

from media.models import Blob
from runs.models import Artifact, Step
from runs.web.file_names import file_names


def made(*stages: str, mime: str = "video/mp4") -> list[Artifact]:
    blob = Blob(sha256="0" * 64, mime=mime)
    return [
        Artifact(step=Step(key="s", title=title, tool="stitch_video"), blob=blob)
        for title in stages
    ]


def test_a_file_is_called_after_its_run_and_its_stage() -> None:
    assert file_names("Dawn over the harbor", made("Stitch video")) == [
        "Dawn over the harbor - Stitch video.mp4"
    ]


def test_results_of_one_name_are_numbered() -> None:
    assert file_names("Dawn", made("Shots", "shots", "Shots 2", "Shots")) == [
        "Dawn - Shots 1.mp4",
        "Dawn - shots 2.mp4",
        "Dawn - Shots 2 2.mp4",
        "Dawn - Shots 3.mp4",
    ]


def test_a_stage_without_a_title_has_that_of_its_tool() -> None:
    assert file_names("Dawn", made("")) == ["Dawn - Stitch video.mp4"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b\\c: d?", "a-b-c- d- - Cut.mp4"),
        ("../../etc", "-..-etc - Cut.mp4"),
        (" .hidden. ", "hidden - Cut.mp4"),
        ("tab\tand\nline", "tab and line - Cut.mp4"),
        ("a\u202etxt\u200b\x00b", "atxtb - Cut.mp4"),
        ("CON", "CON - Cut.mp4"),
        ("con.fig", "_con.fig - Cut.mp4"),
        ("Cut", "Cut.mp4"),
        ("", "Cut.mp4"),
        ("cafe\u0301", "café - Cut.mp4"),
    ],
)
def test_names_hold_nothing_that_a_file_system_refuses(title: str, name: str) -> None:
    assert file_names(title, made("Cut")) == [name]


def test_long_names_fit_every_file_system() -> None:
    for letter in ("x", "夜", "🎞"):
        names = file_names(letter * 200, made(*[letter * 200] * 3))
        assert len(set(names)) == 3
        assert all(len(name.encode()) < 255 for name in names)
