"""The states of runs and steps and every allowed move, as tables. Pure: no models, no Django."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

QUEUED: Final = "queued"
PENDING: Final = "pending"
READY: Final = "ready"
RUNNING: Final = "running"
WAITING: Final = "waiting"
# A batch whose items are at work: it holds no worker itself.
EXPANDED: Final = "expanded"
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
    # A resume does again what failed.
    PARTIAL_FAILURE: frozenset({QUEUED, RUNNING, WAITING_FOR_USER}),
    FAILED: frozenset({QUEUED, RUNNING, WAITING_FOR_USER}),
    CANCELLED: frozenset(),
}

STEP_MOVES: Final[dict[str, frozenset[str]]] = {
    PENDING: frozenset({READY, RUNNING, WAITING, SKIPPED, CANCELLED}),
    READY: frozenset({RUNNING, SKIPPED, CANCELLED}),
    # Ready again: a retry, or the lease was lost.
    RUNNING: frozenset({COMPLETED, FAILED, CANCELLED, WAITING, READY, EXPANDED}),
    WAITING: frozenset({READY, COMPLETED, SKIPPED, CANCELLED, FAILED}),
    EXPANDED: frozenset({COMPLETED, FAILED, CANCELLED}),
    # Done once more on purpose: a new generation.
    COMPLETED: frozenset({READY, PENDING, EXPANDED}),
    FAILED: frozenset({READY, PENDING, EXPANDED}),
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

# Why a run waits for a person, as the public contract names it.
ASK_CLARIFYING_QUESTION: Final = "ask_clarifying_question"
SELECT_MEDIA: Final = "select_media_required"
COST_APPROVAL: Final = "cost_approval_required"
COST_REAUTHORIZATION: Final = "cost_reauthorization_required"
SAFETY_REVIEW: Final = "safety_review_required"
USER_INPUT: Final = "workflow_user_input_required"
INSUFFICIENT_CREDIT: Final = "insufficient_credit"
PERMISSION: Final = "permission_required"
OTHER: Final = "other"
WAITING_REASONS: Final = (
    ASK_CLARIFYING_QUESTION,
    SELECT_MEDIA,
    COST_APPROVAL,
    COST_REAUTHORIZATION,
    SAFETY_REVIEW,
    USER_INPUT,
    INSUFFICIENT_CREDIT,
    PERMISSION,
    OTHER,
)
COST_REASONS: Final = frozenset({COST_APPROVAL, COST_REAUTHORIZATION})

# The public contract's spelling of a step state, where it differs from ours.
STEP_ON_THE_WIRE: Final = {READY: PENDING, WAITING: WAITING_FOR_USER, EXPANDED: RUNNING}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pending step whose parents may all be done. parents: (state, whether a barrier)."""

    id: int
    parents: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """What the next commit does with pending steps."""

    ready: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()


def next_moves(candidates: Iterable[Candidate]) -> Moves:
    """Which pending steps become ready or are skipped, given their parents' states.

    A step waits until all its parents are terminal: one skipped early would let a later one read an
    incomplete media list. A parent that did not complete skips its dependants, unless they only
    waited for it to keep the order of media: then it simply adds nothing.
    """
    ready, skipped = [], []
    for candidate in candidates:
        if any(state not in STEP_TERMINAL for state, _ in candidate.parents):
            continue
        if any(state != COMPLETED and not barrier for state, barrier in candidate.parents):
            skipped.append(candidate.id)
        else:
            ready.append(candidate.id)
    return Moves(ready=tuple(ready), skipped=tuple(skipped))


def outcome(steps: Iterable[tuple[str, str, str]]) -> str | None:
    """The run's final state, or None while it goes on.

    steps: (state, on_error, why it was skipped: "condition" or "") of every step of the run.
    One failed step makes the run failed, unless its author opted into going on past failures.
    """
    states = list(steps)
    failed = [on_error for state, on_error, _ in states if state == FAILED]
    stopping = any(on_error in ("stop", "retry_once") for on_error in failed)
    unfinished = [state for state, _, _ in states if state not in STEP_TERMINAL]
    if stopping:
        # Running steps finish, for they are paid for; nothing new starts.
        return None if RUNNING in unfinished else FAILED
    if unfinished:
        return None
    if not failed:
        return COMPLETED
    return PARTIAL_FAILURE if any(state == COMPLETED for state, _, _ in states) else FAILED
