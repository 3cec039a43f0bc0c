"""A web server that misbehaves in every way the fetcher must survive."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS"
    b"\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00"
    b"\x00IEND\xaeB`\x82"
)


@dataclass
class HostileServer:
    """requests: what arrived, as (path, lower-case headers). sni: names asked for by TLS."""

    port: int
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    sni: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    # Where /redirect and /loop go; tests set it.
    location: str = ""
    # Bodies by path, without the slash, beside the misbehaviours below.
    files: dict[str, bytes] = field(default_factory=dict)

    def url(self, path: str, *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            data = b""
            while b"\r\n\r\n" not in data:
                chunk = connection.recv(4096)
                if not chunk:
                    return
                data += chunk
            head, *lines = data.decode("latin-1").split("\r\n")
            path = head.split(" ")[1]
            headers = {
                name.lower(): value.strip()
                for name, _colon, value in (line.partition(":") for line in lines if line)
            }
            self.requests.append((path, headers))
            if path[1:] in self.files:
                body = self.files[path[1:]]
                connection.sendall(_head("200 OK", length=len(body)) + body)
                return
            getattr(self, "serve_" + path.strip("/").partition("?")[0].replace("-", "_"))(
                connection.sendall
            )

    def serve_picture(self, send: Callable[[bytes], None]) -> None:
        send(_head("200 OK", length=len(PNG)) + PNG)

    def serve_no_length(self, send: Callable[[bytes], None]) -> None:
        send(_head("200 OK") + PNG)

    def serve_page(self, send: Callable[[bytes], None]) -> None:
        body = b"<!DOCTYPE html><html><body>please sign in</body></html>"
        send(_head("200 OK", kind="image/png", length=len(body)) + body)

    def serve_drawing(self, send: Callable[[bytes], None]) -> None:
        body = b"<?xml version='1.0'?><svg onload='alert(1)'/>"
        send(_head("200 OK", kind="image/png", length=len(body)) + body)

    def serve_playlist(self, send: Callable[[bytes], None]) -> None:
        body = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
        send(_head("200 OK", kind="video/mp4", length=len(body)) + body)

    def serve_compressed(self, send: Callable[[bytes], None]) -> None:
        send(_head("200 OK", extra="Content-Encoding: gzip\r\n", length=20) + b"\x1f\x8b" * 10)

    def serve_missing(self, send: Callable[[bytes], None]) -> None:
        send(_head("404 Not Found", length=0))

    def serve_broken(self, send: Callable[[bytes], None]) -> None:
        send(_head("503 Unavailable", length=0))

    def serve_huge_promise(self, send: Callable[[bytes], None]) -> None:
        send(_head("200 OK", length=10**12) + PNG)

    def serve_short(self, send: Callable[[bytes], None]) -> None:
        send(_head("200 OK", length=len(PNG) + 1000) + PNG)

    def serve_endless(self, send: Callable[[bytes], None]) -> None:
        send(_head("200 OK") + PNG)
        while not self.stop.is_set():
            send(b"\0" * 65536)

    def serve_understated(self, send: Callable[[bytes], None]) -> None:
        send(_head("200 OK", length=len(PNG)) + PNG + b"\0" * 1_000_000)

    def serve_slow_body(self, send: Callable[[bytes], None]) -> None:
        send(_head("200 OK"))
        for byte in PNG * 1000:
            send(bytes([byte]))
            if self.stop.wait(0.05):
                return

    def serve_slow_head(self, send: Callable[[bytes], None]) -> None:
        send(b"HTTP/1.1 200 OK\r\n")
        while not self.stop.wait(0.05):
            send(b"X-A: b\r\n")

    def serve_silent(self, send: Callable[[bytes], None]) -> None:
        self.stop.wait(30)

    def serve_garbage(self, send: Callable[[bytes], None]) -> None:
        send(b"\x00\xff this is not HTTP\r\n\r\n")

    def serve_redirect(self, send: Callable[[bytes], None]) -> None:
        extra = f"Location: {self.location}\r\nSet-Cookie: a=b\r\n"
        send(_head("302 Found", extra=extra, length=0))

    def serve_loop(self, send: Callable[[bytes], None]) -> None:
        send(_head("302 Found", extra="Location: /loop?again\r\n", length=0))

    def serve_nowhere(self, send: Callable[[bytes], None]) -> None:
        send(_head("302 Found", length=0))


def _head(
    status: str, *, kind: str = "image/png", extra: str = "", length: int | None = None
) -> bytes:
    size = "" if length is None else f"Content-Length: {length}\r\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{size}{extra}Connection: close\r\n\r\n"
    return head.encode()


@contextlib.contextmanager
def hostile_server(context: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    """Serve on loopback until left. context: a server's TLS context, for https."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = HostileServer(listener.getsockname()[1])
        if context is not None:
            context.sni_callback = lambda _socket, name, _context: server.sni.append(name or "")

        def handle(connection: socket.socket) -> None:
            try:
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
            server.answer(connection)

        def accept() -> None:
            while True:
                try:
                    connection, _peer = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stop.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
