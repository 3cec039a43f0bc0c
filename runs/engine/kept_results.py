"""Results, answers and seeds that a final run keeps of the run that it was cloned from.

Its stages are named in `RunOptions.kept_stages`. What was deleted since is made again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core import clock
from core.errors import ProviderError
from core.stored_json import as_stored
from runs import states
from runs.engine import artifact_rows, questions, result_cache, transitions
from runs.engine.result_cache import CacheHit
from runs.engine.run_scope import RunScope
from runs.log.changes import RunChange
from runs.log.events import StepCompleted, about
from runs.models import Artifact, Run, Step, Wait
from runs.options import RunOptions
from templates_app.graph.port_arguments import find_port
from tools.declaration.ports import Tool
from tools.providers.base import DRAFT_JOB, Provider


@dataclass(frozen=True, slots=True)
class ItemBefore:
    """An item of a batch in the run before. redone: its arguments, if it was made again. drafts:
    what is noted of those that this run makes final."""

    seed: int | None
    redone: Mapping[str, Any] | None
    is_kept: bool
    drafts: tuple[Mapping[str, Any], ...] = ()

    def arguments(self, tool: type[Tool], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item's arguments now: the parameters that it was made again with are its own,
        its files are those of this run."""
        own = {
            name: value
            for name, value in (self.redone or {}).items()
            if find_port(tool, name)[0] is None
        }
        return {**arguments, **own}


@dataclass(frozen=True, slots=True)
class DrawnCall:
    """One call of a stage, and what is noted of the drafts that its model drew."""

    tool: str
    arguments: Mapping[str, Any]
    drafts: tuple[Mapping[str, Any], ...]


def kept_result(step: Step, options: RunOptions) -> CacheHit | None:
    """Return the result that a step keeps; None: it keeps none, or the result is gone."""
    if step.stage_key not in options.kept_stages or step.generation > 1:
        return None
    before = _before(step.run_id, step.key)
    return None if before is None else result_cache.of_steps([before]).get(before.id)


def items_before(step: Step, options: RunOptions) -> dict[int, ItemBefore]:
    """Return a batch's items as the run before made them, by place."""
    if not options.stage_quality or step.generation > 1:
        return {}
    rows = _steps_before(step.run_id).filter(parent__key=step.key)
    is_kept = step.key in options.kept_stages
    is_finished = step.key in options.from_drafts
    drafts = draft_jobs(list(rows)) if is_finished else {}
    return {
        row.item_index: ItemBefore(
            seed=row.seed,
            # A person may have changed what they had made again.
            redone=row.arguments if row.generation > 1 or (row.batch or {}).get("redone") else None,
            is_kept=is_kept and row.status == states.COMPLETED,
            drafts=drafts.get(row.id, ()),
        )
        for row in rows
    }


def draft_jobs(steps: Sequence[Step]) -> dict[int, tuple[Mapping[str, Any], ...]]:
    """Return, by the id of a step, what is noted of the jobs that drew its results, in order; of a
    step whose results aren't all drafts by their own model, nothing."""
    generations = {step.id: step.generation for step in steps}
    rows = Artifact.objects.filter(step_id__in=generations).order_by("step_id", "position")
    notes: dict[int, list[Mapping[str, Any] | None]] = defaultdict(list)
    for step_id, generation, meta in rows.values_list("step_id", "generation", "meta"):
        if generation == generations[step_id]:
            notes[step_id].append(meta.get(DRAFT_JOB))
    whole = {step_id: [one for one in jobs if one] for step_id, jobs in notes.items() if all(jobs)}
    return {step_id: tuple(jobs) for step_id, jobs in whole.items()}


def drafts_to_finish(step: Step, options: RunOptions) -> tuple[Step, tuple[Mapping[str, Any], ...]]:
    """Return the step of the run before whose drafts this one makes final, and what is noted of
    them; the step itself, and nothing, where it makes none final."""
    if step.stage_key in options.from_drafts and step.generation == 1:
        before = _before(step.run_id, step.key)
        if before is not None:
            return before, draft_jobs([before]).get(before.id, ())
    return step, ()


def answer_as_before(change: RunChange, step: Step, scope: RunScope) -> bool:
    """Complete a step that is about to ask with what was answered before. False: it is to ask.

    Raises ProviderError as `questions.ask` does.
    """
    if step.key not in RunOptions.read(change.run.options).kept_stages:
        return False
    before = _before(change.run.id, step.key)
    if before is None:
        return False
    rows = _artifacts(before, change.run.owner_id)
    earlier = Wait.objects.filter(step=before).order_by("-id").first()
    if rows is None or earlier is None:
        return False
    questions.ask(change, step, scope)
    wait = Wait.objects.filter(step=step, answered_at=None).latest("id")
    # Of what was chosen from, the run has copies of its own.
    names = dict(
        zip(earlier.prompt.get("candidates", ()), wait.prompt.get("candidates", ()), strict=False)
    )
    Wait.objects.filter(id=wait.id).update(
        answered_at=clock.now(),
        answered_by=earlier.answered_by,
        answer=_rename(earlier.answer, names),
    )
    return transitions.move(
        change,
        step,
        states.COMPLETED,
        lambda: _complete(change, step, rows),
        before=states.WAITING,
        progress=1,
        result=as_stored(_rename(before.result, names)),
    )


def check_may_make(step: Step, options: RunOptions, provider: Provider) -> None:
    """Raise ProviderError where a kept result is gone and a provider would be paid for it again:
    no one agreed to that."""
    is_paid = not (provider.is_draft or provider.is_local)
    if is_paid and step.stage_key in options.kept_stages and step.generation == 1:
        raise ProviderError(
            "Its result was deleted after this run started. Make the earlier run final again.",
            error_type="ASSET_NOT_FOUND",
            retryable=False,
        )


def _steps_before(run_id: int) -> QuerySet[Step]:
    return Step.objects.filter(run__in=Run.objects.filter(id=run_id).values("cloned_from"))


def _before(run_id: int, key: str) -> Step | None:
    """Return the completed step of this key in the run before."""
    return _steps_before(run_id).filter(key=key, status=states.COMPLETED).first()


def _artifacts(before: Step, person_id: int) -> Sequence[Artifact] | None:
    hit = result_cache.of_steps([before]).get(before.id)
    return None if hit is None else result_cache.artifacts_to_copy(hit, person_id)


def _rename(value: object, names: dict[str, str]) -> object:
    """Return JSON with each of these texts replaced."""
    if isinstance(value, dict):
        return {key: _rename(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_rename(part, names) for part in value]
    return names.get(value, value) if isinstance(value, str) else value


def _complete(change: RunChange, step: Step, rows: Sequence[Artifact]) -> StepCompleted:
    ids = artifact_rows.insert_copies(change, step, rows)
    return StepCompleted(**about(step), artifact_ids=ids, took_ms=0)
