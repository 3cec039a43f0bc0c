"""The media models that tools know by name, and whether anybody here does their work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tools import registry
from tools.ports import Tool
from tools.schema import parameter_schemas


@dataclass(slots=True)
class MediaModel:
    """A model name and the tools that take it. media: what they make."""

    id: str
    media: str
    tools: list[str] = field(default_factory=list)
    provider: str = ""


def media_models() -> list[MediaModel]:
    """Every model the catalogue names, once, in the order of its tools."""
    found: dict[str, MediaModel] = {}
    for tool in registry.catalogue():
        provider = registry.provider_name(tool.name)
        for name in _model_names(tool):
            model = found.setdefault(name, MediaModel(name, tool.output or "data"))
            model.tools.append(tool.name)
            model.provider = model.provider or provider
    return list(found.values())


def readable(model_id: str) -> str:
    """`gpt-image-2` → `Gpt Image 2`."""
    return " ".join(part[:1].upper() + part[1:] for part in model_id.replace("_", "-").split("-"))


def _model_names(tool: type[Tool]) -> Iterator[str]:
    seen: set[str] = set()
    for name, schema in parameter_schemas(tool).items():
        if not name.lower().endswith("model"):
            continue
        hints = schema.get("x-reelgraph", {})
        for model in (*hints.get("known", ()), *schema.get("enum", ())):
            if isinstance(model, str) and model not in seen:
                seen.add(model)
                yield model
