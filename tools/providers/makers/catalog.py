"""Models of a service as a form lists them: every row of the tables, priced by its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.declaration.model_facts import ModelPrice
from tools.providers.form import Catalog, ModelChoice
from tools.providers.makers import prices
from tools.providers.makers.options import CREDITS_PER_USD
from tools.providers.makers.table import Offered, offered_at


def catalog_of(service: str) -> Catalog:
    """Return what lists the models of a service, priced by its options."""

    def catalog(options: Mapping[str, Any]) -> Sequence[ModelChoice]:
        rate = _rate(options)
        names: dict[str, list[Offered]] = {}
        for one in offered_at(service):
            names.setdefault(one.row.name, []).append(one)
        return tuple(_choice(name, places, rate) for name, places in names.items())

    return catalog


def _choice(name: str, places: Sequence[Offered], rate: float) -> ModelChoice:
    first = next((one for one in places if not one.place.is_off), places[0])
    price = first.place.price
    milli = prices.milli(prices.usual_dollars(price), rate)
    return ModelChoice(
        name=name,
        title=first.row.title,
        by=first.row.by,
        kind=first.place.result.kind,
        price=ModelPrice(milli, price.per, price.at_most),
        is_usual=any(not one.place.is_off for one in places),
        read=first.read,
        ids=tuple(one.place.id for one in places),
    )


def _rate(options: Mapping[str, Any]) -> float:
    """Return what is typed as credits per dollar, else the usual number."""
    try:
        rate = float(options.get("credits_per_usd") or CREDITS_PER_USD)
    except (TypeError, ValueError):
        return CREDITS_PER_USD
    return rate if 0 < rate <= 1_000_000 else CREDITS_PER_USD
