"""When a stage runs: its condition with the references in it read, as a plan says it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from core.phrases import Phrase, phrase
from templates_app.graph.argument_values import UNSET, ValueBinder
from templates_app.graph.bindings import Broken, Ref
from templates_app.graph.expressions import parse, replace_refs
from templates_app.graph.reference_scope import PendingCall, ReferenceScope
from templates_app.graph.spec import Condition
from templates_app.graph.types import JSON, Binding, StepKey


class ConditionBinder:
    """Reads conditions; what they ask about is put among the needs of the call."""

    def __init__(self, scope: ReferenceScope, values: ValueBinder) -> None:
        self.scope, self.values = scope, values

    def condition(self, call: PendingCall) -> Mapping[str, JSON] | None:
        """When the stage runs, as a plan says it; what it asks about is put among the needs."""
        condition, stage = call.stage.condition, call.stage
        if condition is None or not stage.is_conditional:
            return None
        if condition.type == "expr":
            return self.expression(call, condition)
        if condition.type == "if_artifact_exists":
            name = condition.artifact_name
            known = self.scope.producers.get(name, [])
            # No more than there may be connections: a template may ask a thousand times for one of
            # a thousand.
            end = bisect_left(known, self.scope.positions[stage.id])
            left = max(self.scope.limits.max_edges + 1 - self.scope.binding_count, 1)
            sources = known[max(end - left, 0) : end][::-1]
            if not sources:
                if name:
                    self.scope.missing(call, name)
                return None
            keys = [StepKey(self.scope.spec.stages[at].id) for at in sources]
        else:
            at = self.scope.positions.get(condition.stage_id)
            if at is None or at >= self.scope.positions[stage.id]:
                if condition.stage_id:
                    self.scope.say(
                        call,
                        "unknown_stage",
                        path=stage.path,
                        field="condition/stageId",
                        value=condition.stage_id,
                        problem=_absent(at),
                    )
                return None
            keys = [StepKey(condition.stage_id)]
        barriers = [Binding(key, None, barrier=True) for key in keys]
        call.needs.extend(self.scope.counted(call, "", barriers))
        return {"type": condition.type, "sources": list(keys)}

    def expression(self, call: PendingCall, condition: Condition) -> Mapping[str, JSON] | None:
        path = call.stage.path
        read = parse(condition.expression)
        if isinstance(read, Broken):
            if condition.expression.strip():
                self.scope.say(call, "invalid_expression", path=path, text=read.text, why=read.why)
            return None
        meant: dict[str, Mapping[str, JSON]] = {}
        for ref in read.refs:
            if ref.text not in meant:
                found = self.compared(call, ref)
                if found is None:
                    return None
                meant[ref.text] = found
        return {"type": "expr", "expression": replace_refs(read.tree, lambda text: meant[text])}

    def compared(self, call: PendingCall, read: Ref) -> Mapping[str, JSON] | None:
        """What a reference in an expression stands for, as a tree; None after an issue."""
        argument, path = "condition/expression", call.stage.path
        if read.root == "item":
            self.scope.say(
                call, "item_binding_outside_batch", path=path, argument=argument, text=read.text
            )
            return None
        if read.root == "run":
            return {"ref": read.text}
        if read.root == "artifacts":
            source = self.scope.source_of(call, argument, read, path=path)
            if source is None:
                return None
            need = Binding(source, None, barrier=True)
            call.needs.extend(self.scope.counted(call, "", [need]))
            return {"ref": read.text, "source": source}
        known = self.scope.inputs.get(read.name)
        if known is not None and known.is_media:
            # Which medium it is cannot be compared, only whether there is one.
            return {"lit": bool(self.scope.values.media.get(known.name)) or None}
        if known is not None and known.name not in self.scope.values.plain:
            return {"lit": None}
        own = PendingCall(call.stage, call.stage)
        value = self.values.input_value(own, argument, read)
        return None if value is UNSET and own.is_excused else {"lit": value}


def _absent(at: int | None) -> Phrase:
    return phrase("not_there" if at is None else "not_before")
