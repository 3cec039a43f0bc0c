"""The arguments of a stage with its references read: values, bindings, and what is read late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.phrases import phrase
from templates_app.graph.argument_values import UNSET, ValueBinder
from templates_app.graph.bindings import Broken, Every, Ref, read_text
from templates_app.graph.port_arguments import find_port
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
from tools.declaration.ports import Port, Tool


class ArgumentBinder:
    """Reads all arguments of a call, each as its port or parameter takes it."""

    def __init__(self, scope: ReferenceScope) -> None:
        self.scope = scope
        self.values = ValueBinder(scope)
        self.media = MediaBinder(scope, self.values)

    def fill_in(self, call: PendingCall, tool: type[Tool], args: Mapping[str, Any]) -> None:
        """Read all arguments of a call."""
        for argument, value in args.items():
            call.is_excused = False
            result = self.argument(call, tool, argument, value)
            if result is not UNSET:
                call.arguments[argument] = result
            elif call.is_excused:
                call.excused_arguments.add(argument)

    def argument(self, call: PendingCall, tool: type[Tool], argument: str, value: Any) -> Any:
        """An argument with its references filled in; media and late ones are put into the call."""
        port, name = find_port(tool, argument)
        if port is None:
            return self.plain_or_late(call, argument, name, value)
        is_list = isinstance(value, list)
        items = value if is_list else [value]
        reads = [read_text(item) if isinstance(item, str) else item for item in items]
        links = [part for part in reads if isinstance(part, (Ref, Broken))]
        if not links:
            return reads if is_list else value
        if [ref for ref in links if self.scope.is_late(call, ref)]:
            return self.media.late_media(call, port, name, reads, is_list=is_list)
        values: list[Any] = []
        for part in reads:
            if isinstance(part, (Ref, Broken)):
                places = self.media.places(call, port, name, part, many=port.many)
                values.extend(place for place in places if not isinstance(place, Binding))
                bindings = [place for place in places if isinstance(place, Binding)]
                call.needs.extend(self.scope.within_limit(call, argument, bindings))
            else:
                values.append(part)
        return values if values else UNSET

    def plain_or_late(self, call: PendingCall, argument: str, name: str, value: Any) -> Any:
        """An argument that takes no media: its value, or put among the late ones."""
        refs: list[DeferredRef] = []
        result = self.values.fill(call, argument, value, refs)
        if not refs:
            return result
        is_optional = False
        for ref in refs:
            if ref.source is None:
                continue
            reading = read_text(ref.ref)
            may_lack = isinstance(reading, Ref) and call.may_lack(reading.name)
            is_optional |= may_lack
            self.scope.wait_for(call, ref.source, is_optional=may_lack)
        call.late.append(DeferredArgument(name, result, tuple(refs), required=not is_optional))
        return UNSET


class MediaBinder:
    """Binds media arguments; a value that is no file is read as others are."""

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
                own = self.scope.element(call, part) or DeferredRef((), part.text)
                if self.takes_item(call, port, argument, part, own.batch):
                    parts.append(None)
                    refs.append(replace(own, at=at))
            elif (element := self.scope.element(call, part)) is not None:
                if self.is_of_kind(call, port, argument, part):
                    parts.append(None)
                    refs.append(replace(element, at=at))
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
                    refs.append(DeferredRef(at, part.text, source, output=place.output))
                    self.scope.wait_for(call, source, is_optional=not place.required)
        if refs:
            value = parts if is_list else parts[0]
            call.late.append(DeferredArgument(argument, value, tuple(refs)))
        return UNSET

    def is_of_kind(self, call: PendingCall, port: Port, argument: str, ref: Ref) -> bool:
        """Tell whether an input that a batch's elements fill may be of a port's kind."""
        input_ = self.scope.inputs[ref.name]
        if not input_.is_media or input_.type == port.kind:
            return True
        self.say_kind(call, port, argument, ref, input_.type)
        return False

    def takes_item(
        self, call: PendingCall, port: Port, argument: str, ref: Ref, batch: StepKey | None
    ) -> bool:
        """Tell whether an element may be of a port's kind. batch: around the stage, None for its
        own."""
        if not call.in_batch and batch is None:
            self.scope.say(call, "item_binding_outside_batch", argument=argument, text=ref.text)
            return False
        kind = call.element if batch is None else self.scope.elements.get(batch)
        if kind in (None, port.kind):
            return True
        self.say_kind(call, port, argument, ref, kind or "")
        return False

    def say_kind(self, call: PendingCall, port: Port, argument: str, ref: Ref, kind: str) -> None:
        """Say that a reference gives another kind of media than a port takes."""
        self.scope.say(
            call,
            "wrong_media_kind",
            argument=argument,
            tool=call.caller.tool,
            needs=port.kind,
            source=ref.text,
            given=kind,
        )

    def input_media(
        self, call: PendingCall, port: Port, argument: str, ref: Ref, input_: Input, *, many: bool
    ) -> list[Any]:
        if input_.type != port.kind:
            self.say_kind(call, port, argument, ref, input_.type)
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
            output=self.scope.output_of(ref.name),
        )
