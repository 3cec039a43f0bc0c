"""HTTP servers of tests, on a free port of 127.0.0.1, in this process: a thread a request."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Handler(BaseHTTPRequestHandler):
    """A handler that writes no line per request."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in mid-answer are expected."""


class HttpServer:
    """`with HttpServer(handler) as server:` answers at `server.origin`.

    handler: with `bound` as class attributes, for what its requests share. port: 0 for a free one.
    host: the address it is bound to. certificate: a PEM file with key, to serve by TLS.
    """

    def __init__(
        self,
        handler: type[Handler],
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        certificate: Path | None = None,
        **bound: Any,
    ) -> None:
        self._http = _Http((host, port), type("Bound", (handler,), bound))
        self._scheme = "http" if certificate is None else "https"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._address = host
        self.port = int(self._http.server_address[1])

    @property
    def origin(self) -> str:
        return f"{self._scheme}://{self._address}:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
