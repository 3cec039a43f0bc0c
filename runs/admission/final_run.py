"""Make final: a new run of a finished run's plan, in which chosen stages go to the providers that
they name. What takes their results is made again, and all else is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from accounts.auth import Principal
from core import errors
from core.http import parse
from runs import states
from runs.admission import start_limits
from runs.admission.idempotency import fingerprint_of, request_key
from runs.admission.insert import insert_run
from runs.admission.new_run import NewRun, StartResult
from runs.admission.run_before import StagesBefore
from runs.billing.estimates import WORKING, step_prices
from runs.models import Run
from runs.options import Quality, RunOptions
from runs.planning.final_schemas import FinalIn
from runs.planning.final_stages import stages_behind
from runs.planning.seeds import request_with_seeds
from templates_app.graph.types import Plan, PlanStep
from tools import registry
from tools.configuration import makes
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Tool
from tools.declaration.schema import ANY_MODEL, model_argument
from tools.providers.base import Price, Provider
from tools.registry import NO_MEDIA

ENDPOINT = "final"
# Of drafts by a stage's own model: they can be made final as they are, or no longer.
OwnDraft: TypeAlias = Literal["", "alive", "expired"]
# Everything the plan can make was made.
ENDED_WELL = (states.COMPLETED, states.PARTIAL_FAILURE)


@dataclass(frozen=True, slots=True)
class FinalPlan:
    """plan: with the seeds, the arguments and the files of the run before. options: of the new run.

    final, again, kept: stages that tools work on: chosen ones, and by key those made again because
    their input changes and those whose results stay.
    """

    plan: Plan
    options: RunOptions
    final: tuple[FinalStage, ...]
    again: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FinalStage:
    """A stage that a provider makes final. call: the stage, of a batch what it does for an item.
    model: that it names, or "". draft: whether its model drew the draft, and may make that one
    final, or no longer can; price: of that."""

    key: str
    call: PlanStep
    provider: Provider
    model: str
    draft: OwnDraft = ""
    price: Price | None = None


def final_plan(
    run: Run, stages: Sequence[str], models: Mapping[str, str], person: int
) -> FinalPlan:
    """Read what is to be made final.

    stages: keys. models: by key, those that a stage is to be made by instead. Raises Conflict for
    a run that is not done, InvalidBody for a stage that it does not have, InvalidInput for one that
    no provider makes final.
    """
    _check_done(run)
    before = StagesBefore(run)
    _check_names(before.plan, stages, models)
    steps = {str(step.key): step for step in before.plan.steps}
    chosen = {key: _with_model(steps[key], models.get(key)) for key in dict.fromkeys(stages)}
    final = tuple(_final_stage(step, person, f"models.{key}") for key, step in chosen.items())
    plan = replace(
        before.plan, steps=tuple(chosen.get(step.key, step) for step in before.plan.steps)
    )
    tools = registry.table()
    others = [step for step in plan.steps if step.key not in chosen]
    incomplete = [
        step.key
        for step in others
        if not before.is_whole(step.key) and not before.is_skipped(step.key)
    ]
    changed_keys = stages_behind(plan, {*chosen, *incomplete}, tools)
    working = [step.key for step in plan.steps if step.kind in WORKING]
    apart = {key: stages_behind(plan, {*chosen, *incomplete} - {key}, tools) for key in chosen}
    final = tuple(
        stage
        if stage.model != _model_of(steps[stage.key]) or stage.key in apart[stage.key]
        else with_own_draft(stage, before, steps[stage.key])
        for stage in final
    )
    return FinalPlan(
        plan=plan,
        options=_options(before, plan, final, changed_keys),
        final=final,
        again=tuple(key for key in working if key in changed_keys and key not in chosen),
        kept=tuple(key for key in working if key not in changed_keys and before.is_whole(key)),
    )


def _options(
    before: StagesBefore, plan: Plan, final: Sequence[FinalStage], changed_keys: set[str]
) -> RunOptions:
    options = RunOptions.read(before.run.options).for_another_run()
    chosen = {stage.key for stage in final}
    quality: dict[str, Quality] = {
        str(step.key): "final" if step.key in chosen or before.is_final(step.key) else "draft"
        for step in plan.steps
        if step.kind in WORKING
    }
    kept_stages = [str(step.key) for step in plan.steps if step.key not in changed_keys]
    changes = {
        "quality": "draft",
        "stage_quality": quality,
        "kept_stages": kept_stages,
        "from_drafts": [stage.key for stage in final if stage.draft == "alive"],
        "reuse": True,
    }
    return RunOptions.read({**options.to_json(), **changes, "fresh": []})


def _check_done(run: Run) -> None:
    if run.status in ENDED_WELL and run.plan["steps"]:
        return
    raise errors.Conflict(
        f"This workflow is {run.status}; only one with stages that is completed or partial_failure"
        " can be made final. Wait for its end, or resume it.",
        person="Only a finished run can be made final.",
        code="workflow.not_done",
        details={"status": run.status},
    )


def _check_names(plan: Plan, stages: Sequence[str], models: Mapping[str, str]) -> None:
    working = {str(step.key) for step in plan.steps if step.kind in WORKING}
    unknown = [(f"stages/{place}", key) for place, key in enumerate(stages) if key not in working]
    unknown += [(f"models/{key}", key) for key in models if key not in stages]
    if not unknown:
        return
    issues = [
        {
            "path": path[:200],
            "message": "isn't a stage of this workflow that a tool works on."
            if key not in working
            else "names a stage that isn't in `stages`. Add it there, or leave its model out.",
        }
        for path, key in unknown[:50]
    ]
    raise errors.InvalidBody(
        f"{issues[0]['path']} {issues[0]['message']} Stages: {', '.join(sorted(working))[:500]}.",
        details={"issues": issues},
    )


def _call_of(step: PlanStep) -> PlanStep:
    return step if step.batch is None else step.batch.item


def with_own_draft(stage: FinalStage, before: StagesBefore, step: PlanStep) -> FinalStage:
    """Return a stage with what is to be said of the drafts that its own model drew."""
    calls = before.drawn_calls(step)
    if not calls:
        return stage
    prices = [
        stage.provider.final_quote(call.tool, call.arguments, NO_MEDIA, call.drafts)
        for call in calls
    ]
    known_prices = [price for price in prices if price is not None]
    if len(known_prices) < len(calls):
        return replace(stage, draft="expired")
    price = Price(sum(one.milli for one in known_prices), any(one.at_most for one in known_prices))
    return replace(stage, draft="alive", price=price)


def final_prices(final_plan: FinalPlan, person: int) -> tuple[Price, ...]:
    """Return what each step of the new run takes, in plan order."""
    own = {stage.key: stage.price for stage in final_plan.final if stage.draft == "alive"}
    prices = step_prices(final_plan.plan, person=person, options=final_plan.options)
    return tuple(
        own.get(str(step.key)) or price
        for step, price in zip(final_plan.plan.steps, prices, strict=True)
    )


def provider_of(step: PlanStep, person: int | None) -> Provider | None:
    """Return who makes a stage final for this person: by the model that it names, if any."""
    call = _call_of(step)
    return registry.provider_for(call.tool, call.arguments, person=person, draft="none")


def _model_of(step: PlanStep) -> str:
    call = _call_of(step)
    tool = registry.table().get(call.tool)
    model = call.arguments.get(model_argument(tool)) if tool is not None else None
    return model if isinstance(model, str) and model != ANY_MODEL else ""


def _with_model(step: PlanStep, model: str | None) -> PlanStep:
    """Return the stage with another model. Raises InvalidInput where it takes no such model."""
    if model is None:
        return step
    call = _call_of(step)
    tool = registry.table().get(call.tool)
    argument = model_argument(tool) if tool is not None else ""
    path = f"models.{step.key}"
    if tool is None or not argument:
        raise _refusal(path, "this stage's tool takes no model. Leave it out.")
    for problem in read_arguments(tool, {argument: model}).problems:
        if problem.argument == argument:
            raise _refusal(path, problem.message)
    new_call = replace(
        call,
        arguments={**call.arguments, argument: model},
        late=tuple(late for late in call.late if late.argument != argument),
    )
    if step.batch is None:
        return new_call
    # What it repeats is planned as the stage is.
    return replace(step, batch=replace(step.batch, item=new_call))


def with_offered_model(step: PlanStep, person: int | None) -> tuple[PlanStep, str]:
    """Return the stage by a model that makes it final for this person, and the name of its own
    where no one here has that one; "" where the stage stays as it is."""
    call, model, provider = _call_of(step), _model_of(step), provider_of(step, person)
    tool = registry.table().get(call.tool)
    if tool is None or provider is None or not model:
        return step, ""
    if not provider.is_draft and makes(provider, tool.name, model):
        return step, ""
    models = final_models(tool, person)
    return (_with_model(step, models[0]), model) if models else (step, "")


def stage_of(step: PlanStep, provider: Provider) -> FinalStage:
    """Return a stage as this provider makes it final."""
    return FinalStage(str(step.key), _call_of(step), provider, _model_of(step))


def _final_stage(step: PlanStep, person: int, path: str) -> FinalStage:
    """Return who makes a stage final. Raise InvalidInput where it would stay a draft, or where its
    provider hasn't the model that it names."""
    call = _call_of(step)
    tool = registry.table().get(call.tool)
    provider = provider_of(step, person)
    model = _model_of(step)
    if tool is None or provider is None:
        raise _refusal(f"stages.{step.key}", "no provider does it any more. Leave it out.")
    if not provider.is_draft and (not model or makes(provider, tool.name, model)):
        return stage_of(step, provider)
    models = final_models(tool, person)
    if not models:
        raise _refusal(
            f"stages.{step.key}",
            f"no provider on this server makes {tool.title} final. Leave it out.",
        )
    raise _refusal(
        path,
        f"no provider makes it final by {model or 'its model'}. Use {', '.join(models)[:300]}.",
    )


