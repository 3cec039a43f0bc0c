"""Raw HTTP connections to a started server, and which of its processes holds each."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterable

import psutil

from tests.support.server import Site
from tests.support.waiting import WAIT_S


class Line:
    """One kept connection."""

    def __init__(self, site: Site) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", site.port, timeout=WAIT_S)
        self.http.connect()
        # So that a closed connection is seen, not made again.
        self.http.auto_open = 0

    @property
    def socket(self) -> socket.socket:
        assert isinstance(self.http.sock, socket.socket)
        return self.http.sock

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def ask(
        self, path: str, method: str = "GET", body: str | bytes | None = None, **headers: str
    ) -> int:
        """The status of an answer that is read to its end."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.http.request(method, path, body, named)
        answer = self.http.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        self.http.close()


def holders(site: Site, lines: Iterable[Line]) -> list[int]:
    """The process that holds each connection; 0 while none has accepted it."""
    held = {
        found.raddr.port: pid
        for pid in site.webs()
        for found in psutil.Process(pid).net_connections()
        if found.raddr and found.laddr.port == site.port
    }
    return [held.get(line.port, 0) for line in lines]
