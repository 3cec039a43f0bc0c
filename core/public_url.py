"""The address at which people reach this server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def host_of(public_url: str) -> list[str]:
    """The host of an address as a list of one, or empty when there is no address."""
    host = urlsplit(public_url).hostname if public_url else None
    return [host] if host else []


def base_url(request_or_headers: Any) -> str:
    """`scheme://host[:port]` without a slash at the end, for links that leave the server.

    request_or_headers: a Django or DRF request, or a mapping of lower-case header names. The
    configured PUBLIC_URL wins; else the Host header, after ALLOWED_HOSTS (InvalidBody if it is not
    one of them).
    """
    # Not at the top: settings themselves import this module.
    from django.conf import settings

    from core.asgi import check_host

    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    if isinstance(request_or_headers, Mapping):
        return f"http://{check_host(request_or_headers)}"
    return f"{request_or_headers.scheme}://{request_or_headers.get_host()}"
