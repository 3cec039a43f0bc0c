"""The states of runs and steps and every allowed move, as tables. Pure: no models, no Django."""

from __future__ import annotations

from typing import Final

QUEUED: Final = "queued"
PENDING: Final = "pending"
READY: Final = "ready"
RUNNING: Final = "running"
WAITING: Final = "waiting"
WAITING_FOR_USER: Final = "waiting_for_user"
COMPLETED: Final = "completed"
PARTIAL_FAILURE: Final = "partial_failure"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
CANCELLED: Final = "cancelled"

RUN_MOVES: Final[dict[str, frozenset[str]]] = {
    QUEUED: frozenset({RUNNING, COMPLETED, PARTIAL_FAILURE, FAILED, CANCELLED, WAITING_FOR_USER}),
    RUNNING: frozenset({COMPLETED, PARTIAL_FAILURE, FAILED, CANCELLED, WAITING_FOR_USER}),
    WAITING_FOR_USER: frozenset({RUNNING, QUEUED, FAILED, CANCELLED}),
    COMPLETED: frozenset(),
    PARTIAL_FAILURE: frozenset({RUNNING}),
    FAILED: frozenset({RUNNING}),
    CANCELLED: frozenset(),
}

STEP_MOVES: Final[dict[str, frozenset[str]]] = {
    PENDING: frozenset({READY, RUNNING, SKIPPED, CANCELLED}),
    READY: frozenset({RUNNING, SKIPPED, CANCELLED}),
    # Ready again: a retry, or the lease was lost.
    RUNNING: frozenset({COMPLETED, FAILED, CANCELLED, WAITING, READY}),
    WAITING: frozenset({READY, COMPLETED, SKIPPED, CANCELLED, FAILED}),
    COMPLETED: frozenset(),
    FAILED: frozenset({READY, PENDING}),
    SKIPPED: frozenset({READY, PENDING}),
    CANCELLED: frozenset(),
}

RUN_STATES: Final = tuple(RUN_MOVES)
STEP_STATES: Final = tuple(STEP_MOVES)
RUN_TERMINAL: Final = frozenset({COMPLETED, PARTIAL_FAILURE, FAILED, CANCELLED})
STEP_TERMINAL: Final = frozenset({COMPLETED, FAILED, SKIPPED, CANCELLED})
STEP_UNFINISHED: Final = frozenset(STEP_STATES) - STEP_TERMINAL

# A stream ends when its run reaches one of these.
STREAM_CLOSING: Final = RUN_TERMINAL | {WAITING_FOR_USER}

# The public contract's spelling of a step state, where it differs from ours.
STEP_ON_THE_WIRE: Final = {READY: PENDING, WAITING: WAITING_FOR_USER}
