"""Stages and items of a run, as answers name them (public contract §6.4)."""

from __future__ import annotations

from core import errors
from runs.engine.pending_steps import OF_PLAN
from runs.models import Run, Step

# What a fixed stage calls its first item; the others have positions.
MAIN = "main"


def stage_named(run: Run, name: str) -> Step | None:
    """A stage by its id, or by the name under which it makes its artifact.

    run: with its plan. Of a stage that is several steps, the first.
    """
    stages = Step.objects.filter(OF_PLAN, run_id=run.id).exclude(kind="gate")
    maker = run.plan.get("artifact_names", {}).get(name)
    keys = [step["key"] for step in run.plan["steps"] if step.get("stage_id") == name]
    for names in ([name], [maker] if maker else [], keys):
        if stage := stages.filter(key__in=names).order_by("sequence").first():
            return stage
    return None


def stage_of_item(run: Run, item: str, artifact: str | None) -> Step | None:
    """The stage that an item's name or the name of its artifact tells; None: neither does.

    Raises NotFound for an artifact that no stage makes.
    """
    if artifact is not None:
        stage = stage_named(run, artifact)
        if stage is None:
            raise errors.NotFound(
                f"artifactName: no stage makes {artifact[:80]!r}.", code="workflow.unknown_step"
            )
        return stage
    return stage_named(run, item.rpartition("/")[0])


def item_of_run(run: Run, name: str, *, artifact: str | None, stage: str | None) -> Step:
    """The step that made an item. stage, artifact: what else is said of it. Raises NotFound."""
    if stage is not None and artifact is None:
        artifact = stage
    if owner := stage_of_item(run, name, artifact):
        return item_named(owner, name)
    steps = Step.objects.filter(run_id=run.id).exclude(kind__in=("gate", "expand", "group"))
    item = steps.filter(key=name).first() or steps.filter(artifacts__public_id=name).first()
    if item is None:
        raise errors.NotFound(
            f"itemId: no stage of this workflow has an item {name[:80]!r}. Name it as"
            " <stageId>/<i>, or send artifactName.",
            code="workflow.unknown_step",
        )
    return item


def item_named(stage: Step, name: str) -> Step:
    """The step that made an item of a stage. Raises NotFound.

    name: `<stageId>/<i>`, `<stageId>/main`, its step, its position, or a file that it made.
    """
    item = _find(stage, name)
    if item is None:
        raise errors.NotFound(
            f"itemId: {stage.key} has no item {name[:80]!r}. Name it by its stage and place, as"
            f" {stage.key}/{0 if stage.kind == 'expand' else MAIN}.",
            code="workflow.unknown_step",
        )
    return item


def _find(stage: Step, name: str) -> Step | None:
    head, slash, place = name.rpartition("/")
    if slash and head != stage.key:
        return None
    if stage.kind == "expand":
        items = Step.objects.filter(parent=stage)
        if place.isdecimal() and (item := items.filter(item_index=int(place)).first()):
            return item
        if slash:
            return None
        by_key = items.filter(key=name).first()
        return by_key or items.filter(artifacts__public_id=name).first()
    artifacts = stage.artifacts.filter(generation=stage.generation)
    is_named = place in (MAIN, "0") or (place.isdecimal() and artifacts.filter(position=int(place)))
    if not slash:
        is_named = is_named or name == stage.key or stage.artifacts.filter(public_id=name)
    return stage if is_named else None
