"""The public shapes of starting and reading runs; here the contract's spelling stops.

Inside we say run, step, media; on the wire it is a workflow with camelCase names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from runs.options import Drafter, Receiver
from runs.planning.media_references import lists_in

# What a step takes as its seed.
Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]


def either(*names: str) -> AliasChoices:
    """A field that several spellings fill; the first one present wins."""
    return AliasChoices(*names)


IdempotencyKeyText = Annotated[
    str | None,
    Field(
        validation_alias=either("idempotency_key", "idempotencyKey"),
        min_length=1,
        max_length=255,
    ),
]


class WebhookIn(BaseModel):
    """A receiver of one run: its URL, and the events that it hears of."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    url: Annotated[str, Field(min_length=1, max_length=2048)]
    """An https:// URL."""
    events: Annotated[
        list[Literal["run.completed", "run.failed", "run.waiting", "run.cancelled"]],
        Field(min_length=1, max_length=20),
    ] = ["run.completed", "run.failed", "run.waiting", "run.cancelled"]
    """All of them where it is left out."""


def _as_webhook(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


class StartIn(BaseModel):
    """The body of a start. Exactly one of `input` and `workflow_id` says what to run.

    Media references have many places and spellings, so they are no field of the schema.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True, use_attribute_docstrings=True)

    kind: Annotated[str | None, Field(max_length=80)] = None
    """`image_to_video` or `hosted_tool_sequence`; without it `input.steps` says it all."""
    input: dict[str, Any] | None = None
    """The steps, or the fields of `image_to_video`."""
    template_id: Annotated[
        str | None, Field(validation_alias=either("workflow_id", "workflowId"), max_length=256)
    ] = None
    """The template to run."""
    inputs: dict[str, Any] | None = None
    """Values of the template's inputs by name."""
    token_type: Annotated[
        Literal["sogni", "spark", "auto"] | None,
        Field(validation_alias=either("token_type", "tokenType")),
    ] = None
    """`spark`, `sogni` or `auto`; also as the header X-Token-Type."""
    billing_mode: Annotated[
        Literal["auto", "subscription", "tokens"],
        Field(validation_alias=either("billing_mode", "billingMode")),
    ] = "auto"
    """`auto`, `subscription` or `tokens`; noted with the run."""
    app_source: Annotated[
        str | None, Field(validation_alias=either("app_source", "appSource"), max_length=200)
    ] = None
    """Which program asks; also as the header X-App-Source."""
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
    """The most it may be expected to cost; a dearer start is a 422."""
    confirm_cost: Annotated[
        StrictBool | None, Field(validation_alias=either("confirm_cost", "confirmCost"))
    ] = None
    """false: wait until confirm-cost accepts the quote. true, or absent: run."""
    safe_content_filter: Annotated[
        StrictBool, Field(validation_alias=either("safe_content_filter", "safeContentFilter"))
    ] = True
    """Whether results must be safe for everyone; kept on resume and reseed."""
    quality: Literal["draft", "set"] = "set"
    """`draft`: the built-in studio makes every stage that it can, at its prices, and named models
    are ignored; the results can be made final later. `set`: the models that the stages name."""
    drafts_by: Annotated[Drafter, Field(validation_alias=either("drafts_by", "draftsBy"))] = (
        "studio"
    )
    """Of a run of draft quality. `model`: stages whose model draws cheap drafts itself are drawn by
    it, the others by the built-in studio. Such a draft is made final with the same content."""
    webhook: Annotated[
        WebhookIn | None,
        BeforeValidator(_as_webhook, json_schema_input_type=str | WebhookIn | None),
    ] = None
    """A URL that is told when the run is done, failed, waits or is cancelled, or an object that
    also says which `events`. Ours, not part of the contract."""
    webhook_url: Annotated[
        str | None,
        Field(validation_alias=either("webhook_url", "webhookUrl"), min_length=1, max_length=2048),
    ] = None
    """As `webhook` with all events; `webhook` wins."""
    idempotency_key: IdempotencyKeyText = None
    """As the header Idempotency-Key, which wins."""
    media_lists: SkipJsonSchema[dict[str, Any]] = {}
    """Every list of media references as it was sent, by its path in the body."""

    @property
    def receiver(self) -> Receiver | None:
        """Return who is to hear of the run, if anyone."""
        webhook = self.webhook or (WebhookIn(url=self.webhook_url) if self.webhook_url else None)
        if webhook is None:
            return None
        return Receiver(url=webhook.url, events=[*webhook.events])

    @model_validator(mode="before")
    @classmethod
    def _gather_media(cls, body: Any) -> Any:
        return {**body, "media_lists": lists_in(body)} if isinstance(body, Mapping) else body


class CancelIn(BaseModel):
    """The body of a cancel: nothing, or a reason."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    reason: Annotated[str | None, Field(max_length=500)] = None
    """For the log of the run."""


class _BilledIn(BaseModel):
    """Payment for what goes on: said again, or as it was said before."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, use_attribute_docstrings=True)

    token_type: Annotated[
        Literal["sogni", "spark", "auto"] | None,
        Field(validation_alias=either("token_type", "tokenType")),
    ] = None
    """`spark`, `sogni` or `auto`; noted with the run, one credit pays for all."""
    billing_mode: Annotated[
        Literal["auto", "subscription", "tokens"] | None,
        Field(validation_alias=either("billing_mode", "billingMode")),
    ] = None
    """`auto`, `subscription` or `tokens`; noted with the run."""
    app_source: Annotated[
        str | None, Field(validation_alias=either("app_source", "appSource"), max_length=200)
    ] = None
    """Which program asks; noted with the run."""

    def options(self) -> dict[str, str]:
        """The options that were sent, as `RunOptions` has them."""
        fields = {
            name: getattr(self, name) for name in ("token_type", "billing_mode", "app_source")
        }
        return {name: value for name, value in fields.items() if value is not None}


class ResumeIn(_BilledIn):
    """The body of a resume: nothing, or an answer to what the run asks (see `interaction`)."""

    resume_input: Annotated[
        dict[str, Any] | None,
        Field(validation_alias=either("resume_input", "resumeInput", "answer")),
    ] = None
    """An answer to what the run asks, as `{"type": "answer", "stepId", "text"}`."""


class ReseedIn(_BilledIn):
    """The body of a reseed. seed_overrides: seeds by step; the other steps get new ones."""

    seed_overrides: Annotated[
        dict[str, Seed], Field(validation_alias=either("seed_overrides", "seedOverrides"))
    ] = {}
    """Seeds by step id; steps that are not named get new ones."""
    idempotency_key: IdempotencyKeyText = None
    """As the header Idempotency-Key, which wins."""


class AcceptedPreview(BaseModel):
    """A cost preview as its reader sends it back; the total and the time tell whether it holds."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, use_attribute_docstrings=True)

    total_units: Annotated[
        float,
        Field(
            validation_alias=either(
                "totalEstimatedCapacityUnits", "total_estimated_capacity_units"
            ),
            ge=0,
            allow_inf_nan=False,
        ),
    ]
    valid_until: Annotated[
        AwareDatetime | None, Field(validation_alias=either("validityUntil", "validity_until"))
    ] = None


class CostOverrides(BaseModel):
    """Changes that are allowed while a cost is decided about; anything else is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    quality_tier: Annotated[
        str | None, Field(validation_alias=either("qualityTier", "quality_tier"), max_length=40)
    ] = None
    safe_content_filter: Annotated[
        StrictBool | None,
        Field(validation_alias=either("safeContentFilter", "safe_content_filter")),
    ] = None
    prompt: Annotated[str | None, Field(min_length=1, max_length=20_000)] = None
    prompts: Annotated[list[str] | None, Field(min_length=1, max_length=64)] = None


class CostDecisionIn(_BilledIn):
    """The body of confirm-cost (§9.4), all of it optional."""

    decision: Literal["confirm", "cancel", "requote"] = "confirm"
    """`confirm`, `cancel`, or `requote` for a new quote."""
    accepted: Annotated[
        AcceptedPreview | None,
        Field(validation_alias=either("acceptedCostPreview", "accepted_cost_preview")),
    ] = None
    """The preview that was seen; a stale one is a 409 with the fresh one."""
    step: Annotated[
        str | None, Field(validation_alias=either("tool_call_id", "toolCallId"), max_length=200)
    ] = None
    """The step that asks, of `waiting.details`; without it the whole run is meant."""
    overrides: CostOverrides | None = None
    """What to change before it runs."""
    reason: Annotated[str | None, Field(max_length=500)] = None
    """For the log of the run."""
    idempotency_key: IdempotencyKeyText = None
    """As the header Idempotency-Key, which wins."""
