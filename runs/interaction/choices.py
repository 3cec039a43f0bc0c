"""Choices of people beside a run's questions: items that stay, versions that count, a stage.

Nothing is asked for this and no question closes by it alone; it is in the log and holds from then
on. What does not follow from a stage that is gone back to stays and is not paid for twice; so does
what a person locked, and what follows from that alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from accounts.auth import Principal
from core import errors
from runs import states, versions
from runs.admission import start_limits
from runs.billing import authorization, reservations
from runs.engine import advance, groups, open_questions, redo, transitions
from runs.interaction import waits
from runs.interaction.answer_schemas import JumpToStage, LockItem, SelectVersion
from runs.interaction.named_items import item_of_run, stage_named
from runs.log.changes import RunChange, changing
from runs.log.events import ItemLocked, ItemVersionSelected, RunResumed, about
from runs.models import Run, Step, StepEdge, Wait
from runs.options import RunOptions

_ENDED_BADLY = frozenset({states.FAILED, states.PARTIAL_FAILURE})
_AT_WORK = frozenset({states.READY, states.RUNNING, states.PARKED, states.EXPANDED})
_UNDONE = frozenset({states.FAILED, states.SKIPPED})


# -- items ----------------------------------------------------------------------------------------


def lock_item(run: Run, choice: LockItem, options: Mapping[str, str]) -> bool:
    """Lock or unlock an item. False: it was like that before.

    Raises NotFound; Conflict where the run is over or the item not made.
    """
    with changing(run.id) as change:
        step = _item(change, run, choice)
        new_options = RunOptions.read(change.run.options).with_changes(**options)
        if choice.locked == (step.key in new_options.locked):
            return False
        if choice.locked and step.status != states.COMPLETED:
            raise _not_made(step)
        others = [key for key in new_options.locked if key != step.key]
        locked_keys = [*others, step.key] if choice.locked else others
        change.set(options=new_options.with_changes(locked=locked_keys).to_json())
        change.append(
            ItemLocked(**about(step), locked=choice.locked),
            step_id=step.id,
            generation=step.generation,
            run_status=change.run.status,
        )
    return True


def select_version(run: Run, choice: SelectVersion, options: Mapping[str, str]) -> bool:
    """Let an earlier version of an item count from now on. False: it does already.

    What has not started uses it, and a checkpoint asks again; what was made of another version
    stays until it is made again. Raises NotFound; Conflict where the run is over, the item not
    made or locked, or a later step at work with it.
    """
    with changing(run.id) as change:
        step = _item(change, run, choice)
        if step.status != states.COMPLETED:
            raise _not_made(step)
        new_options = RunOptions.read(change.run.options).with_changes(**options)
        item_versions = versions.versions_of([step]).get(step.id, [])
        version = next((one for one in item_versions if choice.version in one.names), None)
        if version is None:
            raise _no_version(step, choice.version, [one.id for one in item_versions])
        if version.is_selected:
            return False
        if step.key in new_options.locked:
            raise redo.locked_error(step)
        waiting = _dependants(step)
        old_version = versions.snapshot(step)
        if not versions.put_back(step, version):
            return False
        change.set(options=new_options.to_json())
        change.append(
            ItemVersionSelected(**about(step), version=version.id, replaced=old_version),
            step_id=step.id,
            generation=step.generation,
            run_status=change.run.status,
        )
        if waiting:
            _ask_again(change, waiting, f"{step.title or step.key}: another version")
    return True


def _dependants(step: Step) -> list[Step]:
    """Return the steps that ask about the item now. Raises Conflict where one works with it."""
    stage = step.parent_id if step.is_item else step.id
    later = Step.objects.filter(needs__source=stage).exclude(status__in=states.STEP_TERMINAL)
    rows = list(later.exclude(status=states.PENDING).order_by("sequence").distinct())
    busy = [one for one in rows if one.status != states.WAITING or one.kind == "tool"]
    if busy:
        raise redo.in_use_error(busy[0], step)
    return rows


def _ask_again(change: RunChange, steps: Sequence[Step], why: str) -> None:
    """Ask questions about a changed item once more, and let the run go on."""
    for step in steps:
        transitions.move(change, step, states.PENDING, resolved=None, started_at=None)
    open_questions.withdraw([step.id for step in steps])
    open_questions.resume_run(change, why)
    advance.reevaluate(change)


def _no_version(step: Step, name: str, names: Sequence[str]) -> errors.NotFound:
    there = f"it has {', '.join(names)}" if names else "it was made once"
    return errors.NotFound(
        f"versionId: {step.title or step.key} has no version {name[:80]!r}; {there}.",
        code="workflow.unknown_version",
    )


def _item(change: RunChange, run: Run, choice: LockItem | SelectVersion) -> Step:
    step = item_of_run(run, choice.item, artifact=choice.artifact, stage=choice.target)
    if change.run.status in states.RUN_TERMINAL:
        raise _over(choice.type, change.run.status)
    return step


def _over(kind: str, status: str) -> errors.Conflict:
    return errors.Conflict(
        f"{kind} can't be accepted: the workflow is {status}.",
        person="This run is over.",
        code="workflow.over",
    )


def _not_made(step: Step) -> errors.Conflict:
    return errors.Conflict(
        f"itemId: {step.title or step.key} isn't made yet. Wait until it is completed.",
        code="workflow.item_not_made",
    )


# -- stages ---------------------------------------------------------------------------------------


def jump(*, run: Run, actor: Principal, choice: JumpToStage, options: Mapping[str, str]) -> bool:
    """Go on from a stage. False: the run is there.

    Raises NotFound; Conflict where the run is over, the stage locked, something at work with it, or
    not done that it needs; what a start raises for a run that had failed; InsufficientCredit.
    """
    target = stage_named(run, choice.stage)
    if target is None:
        raise errors.NotFound(
            f"stageId: this workflow has no stage {choice.stage[:80]!r}.",
            code="workflow.unknown_step",
        )
    if run.status in _ENDED_BADLY:
        start_limits.check_may_start(actor)
        start_limits.check_template_visible(run, actor)
    with changing(run.id) as change:
        if change.run.status in states.RUN_TERMINAL - _ENDED_BADLY:
            raise _over(choice.type, change.run.status)
        stage = Step.objects.get(id=target.id)
        if stage.status in _AT_WORK or stage.status == states.WAITING:
            return False
        change.set(options=RunOptions.read(change.run.options).with_changes(**options).to_json())
        if stage.status == states.PENDING:
            _go_on(change, stage, actor)
        else:
            go_back(change, stage)
    return True


def _go_on(change: RunChange, stage: Step, actor: Principal) -> None:
    """Pass the checkpoints that a stage waits for, or the group that holds it."""
    while stage.parent is not None and stage.parent.status == states.PENDING:
        stage = stage.parent
    open_steps = Step.objects.filter(feeds__step=stage).exclude(status__in=states.STEP_TERMINAL)
    gates = list(open_steps.distinct().order_by("sequence"))
    for gate in gates:
        if gate.kind != "gate" or gate.status != states.WAITING:
            raise _needs(stage, gate)
    for gate in gates:
        wait = Wait.objects.filter(step=gate, answered_at=None).first()
        if wait is not None:
            answer = {"type": "jump_to_stage", "stageId": stage.key}
            waits.close_wait(change, wait, answer=answer, by=actor.user)
        waits.complete_step(change, gate, {"approved": True})


@dataclass(slots=True)
class _Again:
    """Steps that are made again. pending: from the start; expanded: batches with such items.

    reasked: questions that are open.
    """

    pending: list[Step] = field(default_factory=list)
    expanded: list[Step] = field(default_factory=list)
    reasked: list[Step] = field(default_factory=list)


class _Rows:
    """The steps of a run and what follows what."""

    def __init__(self, change: RunChange) -> None:
        rows = Step.objects.filter(run_id=change.run.id).order_by("sequence", "item_index")
        self.steps = {step.id: step for step in rows}
        self.locked = set(RunOptions.read(change.run.options).locked)
        self.items: dict[int, list[Step]] = defaultdict(list)
        self.members: dict[int, list[Step]] = defaultdict(list)
        for step in self.steps.values():
            if step.parent_id is None:
                continue
            if not step.is_item:
                self.members[step.parent_id].append(step)
            # A cancelled item has no element any more.
            elif step.status != states.CANCELLED:
                self.items[step.parent_id].append(step)
        edges = StepEdge.objects.filter(step_id__in=self.steps, source__isnull=False)
        self.edges = list(edges.values_list("source_id", "step_id", "is_barrier"))

    def is_locked(self, step: Step) -> bool:
        parts = self.items.get(step.id) or [step]
        return all(part.key in self.locked for part in parts)

    def loose(self, batch: Step) -> list[Step]:
        """The items of a batch that are not locked, and what is inside them."""
        items = [item for item in self.items[batch.id] if item.key not in self.locked]
        return [step for item in items for step in (item, *self.inside(item))]

    def inside(self, holder: Step) -> Iterator[Step]:
        """Yield what a group or a batch holds, at any depth."""
        for step in (*self.members[holder.id], *self.items[holder.id]):
            yield step
            yield from self.inside(step)

    def after(self, stage: Step) -> list[Step]:
        """Return what follows from a stage, without what is locked and follows from that alone."""
        follows: dict[int, list[int]] = defaultdict(list)
        for source, follower, _ in self.edges:
            follows[source].append(follower)
        seen_ids, queue = {stage.id}, [stage.id]
        while queue:
            step_id = queue.pop()
            nexts = [*follows[step_id], *(member.id for member in self.members[step_id])]
            # What follows a group follows what it holds.
            for group in self.around(self.steps[step_id]):
                nexts += follows[group]
            for follower in nexts:
                step = self.steps[follower]
                if follower not in seen_ids and not step.is_item and not self.is_locked(step):
                    seen_ids.add(follower)
                    queue.append(follower)
        return [step for step in self.steps.values() if step.id in seen_ids and step.id != stage.id]

    def around(self, step: Step) -> Iterator[int]:
        """Yield the ids of the groups that hold a step, the nearest first."""
        holder = step.parent_id
        while holder is not None:
            yield holder
            holder = self.steps[holder].parent_id

    def sources_of(self, stage: Step) -> Iterator[Step]:
        """Yield what must be done before a stage."""
        for source, step, is_barrier in self.edges:
            if step == stage.id and not is_barrier:
                yield self.steps[source]


def go_back(change: RunChange, stage: Step) -> None:
    """Make a stage again, and what follows from it. Raises as `jump` does."""
    rows = _Rows(change)
    stage = rows.steps[stage.id]
    if rows.is_locked(stage):
        raise redo.locked_error(stage)
    for source in rows.sources_of(stage):
        if source.status != states.COMPLETED:
            raise _needs(stage, source)
    later = rows.after(stage)
    for step in later:
        if step.status in _AT_WORK or (step.status == states.WAITING and step.kind == "tool"):
            raise redo.in_use_error(step, stage)
    again = _Again()
    repeats = rows.loose(stage) if stage.kind == "expand" else [stage]
    if stage.kind == "group":
        members = rows.inside(stage)
        repeats += [one for one in members if one.kind == "tool" and not rows.is_locked(one)]
    later = [one for one in later if one not in repeats]
    changes = [
        redo.changed_columns(change, one, {}) if one.kind == "tool" else {} for one in repeats
    ]
    milli = sum(one.get("estimated_milli", 0) for one in changes)
    milli += _add_later(rows, later, again)
    if change.run.status in _ENDED_BADLY:
        milli += _add_undone(rows, {stage.id, *(step.id for step in later)}, again)
    parts = (*repeats, *again.pending)
    again.expanded += _groups_of(rows, parts, (stage, *again.expanded))
    if reason := authorization.hold_reason(change, milli):
        raise redo.too_dear(reason)
    why = f"Going back to {stage.title or stage.key}"
    if change.run.status in _ENDED_BADLY:
        reopen(change, why)
    reservations.reserve(change, milli, ref=f"jump:{stage.id}:{stage.generation + 1}")
    change.set(estimated_milli=change.run.estimated_milli + milli)
    for one, fields in zip(repeats, changes, strict=True):
        redo.begin_again(change, [one], states.PENDING, **fields)
    if stage.kind == "expand":
        redo.begin_again(change, [stage], states.EXPANDED if repeats else states.PENDING)
    redo.begin_again(change, again.pending, states.PENDING)
    redo.begin_again(change, again.expanded, states.EXPANDED)
    _ask_again(change, again.reasked, why)


def _groups_of(rows: _Rows, parts: Sequence[Step], others: Sequence[Step]) -> Iterator[Step]:
    """Yield the groups and batches that had ended and go on with parts of theirs. others: not
    these."""
    without = {one.id for one in (*parts, *others)}
    for group_id in groups.opened_by(rows.steps.values(), parts) - without:
        group = rows.steps[group_id]
        if group.status in states.STEP_TERMINAL:
            yield group


def _add_later(rows: _Rows, later: Sequence[Step], again: _Again) -> int:
    """Add what follows: batches are made of their new elements. Return what is to be reserved."""
    milli = 0
    seen_ids: set[int] = set()
    for step in later:
        if step.id in seen_ids:
            continue
        if step.status == states.WAITING:
            again.reasked.append(step)
        elif step.status != states.PENDING:
            again.pending.append(step)
            loose = [one for one in rows.loose(step) if one.status in states.STEP_TERMINAL]
            seen_ids.update(one.id for one in loose)
            again.pending += [one for one in loose if one not in again.pending]
            if loose:
                # It holds the estimate of its items until they are known again.
                quote = sum(item.estimated_milli for item in loose)
                Step.objects.filter(id=step.id).update(estimated_milli=quote)
                milli += quote
            else:
                milli += step.estimated_milli
    return milli


def _add_undone(rows: _Rows, without: set[int], again: _Again) -> int:
    """Add what failed elsewhere, as any resume does. Return what is to be reserved."""
    undone_steps = [
        step
        for step in rows.steps.values()
        if step.status in _UNDONE and not {step.id, step.parent_id} & without
    ]
    holders = groups.opened_by(rows.steps.values(), undone_steps) - without
    pending = [step for step in undone_steps if step.id not in holders]
    again.pending += pending
    again.expanded += [step for step in rows.steps.values() if step.id in holders]
    return sum(step.estimated_milli for step in pending)


def reopen(change: RunChange, why: str) -> None:
    """A run that had ended goes on."""
    change.set(
        resume_count=change.run.resume_count + 1,
        error=None,
        finished_at=None,
        waiting_reason="",
    )
    transitions.move_run(change, states.RUNNING, RunResumed(why=why))


def _needs(stage: Step, source: Step) -> errors.Conflict:
    name = source.title or source.key
    return errors.Conflict(
        f"{stage.title or stage.key} needs {name}, which isn't done. Jump to {source.key} instead.",
        code="workflow.needs_earlier_stage",
    )
