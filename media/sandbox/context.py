"""The object that a caller of the sandbox passes along to show progress and to stop a job."""

from __future__ import annotations

from typing import Protocol


class Context(Protocol):
    """A listener to a job while it runs, who can tell it to stop."""

    def progress(self, fraction: float, message: str = "") -> None:
        """Hear how far the job is, 0 to 1."""

    def check(self) -> None:
        """Raise when the work is no longer wanted; the child is then killed."""


class Unwatched:
    """A context for callers who show no progress and cannot be cancelled."""

    def progress(self, fraction: float, message: str = "") -> None:
        pass

    def check(self) -> None:
        pass
