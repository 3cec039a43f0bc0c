"""The media models that tools accept, and whether a provider of this server runs them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools import registry
from tools.declaration.schema import model_names
from tools.offering import Offering


@dataclass(slots=True)
class MediaModel:
    """A model name and the tools that take it. media: what they make. provider: who is asked when
    it is named, by the first of its tools that someone does. offers: whose, by those tools."""

    id: str
    media: str
    tools: list[str] = field(default_factory=list)
    offers: dict[str, Offering] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        return next((offer.name for offer in self.offers.values()), "")


def media_models(person: int | None) -> list[MediaModel]:
    """Every model that the catalog or a provider names, once, in the order of the tools.

    person: by id; a model's provider is one that they may use.
    """
    by_id: dict[str, MediaModel] = {}
    offers = registry.offers_to(person)
    for tool in registry.table():
        routes = {model: one for one in offers(tool.name) for model in one.models}
        for name in dict.fromkeys((*model_names(tool), *routes)):
            model = by_id.setdefault(name, MediaModel(name, tool.output or "data"))
            model.tools.append(tool.name)
            if offer := routes.get(name):
                model.offers[tool.name] = offer
    return list(by_id.values())


def readable(model_id: str) -> str:
    """`gpt-image-2` → `Gpt Image 2`."""
    return " ".join(part[:1].upper() + part[1:] for part in model_id.replace("_", "-").split("-"))
