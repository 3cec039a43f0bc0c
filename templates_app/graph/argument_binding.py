"""The arguments of a stage with its references read: values, bindings, and what is read late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from templates_app.graph.argument_media import MediaBinder
from templates_app.graph.argument_values import UNSET, ValueBinder
from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.port_arguments import find_port
from templates_app.graph.reference_scope import PendingCall, ReferenceScope
from templates_app.graph.types import Binding, DeferredArgument, DeferredRef
from tools.declaration.ports import Tool


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
        items = value if isinstance(value, list) else [value]
        reads = [read_text(item) if isinstance(item, str) else item for item in items]
        if not any(isinstance(part, (Ref, Broken)) for part in reads):
            return value if not isinstance(value, list) else reads
        if any(isinstance(part, Ref) and part.root == "item" for part in reads):
            return self.media.late_media(call, port, name, reads, is_list=isinstance(value, list))
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
