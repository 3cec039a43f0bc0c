"""The public shapes of starting and reading runs; here the contract's spelling stops.

Inside we say run, step, media; on the wire it is a workflow with camelCase names.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StrictBool


def either(*names: str) -> AliasChoices:
    """A field that several spellings fill; the first one present wins."""
    return AliasChoices(*names)


class StartIn(BaseModel):
    """The body of a start. Exactly one of `input` and `workflow_id` says what to run.

    Media references have many places and spellings: `runs.starts.media_of_body` reads them.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    kind: Annotated[str | None, Field(max_length=80)] = None
    input: dict[str, Any] | None = None
    template_id: Annotated[
        str | None, Field(validation_alias=either("workflow_id", "workflowId"), max_length=256)
    ] = None
    inputs: dict[str, Any] | None = None
    token_type: Annotated[
        Literal["sogni", "spark", "auto"] | None,
        Field(validation_alias=either("token_type", "tokenType")),
    ] = None
    billing_mode: Annotated[
        Literal["auto", "subscription", "tokens"],
        Field(validation_alias=either("billing_mode", "billingMode")),
    ] = "auto"
    app_source: Annotated[
        str | None, Field(validation_alias=either("app_source", "appSource"), max_length=200)
    ] = None
    max_units: Annotated[
        float | None,
        Field(
            validation_alias=either(
                "max_estimated_capacity_units", "maxEstimatedCapacityUnits", "cost_ceiling"
            ),
            ge=0,
            strict=True,
        ),
    ] = None
    confirm_cost: Annotated[
        StrictBool | None, Field(validation_alias=either("confirm_cost", "confirmCost"))
    ] = None
    safe_content_filter: Annotated[
        StrictBool, Field(validation_alias=either("safe_content_filter", "safeContentFilter"))
    ] = True
    idempotency_key: Annotated[
        str | None,
        Field(
            validation_alias=either("idempotency_key", "idempotencyKey"),
            min_length=1,
            max_length=255,
        ),
    ] = None


class CancelIn(BaseModel):
    """The body of a cancel: nothing, or a reason."""

    model_config = ConfigDict(extra="ignore")

    reason: Annotated[str | None, Field(max_length=500)] = None
