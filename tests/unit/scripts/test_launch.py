"""Finding a Python that can run the project, on machines unlike this one."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import launch

NAMES = ["python3.12", "python3.11", "python3"]


def choose(**machine: tuple[tuple[int, int], bool]) -> tuple[str, list[launch.Found]]:
    """machine: version and venv of each command, with `_` for the dot."""

    def look(name: str) -> launch.Found | None:
        found = machine.get(name.replace(".", "_"))
        return (f"/usr/bin/{name}", *found) if found else None

    return launch.choose(NAMES, look)


def test_takes_the_newest_that_can_make_virtual_environments() -> None:
    path, _ = choose(python3_12=((3, 12), False), python3_11=((3, 11), True))
    assert path == "/usr/bin/python3.11"


def test_takes_plain_python3_when_it_is_new_enough() -> None:
    path, _ = choose(python3=((3, 13), True))
    assert path == "/usr/bin/python3"


def test_takes_no_python_that_is_too_old() -> None:
    path, seen = choose(python3=((3, 9), True))
    assert path == ""
    assert launch.advice(seen, "Linux", "ubuntu") == (
        "Python 3.11 to 3.14 is needed (found only 3.9)."
        " Run: sudo apt install python3.11 python3.11-venv"
    )


def test_names_the_venv_package_of_a_stock_debian() -> None:
    _, seen = choose(python3=((3, 11), False))
    assert launch.advice(seen, "Linux", "debian") == (
        "Python 3.11 is here, but it cannot make virtual environments."
        " Run: sudo apt install python3.11-venv"
    )


@pytest.mark.parametrize(
    ("system", "distribution", "command"),
    [
        ("Darwin", "", "brew install python@3.12"),
        ("Linux", "fedora", "sudo dnf install python3.11"),
        ("Linux", "arch", "your system's packages"),
    ],
)
def test_names_the_command_of_other_systems(system: str, distribution: str, command: str) -> None:
    advice = launch.advice([], system, distribution)
    assert command in advice
    assert "\n" not in advice


def test_passes_over_a_command_that_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\necho 'no such version' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert launch.probe("python3.13") is None


def test_takes_the_python_that_is_named_before_newer_ones(tmp_path: Path) -> None:
    scripts, commands = tmp_path / "scripts", tmp_path / "bin"
    scripts.mkdir()
    commands.mkdir()
    shutil.copy(launch.__file__, scripts / "launch.py")
    (scripts / "which.py").write_text("import os; print(os.environ['TAKEN'])")
    for name in ("python3.14", "python3.11", "old"):
        print_or_exec = "echo 3 9 1" if name == "old" else f'exec {sys.executable} "$@"'
        (commands / name).write_text(f"#!/bin/sh\nexport TAKEN={name}\n{print_or_exec}\n")
        (commands / name).chmod(0o755)
    env = {"PATH": str(commands)}
    command = [sys.executable, str(scripts / "launch.py"), "which"]
    for named, taken in (("", "python3.14"), ("python3.11", "python3.11"), ("old", "python3.14")):
        answer = subprocess.check_output(command, env=env | {"PYTHON": named}, text=True)
        assert answer.strip() == taken


def test_can_be_read_by_an_old_python() -> None:
    # Python 3.6 must get as far as saying which Python is needed.
    source = Path(launch.__file__).read_text()
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source
