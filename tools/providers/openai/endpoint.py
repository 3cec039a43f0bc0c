"""An operator's settings of an OpenAI-compatible service: where, by which models, at which prices.

The models it lists under a heading are what it can do: a service without `speech` speaks nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from media import addresses
from tools.providers.base import Misconfigured
from tools.providers.option_types import CaFile

OPENAI = "https://api.openai.com/v1"
# What OpenAI itself does when nothing is listed. Not videos: they are expensive, and OpenAI
# deprecates that API.
OPENAI_MODELS: Mapping[str, tuple[str, ...]] = {
    "images": ("gpt-image-2", "gpt-image-1.5", "gpt-image-1", "gpt-image-1-mini", "dall-e-3"),
    "edits": ("gpt-image-2", "gpt-image-1.5", "gpt-image-1", "gpt-image-1-mini"),
    "speech": ("gpt-4o-mini-tts", "tts-1-hd", "tts-1"),
    "chat": ("gpt-4o-mini", "gpt-4o"),
}
HEADINGS = ("images", "edits", "speech", "chat", "videos")
# Parameters of ours that some compatible servers take beside OpenAI's own.
EXTRA = frozenset({"seed", "negative_prompt", "guidance_scale"})


class Price(BaseModel):
    """Price of a model in capacity units: for each result, or by a million tokens."""

    model_config = ConfigDict(extra="forbid")

    each: float | None = Field(None, ge=0)
    input: float | None = Field(None, ge=0)
    output: float | None = Field(None, ge=0)


class Endpoint(BaseModel):
    """One service, as its table in REELGRAPH_PROVIDERS_FILE says. Times in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = "openai"
    title: str = Field("", max_length=80)
    base_url: str = OPENAI
    key: SecretStr | None = None
    # What it signs its webhooks by; without one they are refused.
    webhook_secret: SecretStr | None = None
    ca_file: CaFile = ""
    images: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    speech: tuple[str, ...] = ()
    chat: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    # Our voices by what the service calls them; those it does not name keep their own.
    voices: dict[str, str] = {}
    extra_parameters: tuple[str, ...] = ()
    # Whether it filters the images and videos it makes by itself; None: as OpenAI, if it is OpenAI.
    content_filter: bool | None = None
    # The model that checks prompts and results at `/moderations`; "": they aren't checked.
    moderation: str = Field("", max_length=200)
    # Whether a request with an Idempotency-Key it has seen is answered without being paid again.
    idempotency_key: bool = False
    # For how long it knows such a key, in seconds. None: for as long as anyone asks.
    key_lifetime_s: float | None = Field(None, ge=2 * 3600, le=400 * 24 * 3600)
    timeout_s: float = Field(300.0, ge=1, le=3600)
    video_timeout_s: float = Field(1800.0, ge=1, le=24 * 3600)
    poll_s: float = Field(3.0, ge=0.05, le=60)
    prices: dict[str, Price] = {}

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write it like https://api.openai.com/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("write it without a name, password or question mark; the key is `key`")
        return url.strip().rstrip("/")

    @field_validator("extra_parameters")
    @classmethod
    def _check_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(names) - EXTRA):
            raise ValueError(f"{', '.join(unknown)}: there are {', '.join(sorted(EXTRA))}")
        return names

    @field_validator("key")
    @classmethod
    def _one_line(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not key.get_secret_value().isprintable():
            raise ValueError("it has characters that a key can't have")
        return key

    @field_validator("webhook_secret")
    @classmethod
    def _can_sign(cls, secret: SecretStr | None) -> SecretStr | None:
        text = secret.get_secret_value() if secret is not None else "whsec_"
        try:
            signs = secret is None or base64.b64decode(text.removeprefix("whsec_") + "==")
        except ValueError:
            signs = b""
        if not signs or not text.startswith("whsec_"):
            raise ValueError("copy it whole from the service; it begins with whsec_")
        return secret

    @property
    def host(self) -> str:
        """Return its name in messages."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def filters(self) -> bool:
        """Return whether the service filters what it makes."""
        return self.base_url == OPENAI if self.content_filter is None else self.content_filter

    def models(self, heading: str) -> tuple[str, ...]:
        """The models under one of HEADINGS, the usual one first."""
        names: tuple[str, ...] = getattr(self, heading)
        return names

    def all_models(self) -> frozenset[str]:
        return frozenset(model for heading in HEADINGS for model in self.models(heading))


def read_endpoint(options: Mapping[str, Any]) -> Endpoint:
    """The service that an entry of settings.PROVIDERS describes. Raises Misconfigured.

    Of OpenAI itself the usual models are known; elsewhere they have to be listed.
    """
    try:
        endpoint = Endpoint.model_validate(dict(options))
    except ValidationError as problem:
        # Without the values: one of them may be the key, written under another name.
        problems = [
            f"{'.'.join(str(part) for part in error['loc'])}: {_words(error)}"
            for error in problem.errors(include_input=False, include_url=False)
        ]
        raise Misconfigured(". ".join(problems) + ".") from None
    if endpoint.base_url == OPENAI and not endpoint.all_models():
        return endpoint.model_copy(update=dict(OPENAI_MODELS))
    return endpoint


def doubts(endpoint: Endpoint) -> Iterator[str]:
    """Yield what looks wrong with settings that can be used all the same."""
    if endpoint.key is None and endpoint.base_url == OPENAI:
        yield "it has no key, so OpenAI will reject every request. Set key or key_file."
    if endpoint.key is not None and urlsplit(endpoint.base_url).scheme == "http":
        literal = addresses.literal(endpoint.host)
        is_near = addresses.is_local_name(endpoint.host) or (
            literal is not None and not addresses.is_public(literal)
        )
        if not is_near:
            yield f"its key goes to {endpoint.host} unencrypted. Write its base_url with https."
    if unknown := sorted(set(endpoint.prices) - endpoint.all_models()):
        yield f"it has prices for models that it doesn't list: {', '.join(unknown)}."


def _words(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown setting, see docs/howto/add-a-provider.md"
    return str(error["msg"]).removeprefix("Value error, ")
