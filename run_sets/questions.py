"""Questions of a set's rows, and one answer for all rows that ask the same.

Each run gets the answer as one of its own, in a transaction of its own: after a kill in between,
the same answer again reaches those that are left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from accounts.models import User
from accounts.suspension import check_may_act
from core import errors
from run_sets.models import RowState, RunSet
from runs.interaction import answers
from runs.interaction.answer_schemas import read_answer
from runs.interaction.wait_kinds import GATE, QUESTION, STAGE, kind_of
from runs.models import Step, Wait

# What may be said to all rows, by the kind of question. A choice is among a run's own results, and
# a redo or a request that a provider holds costs each run something else: those are answered there.
COMMON_ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    QUESTION: ("answer",),
    STAGE: ("answer", "interactive_complete"),
    GATE: ("approve_checkpoint",),
}
_TYPES: Final = sorted({name for names in COMMON_ANSWERS.values() for name in names})


@dataclass(frozen=True, slots=True)
class RowsQuestion:
    """One question that rows ask in the same stage with the same words.

    step: key of the step that asks. kind: of `runs.interaction.wait_kinds`. waits: one of each row,
    by position.
    """

    step: str
    kind: str
    message: str
    waits: Sequence[Wait]

    @property
    def answer_types(self) -> tuple[str, ...]:
        """Types of answers that all rows may get."""
        return COMMON_ANSWERS.get(self.kind, ())


@dataclass(frozen=True, slots=True)
class RowFailure:
    """Refusal of a row's answer."""

    position: int
    problem: errors.AppError


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of an answer. count: of rows that have it now."""

    count: int
    failures: Sequence[RowFailure]


def open_questions(run_set: RunSet) -> list[RowsQuestion]:
    """Group what rows ask now, in the order of the rows that ask first."""
    groups: dict[tuple[str, str, str], list[Wait]] = {}
    for wait in _open(_waits_of(run_set)):
        groups.setdefault((_key_of(wait), kind_of(wait), wait.message), []).append(wait)
    return [RowsQuestion(*key, waits) for key, waits in groups.items()]


def position_of(wait: Wait) -> int:
    """Return the position of the row whose run asks; the wait has it since it was read here."""
    position: int = wait.run.run_set_row.position
    return position


def answer_rows(
    *,
    run_set: RunSet,
    actor: User,
    step: str,
    resume_input: Mapping[str, Any],
    message: str | None = None,
    positions: Collection[int] | None = None,
    own_hosts: Collection[str] = (),
) -> Outcome:
    """Give one answer to each row in which a step asks.

    message: only where it asks with these words. positions: only these rows; all that ask now
    without it. own_hosts: hosts whose media URLs are ours. Raises Forbidden; InvalidBody for what
    can't be said to all rows; NotFound for a step that no row has.
    """
    check_may_act(run_set.owner)
    kind = resume_input.get("type")
    if kind not in _TYPES:
        raise errors.InvalidBody(
            f"resume_input.type: rows can be answered together with {', '.join(_TYPES)}. Give"
            " another answer to each run: `workflowId` of its row.",
            person="Answer this in each row's run.",
        )
    read_answer(resume_input)
    waits = _waits_of(run_set).filter(step__key=step)
    if positions is None:
        waits = _open(waits)
    else:
        # Also what was answered: to say the same again is harmless.
        waits = waits.filter(run__run_set_row__position__in=positions)
    fitting = (wait for wait in waits if message in (None, wait.message))
    # Of each row the last one.
    by_position = {position_of(wait): wait for wait in fitting}
    if not by_position and not _has_step(run_set, step):
        raise errors.NotFound(
            f"stepId: no row of this table run has a step {step[:80]!r}. List its questions.",
            code="workflow.unknown_step",
        )
    failures = [
        RowFailure(position, _not_asked(step))
        for position in sorted(set(positions or ()) - set(by_position))
    ]
    count = 0
    for position, wait in sorted(by_position.items()):
        try:
            if kind not in COMMON_ANSWERS.get(kind_of(wait), ()):
                raise _not_asked(step)
            answers.answer(
                run=wait.run,
                actor=actor,
                resume_input=resume_input,
                own_hosts=own_hosts,
                wait=wait,
            )
            count += 1
        except errors.AppError as problem:
            failures.append(RowFailure(position, problem))
    return Outcome(count, sorted(failures, key=lambda failure: failure.position))


def _waits_of(run_set: RunSet) -> QuerySet[Wait]:
    """Select the questions of a set's rows, with their runs."""
    rows = Wait.objects.filter(run__run_set_row__run_set=run_set, run__deleting_at=None)
    rows = rows.select_related("step", "run__owner", "run__run_set_row")
    rows = rows.defer("run__plan", "run__request")
    return rows.order_by("run__run_set_row__position", "id")


def _open(waits: QuerySet[Wait]) -> QuerySet[Wait]:
    at_work = (RowState.WORK, RowState.WAIT)
    return waits.filter(answered_at=None, run__run_set_row__state__in=at_work)


def _key_of(wait: Wait) -> str:
    return wait.step.key if wait.step is not None else ""


def _has_step(run_set: RunSet, key: str) -> bool:
    return Step.objects.filter(run__run_set_row__run_set=run_set, key=key).exists()


def _not_asked(step: str) -> errors.Conflict:
    return answers.not_asked(
        f"{step[:80]} of this row doesn't ask for this. List the questions again."
    )
