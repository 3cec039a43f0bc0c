"""Providers that offer a tool, and facts about their models. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from tools.declaration.model_facts import Model
from tools.palette_schemas import ModelFacts


class Offering(Protocol):
    """Someone who does a tool's work; see `tools.registry.Offer`."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def models(self) -> Sequence[str]: ...
    @property
    def makes(self) -> Sequence[Model]: ...
    @property
    def units(self) -> float: ...
    @property
    def is_draft(self) -> bool: ...


# By a tool's name, everyone who does its work, the usual one first.
Offers: TypeAlias = Callable[[str], Sequence[Offering]]


def facts_of(name: str, offer: Offering | None) -> ModelFacts:
    """Return the facts of a model at the provider of calls that name it; None: there is none. Only
    its name, where that provider uses another model instead."""
    matches = (one for one in (offer.makes if offer else ()) if name in (one.name, *one.also))
    return as_facts(next(matches, Model(name, is_draft=offer is not None and offer.is_draft)))


def as_facts(model: Model) -> ModelFacts:
    price = model.price
    return {
        "title": model.title or model.name,
        "by": model.by,
        "price": {
            "units": price.milli / 1000,
            "per": price.per,
            "atMost": price.at_most,
            "varies": price.varies,
        }
        if price
        else None,
        "seconds": model.seconds,
        "sizes": [*model.sizes],
        "takes": {**model.takes},
        "ignores": sorted(model.ignores),
        "usualSeconds": model.usual_s,
        "isDraft": model.is_draft,
    }
