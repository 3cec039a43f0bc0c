"""A server that stands for a provider, set up as a service of this server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.shared_cache import shared_cache
from tests.support.fakes.makers.base import ProviderServer
from tests.support.fakes.makers.fal_server import FalServer
from tests.support.fakes.makers.jobs import Script
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.fakes.makers.runway_server import RunwayServer
from tools import registry

SERVERS: Mapping[str, type[ProviderServer]] = {
    "comfy-router": RouterServer,
    "fal": FalServer,
    "runway": RunwayServer,
}
# Where each takes paid requests for images.
SUBMITS: Mapping[str, str] = {
    "comfy-router": "POST /v2/models/*",
    "fal": "POST /queue/*",
    "runway": "POST /v1/text*",
}

# By kind, the paths of the service's hosts at the server that stands for it.
PATHS: Mapping[str, Mapping[str, str]] = {
    "comfy-router": {"": "", "assets": "/assets"},
    "fal": {"": "/queue", "api": "/api", "storage": "/rest", "media": "/media", "site": "/site"},
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


def write_table(path: Path, table: Mapping[str, Any]) -> None:
    """Write a service's table as the providers file has it."""
    plain = {name: value for name, value in table.items() if name != "hosts"}
    lines = ["[service]", *(f"{name} = {json.dumps(value)}" for name, value in plain.items())]
    hosts = table.get("hosts", {}).items()
    lines += ["[service.hosts]", *(f"{name} = {json.dumps(url)}" for name, url in hosts)]
    path.write_text("\n".join(lines))


@contextmanager
def serving(
    settings: Any, kind: str, server: ProviderServer | None = None, **more: Any
) -> Iterator[ProviderServer]:
    """Have the server of a kind make all images. more: options of the service."""
    # Prices and files of the services of other tests.
    shared_cache().clear()
    with server or SERVERS[kind]() as started:
        started.script = Script(looks=1)
        settings.RETRY_BASE_S = settings.RETRY_CAP_S = 0.0
        settings.PROVIDERS = {kind: options_at(kind, started, **more)}
        settings.PROVIDER_CHOICE = {"generate_image": kind}
        registry.rebuild()
        try:
            yield started
        finally:
            del settings.PROVIDERS
            settings.PROVIDER_CHOICE = {}
            registry.rebuild()
