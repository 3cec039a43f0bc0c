"""Schemas for the public reference of what `templates_app.web.serializers` renders.

Rendering does not go through these; tests hold real answers against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from templates_app.graph.spec import Category

# What has no value that may be taken away: null is refused.
X_KEPT = {"x-kept": True}
Name = Annotated[
    str,
    Field(description="Not blank.", max_length=200, pattern=r"\S", json_schema_extra=X_KEPT),
]
Tag = Annotated[str, Field(pattern=r"\S")]


class IssueOut(TypedDict):
    """One problem. code: see the reference of issue codes; warnings stop nothing."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    path: str
    stageId: str | None
    argument: NotRequired[Annotated[str | None, Field(default=None)]]
    fix: NotRequired[Annotated[dict[str, Any] | None, Field(default=None)]]


class ValidationOut(BaseModel):
    """valid: there are no errors."""

    valid: bool
    issues: list[IssueOut]


class Author(BaseModel):
    userId: str
    displayName: str


class TemplateFields(BaseModel):
    """The fields of a template. Unknown fields are kept, up to 64 KB together.

    What stages, inputs and bindings may hold is checked as a whole: see `Validation`.
    """

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    description: str = ""
    """What it is for, in a sentence or two."""
    brief: str | None = None
    """What to make, in the author's words."""
    category: Category = "custom"
    """Where the gallery lists it."""
    stability: Literal["production", "beta", "experimental"] = "experimental"
    """How far its author trusts it."""
    inputs: list[dict[str, Any]] = []
    """What is asked before a run: `{name, type, required, default, options, multiple …}`."""
    stages: list[dict[str, Any]] = []
    """What is done, in order: fixed, interactive and batch stages."""
    graph: dict[str, Any] | None = None
    """Where the editor draws things; never executed."""
    previewArtifacts: list[dict[str, Any]] | None = None
    """Pictures and films to show it with."""
    estimatedCapacityUnits: dict[str, Any] | None = None
    """`{min, max}`, for people; a quote is worked out from the stages."""
    exposeToLLM: bool = False
    """Whether agents may use it as a tool."""
    llmPriority: float | None = None
    """Lower is offered earlier; absent counts as 100."""
    tags: list[Tag] | None = None
    """Words to find it by."""
    metadata: dict[str, Any] | None = None
    """Anything of yours; kept as it is."""


class TemplateIn(TemplateFields):
    """A new template."""

    id: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$", description="Else one is minted.")
    ] = None
    name: Name
    visibility: Literal["private", "public"] = "private"
    """public: everyone signed in may run and copy it."""
    showsStagesOf: list[str] | None = None
    """Private templates of yours among its stages that publishing may show to everyone."""
    templates: dict[str, TemplateFields] | None = None
    """Templates that stages name, by `<id>@<version>`: private ones are made of them."""


class TemplatePatch(TemplateFields):
    """Top-level fields to replace whole; null removes one. `id` and `author` are ignored."""

    # Not named in the document: an empty name is no name.
    name: Name = Field(default_factory=str)
    version: Annotated[
        str | None, Field(description="A higher version; anything else bumps the patch number.")
    ] = None
    visibility: Literal["private", "public"] = "private"
    showsStagesOf: list[str] | None = None
    """Private templates of yours among its stages that publishing may show to everyone."""


class ModerationOut(BaseModel):
    """A decision of a moderator. reason: its title; null: none was given. since: ISO 8601."""

    state: Literal["hidden", "removed"]
    reason: str | None
    message: str
    since: str | None


class TemplateOut(TemplateFields):
    """A template as its viewer sees it. moderation: for its owner, while it is hidden."""

    id: str
    name: str
    version: str
    author: Literal["system"] | Author
    visibility: Literal["private", "public"]
    createdAt: str
    updatedAt: str
    clonedFromTemplateId: str | None = None
    moderation: ModerationOut | None = None


class TemplateAnswer(BaseModel):
    template: TemplateOut


class WholeStage(BaseModel):
    """A stage that stays a template. message: why."""

    stageId: str
    message: str


class TemplateRead(TemplateAnswer):
    """`wholeStages` with `expand`."""

    wholeStages: list[WholeStage] | None = None


class TemplateSaved(TemplateAnswer):
    """`validation` when there are warnings."""

    validation: ValidationOut | None = None


class TemplatesOut(BaseModel):
    templates: list[TemplateOut]
    next: Annotated[int | None, Field(description="The offset of the next page; null: none.")]


class TemplateDeleted(BaseModel):
    deleted: Literal[True]
    id: str
