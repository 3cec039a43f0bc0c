"""The services for final media keep the promises of tools/providers/base.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from tests.support.fakes.makers.base import ProviderServer
from tests.support.fakes.makers.configured import options_of
from tests.support.fakes.makers.fal_server import FalServer
from tests.support.fakes.makers.jobs import Account, Script
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.fakes.makers.runway_server import RunwayServer
from tests.support.provider_conformance import (
    KEY,
    ParkingConformance,
    ServiceConformance,
    SlowService,
)
from tools.providers import service_types
from tools.providers.base import Provider


class FinalMediaConformance(ServiceConformance, ParkingConformance):
    """kind: of the service; server: what stands for it."""

    kind: ClassVar[str]
    server: ClassVar[Callable[[], ProviderServer]]

    def make(self, url: str) -> Provider:
        options = options_of(self.kind, url.removesuffix("/v1"), KEY)
        return service_types.provider_of(self.kind, self.kind, options)

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


class TestFal(FinalMediaConformance):
    kind = "fal"
    server = FalServer


class TestRunway(FinalMediaConformance):
    kind = "runway"
    server = RunwayServer
