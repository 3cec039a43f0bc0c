"""An HTTP proxy that is before a service and spoils one answer, whatever the protocol is."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.support.fakes.http_server import Handler, HttpServer
from tests.support.waiting import WAIT_S

Fault = Literal["", "drop", "hang", "trickle", "page", "half", "redirect", "status"]
HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class FaultyProxy(HttpServer):
    """Passes requests on to `target`, and answers those that `picks` chooses with `fault`.

    status: of the fault `status`; said: its body; headers: its headers. asked: method, path and
    headers of each request, in order. `at_fault` is set as soon as a request was chosen.
    WebSockets are refused.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.fault: Fault = ""
        self.picks: Callable[[], bool] = lambda: False
        self.status = 500
        self.said = b'{"error": {"message": "no"}}'
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.at_fault = threading.Event()
        self.ended = threading.Event()
        super().__init__(_Pass, proxy=self)
        self.url = self.origin + urlsplit(target).path

    def __exit__(self, *problem: Any) -> None:
        self.ended.set()
        super().__exit__(*problem)


class _Pass(Handler):
    proxy: FaultyProxy

    def _answer(self) -> None:
        proxy = self.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        proxy.asked.append((self.command, self.path, dict(self.headers.items())))
        if self.headers.get("Upgrade"):
            self._send(501, b"")
        elif proxy.fault and proxy.picks():
            proxy.at_fault.set()
            getattr(self, f"_{proxy.fault}")()
        else:
            self._pass_on(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

    def _pass_on(self, body: bytes) -> None:
        target = urlsplit(self.proxy.target)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=WAIT_S)
        try:
            kept = {k: v for k, v in self.headers.items() if k.lower() not in HOP_HEADERS}
            connection.request(self.command, self.path, body or None, kept)
            answer = connection.getresponse()
            self._send(answer.status, answer.read(), dict(answer.getheaders()))
        except (OSError, http.client.HTTPException):
            self._drop()
        finally:
            connection.close()

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            if name.lower() not in {*HOP_HEADERS, "server", "date"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    # -- faults -----------------------------------------------------------------------------------

    def _status(self) -> None:
        self._send(self.proxy.status, self.proxy.said, self.proxy.headers)

    def _page(self) -> None:
        self._send(200, b"<!doctype html><p>Sign in", {"Content-Type": "text/html"})

    def _redirect(self) -> None:
        self._send(302, b"", {"Location": f"{self.proxy.url}/elsewhere"})

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _half(self) -> None:
        self._begin(1000)
        self.wfile.write(b'{"data": [{')
        self._drop()

    def _hang(self) -> None:
        self.proxy.ended.wait(60)

    def _trickle(self) -> None:
        self._begin(1 << 30)
        while not self.proxy.ended.wait(0.05):
            self.wfile.write(b" ")

    def _begin(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()
