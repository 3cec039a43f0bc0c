"""`python -m studio`: the examples of its README work as they are written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mediakit.errors import Refused
from studio.__main__ import read_request

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "studio" / "README.md").read_text()
EXAMPLES = re.findall(r"^```sh\n(.*?)```", README, re.M | re.S)


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line as a shell runs it, in a folder of its own with our Python."""
    command = re.sub(r"\bpython\b", sys.executable, command)
    return subprocess.run(
        ["/bin/sh", "-ec", command],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Later examples work on what earlier ones made."""
    return tmp_path_factory.mktemp("studio")


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_readme_works(number: int, folder: Path) -> None:
    done = run(EXAMPLES[number], folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_answers_alone_are_on_stdout(tmp_path: Path) -> None:
    done = run("python -m studio generate_image --prompt 'a fox' --width 160 --height 90 --out .",
               tmp_path)  # fmt: skip
    (file,) = json.loads(done.stdout)["files"]
    assert (file["width"], file["height"]) == (160, 90)
    assert Path(file["path"]) == tmp_path / "image-1.png"
    assert "100%" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("", 2, "python -m studio TOOL"),
        ("paint --out .", 2, "There is no tool “paint”"),
        ("generate_image --prompt x", 2, "“out”"),
        ("upscale_image --out .", 1, "Add an image"),
        ("upscale_image --image @none.png --out .", 2, "none.png"),
    ],
)
def test_a_command_that_is_not_understood_says_why(
    words: str, code: int, said: str, tmp_path: Path
) -> None:
    done = run(f"python -m studio {words}", tmp_path)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["generate_image", "prompt"], "Write --name value"),
        (["generate_image", "--prompt"], "Add a value after “--prompt”"),
    ],
)
def test_words_that_are_no_options_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_request(words)


def test_a_pipe_ends_quietly_when_its_reader_leaves(tmp_path: Path) -> None:
    params = '{"prompt": "a fox", "width": 64, "height": 64}'
    job = f'{{"tool": "generate_image", "params": {params}, "out": "made"}}'
    lines = " ".join([f"'{job}'"] * 3)
    done = run(f"printf '%s\\n' {lines} | python -m studio --lines | head -c 1", tmp_path)
    assert done.stdout == "{"
    assert "Traceback" not in done.stderr
