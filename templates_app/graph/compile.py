"""A template and the values of its inputs → a plan, or the reasons there is none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from templates_app.graph.assemble import RawStep, assemble, find_port, too_many_media
from templates_app.graph.bindings import DEPTH_LIMIT, Broken, Every, Ref, read_text
from templates_app.graph.issues import issue, split
from templates_app.graph.media_urls import MediaShelf
from templates_app.graph.spec import Input, Spec, Stage, read_spec
from templates_app.graph.types import (
    EVERY,
    INPUT_MEDIA,
    Binding,
    Compiled,
    Issue,
    Limits,
    MediaRef,
    Pick,
    StepKey,
)
from templates_app.graph.values import Values, read_values
from tools.ports import Port, Tool, ToolTable

# What a value stands for that has none: an optional input nobody filled.
_UNSET: Final = object()

# Characters of input values that may be written into the arguments of one plan.
MAX_FILLED: Final = 4_000_000


def compile_template(
    spec: Any, inputs: Any, media: Sequence[MediaRef], tools: ToolTable, limits: Limits
) -> Compiled:
    """Compile a template for one run. Never raises on user data; time is linear in its size.

    spec, inputs: JSON values as stored and as sent. media: the request's media references, first in
    the plan's media. A step's key is its stage's id.
    """
    read, issues = read_spec(spec)
    shelf = MediaShelf(media)
    values, found = read_values(read.inputs, inputs, shelf, limits)
    compiler = _Compiler(read, values, shelf, tools, limits)
    issues = (*issues, *found)
    if not read.stages and not any(known.severity == "error" for known in issues):
        issues = (*issues, issue("no_stages", path="stages"))
    if len(shelf) > limits.max_media:
        issues = (*issues, too_many_media(len(shelf), limits))
        return Compiled(None, *split(issues))
    if len(read.stages) > limits.max_steps:
        count = len(read.stages)
        too_many = issue("too_many_steps", path="stages", count=count, limit=limits.max_steps)
        return Compiled(None, *split((*issues, too_many)))
    steps = [step for step in map(compiler.step, read.stages) if step is not None]
    names = {name: StepKey(read.stages[at[-1]].id) for name, at in compiler.producers.items()}
    planned = assemble(read.name, steps, shelf, tools, limits, artifact_names=names)
    errors, warnings = split((*issues, *compiler.issues))
    errors, warnings = (*errors, *planned.errors), (*warnings, *planned.warnings)
    return Compiled(None if errors else planned.plan, errors, warnings)


def producers_of(stages: Sequence[Stage]) -> dict[str, list[int]]:
    """Artifact name → positions of the stages that produce it, in order."""
    found: dict[str, list[int]] = {}
    for position, stage in enumerate(stages):
        for name in stage.produces:
            found.setdefault(name, []).append(position)
    return found


def latest_before(producers: Sequence[int], position: int) -> int | None:
    """The newest producer before a stage, when there is one."""
    at = bisect_left(producers, position)
    return producers[at - 1] if at else None


def unsupported(stage: Stage) -> str:
    """Why a stage cannot run yet, or ""."""
    if stage.type != "fixed":
        return f"has the type {stage.type}"
    if stage.is_conditional:
        return "has a condition"
    if stage.has_checkpoint:
        return "has a checkpoint (checkpointRequired)"
    return "has subStages" if stage.sub_stages else ""


class _Compiler:
    """Turns stages into raw steps: values filled in, references made bindings."""

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
        self.issues: list[Issue] = []
        # Whether the argument being read is missing for a reason that has its own issue.
        self.is_excused = False

    def step(self, stage: Stage) -> RawStep | None:
        """The stage as a raw step; None when that cannot be, with an issue."""
        why = unsupported(stage)
        if why:
            self.say(
                stage, "stage_type_not_supported_yet", path=stage.path, stage=stage.id, why=why
            )
            return None
        tool = self.tools.get(stage.tool)
        if tool is None:
            if stage.tool:
                self.say(stage, "unknown_tool", path=stage.path, tool=stage.tool)
            return None
        arguments: dict[str, Any] = {}
        needs: list[Binding] = []
        excused = set()
        for argument, value in stage.args.items():
            self.is_excused = False
            filled = self.argument(stage, tool, argument, value, needs)
            if filled is not _UNSET:
                arguments[argument] = filled
            elif self.is_excused:
                excused.add(argument)
        needs.extend(self.declared(stage))
        return RawStep(
            key=StepKey(stage.id),
            tool=tool,
            wire_tool=stage.tool,
            arguments=arguments,
            path=stage.path,
            args_path=f"{stage.path}/args",
            needs=tuple(needs),
            title=stage.label[:200],
            stage_id=stage.id,
            on_error=stage.on_error,
            may_imply=True,
            excused=frozenset(excused),
        )

    def say(self, at: Stage, code: str, *, path: str = "", **words: Any) -> None:
        path = path or f"{at.path}/args"
        self.is_excused = True
        self.issues.append(issue(code, path=path, stage_id=at.id, **words))

    def declared(self, stage: Stage) -> list[Binding]:
        """`requiredArtifactsIn` and `optionalArtifactsIn` keep order; they carry no value."""
        needs = []
        for names, is_optional in ((stage.requires, False), (stage.optional, True)):
            for name in names:
                source = self.producer(stage, name)
                if source is not None:
                    needs.append(Binding(StepKey(source.id), None, barrier=is_optional))
                elif not is_optional:
                    self.missing(stage, name)
        return needs

    def missing(self, stage: Stage, name: str, *, path: str = "") -> None:
        path = path or stage.path
        if name in self.producers:
            producer = self.spec.stages[self.producers[name][0]].id
            self.say(
                stage,
                "forward_artifact_reference",
                path=path,
                stage=stage.id,
                name=name,
                producer=producer,
            )
        else:
            self.say(stage, "missing_artifact_producer", path=path, stage=stage.id, name=name)

    def producer(self, stage: Stage, name: str) -> Stage | None:
        at = latest_before(self.producers.get(name, ()), self.positions[stage.id])
        return None if at is None else self.spec.stages[at]

    # -- arguments -------------------------------------------------------------------------------

    def argument(
        self, stage: Stage, tool: type[Tool], argument: str, value: Any, needs: list[Binding]
    ) -> Any:
        """An argument with its bindings filled in; media become bindings in `needs`."""
        port, name = find_port(tool, argument)
        if port is None:
            return self.fill(stage, argument, value)
        items = value if isinstance(value, list) else [value]
        reads = [read_text(item) if isinstance(item, str) else item for item in items]
        if not any(isinstance(read, (Ref, Broken)) for read in reads):
            return value if not isinstance(value, list) else reads
        kept: list[Any] = []
        for read in reads:
            if isinstance(read, (Ref, Broken)):
                found = self.media(stage, port, name, read, many=port.many)
                kept.extend(place for place in found if not isinstance(place, Binding))
                joined = [place for place in found if isinstance(place, Binding)]
                needs.extend(self.counted(stage, argument, joined))
            else:
                kept.append(read)
        return kept if kept else _UNSET

    def counted(self, stage: Stage, argument: str, joined: list[Binding]) -> list[Binding]:
        """The bindings while there is room for them; the first that do not fit are said."""
        had_room = self.binding_count <= self.limits.max_edges
        self.binding_count += len(joined)
        if self.binding_count <= self.limits.max_edges:
            return joined
        if had_room:
            self.say(
                stage,
                "too_many",
                argument=argument,
                what="connections between steps",
                count=f"more than {self.limits.max_edges}",
                limit=self.limits.max_edges,
            )
        self.is_excused = True
        return []

    def media(
        self, stage: Stage, port: Port, argument: str, read: Ref | Broken, *, many: bool
    ) -> list[Any]:
        """What a reference in a media argument stands for: bindings, or values to read."""
        if isinstance(read, Broken):
            self.broken(stage, argument, read)
            return []
        if self.binding_count > self.limits.max_edges:
            self.is_excused = True
            return []
        if read.root == "artifacts":
            binding = self.artifact_medium(stage, port, argument, read, many=many)
            return [] if binding is None else [binding]
        known = self.inputs.get(read.name) if read.root == "inputs" else None
        if known is None or not known.is_media:
            value = self.reference(stage, argument, read)
            if value is _UNSET:
                return []
            return value if isinstance(value, list) else [value]
        return self.input_media(stage, port, argument, read, known, many=many)

    def input_media(
        self, stage: Stage, port: Port, argument: str, read: Ref, known: Input, *, many: bool
    ) -> list[Any]:
        if known.type != port.kind:
            self.say(
                stage,
                "wrong_media_kind",
                argument=argument,
                tool=stage.tool,
                needs=port.kind,
                source=read.text,
                given=known.type,
            )
            return []
        places = self.values.media.get(known.name, ())
        self.is_excused |= known.name in self.values.refused
        path = [part for part in read.path if part not in ("url", "value")]
        if path and isinstance(path[0], int):
            if path[0] >= len(places):
                if places:
                    self.say(
                        stage,
                        "binding_not_found",
                        argument=argument,
                        text=read.text,
                        name=known.name,
                        segment=path[0],
                    )
                return []
            places, path = places[path[0] : path[0] + 1], path[1:]
        elif path and isinstance(path[0], Every):
            path = path[1:]
        if path:
            self.say(
                stage,
                "binding_not_supported_yet",
                argument=argument,
                text=read.text,
                why="a medium has no such part; name the input alone",
            )
            return []
        if len(places) > 1 and not many:
            self.say(
                stage,
                "invalid_length",
                argument=argument,
                field=argument,
                needs=f"one {port.kind}; choose it, as in $inputs.{known.name}[0]",
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

    def artifact_medium(
        self, stage: Stage, port: Port, argument: str, read: Ref, *, many: bool
    ) -> Binding | None:
        source = self.producer(stage, read.name)
        if source is None:
            self.no_artifact(stage, argument, read)
            return None
        pick = pick_of(read, many=many)
        if pick is None:
            self.say(
                stage,
                "binding_not_supported_yet",
                argument=argument,
                text=read.text,
                why="a medium is named as $artifacts.name.items[0].selectedVersion.url, or with"
                " items[*] for all of a list",
            )
            return None
        return Binding(source=StepKey(source.id), target_argument=argument, pick=pick)

    def fill(self, stage: Stage, argument: str, value: Any, depth: int = 0) -> Any:
        """A value with its references replaced, at any depth; unset parts are left out."""
        if isinstance(value, str):
            if not value.startswith("$"):
                return value
            read = read_text(value)
            if isinstance(read, str):
                return read
            if isinstance(read, Broken):
                self.broken(stage, argument, read)
                return _UNSET
            return self.reference(stage, argument, read)
        if depth >= DEPTH_LIMIT or not isinstance(value, (dict, list)):
            return value
        if isinstance(value, list):
            parts = (self.fill(stage, argument, part, depth + 1) for part in value)
            return [part for part in parts if part is not _UNSET]
        filled = {key: self.fill(stage, argument, part, depth + 1) for key, part in value.items()}
        return {key: part for key, part in filled.items() if part is not _UNSET}

    def reference(self, stage: Stage, argument: str, read: Ref) -> Any:
        """What a reference outside the media arguments stands for."""
        if read.root == "inputs":
            return self.input_value(stage, argument, read)
        if read.root == "artifacts":
            if self.producer(stage, read.name) is None:
                self.no_artifact(stage, argument, read)
            else:
                self.say(
                    stage,
                    "binding_not_supported_yet",
                    argument=argument,
                    text=read.text,
                    why=f"{argument} is no media argument of {stage.tool}, and only media pass from"
                    " stage to stage",
                )
        elif read.root == "item":
            self.say(stage, "item_binding_outside_batch", argument=argument, text=read.text)
        else:
            self.say(
                stage,
                "binding_not_supported_yet",
                argument=argument,
                text=read.text,
                why="data of the run is not known when it is planned",
            )
        return _UNSET

    def input_value(self, stage: Stage, argument: str, read: Ref) -> Any:
        known = self.inputs.get(read.name)
        if known is None and read.name in self.spec.unreadable:
            self.is_excused = True
            return _UNSET
        if known is None:
            self.say(stage, "unknown_input", argument=argument, text=read.text, name=read.name)
            return _UNSET
        if known.is_media:
            return self.input_address(stage, argument, read, known)
        if known.name not in self.values.plain:
            self.is_excused |= known.name in self.values.refused
            return _UNSET
        value = self.values.plain[known.name]
        if known.name not in self.sizes:
            self.sizes[known.name] = _size(value)
        had_room = self.room >= 0
        self.room -= self.sizes[known.name]
        if self.room < 0:
            self.is_excused = True
            if had_room:
                self.say(
                    stage,
                    "too_many",
                    argument=argument,
                    what="characters of input values in the arguments",
                    count=f"more than {MAX_FILLED}",
                    limit=MAX_FILLED,
                )
            return _UNSET
        return self.follow(stage, argument, read, value)

    def follow(self, stage: Stage, argument: str, read: Ref, value: Any) -> Any:
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
                stage,
                "binding_not_found",
                argument=argument,
                text=read.text,
                name=read.name,
                segment="*" if isinstance(segment, Every) else segment,
            )
            return _UNSET
        return value

    def input_address(self, stage: Stage, argument: str, read: Ref, known: Input) -> Any:
        """A medium in an argument that takes none: its address as text, where it has one."""
        places = self.values.media.get(known.name, ())
        if not places:
            return _UNSET
        place = read.path[0] if read.path and isinstance(read.path[0], int) else 0
        url = self.shelf.at(known.type, places[place]).url if place < len(places) else None
        if url is None:
            self.say(
                stage,
                "binding_not_supported_yet",
                argument=argument,
                text=read.text,
                why=f"{argument} is no media argument of {stage.tool}",
            )
            return _UNSET
        return url

    # -- refusals --------------------------------------------------------------------------------

    def broken(self, stage: Stage, argument: str, read: Broken) -> None:
        self.is_excused = True
        found = broken_binding(read)
        place = f"{stage.path}/args"
        self.issues.append(replace(found, path=place, argument=argument, stage_id=stage.id))

    def no_artifact(self, stage: Stage, argument: str, read: Ref) -> None:
        if read.name in self.producers:
            self.missing(stage, read.name, path=f"{stage.path}/args")
            return
        self.say(
            stage,
            "unknown_artifact",
            argument=argument,
            text=read.text,
            name=read.name,
            remedy=artifact_remedy(read.name, self.positions),
        )


def _size(value: Any) -> int:
    """About how many characters a value takes when it is stored."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(_size, value)) + len(value)
    return 8


