"""ComfyUI's HTTP and WebSocket interface on 127.0.0.1, written from its server.py.

`with ComfyServer() as server:` serves at `server.url`. `server.ledger` holds what it was asked,
`server.switches` everything that can go wrong.
"""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import socket
import struct
import tempfile
import threading
from collections import Counter
from hashlib import sha1
from pathlib import Path
from typing import Any
from uuid import uuid4

from websockets.protocol import State
from websockets.server import ServerProtocol

from tests.support.fakes import webhooks
from tests.support.fakes.comfyui_engine import PARTNERS, Engine, Switches
from tests.support.fakes.http_server import ApiServer, Asked, Reply

_WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# A preview picture as the socket sends it in between: event type, format, bytes.
PREVIEW = struct.pack(">II", 1, 2) + b"\x89PNG"


class ComfyServer(ApiServer):
    """folder: input, output and temp. certificate: a PEM file with key, to serve by TLS. hook:
    where it says that a prompt is over, as the node of the guide does."""

    ROUTES = (
        ("GET", "/ws", "_socket"),
        ("GET", "/system_stats", "_system_stats"),
        ("GET", "/object_info(?:/(?P<name>.+))?", "_object_info"),
        ("GET", "/queue", "_queue"),
        ("GET", "/history(?:/(?P<prompt_id>.+))?", "_history"),
        ("GET", "/view", "_view"),
        ("POST", "/upload/image", "_upload"),
        ("POST", "/prompt", "_prompt"),
        ("POST", "/queue", "_delete"),
        ("POST", "/interrupt", "_interrupt"),
    )

    def __init__(self, *, certificate: Path | None = None, port: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="comfyui-"))
        self.switches = Switches()
        self.engine = Engine(self.folder, self.switches)
        self.engine.send, self.engine.drop = self._send, self._drop
        self.engine.over = self._hook
        self.hook = ""
        self.ledger: list[dict[str, Any]] = []
        self.sockets: dict[str, _Socket] = {}
        super().__init__(port=port, certificate=certificate)

    def __exit__(self, *problem: Any) -> None:
        super().__exit__(*problem)
        self._drop()
        self.engine.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def entries(self, what: str) -> list[dict[str, Any]]:
        """The ledger's entries of one kind, such as `prompt` or `upload`."""
        return [entry for entry in list(self.ledger) if entry["what"] == what]

    def submitted(self) -> Counter[str]:
        """How often it was given each prompt, by id."""
        return Counter(entry["id"] for entry in self.entries("prompt"))

    def note(self, what: str, **facts: Any) -> None:
        self.ledger.append({"what": what, **facts})

    def _send(self, client: str, kind: str, data: dict[str, Any]) -> None:
        text = json.dumps({"type": kind, "data": data}).encode()
        for name, listening in list(self.sockets.items()):
            if client in ("", name):
                listening.send(text)
                if kind == "progress":
                    listening.send(PREVIEW, binary=True)

    def _hook(self, prompt_id: str) -> None:
        if self.hook:
            body = json.dumps({"prompt_id": prompt_id}).encode()
            self.note("hook", status=webhooks.send(self.hook, body, {}))

    def _drop(self) -> None:
        for listening in list(self.sockets.values()):
            listening.cut()

    # -- reading ----------------------------------------------------------------------------------

    def respond(self, asked: Asked) -> Reply:
        token = self.switches.token
        if token and asked.headers.get("authorization") != f"Bearer {token}":
            return Reply(401)
        return Reply(self.switches.status) if self.switches.status else super().respond(asked)

    def _socket(self, asked: Asked) -> Reply:
        if self.switches.refuse_sockets:
            return Reply(403)
        client = asked.query.get("clientId") or uuid4().hex
        key = asked.headers["sec-websocket-key"].encode()
        accept = base64.b64encode(sha1(key + _WEBSOCKET).digest()).decode()
        headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept}

        def listen(connection: socket.socket) -> None:
            listening = self.sockets[client] = _Socket(connection)
            self.note("socket", client=client)
            listening.send(json.dumps({"type": "status", "data": {"sid": client}}).encode())
            listening.read_until_closed()
            if self.sockets.get(client) is listening:
                del self.sockets[client]

        return Reply(101, headers=headers, upgrade=listen)

    def _system_stats(self, asked: Asked) -> Reply:
        system: dict[str, Any] = {"os": "posix", "argv": []}
        if self.switches.version is not None:
            system["comfyui_version"] = self.switches.version
        device = {"name": "cuda:0", "vram_total": 24 << 30, "vram_free": 20 << 30}
        return Reply(body={"system": system, "devices": [device]})

    def _object_info(self, asked: Asked, name: str | None) -> Reply:
        self.note("object_info", name=name or "")
        if not self.switches.describes_nodes:
            return Reply(404)
        nodes = self.engine.described()
        return Reply(body={one: nodes[one] for one in nodes if name in (None, one)})

    def _queue(self, asked: Asked) -> Reply:
        return Reply(body=self.engine.queue())

    def _history(self, asked: Asked, prompt_id: str | None) -> Reply:
        return Reply(body=self.engine.told(prompt_id) if prompt_id else dict(self.engine.history))

    def _view(self, asked: Asked) -> Reply:
        query = asked.query
        self.note("view", **query)
        folder = self.folder / query.get("type", "output") / query.get("subfolder", "")
        path, content = folder / query["filename"], self.switches.wrong_file
        if content is None and not path.is_file():
            return Reply(404)
        kind = {"Content-Type": "application/octet-stream"}
        return Reply(body=path.read_bytes() if content is None else content, headers=kind)

    # -- doing ------------------------------------------------------------------------------------

    def _upload(self, asked: Asked) -> Reply:
        folder, data = asked.body.get("subfolder", "").strip(), dict(asked.files)["image"]
        path = self.folder / "input" / folder / asked.filenames["image"]
        path.parent.mkdir(parents=True, exist_ok=True)
        stem, ending, number = path.stem, path.suffix, 0
        while path.exists() and path.read_bytes() != data:
            number += 1
            path = path.with_name(f"{stem} ({number}){ending}")
        path.write_bytes(data)
        self.note("upload", name=path.name, size=len(data))
        return Reply(body={"name": path.name, "subfolder": folder, "type": "input"})

    def _prompt(self, asked: Asked) -> Reply:
        body, switches = asked.body, self.switches
        nodes, extra, client = body["prompt"], body.get("extra_data"), body.get("client_id")
        prompt_id = (body.get("prompt_id") if switches.takes_ids else None) or str(uuid4())
        self.note("prompt", id=prompt_id, nodes=nodes, client=client, extra=extra)
        error, node_errors = self.engine.problems(nodes)
        if switches.refuses_partners and {one["class_type"] for one in nodes.values()} & PARTNERS:
            message = f"refused with {extra}"
            error = {"type": "refused", "message": message, "details": "", "extra_info": {}}
        if error is not None:
            return Reply(400, {"error": error, "node_errors": node_errors})
        named = {"client_id": client} if "client_id" in body else {}
        prompt = self.engine.put(prompt_id, nodes, {**(extra or {}), **named})
        if switches.lose_answer:
            switches.lose_answer = False
            return Reply(drop=True)
        if switches.page_for_prompt:
            switches.page_for_prompt = False
            return Reply(body=b"<html>Sign in</html>", headers={"Content-Type": "text/html"})
        return Reply(body={"prompt_id": prompt_id, "number": prompt.number, "node_errors": {}})

    def _delete(self, asked: Asked) -> Reply:
        for prompt_id in asked.body.get("delete", ()):
            self.note("delete", id=prompt_id)
            self.engine.delete(prompt_id)
        return Reply()

    def _interrupt(self, asked: Asked) -> Reply:
        named = asked.body.get("prompt_id")
        is_old = self.switches.version is None
        did = self.engine.stop_running(None if is_old else named)
        self.note("interrupt", id=named, did=did)
        return Reply()


class _Socket:
    """One WebSocket, whose handshake is done."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._protocol = ServerProtocol(state=State.OPEN)
        self._lock = threading.Lock()

    def send(self, data: bytes, *, binary: bool = False) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._protocol.state is State.OPEN:
                (self._protocol.send_binary if binary else self._protocol.send_text)(data)
                self._flush()

    def read_until_closed(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._connection.recv(4096):
                with self._lock:
                    self._protocol.receive_data(data)
                    self._flush()

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)
            else:
                # The server is the first to end the connection: the client waits for that.
                self._connection.shutdown(socket.SHUT_WR)
