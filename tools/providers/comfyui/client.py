"""One ComfyUI server's HTTP and WebSocket interface. Raises ProviderErrors and nothing of httpx.

Read in its `server.py`: POST /upload/image, POST /prompt, GET /queue, GET /history/{id}, GET /view,
POST /queue {"delete"}, POST /interrupt, GET /system_stats, GET /object_info, /ws?clientId=.
The address is the operator's word, so it may be a private one; nothing it answers is followed
elsewhere.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote, urlsplit

import httpx
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from tools.providers.comfyui import failures

CONNECT_S: Final = 5.0
READ_S: Final = 30.0
# The sweeper's heart waits for it.
CANCEL: Final = httpx.Timeout(2.0)
# A description of all nodes of a server with many extensions has some ten.
MAX_JSON_BYTES: Final = 64 << 20
MAX_MESSAGE_BYTES: Final = 16 << 20
CHUNK: Final = 256 << 10
# The first version whose prompts have the ids that they are submitted with.
TAKES_IDS: Final = (0, 3, 45)
LAST_PROMPTS: Final = "200"

Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and what it wants to see. url: without a slash at its end.

    headers: sent with every request, its secrets among them, and so never shown. ca: a file of
    certificates that it is trusted by, else the system's.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca: str = ""

    @property
    def host(self) -> str:
        """What messages call it."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Queue:
    """What a server works on and has waiting, each as `(prompt id, our mark)`, the next one first.

    mark: what `submit` was given; "" for what others submitted.
    """

    running: tuple[tuple[str, str], ...]
    pending: tuple[tuple[str, str], ...]

    @property
    def length(self) -> int:
        return len(self.running) + len(self.pending)

    def find(self, mark: str) -> str:
        """The id of the prompt with this mark or id; "" when it is not there."""
        for prompt_id, its_mark in (*self.running, *self.pending):
            if mark in (prompt_id, its_mark):
                return prompt_id
        return ""

    def before(self, prompt_id: str) -> int | None:
        """How many will be worked on before; 0 for one that runs, None for one that is not here."""
        if any(prompt_id == running for running, _ in self.running):
            return 0
        ids = [pending for pending, _ in self.pending]
        return len(self.running) + ids.index(prompt_id) if prompt_id in ids else None


