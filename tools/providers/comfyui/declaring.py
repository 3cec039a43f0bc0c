"""From a graph to a tool: a class of its own, or a check that it can stand in for a known one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import create_model

from tools.declaration import parameters
from tools.declaration.ports import (
    COST_UNITS,
    Form,
    Port,
    Ports,
    Tool,
    field,
    port,
    spellings,
    to_wire,
    tool,
)
from tools.declaration.schema import parameter_schemas
from tools.providers.comfyui.graphs import FACTS_KEY, BadFile, Graph, ParameterFacts, choices_of
from tools.providers.comfyui.placeholders import MEDIA, Kind, Slot, Unreadable, with_typed_default

_GROUPS: Final = {"image": "Image", "video": "Video", "audio": "Audio", "model": "Image"}
_COSTS: Final = {
    "image": "image.standard",
    "video": "video.standard",
    "audio": "audio.standard",
    "model": "image.standard",
}
_PYTHON: Final[Mapping[Kind, Any]] = {"text": str, "int": int, "float": float, "bool": bool}
_OF_SCHEMA: Final[Mapping[str, Kind]] = {
    "string": "text",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
}
# Worked out where a call does not say them, see `values`.
DERIVED: Final = frozenset({"width", "height", "work_width", "work_height", "frames"})


def own_tool(graph: Graph) -> type[Tool]:
    """A tool class of a graph that stands in for none. Raises Unreadable."""
    facts = graph.facts
    cost = facts.cost or _COSTS[graph.output]
    if cost not in COST_UNITS:
        raise Unreadable(f"{FACTS_KEY}.cost must be one of {', '.join(COST_UNITS)}.")
    if graph.name.startswith("sogni_"):
        raise Unreadable("Its name can't start with sogni_.")
    ports = {slot.name: _port(slot, graph) for slot in graph.media}
    fields = {_attribute(slot): _field(slot, graph) for slot in graph.slots if not slot.is_medium}
    form = create_model("Params", __base__=Form, **fields)
    cls = type(
        "".join(part.title() for part in graph.name.split("_")),
        (Tool,),
        {
            "__doc__": facts.help or f"{graph.title}, made by ComfyUI.",
            "Inputs": type("Inputs", (Ports,), ports),
            "Params": form,
        },
    )
    tool_class: type[Tool] = tool(
        graph.name,
        title=graph.title,
        group=facts.group or _GROUPS[graph.output],
        cost=cost,
        output=graph.output,
        seeded=graph.slot("seed") is not None,
        count="numberOfVariations" if graph.slot("number_of_variations") else "",
    )(cls)
    return tool_class


def unusable_tool(bad: BadFile) -> type[Tool]:
    """A tool that says why a file gives none: in the palette, and to stages that ask for it."""
    title = bad.tool.replace("_", " ").capitalize()
    cls = type(
        "".join(part.title() for part in bad.tool.split("_")),
        (Tool,),
        {"__doc__": f"{bad.path.name} can't be used.", "unusable": str(bad)},
    )
    tool_class: type[Tool] = tool(bad.tool, title=title, group="Image", cost="free", output=None)(
        cls
    )
    return tool_class


def _port(slot: Slot, graph: Graph) -> Port:
    if hasattr(Ports, slot.name):
        raise Unreadable(f"{{{{{slot.name}}}}} is reserved. Choose another name.")
    kind = MEDIA[slot.kind or "image"]
    of_kind = [other.name for other in graph.media if MEDIA[other.kind or "image"] == kind]
    is_main = slot.name == of_kind[0] and slot.kind != "mask"
    stem = f"source_{slot.name}" if slot.name == kind else slot.name
    stem = stem if stem.endswith(kind) else f"{stem}_{kind}"
    facts = graph.facts.parameters.get(slot.name, ParameterFacts())
    title = facts.help or slot.name.replace("_", " ").capitalize()
    return port(
        kind,
        title,
        help="Transparent areas are repainted." if slot.kind == "mask" else "",
        index=f"{to_wire(stem)}Index",
        url=f"{stem}_url",
        # What the graph's author calls it, who writes it again in a call.
        aliases=(slot.wire,),
        required=True,
        fallback="latest" if is_main else "none",
        implied="latest" if is_main else "none",
    )


def _attribute(slot: Slot) -> str:
    """Prefixed, but for the seed: a placeholder may be called what pydantic's methods are."""
    return slot.name if slot.name == "seed" else f"p_{slot.name}"


