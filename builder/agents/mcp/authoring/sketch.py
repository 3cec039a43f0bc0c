"""A template as a few lines of text: its inputs, its stages, and what each takes from which.

An agent shows it to a person before anything is written. Names are their author's: they come
cleaned, cut and in quotation marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from templates_app.graph.wiring import INPUTS, Node, Wiring, clean, each_stage, read_wiring
from tools.declaration.ports import ToolTable

MOST_STAGES: Final = 60
MOST_INPUTS: Final = 20
NAME: Final = 40


def sketch(spec: Mapping[str, Any], tools: ToolTable) -> str:
    """One line for the inputs and one a stage, in order. Never raises on user data.

    `2. clip: Animate photo “Opening” ← keyframe, photo`: place, id, tool, label, sources.
    """
    wiring = read_wiring(spec, tools)
    lines = list(_inputs(wiring))
    stages = list(each_stage(wiring))
    sources = _sources(wiring)
    for place, node in enumerate(stages[:MOST_STAGES], 1):
        lines.append(f"{place}. {line_of(node)}{_from(sources.get(node.id, ()))}")
    if len(stages) > MOST_STAGES:
        lines.append(f"… and {len(stages) - MOST_STAGES} more stages")
    return "\n".join(lines) or "No stages yet."


def line_of(node: Node) -> str:
    """A stage by its id, tool and label."""
    label = "" if node.title == node.meta else f" “{clean(node.title, NAME)}”"
    return f"{clean(node.id, NAME)}: {node.meta}{label}"


def _inputs(wiring: Wiring) -> Iterator[str]:
    for node in wiring.nodes:
        if node.is_inputs:
            names = [f"{clean(one.key, NAME)} ({one.kind})" for one in node.outputs[:MOST_INPUTS]]
            more = len(node.outputs) - len(names)
            yield "Inputs: " + ", ".join(names) + (f" and {more} more" if more else "")


def _sources(wiring: Wiring) -> Mapping[str, tuple[str, ...]]:
    """Stage → what it takes something from: ids of stages, names of inputs; each once."""
    names = {node.id: [one.key for one in node.outputs] for node in wiring.nodes if node.is_inputs}
    by_stage: dict[str, dict[str, None]] = {}
    for wire in wiring.wires:
        source = names[INPUTS][wire.output] if wire.source == INPUTS else wire.source
        by_stage.setdefault(wire.target, {})[source] = None
    return {target: tuple(sources) for target, sources in by_stage.items()}


def _from(sources: tuple[str, ...]) -> str:
    if not sources:
        return ""
    names = [clean(one, NAME) for one in sources[:MOST_INPUTS]]
    more = f" and {len(sources) - len(names)} more" if len(sources) > len(names) else ""
    return f" ← {', '.join(names)}{more}"
