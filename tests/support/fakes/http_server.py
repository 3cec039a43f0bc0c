"""HTTP servers of tests, on a free port of 127.0.0.1, in this process: a thread a request.

An `ApiServer` writes down what it is asked and answers by a table of routes, by one function, or
once each by what a test has put into `replies`: errors, delays, answers that break off.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import select
import socket
import ssl
import threading
import time
import traceback
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, unquote


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
    host: the address it is bound to. certificate: a PEM file with key, to serve by TLS; or a
    context that has one.
    """

    def __init__(
        self,
        handler: type[Handler],
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        certificate: Path | ssl.SSLContext | None = None,
        **bound: Any,
    ) -> None:
        self._http = _Http((host, port), type("Bound", (handler,), bound))
        self._scheme = "http" if certificate is None else "https"
        if isinstance(certificate, Path):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            certificate = context
        if certificate is not None:
            # The handshake is each connection's own thread's: one that is slow keeps no other.
            self._http.socket = certificate.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._address = host
        self.port = int(self._http.server_address[1])

    @property
    def origin(self) -> str:
        return f"{self._scheme}://{self._address}:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._http.shutdown()
        self._http.server_close()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. body: of JSON, the object; of a form, its fields; files: (name, bytes), and
    filenames by these names. raw: the body as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    files: tuple[tuple[str, bytes], ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    filenames: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Reply:
    """What is answered instead. cut: so many bytes of the body are left out though announced.
    hold: the answer waits for this. drop: the connection ends without an answer. pace_s: between
    the lines of the body. upgrade: what goes on with the connection after the headers."""

    status: int = 200
    body: bytes | Mapping[str, Any] | Sequence[Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    hold: threading.Event | None = None
    drop: bool = False
    pace_s: float = 0.0
    upgrade: Callable[[socket.socket], None] | None = None


class Refusal(Exception):
    """A request that the server would answer with this."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


class ApiServer(HttpServer):
    """answers: what every request is answered with, where there is no table of routes.

    ROUTES: method, pattern of the path, name of what answers it. PREFIX: of all paths, left out of
    what is asked. asked: every request. replies: what is answered instead, once each, by a pattern
    of "/path" or "METHOD /path". left: set when a client went away while its answer was held.
    """

    ROUTES: ClassVar[Sequence[tuple[str, str, str]]] = ()
    PREFIX: ClassVar[str] = ""

    def __init__(self, answers: Callable[[Asked], Reply] | None = None, **options: Any) -> None:
        self._answers = answers
        self.routes = self.ROUTES
        self.asked: list[Asked] = []
        self.replies: dict[str, deque[Reply]] = defaultdict(deque)
        self.left, self.lock = threading.Event(), threading.RLock()
        super().__init__(ApiHandler, api=self, prefix=self.PREFIX, **options)

    @property
    def url(self) -> str:
        return f"{self.origin}{self.PREFIX}"

    def calls(self, pattern: str, method: str = "POST") -> list[Asked]:
        """List the requests at paths of this pattern, in order."""
        with self.lock:
            return [x for x in self.asked if x.method == method and fnmatch(x.path, pattern)]

    def answer(self, asked: Asked) -> Reply:
        with self.lock:
            self.asked.append(asked)
            reply = self.replacement(asked)
        return reply or self.respond(asked)

    def replacement(self, asked: Asked) -> Reply | None:
        """Take what a test wants to be answered."""
        for pattern, replies in self.replies.items():
            names = (asked.path, f"{asked.method} {asked.path}")
            if replies and any(fnmatch(name, pattern) for name in names):
                return replies.popleft()
        return None

    def respond(self, asked: Asked) -> Reply:
        try:
            if self._answers is not None:
                return self._answers(asked)
            for method, pattern, name in self.routes:
                if method == asked.method and (match := re.fullmatch(pattern, asked.path)):
                    return self.carry_out(name, asked, match.groupdict())
        except Refusal as refusal:
            return refusal.reply
        except Exception:
            # A fault of the server's own must not look like one that a test asked for.
            traceback.print_exc()
            return self.failure(500, "The test server is broken: see its output.")
        return self.failure(404, f"Not found: {asked.method} {asked.path}")

    def carry_out(self, name: str, asked: Asked, parts: Mapping[str, str]) -> Reply:
        """Answer a request of a route."""
        reply: Reply = getattr(self, name)(asked, **parts)
        return reply

    def failure(self, status: int, message: str) -> Reply:
        """Write an error as this server does."""
        return Reply(status, {"error": message})


class ApiHandler(Handler):
    """Reads a request, has it answered, and sends the answer with its faults. prefix: of all
    paths, left out of what is asked."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes: the second would wait for the client's acknowledgement.
    disable_nagle_algorithm = True
    api: ApiServer
    prefix = ""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else self._chunks()
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            form = _read(headers.get("content-type", ""), raw)
        except ValueError:
            self._send(
                Reply(400, {"detail": "The body is not a JSON object.", "error": "invalid body"})
            )
            return
        path = unquote(path.removeprefix(self.prefix))
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        reply = self.api.answer(
            Asked(self.command, path, headers, *form[:2], parameters, raw, form[2])
        )
        if reply.hold is not None and not self._held(reply.hold):
            self.api.left.set()
            self.close_connection = True
            return
        if reply.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _held(self, hold: threading.Event) -> bool:
        """Wait for a minute at most; False: the client has closed the connection."""
        for _ in range(600):
            if hold.wait(0.1):
                break
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return False
        return True

    def _chunks(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return b""
        held = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            held += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return held

    def _send(self, reply: Reply) -> None:
        is_json = not isinstance(reply.body, bytes)
        content = json.dumps(reply.body).encode() if is_json else reply.body
        assert isinstance(content, bytes)
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json"} if is_json else {}
        for name, value in {**headers, **reply.headers}.items():
            self.send_header(name, value)
        if reply.status not in (101, 204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if reply.upgrade is not None:
            self.close_connection = True
            reply.upgrade(self.connection)
        if self.command == "HEAD" or reply.upgrade is not None:
            return
        try:
            self._write(content[: len(content) - reply.cut], reply.pace_s)
        except OSError:
            self.close_connection = True
        if reply.cut:
            self.close_connection = True

    def _write(self, content: bytes, pace_s: float) -> None:
        if not pace_s:
            self.wfile.write(content)
            return
        for line in content.splitlines(keepends=True):
            self.wfile.write(line)
            time.sleep(pace_s)


def _read(
    kind: str, raw: bytes
) -> tuple[dict[str, Any], tuple[tuple[str, bytes], ...], dict[str, str]]:
    if kind.startswith("application/json"):
        body = json.loads(raw or b"{}")
        if not isinstance(body, dict):
            raise ValueError("The body is not an object.")
        return body, (), {}
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode(), keep_blank_values=True)), (), {}
    if not kind.startswith("multipart/form-data"):
        return {}, (), {}
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    form = email.message_from_bytes(head + raw, policy=email.policy.HTTP)
    fields: dict[str, Any] = {}
    files: list[tuple[str, bytes]] = []
    filenames: dict[str, str] = {}
    for part in form.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if filename := part.get_filename():
            files.append((name, content))
            filenames[name] = filename
        else:
            fields[name] = content.decode()
    return fields, tuple(files), filenames
