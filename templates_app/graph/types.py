"""Records of a plan. `plan_json` reads and writes them by their annotations.

Plain dataclasses: planning makes thousands, and a Pydantic model takes longer to construct.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final, Literal, NewType, TypeAlias

from core.records import record
from templates_app.graph.issues import Issue

StepKey = NewType("StepKey", str)
JSON: TypeAlias = Any
MediaKind: TypeAlias = Literal["image", "video", "audio", "model"]
Transform: TypeAlias = Literal[
    "artifact_url",
    "image_url",
    "video_url",
    "audio_url",
    "artifact_data_uri",
    "image_index",
    "video_index",
    "audio_index",
    "subtitle_cues",
    "subtitle_srt",
    "overlay_items",
    "asset_ref",
]
OnError: TypeAlias = Literal["stop", "continue", "skip", "retry_once"]
StepKind: TypeAlias = Literal["tool", "expand", "wait", "gate", "group"]

INPUT_MEDIA: Final = "$input_media"


@record
class Pick:
    """The results of a source that a binding takes. Exactly one field is set: see `FIRST`.

    index: the n-th of the binding's media kind, in order of position; -1 is the last. With
    `$input_media` it counts the caller's media of that kind, 0 first.
    path: `items[*]` takes every one, in order. `latest` takes the newest medium of the kind among
    all results before the step, anyone who made it, else the first the caller brought.
    """

    index: int | None = None
    artifact_id: str | None = None
    path: str | None = None


FIRST = Pick(index=0)
EVERY = Pick(path="items[*]")
LATEST = Pick(path="latest")


@record
class Binding:
    """An edge of a plan: a step's result, or the caller's media, goes into an argument.

    target_argument None: order only (barrier, gate, a plain `dependsOn` string).
    `barrier`: the source may fail or be skipped without harm. Such a binding with a target is not
    required; one without a target keeps the order of media, or lets a condition ask how it ended.
    target_argument is a declared spelling of one of the tool's ports, or of a parameter when the
    transform is `asset_ref`, `artifact_data_uri`, `subtitle_cues`, `subtitle_srt` or
    `overlay_items`. Bindings of one target are applied in their order. A batch as source gives the
    media of all its items, in order. output: of such items, if they are a template, by its name;
    "" for the main one.

    Barriers are transitively reduced, so a step may only be given up (skipped) once *all* its
    sources are finished: anyone who waits for it relies on what lies before it being finished too.
    """

    source: StepKey | Literal["$input_media"]
    target_argument: str | None
    transform: Transform | None = None
    pick: Pick | None = None
    media_kind: MediaKind | None = None
    required: bool = True
    implied: bool = False
    barrier: bool = False
    output: str = ""


def is_element(binding: Binding) -> bool:
    """Tell whether a binding is of what its source, a batch, repeats: `pick.path` names it."""
    path = binding.pick.path if binding.pick is not None else None
    return path is not None and path.startswith("$")


@record
class DeferredRef:
    """A reference that is read when its step starts.

    at: where its value goes, as a path of keys and positions from where it is. ref: the binding
    as written. source: the step whose result `$artifacts…` means here; None for `$item` and `$run`.
    batch: whose element `$item…` means, where it isn't the step's own; default, is_optional:
    of an element that lacks it. output: as `Binding` has it.
    """

    at: tuple[str | int, ...]
    ref: str
    source: StepKey | None = None
    batch: StepKey | None = None
    default: JSON = None
    is_optional: bool = False
    output: str = ""


@record
class DeferredArgument:
    """An argument with references to what is not known when a run is planned.

    argument: in declared spelling. value: the whole argument, inputs filled in, null wherever a
    reference is. Sources are among the step's needs. Where the argument is a port's, what the
    references give must be media, and the caller's media beside them in a list are the objects
    {"$medium": ref, "kind": kind}; elsewhere a file is written as its id, as `asset_ref` writes it.
    required: a reference that leads to nothing fails the step; else the argument is left out.
    """

    argument: str
    value: JSON
    refs: tuple[DeferredRef, ...]
    required: bool = True


@record
class MediaValue:
    """A file as a value: "artifact:<public id>", or "input:<position in the run's media>"."""

    ref: str
    kind: MediaKind


@record
class BatchSpec:
    """The elements that a batch stage repeats, and the step for each.

    items: the elements when they are known at planning; a file among them is the object
    {"$medium": ref, "kind": kind}. over: else where they come from, `at` being empty.
    item: what is done for each; its key, sequence and needs are the batch's own, and its late
    arguments may name `$item`. label: with `{index}` and `{field}` placeholders. tries: attempts
    of an item after any kind of failure; 0: as any step. expected: how many elements there will
    be, as far as planning can tell; for quotes. The item's seed is the batch's own too.
    members: where the item is a group, the steps of it. They have their own sequences, which no
    other step of the plan has.
    """

    item_name: str
    item: PlanStep
    items: tuple[JSON, ...] | None = None
    over: DeferredRef | None = None
    concurrency: int = 1
    allow_partial: bool = False
    label: str = ""
    tries: int = 0
    expected: int = 1
    members: tuple[PlanStep, ...] = ()


@record
class PlanOutput:
    """A result that a template is used for. pick: which of its source's files; None: all. output:
    of a batch as source, as `Binding` has it."""

    name: str
    source: StepKey
    pick: Pick | None = None
    label: str = ""
    output: str = ""

    @property
    def index(self) -> int | None:
        return None if self.pick is None else self.pick.index


@record
class GroupSpec:
    """A group of steps. result: the member whose files are the group's. template: the title and
    version of the one that it is; empty for one that only holds stages. outputs: of an element of
    a batch, what others may take besides the result."""

    result: StepKey
    template: str = ""
    outputs: tuple[PlanOutput, ...] = ()


@record
class PlanStep:
    """One step of a plan.

    arguments: canonical wire spelling, defaults not filled; media appear only as whole non-negative
    positions (`sourceImageIndex: 0`), everything else that names media is a binding in `needs`. The
    one exception keeps a mixed list in order: beside non-negative positions, the caller's media
    stay in the list as negative ones.
    sequence: (sequence, item_index, position) orders all media, never completion time.
    late: arguments that are read when it starts; they do not be in `arguments`.
    condition: {"type": "if_success_of" | "if_error_in", "sources": [key]}, {"type":
    "if_artifact_exists", "sources": [key…]} (the newest is asked first), or {"type": "expr",
    "expression": tree of `graph.expressions`}. All sources are among the needs, as barriers.
    ask: of kinds `wait` and `gate`. {"reason": one of runs.states.WAITING_REASONS, "prompt": {…}}:
    prompt of an interactive stage: stageId, systemPrompt, userMessage, allowedTools, skillRef; of
    a gate: stageId, the step it follows; of a question: question, reason. The argument `question`
    says what is asked once its late references are read. select {"source": key, "kind": media kind,
    "min", "max"?}: the answer picks among what that step made, and is what this step makes.
    group: of kind `group`, which begins when its needs are over and ends with its last member.
    member_of: the group that holds it: it begins after that does.
    """

    key: StepKey
    sequence: int
    kind: StepKind
    tool: str
    wire_tool: str
    arguments: Mapping[str, JSON]
    needs: tuple[Binding, ...] = ()
    title: str = ""
    stage_id: str = ""
    seed: int | None = None
    late: tuple[DeferredArgument, ...] = ()
    condition: Mapping[str, JSON] | None = None
    on_error: OnError = "stop"
    batch: BatchSpec | None = None
    ask: Mapping[str, JSON] | None = None
    group: GroupSpec | None = None
    member_of: StepKey | None = None


@record
class MediaRef:
    """A file the caller brought. Position i among its kind is wire index -(i+1).

    inline: it came as an address inside a step's arguments, not with the request, so it is no one's
    default. Inline media follow all others.
    """

    kind: MediaKind
    url: str | None  # foreign https, fetched at claim
    asset: str | None  # "blob:<sha256>" when it is ours
    label: str = ""
    id: str = ""
    inline: bool = False


@record
class PlanScope:
    """A template stage: its members find each other's media and those that it is given.

    first, end: sequences of its group and of the last step inside; all between are inside. result:
    the step whose media others find. media: what it is given, the first of a kind for members that
    find nothing newer. repeats: it is done for each element of a batch, and what one element makes
    no other finds. maker: sequence of what makes the result's media; -1: that of `result`.
    """

    first: int
    end: int
    result: StepKey
    media: tuple[Binding, ...] = ()
    repeats: bool = False
    maker: int = -1


@record
class Plan:
    """The work of a run. Steps are in topological order, their sequences rise.

    format: 2 where a step is in a group, 3 where a batch repeats one, which programs that know only
    less can't carry out. outputs: of a template, the main one first. scopes: of its template
    stages, outer ones first.
    """

    title: str
    steps: tuple[PlanStep, ...]
    media: tuple[MediaRef, ...] = ()
    artifact_names: Mapping[str, StepKey] = field(default_factory=dict)
    format: int = 1
    outputs: tuple[PlanOutput, ...] = ()
    scopes: tuple[PlanScope, ...] = ()

    @property
    def calls(self) -> Iterator[PlanStep]:
        """Yield all that is done, see `calls_of`."""
        for step in self.steps:
            yield from calls_of(step)


def calls_of(step: PlanStep) -> Iterator[PlanStep]:
    """Yield what a step does: itself, or what a batch repeats, at any depth; nothing of a group."""
    if step.batch is None:
        if step.group is None:
            yield step
    elif step.batch.item.group is None:
        yield step.batch.item
    else:
        for member in step.batch.members:
            yield from calls_of(member)


@record
class Compiled:
    """A plan, or the reasons there is none. plan is None exactly when errors is not empty."""

    plan: Plan | None
    errors: tuple[Issue, ...] = ()
    warnings: tuple[Issue, ...] = ()


def _nobodys_asset(url: str) -> str | None:
    return None


def _no_http(host: str) -> bool:
    return False


@record
class Limits:
    """Limits of planning, and what it must ask its caller about addresses.

    own_asset: "blob:<sha256>" when an address is one of ours, else None; may raise
    `core.errors.InvalidBody` for an address that must not be used, such as an expired one of ours
    or a private host. allow_http: whether media may be fetched from this `host[:port]` without TLS.
    """

    max_steps: int = 1_000
    max_edges: int = 20_000
    max_media: int = 50
    own_asset: Callable[[str], str | None] = _nobodys_asset
    allow_http: Callable[[str], bool] = _no_http
