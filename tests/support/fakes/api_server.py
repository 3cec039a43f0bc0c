"""Requests and answers of servers that speak a provider's API: forms, files, faults on the wire."""

from __future__ import annotations

import email
import email.policy
import json
import select
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

from tests.support.fakes.http_server import Handler


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. body: of JSON, the object; of a form, its fields; files: (name, bytes). raw: the
    body as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    files: tuple[tuple[str, bytes], ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""


@dataclass(slots=True)
class Reply:
    """What is answered instead. cut: so many bytes of the body are left out though announced.
    hold: the answer waits for this. drop: the connection ends without an answer. pace_s: between
    the lines of the body."""

    status: int = 200
    body: bytes | Mapping[str, Any] | Sequence[Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    hold: threading.Event | None = None
    drop: bool = False
    pace_s: float = 0.0


class Api(Protocol):
    """A server that answers requests. left: set when a client went away while its answer was
    held."""

    left: threading.Event

    def answer(self, asked: Asked) -> Reply: ...


class ApiHandler(Handler):
    """Reads a request, has it answered, and sends the answer with its faults. prefix: of all
    paths, left out of what is asked."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes: the second would wait for the client's acknowledgement.
    disable_nagle_algorithm = True
    api: Api
    prefix = ""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else self._chunks()
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body, files = _read(headers.get("content-type", ""), raw)
        except ValueError:
            self._send(
                Reply(400, {"detail": "The body is not a JSON object.", "error": "invalid body"})
            )
            return
        reply = self.api.answer(
            Asked(
                self.command,
                unquote(path.removeprefix(self.prefix)),
                headers,
                body,
                files,
                dict(parse_qsl(query, keep_blank_values=True)),
                raw,
            )
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
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
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


def _read(kind: str, raw: bytes) -> tuple[dict[str, Any], tuple[tuple[str, bytes], ...]]:
    if kind.startswith("application/json"):
        body = json.loads(raw or b"{}")
        if not isinstance(body, dict):
            raise ValueError("The body is not an object.")
        return body, ()
    if not kind.startswith("multipart/form-data"):
        return {}, ()
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    form = email.message_from_bytes(head + raw, policy=email.policy.HTTP)
    fields: dict[str, Any] = {}
    files: list[tuple[str, bytes]] = []
    for part in form.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename():
            files.append((name, content))
        else:
            fields[name] = content.decode()
    return fields, tuple(files)
