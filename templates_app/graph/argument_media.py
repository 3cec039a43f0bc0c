"""Arguments that take media: their references as bindings."""

from __future__ import annotations

from typing import Any

from core.phrases import phrase
from templates_app.graph.argument_values import UNSET, ValueBinder
from templates_app.graph.bindings import Broken, Every, Ref
from templates_app.graph.reference_scope import PendingCall, ReferenceScope
from templates_app.graph.references import pick_of
from templates_app.graph.spec import Input
from templates_app.graph.types import (
    INPUT_MEDIA,
    Binding,
    DeferredArgument,
    DeferredRef,
    Pick,
    StepKey,
)
from tools.declaration.ports import Port


class MediaBinder:
    """Binds media arguments; a value that is no medium is read as any other."""

    def __init__(self, scope: ReferenceScope, values: ValueBinder) -> None:
        self.scope, self.values = scope, values

    def places(
        self, call: PendingCall, port: Port, argument: str, ref: Ref | Broken, *, many: bool
    ) -> list[Any]:
        """Read a reference in a media argument: bindings, or values to read."""
        if isinstance(ref, Broken):
            self.scope.broken(call, argument, ref)
            return []
        if self.scope.binding_count > self.scope.limits.max_edges:
            call.is_excused = True
            return []
        if ref.root == "artifacts":
            binding = self.artifact_medium(call, port, argument, ref, many=many)
            return [] if binding is None else [binding]
        input_ = self.scope.inputs.get(ref.name) if ref.root == "inputs" else None
        if input_ is not None and input_.is_media:
            return self.input_media(call, port, argument, ref, input_, many=many)
        if ref.root == "run":
            why = phrase("takes_media", field=argument)
            self.scope.say(
                call, "binding_not_supported_yet", argument=argument, text=ref.text, why=why
            )
            return []
        value = self.values.reference(call, argument, ref, [], ())
        if value is UNSET:
            return []
        return value if isinstance(value, list) else [value]

    def late_media(
        self, call: PendingCall, port: Port, argument: str, reads: list[Any], *, is_list: bool
    ) -> Any:
        """A media argument that names `$item`: all of it is read when the item starts."""
        parts: list[Any] = []
        refs: list[DeferredRef] = []
        for part in reads:
            at = (len(parts),) if is_list else ()
            if isinstance(part, Broken):
                self.scope.broken(call, argument, part)
            elif not isinstance(part, Ref):
                why = phrase("only_with_item")
                self.scope.say(
                    call, "binding_not_supported_yet", argument=argument, text=part, why=why
                )
            elif part.root == "item":
                if self.takes_item(call, port, argument, part):
                    parts.append(None)
                    refs.append(DeferredRef(at, part.text))
            else:
                for place in self.places(call, port, argument, part, many=port.many):
                    if not isinstance(place, Binding):
                        continue
                    at = (len(parts),) if is_list else ()
                    if place.source == INPUT_MEDIA:
                        index = place.pick.index if place.pick else 0
                        parts.append(self.scope.shelf.as_element(port.kind, index or 0))
                        continue
                    parts.append(None)
                    source = StepKey(place.source)
                    refs.append(DeferredRef(at, part.text, source))
                    self.scope.wait_for(call, source, is_optional=not place.required)
        if refs:
            value = parts if is_list else parts[0]
            call.late.append(DeferredArgument(argument, value, tuple(refs)))
        return UNSET

    def takes_item(self, call: PendingCall, port: Port, argument: str, ref: Ref) -> bool:
        if not call.in_batch:
            self.scope.say(call, "item_binding_outside_batch", argument=argument, text=ref.text)
            return False
        if call.element in (None, port.kind):
            return True
        self.scope.say(
            call,
            "wrong_media_kind",
            argument=argument,
            tool=call.caller.tool,
            needs=port.kind,
            source=ref.text,
            given=call.element or "",
        )
        return False

    def input_media(
        self, call: PendingCall, port: Port, argument: str, ref: Ref, input_: Input, *, many: bool
    ) -> list[Any]:
        if input_.type != port.kind:
            self.scope.say(
                call,
                "wrong_media_kind",
                argument=argument,
                tool=call.caller.tool,
                needs=port.kind,
                source=ref.text,
                given=input_.type,
            )
            return []
        positions = self.positions_of(call, argument, ref, input_)
        if positions is None:
            return []
        if len(positions) > 1 and not many:
            self.scope.say(
                call,
                "invalid_length",
                argument=argument,
                needs=phrase("one_of_input", kind=port.kind, name=input_.name),
                sent=ref.text,
            )
            return []
        return [
            Binding(
                source=INPUT_MEDIA,
                target_argument=argument,
                pick=Pick(index=place),
                media_kind=port.kind,
            )
            for place in positions
        ]

    def positions_of(
        self, call: PendingCall, argument: str, ref: Ref, input_: Input
    ) -> tuple[int, ...] | None:
        """Find the caller's media that a reference to a media input means; None after an issue."""
        positions = self.scope.values.media.get(input_.name, ())
        call.is_excused |= input_.name in self.scope.values.refused_names
        path = [part for part in ref.path if part not in ("url", "value")]
        if path and isinstance(path[0], int):
            if path[0] >= len(positions):
                if positions:
                    self.scope.say(
                        call,
                        "binding_not_found",
                        argument=argument,
                        text=ref.text,
                        name=input_.name,
                        segment=path[0],
                    )
                return None
            positions, path = positions[path[0] : path[0] + 1], path[1:]
        elif path and isinstance(path[0], Every):
            path = path[1:]
        if path:
            why = phrase("no_media_field")
            self.scope.say(
                call, "binding_not_supported_yet", argument=argument, text=ref.text, why=why
            )
            return None
        return positions

    def artifact_medium(
        self, call: PendingCall, port: Port, argument: str, ref: Ref, *, many: bool
    ) -> Binding | None:
        source = self.scope.source_of(call, argument, ref)
        if source is None:
            return None
        pick = pick_of(ref, many=many)
        if pick is None:
            self.scope.say(
                call,
                "binding_not_supported_yet",
                argument=argument,
                text=ref.text,
                why=phrase("media_reference_forms"),
            )
            return None
        may_lack = call.may_lack(ref.name)
        return Binding(
            source=source,
            target_argument=argument,
            pick=pick,
            required=not may_lack,
            barrier=may_lack,
        )
