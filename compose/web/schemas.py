"""The bodies of tools/execute, in the spelling of the public contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, AliasGenerator, BaseModel, Field, StrictBool, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from compose.chat.request import REFERENCE_FIELDS

_EITHER_CASE = AliasGenerator(validation_alias=lambda name: AliasChoices(name, to_camel(name)))


class ExecuteIn(BaseModel, alias_generator=_EITHER_CASE, use_attribute_docstrings=True):
    """The tool to call, with its arguments."""

    tool: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("tool", "tool_name", "toolName", "name"),
            min_length=1,
            max_length=80,
        ),
    ]
    """The tool, with or without the prefix `sogni_`."""
    arguments: Annotated[
        dict[str, Any], Field(validation_alias=AliasChoices("arguments", "args"))
    ] = {}
    """Its arguments, in snake case or camel case."""
    token_type: Literal["sogni", "spark", "auto"] | None = None
    """`spark`, `sogni` or `auto`; also as the header X-Token-Type. One credit pays for all."""
    app_source: Annotated[str | None, Field(max_length=200)] = None
    """Which program asks; also as the header X-App-Source."""
    safe_content_filter: StrictBool = True
    """Whether results must be safe for everyone."""
    idempotency_key: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    """As the header Idempotency-Key, which wins."""
    media: SkipJsonSchema[dict[str, Any]] = Field({}, validation_alias="media")
    """Every list of media references, by its name in the body."""

    @model_validator(mode="before")
    @classmethod
    def _gather_media(cls, body: Any) -> Any:
        if not isinstance(body, Mapping):
            return body
        return {**body, "media": {name: body[name] for name in REFERENCE_FIELDS if name in body}}


class ToolResult(BaseModel, extra="allow", use_attribute_docstrings=True):
    """The answer of a tool; each tool adds fields of its own.

    A failed call has `ok` false with `success`, `error_type`, `message`, `retryable` and
    `suggested_next_action`. A tool that ran as a workflow names it in `workflowId` and `url`.
    """

    ok: bool
    """Whether it worked."""
    tool: str
    """The tool's own name."""
    status: str
    """`completed` or `failed`."""
    warnings: list[str]
    """What could not be done as asked, as sentences."""
    metadata: dict[str, Any]
    """`planner`: `rules` or the model that wrote it. `draft`: true while nothing of it is saved."""
    success: bool | None = None
    """false when it failed."""
    error_type: str | None = None
    """Why it failed, as one of the contract's names."""
    message: str | None = None
    """For people."""
    retryable: bool | None = None
    """Whether the same call may work later."""
    suggested_next_action: str | None = None
    """What to do about a failure."""
    workflowId: str | None = None
    """The run of a tool that ran as a workflow of one step."""
    url: str | None = None
    """Where that run can be read."""


class ToolCallOut(BaseModel, use_attribute_docstrings=True):
    """One call."""

    toolCallId: str
    """Names the call; composition calls are on the account's page by it."""
    tool: str
    """As it was sent."""
    result: ToolResult
    message: str | None
    """The result in words, null where it has none."""
