"""The content filter that a run may ask for: what becomes of the wish at each provider.

A provider's own service may filter what it makes, or a moderation model may check what the provider
is told and makes (`Provider.moderation`, `checked_by`). Where neither is there, it is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tools import registry
from tools.declaration.ports import Tool
from tools.declaration.schema import Schema, parameter_schemas
from tools.providers.base import ContentFilter, Provider

# What is to be avoided is not what is asked for.
_NEGATIVES = frozenset({"negativePrompt"})


def state_of(provider: Provider, tool: type[Tool], params: Mapping[str, Any]) -> ContentFilter:
    """Return what happens when this provider makes this for a run that asks for the filter."""
    if tool.output is None:
        return "not_needed"
    own = provider.content_filter(tool.name, params)
    if own == "unavailable" and registry.checker_of(provider) is not None:
        return "on"
    return own


def checker_for(provider: Provider, tool: type[Tool], params: Mapping[str, Any]) -> Provider | None:
    """Return who checks this call beside the provider's filter; None: no one, or no need."""
    if state_of(provider, tool, params) == "not_needed":
        return None
    return registry.checker_of(provider)


def check_for_key(
    tool: type[Tool], provider: Provider, params: Mapping[str, Any], *, is_filtered: bool
) -> dict[str, Any]:
    """Return what the check adds to the key of a result; {} where there is none."""
    checker = checker_for(provider, tool, params) if is_filtered else None
    return {} if checker is None else {"checked_by": [checker.name, checker.moderation]}


def texts_of(tool: type[Tool], params: Mapping[str, Any]) -> list[str]:
    """Return the free texts of a call, once each: no choices, no addresses, not what to avoid."""
    schemas = parameter_schemas(tool)
    free = (
        value
        for name, value in params.items()
        if name not in _NEGATIVES and not _is_choice(schemas.get(name, {}))
    )
    return list(dict.fromkeys(text for value in free for text in _texts(value)))


def sentence(titles: Iterable[str]) -> str:
    """That these providers can't filter; "" without any."""
    names = sorted(set(titles))
    if not names:
        return ""
    subject = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{subject} {'has' if len(names) == 1 else 'have'} no content filter."


def summary(provider: Provider) -> str:
    """Describe a provider's content filter over all its tools, in a few words for operators."""
    tools = (registry.table().get(name) for name in sorted(provider.tools()))
    media_tools = [tool for tool in tools if tool is not None and tool.output is not None]
    states = {tool.title: state_of(provider, tool, {}) for tool in media_tools}
    lacking = [title for title, state in states.items() if state == "unavailable"]
    checker = registry.checker_of(provider)
    if not set(states.values()) - {"not_needed"}:
        return "content filter: not needed"
    if len(lacking) == len(states):
        return "no content filter"
    if lacking:
        return f"no content filter for {', '.join(lacking)}"
    return f"content checked by {checker.moderation}" if checker else "content filter"


def _is_choice(schema: Schema) -> bool:
    examples = schema.get("x-reelgraph", {}).get("known")
    return bool(examples) or "enum" in schema or "pattern" in schema


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        text = value.strip()
        if text and not text.startswith(("http://", "https://", "data:")):
            yield text
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