def final_models(tool: type[Tool], person: int | None) -> list[str]:
    """Return the models that providers who make no drafts offer this person for a tool."""
    drafting = {one.name for one in registry.providers() if one.is_draft}
    offers = registry.offers_to(person)(tool.name)
    names = [model.name for offer in offers if offer.name not in drafting for model in offer.makes]
    return list(dict.fromkeys(names))


def _refusal(path: str, why: str) -> errors.InvalidInput:
    message = why[:1].upper() + why[1:]
    return errors.InvalidInput(
        f"{path}: {why}",
        person=message,
        code="final.not_offered",
        details={"issues": [{"path": path, "message": message}]},
    )


def make_final(
    *, run: Run, actor: Principal, body: Mapping[str, Any], key: str | None = None
) -> StartResult:
    """Start the final run; a second call with the same actor and key returns the first.

    The run before is not touched. Raises what `final_plan` raises, and what a start does.
    """
    fields = given_fields(body)
    request = parse(FinalIn, fields)
    fingerprint = fingerprint_of(fields, before=[ENDPOINT, run.public_id])
    own_key = request_key(actor, ENDPOINT, fingerprint, header=key, body=request.idempotency_key)
    if replay := own_key.replay():
        return StartResult(run=replay, replayed=True)
    start_limits.check_may_start(actor)
    start_limits.check_template_visible(run, actor)
    new_plan = final_plan(run, request.stages, request.models, actor.user.pk)
    start_limits.check_tools_offered(new_plan.plan, person=actor.user.pk)
    new = _new_run(run, new_plan, request.ceiling_milli, actor.user.pk)
    start_limits.check_ceiling(new)
    return insert_run(new, actor, own_key)


def _new_run(run: Run, final_plan: FinalPlan, ceiling_milli: int | None, person: int) -> NewRun:
    return NewRun(
        plan=final_plan.plan,
        kind=run.kind,
        request=request_with_seeds(run.request, final_plan.plan),
        quotes=tuple(price.milli for price in final_prices(final_plan, person)),
        options=final_plan.options,
        version=run.template_version,
        draft_of=run.draft_of,
        repeats=run,
        ceiling_milli=ceiling_milli,
    )


def given_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a wire body that have a value."""
    return {name: value for name, value in body.items() if value is not None}
