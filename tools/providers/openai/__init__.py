"""OpenAI, and services with its API: images, edits, speech, image analysis, videos.

What a service can do is what its settings list models for; see docs/howto/add-a-provider.md.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core import canonical
from core.errors import ProviderError
from tools.declaration.schema import model_named
from tools.providers import webhooks
from tools.providers.base import (
    ContentFilter,
    Forged,
    Job,
    JobContext,
    Outcome,
    Provider,
    Submit,
    Visit,
)
from tools.providers.form import KEY, Field, NoModels, model_list, server_of
from tools.providers.openai.endpoint import (
    HEADINGS,
    OPENAI,
    Endpoint,
    doubts,
    read_endpoint,
)
from tools.providers.openai.jobs import job_ids, jobs_of_event

# Under which heading of its settings a service lists the models for a tool.
HEADING: Mapping[str, str] = {
    "generate_image": "images",
    "edit_image": "edits",
    "generate_speech": "speech",
    "analyze_image": "chat",
    "generate_video": "videos",
    "animate_photo": "videos",
}
# What its results have beyond media.
VALUES: Mapping[str, frozenset[str]] = {"analyze_image": frozenset({"text", "message", "model"})}
# What OpenAI filters. Of speech it says nothing, and descriptions are no media.
FILTERED = frozenset({"images", "edits", "videos"})
# For asking a service to stop, which must not delay the one that asks.
CANCEL_S = 5.0
# Of its list of models: bytes, names, characters of a name.
LISTING_LIMIT = 2 << 20
MOST_LISTED = 500
LONGEST_NAME = 200
# The form on the page for providers.
TITLE = "OpenAI-compatible"
FIELDS = (
    Field("title", "Title", "What people see in place of the name.", "OpenAI"),
    Field("base_url", "URL", "Leave it empty for OpenAI itself.", OPENAI),
    KEY,
    Field(
        "webhook_secret",
        "Webhook secret",
        "It signs webhooks and begins with whsec_. Only for video jobs.",
        is_secret=True,
    ),
    model_list("images", "Image models", "gpt-image-1"),
    model_list("edits", "Models that edit images", "gpt-image-1"),
    model_list("speech", "Speech models", "gpt-4o-mini-tts"),
    model_list(
        "chat", "Models that see images", "gpt-4o-mini", "For describing and checking images."
    ),
    model_list("videos", "Video models", "sora-2"),
)
destination = server_of


def configured(name: str, options: Mapping[str, Any]) -> Provider:
    """The provider for an entry of settings.PROVIDERS. Raises Misconfigured."""
    endpoint = read_endpoint(options)
    provider = OpenAIProvider(name, endpoint)
    if endpoint.all_models():
        return provider
    raise NoModels(
        f"it lists no models. Write those of {endpoint.host} under {', '.join(HEADINGS)}.", provider
    )


def names_in(listing: object, field: str) -> tuple[str, ...]:
    """Return the names of a list of models, each once. What is no name for a person is left out."""
    rows = listing if isinstance(listing, list) else []
    names = (row.get(field) for row in rows if isinstance(row, dict))
    return tuple(
        dict.fromkeys(
            name
            for name in names
            if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name.isprintable()
        )
    )


class OpenAIProvider(Provider):
    """One service. Blind, unless it honours an Idempotency-Key: OpenAI documents none."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self.title = endpoint.title or ("OpenAI" if name == "openai" else name)
        self.endpoint = endpoint
        # Another address, or another usual model, makes other results of the same arguments.
        usual = [endpoint.models(heading)[:1] for heading in HEADINGS]
        self.version = f"1-{canonical.sha256_hex([endpoint.base_url, usual])[:8]}"
        self.submit: Submit = "idempotent" if endpoint.idempotency_key else "blind"
        self.key_lifetime_s = endpoint.key_lifetime_s
        self.takes_webhooks = endpoint.webhook_secret is not None
        self.moderation = endpoint.moderation

    def __repr__(self) -> str:
        return f"<OpenAIProvider {self.name} at {self.endpoint.host}>"

    def tools(self) -> frozenset[str]:
        return frozenset(name for name in HEADING if self.models(name))

    def models(self, tool: str) -> tuple[str, ...]:
        heading = HEADING.get(tool)
        return self.endpoint.models(heading) if heading else ()

    def price(self, tool: str, params: Mapping[str, Any]) -> int | None:
        price = self.endpoint.prices.get(self._model(tool, params)[0])
        if price is None or price.each is None:
            return None
        count = params.get("numberOfVariations")
        return round(1000 * price.each * (count if isinstance(count, int) and count > 0 else 1))

    def gives(self, tool: str, params: Mapping[str, Any]) -> frozenset[str] | None:
        return VALUES.get(tool, frozenset())

    def content_filter(self, tool: str, params: Mapping[str, Any]) -> ContentFilter:
        is_filtered = self.endpoint.filters and HEADING.get(tool) in FILTERED
        return "on" if is_filtered else "unavailable"

    def flagged(
        self, texts: Sequence[str], images: Sequence[Path], context: JobContext
    ) -> tuple[str, ...]:
        from tools.providers.openai import moderation
        from tools.providers.openai.client import OpenAIClient

        client = OpenAIClient(self.name, self.endpoint, context.check)
        return moderation.flagged_categories(client, texts, images)

    def problems(self) -> tuple[str, ...]:
        return tuple(doubts(self.endpoint))

    def visits(self) -> tuple[Visit, ...]:
        from tools.providers.http_failures import Unreachable
        from tools.providers.openai.client import OpenAIClient

        endpoint = self.endpoint.model_copy(update={"timeout_s": CANCEL_S})
        try:
            client = OpenAIClient(self.name, endpoint, lambda: None)
            listing = client.get("/models", limit=LISTING_LIMIT).get("data")
        except ProviderError as error:
            # Many compatible servers have no such list; refusals are told by their own words.
            is_away = error.retryable or isinstance(error, Unreachable)
            here = () if is_away or error.error_type == "MODEL_UNAVAILABLE" else (error.message,)
            says = error.message if is_away else f"{self.endpoint.host} answers"
            return (Visit(says.rstrip("."), is_away, here),)
        names = names_in(listing, "id")
        models = self.endpoint.all_models() | {self.moderation} - {""}
        missing = sorted(models.difference(names)) if names else []
        problems = (f"it doesn't have {', '.join(missing)}",) if missing else ()
        says = f"{self.endpoint.host} answers, with {len(names)} models"
        return (Visit(says, False, problems, names[:MOST_LISTED]),)

    def run(self, job: Job, context: JobContext) -> Outcome:
        # Here, because a process that only lists tools needs no client.
        from tools.providers.openai import chat, images, speech, videos
        from tools.providers.openai.call import ServiceCall
        from tools.providers.openai.client import OpenAIClient

        work = {
            "generate_image": images.generate,
            "edit_image": images.edit,
            "generate_speech": speech.speak,
            "analyze_image": chat.analyze,
            "generate_video": videos.film,
            "animate_photo": videos.film,
        }
        model, other = self._model(job.tool, job.params)
        client = OpenAIClient(self.name, self.endpoint, context.check)
        call = ServiceCall(
            name=self.name,
            base_url=self.endpoint.base_url,
            job=job,
            context=context,
            model=model,
            endpoint=self.endpoint,
            client=client,
        )
        if other:
            call.warn(f"{self.title} doesn't offer {other}, so {model} was used.")
        return work[job.tool.removeprefix("sogni_")](call)

    def cancel(self, job_ref: Mapping[str, Any]) -> None:
        from tools.providers.openai import videos
        from tools.providers.openai.client import OpenAIClient

        endpoint = self.endpoint.model_copy(update={"timeout_s": CANCEL_S})
        client = OpenAIClient(self.name, endpoint, lambda: None)

        # The sweeper holds a lease meanwhile, which must not wait for a service.
        threading.Thread(
            target=videos.stop, args=(client, job_ref), name=f"stop at {self.name}"
        ).start()

    def job_keys(self, job_ref: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(job_ids(job_ref))

    def heard(self, headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
        secret = self.endpoint.webhook_secret
        if secret is None:
            raise Forged
        event = webhooks.verified(self.name, secret.get_secret_value(), headers, body)
        return jobs_of_event(event)

    def _model(self, tool: str, params: Mapping[str, Any]) -> tuple[str, str]:
        """The model that does it, and the one that was named instead, if it is not offered here."""
        models = self.models(tool.removeprefix("sogni_"))
        model = model_named(params)
        return (model, "") if model in models else (models[0], model)
