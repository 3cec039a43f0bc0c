"""The quote of a final run: by stage for those that may be chosen, and in all for a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from accounts.auth import Principal
from core.http import parse
from runs import selectors
from runs.admission.final_run import (
    ENDED_WELL,
    FinalStage,
    final_models,
    final_plan,
    final_prices,
    given_fields,
    provider_of,
    stage_of,
    with_offered_model,
    with_own_draft,
)
from runs.admission.run_before import StagesBefore
from runs.billing.estimates import WORKING, MediaOfPlan, items_expected, seconds_of, step_prices
from runs.models import Run
from runs.options import RunOptions
from runs.planning.final_schemas import FinalQuoteIn
from templates_app.graph.types import PlanStep
from tools import registry
from tools.declaration.model_facts import Model
from tools.declaration.schema import model_argument
from tools.providers.base import Price


@dataclass(frozen=True, slots=True)
class StageQuote:
    """A stage that may be, or is to be, made final, and its price: of a batch, of all its items."""

    stage: FinalStage
    price: Price

    @property
    def model(self) -> Model:
        """Return the facts of the model that makes it; its name, where that is all."""
        models = self.stage.provider.details(self.stage.call.tool)
        model_name = self.stage.model or (models[0].name if models else "")
        return next((one for one in models if one.name == model_name), Model(model_name))


@dataclass(frozen=True, slots=True)
class FinalQuote:
    """final: the chosen stages; again, kept: numbers of stages. price: of all. seconds: None
    without a history."""

    final: tuple[StageQuote, ...]
    again: int
    kept: int
    price: Price
    seconds: float | None


@dataclass(frozen=True, slots=True)
class FinalOffer:
    """A stage that can be made final. items: how many calls it is. files: how many of each port one
    works on. has_others: whether other models make it, too. missing: the model that it names, where
    that isn't offered here: the quote is by another one."""

    quote: StageQuote
    items: int
    files: Mapping[str, int]
    has_others: bool
    missing: str = ""


def final_offers(run: Run, person: int) -> list[FinalOffer]:
    """Return the stages with draft results that another provider of this person would make; [] for
    a run that can't be made final."""
    if run.status not in ENDED_WELL:
        return []
    before = StagesBefore(run)
    media = MediaOfPlan(before.plan.media)
    pairs = [
        with_offered_model(step, person) if _is_open(step, before) else (step, "")
        for step in before.plan.steps
    ]
    plan = replace(before.plan, steps=tuple(step for step, _ in pairs))
    prices = step_prices(plan, person=person, options=RunOptions(quality="final"))
    offers = []
    for (step, missing), price in zip(pairs, prices, strict=True):
        provider = provider_of(step, person) if _is_open(step, before) else None
        if provider is not None and not provider.is_draft:
            stage = with_own_draft(stage_of(step, provider), before, step)
            quote = StageQuote(stage, stage.price or price)
            offer = _offer(quote, items_expected(step), media, person)
            offers.append(replace(offer, missing=missing))
    return offers


def _is_open(step: PlanStep, before: StagesBefore) -> bool:
    """Return whether a stage has a draft that may be made final."""
    return step.kind in WORKING and before.is_draft(step.key)


def _offer(quote: StageQuote, items: int, media: MediaOfPlan, person: int) -> FinalOffer:
    call, tool = quote.stage.call, registry.table().get(quote.stage.call.tool)
    if tool is None:
        return FinalOffer(quote, items, {}, has_others=False)
    files = media.of_call(tool, call.arguments, call.needs)
    return FinalOffer(
        quote,
        items,
        {port: len(ones) for port, ones in files.items()},
        has_others=bool(model_argument(tool)) and len(final_models(tool, person)) > 1,
    )


def quote_final(*, run: Run, actor: Principal, body: Mapping[str, Any]) -> FinalQuote:
    """Say what `make_final` with this wire body would do. Nothing is stored."""
    request = parse(FinalQuoteIn, given_fields(body))
    person = actor.user.pk
    new_plan = final_plan(run, request.stages, request.models, person)
    prices = final_prices(new_plan, person)
    by_key = {str(step.key): price for step, price in zip(new_plan.plan.steps, prices, strict=True)}
    at_most = any(price.at_most for price in prices)
    return FinalQuote(
        final=tuple(StageQuote(stage, by_key[stage.key]) for stage in new_plan.final),
        again=len(new_plan.again),
        kept=len(new_plan.kept),
        price=Price(sum(price.milli for price in prices), at_most),
        seconds=seconds_of(
            new_plan.plan,
            without=new_plan.options.kept_stages,
            call_seconds=_usual_times(new_plan.final),
        ),
    )


def _usual_times(final: Iterable[FinalStage]) -> dict[str, float | None]:
    """Return how long a call of each final stage takes by its model, else lately by its provider:
    the studio's drafts tell nothing about it."""
    times: dict[str, float | None] = {}
    for stage in final:
        tool = stage.call.tool
        models = stage.provider.details(tool)
        usual = next((model.usual_s for model in models if model.name == stage.model), None)
        lately = selectors.usual_times([tool], provider=stage.provider.name)
        times[stage.key] = usual or lately.get(tool)
    return times
