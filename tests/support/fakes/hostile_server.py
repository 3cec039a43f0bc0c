"""A web server that misbehaves in every way the fetcher must survive."""

from __future__ import annotations

import ssl
import threading
from typing import Any

from tests.support.fakes.http_server import Handler, HttpServer
from tests.support.waiting import WAIT_S

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS"
    b"\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00"
    b"\x00IEND\xaeB`\x82"
)


def _answer(
    body: bytes = b"",
    *,
    status: str = "200 OK",
    kind: str = "image/png",
    more: str = "",
    length: int | None = -1,
) -> bytes:
    """Write an answer. length: what it says of its body; None: nothing, -1: the truth."""
    size = len(body) if length == -1 else length
    lines = f"Content-Type: {kind}\r\n" + ("" if size is None else f"Content-Length: {size}\r\n")
    return f"HTTP/1.1 {status}\r\n{lines}{more}Connection: close\r\n\r\n".encode() + body


ANSWERS = {
    "/picture": _answer(PNG),
    "/no-length": _answer(PNG, length=None),
    "/page": _answer(b"<!DOCTYPE html><html><body>please sign in</body></html>"),
    "/drawing": _answer(b"<?xml version='1.0'?><svg onload='alert(1)'/>"),
    "/playlist": _answer(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", kind="video/mp4"),
    "/compressed": _answer(b"\x1f\x8b" * 10, more="Content-Encoding: gzip\r\n"),
    "/missing": _answer(status="404 Not Found"),
    "/broken": _answer(status="503 Unavailable"),
    "/huge-promise": _answer(PNG, length=10**12),
    "/short": _answer(PNG, length=len(PNG) + 1000),
    "/endless": _answer(PNG, length=None),
    "/understated": _answer(PNG + b"\0" * 1_000_000, length=len(PNG)),
    "/slow-body": _answer(length=None),
    "/slow-head": b"HTTP/1.1 200 OK\r\n",
    "/silent": b"",
    "/garbage": b"\x00\xff this is not HTTP\r\n\r\n",
    "/loop": _answer(status="302 Found", more="Location: /loop?again\r\n"),
    "/nowhere": _answer(status="302 Found"),
}
# By path, what follows without end, and the seconds between two pieces of it.
ENDLESS = {
    "/endless": (b"\0" * 65536, 0.0),
    "/slow-body": (b"\0", 0.05),
    "/slow-head": (b"X-A: b\r\n", 0.05),
    "/silent": (b"", 30.0),
}


class HostileServer(HttpServer):
    """requests: what arrived, as (path, lower-case headers). sni: names asked for by TLS. location:
    where /redirect leads. files: bodies by path, without the slash, beside ANSWERS."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.sni: list[str] = []
        self.location = ""
        self.files: dict[str, bytes] = {}
        self.stop = threading.Event()
        if context is not None:
            context.sni_callback = lambda _socket, name, _context: self.sni.append(name or "")
        super().__init__(_Handler, certificate=context, hostile=self)

    def __exit__(self, *problem: Any) -> None:
        self.stop.set()
        super().__exit__(*problem)

    def url(self, path: str, *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class _Handler(Handler):
    timeout = WAIT_S
    hostile: HostileServer

    def do_GET(self) -> None:
        server, path = self.hostile, self.path.partition("?")[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.requests.append((self.path, headers))
        if path == "/redirect":
            more = f"Location: {server.location}\r\nSet-Cookie: a=b\r\n"
            self.wfile.write(_answer(status="302 Found", more=more))
        elif self.path[1:] in server.files:
            self.wfile.write(_answer(server.files[self.path[1:]]))
        else:
            self.wfile.write(ANSWERS[path])
        piece, pause_s = ENDLESS.get(path, (b"", 0.0))
        while path in ENDLESS and not server.stop.wait(pause_s):
            self.wfile.write(piece)
