"""The services beside the studio: whether they answer, and can do what they are asked for."""

from __future__ import annotations

from builder.ops.doctor import Check, Checks, ok, warning
from compose.model import local_models, model_client
from tools import registry
from tools.declaration.schema import parameter_schemas
from tools.providers.base import Provider

# Of the models of one program.
MOST_SHOWN = 8


def all_checks() -> Checks:
    """A line for each server and each own tool of a provider; none for the built-in studio."""
    for provider in registry.providers():
        for visit in provider.visits():
            if visit.is_away:
                meanwhile = "its steps fail" if provider.tools() else "rules make the drafts"
                remedy = f"Start it or fix its URL. Until then {meanwhile}."
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
    yield from _local_models()


def _local_models() -> Checks:
    """Programs on this machine that serve language models, where none is set up."""
    if model_client.configured_model() is not None:
        return
    rows = [one for one in local_models.look() if one.state != "away"]
    if not rows:
        addresses = ", ".join(program.address for program in local_models.PROGRAMS)
        yield ok("language model", f"none is set up, and nothing listens at {addresses}")
    for one in rows:
        where = f"{one.program.title} at {one.program.address}"
        if one.state == "other":
            yield ok("language model", f"something else answers at {one.program.address}")
        elif one.models:
            remedy = (
                "Take one at /admin/providers, or start the server with"
                f" REELGRAPH_COMPOSE_URL={one.program.base_url} and REELGRAPH_COMPOSE_MODEL."
            )
            shown = ", ".join(one.models[:MOST_SHOWN])
            more = f" and {len(one.models) - MOST_SHOWN} more" if one.models[MOST_SHOWN:] else ""
            yield Check("language model", "ok", f"{where} has {shown}{more}", remedy)
        else:
            lacks = "is loading its model" if one.state == "loading" else "has no model for chat"
            yield ok("language model", f"{where} {lacks}")


def _own_tools(provider: Provider) -> Checks:
    """What a call of each tool that only this provider knows takes, by the API's names."""
    for tool in provider.own_tools():
        if not tool.unusable:
            media = [port.url or port.arguments[0] for port in tool.ports()]
            takes = ", ".join([*media, *parameter_schemas(tool)])
            yield ok(provider.name, f"the tool {tool.name} takes {takes or 'no arguments'}")
