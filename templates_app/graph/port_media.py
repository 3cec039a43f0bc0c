"""Media of a step's ports: those its arguments name, bindings, or what no argument names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Final

from core.phrases import Phrase, phrase
from templates_app.graph.dependency_tracker import DependencyTracker
from templates_app.graph.issues import Issue
from templates_app.graph.media_urls import MediaShelf, UnusableAddress, read_url
from templates_app.graph.port_arguments import (
    TEXT_TRANSFORMS,
    TRANSFORM_KINDS,
    VALUE_TRANSFORMS,
    find_port,
    media_arguments,
    spelling_for,
    transform_for,
)
from templates_app.graph.types import EVERY, FIRST, INPUT_MEDIA, LATEST, Binding, Limits, Pick
from templates_app.graph.unresolved_step import UnresolvedStep
from tools.declaration.arguments import MediaArgument
from tools.declaration.ports import Port

# How many sources of an automatic connection a message names.
SHOWN_SOURCES: Final = 3


@dataclass(slots=True)
class PortUse:
    """Media of one port of one step: literals, then bindings."""

    literals: list[MediaArgument] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)


class PortBinder:
    """Fills ports, step by step in the order of the plan; what is wrong goes to `issues`."""

    def __init__(
        self, media: MediaShelf, limits: Limits, order: DependencyTracker, issues: list[Issue]
    ) -> None:
        self.media, self.limits, self.order, self.issues = media, limits, order, issues

    def say(self, raw: UnresolvedStep, code: str, **params: Any) -> None:
        self.issues.append(raw.issue(code, **params))

    def target(self, raw: UnresolvedStep, binding: Binding) -> Binding:
        """The binding with its target, transform and kind settled; problems are written down."""
        if binding.target_argument is None:
            return binding
        port, name = find_port(raw.tool, binding.target_argument)
        if port is None:
            if binding.transform not in VALUE_TRANSFORMS:
                self.say(
                    raw,
                    "unknown_media_argument",
                    argument=binding.target_argument,
                    tool=raw.wire_tool,
                    remedy=media_arguments(raw.tool),
                )
            return Binding(
                source=binding.source,
                target_argument=name,
                transform=binding.transform,
                pick=binding.pick or FIRST,
                media_kind=binding.media_kind,
                required=binding.required,
                output=binding.output,
            )
        transform = binding.transform or transform_for(port, name)
        if transform in TEXT_TRANSFORMS:
            self.mismatch(raw, binding, port, phrase("a_transform", transform=transform), "")
        kind = binding.media_kind or TRANSFORM_KINDS.get(transform)
        result = Binding(
            source=binding.source,
            target_argument=name,
            transform=transform,
            pick=binding.pick or FIRST,
            media_kind=port.kind,
            required=binding.required,
            implied=binding.implied,
            barrier=binding.barrier,
            output=binding.output,
        )
        if kind is not None and kind != port.kind:
            self.mismatch(raw, binding, port, phrase("the_binding"), kind)
        elif not binding.required:
            pass  # It may find nothing.
        elif binding.source == INPUT_MEDIA:
            self.check_brought(raw, result, port)
        else:
            source = self.order.maker_of(binding)
            if source is not None and source.kinds is not None and port.kind not in source.kinds:
                self.mismatch(raw, binding, port, str(binding.source), source.output or "")
        return result

    def mismatch(
        self, raw: UnresolvedStep, binding: Binding, port: Port, source: str | Phrase, kind: str
    ) -> None:
        self.say(
            raw,
            "wrong_media_kind",
            argument=binding.target_argument,
            tool=raw.wire_tool,
            needs=port.kind,
            source=source,
            given=kind,
        )

    def check_brought(self, raw: UnresolvedStep, binding: Binding, port: Port) -> None:
        index = binding.pick.index if binding.pick else 0
        if index is None or self.media.has_place(port.kind, index):
            return
        count = self.media.brought.get(port.kind, 0)
        self.say(
            raw,
            "missing_media_source",
            argument=binding.target_argument,
            stage=raw.key,
            kind=port.kind,
            needs=phrase("a_sent_medium", kind=port.kind, number=index),
            why=phrase("sends_too_few", count=count),
            remedy=phrase("add_media_reference"),
        )

    def literals(
        self, raw: UnresolvedStep, port: Port, use: PortUse
    ) -> tuple[dict[str, Any], list[Binding], bool]:
        """Split into what stays an argument and bindings; also whether the media list is read."""
        if not use.literals:
            return {}, [], False
        # A required binding overwrites an argument that takes one file; lists are appended to.
        overwrites = {
            binding.target_argument
            for binding in use.bindings
            if binding.required and not port.is_list(binding.target_argument or "")
        }
        if port.many:
            media = [medium for medium in use.literals if medium.argument not in overwrites]
        else:
            media = [] if overwrites else use.literals[-1:]
        if not media:
            return {}, [], False
        positions: list[int] = []
        for medium in media:
            position = self.position_of(raw, port, medium)
            if position is None:
                return {}, [], False
            positions.append(position)
        argument = media[-1].argument
        index = argument if port.is_index(argument) else port.index or argument
        if all(position < 0 for position in positions):
            # Each keeps the argument it came in; several in one need a list to be appended to.
            counts = Counter(medium.argument for medium in media)
            bindings = []
            for medium, position in zip(media, positions, strict=True):
                name = spelling_for(port, medium.argument, counts[medium.argument])
                is_own = not isinstance(medium.value, str)
                bindings.append(
                    self.sent_medium(raw, port, name, -position - 1)
                    if is_own
                    else self.input_binding(port, name, -position - 1)
                )
            return {}, bindings, False
        if not self.order.maker_masks.get((raw.scope, port.kind)) and any(
            position >= 0 for position in positions
        ):
            self.say(
                raw,
                "missing_media_source",
                argument=argument,
                stage=raw.key,
                kind=port.kind,
                needs=phrase("a_result", index=max(positions), kind=port.kind),
                why=phrase("none_made", kind=port.kind),
                remedy=phrase("send_url_or_position", kind=port.kind),
            )
        name = spelling_for(port, index, len(positions))
        return (
            {name: positions if port.is_list(name) or len(positions) > 1 else positions[0]},
            [],
            True,
        )

    def position_of(self, raw: UnresolvedStep, port: Port, medium: MediaArgument) -> int | None:
        """A literal medium as a position: from 0 on a result, negative one of the run's media."""
        value = medium.value
        if isinstance(value, str):
            try:
                ref = read_url(port.kind, value, self.limits)
            except UnusableAddress as bad:
                self.say(
                    raw,
                    "invalid_media",
                    argument=medium.argument,
                    why=bad.why,
                )
                return None
            return -self.media.inline(ref) - 1
        count = self.sent_count(raw, port)
        if value < 0 and -value > count:
            self.say(
                raw,
                "missing_media_source",
                argument=medium.argument,
                stage=raw.key,
                kind=port.kind,
                needs=phrase("a_sent_medium", kind=port.kind, number=-value),
                why=phrase("sends_too_few", count=count),
                remedy=phrase("add_media_reference"),
            )
            return None
        return value

    def sent_count(self, raw: UnresolvedStep, port: Port) -> int:
        """Count the media of a port's kind that were sent, or given to the template stage."""
        if not raw.scope:
            return self.media.brought.get(port.kind, 0)
        return len(self.order.scope_media.get(raw.scope, {}).get(port.kind, ()))

    def sent_medium(
        self,
        raw: UnresolvedStep,
        port: Port,
        argument: str,
        position: int,
        *,
        is_implied: bool = False,
    ) -> Binding:
        """Bind one of the media that were sent, or of those given to the template stage."""
        if not raw.scope:
            return self.input_binding(port, argument, position, is_implied=is_implied)
        return replace(
            self.order.scope_media[raw.scope][port.kind][position],
            target_argument=argument,
            transform=transform_for(port, argument),
            implied=is_implied,
        )

    @staticmethod
    def input_binding(
        port: Port, argument: str, position: int, *, is_implied: bool = False
    ) -> Binding:
        return Binding(
            source=INPUT_MEDIA,
            target_argument=argument,
            transform=transform_for(port, argument),
            pick=Pick(index=position),
            media_kind=port.kind,
            implied=is_implied,
        )

    def absent(
        self, raw: UnresolvedStep, port: Port, *, may_imply: bool
    ) -> tuple[list[Binding], bool]:
        """Fill a port that no argument names; also whether it is looked up when it starts."""
        makers = self.order.makers.get((raw.scope, port.kind), [])
        sent_count = self.sent_count(raw, port)
        argument = port.index or port.url or port.arguments[0]
        bindings: list[Binding] = []
        if may_imply and port.implied != "none":
            if makers:
                chosen = makers if port.implied == "all" else makers[-1:]
                room = max(self.limits.max_edges + 1 - self.order.edge_count, 0)
                bindings = [
                    self.implied_binding(raw, port, argument, maker) for maker in chosen[:room]
                ]
                source = phrase(
                    "results_of" if len(chosen) <= SHOWN_SOURCES else "results_of_more",
                    stages=tuple(self.order.known[maker].key for maker in chosen[:SHOWN_SOURCES]),
                )
            elif sent_count:
                count = sent_count if port.implied == "all" else 1
                bindings = [
                    self.sent_medium(raw, port, argument, n, is_implied=True) for n in range(count)
                ]
                source = phrase("first_sent" if count == 1 else "all_sent", kind=port.kind)
            if bindings:
                self.say(
                    raw,
                    "implicit_media_dependency",
                    severity="warning",
                    stage=raw.key,
                    kind=port.kind,
                    argument=argument,
                    source=source,
                )
                return bindings, bindings[0].pick == LATEST
        if port.fallback == "latest":
            if self.order.maker_masks.get((raw.scope, port.kind)):
                return [], True
            if sent_count:
                return [self.sent_medium(raw, port, argument, 0)], False
        if port.required:
            if port.fallback == "none" and not (may_imply and port.implied != "none"):
                why, remedy = phrase("must_be_set"), phrase("add_argument", argument=argument)
            else:
                why, remedy = phrase("none_made_or_sent"), phrase("add_step", kind=port.kind)
            self.say(
                raw,
                "missing_media_source",
                argument=argument,
                stage=raw.key,
                kind=port.kind,
                needs=phrase("a_medium", kind=port.kind),
                why=why,
                remedy=remedy,
            )
        return [], False

    def implied_binding(
        self, raw: UnresolvedStep, port: Port, argument: str, maker: int
    ) -> Binding:
        """The newest result of an earlier step, or all of them: what "latest" would have found.

        What may be missing is looked for when the step starts: the newest there is then, or all.
        """
        source = self.order.known[maker]
        may_skip = self.order.may_skip(source, raw)
        may_lack = source.may_lack or may_skip
        if may_lack and port.implied != "all":
            pick = LATEST
        elif source.count == 1:
            pick = Pick(index=0)
        else:
            pick = EVERY if port.implied == "all" else Pick(index=-1)
        return Binding(
            source=source.key,
            target_argument=argument,
            transform=transform_for(port, argument),
            pick=pick,
            media_kind=port.kind,
            required=not may_lack,
            implied=True,
            barrier=may_skip,
        )
