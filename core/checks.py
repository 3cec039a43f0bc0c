"""Checks of this server, each written where the thing is known.

A function that yields checks is registered under a name, for the faces that show it: `doctor` all,
`server` (the operator's page) most, `ready` (`/readyz`) those without which the server can't work,
`start` those whose faults end a start.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from django.db import DatabaseError, InterfaceError

from core import clock
from core.command_names import command
from core.logs import scrubbed

Level = Literal["ok", "warning", "fault"]
Face = Literal["doctor", "server", "ready", "start"]
ALL: Final[frozenset[Face]] = frozenset(("doctor", "server", "ready"))
INSIDE: Final[frozenset[Face]] = frozenset(("doctor", "server"))
START: Final[frozenset[Face]] = frozenset(("doctor", "server", "start"))
DOCTOR: Final[frozenset[Face]] = frozenset(("doctor",))


@dataclass(frozen=True, slots=True)
class Check:
    """One statement about a thing. remedy: a sentence, or "" when all is well.

    name: "" until it is known which entry yields it. says: without a full stop. It may name paths
    and addresses: only operators read it.
    """

    name: str
    level: Level
    says: str
    remedy: str = ""


Checks = Iterator[Check]
Look = Callable[[], Checks]


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered function. after: while the entry of this name has a fault, it isn't called."""

    name: str
    look: Look
    every_s: float
    faces: Collection[Face]
    after: str = ""

    def checks(self) -> Checks:
        """Call it. What breaks is itself a fault."""
        try:
            for check in self.look():
                yield replace(check, name=check.name or self.name, says=check.says.rstrip(".?! "))
        except Exception as problem:
            reason = scrubbed(" ".join(str(problem).split()))[:300] or type(problem).__name__
            remedy = "Fix what the message names. If it names nothing of yours, report this bug."
            if isinstance(problem, DatabaseError | InterfaceError):
                remedy = f"Run `{command('prepare')}`."
            yield fault(f"couldn't be checked: {reason}", remedy, name=self.name)


@dataclass(frozen=True, slots=True)
class Result:
    """The checks of one entry, and the moment of the look."""

    entry: Entry
    checks: Sequence[Check]
    at: datetime
    is_skipped: bool = False

    @property
    def has_fault(self) -> bool:
        return any(check.level == "fault" for check in self.checks)


# By name, in the order in which they are shown.
ENTRIES: Final[dict[str, Entry]] = {}


def register(
    name: str, *, every_s: float, faces: Collection[Face] = INSIDE, after: str = ""
) -> Callable[[Look], Look]:
    """Register the function below. every_s: so old may a result be that is given again."""

    def enter(look: Look) -> Look:
        ENTRIES[name] = Entry(name, look, every_s, faces, after)
        return look

    return enter


class Survey:
    """Looks at the entries of a face. current: the name of the one that is being looked at."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._results: dict[str, tuple[float, Result]] = {}
        self.current = ""

    def results(self) -> Iterator[Result]:
        """Yield the result of each entry. Never raises."""
        for entry in [one for one in ENTRIES.values() if self._face in one.faces]:
            yield self._result(entry)

    def _result(self, entry: Entry) -> Result:
        since, result = self._results.get(entry.name, (float("-inf"), None))
        if result is not None and time.monotonic() - since < entry.every_s:
            return result
        before = ENTRIES.get(entry.after)
        if before is not None and self._result(before).has_fault:
            check = warning("not checked", f"Fix the {entry.after} first.", name=entry.name)
            return Result(entry, (check,), clock.now(), is_skipped=True)
        self.current = entry.name
        result = Result(entry, tuple(entry.checks()), clock.now())
        self._results[entry.name] = time.monotonic(), result
        return result


def ok(says: str, remedy: str = "", *, name: str = "") -> Check:
    return Check(name, "ok", says, remedy)


def warning(says: str, remedy: str, *, name: str = "") -> Check:
    return Check(name, "warning", says, remedy)


def fault(says: str, remedy: str, *, name: str = "") -> Check:
    return Check(name, "fault", says, remedy)


def write_fault(folder: Path) -> Check | None:
    """Write a file there and take it away. Return what is wrong, None where it works."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ready?")
            file.flush()
    except OSError as problem:
        says = f"{folder} can't be written: {problem.strerror}"
        return fault(says, "Change its owner to the user that runs Reelgraph: `chown -R`.")
    return None


def size(count: float) -> str:
    """Write bytes as people read them: `3.2 GB`."""
    for unit, each in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= each:
            return f"{count / each:.1f} {unit}"
    return f"{count:.0f} bytes"
