"""Values that stages read from results, against what the chosen providers give. Pure.

A provider says what its results have beyond media. A reference to anything else would fail in the
middle of a run, after earlier stages were paid for, so it is an issue before anything begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from core.phrases import phrase
from templates_app.graph.bindings import OF_EVERY_RESULT, Ref, read_text
from templates_app.graph.issues import Issue, issue
from templates_app.graph.types import Plan, PlanStep, StepKey
from tools.declaration.ports import Given, ToolTable

# Parts of a path that stand for the file, or for what every result has.
# What a transform can read, as `runs.engine.transforms` does: one of these is enough.
_READ_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "subtitle_cues": ("cues", "subtitles", "captions", "segments", "srt", "text"),
    "subtitle_srt": ("srt", "cues", "subtitles", "captions", "text"),
    "overlay_items": ("overlays", "overlay_items", "overlayItems", "text"),
}


def value_read(ref: Ref) -> str:
    """The value of a result that `$artifacts.name.value` reads; "" for a file or its facts."""
    first = ref.path[0] if ref.root == "artifacts" and ref.path else None
    return first if isinstance(first, str) and first not in OF_EVERY_RESULT else ""


def not_given(
    offer: Given | None,
    *,
    name: str,
    text: str,
    source: str,
    tool: str,
    path: str,
    argument: str,
    stage_id: str | None,
) -> Issue | None:
    """The issue of a reference to a value that the source's provider does not give, if any.

    source: the id of the stage that makes the result. path, argument, stage_id: of the one that
    reads it.
    """
    if offer is None or not name or name in offer.values:
        return None
    values = tuple(sorted(offer.values))
    gives = phrase("gives_values", values=values) if values else phrase("gives_media_only")
    return issue(
        "value_not_given",
        path=path,
        argument=argument,
        stage_id=stage_id,
        text=text,
        name=name,
        source=source,
        tool=tool,
        provider=offer.provider,
        gives=gives,
    )


def values_not_given(plan: Plan, tools: ToolTable, paths: Mapping[StepKey, str]) -> Iterator[Issue]:
    """The issues of a whole plan. paths: where each step's arguments are, by its key."""
    by_key: Mapping[str, PlanStep] = {step.key: step for step in plan.steps}

    def of_source(key: str | None) -> tuple[PlanStep, Given | None] | None:
        source = by_key.get(key or "")
        # Each item of a batch has its own values; a question's answer is a person's.
        if source is None or source.kind != "tool":
            return None
        late = {entry.argument for entry in source.late}
        arguments = {name: value for name, value in source.arguments.items() if name not in late}
        return source, tools.extra_values(source.tool, arguments)

    for step in plan.steps:
        work = step if step.batch is None else step.batch.item
        for argument, text, key, names in (*_late(work), *_transforms(work)):
            pair = of_source(key)
            if pair is None:
                continue
            source, offer = pair
            name = "" if offer is not None and offer.values.intersection(names) else names[0]
            problem = not_given(
                offer,
                name=name,
                text=text,
                source=source.stage_id or source.key,
                tool=source.wire_tool,
                path=paths.get(step.key, ""),
                argument=argument,
                stage_id=step.stage_id,
            )
            if problem is not None:
                yield problem


_ValueUse: TypeAlias = tuple[str, str, str | None, tuple[str, ...]]


def _late(step: PlanStep) -> Iterator[_ValueUse]:
    for late in step.late:
        for entry in late.refs:
            ref = read_text(entry.ref)
            if late.required and isinstance(ref, Ref) and (name := value_read(ref)):
                yield late.argument, entry.ref, entry.source, (name,)


def _transforms(step: PlanStep) -> Sequence[_ValueUse]:
    return [
        (need.target_argument or "", transform, str(need.source), _READ_BY[transform])
        for need in step.needs
        if need.required and (transform := str(need.transform)) in _READ_BY
    ]
