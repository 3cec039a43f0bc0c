"""A paid request as it is stored before it is sent, so that a repeat is the same, byte for byte."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson
from django.utils.crypto import salted_hmac

from core.errors import ProviderUnsure
from tools.providers.look_times import now_s
from tools.providers.makers.table import Encoding, Place

_MARK = "$file"


@dataclass(frozen=True, slots=True)
class FileField:
    """A file within a body. sha256: of the file as the run has it; longest: of the image sent."""

    sha256: str
    encoding: Encoding
    longest: int

    def as_marker(self) -> dict[str, Any]:
        return {_MARK: self.sha256, "as": self.encoding, "longest": self.longest}


# Returns the bytes of a file as they are sent, and their type.
FileReader = Callable[[FileField], tuple[bytes, str]]


def with_urls(fields: Mapping[str, Any], upload: Callable[[FileField], str]) -> dict[str, Any]:
    """Return the fields of a body with the URL of each file that goes by one."""
    return {
        name: _map(value, lambda field: upload(field) if field.encoding == "url" else field)
        for name, value in fields.items()
    }


def content_of(
    fields: Mapping[str, Any],
    place: Place,
    *,
    model: str,
    id: str,
    path: str,
    n: int,
    account: str,
    key: str,
    usd: Decimal,
) -> dict[str, Any]:
    """Return the request with the hashes of its files in their place, without `sha256`.

    model: our name of it; id: the service's; n: its place among several. account: whose
    key sends it. usd: the most it costs.
    """
    return {
        "model": model,
        "id": id,
        "place": place.id,
        "path": path,
        "n": n,
        "at": now_s(),
        "account": account,
        "key": key,
        "usd": str(usd),
        "is_sync": place.is_sync,
        # As text: a database may keep the fields of an object in another order.
        "body": orjson.dumps(_map(fields, lambda field: field.as_marker())).decode(),
    }


def key_of(job_key: str, n: int) -> str:
    """Return what a repeated request is recognized by: no one else can guess it, and it says
    nothing of this server."""
    return salted_hmac("paid request", f"{job_key}:{n}", algorithm="sha256").hexdigest()[:32]


def account_of(headers: Mapping[str, str]) -> str:
    """Return what differs for another key: an account knows its own requests alone."""
    return key_of(repr(sorted(headers.items())), 0)


def new_token() -> str:
    """Return the secret part of the URL that the service may tell of this request at."""
    return secrets.token_urlsafe(15)


def encode(content: dict[str, Any], read_file: FileReader) -> tuple[dict[str, Any], bytes]:
    """Return a request with the hash of its bytes, and these."""
    body = _bytes(content, read_file)
    return {**content, "sha256": sha256(body).hexdigest()}, body


def encoded_again(content: Mapping[str, Any], read_file: FileReader, who: str) -> bytes:
    """Return the bytes of a stored request. Raises ProviderUnsure where they would differ."""
    body = _bytes(content, read_file)
    if sha256(body).hexdigest() != content["sha256"]:
        raise ProviderUnsure(
            f"{who} was sent this before, and it can't be repeated as it was.",
            may_repeat=False,
            ends_job=True,
        )
    return body


def has_files(content: Mapping[str, Any]) -> bool:
    """Return whether the bytes of a stored request are made with files, which it has no URLs of."""
    return f'"{_MARK}"' in content["body"]


def _bytes(content: Mapping[str, Any], read_file: FileReader) -> bytes:
    def text(field: FileField) -> str:
        data, mime = read_file(field)
        plain = base64.b64encode(data).decode("ascii")
        return f"data:{mime};base64,{plain}" if field.encoding == "data-uri" else plain

    return orjson.dumps(_map(orjson.loads(content["body"]), text))


def _map(value: Any, change: Callable[[FileField], Any]) -> Any:
    """Return JSON with each file changed."""
    if isinstance(value, FileField):
        return change(value)
    if isinstance(value, dict):
        if _MARK in value:
            return change(FileField(value[_MARK], value["as"], value["longest"]))
        return {name: _map(one, change) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_map(one, change) for one in value]
    return value
