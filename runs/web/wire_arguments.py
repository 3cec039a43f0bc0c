"""Resolved arguments in the wire's dialect: media by their index among all of a run, or by address.

Inside, a file is known by its artifact's id or by its position in what the caller sent. Indices
change with every step that is added, so they are counted when they are shown and never stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runs.planning.resolved_plan import Output, Ref, Resolved, put_media
from templates_app.graph.port_arguments import find_port, spelling_for
from templates_app.graph.types import MediaRef
from tools.declaration.ports import Tool


def media_positions(outputs: Sequence[Output], media: Sequence[MediaRef]) -> dict[Ref, int]:
    """Every file's wire index: from 0 on for results of its kind, -1, -2 … for the caller's."""
    positions: dict[Ref, int] = {}
    counts: dict[str, int] = {}
    for output in sorted(outputs, key=lambda one: one.place):
        positions[output.ref] = counts.get(output.kind, 0)
        counts[output.kind] = positions[output.ref] + 1
    input_counts: dict[str, int] = {}
    for place, ref in enumerate(media):
        input_counts[ref.kind] = input_counts.get(ref.kind, 0) + 1
        positions[f"input:{place}"] = -input_counts[ref.kind]
    return positions


def render_resolved(
    resolved_call: Resolved,
    tool: type[Tool],
    positions: Mapping[Ref, int],
    url_of: Callable[[Ref], str | None],
) -> dict[str, Any]:
    """Resolved arguments in the wire dialect: positions or addresses, as each argument takes them.

    positions: from `media_positions`. url_of: a file's address, None when it has none any more.
    """
    arguments = {
        name: put_media(value, lambda ref, how: url_of(ref))
        for name, value in resolved_call.arguments.items()
    }
    for argument, refs in resolved_call.media.items():
        port, name = find_port(tool, argument)
        if port is None:
            continue
        name = spelling_for(port, name, len(refs))
        write = positions.get if port.is_index(name) else url_of
        values = [value for value in map(write, refs) if value is not None]
        if values:
            arguments[name] = values if port.is_list(name) else values[-1]
    return arguments
