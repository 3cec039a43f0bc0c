"""Values of a call for a graph's placeholders, and arguments that the graph leaves undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import ProviderError
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.declaration.schema import model_argument, parameter_schemas
from tools.providers.base import Job
from tools.providers.comfyui.declaring import argument_of
from tools.providers.comfyui.graphs import Graph
from tools.providers.comfyui.placeholders import Scalar, Slot, as_kind
from tools.providers.comfyui.sizes import Size, frames_of, size_of

# Parameters whose being left out is nothing to speak of: they name, or say what another says.
_SILENT = frozenset({"seed", "aspectRatio", "ratio", "targetResolution"})


def choose(graphs: Sequence[Graph], job: Job, model: str) -> Graph:
    """The graph for a call of a tool that one or several graphs stand in for.

    model: what the call names. Of those that know it, the one that uses most of the given media.
    Raises ProviderError when the media of none are there.
    """
    matches = [graph for graph in graphs if model and model in graph.facts.models]
    candidates = matches or list(graphs)
    fitting = [graph for graph in candidates if not _lacking(graph, job)]
    if not fitting:
        lacking = _lacking(candidates[0], job)
        raise ProviderError(
            f"The ComfyUI graph {candidates[0].name} needs {' and '.join(lacking)}.",
            error_type="USER_INPUT_INCOMPLETE",
            retryable=False,
        )
    # The first of equals: what the operator put there is before what is shipped.
    return max(fitting, key=lambda graph: len(graph.media))


def _lacking(graph: Graph, job: Job) -> list[str]:
    return [slot.name for slot in graph.media if not job.media.get(slot.name)]


def values_for(
    graph: Graph, tool: type[Tool], job: Job, names: Mapping[str, str]
) -> dict[str, Scalar]:
    """Return a value for every placeholder. names: ComfyUI's names for the media, by slot name.

    Raises ProviderError PARAMETER_INVALID, which names the parameter.
    """
    worked_out = _worked_out(graph, job)
    values: dict[str, Scalar] = {}
    for slot in graph.slots:
        if slot.is_medium:
            values[slot.name] = names[slot.name]
            continue
        argument = _argument(slot, tool, job)
        if slot.name in worked_out and (argument is None or slot.name != "frames"):
            argument = worked_out[slot.name]
        values[slot.name] = _value(slot, argument)
    return values


def _argument(slot: Slot, tool: type[Tool], job: Job) -> Any:
    if slot.name == "seed":
        return job.seed
    argument = argument_of(slot, tool)
    return job.params.get(argument or slot.wire, job.params.get(slot.name))


def _value(slot: Slot, argument: Any) -> Scalar:
    kind = slot.kind or "text"
    if argument is None:
        argument = slot.default
    if argument is None:
        # Texts are empty, and a seed counts from 0, where no one says otherwise.
        return "" if kind == "text" else 0
    try:
        if kind == "int" and isinstance(argument, float):
            argument = round(argument)
        if not isinstance(argument, (str, int, float, bool)):
            raise ValueError("must be one value, not a list or an object")
        return as_kind(argument, kind)
    except ValueError as problem:
        raise ProviderError(
            f"{slot.wire} {problem}.", error_type="PARAMETER_INVALID", retryable=False
        ) from problem


def _worked_out(graph: Graph, job: Job) -> dict[str, int]:
    """Work out values from the arguments of a stand-in's tool. Tools of their own have them."""
    values: dict[str, int] = {}
    if not graph.facts.tool:
        return values
    size = size_of(job.params, _usual(graph), _source(job), graph.facts.block)
    if size is not None:
        values["width"], values["height"] = size
    worked_at = size_of({}, _usual(graph, "work_"), _source(job), graph.facts.block)
    if worked_at is not None:
        values["work_width"], values["work_height"] = worked_at
    frames = frames_of(job.params, graph.facts.fps, graph.facts.frame_step)
    if frames is not None:
        values["frames"] = frames
    return values


def _usual(graph: Graph, prefix: str = "") -> Size | None:
    width, height = (graph.slot(f"{prefix}{name}") for name in ("width", "height"))
    if width and height and isinstance(width.default, int) and isinstance(height.default, int):
        return width.default, height.default
    return None


def _source(job: Job) -> Size | None:
    first = next((file for file in job.media.get("image", ()) if file.width and file.height), None)
    return (first.width, first.height) if first and first.width and first.height else None


def left_undone(graph: Graph, tool: type[Tool], job: Job) -> list[str]:
    """Sentences on what a call asks for and its graph has no placeholder for."""
    arguments = {slot.wire for slot in graph.slots} | {
        argument_of(slot, tool) for slot in graph.slots if not slot.is_medium
    }
    if "frames" in arguments:
        arguments.add("duration")
    if {"width", "height"} <= arguments:
        arguments |= {"scale", "targetLongestEdge"}
    usual = fill_defaults(tool, {})
    ignored_names = [
        name
        for name, value in job.params.items()
        if name in _parameter_names(tool)
        and name not in arguments
        and name not in _SILENT
        and name != model_argument(tool)
        and value is not None
        and value != usual.get(name)
    ]
    title = f"the ComfyUI graph {graph.name}"
    warnings = [f"{name} isn't supported by {title}. Ignored." for name in ignored_names]
    media = {slot.name for slot in graph.media}
    for port, files in job.media.items():
        if files and port not in media:
            warnings.append(f"The {port} input isn't supported by {title}. Ignored.")
        elif len(files) > 1:
            warnings.append(f"Only the first {port} was used by {title}.")
    return warnings


def _parameter_names(tool: type[Tool]) -> frozenset[str]:
    return frozenset(parameter_schemas(tool))
