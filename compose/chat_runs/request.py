"""The bodies of a start and of confirm-cost, in the public contract's spelling (§8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from compose.chat.request import NUMBERS, BodyPart, Messages, Tools, is_inline
from core.errors import InvalidBody
from core.http import parse

# What of `sampling` a chat request takes, by its names there.
SAMPLING = (*NUMBERS, "stop", "max_tokens", "max_completion_tokens")
_CONTEXT_KINDS = {
    "images": "image",
    "uploadedImages": "image",
    "videos": "video",
    "uploadedVideos": "video",
    "audio": "audio",
    "uploadedAudio": "audio",
}
MOST_MEDIA = 50


class MediaContextIn(BodyPart):
    """Files of the conversation so far, as https URLs, by their kind and where they are from."""

    images: list[str] = []
    """Images that were generated."""
    videos: list[str] = []
    """Videos that were generated."""
    audio: list[str] = []
    """Audio that was generated."""
    uploadedImages: list[str] = []
    """Images of the person."""
    uploadedVideos: list[str] = []
    """Videos of the person."""
    uploadedAudio: list[str] = []
    """Audio of the person."""


class RuntimeConfigIn(BodyPart):
    """The settings of tools where a call doesn't say."""

    qualityTier: Annotated[str | None, Field(max_length=40)] = None
    """Kept with the run; no tool here has tiers."""
    safeContentFilter: StrictBool | None = None
    """As `safe_content_filter` of a run; true unless said."""
    personaNames: list[str] = []
    """Accepted and not used."""
    requireJobConfirmation: StrictBool = False
    """Ask before every call that costs something, with the cost."""
    jobConfirmationThresholdUsd: Annotated[float | None, Field(ge=0)] = None
    """Calls of one round that cost no more in all are not asked about. Here it is in credits."""


class ChatRunIn(BodyPart):
    """A chat that lasts. Media are https URLs: upload files first."""

    messages: Messages
    """The conversation, the oldest message first."""
    tools: Tools = []
    """Functions of the caller's own. The run ends with their calls; they are not run here."""
    tool_choice: Any = "auto"
    """As in chat completions; of the first round."""
    model: Annotated[str | None, Field(max_length=256)] = None
    """As in chat completions."""
    sampling: dict[str, Any] = {}
    """`temperature`, `top_p`, `max_tokens` and their like, for a language model."""
    sogni_tools: Any = True
    """As in chat completions: which tools of this server are offered."""
    media_references: list[Any] = []
    """As in a start of a workflow."""
    media_context: MediaContextIn = MediaContextIn()
    """Files of the conversation so far."""
    max_estimated_capacity_units: Annotated[float | None, Field(ge=0)] = None
    """The most that the workflows it starts may be estimated to cost together."""
    confirm_cost: StrictBool | None = None
    """`false`: ask before each call that costs something."""
    session_id: Annotated[str | None, Field(max_length=200)] = None
    """The caller's, kept with the run."""
    client_message_id: Annotated[str | None, Field(max_length=200)] = None
    """The caller's. Sent again, it means the same run, as with an Idempotency-Key."""
    token_type: Literal["sogni", "spark", "auto"] | None = None
    """As in a start of a workflow."""
    billing_mode: Literal["auto", "subscription", "tokens"] | None = None
    """As in a start of a workflow."""
    app_source: Annotated[str | None, Field(max_length=200)] = None
    """The caller's program, kept with the run."""
    runtime_config: RuntimeConfigIn = RuntimeConfigIn()
    """How tools are run."""

    def asks_about(self, milli: int) -> bool:
        """Return whether calls that cost so much in all, in thousandths of a credit, need a yes."""
        if not milli:
            return False
        if self.confirm_cost is False:
            return True
        config = self.runtime_config
        threshold = config.jobConfirmationThresholdUsd or 0
        return config.requireJobConfirmation and milli > threshold * 1000

    def references(self) -> list[Any]:
        """Return all media that the caller gave, those of the context last, each once."""
        files = list(self.media_references)
        urls = {url_of(one) for one in files}
        for name, kind in _CONTEXT_KINDS.items():
            for url in getattr(self.media_context, name):
                if url not in urls:
                    urls.add(url)
                    files.append({"kind": kind, "url": url})
        return files


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
    """Whether the workflows that it starts must be safe for everyone."""
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
    """Changes to the call before it runs."""
    reason: Annotated[str | None, Field(max_length=500)] = None
    """A note for the log."""


def read_body(body: Mapping[str, Any]) -> ChatRunIn:
    """Raises InvalidBody, naming the field, also for media that come inline."""
    form = parse(ChatRunIn, {name: one for name, one in body.items() if one is not None})
    inline = list(_inline(form))
    if inline:
        raise InvalidBody(
            f"{inline[0]}: inline media aren't allowed in a chat run. Upload the file first and"
            " send its https URL.",
            details={"fields": inline[:50]},
        )
    count = len(form.references())
    if count > MOST_MEDIA:
        raise InvalidBody(f"media_references: {count} files; at most {MOST_MEDIA} are allowed.")
    return form


def url_of(reference: Any) -> str:
    """Return the address in an entry of `media_references`; "" without one."""
    url = reference.get("url") if isinstance(reference, Mapping) else reference
    return url if isinstance(url, str) else ""


def _inline(form: ChatRunIn) -> Iterator[str]:
    """Paths of the fields that hold bytes instead of an address."""
    for place, message in enumerate(form.messages):
        for part, one in enumerate(message.content):
            if one.image_url is not None and is_inline(one.image_url.url):
                yield f"messages[{place}].content[{part}].image_url.url"
    for place, reference in enumerate(form.media_references):
        fields = reference if isinstance(reference, Mapping) else {}
        if is_inline(url_of(reference)):
            yield f"media_references[{place}].url"
        elif fields.get("dataUri") or fields.get("data_uri"):
            yield f"media_references[{place}].dataUri"
    for name in _CONTEXT_KINDS:
        for place, url in enumerate(getattr(form.media_context, name)):
            if is_inline(url):
                yield f"media_context.{name}[{place}]"
