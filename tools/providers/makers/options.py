"""Options of a service for final media: its key, its models, and what a dollar costs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from tools.providers.base import Misconfigured
from tools.providers.form import KEY
from tools.providers.form import Field as FormField
from tools.providers.option_types import CaFile

CREDITS_PER_USD = 100.0
REFUSALS_PER_HOUR = 5
FIELDS = (
    KEY,
    FormField(
        "credits_per_usd",
        "Credits per US dollar",
        "What people pay for a dollar of this service.",
        f"{CREDITS_PER_USD:g}",
    ),
    FormField("usd_per_day", "US dollars a day", "For everyone together.", "No limit"),
    FormField("usd_per_day_person", "US dollars a day for one person", "", "No limit"),
    FormField(
        "refusals_per_hour",
        "Refusals an hour for one person",
        "After so many, their next steps there wait: refused content may be charged, and accounts"
        " with much of it are closed.",
        f"{REFUSALS_PER_HOUR}",
    ),
    FormField("models", "Models", is_list=True, is_model=True, is_switches=True),
)


class Options(BaseModel):
    """One service, as its table of the settings says. hosts: other URLs of it, by the dialect's
    names. models: those that are offered, the usual ones first; (): all rows that aren't off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = ""
    title: str = Field("", max_length=80)
    key: SecretStr | None = None
    base_url: str = ""
    hosts: dict[str, str] = {}
    ca_file: CaFile = ""
    models: tuple[str, ...] = ()
    # The most that is spent there on one UTC day: by everyone together, and by one person.
    usd_per_day: float | None = Field(None, ge=0, le=1_000_000)
    usd_per_day_person: float | None = Field(None, ge=0, le=1_000_000)
    refusals_per_hour: int = Field(REFUSALS_PER_HOUR, ge=1, le=1_000)
    credits_per_usd: float = Field(CREDITS_PER_USD, gt=0, le=1_000_000)
    timeout_s: float = Field(120.0, ge=1, le=3600)
    # How long the job of a request without an answer is looked for; None: by the model's time.
    search_s: float | None = Field(None, ge=0, le=86_400)
    # Between two looks at a job; None: as the service asks for.
    poll_s: float | None = Field(None, ge=0.05, le=60)

    @field_validator("base_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        parts = urlsplit(url.strip())
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query):
            raise ValueError("write it like https://api.example.com")
        return url.strip().rstrip("/")

    @field_validator("hosts")
    @classmethod
    def _are_urls(cls, hosts: dict[str, str]) -> dict[str, str]:
        return {name: cls._is_url(url) for name, url in hosts.items()}

    @field_validator("key")
    @classmethod
    def _is_header(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not (
            key.get_secret_value().isascii() and key.get_secret_value().isprintable()
        ):
            raise ValueError("it has characters that a key can't have")
        return key


def read_options(options: Mapping[str, Any]) -> Options:
    """Raises Misconfigured, without values: one may be the key under another name."""
    try:
        return Options.model_validate(dict(options))
    except ValidationError as problem:
        errors = problem.errors(include_input=False, include_url=False)
        words = (f"{'.'.join(map(str, one['loc']))}: {_words(one)}" for one in errors)
        raise Misconfigured(". ".join(words) + ".") from None


def destination(options: Mapping[str, Any]) -> Hashable:
    """Return what is the same as long as the key goes where it went before."""
    hosts = options.get("hosts")
    others = sorted(hosts.items()) if isinstance(hosts, dict) else []
    return str(options.get("base_url") or ""), repr(others), str(options.get("ca_file") or "")


def _words(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown setting, see docs/howto/add-a-provider.md"
    return str(error["msg"]).removeprefix("Value error, ")
