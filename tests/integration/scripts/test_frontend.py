"""Building the editor, in a checkout of its own with a stand-in for npm that notes its calls."""

from __future__ import annotations

import fcntl
import gzip
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.program import ROOT, Program

LOCKS = ("package.json", "package-lock.json")
CONFIGURATION = ("vite.config.ts", "vite.pages.config.ts", "tsconfig.json")
NPM = """#!/bin/sh
shift 2  # --prefix and the folder
echo "$*" >> {calls}
test -e {broken} && {{ echo "no such package"; exit 1; }}
case "$*" in
  ci*) rm -rf node_modules; mkdir node_modules ;;
  "run build") rm -rf ../static/dist
    for built in ../static/dist ../static/dist/pages; do
      mkdir -p $built/.vite $built/assets
      cp src/main.tsx $built/.vite/manifest.json
      cp src/main.tsx $built/assets/main-1.js
    done ;;
esac
"""


class Checkout:
    """A checkout with a frontend of a few files, and programs that pass for node and npm."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls_file, self.broken = folder / "calls", folder / "broken"
        shutil.copytree(ROOT / "scripts", folder / "scripts")
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.program("node", "#!/bin/sh\necho v22.12.0\n")
        self.program("npm", NPM.format(calls=self.calls_file, broken=self.broken))
        for name in (*LOCKS, *CONFIGURATION):
            self.write(name, "{}")
        self.write("src/main.tsx", "first")

    def program(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def write(self, name: str, text: str) -> None:
        path = self.folder / "frontend" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def start(self) -> Program:
        path = f"{self.programs}:/usr/bin:/bin"
        return Program(
            [sys.executable, str(self.folder / "scripts" / "frontend.py")], env={"PATH": path}
        )

    def build(self, *, code: int = 0) -> list[str]:
        """Build; returns what was said."""
        with self.start() as program:
            assert program.wait(60) == code, program.text()
            return program.lines

    def calls(self) -> Sequence[str]:
        """The first two words of each call of npm since the last time this was asked."""
        if not self.calls_file.exists():
            return []
        lines = self.calls_file.read_text().splitlines()
        self.calls_file.unlink()
        return [" ".join(line.split()[:2]) for line in lines]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


INSTALL, BUILD = "ci --include=dev", "run build"


def test_builds_once_and_again_only_for_what_changed(checkout: Checkout) -> None:
    said = checkout.build()
    assert checkout.calls() == [INSTALL, BUILD]
    assert said[-1].startswith("The editor is built")
    assert checkout.build() == []
    checkout.write("src/bar/Bar.tsx", "new")
    checkout.build()
    assert checkout.calls() == [BUILD]
    checkout.write("package-lock.json", '{"lockfileVersion": 3}')
    checkout.build()
    assert checkout.calls() == [INSTALL, BUILD]


def test_scripts_are_packed_for_browsers_that_take_them_so(checkout: Checkout) -> None:
    checkout.build()
    for folder in ("assets", "pages/assets"):
        packed = checkout.folder / "static/dist" / folder / "main-1.js.gz"
        assert gzip.decompress(packed.read_bytes()) == b"first"


def test_a_changed_test_is_no_reason_to_build(checkout: Checkout) -> None:
    checkout.build()
    checkout.write("src/bar/Bar.test.tsx", "new")
    assert checkout.build() == []


@pytest.mark.parametrize("removed", ["static/dist", "static/dist/pages"])
def test_a_removed_bundle_is_built_again(checkout: Checkout, removed: str) -> None:
    checkout.build()
    checkout.calls()
    shutil.rmtree(checkout.folder / removed)
    checkout.build()
    assert checkout.calls() == [BUILD]


def test_says_in_one_line_that_packages_cannot_be_had(checkout: Checkout) -> None:
    checkout.broken.touch()
    said = checkout.build(code=1)
    assert "no such package" in said
    assert "npm could not install the editor's packages" in said[-1]
    # Not remembered: the next command tries again.
    checkout.broken.unlink()
    checkout.calls()
    checkout.build()
    assert checkout.calls() == [INSTALL, BUILD]


def test_says_in_one_line_that_the_sources_cannot_be_built(checkout: Checkout) -> None:
    checkout.build()
    checkout.write("src/main.tsx", "second")
    checkout.broken.touch()
    assert "The editor could not be built" in checkout.build(code=1)[-1]
    checkout.broken.unlink()
    checkout.build()
    assert (checkout.folder / "static/dist/.vite/manifest.json").read_text() == "second"


def test_a_second_build_waits_for_the_first_and_finds_it_done(checkout: Checkout) -> None:
    with (checkout.folder / ".editor.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with checkout.start() as one, checkout.start() as other:
            for program in (one, other):
                program.line_with("Another setup is running here")
            fcntl.flock(held, fcntl.LOCK_UN)
            assert one.wait(60) == 0, one.text()
            assert other.wait(60) == 0, other.text()
    assert checkout.calls() == [INSTALL, BUILD]
