"""The form of a kind of service on the page for providers: its fields, those that are sealed, and
where their secrets go.

A kind's module has `TITLE`, `FIELDS` and `destination(options)`, and may have `SUMMARY` and
`catalog(options)`. What it leaves out is what a package without a form has: a URL and a key, which
any other option may send elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from tools.declaration.model_facts import ModelPrice
from tools.declaration.ports import MediaKind
from tools.providers.base import Misconfigured, Provider

# Prices and limits that were compared longer ago are doubtful.
STALE_DAYS = 90


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that a kind has without asking its service. name: as its option lists it, also by
    `ids`. kind: of its results. is_usual: it is offered where none are listed. read: when its price
    was last compared with the service's."""

    name: str
    title: str
    by: str
    kind: MediaKind
    price: ModelPrice
    is_usual: bool
    read: date
    ids: tuple[str, ...] = ()


class NoModels(Misconfigured):
    """Settings that can be used but for the models, of which they list none. provider: of these
    settings, to be asked which there are."""

    def __init__(self, message: str, provider: Provider) -> None:
        super().__init__(message)
        self.provider = provider


Destination: TypeAlias = Callable[[Mapping[str, Any]], Hashable]
# Returns the models of a kind, by its options.
Catalog: TypeAlias = Callable[[Mapping[str, Any]], Sequence[ModelChoice]]


@dataclass(frozen=True, slots=True)
class Field:
    """name: of the option. is_list: several, separated by commas. example: shown while empty.
    is_listed: a service that was tried says which values there are. is_model: it names models, and
    comes after the others. is_switches: its values are those of the kind's catalog, each with a
    switch. is_secret: it is sealed, and nothing shows it again. noun: the label within a sentence,
    where that isn't the same in small letters.
    """

    name: str
    label: str
    help: str = ""
    example: str = ""
    is_list: bool = False
    is_needed: bool = False
    is_listed: bool = False
    is_model: bool = False
    is_switches: bool = False
    is_secret: bool = False
    noun: str = ""

    @property
    def in_sentence(self) -> str:
        return self.noun or self.label.lower()


KEY = Field("key", "Key", is_secret=True)
PLAIN = (Field("url", "URL", is_needed=True), KEY)


@dataclass(frozen=True, slots=True)
class Form:
    """fields: as they are shown. destination: of options, what is the same as long as the secrets
    go where they went before. summary: what the kind gives, in a sentence. catalog: of a kind that
    has its models in tables; None: its service says which there are."""

    title: str
    fields: tuple[Field, ...]
    destination: Destination
    summary: str = ""
    catalog: Catalog | None = None

    @property
    def secrets(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.is_secret)


def model_list(name: str, label: str, example: str, help_text: str = "") -> Field:
    """A field that lists models."""
    return Field(name, label, help_text, example, is_list=True, is_model=True)


def urls_of(options: Mapping[str, Any]) -> Sequence[str]:
    """Return the URLs of a service, as they were typed."""
    urls = options.get("urls")
    several = urls if isinstance(urls, list) else []
    candidates = [options.get("base_url"), options.get("url"), *several]
    return [url.strip() for url in candidates if isinstance(url, str) and url.strip()]


def server_of(options: Mapping[str, Any]) -> Hashable:
    """The destination of kinds that send secrets to their URLs alone: the hosts, and whose
    certificates are trusted there."""
    hosts = {(part.scheme, part.netloc.lower()) for part in map(urlsplit, urls_of(options))}
    return tuple(sorted(hosts)), str(options.get("ca_file") or "")


def anywhere(options: Mapping[str, Any]) -> Hashable:
    """The destination of kinds that don't say theirs: any option may send a secret elsewhere."""
    return repr(sorted(options.items()))


def plain_form(kind: str) -> Form:
    return Form(kind, PLAIN, anywhere)


def form_of_module(kind: str, module: ModuleType) -> Form:
    """Build the form of a kind's module. Raises TypeError where its parts are no form."""
    plain = plain_form(kind)
    title = getattr(module, "TITLE", plain.title)
    fields = tuple(getattr(module, "FIELDS", plain.fields))
    if not isinstance(title, str) or not all(isinstance(field, Field) for field in fields):
        raise TypeError(f"the form of {kind}")
    return Form(
        title,
        fields,
        getattr(module, "destination", plain.destination),
        str(getattr(module, "SUMMARY", "")),
        getattr(module, "catalog", None),
    )
