"""Conditions of stages with the references in them read, as a plan says them."""

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
        """Read when the stage runs, as a plan says it; what it asks about becomes a need."""
        condition, stage = call.stage.condition, call.stage
        if condition is None or not stage.is_conditional:
            return None
        if condition.type == "expr":
            return self.expression(call, condition)
        if condition.type == "if_artifact_exists":
            name = condition.artifact_name
            producers = self.scope.producers.get(name, [])
            # No more than there may be connections: a template may ask a thousand times for one of
            # a thousand.
            end = bisect_left(producers, self.scope.positions[stage.id])
            room = max(self.scope.limits.max_edges + 1 - self.scope.binding_count, 1)
            ids = (self.scope.spec.stages[at].id for at in producers[max(end - room, 0) : end])
            is_visible = self.scope.nesting.is_visible
            keys = [StepKey(one) for one in ids if is_visible(stage.id, one)][::-1]
            if not keys:
                if name:
                    self.scope.missing(call, name)
                return None
        else:
            at = self.scope.positions.get(condition.stage_id)
            if not self.scope.nesting.is_visible(stage.id, condition.stage_id):
                at = None
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
        call.needs.extend(self.scope.within_limit(call, "", barriers))
        return {"type": condition.type, "sources": list(keys)}

    def expression(self, call: PendingCall, condition: Condition) -> Mapping[str, JSON] | None:
        path = call.stage.path
        reading = parse(condition.expression)
        if isinstance(reading, Broken):
            if condition.expression.strip():
                self.scope.say(
                    call, "invalid_expression", path=path, text=reading.text, why=reading.why
                )
            return None
        trees: dict[str, Mapping[str, JSON]] = {}
        for ref in reading.refs:
            if ref.text not in trees:
                tree = self.operand(call, ref)
                if tree is None:
                    return None
                trees[ref.text] = tree
        tree = replace_refs(reading.tree, lambda one: trees[one["ref"]])
        return {"type": "expr", "expression": tree}

    def operand(self, call: PendingCall, ref: Ref) -> Mapping[str, JSON] | None:
        """Read a reference in an expression as a tree; None after an issue."""
        argument, path = "condition/expression", call.stage.path
        element = self.scope.element(call, ref)
        if element is not None:
            return {"ref": element.ref, "batch": element.batch}
        if ref.root == "item":
            self.scope.say(
                call, "item_binding_outside_batch", path=path, argument=argument, text=ref.text
            )
            return None
        if ref.root == "run":
            return {"ref": ref.text}
        if ref.root == "artifacts":
            source = self.scope.source_of(call, argument, ref, path=path)
            if source is None:
                return None
            need = Binding(source, None, barrier=True)
            call.needs.extend(self.scope.within_limit(call, "", [need]))
            output = self.scope.output_of(ref.name)
            tree = {"ref": ref.text, "source": source}
            return {**tree, "output": output} if output else tree
        input_ = self.scope.inputs.get(ref.name)
        if input_ is not None and input_.is_media:
            # Which medium it is cannot be compared, only whether there is one.
            return {"lit": bool(self.scope.values.media.get(input_.name)) or None}
        if input_ is not None and input_.name not in self.scope.values.plain:
            return {"lit": None}
        own = PendingCall(call.stage, call.stage)
        value = self.values.input_value(own, argument, ref)
        return None if value is UNSET and own.is_excused else {"lit": value}


def _absent(at: int | None) -> Phrase:
    return phrase("not_there" if at is None else "not_before")
