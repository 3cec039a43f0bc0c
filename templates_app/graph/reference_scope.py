"""Names for the references of one template: its inputs, and artifacts of earlier stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.phrases import phrase
from templates_app.graph.bindings import Broken, Ref
from templates_app.graph.issues import Issue, Severity, issue
from templates_app.graph.media_urls import MediaShelf
from templates_app.graph.nesting import FLAT, Nesting
from templates_app.graph.references import (
    artifact_remedy,
    broken_binding,
    kinds_made_by,
    latest_before,
    producers_of,
)
from templates_app.graph.rewriting import path_text
from templates_app.graph.spec import Spec, Stage
from templates_app.graph.types import Binding, DeferredArgument, DeferredRef, Limits, StepKey
from templates_app.graph.values import Values
from tools.declaration.ports import ToolTable


@dataclass(slots=True)
class PendingCall:
    """One call while its arguments are filled in.

    stage: whose issues they are. caller: the stage itself, or the item of a batch. element: what
    `$item` is there: a kind of media, "" for none, None where no one can say. excused_arguments:
    those that are missing for a reason that has its own issue.
    """

    stage: Stage
    caller: Stage
    element: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    needs: list[Binding] = field(default_factory=list)
    late: list[DeferredArgument] = field(default_factory=list)
    excused_arguments: set[str] = field(default_factory=set)
    # Whether the argument being read is missing for such a reason.
    is_excused: bool = False
    waits_for: set[str] = field(default_factory=set)

    def may_lack(self, artifact: str) -> bool:
        """Tell whether the stage does without this artifact (`optionalArtifactsIn`)."""
        return artifact in self.stage.optional

    @property
    def in_batch(self) -> bool:
        return self.caller is not self.stage


class ReferenceScope:
    """Finds what references mean, for all stages; what is wrong goes to `issues`."""

    def __init__(
        self,
        spec: Spec,
        values: Values,
        shelf: MediaShelf,
        tools: ToolTable,
        limits: Limits,
        nesting: Nesting = FLAT,
    ) -> None:
        self.spec, self.values, self.shelf, self.tools = spec, values, shelf, tools
        self.limits, self.nesting = limits, nesting
        self.binding_count = 0
        self.inputs = {input_.name: input_ for input_ in spec.inputs}
        self.producers = producers_of(spec.stages)
        self.positions = {stage.id: position for position, stage in enumerate(spec.stages)}
        self.kinds = kinds_made_by(spec.stages, self.producers, tools, nesting.batches)
        # Batch → what its elements are, as `PendingCall.element`.
        self.elements: dict[str, str | None] = {}
        self.issues: list[Issue] = []

    def say(
        self,
        call: PendingCall,
        code: str,
        *,
        path: str = "",
        severity: Severity = "error",
        **words: Any,
    ) -> None:
        path = path or f"{call.caller.path}/args"
        call.is_excused = True
        self.issues.append(
            issue(code, path=path, stage_id=call.stage.id, severity=severity, **words)
        )

    def element(self, call: PendingCall, ref: Any) -> DeferredRef | None:
        """Return what a reference reads late that leads into what a batch around it repeats."""
        if not self.nesting.batches:
            return None
        if isinstance(ref, Ref) and ref.root == "item" and not call.in_batch:
            batch = self.nesting.batch_around(call.stage.id)
            return None if batch is None else DeferredRef((), ref.text, batch=StepKey(batch))
        is_input = isinstance(ref, Ref) and ref.root == "inputs"
        input_ = self.inputs.get(ref.name) if is_input else None
        if input_ is None or not input_.element:
            return None
        path = [part for part in ref.path if not (input_.is_media and part in ("url", "value"))]
        return DeferredRef(
            (),
            input_.element + path_text(path),
            batch=StepKey(input_.scope),
            default=None if path else input_.default,
            is_optional=input_.is_optional,
        )

    def is_late(self, call: PendingCall, ref: Ref | Broken) -> bool:
        """Tell whether a reference leads into an element of a batch, its own or one around it."""
        is_item = isinstance(ref, Ref) and ref.root == "item"
        return is_item or self.element(call, ref) is not None

    def producer(self, stage: Stage, name: str) -> Stage | None:
        producers = self.producers.get(name, ())
        at = latest_before(producers, self.positions[stage.id])
        while at is not None and not self.nesting.is_visible(stage.id, self.spec.stages[at].id):
            at = latest_before(producers, at)
        return None if at is None else self.spec.stages[at]

    def kind_of(self, name: str, source: str) -> str | None:
        """Return the kind of media that an artifact of a stage has, as `kinds` has them."""
        element = self.nesting.outputs.get(name)
        return self.kinds[self.positions[source]] if element is None else element.kind

    def output_of(self, name: str) -> str:
        """Return the output of a batch's elements that an artifact is, "" for the main one."""
        element = self.nesting.outputs.get(name)
        return "" if element is None else element.output.name

    def missing(self, call: PendingCall, name: str, *, path: str = "") -> None:
        path, stage = path or call.stage.path, call.stage.id
        if name in self.producers:
            producer = self.spec.stages[self.producers[name][0]].id
            self.say(
                call,
                "forward_artifact_reference",
                path=path,
                stage=stage,
                name=name,
                producer=producer,
            )
        else:
            self.say(call, "missing_artifact_producer", path=path, stage=stage, name=name)

    def no_artifact(self, call: PendingCall, argument: str, ref: Ref, *, path: str = "") -> None:
        if ref.name in self.producers:
            self.missing(call, ref.name, path=path or f"{call.caller.path}/args")
            return
        self.say(
            call,
            "unknown_artifact",
            path=path,
            argument=argument,
            text=ref.text,
            name=ref.name,
            remedy=artifact_remedy(ref.name, self.positions),
        )

    def source_of(
        self, call: PendingCall, argument: str, ref: Ref, *, path: str = ""
    ) -> StepKey | None:
        """The step that an artifact comes from, with an issue when there is none before."""
        source = self.producer(call.stage, ref.name)
        if source is None:
            self.no_artifact(call, argument, ref, path=path)
            return None
        return StepKey(source.id)

    def wait_for_declared(self, call: PendingCall) -> None:
        """`requiredArtifactsIn` and `optionalArtifactsIn` keep order; they carry no value."""
        stage = call.stage
        for names, is_optional in ((stage.requires, False), (stage.optional, True)):
            for name in names:
                source = self.producer(stage, name)
                if source is not None:
                    need = Binding(StepKey(source.id), None, barrier=is_optional)
                    call.needs.extend(self.within_limit(call, "", [need]))
                elif not is_optional:
                    self.missing(call, name)

    def wait_for(self, call: PendingCall, source: StepKey, *, is_optional: bool) -> None:
        """A late reference waits for its source, once."""
        if source not in call.waits_for:
            call.waits_for.add(source)
            need = Binding(source, None, barrier=is_optional)
            call.needs.extend(self.within_limit(call, "", [need]))

    def within_limit(
        self, call: PendingCall, argument: str, bindings: list[Binding]
    ) -> list[Binding]:
        """The bindings while there is room for them; the first that do not fit are said."""
        had_room = self.binding_count <= self.limits.max_edges
        self.binding_count += len(bindings)
        if self.binding_count <= self.limits.max_edges:
            return bindings
        if had_room:
            self.say(
                call,
                "too_many",
                argument=argument,
                what="connections between steps",
                count=phrase("more_than", limit=self.limits.max_edges),
                limit=self.limits.max_edges,
            )
        call.is_excused = True
        return []

    def broken(self, call: PendingCall, argument: str, ref: Broken, *, path: str = "") -> None:
        call.is_excused = True
        place = path or f"{call.caller.path}/args"
        self.issues.append(
            broken_binding(ref, path=place, argument=argument, stage_id=call.stage.id)
        )
