"""Make final: a new run of a finished run's plan, in which chosen stages go to the providers that
they name and all that does not change is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.auth import Principal
from core.http import parse
from runs import selectors
from runs.admission import limits
from runs.admission.final_plan import FinalPlan, FinalStage, final_plan
from runs.admission.idempotency import fingerprint_of, request_key
from runs.admission.insert import insert_run
from runs.admission.new_run import NewRun, StartResult
from runs.billing.estimates import may_cost_less, seconds_of, step_quotes
from runs.models import Run
from runs.planning.final_schemas import FinalIn, FinalQuoteIn
from runs.planning.seeds import request_with_seeds

ENDPOINT = "final"


@dataclass(frozen=True, slots=True)
class FinalQuote:
    """final, again, kept: numbers of stages. milli: thousandths of a unit. at_most: it may cost
    less. seconds: None without a history."""

    final: int
    again: int
    kept: int
    milli: int
    at_most: bool
    seconds: float | None


def quote_final(*, run: Run, actor: Principal, body: Mapping[str, Any]) -> FinalQuote:
    """Say what `make_final` with this wire body would do. Nothing is stored."""
    wanted = parse(FinalQuoteIn, _given(body))
    found = final_plan(run, wanted.stages, wanted.models, actor.user.pk)
    person = actor.user.pk
    return FinalQuote(
        final=len(found.final),
        again=len(found.again),
        kept=len(found.kept),
        milli=sum(step_quotes(found.plan, person=person, options=found.options)),
        at_most=may_cost_less(found.plan, person=person, options=found.options),
        seconds=seconds_of(found.plan, without=found.options.kept, known=_usual_times(found.final)),
    )


def _usual_times(final: Iterable[FinalStage]) -> dict[str, float | None]:
    """Return how long a call of each final stage takes by its model, else lately by its provider:
    the studio's drafts tell nothing about it."""
    times: dict[str, float | None] = {}
    for stage in final:
        models = stage.provider.details(stage.tool)
        usual = next((model.usual_s for model in models if model.name == stage.model), None)
        lately = selectors.usual_times([stage.tool], provider=stage.provider.name)
        times[stage.key] = usual or lately.get(stage.tool)
    return times


def make_final(
    *, run: Run, actor: Principal, body: Mapping[str, Any], key: str | None = None
) -> StartResult:
    """Start the final run; a second call with the same actor and key returns the first.

    The run before is not touched. Raises what `final_plan` raises, and what a start does.
    """
    given = _given(body)
    wanted = parse(FinalIn, given)
    fingerprint = fingerprint_of(given, before=[ENDPOINT, run.public_id])
    own_key = request_key(actor, ENDPOINT, fingerprint, header=key, body=wanted.idempotency_key)
    if replay := own_key.replayed():
        return StartResult(run=replay, replayed=True)
    limits.check_may_start(actor)
    limits.check_template_visible(run, actor)
    found = final_plan(run, wanted.stages, wanted.models, actor.user.pk)
    limits.check_tools_offered(found.plan, person=actor.user.pk)
    new = _new_run(run, found, wanted.ceiling_milli, actor.user.pk)
    limits.check_ceiling(new)
    return insert_run(new, actor, own_key)


def _new_run(run: Run, found: FinalPlan, ceiling_milli: int | None, person: int) -> NewRun:
    return NewRun(
        plan=found.plan,
        kind=run.kind,
        request=request_with_seeds(run.request, found.plan),
        quotes=step_quotes(found.plan, person=person, options=found.options),
        options=found.options,
        version=run.template_version,
        draft_of=run.draft_of,
        repeats=run,
        ceiling_milli=ceiling_milli,
    )


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
