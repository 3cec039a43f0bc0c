"""The quote of a final run: by stage for those that may be chosen, and in all for a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    with_own_draft,
)
from runs.admission.run_before import StagesBefore
from runs.billing.estimates import WORKING, MediaOfPlan, items_expected, seconds_of, step_prices
from runs.models import Run
from runs.options import RunOptions
from runs.planning.final_schemas import FinalQuoteIn
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
    works on. has_others: whether other models make it, too."""

    quote: StageQuote
    items: int
    files: Mapping[str, int]
    has_others: bool


def final_offers(run: Run, person: int) -> list[FinalOffer]:
    """Return the stages with draft results that another provider of this person would make; [] for
    a run that can't be made final."""
    if run.status not in ENDED_WELL:
        return []
    before = StagesBefore(run)
    media = MediaOfPlan(before.plan.media)
    prices = step_prices(before.plan, person=person, options=RunOptions(quality="final"))
    offers = []
    for step, price in zip(before.plan.steps, prices, strict=True):
        if step.kind in WORKING and before.is_draft(step.key):
            provider = provider_of(step, person)
            if provider is not None and not provider.is_draft:
                stage = with_own_draft(stage_of(step, provider), before, step)
                quote = StageQuote(stage, stage.price or price)
                offers.append(_offer(quote, items_expected(step), media, person))
    return offers


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
