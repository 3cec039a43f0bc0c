"""The menu, and what the Makefile promises."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from scripts.menu import menu

ROOT = Path(__file__).resolve().parents[3]
MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str, **environment: str) -> str:
    # MAKEFLAGS and the like would come from a `make test` around this test.
    clean = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    run = subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def test_plain_make_prints_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.M)
    assert targets
    assert sorted(name for name, _ in menu(MAKEFILE)) == sorted(targets[1].split())
    printed = make()
    for name in targets[1].split():
        assert f"make {name} " in printed


def test_nothing_runs_while_the_makefile_is_read() -> None:
    assert "$(shell" not in MAKEFILE
    assert "`" not in "".join(line for line in MAKEFILE.splitlines() if line.startswith("\t"))


@pytest.mark.parametrize(
    ("arguments", "name"), [(("USER=alice",), "alice"), ((), "owner"), (("USER=",), "owner")]
)
def test_a_key_is_for_the_owner_unless_the_command_line_names_someone(
    arguments: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    # A stand-in for Python prints what the recipe hands on, instead of making a key.
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$KEY_USER for $*"\n')
    python.chmod(0o755)
    said = make("key", *arguments, f"PYTHON={python}", USER="root")
    assert said.strip() == f"{name} for scripts/launch.py key"


def test_says_in_one_line_that_there_is_no_python() -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        make("run", "PYTHON=no-such-python")
    assert "sudo apt install python3 python3-venv" in failed.value.stderr.splitlines()[0]
