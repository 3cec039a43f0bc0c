"""The log files of the supervisor's children: kept small, and their errors shown to the person.

Children write to the files themselves, so nothing is lost and no one blocks when the supervisor
is killed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

MOST_BYTES = 10 * 1024 * 1024
# `core.logs` writes "2026-01-31 12:00:00,000 ERROR runs.engine [-] message", or the same as JSON.
# The end of an outage is logged where its beginning was.
_SERIOUS = re.compile(r"^\d{4}-\d\d-\d\d \S+ ((ERROR|CRITICAL) |WARNING core\.outages )")
_SERIOUS_LEVELS = ("ERROR", "CRITICAL")


class ErrorFilter:
    """Picks error lines with their tracebacks out of a log, line by line, as people read them."""

    def __init__(self) -> None:
        self._in_traceback = False

    def pick(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            if (entry := _json_entry(line)) is not None:
                self._in_traceback = False
                if entry["level"] in _SERIOUS_LEVELS or entry["logger"] == "core.outages":
                    yield from _as_text(entry)
            elif line.startswith("Traceback "):
                self._in_traceback = True
                yield line
            elif self._in_traceback:
                # Frames are indented; the first line that is not names the exception.
                self._in_traceback = line.startswith((" ", "\t")) or not line
                yield line
            elif _SERIOUS.match(line):
                yield line


def _json_entry(line: str) -> dict[str, Any] | None:
    """A line of `core.logs.JsonLines`; None for any other, such as a program's own words."""
    if not line.startswith("{"):
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    is_ours = isinstance(entry, dict) and {"time", "level", "logger", "message"} <= entry.keys()
    return entry if is_ours else None


def _as_text(entry: Mapping[str, Any]) -> Iterator[str]:
    names = ("request_id", "run", "step", "attempt")
    where = " ".join(str(entry[name]) for name in names if name in entry) or "-"
    yield f"{entry['time']} {entry['level']} {entry['logger']} [{where}] {entry['message']}"
    yield from str(entry.get("error", "")).splitlines()


class ChildLog:
    """One child's log file: `path`, and `path.1` with what came before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_to = path.stat().st_size if path.exists() else 0
        self._rest = ""
        self._filter = ErrorFilter()

    def open(self) -> BinaryIO:
        """Open it for a child to write to. Where no file can be made, what it writes is lost."""
        try:
            return self.path.open("ab")
        except OSError:
            return open(os.devnull, "ab")

    def new_errors(self) -> list[str]:
        """Error lines written since the last call."""
        try:
            with self.path.open("rb") as file:
                if file.seek(0, 2) < self._read_to:
                    self._read_to = 0
                file.seek(self._read_to)
                data = file.read(1024 * 1024)
                self._read_to += len(data)
        except OSError:
            return []
        *lines, self._rest = (self._rest + data.decode(errors="replace")).split("\n")
        return list(self._filter.pick(lines))

    def rotate(self) -> None:
        """Move a grown log aside. The child appends, so the file is copied and cut, not renamed."""
        try:
            if self.path.stat().st_size < MOST_BYTES:
                return
            older = self.path.with_name(self.path.name + ".1")
            try:
                shutil.copyfile(self.path, older)
            except OSError:
                # No room for a copy: on a full disk the older lines go.
                older.unlink(missing_ok=True)
            with self.path.open("r+b") as file:
                file.truncate(0)
        except OSError:
            return
        self._read_to = 0
