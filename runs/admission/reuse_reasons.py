"""Reasons why a step runs again although its stage ran before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runs import states
from runs.admission.step_history import PastStep
from runs.engine.result_cache import MediaFingerprint, media_by_port
from runs.planning.resolved_plan import Resolved
from templates_app.graph.types import PlanStep
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.palette import title_of


def why_again(
    step: PlanStep,
    tool: type[Tool],
    resolved_call: Resolved,
    key: str,
    past: PastStep | None,
    media_of: Mapping[str, MediaFingerprint],
) -> str:
    """Return why the result of a past step will not do, in a few words.

    resolved_call, key, media_of: the step's arguments now, its reuse key, its media by reference.
    """
    if past is None:
        return "Not run yet"
    if past.status == states.FAILED:
        return "Failed last time"
    if past.status != states.COMPLETED or past.resolved is None:
        return "Didn't finish last time"
    if past.reuse_key == key:
        return "Earlier result was deleted"
    if past.tool != step.tool:
        return "Tool changed"
    before = fill_defaults(tool, past.resolved.get("arguments", {}))
    now = fill_defaults(tool, resolved_call.arguments)
    changes = [
        title_of(name)
        for name in dict.fromkeys([*now, *before])
        if now.get(name) != before.get(name) and not (tool.seeded and name == "seed")
    ]
    changes += _changed_ports(tool, resolved_call, past, media_of)
    if changes:
        return f"{_join(changes)} changed"
    if past.seed != step.seed:
        return "New seed"
    return f"{tool.title} was updated"


def _changed_ports(
    tool: type[Tool],
    resolved_call: Resolved,
    past: PastStep,
    media_of: Mapping[str, MediaFingerprint],
) -> list[str]:
    blobs = (past.resolved or {}).get("blobs", {})
    media = media_by_port(tool, resolved_call.media, media_of)
    now = {port: [medium.sha256 for medium in fingerprints] for port, fingerprints in media.items()}
    return [port.title for port in tool.ports() if now.get(port.name) != blobs.get(port.name)]


def _join(names: Sequence[str]) -> str:
    if len(names) > 2:
        return f"{names[0]} and {len(names) - 1} more"
    return " and ".join(names)
