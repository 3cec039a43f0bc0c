"""The body of confirm-cost of a chat run, in the public contract's spelling (§8.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from compose.chat.request import BodyPart


class AcceptedIn(BodyPart):
    """The preview that was seen, as it was sent."""

    totalEstimatedCapacityUnits: Annotated[float, Field(ge=0)]
    """Its total, in credits."""
    validityUntil: datetime | None = None
    """Its end; without it, that of the newest."""


class OverridesIn(BodyPart, extra="forbid"):
    """The changes to the calls that are allowed; anything else is refused."""

    qualityTier: Annotated[str | None, Field(max_length=40)] = None
    """Kept with the run."""
    quality_tier: Annotated[str | None, Field(max_length=40)] = None
    """As `qualityTier`."""
    safeContentFilter: bool | None = None
    """Of the workflows that it starts."""
    prompt: Annotated[str | None, Field(max_length=20_000)] = None
    """The prompt of the call that is named."""
    prompts: Annotated[list[str] | None, Field(max_length=64)] = None
    """The prompts of the call that is named."""


class ConfirmIn(BodyPart):
    """The body of confirm-cost of a chat run."""

    tool_call_id: Annotated[str, Field(max_length=200)]
    """One of `waiting.details.pendingToolCallIds`; the decision is about all of them."""
    decision: Literal["confirm", "cancel"]
    """`cancel`: the calls are not run, and the chat goes on without them."""
    acceptedCostPreview: AcceptedIn | None = None
    """`waiting.details.costApprovalPreview`, unchanged. Needed to confirm."""
    overrides: OverridesIn | None = None
    """What to change of the call before it runs."""
    reason: Annotated[str | None, Field(max_length=500)] = None
    """For the log."""
