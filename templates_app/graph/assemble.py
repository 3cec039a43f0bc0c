"""The second half of planning, shared by templates and explicit steps: raw ordered steps → a plan.

Arguments are read by each tool's form. Media named in them become bindings or stay as positions.
Steps that read the run's media list get barriers on whatever may still add to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from core.phrases import Phrase, phrase
from templates_app.graph.dependency_tracker import DependencyTracker
from templates_app.graph.given_values import values_not_given
from templates_app.graph.issues import Issue, issue, split
from templates_app.graph.media_urls import MediaShelf, UnusableAddress, read_url
from templates_app.graph.types import (
    EVERY,
    FIRST,
    INPUT_MEDIA,
    LATEST,
    BatchSpec,
    Binding,
    Compiled,
    DeferredArgument,
    DeferredRef,
    Limits,
    MediaKind,
    Pick,
    Plan,
    PlanStep,
    StepKey,
    Transform,
)
from templates_app.graph.unresolved_step import UnresolvedBatch, UnresolvedStep
from tools.declaration.arguments import (
    MediaArgument,
    canonical_argument,
    fill_defaults,
    read_arguments,
)
from tools.declaration.ports import Port, Tool, ToolTable

# What fills arguments that take no media: ids, addresses of bytes, and texts about a file.
TEXT_TRANSFORMS: Final[tuple[Transform, ...]] = ("subtitle_cues", "subtitle_srt", "overlay_items")
VALUE_TRANSFORMS: Final[tuple[Transform, ...]] = (
    "asset_ref",
    "artifact_data_uri",
    *TEXT_TRANSFORMS,
)
# How many sources of an automatic connection a message names.
SHOWN_SOURCES: Final = 3
# What a transform says about the kind of its file.
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


def assemble(
    title: str,
    steps: Sequence[UnresolvedStep],
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
    for raw in steps:
        builder.add(raw)
    if len(media) - media.inline_count > limits.max_media:
        builder.issues.append(too_many_media(len(media) - media.inline_count, limits))
    plan = Plan(
        title=title,
        steps=tuple(builder.steps),
        media=media.items,
        artifact_names=dict(artifact_names or {}),
    )
    paths = {raw.key: raw.args_path for raw in steps}
    errors, warnings = split((*builder.issues, *values_not_given(plan, tools, paths)))
    return Compiled(None if errors else plan, errors, warnings)


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

    params: canonical. Anyone who reads the media list waits for the steps that can add to it, so a
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
    """What a binding writes when no one says: a position or an address, as the argument takes."""
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
        self.steps: list[PlanStep] = []
        self.order = DependencyTracker(limits)

    def add(self, raw: UnresolvedStep) -> None:
        """Plan a step and the gate that follows it, if one does."""
        step = self.step(len(self.steps), raw)
        self.steps.append(step)
        if raw.gate is None:
            return
        asked = {"stageId": raw.stage_id, "step": raw.key, "message": raw.title or raw.key}
        needs = self.order.barriers(raw, [Binding(raw.key, None)], set())
        self.enter(raw, raw.gate, None, frozenset(), 0, needs)
        gate = PlanStep(
            key=raw.gate,
            sequence=len(self.steps),
            kind="gate",
            tool="ask_clarifying_question",
            wire_tool="ask_clarifying_question",
            arguments={},
            needs=tuple(needs),
            title=f"Approve {raw.title or raw.key}",
            stage_id=raw.stage_id,
            ask={"reason": "workflow_user_input_required", "prompt": asked},
        )
        self.steps.append(gate)
        self.order.gates[raw.key] = raw.gate

    def enter(self, *step: Any) -> None:
        """Make a step known to those that follow, as `DependencyTracker.enter` takes it."""
        too_many = self.order.enter(*step)
        if too_many is not None:
            self.issues.append(too_many)

    def step(self, position: int, raw: UnresolvedStep) -> PlanStep:
        tool = raw.tool
        if tool.unusable:
            self.say(raw, "tool_unusable", path=raw.path, tool=raw.wire_tool, problem=tool.unusable)
        elif not self.tools.is_provided(tool.name):
            self.say(raw, "model_unavailable", path=raw.path, tool=raw.wire_tool)
        needs = [self.target(raw, binding) for binding in raw.needs]
        bound = {b.target_argument for b in needs if b.target_argument is not None}
        late = {known.argument for known in raw.late}
        read = read_arguments(tool, raw.arguments, bound=raw.excused | bound | late)
        params = dict(read.params)
        ports: dict[str, _Port] = {}
        for medium in read.media:
            ports.setdefault(medium.port.name, _Port()).literals.append(medium)
        for binding in needs:
            port, _ = find_port(tool, binding.target_argument or "")
            if port is not None:
                ports.setdefault(port.name, _Port()).bindings.append(binding)
        late_ports = _port_names(tool, late)
        names_media = bool(ports or late_ports)
        refused = _port_names(tool, raw.excused)
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
                    **problem.params,
                )
            )
        filled = fill_defaults(tool, params)
        written: list[Binding] = []
        joined: list[Binding] = []
        added: list[DeferredArgument] = []
        reads_list: set[MediaKind] = set()
        for port in tool.ports():
            use = ports.get(port.name)
            if use is not None:
                kept, found, reads = self.literals(raw, port, use)
                params.update(kept)
                written.extend(found)
            elif port.name in late_ports or port.name in refused:
                continue
            elif port.when is not None and port.when[0] in late:
                reads = port.fallback == "latest"  # Whether it is used shows when it starts.
            elif not port.applies(filled):
                continue
            elif raw.batch is not None and not names_media and self.takes_each(raw, port):
                added.append(self.each(raw, port))
                reads = False
            else:
                found, reads = self.absent(raw, port, may_imply=raw.may_imply and not names_media)
                joined.extend(found)
            if reads:
                reads_list.add(port.kind)
        # What the arguments say comes first: bindings append to lists and overwrite single values.
        all_needs = self.order.barriers(
            raw, [*written, *needs, *joined], reads_list, reads_run=tool.reads_run
        )
        if "returnLastFrame" in late:
            filled["returnLastFrame"] = True
        count = 1 if not tool.count else None if tool.count in late else filled.get(tool.count, 1)
        self.enter(
            raw,
            raw.key,
            *self.made(raw, filled),
            count if isinstance(count, int) else None,
            all_needs,
        )
        seed = params.get("seed") if tool.seeded and "seed" not in late else None
        ask = raw.ask
        if ask is None and tool.asks:
            said = {name: params[name] for name in ("question", "reason") if params.get(name)}
            ask = {"reason": "ask_clarifying_question", "prompt": said}
        planned = PlanStep(
            key=raw.key,
            sequence=position,
            kind="tool" if ask is None else "wait",
            tool=tool.name,
            wire_tool=raw.wire_tool,
            arguments=params,
            needs=tuple(all_needs),
            title=raw.title,
            stage_id=raw.stage_id,
            seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
            late=(*raw.late, *added),
            condition=raw.condition,
            on_error=raw.on_error,
            ask=ask,
        )
        return planned if raw.batch is None else self.repeated(planned, raw.batch)

    def made(
        self, raw: UnresolvedStep, filled: Mapping[str, Any]
    ) -> tuple[MediaKind | None, frozenset[MediaKind] | None]:
        """What kind of media a step promises, and all kinds it may add to its run."""
        if raw.makes_anything:
            return None, None
        choice = raw.ask.get("select") if raw.ask is not None else None
        if choice is not None:
            return choice["kind"], frozenset({choice["kind"]})
        return raw.tool.output, kinds_made(raw.tool, filled)

    # -- batches ---------------------------------------------------------------------------------

    def repeated(self, item: PlanStep, batch: UnresolvedBatch) -> PlanStep:
        """The step that makes one of `item` for each element."""
        spec = BatchSpec(
            item_name=batch.item_name,
            item=replace(item, condition=None),
            items=batch.items,
            over=batch.over,
            concurrency=batch.concurrency,
            allow_partial=batch.allow_partial,
            label=batch.label,
            tries=batch.tries,
            expected=self.expected(batch),
        )
        return replace(item, kind="expand", arguments={}, late=(), batch=spec)

    def expected(self, batch: UnresolvedBatch) -> int:
        """How many elements there will be, as far as anyone can tell."""
        if batch.items is not None:
            return len(batch.items)
        source = batch.over.source if batch.over is not None else None
        known = self.order.find(source) if source is not None and batch.element else None
        return 1 if known is None else known.count or 1

    @staticmethod
    def takes_each(raw: UnresolvedStep, port: Port) -> bool:
        """Whether a port that no one names takes the elements of its batch: media of its kind."""
        first = next(known for known in raw.tool.ports() if known.kind == port.kind)
        works_on_it = port.required or port.implied != "none"
        is_its_kind = raw.batch is not None and raw.batch.element == port.kind
        return is_its_kind and works_on_it and first.name == port.name

    def each(self, raw: UnresolvedStep, port: Port) -> DeferredArgument:
        argument = port.arguments[0]
        self.say(
            raw,
            "implicit_media_dependency",
            severity="warning",
            stage=raw.key,
            kind=port.kind,
            argument=argument,
            source=phrase("each_item"),
        )
        if port.is_list(argument):
            return DeferredArgument(argument, [None], (DeferredRef((0,), "$item"),))
        return DeferredArgument(argument, None, (DeferredRef((), "$item"),))

    def say(self, raw: UnresolvedStep, code: str, *, path: str = "", **words: Any) -> None:
        path = path or raw.args_path
        self.issues.append(issue(code, path=path, stage_id=raw.stage_id or None, **words))

    # -- explicit bindings -----------------------------------------------------------------------

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
                    remedy=_media_arguments(raw.tool),
                )
            return Binding(
                source=binding.source,
                target_argument=name,
                transform=binding.transform,
                pick=binding.pick or FIRST,
                media_kind=binding.media_kind,
                required=binding.required,
            )
        transform = binding.transform or transform_for(port, name)
        if transform in TEXT_TRANSFORMS:
            self.mismatch(raw, binding, port, phrase("a_transform", transform=transform), "")
        asked = binding.media_kind or TRANSFORM_KINDS.get(transform)
        settled = Binding(
            source=binding.source,
            target_argument=name,
            transform=transform,
            pick=binding.pick or FIRST,
            media_kind=port.kind,
            required=binding.required,
            implied=binding.implied,
            barrier=binding.barrier,
        )
        if asked is not None and asked != port.kind:
            self.mismatch(raw, binding, port, phrase("the_binding"), asked)
        elif not binding.required:
            pass  # It may find nothing.
        elif binding.source == INPUT_MEDIA:
            self.check_brought(raw, settled, port)
        else:
            source = self.order.find(binding.source)
            if source is not None and source.made is not None and port.kind not in source.made:
                self.mismatch(raw, binding, port, str(binding.source), source.output or "")
        return settled

    def mismatch(
        self, raw: UnresolvedStep, binding: Binding, port: Port, source: str | Phrase, given: str
    ) -> None:
        self.say(
            raw,
            "wrong_media_kind",
            argument=binding.target_argument,
            tool=raw.wire_tool,
            needs=port.kind,
            source=source,
            given=given,
        )

    def check_brought(self, raw: UnresolvedStep, binding: Binding, port: Port) -> None:
        index = binding.pick.index if binding.pick else 0
        count = self.media.brought.get(port.kind, 0)
        if index is None or index < count:
            return
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

    # -- media in the arguments ------------------------------------------------------------------

    def literals(
        self, raw: UnresolvedStep, port: Port, use: _Port
    ) -> tuple[dict[str, Any], list[Binding], bool]:
        """What stays in the arguments, what becomes bindings, whether the media list is read."""
        # A required binding overwrites an argument that takes one file; lists are appended to.
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
        if not self.order.maker_masks.get(port.kind) and any(place >= 0 for place in places):
            self.say(
                raw,
                "missing_media_source",
                argument=argument,
                stage=raw.key,
                kind=port.kind,
                needs=phrase("a_result", index=max(places), kind=port.kind),
                why=phrase("none_made", kind=port.kind),
                remedy=phrase("send_url_or_position", kind=port.kind),
            )
        name = spelling_for(port, index, len(places))
        return {name: places if port.is_list(name) or len(places) > 1 else places[0]}, [], True

    def place(self, raw: UnresolvedStep, port: Port, medium: MediaArgument) -> int | None:
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
        if value < 0 and -value > self.media.brought.get(port.kind, 0):
            count = self.media.brought.get(port.kind, 0)
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

    # -- media no one named ----------------------------------------------------------------------

    def absent(
        self, raw: UnresolvedStep, port: Port, *, may_imply: bool
    ) -> tuple[list[Binding], bool]:
        """What fills a port that no argument names, and whether it is looked up when it starts."""
        makers = self.order.makers.get(port.kind, [])
        brought = self.media.brought.get(port.kind, 0)
        argument = port.index or port.url or port.arguments[0]
        joined: list[Binding] = []
        if may_imply and port.implied != "none":
            if makers:
                chosen = makers if port.implied == "all" else makers[-1:]
                room = max(self.limits.max_edges + 1 - self.order.edge_count, 0)
                joined = [self.implied(port, argument, maker) for maker in chosen[:room]]
                source = phrase(
                    "results_of" if len(chosen) <= SHOWN_SOURCES else "results_of_more",
                    stages=tuple(self.order.known[maker].key for maker in chosen[:SHOWN_SOURCES]),
                )
            elif brought:
                count = brought if port.implied == "all" else 1
                joined = [self.brought(port, argument, n, implied=True) for n in range(count)]
                source = phrase("first_sent" if count == 1 else "all_sent", kind=port.kind)
            if joined:
                self.say(
                    raw,
                    "implicit_media_dependency",
                    severity="warning",
                    stage=raw.key,
                    kind=port.kind,
                    argument=argument,
                    source=source,
                )
                return joined, joined[0].pick == LATEST
        if port.fallback == "latest":
            if self.order.maker_masks.get(port.kind):
                return [], True
            if brought:
                return [self.brought(port, argument, 0)], False
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

    def implied(self, port: Port, argument: str, maker: int) -> Binding:
        """The newest result of an earlier step, or all of them: what "latest" would have found.

        What may be missing is looked for when the step starts: the newest there is then, or all.
        """
        source = self.order.known[maker]
        if source.may_lack and port.implied != "all":
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
            required=not source.may_lack,
            implied=True,
            barrier=source.may_skip,
        )


def _port_names(tool: type[Tool], arguments: Iterable[str]) -> set[str]:
    """The ports that some arguments fill."""
    found = (find_port(tool, argument)[0] for argument in arguments)
    return {port.name for port in found if port is not None}


def _media_arguments(tool: type[Tool]) -> Phrase:
    names = tuple(dict.fromkeys(port.arguments[0] for port in tool.ports()))
    return phrase("use_one_of", arguments=names) if names else phrase("tool_takes_no_media")
