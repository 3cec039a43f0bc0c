"""Comparisons of a stage's result with the picture or clip that it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from builder.web.run_looks import uploads_of
from runs import selectors
from runs.models import Run
from templates_app.graph.port_arguments import find_port
from tools import registry
from tools.declaration.ports import Tool

_LOOKS = frozenset({"image", "video"})


def add_comparisons(snapshot: Mapping[str, Any], run: Run, *, base_url: str) -> None:
    """Give each step of a snapshot its `sides`, what it changed and what it made of it as
    (name, {type, url}), where both are there to be seen. A foreign URL is none: a page loads
    nothing from elsewhere.
    """
    by_id = {artifact["id"]: artifact for artifact in snapshot["artifacts"]}
    source_ids = {
        step.key: ref
        for step in selectors.steps_of(run)
        if step.resolved and (ref := _changed_file(step.resolved["media"], step.tool))
    }
    sources = uploads_of(run, set(source_ids.values()), base_url)
    for step in snapshot["steps"]:
        ref = source_ids.get(step["id"], "")
        before = (
            by_id.get(ref.partition(":")[2]) if ref.startswith("artifact:") else sources.get(ref)
        )
        artifacts = step["artifacts"][:1]
        if before and artifacts and artifacts[0]["type"] == before["type"]:
            step["sides"] = [("Before", before), ("After", artifacts[0])]


def _changed_file(media: Mapping[str, Sequence[str]], name: str) -> str:
    """The file that a tool changes into its result; "" when it makes something new."""
    tool = registry.table().get(name)
    port = tool.ports()[0] if tool and tool.ports() else None
    if tool is None or port is None or not _is_changed(tool):
        return ""
    for argument, refs in media.items():
        media_port, _ = find_port(tool, argument)
        if media_port is port and refs:
            return refs[0]
    return ""


def _is_changed(tool: type[Tool]) -> bool:
    port = tool.ports()[0]
    # Those that join many make something new of them.
    return (
        port.required and port.kind == tool.output and port.kind in _LOOKS and port.implied != "all"
    )
