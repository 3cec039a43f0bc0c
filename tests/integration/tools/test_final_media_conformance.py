"""The services for final media keep the promises of tools/providers/base.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from tests.support.makers.base import ProviderServer
from tests.support.makers.fal_server import FalServer
from tests.support.makers.jobs import Account, Script
from tests.support.makers.router_server import RouterServer
from tests.support.makers.runway_server import RunwayServer
from tests.support.provider_conformance import (
    KEY,
    ParkingConformance,
    ServiceConformance,
    SlowService,
)
from tools.providers import kinds
from tools.providers.base import Provider


class FinalMediaConformance(ServiceConformance, ParkingConformance):
    """kind: of the service; server: what stands for it; path: of its main host there; hosts: paths
    of the others."""

    kind: ClassVar[str]
    server: ClassVar[Callable[[], ProviderServer]]
    path: ClassVar[str] = ""
    hosts: ClassVar[Mapping[str, str]] = {}

    def make(self, url: str) -> Provider:
        origin = url.removesuffix("/v1").removesuffix(self.path)
        options: dict[str, Any] = {
            "base_url": f"{origin}{self.path}",
            "hosts": {name: f"{origin}{path}" for name, path in self.hosts.items()},
            "key": KEY,
            "poll_s": 0.05,
        }
        return kinds.provider_of(self.kind, self.kind, options)

    @contextmanager
    def started(self) -> Iterator[ProviderServer]:
        with type(self).server() as server:
            server.accounts[KEY] = Account("conformance")
            yield server

    @contextmanager
    def serving(self) -> Iterator[str]:
        with self.started() as server:
            yield server.origin

    @contextmanager
    def serving_slowly(self) -> Iterator[SlowService]:
        with self.started() as server:
            server.jobs_may_end.clear()
            server.script = Script(looks=1)
            yield SlowService(
                server.origin,
                server.jobs_may_end.set,
                lambda: len(server.submissions()),
                lambda: len(server.calls("*/cancel", "PUT") + server.calls("*", "DELETE")),
            )


class TestComfyRouter(FinalMediaConformance):
    kind = "comfy-router"
    server = RouterServer
    hosts = {"assets": "/assets"}


class TestFal(FinalMediaConformance):
    kind = "fal"
    server = FalServer
    path = "/queue"
    hosts = {"api": "/api", "storage": "/rest", "media": "/media"}


class TestRunway(FinalMediaConformance):
    kind = "runway"
    server = RunwayServer
