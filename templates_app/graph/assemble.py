"""The second half of planning, shared by templates and explicit steps: raw ordered steps → a plan.

Arguments are read by each tool's form. Media named in them become bindings or stay as positions.
Steps that read the run's media list get barriers on whatever may still add to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from templates_app.graph.issues import issue, split
from templates_app.graph.media_urls import MediaShelf, UnusableAddress, read_url
from templates_app.graph.types import (
    EVERY,
    INPUT_MEDIA,
    Binding,
    Compiled,
    Issue,
    Limits,
    MediaKind,
    OnError,
    Pick,
    Plan,
    PlanStep,
    StepKey,
    Transform,
)
from tools.arguments import MediaArgument, canonical_argument, fill_defaults, read_arguments
from tools.ports import Port, Tool, ToolTable

# What a transform says about the kind of its medium.
TRANSFORM_KINDS: Final[Mapping[str, MediaKind]] = {
    "image_url": "image",
    "video_url": "video",
    "audio_url": "audio",
    "image_index": "image",
    "video_index": "video",
    "audio_index": "audio",
}
INDEX_TRANSFORMS: Final[Mapping[str, Transform]] = {
    "image": "image_index",
    "video": "video_index",
    "audio": "audio_index",
}


@dataclass(frozen=True, slots=True)
class RawStep:
    """A step whose arguments are still as the caller wrote them.

    needs: explicit bindings; their sources come earlier in the list, targets are in any spelling.
    path: of the step, args_path: of its arguments, for issues. may_imply: join media the arguments
    leave out (templates do, explicit steps do not). excused: arguments that are missing for a
    reason that has its own issue.
    """

    key: StepKey
    tool: type[Tool]
    wire_tool: str
    arguments: Mapping[str, Any]
    path: str
    args_path: str
    needs: tuple[Binding, ...] = ()
    title: str = ""
    stage_id: str = ""
    on_error: OnError = "stop"
    condition: Mapping[str, Any] | None = None
    may_imply: bool = False
    excused: frozenset[str] = frozenset()


def assemble(
    title: str,
    steps: Sequence[RawStep],
    media: MediaShelf,
    tools: ToolTable,
    limits: Limits,
    *,
    artifact_names: Mapping[str, StepKey] | None = None,
) -> Compiled:
    """Read every step's arguments and join the steps. Never raises on user data.

    steps: in order, keys unique. Problems of arguments are errors here.
    """
    builder = _Builder(media, tools, limits)
    planned = [builder.step(position, raw) for position, raw in enumerate(steps)]
    if len(media) - media.inline_count > limits.max_media:
        builder.issues.append(too_many_media(len(media) - media.inline_count, limits))
    errors, warnings = split(builder.issues)
    if errors:
        return Compiled(None, errors, warnings)
    plan = Plan(
        title=title,
        steps=tuple(planned),
        media=media.items,
        artifact_names=dict(artifact_names or {}),
    )
    return Compiled(plan, (), warnings)


_ports: dict[type[Tool], dict[str, Port]] = {}


def too_many_media(count: int, limits: Limits) -> Issue:
    path, most = "media_references", limits.max_media
    return issue("too_many", path=path, what="media", count=count, limit=most)


def find_port(tool: type[Tool], argument: str) -> tuple[Port | None, str]:
    """The port an argument fills, whatever its spelling, and the declared spelling."""
    by_argument = _ports.get(tool)
    if by_argument is None:
        by_argument = _ports[tool] = {
            name: port for port in reversed(tool.ports()) for name in port.arguments
        }
    name = canonical_argument(tool, argument)
    return by_argument.get(name), name


def kinds_made(tool: type[Tool], params: Mapping[str, Any]) -> frozenset[MediaKind]:
    """The kinds of media a call can add to its run; a result of another kind breaks its promise.

    params: canonical. Whoever reads the media list waits for the steps that can add to it, so a
    kind that is missing here would make a run depend on which step is quicker.
    """
    kinds: set[MediaKind] = set() if tool.output is None else {tool.output}
    if params.get("returnLastFrame") is True:
        kinds.add("image")
    return frozenset(kinds)


def spelling_for(port: Port, argument: str, count: int) -> str:
    """The argument that takes this many media: several need a list, of the same nature if any."""
    if count < 2 or port.is_list(argument):
        return argument
    lists = [spelled for spelled in port.arguments if port.is_list(spelled)]
    same = [spelled for spelled in lists if port.is_index(spelled) == port.is_index(argument)]
    return (*same, *lists, argument)[0]


def transform_for(port: Port, argument: str) -> Transform:
    """What a binding writes when nobody says: a position or an address, as the argument takes."""
    if port.is_index(argument) and port.kind in INDEX_TRANSFORMS:
        return INDEX_TRANSFORMS[port.kind]
    return "artifact_url"


@dataclass(slots=True)
class _Port:
    """What fills one port of one step: literal media, then bindings."""

    literals: list[MediaArgument] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)


class _Builder:
    def __init__(self, media: MediaShelf, tools: ToolTable, limits: Limits) -> None:
        self.media, self.tools, self.limits = media, tools, limits
        self.issues: list[Issue] = []
        self.positions: dict[str, int] = {}
        self.raw: list[RawStep] = []
        self.results: list[int | None] = []  # how many results a step makes, None: not known
        self.made: list[frozenset[MediaKind]] = []
        self.makers: dict[str, list[int]] = {}  # kind → positions of the steps that make it
        # Sets of steps as bit masks: bit p is the step at position p.
        self.maker_masks: dict[str, int] = {}
        self.ancestors: list[int] = []
        self.edge_count = 0

    def step(self, position: int, raw: RawStep) -> PlanStep:
        tool = raw.tool
        if not self.tools.is_provided(tool.name):
            self.say(raw, "model_unavailable", path=raw.path, tool=raw.wire_tool)
        needs = [self.target(raw, binding) for binding in raw.needs]
        bound = {b.target_argument for b in needs if b.target_argument is not None}
        read = read_arguments(tool, raw.arguments, bound=raw.excused | bound)
        params = dict(read.params)
        ports: dict[str, _Port] = {}
        for medium in read.media:
            ports.setdefault(medium.port.name, _Port()).literals.append(medium)
        for binding in needs:
            port, _ = find_port(tool, binding.target_argument or "")
            if port is not None:
                ports.setdefault(port.name, _Port()).bindings.append(binding)
        names_media = bool(ports)
        refused = {port.name for port, _ in (find_port(tool, a) for a in raw.excused) if port}
        for problem in read.problems:
            port, _ = find_port(tool, problem.argument)
            if port is not None and problem.code == "missing_argument":
                continue  # self.absent knows better what could be done about it.
            if port is not None:
                refused.add(port.name)
            self.issues.append(
                issue(
                    problem.code,
                    path=raw.args_path,
                    argument=problem.argument,
                    stage_id=raw.stage_id or None,
                    message=problem.message,
                )
            )
        filled = fill_defaults(tool, params)
        written: list[Binding] = []
        joined: list[Binding] = []
        reads_list: set[MediaKind] = set()
        for port in tool.ports():
            use = ports.get(port.name)
            if use is not None:
                kept, found, reads = self.literals(raw, port, use)
                params.update(kept)
                written.extend(found)
            elif port.name not in refused and port.applies(filled):
                found, reads = self.absent(raw, port, may_imply=raw.may_imply and not names_media)
                joined.extend(found)
            else:
                continue
            if reads:
                reads_list.add(port.kind)
        # What the arguments say comes first: bindings append to lists and overwrite single values.
        all_needs = self.order(position, [*written, *needs, *joined], reads_list)
        self.enter(position, raw, filled, all_needs)
        seed = params.get("seed") if tool.seeded else None
        return PlanStep(
            key=raw.key,
            sequence=position,
            kind="tool",
            tool=tool.name,
            wire_tool=raw.wire_tool,
            arguments=params,
            needs=tuple(all_needs),
            title=raw.title,
            stage_id=raw.stage_id,
            seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
            condition=raw.condition,
            on_error=raw.on_error,
        )

    def say(self, raw: RawStep, code: str, *, path: str = "", **words: Any) -> None:
        path = path or raw.args_path
        self.issues.append(issue(code, path=path, stage_id=raw.stage_id or None, **words))

    # -- explicit bindings -----------------------------------------------------------------------

    def target(self, raw: RawStep, binding: Binding) -> Binding:
        """The binding with its target, transform and kind settled; problems are written down."""
        if binding.target_argument is None:
            return binding
        port, name = find_port(raw.tool, binding.target_argument)
        if port is None:
            if binding.transform != "asset_ref":
                self.say(
                    raw,
                    "unknown_media_argument",
                    argument=binding.target_argument,
                    tool=raw.wire_tool,
                    remedy=_media_arguments(raw.tool),
                )
            return Binding(
                source=binding.source,
                target_argument=name,
                transform=binding.transform,
                pick=binding.pick or Pick(),
                media_kind=binding.media_kind,
                required=binding.required,
            )
        transform = binding.transform or transform_for(port, name)
        asked = binding.media_kind or TRANSFORM_KINDS.get(transform)
        settled = Binding(
            source=binding.source,
            target_argument=name,
            transform=transform,
            pick=binding.pick or Pick(),
            media_kind=port.kind,
            required=binding.required,
            implied=binding.implied,
        )
        if asked is not None and asked != port.kind:
            self.mismatch(raw, binding, port, "the binding", _a(asked))
        elif not binding.required:
            pass  # It may find nothing.
        elif binding.source == INPUT_MEDIA:
            self.check_brought(raw, settled, port)
        elif binding.source in self.positions:
            source = self.positions[binding.source]
            if port.kind not in self.made[source]:
                made = self.raw[source].tool.output
                given = _a(made) if made else "no medium"
                self.mismatch(raw, binding, port, f'"{binding.source}"', given)
        return settled

    def mismatch(self, raw: RawStep, binding: Binding, port: Port, source: str, given: str) -> None:
        self.say(
            raw,
            "wrong_media_kind",
            argument=binding.target_argument,
            tool=raw.wire_tool,
            needs=_a(port.kind),
            source=source,
            given=given,
        )

    def check_brought(self, raw: RawStep, binding: Binding, port: Port) -> None:
        index = binding.pick.index if binding.pick else 0
        count = self.media.brought.get(port.kind, 0)
        if index is None or index < count:
            return
        self.say(
            raw,
            "missing_media_source",
            argument=binding.target_argument,
            stage=raw.key,
            needs=f"{port.kind} {index} of those you send",
            why=f"this request brings {count}",
            remedy='Add it to "media_references".',
        )

    # -- media in the arguments ------------------------------------------------------------------

    def literals(
        self, raw: RawStep, port: Port, use: _Port
    ) -> tuple[dict[str, Any], list[Binding], bool]:
        """What stays in the arguments, what becomes bindings, whether the media list is read."""
        # A required binding overwrites an argument that takes one medium; lists are appended to.
        taken = {
            binding.target_argument
            for binding in use.bindings
            if binding.required and not port.is_list(binding.target_argument or "")
        }
        if port.many:
            named = [medium for medium in use.literals if medium.argument not in taken]
        else:
            named = [] if taken else use.literals[-1:]
        if not named:
            return {}, [], False
        places: list[int] = []
        for medium in named:
            place = self.place(raw, port, medium)
            if place is None:
                return {}, [], False
            places.append(place)
        argument = named[-1].argument
        index = argument if port.is_index(argument) else port.index or argument
        if all(place < 0 for place in places):
            # Each keeps the argument it came in; several in one need a list to be appended to.
            counts = Counter(medium.argument for medium in named)
            joined = []
            for medium, place in zip(named, places, strict=True):
                name = spelling_for(port, medium.argument, counts[medium.argument])
                joined.append(self.brought(port, name, -place - 1))
            return {}, joined, False
        if not self.makers.get(port.kind) and any(place >= 0 for place in places):
            self.say(
                raw,
                "missing_media_source",
                argument=argument,
                stage=raw.key,
                needs=f"result {max(places)} of kind {port.kind}",
                why=f"no earlier step makes {_a(port.kind)}",
                remedy=f"Name an address, or -1 for the first {port.kind} you send.",
            )
        name = spelling_for(port, index, len(places))
        return {name: places if port.is_list(name) or len(places) > 1 else places[0]}, [], True

    def place(self, raw: RawStep, port: Port, medium: MediaArgument) -> int | None:
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
                    field=medium.argument,
                    why=str(bad),
                )
                return None
            return -self.media.inline(ref) - 1
        if value < 0 and -value > self.media.brought.get(port.kind, 0):
            count = self.media.brought.get(port.kind, 0)
            self.say(
                raw,
                "missing_media_source",
                argument=medium.argument,
                stage=raw.key,
                needs=f"{port.kind} number {-value} of those you send",
                why=f"this request brings {count}",
                remedy='Add it to "media_references".',
            )
            return None
        return value

    @staticmethod
    def brought(port: Port, argument: str, place: int, *, implied: bool = False) -> Binding:
        return Binding(
            source=INPUT_MEDIA,
            target_argument=argument,
            transform=transform_for(port, argument),
            pick=Pick(index=place),
            media_kind=port.kind,
            implied=implied,
        )

    # -- media nobody named ----------------------------------------------------------------------

    def absent(self, raw: RawStep, port: Port, *, may_imply: bool) -> tuple[list[Binding], bool]:
        """What fills a port that no argument names, and whether it is looked up when it starts."""
        makers = self.makers.get(port.kind, [])
        brought = self.media.brought.get(port.kind, 0)
        argument = port.arguments[0]
        joined: list[Binding] = []
        if may_imply and port.implied != "none":
            if makers:
                chosen = makers if port.implied == "all" else makers[-1:]
                room = max(self.limits.max_edges + 1 - self.edge_count, 0)
                joined = [self.implied(port, argument, maker) for maker in chosen[:room]]
                source = ", ".join(f'"{self.raw[maker].key}"' for maker in chosen[:3])
                source = f"the result of {source}" + (" and others" if len(chosen) > 3 else "")
            elif brought:
                count = brought if port.implied == "all" else 1
                joined = [self.brought(port, argument, n, implied=True) for n in range(count)]
                source = f"the first {port.kind} you brought" if count == 1 else "all you brought"
            if joined:
                self.say(
                    raw,
                    "implicit_media_dependency",
                    stage=raw.key,
                    kind=port.kind,
                    argument=argument,
                    source=(source,),
                )
                return joined, False
        if port.fallback == "latest":
            if makers:
                return [], True
            if brought:
                return [self.brought(port, argument, 0)], False
        if port.required:
            if port.fallback == "none" and not (may_imply and port.implied != "none"):
                why, remedy = "it must be named", f'Add "{argument}" to the arguments.'
            else:
                why = "no earlier step makes one and you send none"
                remedy = f"Put a step that makes {_a(port.kind)} before it, or send an address."
            self.say(
                raw,
                "missing_media_source",
                argument=argument,
                stage=raw.key,
                needs=_a(port.kind),
                why=why,
                remedy=remedy,
            )
        return [], False

    def implied(self, port: Port, argument: str, maker: int) -> Binding:
        """The newest result of an earlier step, or all of them: what "latest" would have found."""
        if self.results[maker] == 1:
            pick = Pick(index=0)
        else:
            pick = EVERY if port.implied == "all" else Pick(index=-1)
        return Binding(
            source=self.raw[maker].key,
            target_argument=argument,
            transform=transform_for(port, argument),
            pick=pick,
            media_kind=port.kind,
            implied=True,
        )

    # -- order -----------------------------------------------------------------------------------

    def order(
        self, position: int, needs: list[Binding], reads_list: set[MediaKind]
    ) -> list[Binding]:
        """Add barriers: a step that reads the media list waits for all that may add to it.

        Transitively reduced: a step that lies before another source is not named again.
        """
        before = 0
        for binding in needs:
            source = self.positions.get(binding.source)
            if source is not None:
                before |= self.ancestors[source] | 1 << source
        for kind in sorted(reads_list):
            waiting = self.maker_masks.get(kind, 0) & ~before
            while waiting and self.edge_count + len(needs) <= self.limits.max_edges:
                newest = waiting.bit_length() - 1
                needs.append(Binding(self.raw[newest].key, None, barrier=True))
                before |= self.ancestors[newest] | 1 << newest
                waiting &= ~before
        self.ancestors.append(before)
        return needs

    def enter(
        self, position: int, raw: RawStep, filled: Mapping[str, Any], needs: list[Binding]
    ) -> None:
        """Make the step known to those that follow."""
        tool = raw.tool
        self.positions[raw.key] = position
        self.raw.append(raw)
        count = filled.get(tool.count, 1) if tool.count else 1
        self.results.append(count if isinstance(count, int) else None)
        self.made.append(kinds_made(tool, filled))
        for kind in self.made[-1]:
            self.makers.setdefault(kind, []).append(position)
            self.maker_masks[kind] = self.maker_masks.get(kind, 0) | 1 << position
        was_within = self.edge_count <= self.limits.max_edges
        self.edge_count += len(needs)
        if was_within and self.edge_count > self.limits.max_edges:
            self.issues.append(
                issue(
                    "too_many",
                    path=raw.path,
                    stage_id=raw.stage_id or None,
                    what="connections between steps",
                    count=f"more than {self.limits.max_edges}",
                    limit=self.limits.max_edges,
                )
            )


def _a(kind: str | None) -> str:
    return {"image": "an image", "audio": "an audio"}.get(kind or "", f"a {kind}")


def _media_arguments(tool: type[Tool]) -> str:
    names = list(dict.fromkeys(port.arguments[0] for port in tool.ports()))
    return f"Use one of: {', '.join(names)}." if names else "This tool takes no media at all."
