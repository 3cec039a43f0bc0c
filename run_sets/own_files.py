"""Files of a set's owner, as its cells and values name them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from media import resolvers, signing
from media.models import Upload

# What own files are called at while a start reads its inputs; never fetched, and never sent on.
OWN: Final = "http://localhost"
# An address of a file of this server, as results and uploads have it, by any of its names.
_MEDIA: Final = re.compile(r"https?://[^/?#]+/media/((?:upl|art)_[0-9a-z]+)/([^/?#]+)(?:\?.*)?")


def signed_now(value: Any, owner: Any, own_hosts: Collection[str] = ()) -> Any:
    """Sign addresses of the files of a user: rows may start days after they were written.

    own_hosts: of a request that brings the value. What else it has of this server, as a public
    file, is addressed as starts read it, too. Raises InvalidBody for what has expired then.
    """
    if isinstance(value, list):
        return [signed_now(one, owner, own_hosts) for one in value]
    if not isinstance(value, str):
        return value
    url = f"{OWN}{value}" if value.startswith("/media/") else value
    match = _MEDIA.fullmatch(url)
    if match is not None and resolvers.resolve_owned(match[1], owner) is not None:
        return OWN + signing.signed_path(match[1], unquote(match[2]))
    if own_hosts and signing.parse_own_url(url, [*own_hosts, "localhost"]) is not None:
        parts = urlsplit(url)
        return f"{OWN}{parts.path}?{parts.query}"
    return url


def named_files(owner: int, names: Collection[str]) -> dict[str, str]:
    """Return name → address of a person's uploads of these names, the newest of each."""
    if not names:
        return {}
    uploads = Upload.objects.filter(owner=owner, filename__in=names, completed_at__isnull=False)
    pairs = uploads.order_by("id").values_list("public_id", "filename")
    return {name: OWN + signing.signed_path(public_id, name) for public_id, name in pairs}


def file_id(reference: str) -> str:
    """Return the id of a file of this server: `reference` itself, or of which it is an address."""
    match = _MEDIA.fullmatch(reference)
    return match[1] if match is not None else reference
