"""The states of runs and steps and every allowed move, as tables. Pure: no models, no Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

QUEUED: Final = "queued"
PENDING: Final = "pending"
READY: Final = "ready"
RUNNING: Final = "running"
WAITING: Final = "waiting"
# A provider works on it and will report back: it holds no worker. The wire calls it running.
PARKED: Final = "parked"
# A batch whose items are at work, or a group whose members are: it holds no worker itself.
EXPANDED: Final = "expanded"
WAITING_FOR_USER: Final = "waiting_for_user"
COMPLETED: Final = "completed"
PARTIAL_FAILURE: Final = "partial_failure"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
CANCELLED: Final = "cancelled"

# The states in which rows are inserted; `runs.engine.transitions` is what writes any state.
RUN_BEGINS: Final = frozenset({QUEUED, WAITING_FOR_USER})
STEP_BEGINS: Final = frozenset({PENDING, READY})

RUN_MOVES: Final[dict[str, frozenset[str]]] = {
    QUEUED: frozenset({RUNNING, COMPLETED, PARTIAL_FAILURE, FAILED, CANCELLED, WAITING_FOR_USER}),
    RUNNING: frozenset({COMPLETED, PARTIAL_FAILURE, FAILED, CANCELLED, WAITING_FOR_USER}),
    WAITING_FOR_USER: frozenset({RUNNING, QUEUED, CANCELLED}),
    COMPLETED: frozenset(),
    # A resume does again what failed.
    PARTIAL_FAILURE: frozenset({RUNNING}),
    FAILED: frozenset({RUNNING}),
    CANCELLED: frozenset(),
}

STEP_MOVES: Final[dict[str, frozenset[str]]] = {
    # Failed: what it was to ask about is not there.
    # Expanded: a group begins. Running: the worker that did what it needed goes on with it.
    PENDING: frozenset({READY, RUNNING, WAITING, SKIPPED, FAILED, CANCELLED, EXPANDED}),
    READY: frozenset({RUNNING, SKIPPED, CANCELLED}),
    # Ready again: a retry, or the lease was lost. Skipped: a batch of a run that is failing.
    RUNNING: frozenset({COMPLETED, FAILED, CANCELLED, WAITING, READY, EXPANDED, SKIPPED, PARKED}),
    # Neither a failure nor a lost lease: the attempt goes on when the provider reports back.
    PARKED: frozenset({RUNNING, READY, COMPLETED, FAILED, CANCELLED}),
    WAITING: frozenset({READY, PENDING, COMPLETED, SKIPPED, CANCELLED, FAILED}),
    EXPANDED: frozenset({COMPLETED, FAILED, SKIPPED, CANCELLED}),
    # Done once more on purpose: a new generation.
    COMPLETED: frozenset({READY, PENDING, EXPANDED}),
    FAILED: frozenset({READY, PENDING, EXPANDED}),
    SKIPPED: frozenset({READY, PENDING, EXPANDED}),
    # An item whose batch has an element for it again.
    CANCELLED: frozenset({PENDING}),
}

RUN_STATES: Final = tuple(RUN_MOVES)
STEP_STATES: Final = tuple(STEP_MOVES)
RUN_TERMINAL: Final = frozenset({COMPLETED, PARTIAL_FAILURE, FAILED, CANCELLED})
STEP_TERMINAL: Final = frozenset({COMPLETED, FAILED, SKIPPED, CANCELLED})
STEP_UNFINISHED: Final = frozenset(STEP_STATES) - STEP_TERMINAL

# What a step's author says of its failure: with these the run ends.
STOPPING: Final = frozenset({"stop", "retry_once"})

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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pending step whose parents may all be done. parents: (state, whether a barrier).

    is_plain: a worker may take it as soon as they are; else it has a condition, or asks a person.
    holder: the group that it is a member of.
    """

    id: int
    parents: tuple[tuple[str, bool], ...]
    is_plain: bool = True
    holder: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Next states of pending steps.

    ready: plain ones, for a worker. due: those to weigh or to open first. skipped: given up.
    """

    ready: tuple[int, ...] = ()
    due: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()


def schedule(candidates: Iterable[Candidate]) -> Schedule:
    """Return which pending steps become ready or are skipped, given their parents' states.

    A step waits until all its parents are terminal: one skipped early would let a later one read an
    incomplete media list. A parent that did not complete skips its dependants, unless they only
    waited for it to keep the order of media: then it simply adds nothing.
    """
    ready, due, skipped_ids = [], [], []
    for candidate in candidates:
        if any(state not in STEP_TERMINAL for state, _ in candidate.parents):
            continue
        if any(state != COMPLETED and not barrier for state, barrier in candidate.parents):
            skipped_ids.append(candidate.id)
        elif candidate.is_plain:
            ready.append(candidate.id)
        else:
            due.append(candidate.id)
    return Schedule(ready=tuple(ready), due=tuple(due), skipped=tuple(skipped_ids))


@dataclass(frozen=True, slots=True)
class BatchDecision:
    """Decision on a batch. ready: how many more items may begin.

    gives_up: the items that have not started never will. ends: the batch's final state, if it ends.
    """

    ready: int = 0
    gives_up: bool = False
    ends: str | None = None


def decide_batch(
    items: Mapping[str, int], *, concurrency: int, allow_partial: bool, gives_up: bool = False
) -> BatchDecision:
    """Decide how a batch goes on. items: their number by state. gives_up: its run is ending."""
    total = sum(items.values())
    failures, successes = items.get(FAILED, 0), items.get(COMPLETED, 0)
    at_work = sum(items.get(state, 0) for state in (READY, RUNNING, PARKED, EXPANDED))
    if gives_up or (failures and not allow_partial):
        # Running items finish, for they are paid for.
        goes_on = any(items.get(state) for state in (RUNNING, PARKED, EXPANDED))
        ends = None if goes_on else FAILED if failures else SKIPPED
        if successes == total:
            ends = COMPLETED
        return BatchDecision(gives_up=True, ends=ends)
    if any(items.get(state) for state in STEP_UNFINISHED):
        # An item that waits for a person does not block the others.
        return BatchDecision(ready=min(max(0, concurrency - at_work), items.get(PENDING, 0)))
    if items.get(SKIPPED) or items.get(CANCELLED):
        return BatchDecision(ends=SKIPPED)
    return BatchDecision(ends=FAILED if failures and not successes else COMPLETED)


def outcome_of_group(steps: Iterable[tuple[str, str]], *, gives_up: bool = False) -> str | None:
    """The final state of a group, or None while it goes on.

    steps: (state, on_error) of its members. gives_up: what holds it is ending, so that members were
    skipped that would have begun.
    """
    pairs = list(steps)
    if any(state not in STEP_TERMINAL for state, _ in pairs):
        return None
    failures = [on_error for state, on_error in pairs if state == FAILED]
    if any(on_error in STOPPING for on_error in failures):
        return FAILED
    if gives_up and any(state == SKIPPED for state, _ in pairs):
        return SKIPPED
    if failures and not any(state == COMPLETED for state, _ in pairs):
        return FAILED
    return COMPLETED


def outcome(steps: Iterable[tuple[str, str]]) -> str | None:
    """The run's final state, or None while it goes on. steps: (state, on_error) of all.

    One failed step makes the run failed, unless its author opted into going on past failures. A
    step that was skipped is no failure: its condition did not hold, or what it needs failed.
    """
    pairs = list(steps)
    failure_policies = [on_error for state, on_error in pairs if state == FAILED]
    stopping = any(on_error in STOPPING for on_error in failure_policies)
    open_states = [state for state, _ in pairs if state not in STEP_TERMINAL]
    if stopping:
        # Running steps finish, for they are paid for; nothing new starts.
        return None if {RUNNING, PARKED, EXPANDED} & set(open_states) else FAILED
    if open_states:
        return None
    if not failure_policies:
        return COMPLETED
    return PARTIAL_FAILURE if any(state == COMPLETED for state, _ in pairs) else FAILED
