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
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import sha1
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from websockets.protocol import State
from websockets.server import ServerProtocol

from tests.support.fakes import webhooks
from tests.support.fakes.comfyui_engine import PARTNERS, Engine, Switches
from tests.support.fakes.http_server import Handler, HttpServer

_WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# A preview picture as the socket sends it in between: event type, format, bytes.
PREVIEW = struct.pack(">II", 1, 2) + b"\x89PNG"


class ComfyServer(HttpServer):
    """folder: input, output and temp. certificate: a PEM file with key, to serve by TLS. hook:
    where it says that a prompt is over, as the node of the guide does."""

    def __init__(self, *, certificate: Path | None = None, port: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="comfyui-"))
        self.switches = Switches()
        self.engine = Engine(self.folder, self.switches)
        self.engine.send, self.engine.drop = self._send, self._drop
        self.engine.over = self._hook
        self.hook = ""
        self.ledger: list[dict[str, Any]] = []
        self.sockets: dict[str, _Socket] = {}
        super().__init__(_Handler, port=port, certificate=certificate, comfy=self)
        self.url = self.origin

    def __exit__(self, *problem: Any) -> None:
        super().__exit__(*problem)
        self._drop()
        self.engine.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def asked(self, what: str) -> list[dict[str, Any]]:
        """The ledger's entries of one kind, such as `prompt` or `upload`."""
        return [entry for entry in list(self.ledger) if entry["what"] == what]

    def submitted(self) -> Counter[str]:
        """How often it was given each prompt, by id."""
        return Counter(entry["id"] for entry in self.asked("prompt"))

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


class _Handler(Handler):
    protocol_version = "HTTP/1.1"
    comfy: ComfyServer

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if not self._let_in():
            return
        parts = url.path.strip("/").split("/")
        answer = getattr(self, f"get_{parts[0]}", None)
        if answer is None:
            self._empty(404)
        else:
            answer(query, *parts[1:])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._let_in():
            return
        if self.path == "/upload/image":
            self.post_upload(body)
        else:
            getattr(self, f"post_{self.path.strip('/')}")(json.loads(body or b"{}"))

    def _let_in(self) -> bool:
        switches = self.comfy.switches
        if switches.token and self.headers.get("Authorization") != f"Bearer {switches.token}":
            self._empty(401)
            return False
        if switches.status:
            self._empty(switches.status)
            return False
        return True

    # -- reading ----------------------------------------------------------------------------------

    def get_ws(self, query: dict[str, str]) -> None:
        if self.comfy.switches.refuse_sockets:
            self._empty(403)
            return
        client = query.get("clientId") or uuid4().hex
        key = self.headers["Sec-WebSocket-Key"].encode()
        accept = base64.b64encode(sha1(key + _WEBSOCKET).digest()).decode()
        self.wfile.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        self.close_connection = True
        listening = _Socket(self.connection)
        self.comfy.sockets[client] = listening
        self.comfy.note("socket", client=client)
        listening.send(json.dumps({"type": "status", "data": {"sid": client}}).encode())
        listening.read_until_closed()
        if self.comfy.sockets.get(client) is listening:
            del self.comfy.sockets[client]

    def get_system_stats(self, query: dict[str, str]) -> None:
        version = self.comfy.switches.version
        system = {"os": "posix", "argv": []}
        if version is not None:
            system["comfyui_version"] = version
        device = {"name": "cuda:0", "vram_total": 24 << 30, "vram_free": 20 << 30}
        self._json({"system": system, "devices": [device]})

    def get_object_info(self, query: dict[str, str], name: str = "") -> None:
        self.comfy.note("object_info", name=name)
        if not self.comfy.switches.describes_nodes:
            self._empty(404)
            return
        found = self.comfy.engine.described()
        self._json({one: found[one] for one in found if name in ("", one)})

    def get_queue(self, query: dict[str, str]) -> None:
        self._json(self.comfy.engine.queue())

    def get_history(self, query: dict[str, str], prompt_id: str = "") -> None:
        engine = self.comfy.engine
        self._json(engine.told(prompt_id) if prompt_id else dict(engine.history))

    def get_view(self, query: dict[str, str]) -> None:
        self.comfy.note("view", **query)
        folder = self.comfy.folder / query.get("type", "output") / query.get("subfolder", "")
        path = folder / query["filename"]
        wrong = self.comfy.switches.wrong_file
        if wrong is None and not path.is_file():
            self._empty(404)
            return
        self._bytes(path.read_bytes() if wrong is None else wrong, "application/octet-stream")

    # -- doing ------------------------------------------------------------------------------------

    def post_upload(self, body: bytes) -> None:
        kind = self.headers["Content-Type"].encode()
        whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + body)
        fields = {
            part.get_param("name", header="content-disposition"): part
            for part in whole.iter_parts()
        }
        folder = fields["subfolder"].get_content().strip() if "subfolder" in fields else ""
        data = fields["image"].get_payload(decode=True)
        name = fields["image"].get_filename()
        path = self.comfy.folder / "input" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        stem, _, ending = name.rpartition(".")
        number = 0
        while path.exists() and path.read_bytes() != data:
            number += 1
            path = path.with_name(f"{stem} ({number}).{ending}")
        path.write_bytes(data)
        self.comfy.note("upload", name=path.name, size=len(data))
        self._json({"name": path.name, "subfolder": folder, "type": "input"})

    def post_prompt(self, body: dict[str, Any]) -> None:
        comfy = self.comfy
        prompt_id = body.get("prompt_id") if comfy.switches.takes_ids else None
        prompt_id = prompt_id or str(uuid4())
        comfy.note(
            "prompt",
            id=prompt_id,
            nodes=body["prompt"],
            client=body.get("client_id"),
            extra=body.get("extra_data"),
        )
        error, node_errors = comfy.engine.problems(body["prompt"])
        types = {node["class_type"] for node in body["prompt"].values()}
        if comfy.switches.refuses_partners and types & PARTNERS:
            says = f"refused with {body.get('extra_data')}"
            error = {"type": "refused", "message": says, "details": "", "extra_info": {}}
        if error is not None:
            self._json({"error": error, "node_errors": node_errors}, 400)
            return
        extra = {**body.get("extra_data", {})}
        if "client_id" in body:
            extra["client_id"] = body["client_id"]
        prompt = comfy.engine.put(prompt_id, body["prompt"], extra)
        if comfy.switches.lose_answer:
            comfy.switches.lose_answer = False
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if comfy.switches.page_for_prompt:
            comfy.switches.page_for_prompt = False
            self._bytes(b"<html>Sign in</html>", "text/html")
            return
        self._json({"prompt_id": prompt_id, "number": prompt.number, "node_errors": {}})

    def post_queue(self, body: dict[str, Any]) -> None:
        for prompt_id in body.get("delete", ()):
            self.comfy.note("delete", id=prompt_id)
            self.comfy.engine.delete(prompt_id)
        self._empty(200)

    def post_interrupt(self, body: dict[str, Any]) -> None:
        named = body.get("prompt_id")
        is_old = self.comfy.switches.version is None
        did = self.comfy.engine.stop_running(None if is_old else named)
        self.comfy.note("interrupt", id=named, did=did)
        self._empty(200)

    # -- answers ----------------------------------------------------------------------------------

    def _json(self, value: Any, status: int = 200) -> None:
        self._bytes(json.dumps(value).encode(), "application/json", status)

    def _empty(self, status: int) -> None:
        self._bytes(b"", "text/plain", status)

    def _bytes(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