def _field(slot: Slot, graph: Graph) -> Any:
    if slot.name == "seed":
        return (int | None, parameters.seed())
    facts = graph.facts.parameters.get(slot.name, ParameterFacts())
    rules: dict[str, Any] = {}
    kind = slot.kind or "text"
    if kind in ("int", "float"):
        rules |= {"ge": facts.min, "le": facts.max}
    elif kind == "text":
        rules["max_length"] = parameters.PROMPT_MAX
    field_info = field(
        ... if slot.default is None else slot.default,
        facts.help or f"{slot.name.replace('_', ' ').capitalize()} of the graph.",
        wire=slot.wire,
        primary=facts.pinned or slot.name == "prompt",
        choices=choices_of(slot, facts),
        **{name: rule for name, rule in rules.items() if rule is not None},
    )
    return (_PYTHON[kind], field_info)


# -- standing in ----------------------------------------------------------------------------------


def standing_in(graph: Graph, tools: Mapping[str, type[Tool]]) -> Graph:
    """The graph with its slots typed as the tool it stands in for has them. Raises Unreadable."""
    tool_class = tools.get(graph.facts.tool.removeprefix("sogni_"))
    if tool_class is None:
        raise Unreadable(f"{FACTS_KEY}.tool: no tool is called {graph.facts.tool}.")
    if graph.output != tool_class.output:
        raise Unreadable(
            f"It makes {graph.output}, but {tool_class.name} makes {tool_class.output}."
        )
    facts = graph.facts.model_copy(update={"tool": tool_class.name})
    slots = tuple(_as_declared(slot, tool_class) for slot in graph.slots)
    return replace(graph, facts=facts, slots=slots)


def _as_declared(slot: Slot, tool: type[Tool]) -> Slot:
    target_port = next((one for one in tool.ports() if one.name == slot.name), None)
    if target_port is not None and (slot.kind is None or slot.is_medium):
        return _of_port(slot, target_port, tool)
    if slot.is_medium:
        names = ", ".join(one.name for one in tool.ports()) or "none"
        raise Unreadable(f"{{{{{slot.name}}}}}: the media of {tool.name} are called {names}.")
    argument = argument_of(slot, tool)
    if argument:
        slot = _of_argument(slot, parameter_schemas(tool)[argument], tool)
        is_required = parameter_schemas(tool)[argument]["x-reelgraph"]["required"]
        default = parameter_schemas(tool)[argument].get("default")
    else:
        is_required, default = False, None
        if slot.kind is None and slot.name in DERIVED:
            slot = replace(slot, kind="int")
    kind = slot.kind or "text"
    slot = replace(slot, kind=kind)
    if slot.default is not None:
        return with_typed_default(slot, slot.default)
    # A text that no one gave is an empty one; a number has to come from somewhere.
    has_value = is_required or default is not None or (argument and kind == "text")
    if has_value or _is_worked_out(slot, tool):
        return slot
    raise Unreadable(
        f"{{{{{slot.name}}}}} needs a default, as {{{{{slot.name}:{kind}=…}}}}: a call of"
        f" {tool.name} need not say it."
    )


def _is_worked_out(slot: Slot, tool: type[Tool]) -> bool:
    """Return whether the value can be worked out from every call; see `values`."""
    if slot.name in ("width", "height"):
        return any(one.kind == "image" and one.required for one in tool.ports())
    if slot.name == "frames":
        return "duration" in parameter_schemas(tool)
    return slot.name == "seed" and tool.seeded


def _of_port(slot: Slot, port: Port, tool: type[Tool]) -> Slot:
    if slot.kind is not None and MEDIA[slot.kind] != port.kind:
        raise Unreadable(f"{{{{{slot.name}}}}}: {tool.name} takes {port.kind} there.")
    is_mask = port.name == "mask" and port.kind == "image"
    return replace(slot, kind="mask" if is_mask else port.kind)  # type: ignore[arg-type]


def argument_of(slot: Slot, tool: type[Tool]) -> str:
    """The parameter a placeholder is filled from, in the tool's spelling; "" for none."""
    schemas = parameter_schemas(tool)
    names = set(spellings(slot.name))
    for name, schema in schemas.items():
        if names & {*spellings(name), *schema["x-reelgraph"].get("aliases", ())}:
            return name
    return ""


def _of_argument(slot: Slot, schema: Mapping[str, Any], tool: type[Tool]) -> Slot:
    kind = _OF_SCHEMA.get(schema.get("type", "string"))
    if kind is None:
        raise Unreadable(
            f"{{{{{slot.name}}}}}: {tool.name} has a list there, which no placeholder can hold."
        )
    return slot if slot.kind is not None else replace(slot, kind=kind)
