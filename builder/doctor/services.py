"""The services that do tools' work: whether they answer, and can do what they are asked for."""

from __future__ import annotations

from builder.doctor import Checks, ok, warning
from compose.model import client
from tools import registry
from tools.declaration.schema import parameter_schemas
from tools.providers.base import Provider


def all_checks() -> Checks:
    """A line for each server and each own tool of a provider; none for the built-in studio."""
    for provider in registry.providers():
        for visit in provider.visits():
            if visit.is_away:
                remedy = "Start it or fix its URL. Until then its steps fail."
                yield warning(provider.name, visit.says, remedy)
                continue
            yield ok(provider.name, visit.says)
            for problem in visit.problems:
                yield warning(
                    provider.name,
                    problem.rstrip("."),
                    "Fix it there, or change its settings or graphs.",
                )
        yield from _own_tools(provider)
    yield from _language_model()


def _language_model() -> Checks:
    """Whether the configured language model answers; nothing where there is none."""
    visit = client.visit()
    if visit is None:
        return
    if visit.is_away:
        remedy = "Start it or fix REELGRAPH_COMPOSE_URL. Until then rules make the drafts."
        yield warning("compose", visit.says, remedy)
    else:
        yield ok("compose", visit.says)
    for problem in visit.problems:
        yield warning(
            "compose",
            problem.rstrip("."),
            "Fix it there, or correct REELGRAPH_COMPOSE_URL, _KEY or _MODEL.",
        )


def _own_tools(provider: Provider) -> Checks:
    """What a call of each tool that only this provider knows takes, by the API's names."""
    for tool in provider.own_tools():
        if not tool.unusable:
            media = [port.url or port.arguments[0] for port in tool.ports()]
            takes = ", ".join([*media, *parameter_schemas(tool)])
            yield ok(provider.name, f"the tool {tool.name} takes {takes or 'no arguments'}")
