"""One ComfyUI server's HTTP and WebSocket interface. Raises ProviderErrors and nothing of httpx.

Read in its `server.py`: POST /upload/image, POST /prompt, GET /queue, GET /history/{id}, GET /view,
POST /queue {"delete"}, POST /interrupt, GET /system_stats, GET /object_info, /ws?clientId=.
Its address may be a private one, see `tools.providers.destinations`; nothing it answers is followed
elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from core.errors import ProviderError
from tools.providers.comfyui import failures
from tools.providers.destinations import open_socket
from tools.providers.http import Requests, TooLarge, trust
from tools.providers.http_failures import Unreachable
from tools.providers.service import Answer, Service

CONNECT_S: Final = 5.0
READ_S: Final = 30.0
# A start, or a process that is about to end, waits for it.
CANCEL_S: Final = 2.0
# A description of all nodes of a server with many extensions has some ten.
MAX_JSON_BYTES: Final = 64 << 20
MAX_MESSAGE_BYTES: Final = 16 << 20
# The first version whose prompts have the ids that they are submitted with.
TAKES_IDS: Final = (0, 3, 45)
LAST_PROMPTS: Final = "200"

Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Address:
    """Address of a server, and what it wants to see. url: without a slash at its end.

    headers: sent with every request, its secrets among them, and so never shown. ca: a file of
    certificates that it is trusted by, else the system's.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca: str = ""

    @property
    def host(self) -> str:
        """Return its name in messages."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class PromptQueue:
    """Prompts that a server works on and has waiting: `(prompt id, our mark)`, the next one first.

    mark: as passed to `submit`; "" for what others submitted.
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
        """Return how many will be worked on before; 0 for one that runs, None for one not here."""
        if any(prompt_id == running for running, _ in self.running):
            return 0
        ids = [pending for pending, _ in self.pending]
        return len(self.running) + ids.index(prompt_id) if prompt_id in ids else None


