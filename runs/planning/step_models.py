"""Steps as callers send them: `input.steps`, its entries, and what each depends on (§2.3, §3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final, TypeAlias, cast

from pydantic import (
    BeforeValidator,
    RootModel,
    StrictBool,
    ValidationInfo,
)

from runs.planning.lenient import Lenient, fault, lenient_field
from templates_app.graph.port_arguments import TEXT_TRANSFORMS, TRANSFORM_KINDS, VALUE_TRANSFORMS
from templates_app.graph.types import (
    FIRST,
    INPUT_MEDIA,
    Binding,
    MediaKind,
    Pick,
    StepKey,
    Transform,
)
from tools.declaration.ports import MEDIA_KINDS

MAX_STEPS: Final = 12
MAX_BINDINGS: Final = 200
MAX_KEY: Final = 120
DEFAULT_TITLE: Final = "Durable creative workflow"
TRANSFORMS: Final = ("artifact_url", *TRANSFORM_KINDS, *VALUE_TRANSFORMS)
CHOICES: Final = {"transform": TRANSFORMS, "mediaType": MEDIA_KINDS}

# Beyond these a number is a mistake, and comparing or printing it may be slow.
_MAX_NUMERIC_ID: Final = 10**18
_MAX_POSITION: Final = 10**6
_NOT_IN_AN_ID: Final = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)


# -- names of steps -------------------------------------------------------------------------------


@dataclass(slots=True)
class StepNames:
    """The keys of a body's steps, and every name that a dependency may call them by."""

    keys: list[StepKey] = field(default_factory=list)
    _positions: dict[str, int] = field(default_factory=dict)

    def add(self, sent_id: str, tool: str) -> StepKey:
        """Name the next step. sent_id: its id, or ""."""
        position = len(self.keys)
        key = step_key(sent_id, tool, position, self.keys)
        self.keys.append(StepKey(key))
        for name in (sent_id, sent_id.strip(), key):
            if name:
                self._positions.setdefault(name, position)
        return StepKey(key)

    def position_of(self, name: str) -> int | None:
        for spelling in (name, name.strip(), normal_id(name)):
            if spelling in self._positions:
                return self._positions[spelling]
        return None


@dataclass(frozen=True, slots=True)
class EarlierSteps:
    """The steps that the step at a position may depend on: context of validating dependencies."""

    names: StepNames
    position: int


def normal_id(sent_id: str) -> str:
    """A step id as steps carry it: letters, digits, `_` and `-`."""
    return re.sub("_+", "_", _NOT_IN_AN_ID.sub("_", sent_id.strip()))[:MAX_KEY]


def step_key(sent_id: str, tool: str, position: int, keys: Sequence[str]) -> str:
    """A step's key: its id made safe, else its tool's name, else `step_<n>`; not in `keys`."""
    key = normal_id(sent_id) or normal_id(tool) or f"step_{position + 1}"
    number = position + 1
    base = key
    while key in keys:
        key = f"{base}_{number}"
        number += 1
    return key


# -- kinds of values ------------------------------------------------------------------------------


