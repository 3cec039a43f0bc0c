"""Steps of kinds that another app executes, and who hears of runs that move.

Without importing them: the app registers in `AppConfig.ready`, as `media.resolvers` has it. Its
steps are claimed, leased, fenced and reclaimed like all others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from runs.models import Run, Step


class StepExecutor(Protocol):
    """Does the steps of one kind. Its arguments' types are of modules that import this one."""

    def execute(self, context: Any, *, take_next: bool) -> Any:
        """With an AttemptContext, as `runs.engine.execute.execute`, whose handling of errors holds:
        a ProviderError fails the step or has it tried again, Parked parks it, Stopped drops the
        attempt."""

    def on_cancel(self, step: Step) -> None:
        """In the change that cancels the run, for each of its unfinished steps of this kind."""


# Called in the change that moves a run, under its lock, with the state it is in now.
RunListener = Callable[[Run, str], None]

_executors: dict[str, StepExecutor] = {}
_listeners: list[RunListener] = []


def register(kind: str, executor: StepExecutor) -> None:
    """Have this executor do steps of a kind. kind: at most 8 letters."""
    _executors[kind] = executor


def executor_of(kind: str) -> StepExecutor | None:
    return _executors.get(kind)


def kinds() -> frozenset[str]:
    """All that are registered."""
    return frozenset(_executors)


def listen(listener: RunListener) -> None:
    """Tell this function of every move of every run. Twice is once."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(run: Run, to: str) -> None:
    """A run moves to this state, in the present transaction."""
    for listener in _listeners:
        listener(run, to)
