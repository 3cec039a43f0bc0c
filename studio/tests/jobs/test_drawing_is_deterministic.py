"""The same job in two processes gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import importlib, json, sys
tool, arguments = sys.argv[1], json.loads(sys.argv[2])
run = importlib.import_module(f"studio.jobs.{tool}").run
print(json.dumps([file["path"] for file in run(arguments, lambda *_: None)["files"]]))
"""


def made(tool: str, out: Path, prompt: str, hash_seed: str) -> str:
    """The digest of what a fresh process makes."""
    out.mkdir()
    arguments = {
        "tool": tool, "params": {"prompt": prompt}, "media": {}, "seed": 11, "out": str(out),
        "studio": {"width": 320, "height": 180, "fps": 24, "max_duration_s": 60, "duration_s": 0.5},
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tool, json.dumps(arguments)],
        cwd=ROOT,
        env={"PYTHONHASHSEED": hash_seed, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    (path,) = json.loads(done.stdout.splitlines()[-1])
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("tool", "prompt"),
    [
        ("generate_image", "a robot in a neon city, rain"),
        ("generate_image", "a graphite sketch of a fox"),
        ("generate_video", "a boat on the ocean at sunset, slow orbit"),
        ("generate_video", "unheard-of sonderlings"),
    ],
)
def test_two_processes_agree(tmp_path: Path, tool: str, prompt: str) -> None:
    first = made(tool, tmp_path / "first", prompt, "1")
    second = made(tool, tmp_path / "second", prompt, "2")
    assert first == second
