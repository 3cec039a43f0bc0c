"""The arguments of a stage with its references read: values, bindings, and what is read late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.phrases import phrase
from templates_app.graph.assemble import find_port
from templates_app.graph.bindings import DEPTH_LIMIT, Broken, Every, Ref, read_text
from templates_app.graph.issues import Issue, Severity, issue
from templates_app.graph.media_urls import MediaShelf
from templates_app.graph.references import (
    artifact_remedy,
    broken_binding,
    kinds_made_by,
    latest_before,
    pick_of,
    producers_of,
)
from templates_app.graph.spec import Input, Spec, Stage
from templates_app.graph.types import (
    INPUT_MEDIA,
    Binding,
    DeferredArgument,
    DeferredRef,
    Limits,
    Pick,
    StepKey,
)
from templates_app.graph.values import Values
from tools.declaration.ports import Port, Tool, ToolTable

# What a value stands for that has none: an optional input no one filled.
UNSET: Final = object()

# Characters of input values that may be written into the arguments of one plan.
MAX_FILLED: Final = 4_000_000
# What of its run a stage may name.
RUN_FIELDS: Final = ("id", "title", "createdAt")


@dataclass(slots=True)
class PendingCall:
    """One call while its arguments are filled in.

    stage: whose issues they are. called: the stage itself, or the item of a batch. element: what
    `$item` is there: a kind of media, "" for none, None where no one can say. excused: arguments
    that are missing for a reason that has its own issue.
    """

    stage: Stage
    called: Stage
    element: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    needs: list[Binding] = field(default_factory=list)
    late: list[DeferredArgument] = field(default_factory=list)
    excused: set[str] = field(default_factory=set)
    # Whether the argument being read is missing for such a reason.
    is_excused: bool = False
    ordered: set[str] = field(default_factory=set)

    def may_lack(self, artifact: str) -> bool:
        """Whether the stage does without this artifact (`optionalArtifactsIn`)."""
        return artifact in self.stage.optional

    @property
    def in_batch(self) -> bool:
        return self.called is not self.stage


class ArgumentBinder:
    """Reads references for all stages of one template; what is wrong goes to `issues`."""

    def __init__(
        self, spec: Spec, values: Values, shelf: MediaShelf, tools: ToolTable, limits: Limits
    ) -> None:
        self.spec, self.values, self.shelf, self.tools = spec, values, shelf, tools
        self.limits = limits
        # A short template may name a long value, or many media, over and over.
        self.room = MAX_FILLED
        self.binding_count = 0
        self.sizes: dict[str, int] = {}
        self.inputs = {known.name: known for known in spec.inputs}
        self.producers = producers_of(spec.stages)
        self.positions = {stage.id: position for position, stage in enumerate(spec.stages)}
        self.kinds = kinds_made_by(spec.stages, self.producers, tools)
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
        path = path or f"{call.called.path}/args"
        call.is_excused = True
        self.issues.append(
            issue(code, path=path, stage_id=call.stage.id, severity=severity, **words)
        )

    # -- artifacts -------------------------------------------------------------------------------

    def producer(self, stage: Stage, name: str) -> Stage | None:
        at = latest_before(self.producers.get(name, ()), self.positions[stage.id])
        return None if at is None else self.spec.stages[at]

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

    def no_artifact(self, call: PendingCall, argument: str, read: Ref, *, path: str = "") -> None:
        if read.name in self.producers:
            self.missing(call, read.name, path=path or f"{call.called.path}/args")
            return
        self.say(
            call,
            "unknown_artifact",
            path=path,
            argument=argument,
            text=read.text,
            name=read.name,
            remedy=artifact_remedy(read.name, self.positions),
        )

    def source_of(
        self, call: PendingCall, argument: str, read: Ref, *, path: str = ""
    ) -> StepKey | None:
        """The step that an artifact comes from, with an issue when there is none before."""
        source = self.producer(call.stage, read.name)
        if source is None:
            self.no_artifact(call, argument, read, path=path)
            return None
        return StepKey(source.id)

    def declared(self, call: PendingCall) -> None:
        """`requiredArtifactsIn` and `optionalArtifactsIn` keep order; they carry no value."""
        stage = call.stage
        for names, is_optional in ((stage.requires, False), (stage.optional, True)):
            for name in names:
                source = self.producer(stage, name)
                if source is not None:
                    need = Binding(StepKey(source.id), None, barrier=is_optional)
                    call.needs.extend(self.counted(call, "", [need]))
                elif not is_optional:
                    self.missing(call, name)

    def ordered(self, call: PendingCall, source: StepKey, *, is_optional: bool) -> None:
        """A late reference waits for its source, once."""
        if source not in call.ordered:
            call.ordered.add(source)
            need = Binding(source, None, barrier=is_optional)
            call.needs.extend(self.counted(call, "", [need]))

    # -- arguments -------------------------------------------------------------------------------

    def fill_in(self, call: PendingCall, tool: type[Tool], args: Mapping[str, Any]) -> None:
        """Read all arguments of a call."""
        for argument, value in args.items():
            call.is_excused = False
            filled = self.argument(call, tool, argument, value)
            if filled is not UNSET:
                call.arguments[argument] = filled
            elif call.is_excused:
                call.excused.add(argument)

    def argument(self, call: PendingCall, tool: type[Tool], argument: str, value: Any) -> Any:
        """An argument with its references filled in; media and late ones are put into the call."""
        port, name = find_port(tool, argument)
        if port is None:
            return self.plain_or_late(call, argument, name, value)
        items = value if isinstance(value, list) else [value]
        reads = [read_text(item) if isinstance(item, str) else item for item in items]
        if not any(isinstance(read, (Ref, Broken)) for read in reads):
            return value if not isinstance(value, list) else reads
        if any(isinstance(read, Ref) and read.root == "item" for read in reads):
            return self.late_media(call, port, name, reads, is_list=isinstance(value, list))
        kept: list[Any] = []
        for read in reads:
            if isinstance(read, (Ref, Broken)):
                found = self.media(call, port, name, read, many=port.many)
                kept.extend(place for place in found if not isinstance(place, Binding))
                joined = [place for place in found if isinstance(place, Binding)]
                call.needs.extend(self.counted(call, argument, joined))
            else:
                kept.append(read)
        return kept if kept else UNSET

    def plain_or_late(self, call: PendingCall, argument: str, name: str, value: Any) -> Any:
        """An argument that takes no media: its value, or put among the late ones."""
        refs: list[DeferredRef] = []
        filled = self.fill(call, argument, value, refs)
        if not refs:
            return filled
        is_optional = False
        for ref in refs:
            if ref.source is None:
                continue
            read = read_text(ref.ref)
            may_lack = isinstance(read, Ref) and call.may_lack(read.name)
            is_optional |= may_lack
            self.ordered(call, ref.source, is_optional=may_lack)
        call.late.append(DeferredArgument(name, filled, tuple(refs), required=not is_optional))
        return UNSET

    def counted(self, call: PendingCall, argument: str, joined: list[Binding]) -> list[Binding]:
        """The bindings while there is room for them; the first that do not fit are said."""
        had_room = self.binding_count <= self.limits.max_edges
        self.binding_count += len(joined)
        if self.binding_count <= self.limits.max_edges:
            return joined
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

    # -- media -----------------------------------------------------------------------------------

    def media(
        self, call: PendingCall, port: Port, argument: str, read: Ref | Broken, *, many: bool
    ) -> list[Any]:
        """What a reference in a media argument stands for: bindings, or values to read."""
        if isinstance(read, Broken):
            self.broken(call, argument, read)
            return []
        if self.binding_count > self.limits.max_edges:
            call.is_excused = True
            return []
        if read.root == "artifacts":
            binding = self.artifact_medium(call, port, argument, read, many=many)
            return [] if binding is None else [binding]
        known = self.inputs.get(read.name) if read.root == "inputs" else None
        if known is not None and known.is_media:
            return self.input_media(call, port, argument, read, known, many=many)
        if read.root == "run":
            why = phrase("takes_media", field=argument)
            self.say(call, "binding_not_supported_yet", argument=argument, text=read.text, why=why)
            return []
        value = self.reference(call, argument, read, [], ())
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
                self.broken(call, argument, read)
            elif not isinstance(read, Ref):
                why = phrase("only_with_item")
                self.say(call, "binding_not_supported_yet", argument=argument, text=read, why=why)
            elif read.root == "item":
                if self.takes_item(call, port, argument, read):
                    parts.append(None)
                    refs.append(DeferredRef(at, read.text))
            else:
                for place in self.media(call, port, argument, read, many=port.many):
                    if not isinstance(place, Binding):
                        continue
                    at = (len(parts),) if is_list else ()
                    if place.source == INPUT_MEDIA:
                        index = place.pick.index if place.pick else 0
                        parts.append(self.shelf.as_element(port.kind, index or 0))
                        continue
                    parts.append(None)
                    source = StepKey(place.source)
                    refs.append(DeferredRef(at, read.text, source))
                    self.ordered(call, source, is_optional=not place.required)
        if refs:
            value = parts if is_list else parts[0]
            call.late.append(DeferredArgument(argument, value, tuple(refs)))
        return UNSET

    def takes_item(self, call: PendingCall, port: Port, argument: str, read: Ref) -> bool:
        if not call.in_batch:
            self.say(call, "item_binding_outside_batch", argument=argument, text=read.text)
            return False
        if call.element in (None, port.kind):
            return True
        self.say(
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
            self.say(
                call,
                "wrong_media_kind",
                argument=argument,
                tool=call.called.tool,
                needs=port.kind,
                source=read.text,
                given=known.type,
            )
            return []
        places = self.places_of(call, argument, read, known)
        if places is None:
            return []
        if len(places) > 1 and not many:
            self.say(
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
            for place in places
        ]

    def places_of(
        self, call: PendingCall, argument: str, read: Ref, known: Input
    ) -> tuple[int, ...] | None:
        """Which of the caller's media a reference to a media input means; None after an issue."""
        places = self.values.media.get(known.name, ())
        call.is_excused |= known.name in self.values.refused
        path = [part for part in read.path if part not in ("url", "value")]
        if path and isinstance(path[0], int):
            if path[0] >= len(places):
                if places:
                    self.say(
                        call,
                        "binding_not_found",
                        argument=argument,
                        text=read.text,
                        name=known.name,
                        segment=path[0],
                    )
                return None
            places, path = places[path[0] : path[0] + 1], path[1:]
        elif path and isinstance(path[0], Every):
            path = path[1:]
        if path:
            why = phrase("no_media_field")
            self.say(call, "binding_not_supported_yet", argument=argument, text=read.text, why=why)
            return None
        return places

    def artifact_medium(
        self, call: PendingCall, port: Port, argument: str, read: Ref, *, many: bool
    ) -> Binding | None:
        source = self.source_of(call, argument, read)
        if source is None:
            return None
        pick = pick_of(read, many=many)
        if pick is None:
            self.say(
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

    # -- other values ----------------------------------------------------------------------------

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
            read = read_text(value)
            if isinstance(read, str):
                return read
            if isinstance(read, Broken):
                self.broken(call, argument, read)
                return UNSET
            return self.reference(call, argument, read, refs, at)
        if len(at) >= DEPTH_LIMIT or not isinstance(value, (dict, list)):
            return value
        if isinstance(value, list):
            parts: list[Any] = []
            for part in value:
                filled = self.fill(call, argument, part, refs, (*at, len(parts)))
                if filled is not UNSET:
                    parts.append(filled)
            return parts
        found = {
            key: self.fill(call, argument, part, refs, (*at, key)) for key, part in value.items()
        }
        return {key: part for key, part in found.items() if part is not UNSET}

    def reference(
        self,
        call: PendingCall,
        argument: str,
        read: Ref,
        refs: list[DeferredRef],
        at: tuple[str | int, ...],
    ) -> Any:
        """What a reference outside the media arguments stands for."""
        if read.root == "inputs":
            return self.input_value(call, argument, read)
        if read.root == "item" and not call.in_batch:
            self.say(call, "item_binding_outside_batch", argument=argument, text=read.text)
            return UNSET
        source = None
        if read.root == "artifacts":
            source = self.source_of(call, argument, read)
            if source is None:
                return UNSET
            kind = self.kinds[self.positions[source]]
            key = next((part for part in reversed(at) if isinstance(part, str)), argument)
            if kind and pick_of(read, many=True) is not None and not names_asset(key):
                why = phrase("takes_no_media", field=argument, source=source, kind=kind)
                self.say(
                    call, "binding_not_supported_yet", argument=argument, text=read.text, why=why
                )
                return UNSET
        elif read.root == "run" and (read.name not in RUN_FIELDS or read.path):
            why = phrase("run_fields", fields=RUN_FIELDS)
            self.say(call, "binding_not_supported_yet", argument=argument, text=read.text, why=why)
            return UNSET
        refs.append(DeferredRef(at, read.text, source))
        return None

    def input_value(self, call: PendingCall, argument: str, read: Ref) -> Any:
        known = self.inputs.get(read.name)
        if known is None and read.name in self.spec.unreadable:
            call.is_excused = True
            return UNSET
        if known is None:
            self.say(call, "unknown_input", argument=argument, text=read.text, name=read.name)
            return UNSET
        if known.is_media:
            return self.input_address(call, argument, read, known)
        if known.name not in self.values.plain:
            call.is_excused |= known.name in self.values.refused
            return UNSET
        value = self.values.plain[known.name]
        if known.name not in self.sizes:
            self.sizes[known.name] = _size(value)
        had_room = self.room >= 0
        self.room -= self.sizes[known.name]
        if self.room < 0:
            call.is_excused = True
            if had_room:
                self.say(
                    call,
                    "too_many",
                    argument=argument,
                    what="characters of input values in the arguments",
                    count=phrase("more_than", limit=MAX_FILLED),
                    limit=MAX_FILLED,
                )
            return UNSET
        return self.follow(call, argument, read, value)

    def follow(self, call: PendingCall, argument: str, read: Ref, value: Any) -> Any:
        for segment in read.path:
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
            self.say(
                call,
                "binding_not_found",
                argument=argument,
                text=read.text,
                name=read.name,
                segment="*" if isinstance(segment, Every) else segment,
            )
            return UNSET
        return value

    def input_address(self, call: PendingCall, argument: str, read: Ref, known: Input) -> Any:
        """A file in an argument that takes none: its address as text, where it has one."""
        places = self.values.media.get(known.name, ())
        if not places:
            return UNSET
        place = read.path[0] if read.path and isinstance(read.path[0], int) else 0
        url = self.shelf.at(known.type, places[place]).url if place < len(places) else None
        if url is None:
            why = phrase("no_media_argument", field=argument, tool=call.called.tool)
            self.say(call, "binding_not_supported_yet", argument=argument, text=read.text, why=why)
            return UNSET
        return url

    def broken(self, call: PendingCall, argument: str, read: Broken, *, path: str = "") -> None:
        call.is_excused = True
        place = path or f"{call.called.path}/args"
        self.issues.append(
            broken_binding(read, path=place, argument=argument, stage_id=call.stage.id)
        )


def names_asset(key: str) -> bool:
    """Whether an argument takes the id of a file rather than the file."""
    return key.replace("_", "").lower().endswith(("assetid", "assetids"))


def _size(value: Any) -> int:
    """About how many characters a value takes when it is stored."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(_size, value)) + len(value)
    return 8
