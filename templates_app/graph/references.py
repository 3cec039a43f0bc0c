"""Stages that artifacts come from, and what references to them mean. Shared by all readers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.phrases import Phrase, phrase
from templates_app.graph.bindings import Broken, Every, Ref, find_refs, read_text
from templates_app.graph.expressions import parse
from templates_app.graph.issues import Issue, issue
from templates_app.graph.spec import Stage
from templates_app.graph.types import EVERY, Pick
from tools.declaration.ports import ToolTable

# How a gate is called after the stage it follows.
GATE: Final = "__gate"
NO_BATCHES: Final[Mapping[str, str]] = {}
_ITEM_KEY = re.compile(r"(.+)_(0|[1-9]\d{0,8})", re.ASCII | re.DOTALL)


def producers_of(stages: Sequence[Stage]) -> dict[str, list[int]]:
    """Artifact name → positions of the stages that produce it, in order."""
    positions: dict[str, list[int]] = {}
    for position, stage in enumerate(stages):
        for name in stage.produces:
            positions.setdefault(name, []).append(position)
    return positions


def latest_before(producers: Sequence[int], position: int) -> int | None:
    """The newest producer before a stage, when there is one."""
    at = bisect_left(producers, position)
    return producers[at - 1] if at else None


def kinds_made_by(
    stages: Sequence[Stage],
    producers: Mapping[str, list[int]],
    tools: ToolTable,
    batches: Mapping[str, str] = NO_BATCHES,
) -> list[str | None]:
    """List the kind of media each stage makes: "" for none, None where no one can say.

    batches: of those over templates, by id.
    Anyone who answers an interactive stage may bring anything, unless it is a choice among media.
    """
    kinds: list[str | None] = []
    for position, stage in enumerate(stages):
        caller = stage.item if stage.type == "batch" else stage
        kind: str | None = None
        if stage.id in batches:
            kind = batches[stage.id]
        elif caller is not None and caller.tool:
            tool = tools.get(caller.tool)
            kind = None if tool is None else (tool.output or "")
        elif stage.select is not None:
            ref = read_text(stage.select.source)
            if isinstance(ref, Ref) and ref.root == "artifacts":
                source = latest_before(producers.get(ref.name, ()), position)
                kind = None if source is None else kinds[source]
        kinds.append(kind)
    return kinds


def broken_binding(broken: Broken, *, path: str, argument: str, stage_id: str | None) -> Issue:
    return issue(
        "invalid_binding_syntax",
        path=path,
        argument=argument,
        stage_id=stage_id,
        text=broken.text,
        why=broken.why,
    )


def artifact_remedy(name: str, stage_ids: Any) -> Phrase:
    """Say what to do about an artifact that no stage produces: often its stage is meant."""
    return phrase("produce_under_name" if name in stage_ids else "produce_earlier", name=name)


def pick_of(ref: Ref, *, many: bool) -> Pick | None:
    """Find which results `$artifacts.name…` means, or None when the path means no media.

    `.items` may be left out; `.selectedVersion`, `.versions[0]`, `.url` and `.content` change
    nothing, as every result of a run has one version. Without a number a list argument takes all
    results and a single one the first.
    """
    path = list(ref.path)
    if path and path[0] == "items":
        path.pop(0)
    index: int | None = None if many else 0
    if path and isinstance(path[0], (int, Every)):
        first = path.pop(0)
        if isinstance(first, int):
            index = first
    if path and path[0] == "selectedVersion":
        path.pop(0)
    elif path[:1] == ["versions"]:
        path.pop(0)
        if path and path[0] != 0:
            return None
        path = path[1:]
    if path and path[0] in ("url", "content"):
        path.pop(0)
    if path:
        return None
    return EVERY if index is None else Pick(index=index)


def first_of(ref: Ref | Broken) -> str:
    """Return a reference to one file where the whole of a result is named."""
    if isinstance(ref, Ref) and ref.root == "artifacts" and pick_of(ref, many=True) == EVERY:
        return f"$artifacts.{ref.name}[0]"
    return ref.text


def refs_of(stage: Stage) -> list[Ref]:
    """List what a stage refers to, and those in it: arguments, the list of a batch, a choice, its
    condition."""
    select = stage.select.source if stage.select is not None else ""
    item = stage.item.args if stage.item is not None else {}
    refs = [*find_refs([stage.args, item, stage.over, stage.user_message, select])]
    condition = stage.condition
    if condition is not None and condition.type == "expr":
        reading = parse(condition.expression)
        refs.extend(() if isinstance(reading, Broken) else reading.refs)
    own = [ref for ref in refs if isinstance(ref, Ref)]
    return [*own, *(ref for inner in stage.inside for ref in refs_of(inner))]


def taken_keys(stages: Sequence[Stage]) -> dict[str, str]:
    """Ids of stages that steps of another stage are called by → that other stage's id."""
    batches = {stage.id for stage in stages if stage.type == "batch"}
    gate_owners = {stage.id for stage in stages if stage.has_checkpoint}
    owners: dict[str, str] = {}
    if not batches and not gate_owners:
        return owners
    for stage in stages:
        item = _ITEM_KEY.fullmatch(stage.id)
        if item and item[1] in batches:
            owners[stage.id] = item[1]
        elif stage.id.endswith(GATE) and stage.id.removesuffix(GATE) in gate_owners:
            owners[stage.id] = stage.id.removesuffix(GATE)
    return owners
