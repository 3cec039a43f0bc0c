"""What templates and plans are made of. Standard library only: Pydantic stays at the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NewType, TypeAlias

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
StepKind: TypeAlias = Literal["tool", "expand", "wait", "gate"]

INPUT_MEDIA = "$input_media"


@dataclass(frozen=True, slots=True)
class Fix:
    """Editor ops that clear an issue when they are applied."""

    label: str
    ops: tuple[Mapping[str, JSON], ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem of a template or of a step's arguments; the same shape everywhere.

    code is a member of ISSUE_CODES. path as in the public contract §6.7: `stages/<id>/args`.
    """

    severity: Literal["error", "warning"]
    code: str
    message: str
    path: str = ""
    argument: str = ""
    stage_id: str | None = None
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """Which of a source's results a binding takes. Exactly one field is set."""

    index: int | None = 0
    artifact_id: str | None = None
    path: str | None = None  # the rest of "$artifacts.x.items[*]…", evaluated at claim


@dataclass(frozen=True, slots=True)
class Binding:
    """An edge of a plan: a step's result, or the caller's media, goes into an argument.

    target_argument None: order only (barrier, gate, a plain `dependsOn` string).
    `barrier` marks order kept for the media list alone: such a source may fail without harm.
    """

    source: StepKey | Literal["$input_media"]
    target_argument: str | None
    transform: Transform | None = None
    pick: Pick | None = None
    media_kind: MediaKind | None = None
    required: bool = True
    implied: bool = False
    barrier: bool = False


@dataclass(frozen=True, slots=True)
class BatchSpec:
    over: str
    item_name: str
    item: PlanStep
    concurrency: int = 1
    allow_partial: bool = False
    label: str | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a plan.

    arguments: canonical wire spelling, defaults not filled; media appear only as whole non-negative
    positions (`sourceImageIndex: 0`), everything else that names media is a binding in `needs`.
    sequence: (sequence, item_index, position) orders all media, never completion time.
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
    condition: Mapping[str, JSON] | None = None
    on_error: OnError = "stop"
    batch: BatchSpec | None = None
    ask: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A medium the caller brought. Position i among its kind is wire index -(i+1)."""

    kind: MediaKind
    url: str | None  # foreign https, fetched at claim
    asset: str | None  # "blob:<sha256>" when it is ours
    label: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run executes. Steps are in topological order, `sequence` equals the position."""

    title: str
    steps: tuple[PlanStep, ...]
    media: tuple[MediaRef, ...] = ()
    artifact_names: Mapping[str, StepKey] = field(default_factory=dict)
    format: int = 1


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan, or the reasons there is none. plan is None exactly when errors is not empty."""

    plan: Plan | None
    errors: tuple[Issue, ...] = ()
    warnings: tuple[Issue, ...] = ()
