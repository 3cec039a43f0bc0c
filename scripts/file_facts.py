"""Facts of files that checks keep between two runs, in `.venv/checks`: gone with the environment.

A fact is kept by a hash of everything it depends on, so a change of any of it has the fact computed
again. The store only saves time: without it every result is the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def digest(*parts: str | bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        # With its length, so that no other parts add up to the same bytes.
        whole.update(b"%d " % len(content) + content)
    return whole.hexdigest()


def load(path: Path) -> dict[str, Any]:
    """Read what is kept in a file: nothing when it is missing or broken."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def save(path: Path, content: dict[str, Any]) -> None:
    """Replace the file at once: a run beside this one reads the old content or the new."""
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(content, file)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


class FileFacts:
    """The facts of one check. code: the files that take them."""

    def __init__(self, root: Path, check: str, code: Sequence[Path]) -> None:
        self._path = root / ".venv" / "checks" / f"{check}.json"
        self._code = digest(sys.version, *(path.read_bytes() for path in [Path(__file__), *code]))
        self._old = load(self._path)
        self._new: dict[str, Any] = {}

    def of(self, path: str, text: str, take: Callable[[], Any]) -> Any:
        """Return what `take` once returned for the same file: something that JSON can hold."""
        key = digest(self._code, path, text)
        if key not in self._new:
            self._new[key] = self._old[key] if key in self._old else take()
        return self._new[key]

    def keep(self) -> None:
        """Keep what this run used and nothing else. A checkout without environment keeps none."""
        if self._new.keys() != self._old.keys() and self._path.parent.parent.is_dir():
            save(self._path, self._new)
