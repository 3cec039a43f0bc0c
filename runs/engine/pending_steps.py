"""Steps that no one works on yet: which may move on, and skipping them. Inside a run's change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q

from core.raw_sql import Statement
from runs import states
from runs.engine import open_questions, transitions
from runs.log.changes import RunChange
from runs.log.events import StepSkipped, about
from runs.models import Step

# What an event about a step tells of it.
EVENT_FIELDS = ("id", "key", "wire_tool", "title", "generation", "status")

# Kinds of steps that hold others.
HOLDERS = ("group", "expand")
# Steps of the plan, not items of a batch: those of no one, and members of groups.
OF_PLAN = Q(parent=None) | Q(parent__kind="group")
_MAY_BEGIN = Q(parent=None) | Q(parent__kind="group", parent__status=states.EXPANDED)

_CANDIDATES = """
    SELECT child.id, parent.status, edge.is_barrier,
        child.condition IS NULL AND child.kind NOT IN ('wait', 'gate', 'group'), child.parent_id
    FROM runs_step child
    JOIN runs_stepedge edge ON edge.step_id = child.id
    JOIN runs_step parent ON parent.id = edge.source_id
    WHERE child.status = 'pending' AND {whose}
        AND (child.parent_id IS NULL OR EXISTS (
            SELECT 1 FROM runs_step holder WHERE holder.id = child.parent_id
                AND holder.kind = 'group' AND holder.status = 'expanded'))
    ORDER BY child.sequence
    """
# The pending dependants of one step in plan order, each with the states of all its parents. Items
# of a batch are not among them: their batch readies them. Nor are members of a group that has not
# begun.
_DEPENDANTS = Statement(
    _CANDIDATES.format(
        whose="child.id IN (SELECT step_id FROM runs_stepedge WHERE source_id = %(ended)s)"
    )
)


def dependants_of(step_ids: Iterable[int]) -> list[states.Candidate]:
    """The pending dependants of some steps, each with the states of all its parents."""
    by_id: dict[int, states.Candidate] = {}
    for step_id in step_ids:
        by_id |= _candidates(_DEPENDANTS.rows(ended=step_id))
    return list(by_id.values())


def pending_of(run_id: int, *, group: int | None = None) -> list[states.Candidate]:
    """Every pending step of a run, each with the states of all its parents, in plan order.

    group: only its members.
    """
    pending = Step.objects.filter(_MAY_BEGIN, run_id=run_id, status=states.PENDING)
    if group is not None:
        pending = pending.filter(parent=group)
    rows = pending.order_by("sequence").values_list(
        "id", "kind", "condition", "needs__source__status", "needs__is_barrier", "parent_id"
    )
    return list(
        _candidates(
            (
                step_id,
                status,
                is_barrier,
                condition is None and kind not in ("wait", "gate", "group"),
                holder,
            )
            for step_id, kind, condition, status, is_barrier, holder in rows
        ).values()
    )


def _candidates(rows: Iterable[Sequence[Any]]) -> dict[int, states.Candidate]:
    parents: dict[int, list[tuple[str, bool]]] = {}
    plain: dict[int, tuple[bool, int | None]] = {}
    for child, state, is_barrier, is_plain, holder in rows:
        plain[child] = bool(is_plain), holder
        if state is not None:
            parents.setdefault(child, []).append((state, bool(is_barrier)))
    return {
        child: states.Candidate(child, tuple(parents.get(child, ())), is_plain, holder)
        for child, (is_plain, holder) in plain.items()
    }


def not_started(
    run_id: int, *, batch: int | None = None, within: Collection[int] | None = None
) -> list[Step]:
    """Steps that no one has worked on or answered yet, in plan order.

    batch: only its items. within: only these, by id.
    """
    rows = Step.objects.filter(
        run_id=run_id, status__in=(states.PENDING, states.READY, states.WAITING)
    )
    if batch is not None:
        rows = rows.filter(parent_id=batch)
    if within is not None:
        rows = rows.filter(id__in=within)
    return list(rows.only(*EVENT_FIELDS).order_by("sequence", "item_index"))


def skip(change: RunChange, steps: Sequence[Step], reason: str) -> None:
    """These steps will not run; what they asked is not asked any more."""
    open_questions.withdraw([step.id for step in steps if step.status == states.WAITING])
    transitions.move_all(
        change, steps, states.SKIPPED, lambda step: StepSkipped(**about(step), reason=reason)
    )


def with_members(steps: Sequence[Step]) -> list[Step]:
    """Return pending steps, and what groups and batches among them hold: it is skipped with them.

    A batch that is to be expanded again has items already.

    steps: read with `EVENT_FIELDS` and their kind.
    """
    members = inside([step.id for step in steps if step.kind in HOLDERS])
    return [*steps, *(member for member in members if member.status == states.PENDING)]


def inside(holders: Sequence[int]) -> list[Step]:
    """Return all that groups and batches hold, at any depth, with `EVENT_FIELDS` and kinds."""
    steps: list[Step] = []
    while holders:
        rows = Step.objects.filter(parent_id__in=holders).only(*EVENT_FIELDS, "kind")
        level = list(rows.order_by("sequence", "item_index"))
        steps += level
        holders = [row.id for row in level if row.kind in HOLDERS]
    return steps


def resting_groups(batch: int) -> int:
    """Count the groups of a batch that go on and of which no step is at work."""
    groups = Step.objects.filter(parent_id=batch, kind="group", status=states.EXPANDED)
    group_ids = list(groups.values_list("id", flat=True))
    if not group_ids:
        return 0
    at_work = set(_tops_at_work(group_ids))
    return len(group_ids) - len(at_work)


def _tops_at_work(groups: Collection[int]) -> Iterator[int]:
    """Yield those of some groups of which a step is at work, at any depth."""
    tops = {group: group for group in groups}
    level: Collection[int] = groups
    while level:
        rows = Step.objects.filter(parent_id__in=level)
        below: list[int] = []
        for step_id, holder, kind, status in rows.values_list("id", "parent_id", "kind", "status"):
            top = tops[step_id] = tops[holder or 0]
            if status in _AT_WORK:
                yield top
            elif kind in HOLDERS and status == states.EXPANDED:
                below.append(step_id)
        level = below


_AT_WORK = (states.READY, states.RUNNING, states.PARKED)


def is_stopping(run_id: int, holder: int | None = None) -> bool:
    """Return whether a failure ends this run: nothing new begins, what runs is let finish.

    holder: of a step, its parent; a failure may end a group around it, too.
    """
    failures = Step.objects.filter(
        run_id=run_id, status=states.FAILED, on_error__in=states.STOPPING
    )
    if failures.filter(parent=None).exists():
        return True
    while holder is not None:
        if failures.filter(parent_id=holder).exists():
            return True
        holder = Step.objects.values_list("parent_id", flat=True).get(id=holder)
    return False
