"""Parts of a template, declared once: the models behind reading, JSON Schema and types.

A field's alias is its wire spelling. `spec_reader` reads stored JSON into these models; a value
that fits none becomes an issue, which `spec_issues` names after the error types used here.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from templates_app.graph.spec_values import (
    MAX_LIST,
    Arguments,
    Count,
    Else,
    JsonObject,
    Number,
    Options,
    Shape,
    Text,
    Texts,
    bounds,
    free_id,
    full_version,
    without_nulls,
)
from templates_app.graph.types import OnError

InputType: TypeAlias = Literal["image", "audio", "video", "text", "number", "select", "boolean"]
StageType: TypeAlias = Literal["fixed", "interactive", "batch"]
ConditionType: TypeAlias = Literal[
    "always", "if_success_of", "if_error_in", "if_artifact_exists", "expr"
]
Category: TypeAlias = Literal[
    "portrait",
    "video-social",
    "makeover",
    "cinematic",
    "music",
    "analysis",
    "custom",
    "other",
]
Stability: TypeAlias = Literal["production", "beta", "experimental"]
Visibility: TypeAlias = Literal["private", "public"]
PreviewType: TypeAlias = Literal["image", "video"]

CATEGORIES: Final[tuple[str, ...]] = get_args(Category)
STABILITIES: Final[tuple[str, ...]] = get_args(Stability)
VISIBILITIES: Final[tuple[str, ...]] = get_args(Visibility)
INPUT_TYPES: Final[tuple[str, ...]] = get_args(InputType)
STAGE_TYPES: Final[tuple[str, ...]] = get_args(StageType)
ON_ERROR: Final[tuple[str, ...]] = get_args(OnError)
CONDITIONS: Final[tuple[str, ...]] = get_args(ConditionType)
PREVIEW_TYPES: Final[tuple[str, ...]] = get_args(PreviewType)
MEDIA_INPUTS: Final = frozenset({"image", "audio", "video"})

MAX_STAGES: Final = 5_000
MAX_INPUTS: Final = 64
MAX_OUTPUTS: Final = 16
MAX_ID: Final = 128
MAX_NAME: Final = 200
MAX_CONCURRENCY: Final = 16
MAX_TRIES: Final = 10


# -- inputs ---------------------------------------------------------------------------------------


class Bounds(Shape):
    """The number of values that a `multiple` input takes. high None: any number."""

    low: Count = Field(0, alias="min")
    high: Count | None = Field(None, alias="max")

    @model_validator(mode="after")
    def _in_order(self) -> Bounds:
        if self.high is not None and self.high < max(self.low, 1):
            raise ValueError("max is less than min")
        return self


class Input(Shape):
    """A declared input. default None: there is none, as a null counts as absent."""

    name: str
    type: InputType
    # As issues name it.
    path: SkipJsonSchema[str] = Field("", alias="$path")
    description: Text = ""
    options: Options = ()
    json_schema: JsonObject | None = Field(None, alias="jsonSchema")
    required: bool = False
    default: Any = None
    multiple: Annotated[Bounds | None, BeforeValidator(bounds), Else("must_be_bounds")] = None
    internal: bool = False
    # Of a template stage that gives it, see `inlining`; no start sets it.
    scope: SkipJsonSchema[str] = Field("", alias="$scope")
    # Of an input that has what the scope, a batch over a template, repeats: a reference to it.
    element: SkipJsonSchema[str] = Field("", alias="$element")
    is_optional: SkipJsonSchema[bool] = Field(False, alias="$optional")

    @property
    def is_media(self) -> bool:
        return self.type in MEDIA_INPUTS


# -- stages ---------------------------------------------------------------------------------------


class Condition(Shape):
    """The condition for a stage to run. Which of the three names it needs depends on its type."""

    type: ConditionType
    stage_id: Text = Field("", alias="stageId")
    artifact_name: Text = Field("", alias="artifactName")
    expression: Text = ""


class Select(Shape):
    """The choices of an interactive stage. high None: any number."""

    source: Annotated[str, Field(pattern=r"\S"), Else("must_be_select_source")] = Field(
        alias="from"
    )
    low: Annotated[Count, Else("must_be_select_bounds")] = Field(1, alias="min")
    high: Annotated[Count | None, Else("must_be_select_bounds")] = Field(None, alias="max")

    @model_validator(mode="after")
    def _in_order(self) -> Select:
        if self.high is not None and self.high < max(self.low, 1):
            raise PydanticCustomError("must_be_select_bounds", "must_be_select_bounds")
        return self


class Stage(Shape):
    """A stage of any type; what belongs to another type is empty (`spec_reader` leaves it out).

    item: a batch stage's `itemStage`, a fixed stage under the batch's id. tries: how often an item
    is tried, 0 when no one says.
    """

    id: str
    type: StageType
    # As issues name it.
    path: SkipJsonSchema[str] = Field("", alias="$path")
    review_focus: Texts = Field((), alias="reviewFocus")
    success_criteria: Texts = Field((), alias="successCriteria")
    human_approval_default: bool = Field(False, alias="humanApprovalDefault")
    tool: Annotated[str, Field(pattern=r"\S"), Else("tool_required")] = ""
    args: Arguments = Field(default_factory=dict)
    system_prompt: Text = Field("", alias="systemPrompt")
    user_message: Text = Field("", alias="userMessage")
    skill_ref: Text = Field("", alias="skillRef")
    allowed_tools: Texts = Field((), alias="allowedTools")
    select: Annotated[Select | None, BeforeValidator(without_nulls)] = None
    label: Text = ""
    produces: Texts = ()
    requires: Texts = Field((), alias="requiredArtifactsIn")
    optional: Texts = Field((), alias="optionalArtifactsIn")
    condition: Annotated[Condition | None, BeforeValidator(without_nulls)] = None
    bypass: bool = False
    on_error: OnError = Field("stop", alias="onError")
    checkpoint_required: bool = Field(False, alias="checkpointRequired")
    sub_stages: Annotated[
        tuple[Stage, ...], Field(max_length=MAX_STAGES, strict=False, alias="subStages")
    ] = ()
    over: str = Field("", alias="overBinding")
    item_name: Annotated[str, Field(pattern=r"\S"), Else("batch_item_name_required")] = Field(
        "", alias="itemName"
    )
    concurrency: Annotated[
        Count, Field(ge=1, le=MAX_CONCURRENCY), Else("batch_concurrency_invalid")
    ] = 1
    tries: Annotated[Count, Field(ge=1, le=MAX_TRIES), Else("must_be_attempts")] = Field(
        0, alias="maxAttemptsPerItem"
    )
    item: Stage | None = Field(None, alias="itemStage")
    allow_partial: bool = Field(False, alias="partialExecutionEnabled")
    item_label: Text = Field("", alias="itemLabelTemplate")

    @property
    def inside(self) -> tuple[Stage, ...]:
        """Return the stages in it, and in what it repeats, as they run."""
        return self.sub_stages if self.item is None else (*self.sub_stages, *self.item.sub_stages)

    @property
    def caller(self) -> Stage:
        """Return the part that names a tool: what a batch repeats, else the stage."""
        return self.item if self.type == "batch" and self.item is not None else self

    @property
    def has_checkpoint(self) -> bool:
        """Tell whether the run waits after it until a person approves. Either field says so."""
        return self.checkpoint_required or self.human_approval_default

    @property
    def is_conditional(self) -> bool:
        return self.condition is not None and self.condition.type != "always"

    @property
    def prompt(self) -> dict[str, Any]:
        """Return what an interactive stage says to who answers it, without what is empty."""
        prompt: dict[str, Any] = {
            "systemPrompt": self.system_prompt,
            "userMessage": self.user_message,
            "skillRef": self.skill_ref,
            "allowedTools": list(self.allowed_tools),
        }
        return {key: value for key, value in prompt.items() if value}


# -- outputs --------------------------------------------------------------------------------------


class Output(Shape):
    """A result that the template is used for; its name is its key. Those are shown by position."""

    # As issues name it.
    path: SkipJsonSchema[str] = Field("", alias="$path")
    source: Annotated[str, Field(pattern=r"\S"), Else("must_be_output_source")] = Field(
        alias="from"
    )
    label: Text = ""
    position: Annotated[Count, Else("must_be_place")] = 0


# -- the whole ------------------------------------------------------------------------------------


class Author(Shape):
    user_id: str = Field("", alias="userId")
    display_name: str = Field("", alias="displayName")


class Span(Shape):
    """An estimate, from least to most."""

    low: Number = Field(alias="min", ge=0)
    high: Number = Field(alias="max")

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.high < self.low:
            raise ValueError("max is less than min")
        return self


class Preview(Shape):
    """A result that the gallery shows; made by the stage it names."""

    # As issues name it.
    path: SkipJsonSchema[str] = Field("", alias="$path")
    stage_id: Annotated[str, Else("must_be_stage_id")] = Field("", alias="stageId")
    url: Annotated[str, Else("must_be_url")] = ""
    label: Text = ""
    poster_url: Text = Field("", alias="posterUrl")
    media_type: PreviewType | None = Field(None, alias="mediaType")


Estimate: TypeAlias = Annotated[Span | None, Else("must_be_span")]


class Spec(Shape):
    """A template as it is stored and sent.

    unreadable: names of inputs that are declared, but so badly that nothing else is known.
    """

    model_config = ConfigDict(title="Template")

    name: Annotated[str, Field(max_length=MAX_NAME)] = ""
    id: Annotated[
        str | None,
        Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$"),
        AfterValidator(free_id),
        Else("must_be_template_id"),
    ] = None
    version: Annotated[
        str | None, Field(max_length=64), AfterValidator(full_version), Else("must_be_semver")
    ] = None
    author: Annotated[Literal["system"] | Author | None, Else("must_be_author")] = None
    description: Text = ""
    brief: Text = ""
    thumbnail_url: Text = Field("", alias="thumbnailUrl")
    category: Category | None = None
    stability: Stability | None = None
    visibility: Visibility | None = None
    expose_to_llm: bool = Field(False, alias="exposeToLLM")
    llm_priority: Annotated[Number | None, Else("must_be_priority")] = Field(
        None, alias="llmPriority"
    )
    tags: Texts = ()
    review_focus: Texts = Field((), alias="reviewFocus")
    metadata: JsonObject | None = None
    graph: JsonObject | None = None
    extra: JsonObject | None = None
    open_montage_import: JsonObject | None = Field(None, alias="openMontageImport")
    estimated_capacity_units: Estimate = Field(None, alias="estimatedCapacityUnits")
    estimated_credits: Estimate = Field(None, alias="estimatedCredits")
    inputs: Annotated[tuple[Input, ...], Field(max_length=MAX_INPUTS, strict=False)] = ()
    stages: Annotated[tuple[Stage, ...], Field(max_length=MAX_STAGES, strict=False)] = ()
    outputs: dict[str, Output] = Field(default_factory=dict)
    preview_artifacts: Annotated[tuple[Preview, ...], Field(max_length=MAX_LIST, strict=False)] = (
        Field((), alias="previewArtifacts")
    )
    unreadable: SkipJsonSchema[frozenset[str]] = Field(frozenset(), alias="$unreadable")

    @property
    def previews(self) -> tuple[str, ...]:
        """Ids of the stages that `previewArtifacts` name."""
        return tuple(preview.stage_id for preview in self.preview_artifacts if preview.stage_id)
