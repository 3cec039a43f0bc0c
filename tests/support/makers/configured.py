"""A server that stands for a provider, set up as a service of this server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.makers.base import ProviderServer

# By kind, the paths of the service's hosts at the server that stands for it.
PATHS: Mapping[str, Mapping[str, str]] = {
    "comfy-router": {"": "", "assets": "/assets"},
    "fal": {"": "/queue", "api": "/api", "storage": "/rest", "media": "/media"},
    "runway": {"": ""},
}


def options_of(kind: str, origin: str, key: str, **more: Any) -> dict[str, Any]:
    """Return the table of a service of this kind whose hosts are all at one origin."""
    urls = {name: f"{origin}{path}" for name, path in PATHS[kind].items()}
    base_url = urls.pop("")
    known = {"kind": kind, "base_url": base_url, "hosts": urls, "key": key, "poll_s": 0.05}
    return {**known, **more}


def options_at(kind: str, server: ProviderServer, **more: Any) -> dict[str, Any]:
    """The same for a server of this process, with its key."""
    return options_of(kind, server.origin, server.KEY, **more)
