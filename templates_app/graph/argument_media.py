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

    def bound(
        self, call: PendingCall, port: Port, argument: str, read: Ref | Broken, *, many: bool
    ) -> list[Any]:
        """What a reference in a media argument stands for: bindings, or values to read."""
        if isinstance(read, Broken):
            self.scope.broken(call, argument, read)
            return []
        if self.scope.binding_count > self.scope.limits.max_edges:
            call.is_excused = True
            return []
        if read.root == "artifacts":
            binding = self.artifact_medium(call, port, argument, read, many=many)
            return [] if binding is None else [binding]
        known = self.scope.inputs.get(read.name) if read.root == "inputs" else None
        if known is not None and known.is_media:
            return self.input_media(call, port, argument, read, known, many=many)
        if read.root == "run":
            why = phrase("takes_media", field=argument)
            self.scope.say(
                call, "binding_not_supported_yet", argument=argument, text=read.text, why=why
            )
            return []
        value = self.values.reference(call, argument, read, [], ())
        if value is UNSET:
            return []
        return value if isinstance(value, list) else [value]

    def late_media(
        self, call: PendingCall, port: Port, argument: str, reads: list[Any], *, is_list: bool
    ) -> Any:
        """A media argument that names `$item`: all of it is read when the item starts."""
        parts: list[Any] = []
        refs: list[DeferredRef] = []
        for read in reads:
            at = (len(parts),) if is_list else ()
            if isinstance(read, Broken):
                self.scope.broken(call, argument, read)
            elif not isinstance(read, Ref):
                why = phrase("only_with_item")
                self.scope.say(
                    call, "binding_not_supported_yet", argument=argument, text=read, why=why
                )
            elif read.root == "item":
                if self.takes_item(call, port, argument, read):
                    parts.append(None)
                    refs.append(DeferredRef(at, read.text))
            else:
                for place in self.bound(call, port, argument, read, many=port.many):
                    if not isinstance(place, Binding):
                        continue
                    at = (len(parts),) if is_list else ()
                    if place.source == INPUT_MEDIA:
                        index = place.pick.index if place.pick else 0
                        parts.append(self.scope.shelf.as_element(port.kind, index or 0))
                        continue
                    parts.append(None)
                    source = StepKey(place.source)
                    refs.append(DeferredRef(at, read.text, source))
                    self.scope.ordered(call, source, is_optional=not place.required)
        if refs:
            value = parts if is_list else parts[0]
            call.late.append(DeferredArgument(argument, value, tuple(refs)))
        return UNSET

    def takes_item(self, call: PendingCall, port: Port, argument: str, read: Ref) -> bool:
        if not call.in_batch:
            self.scope.say(call, "item_binding_outside_batch", argument=argument, text=read.text)
            return False
        if call.element in (None, port.kind):
            return True
        self.scope.say(
            call,
            "wrong_media_kind",
            argument=argument,
            tool=call.called.tool,
            needs=port.kind,
            source=read.text,
            given=call.element or "",
        )
        return False

    def input_media(
        self, call: PendingCall, port: Port, argument: str, read: Ref, known: Input, *, many: bool
    ) -> list[Any]:
        if known.type != port.kind:
            self.scope.say(
                call,
                "wrong_media_kind",
                argument=argument,
                tool=call.called.tool,
                needs=port.kind,
                source=read.text,
                given=known.type,
            )
            return []
        positions = self.positions_of(call, argument, read, known)
        if positions is None:
            return []
        if len(positions) > 1 and not many:
            self.scope.say(
                call,
                "invalid_length",
                argument=argument,
                needs=phrase("one_of_input", kind=port.kind, name=known.name),
                sent=read.text,
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
        self, call: PendingCall, argument: str, read: Ref, known: Input
    ) -> tuple[int, ...] | None:
        """Which of the caller's media a reference to a media input means; None after an issue."""
        positions = self.scope.values.media.get(known.name, ())
        call.is_excused |= known.name in self.scope.values.refused
        path = [part for part in read.path if part not in ("url", "value")]
        if path and isinstance(path[0], int):
            if path[0] >= len(positions):
                if positions:
                    self.scope.say(
                        call,
                        "binding_not_found",
                        argument=argument,
                        text=read.text,
                        name=known.name,
                        segment=path[0],
                    )
                return None
            positions, path = positions[path[0] : path[0] + 1], path[1:]
        elif path and isinstance(path[0], Every):
            path = path[1:]
        if path:
            why = phrase("no_media_field")
            self.scope.say(
                call, "binding_not_supported_yet", argument=argument, text=read.text, why=why
            )
            return None
        return positions

    def artifact_medium(
        self, call: PendingCall, port: Port, argument: str, read: Ref, *, many: bool
    ) -> Binding | None:
        source = self.scope.source_of(call, argument, read)
        if source is None:
            return None
        pick = pick_of(read, many=many)
        if pick is None:
            self.scope.say(
                call,
                "binding_not_supported_yet",
                argument=argument,
                text=read.text,
                why=phrase("media_reference_forms"),
            )
            return None
        may_lack = call.may_lack(read.name)
        return Binding(
            source=source,
            target_argument=argument,
            pick=pick,
            required=not may_lack,
            barrier=may_lack,
        )