@dataclass(frozen=True, eq=False)
class ComfyUIClient:
    """Safe to use from several threads. check: called while it waits; what it raises ends it.
    account_key: of the operator's account at Comfy, which partner nodes are paid by.
    """

    address: Address
    check: Check = lambda: None
    account_key: str = field(default="", repr=False)
    # What was asked once: whether prompts get the ids that they are submitted with.
    _known: dict[str, bool] = field(default_factory=dict)

    def for_job(self, check: Check) -> ComfyUIClient:
        """The same server, asked for one job."""
        return replace(self, check=check)

    # -- reading ----------------------------------------------------------------------------------

    def stats(self) -> dict[str, Any]:
        """`/system_stats`: `{"system": {"comfyui_version", …}, "devices": […]}`."""
        return self._object("GET", "/system_stats")

    def node_types(self) -> dict[str, Any]:
        """`/object_info`: every node type it has, with its inputs."""
        return self._object("GET", "/object_info")

    def node_type(self, name: str, *, timeout_s: float | None = CANCEL_S) -> Any:
        """Read one node type from `/object_info`; None: there is none of that name."""
        path = f"/object_info/{quote(name, safe='')}"
        return self._object("GET", path, timeout_s=timeout_s).get(name)

    def queue(self) -> PromptQueue:
        answer = self._object("GET", "/queue")
        pending = sorted(_items(answer, "queue_pending"), key=_number)
        return PromptQueue(
            running=tuple(map(_id_and_mark, _items(answer, "queue_running"))),
            pending=tuple(map(_id_and_mark, pending)),
        )

    def history(self, prompt_id: str) -> dict[str, Any] | None:
        """Read the record of a prompt that is over: outputs, status; None while it is not."""
        entry = self._object("GET", f"/history/{quote(prompt_id, safe='')}").get(prompt_id)
        return entry if isinstance(entry, dict) else None

    def find_finished(self, mark: str) -> tuple[str, dict[str, Any]] | None:
        """Id and history of a prompt with this mark or id; None while there is none."""
        entry = self.history(mark)
        if entry is not None:
            return mark, entry
        prompt_id = "" if self._chooses_by_ours() else self._marked_in_history(mark)
        entry = self.history(prompt_id) if prompt_id else None
        return None if entry is None else (prompt_id, entry)

    def _chooses_by_ours(self) -> bool:
        """Return whether it takes the ids we give prompts."""
        if "takes ids" not in self._known:
            system = self.stats().get("system")
            version = system.get("comfyui_version") if isinstance(system, dict) else None
            self._known["takes ids"] = _version(version) >= TAKES_IDS
        return self._known["takes ids"]

    def _marked_in_history(self, mark: str) -> str:
        answer = self._object("GET", "/history", params={"max_items": LAST_PROMPTS})
        for prompt_id, entry in answer.items():
            prompt = entry.get("prompt") if isinstance(entry, dict) else None
            if isinstance(prompt, list) and len(prompt) > 3 and _id_and_mark(prompt)[1] == mark:
                return str(prompt_id)
        return ""

    # -- doing ------------------------------------------------------------------------------------

    def upload(self, path: Path, name: str, mime: str) -> str:
        """Put a file into the input folder; the name a node loads it by.

        name: by the content, so that the server recognizes what it has.
        """
        with path.open("rb") as file:
            answer = self._object(
                "POST",
                "/upload/image",
                files={"image": (name, file, mime)},
                data={"subfolder": "reelgraph", "type": "input"},
            )
        file_name, folder = answer.get("name"), answer.get("subfolder")
        if not isinstance(file_name, str) or not file_name:
            raise failures.odd(self.address.host, "returned no name for an upload")
        return f"{folder}/{file_name}" if folder else file_name

    def submit(
        self, nodes: Mapping[str, Any], *, prompt_id: str, client_id: str, is_paid: bool = False
    ) -> tuple[str, dict[str, Any]]:
        """Queue a graph under an id we choose; its id, and what it says of nodes it leaves out.

        Servers before 0.3.45 choose the id: they are asked for ours by the mark it leaves.
        is_paid: it has partner nodes, which get the account key.
        """
        extra = {"reelgraph": prompt_id}
        if is_paid:
            extra["api_key_comfy_org"] = self.account_key
        body = {
            "prompt": nodes,
            "prompt_id": prompt_id,
            "client_id": client_id,
            "extra_data": extra,
        }
        try:
            answer = _parse_object(self._send("POST", "/prompt", json=body)) or {}
        except failures.Away as problem:
            if problem.__cause__ is None or isinstance(problem.__cause__, Unreachable):
                # It was answered, or never arrived.
                raise
            raise failures.perhaps_queued(problem) from problem
        queued_id = answer.get("prompt_id")
        if not isinstance(queued_id, str) or not queued_id:
            # It may be queued, and its nodes may be paid ones: looked for by our id next time.
            failure = failures.away(self.address.host, "returned no id for a prompt")
            raise failures.perhaps_queued(failure)
        left_out = answer.get("node_errors")
        return queued_id, left_out if isinstance(left_out, dict) else {}

    def stop(self, prompt_id: str) -> None:
        """Take a prompt from the queue, or interrupt it where it runs; no other one is touched."""
        self._send("POST", "/queue", json={"delete": [prompt_id]}, timeout_s=CANCEL_S)
        answer = self._object("GET", "/queue", timeout_s=CANCEL_S)
        # Servers before 0.3.57 interrupt whatever runs, anyone who is named.
        if any(_id_and_mark(item)[0] == prompt_id for item in _items(answer, "queue_running")):
            self._send("POST", "/interrupt", json={"prompt_id": prompt_id}, timeout_s=CANCEL_S)

    def download(self, file: Mapping[str, str], target: Path, *, max_bytes: int) -> None:
        """Write a result to a file. file: filename, subfolder, type, as the history has them."""
        params = {name: file.get(name, "") for name in ("filename", "subfolder", "type")}
        try:
            answer = self._ask("GET", "/view", params=params, target=target, limit=max_bytes)
        except TooLarge as problem:
            raise failures.result_too_large(self.address.host, max_bytes) from problem
        if answer.status == 404:
            raise failures.result_gone(self.address.host, params["filename"])
        self._check_status(answer)

    def listen(self, client_id: str) -> ClientConnection:
        """The socket that tells what becomes of a client's prompts. Raises failures.Away."""
        parts = urlsplit(self.address.url)
        secure = parts.scheme == "https"
        url = f"{'wss' if secure else 'ws'}://{parts.netloc}{parts.path}/ws"
        try:
            return connect(
                f"{url}?clientId={quote(client_id, safe='')}",
                sock=open_socket(
                    parts.hostname or "", parts.port or (443 if secure else 80), CONNECT_S
                ),
                additional_headers=dict(self.address.headers),
                ssl=trust(self.address.ca) if secure else None,
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
            raise failures.away(self.address.host, "didn't open a WebSocket") from problem

    # -- inside -----------------------------------------------------------------------------------

    def _ask(
        self, method: str, path: str, *, timeout_s: float | None = None, **request: Any
    ) -> Answer:
        """Raises failures.Away wherever no answer came: a prompt is found again by its id."""
        service = Service(
            who=f"ComfyUI at {self.address.host}",
            base_url=self.address.url,
            headers=self.address.headers,
            ca_file=self.address.ca,
            timeout_s=timeout_s,
            connect_s=timeout_s or CONNECT_S,
            stalled_s=READ_S,
        )
        try:
            answer = Requests(service, self.check).request(method, path, **request)
        except TooLarge:
            raise
        except ProviderError as problem:
            raise failures.no_answer(problem) from problem
        # Queue and history repeat `extra_data`, and what a node says of its failure may.
        return replace(answer, body=self._without_account_key(answer.body))

    def _without_account_key(self, body: bytes) -> bytes:
        return body.replace(self.account_key.encode(), b"***") if self.account_key else body

    def _send(self, method: str, path: str, **options: Any) -> bytes:
        try:
            answer = self._ask(method, path, limit=MAX_JSON_BYTES, **options)
        except TooLarge as problem:
            raise failures.odd(self.address.host, f"returned too much at {path}") from problem
        self._check_status(answer)
        return answer.body

    def _object(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        document = _parse_object(self._send(method, path, **options))
        if document is None:
            raise failures.odd(self.address.host, f"returned something other than JSON at {path}")
        return document

    def _check_status(self, answer: Answer) -> None:
        if answer.status != 200:
            raise failures.of_answer(self.address.host, answer)


def _parse_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object that a body holds; None for anything else."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _items(answer: Mapping[str, Any], name: str) -> list[list[Any]]:
    """Queued prompts: `[number, prompt id, nodes, extra data, outputs]`."""
    entries = answer.get(name)
    if not isinstance(entries, list):
        return []
    return [item for item in entries if isinstance(item, list) and len(item) > 1]


def _number(item: list[Any]) -> float:
    return item[0] if isinstance(item[0], (int, float)) else 0


def _id_and_mark(item: list[Any]) -> tuple[str, str]:
    extra = item[3] if len(item) > 3 and isinstance(item[3], dict) else {}
    return str(item[1]), str(extra.get("reelgraph", ""))


def _version(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(text or ""))[:3])
