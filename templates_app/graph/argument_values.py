"""Arguments that take no media: their references as values, or left to be read at the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from core.phrases import phrase
from templates_app.graph.bindings import DEPTH_LIMIT, Broken, Every, Ref, read_text
from templates_app.graph.reference_scope import PendingCall, ReferenceScope
from templates_app.graph.references import pick_of
from templates_app.graph.spec import Input
from templates_app.graph.types import DeferredRef

# What a value stands for that has none: an optional input no one filled.
UNSET: Final = object()

# Characters of input values that may be written into the arguments of one plan.
MAX_FILLED: Final = 4_000_000
# What of its run a stage may name.
RUN_FIELDS: Final = ("id", "title", "createdAt")


class ValueBinder:
    """Fills in values. characters_left: of input values, as many as still fit in the plan."""

    def __init__(self, scope: ReferenceScope) -> None:
        self.scope = scope
        # A short template may name a long value over and over.
        self.characters_left = MAX_FILLED
        self.sizes: dict[str, int] = {}

    def fill(
        self,
        call: PendingCall,
        argument: str,
        value: Any,
        refs: list[DeferredRef],
        at: tuple[str | int, ...] = (),
    ) -> Any:
        """A value with its references replaced, at any depth; unset parts are left out.

        What is read late is null, and put into `refs` with its place.
        """
        if isinstance(value, str):
            if not value.startswith("$"):
                return value
            reading = read_text(value)
            if isinstance(reading, str):
                return reading
            if isinstance(reading, Broken):
                self.scope.broken(call, argument, reading)
                return UNSET
            return self.reference(call, argument, reading, refs, at)
        if len(at) >= DEPTH_LIMIT or not isinstance(value, (dict, list)):
            return value
        if isinstance(value, list):
            parts: list[Any] = []
            for part in value:
                inner = self.fill(call, argument, part, refs, (*at, len(parts)))
                if inner is not UNSET:
                    parts.append(inner)
            return parts
        entries = {
            key: self.fill(call, argument, part, refs, (*at, key)) for key, part in value.items()
        }
        return {key: part for key, part in entries.items() if part is not UNSET}

    def reference(
        self,
        call: PendingCall,
        argument: str,
        ref: Ref,
        refs: list[DeferredRef],
        at: tuple[str | int, ...],
    ) -> Any:
        """Read a reference outside the media arguments."""
        element = self.scope.element(call, ref)
        if element is not None:
            refs.append(replace(element, at=at))
            return None
        if ref.root == "inputs":
            return self.input_value(call, argument, ref)
        if ref.root == "item" and not call.in_batch:
            self.scope.say(call, "item_binding_outside_batch", argument=argument, text=ref.text)
            return UNSET
        source = None
        if ref.root == "artifacts":
            source = self.scope.source_of(call, argument, ref)
            if source is None:
                return UNSET
            kind = self.scope.kind_of(ref.name, source)
            key = next((part for part in reversed(at) if isinstance(part, str)), argument)
            if kind and pick_of(ref, many=True) is not None and not names_asset(key):
                why = phrase("takes_no_media", field=argument, source=source, kind=kind)
                self.scope.say(
                    call, "binding_not_supported_yet", argument=argument, text=ref.text, why=why
                )
                return UNSET
        elif ref.root == "run" and (ref.name not in RUN_FIELDS or ref.path):
            why = phrase("run_fields", fields=RUN_FIELDS)
            self.scope.say(
                call, "binding_not_supported_yet", argument=argument, text=ref.text, why=why
            )
            return UNSET
        refs.append(DeferredRef(at, ref.text, source, output=self.scope.output_of(ref.name)))
        return None

    def input_value(self, call: PendingCall, argument: str, ref: Ref) -> Any:
        input_ = self.scope.inputs.get(ref.name)
        if input_ is None and ref.name in self.scope.spec.unreadable:
            call.is_excused = True
            return UNSET
        if input_ is None:
            self.scope.say(call, "unknown_input", argument=argument, text=ref.text, name=ref.name)
            return UNSET
        if input_.is_media:
            return self.input_address(call, argument, ref, input_)
        if input_.name not in self.scope.values.plain:
            call.is_excused |= input_.name in self.scope.values.refused_names
            return UNSET
        value = self.scope.values.plain[input_.name]
        if input_.name not in self.sizes:
            self.sizes[input_.name] = _size(value)
        had_some_left = self.characters_left >= 0
        self.characters_left -= self.sizes[input_.name]
        if self.characters_left < 0:
            call.is_excused = True
            if had_some_left:
                self.scope.say(
                    call,
                    "too_many",
                    argument=argument,
                    what="characters of input values in the arguments",
                    count=phrase("more_than", limit=MAX_FILLED),
                    limit=MAX_FILLED,
                )
            return UNSET
        return self.follow(call, argument, ref, value)

    def follow(self, call: PendingCall, argument: str, ref: Ref, value: Any) -> Any:
        for segment in ref.path:
            if isinstance(segment, Every):
                if isinstance(value, list):
                    continue
            elif isinstance(segment, int):
                if isinstance(value, list) and segment < len(value):
                    value = value[segment]
                    continue
            elif isinstance(value, Mapping) and segment in value:
                value = value[segment]
                continue
            self.scope.say(
                call,
                "binding_not_found",
                argument=argument,
                text=ref.text,
                name=ref.name,
                segment="*" if isinstance(segment, Every) else segment,
            )
            return UNSET
        return value

    def input_address(self, call: PendingCall, argument: str, ref: Ref, input_: Input) -> Any:
        """A file in an argument that takes none: its address as text, where it has one."""
        places = self.scope.values.media.get(input_.name, ())
        if not places:
            return UNSET
        place = ref.path[0] if ref.path and isinstance(ref.path[0], int) else 0
        url = self.scope.shelf.at(input_.type, places[place]).url if place < len(places) else None
        if url is None:
            why = phrase("no_media_argument", field=argument, tool=call.caller.tool)
            self.scope.say(
                call, "binding_not_supported_yet", argument=argument, text=ref.text, why=why
            )
            return UNSET
        return url


def names_asset(key: str) -> bool:
    """Tell whether an argument takes the id of a file rather than the file."""
    return key.replace("_", "").lower().endswith(("assetid", "assetids"))


def _size(value: Any) -> int:
    """About how many characters a value takes when it is stored."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(_size, value)) + len(value)
    return 8
