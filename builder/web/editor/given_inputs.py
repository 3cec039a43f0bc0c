"""The values that an open template stage gives to its inputs: in a run, or as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from builder.web.editor.use_schemas import ReferencedMedium
from builder.web.run_looks import uploads_of
from media import signing
from runs.engine.run_scope import RunScope
from runs.models import Artifact, Run, Step
from templates_app.graph.bindings import Every, Ref, read_text
from templates_app.graph.evaluate import as_json, elements, item_scope
from templates_app.graph.plan_json import batch_from_json
from templates_app.graph.result_paths import MISSING, resolve
from templates_app.graph.titles import TemplateTitles
from templates_app.graph.types import DeferredRef, MediaValue, StepKey
from templates_app.open_stage import Call, OpenStage
from tools.declaration.ports import MediaKind

MAX_WORDS = 400


@dataclass(frozen=True, slots=True)
class GivenInputs:
    """values: what inputs are given, by their names. sources: where the others come from, in words.
    media: files among the values, by their references."""

    values: Mapping[str, Any]
    sources: Mapping[str, str]
    media: Mapping[str, ReferencedMedium]

    def into(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Return a document whose inputs have these values."""
        names = [name for name in state["inputs"]["order"] if name in self.values]
        rows = {name: {"value": self.values[name]} for name in names}
        return {**state, "values": {"order": names, "rows": rows}}


@dataclass(frozen=True, slots=True)
class _Source:
    """A value that isn't known. words: where it comes from."""

    words: str


def given_inputs(stage: OpenStage, run: Run | None, origin: str) -> GivenInputs:
    """Read what a stage's inputs are given. run: the one that its steps are of; None where there
    is none. origin: scheme and host that addresses of files begin with."""
    inputs: dict[str, Any] = {} if run is None else dict(run.request.get("inputs") or {})
    for call in stage.calls:
        around = inputs if run is None else _defaults_in(call.spec) | inputs
        reader = _Reader(call, around, _scope_of(call, run))
        inputs = {name: reader.value_of(value) for name, value in call.arguments.items()}
    values = {name: one for name, one in inputs.items() if not isinstance(one, _Source)}
    files = [file for value in values.values() for file in _files_in(value)]
    return GivenInputs(
        values={name: _short(as_json(value)) for name, value in values.items()},
        sources={name: one.words for name, one in inputs.items() if isinstance(one, _Source)},
        media={} if run is None else _media_of(files, run, origin),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads arguments of one stage. inputs: of the template that holds it. scope: None before a
    run."""

    call: Call
    inputs: Mapping[str, Any]
    scope: RunScope | None

    def value_of(self, value: Any) -> Any:
        """Return the value that an argument has, or its `_Source`."""
        if isinstance(value, list):
            parts = [self.value_of(part) for part in value]
            return next((part for part in parts if isinstance(part, _Source)), parts)
        ref = read_text(value) if isinstance(value, str) else value
        if not isinstance(ref, Ref):
            return ref if isinstance(ref, str) else value
        if ref.root == "inputs":
            result = _in_value(self.inputs.get(ref.name, MISSING), ref)
        elif self.scope is None:
            result = MISSING
        else:
            source = self.call.makers.get(ref.name) if ref.root == "artifacts" else None
            late = DeferredRef((), ref.text, None if source is None else StepKey(source))
            result = resolve(late, self.scope)
        return _Source(self.words_of(ref)) if result is MISSING else result

    def words_of(self, ref: Ref) -> str:
        """Return where a value comes from: "From Lines", "Each item of Lines"."""
        call = self.call
        titles = TemplateTitles(call.spec, call.tools)
        if ref.root != "item":
            return f"From {titles.source(ref.text, call.stage_id)}"
        if not isinstance(call.over, str) or not call.over.startswith("$"):
            return "Each item"
        return f"Each item of {titles.source(call.over, call.stage_id)}"


def _scope_of(call: Call, run: Run | None) -> RunScope | None:
    """Return a run as the element sees it that is open, or as it is where none is."""
    if run is None:
        return None
    scope = RunScope(run.pk)
    if call.place is None:
        return scope
    step = Step.objects.filter(run=run, key=call.batch, kind="expand").first()
    if step is None or step.batch is None:
        return scope
    batch = batch_from_json(step.batch)
    entries = elements(batch, scope)
    if call.place >= len(entries):
        return scope
    return scope.of_item(item_scope(entries[call.place], call.place, batch.item_name))


def _in_value(value: Any, ref: Ref) -> Any:
    """Return the part of a value that a reference to an input names."""
    for segment in ref.path:
        if isinstance(value, _Source):
            break
        if isinstance(segment, Every):
            continue
        try:
            value = value[segment]
        except (LookupError, TypeError):
            return MISSING
    return value


def _defaults_in(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        row["name"]: row["default"]
        for row in spec.get("inputs") or ()
        if isinstance(row, Mapping) and isinstance(row.get("name"), str) and "default" in row
    }


def _files_in(value: Any) -> Iterator[MediaValue]:
    if isinstance(value, MediaValue):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _files_in(part)


def _short(value: Any) -> Any:
    return value[:MAX_WORDS] if isinstance(value, str) else value


def _media_of(files: Sequence[MediaValue], run: Run, origin: str) -> dict[str, ReferencedMedium]:
    """Render files that a run made or was given."""
    references = {file.ref for file in files}
    rows = Artifact.objects.filter(
        public_id__in=[ref.removeprefix("artifact:") for ref in references],
        step__run=run,
        blob__blocked_at=None,
    ).select_related("blob")
    media: dict[str, ReferencedMedium] = {
        f"artifact:{row.public_id}": {
            "url": origin + signing.signed_path(row.public_id, row.filename),
            "kind": cast(MediaKind, row.kind),
            "width": row.blob.width,
            "height": row.blob.height,
            "duration": row.blob.duration_s,
        }
        for row in rows
    }
    for ref, upload in uploads_of(run, references, origin).items():
        media[ref] = {
            "url": upload["url"],
            "kind": upload["type"],
            "width": None,
            "height": None,
            "duration": None,
        }
    return media
