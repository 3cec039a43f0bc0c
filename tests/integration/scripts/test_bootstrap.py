"""Set-up, for real, in a checkout of its own with locks that ask for nothing."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.program import ROOT, Program
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.slow,
]

SET_UP = "from bootstrap import ensure_or_exit; print('python:', ensure_or_exit('runtime'))\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a finished environment; the tests change its lock."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "scripts", checkout / "scripts")
    (checkout / "scripts" / "try.py").write_text(SET_UP)
    (checkout / "requirements").mkdir()
    write_lock(checkout, "# nothing\n")
    return checkout


def write_lock(checkout: Path, text: str) -> None:
    (checkout / "requirements" / "runtime.txt").write_text(text)


def set_up(checkout: Path) -> Program:
    return Program([sys.executable, str(checkout / "scripts" / "launch.py"), "try"])


def finished(checkout: Path, *, code: int = 0) -> list[str]:
    with set_up(checkout) as program:
        assert program.wait(120) == code, program.text()
        return program.lines


def test_builds_the_environment_once_and_again_when_the_lock_changes(checkout: Path) -> None:
    write_lock(checkout, "# first\n")
    first = finished(checkout)
    assert f"python: {checkout}/.venv/bin/python" in first
    assert any("Packages are ready" in line for line in first)
    assert finished(checkout) == [f"python: {checkout}/.venv/bin/python"]
    write_lock(checkout, "# second\n")
    assert any("Packages are ready" in line for line in finished(checkout))


def test_an_environment_of_its_own_leaves_the_first_one_alone(checkout: Path) -> None:
    write_lock(checkout, "# for two\n")
    finished(checkout)
    (checkout / "scripts" / "other.py").write_text(
        "from bootstrap import ROOT, ensure_or_exit\n"
        "print('python:', ensure_or_exit('runtime', venv=ROOT / '.other'))\n"
    )
    with Program([sys.executable, str(checkout / "scripts" / "launch.py"), "other"]) as program:
        assert program.wait(120) == 0, program.text()
    assert f"python: {checkout}/.other/bin/python" in program.lines
    assert any("Packages are ready" in line for line in program.lines)
    assert finished(checkout) == [f"python: {checkout}/.venv/bin/python"]


def test_says_in_one_line_that_a_package_cannot_be_had(checkout: Path) -> None:
    write_lock(checkout, f"no-such-package @ file:///nowhere.whl --hash=sha256:{'0' * 64}\n")
    lines = finished(checkout, code=1)
    assert "pip could not install requirements/runtime.txt" in lines[-1]
    # Not remembered: the next command tries again.
    assert lines[-1] == finished(checkout, code=1)[-1]


def test_fixes_an_environment_that_was_left_half_built(checkout: Path) -> None:
    write_lock(checkout, "# third\n")
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    with set_up(checkout):
        wait_for((checkout / ".venv" / "bin" / "python").exists, "the start of the environment")
    # Leaving the block killed it, and what it had started.
    assert f"python: {checkout}/.venv/bin/python" in finished(checkout)


def test_packages_are_compiled_also_after_a_kill(checkout: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "one-1.0-py3-none-any.whl"
    facts = "one-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("one.py", "ONE = 1\n")
        file.writestr(f"{facts}/METADATA", "Metadata-Version: 2.1\nName: one\nVersion: 1.0\n")
        file.writestr(
            f"{facts}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{facts}/RECORD", "".join(f"{name},,\n" for name in file.namelist()))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    write_lock(checkout, f"one @ {wheel.as_uri()} --hash=sha256:{digest}\n")
    packages = checkout / ".venv"
    with set_up(checkout):
        wait_for(lambda: list(packages.glob("lib/*/site-packages/one.py")), "the unpacked module")
    finished(checkout)
    assert list(packages.glob("lib/*/site-packages/__pycache__/one.*.pyc"))


def test_a_second_set_up_waits_for_the_first(checkout: Path) -> None:
    write_lock(checkout, "# fourth\n")
    with (checkout / ".bootstrap.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with set_up(checkout) as program:
            program.line_with("Another setup is running here")
            assert program.process.poll() is None
            fcntl.flock(held, fcntl.LOCK_UN)
            assert program.wait(120) == 0
            assert any("python: " in line for line in program.lines)