def broken_binding(read: Broken) -> Issue:
    return issue("invalid_binding_syntax", text=read.text, why=(read.why,), rest=read.text[1:])


def artifact_remedy(name: str, stage_ids: Any) -> tuple[str]:
    """What to do about an artifact nobody produces: often its stage is meant."""
    if name in stage_ids:
        return (f'There is a stage of that name: add "produces": ["{name}"] to it.',)
    return ('Add it to the "produces" of an earlier stage, or correct the name.',)


def pick_of(read: Ref, *, many: bool) -> Pick | None:
    """Which results `$artifacts.name…` means, or None when the path means no medium.

    `.items` may be left out; `.selectedVersion`, `.versions[0]`, `.url` and `.content` change
    nothing, as every result of a run has one version. Without a number a list argument takes all
    results and a single one the first.
    """
    path = list(read.path)
    if path and path[0] == "items":
        path.pop(0)
    index: int | None = None if many else 0
    if path and isinstance(path[0], (int, Every)):
        first = path.pop(0)
        if isinstance(first, int):
            index = first
    if path and path[0] == "selectedVersion":
        path.pop(0)
    elif path[:1] == ["versions"]:
        path.pop(0)
        if path and path[0] != 0:
            return None
        path = path[1:]
    if path and path[0] in ("url", "content"):
        path.pop(0)
    if path:
        return None
    return EVERY if index is None else Pick(index=index)