class Client:
    """Safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None
        self._takes_ids: bool | None = None

    # -- reading ----------------------------------------------------------------------------------

    def stats(self) -> dict[str, Any]:
        """`/system_stats`: `{"system": {"comfyui_version", …}, "devices": […]}`."""
        return self._object("GET", "/system_stats")

    def node_types(self) -> dict[str, Any]:
        """`/object_info`: every node type it has, with its inputs."""
        return self._object("GET", "/object_info")

    def queue(self) -> Queue:
        answer = self._object("GET", "/queue")
        pending = sorted(_items(answer, "queue_pending"), key=_number)
        return Queue(
            running=tuple(map(_marked, _items(answer, "queue_running"))),
            pending=tuple(map(_marked, pending)),
        )

    def history(self, prompt_id: str) -> dict[str, Any] | None:
        """What is noted of a prompt that is over: outputs, status; None while it is not."""
        entry = self._object("GET", f"/history/{quote(prompt_id, safe='')}").get(prompt_id)
        return entry if isinstance(entry, dict) else None

    def finished(self, mark: str) -> tuple[str, dict[str, Any]] | None:
        """Id and history of a prompt with this mark or id; None while there is none."""
        entry = self.history(mark)
        if entry is not None:
            return mark, entry
        prompt_id = "" if self._chooses_by_ours() else self._marked_in_history(mark)
        entry = self.history(prompt_id) if prompt_id else None
        return None if entry is None else (prompt_id, entry)

    def _chooses_by_ours(self) -> bool:
        """Whether it takes the ids we give prompts."""
        if self._takes_ids is None:
            system = self.stats().get("system")
            version = system.get("comfyui_version") if isinstance(system, dict) else None
            self._takes_ids = _version(version) >= TAKES_IDS
        return self._takes_ids

    def _marked_in_history(self, mark: str) -> str:
        answer = self._object("GET", "/history", params={"max_items": LAST_PROMPTS})
        for prompt_id, entry in answer.items():
            prompt = entry.get("prompt") if isinstance(entry, dict) else None
            if isinstance(prompt, list) and len(prompt) > 3 and _marked(prompt)[1] == mark:
                return str(prompt_id)
        return ""

    # -- doing ------------------------------------------------------------------------------------

    def upload(self, path: Path, name: str, mime: str, check: Check) -> str:
        """Put a file into the input folder; the name a node loads it by.

        name: by the content, so that the server recognises what it has. check: see `download`.
        """
        with path.open("rb") as file:
            answer = self._object(
                "POST",
                "/upload/image",
                files={"image": (name, _Checked(file, check), mime)},
                data={"subfolder": "reelgraph", "type": "input"},
            )
        found, folder = answer.get("name"), answer.get("subfolder")
        if not isinstance(found, str) or not found:
            raise failures.odd(self.address.host, "took a file without saying its name")
        return f"{folder}/{found}" if folder else found

    def submit(
        self, nodes: Mapping[str, Any], *, prompt_id: str, client_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Queue a graph under an id we choose; its id, and what it says of nodes it leaves out.

        Servers before 0.3.45 choose the id: they are asked for ours by the mark it leaves.
        """
        body = {
            "prompt": nodes,
            "prompt_id": prompt_id,
            "client_id": client_id,
            "extra_data": {"reelgraph": prompt_id},
        }
        answer = self._object("POST", "/prompt", json=body)
        found = answer.get("prompt_id")
        if not isinstance(found, str) or not found:
            raise failures.odd(self.address.host, "took a prompt without giving it an id")
        left_out = answer.get("node_errors")
        return found, left_out if isinstance(left_out, dict) else {}

    def stop(self, prompt_id: str) -> None:
        """Take a prompt from the queue, or interrupt it where it runs; nobody else's is touched."""
        self._send("POST", "/queue", json={"delete": [prompt_id]}, timeout=CANCEL)
        answer = self._object("GET", "/queue", timeout=CANCEL)
        # Servers before 0.3.57 interrupt whatever runs, whoever is named.
        if any(_marked(item)[0] == prompt_id for item in _items(answer, "queue_running")):
            self._send("POST", "/interrupt", json={"prompt_id": prompt_id}, timeout=CANCEL)

    def download(
        self, file: Mapping[str, str], target: Path, *, max_bytes: int, check: Check
    ) -> None:
        """Write a result to a new file. file: filename, subfolder, type, as the history has them.

        check: called for every chunk; what it raises ends it and comes through.
        """
        params = {name: file.get(name, "") for name in ("filename", "subfolder", "type")}
        size = 0
        with self._stream("GET", "/view", params=params) as answer, target.open("xb") as out:
            if answer.status_code == 404:
                raise failures.result_gone(self.address.host, params["filename"])
            self._check_status(answer)
            for chunk in answer.iter_bytes(CHUNK):
                check()
                size += len(chunk)
                if size > max_bytes:
                    raise failures.result_too_large(self.address.host, max_bytes)
                out.write(chunk)

    def listen(self, client_id: str) -> ClientConnection:
        """The socket that tells what becomes of a client's prompts. Raises failures.Away."""
        parts = urlsplit(self.address.url)
        secure = parts.scheme == "https"
        url = f"{'wss' if secure else 'ws'}://{parts.netloc}{parts.path}/ws"
        try:
            return connect(
                f"{url}?clientId={quote(client_id, safe='')}",
                additional_headers=dict(self.address.headers),
                ssl=self._trust() if secure else None,
                open_timeout=CONNECT_S,
                close_timeout=0.5,
                # Else the proxy settings of the environment would be heeded.
                proxy=None,
                max_size=MAX_MESSAGE_BYTES,
                max_queue=256,
                # It answers no pings while it loads a model.
                ping_timeout=None,
                user_agent_header=None,
            )
        except (OSError, InvalidHandshake, InvalidURI, WebSocketException) as problem:
            raise failures.away(self.address.host, "does not open a WebSocket") from problem

    # -- inside -----------------------------------------------------------------------------------

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.address.ca or None)

    @property
    def http(self) -> httpx.Client:
        with self._lock:
            if self._http is None:
                self._http = httpx.Client(
                    base_url=self.address.url,
                    headers=dict(self.address.headers),
                    timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
                    # builder/settings.py alone reads the environment.
                    trust_env=False,
                    verify=self._trust(),
                    follow_redirects=False,
                )
            return self._http

    @contextmanager
    def _stream(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        try:
            with self.http.stream(method, path, **options) as answer:
                yield answer
        except httpx.TimeoutException as problem:
            raise failures.away(self.address.host, "did not answer in time") from problem
        except (httpx.HTTPError, httpx.StreamError) as problem:
            raise failures.away(self.address.host, "cannot be reached") from problem

    def _send(self, method: str, path: str, **options: Any) -> bytes:
        with self._stream(method, path, **options) as answer:
            body = bytearray()
            for chunk in answer.iter_bytes(CHUNK):
                body += chunk
                if len(body) > MAX_JSON_BYTES:
                    raise failures.odd(self.address.host, f"answered {path} with too much")
            self._check_status(answer, bytes(body))
            return bytes(body)

    def _object(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        body = self._send(method, path, **options)
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise failures.odd(self.address.host, f"answered {path} with something else than JSON")
        return found

    def _check_status(self, answer: httpx.Response, body: bytes = b"") -> None:
        if answer.status_code != 200:
            raise failures.of_answer(self.address.host, answer.status_code, body)


class _Checked:
    """A file that looks whether it is still wanted each time a piece of it is read."""

    def __init__(self, file: IO[bytes], check: Check) -> None:
        self._file = file
        self._check = check

    def read(self, size: int = -1) -> bytes:
        self._check()
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _items(answer: Mapping[str, Any], name: str) -> list[list[Any]]:
    """Queued prompts: `[number, prompt id, nodes, extra data, outputs]`."""
    found = answer.get(name)
    if not isinstance(found, list):
        return []
    return [item for item in found if isinstance(item, list) and len(item) > 1]


def _number(item: list[Any]) -> float:
    return item[0] if isinstance(item[0], (int, float)) else 0


def _marked(item: list[Any]) -> tuple[str, str]:
    extra = item[3] if len(item) > 3 and isinstance(item[3], dict) else {}
    return str(item[1]), str(extra.get("reelgraph", ""))


def _version(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(text or ""))[:3])