def _numeric_id(value: Any) -> Any:
    """Clients number their steps; a number is its digits."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and abs(value) < _MAX_NUMERIC_ID else value


def _text_or_empty(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else ""


def _title(value: Any) -> Any:
    return value[:200] if isinstance(value, str) else ""


def _prompt(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise fault("must_be_prompt")
    return value


def _object(value: Any) -> Any:
    if not isinstance(value, dict):
        raise fault("must_be_object")
    return value


def _steps(value: Any) -> Any:
    if not isinstance(value, list) or not value:
        raise fault("steps_missing" if value is None else "must_be_steps", limit=MAX_STEPS)
    if len(value) > MAX_STEPS:
        raise fault("too_many_steps", count=len(value), limit=MAX_STEPS)
    return value


def _dependencies(value: Any) -> Any:
    if not isinstance(value, list):
        raise fault("must_be_list")
    if len(value) > MAX_BINDINGS:
        raise fault("too_many", what="dependencies", count=len(value), limit=MAX_BINDINGS)
    return value


def _earlier_step(value: Any, info: ValidationInfo) -> str:
    """The key of the step that is named, which comes before the one that names it."""
    name = _numeric_id(value)
    if not isinstance(name, str) or not name.strip():
        raise fault("must_be_step_id")
    if name.strip() == INPUT_MEDIA:
        return INPUT_MEDIA
    earlier = cast(EarlierSteps, info.context)
    position = earlier.names.position_of(name)
    if position is None:
        raise fault("unknown_source_step", value=name)
    if position >= earlier.position:
        raise fault("forward_step_reference", value=name)
    return earlier.names.keys[position]


def _artifact_id(value: Any) -> Any:
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise fault("must_be_text")
    return value if value is None else value.strip()[:200]


def _position(value: Any, info: ValidationInfo) -> Any:
    """3.0 is a position too. Where an artifact is named, no position counts."""
    if value is None or info.data.get("artifact_id"):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _MAX_POSITION:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MAX_POSITION:
        raise fault("must_be_position")
    return value


def _argument(value: Any, info: ValidationInfo) -> Any:
    """Without an argument a dependency is order alone; one that takes a result needs a name."""
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise fault("must_be_argument")
    takes = info.data.get("transform") is not None or info.data.get("source") == INPUT_MEDIA
    if value is None and takes:
        raise fault("argument_missing")
    return value if value is None else value.strip()


def _agreement(value: Any, info: ValidationInfo) -> None:
    """A transform fits its source, and the kind that is said beside it."""
    transform, kind = info.data.get("transform"), info.data.get("media_kind")
    if transform in TEXT_TRANSFORMS and info.data.get("source") == INPUT_MEDIA:
        raise fault("only_steps_write", transform=transform)
    implied_kind = TRANSFORM_KINDS.get(transform or "")
    if kind is not None and implied_kind is not None and kind != implied_kind:
        raise fault("transform_disagrees", transform=transform, kind=kind)


Title: TypeAlias = Annotated[str, BeforeValidator(_text_or_empty)]
SourceStep: TypeAlias = Annotated[str, BeforeValidator(_earlier_step)]


# -- the models -----------------------------------------------------------------------------------


class StepsIn(Lenient):
    """The `input` of a body that lists its steps."""

    not_an_object: ClassVar[str] = "must_have_steps"

    steps: Annotated[list[Any], BeforeValidator(_steps)] = lenient_field("steps", always=True)
    title: Title = ""


class StepIn(Lenient):
    """An entry of `input.steps`. tool "": none is named. What it depends on is read afterwards."""

    id: Annotated[str, BeforeValidator(_numeric_id)] = lenient_field(
        "id", "stepId", "step_id", default=""
    )
    arguments: Annotated[dict[str, Any], BeforeValidator(_object)] = lenient_field(
        "arguments", "args", default={}
    )
    tool: Annotated[str, BeforeValidator(_text_or_empty)] = lenient_field(
        "toolName", "tool_name", "tool", "name", default=""
    )
    title: Annotated[str, BeforeValidator(_title)] = ""
    depends_on: Any = lenient_field("dependsOn", "depends_on")


class Dependencies(RootModel[Annotated[list[Any], BeforeValidator(_dependencies)]]):
    """The list under `dependsOn`."""


class OrderOnly(RootModel[SourceStep]):
    """An entry of `dependsOn` that is only a name: the step follows that one."""

    def binding(self) -> Binding | None:
        # The caller's media are there from the start, so there is nothing to wait for.
        return None if self.root == INPUT_MEDIA else Binding(StepKey(self.root), None)


class Dependency(Lenient):
    """An entry of `dependsOn` that fills an argument with what an earlier step made."""

    not_an_object: ClassVar[str] = "must_be_dependency"

    source: SourceStep = lenient_field(
        "sourceStepId", "source_step_id", "stepId", "step_id", always=True
    )
    transform: Transform | None = None
    media_kind: MediaKind | None = lenient_field("mediaType", "media_type")
    artifact_id: Annotated[str | None, BeforeValidator(_artifact_id)] = lenient_field(
        "sourceArtifactId", "source_artifact_id"
    )
    index: Annotated[int | None, BeforeValidator(_position)] = lenient_field(
        "sourceArtifactIndex", "source_artifact_index"
    )
    required: StrictBool = True
    target: Annotated[str | None, BeforeValidator(_argument)] = lenient_field(
        "targetArgument", "target_argument", always=True
    )
    # No value of its own: a model validator would run only once every field is right, and a caller
    # would be told of a disagreement one attempt later.
    agreement: Annotated[None, BeforeValidator(_agreement)] = lenient_field("transform")

    def binding(self) -> Binding:
        if self.target is None:
            return Binding(StepKey(self.source), None)
        return Binding(
            source=StepKey(self.source),
            target_argument=self.target,
            transform=self.transform,
            pick=self._pick(),
            media_kind=self.media_kind or TRANSFORM_KINDS.get(self.transform or ""),
            required=self.required,
        )

    def _pick(self) -> Pick:
        if self.artifact_id is not None:
            return Pick(artifact_id=self.artifact_id)
        return FIRST if self.index is None else Pick(index=self.index)


class ImageToVideoIn(Lenient):
    """The `input` of `image_to_video`: a picture, then a film that begins with it (§2.6).

    What its two tools take is checked as their arguments.
    """

    not_an_object: ClassVar[str] = "must_have_prompt"

    prompt: Annotated[str, BeforeValidator(_prompt)] = lenient_field("prompt", always=True)
    video_prompt: str | None = lenient_field("videoPrompt", "video_prompt")
    negative_prompt: Any = lenient_field("negativePrompt", "negative_prompt")
    width: Any = None
    height: Any = None
    seed: Any = None
    duration: Any = None
    image_model: Any = lenient_field("imageModel", "image_model")
    video_model: Any = lenient_field("videoModel", "video_model")
    count: Any = lenient_field("numberOfMedia", "number_of_media")
    title: Title = ""

    def steps(self) -> list[dict[str, Any]]:
        """The two steps as a list of steps would have them."""
        image = {
            "prompt": self.prompt,
            "negativePrompt": self.negative_prompt,
            "width": self.width,
            "height": self.height,
            "model": self.image_model,
            "numberOfVariations": self.count,
            "seed": self.seed,
        }
        has_words = self.video_prompt is not None and self.video_prompt.strip()
        video = {
            "prompt": self.video_prompt if has_words else self.prompt,
            "duration": self.duration,
            "videoModel": self.video_model,
            "seed": self.seed,
        }
        link = {
            "sourceStepId": "image",
            "targetArgument": "referenceImageIndices",
            "transform": "image_index",
            "mediaType": "image",
        }
        return [
            {"id": "image", "toolName": "generate_image", "arguments": _without_nulls(image)},
            {
                "id": "video",
                "toolName": "generate_video",
                "arguments": _without_nulls(video),
                "dependsOn": [link],
            },
        ]


def _without_nulls(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
