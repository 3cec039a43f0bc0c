"""Writes what the wheel depends on: the very versions of requirements/*.txt.

A wheel without exact versions breaks on the day one of a hundred packages does. The price: it wants
an environment of its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# A line of a lock: `name==1.2.3 ; marker \`.
PIN = re.compile(r"^([A-Za-z0-9._\[\]-]+==[^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$", re.M)
REDIS = ("redis==", "async-timeout==")


def pins(lock: Path) -> list[str]:
    """Return the requirements of a lock, without its hashes."""
    found = PIN.findall(lock.read_text())
    return [f"{pin} ; {marker}" if marker else pin for pin, marker in found]


class Pins(MetadataHookInterface):
    """Named in pyproject.toml."""

    def update(self, metadata: dict[str, Any]) -> None:
        folder = Path(self.root) / "requirements"
        runtime = pins(folder / "runtime.txt")
        more = [pin for pin in pins(folder / "scale.txt") if pin not in runtime]
        marks = [pin for pin in pins(folder / "marks.txt") if pin not in runtime]
        metadata["dependencies"] = runtime
        metadata["optional-dependencies"] = {
            "postgres": [pin for pin in more if not pin.startswith(REDIS)],
            "redis": [pin for pin in more if pin.startswith(REDIS)],
            "marks": marks,
        }
