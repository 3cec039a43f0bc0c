"""A row about people who have one document open: how soon they see each other's changes, and each
other."""

from __future__ import annotations

import json
import secrets
import select
import socket
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil

from tests.bench.figures import Figure, spread
from tests.bench.ground import Ground, beside_each_other, web_pids
from tests.bench.wire import masked, take_answer, take_frames, upgrade
from tests.support.server import Site

EDITORS = 20
TURNS = 3
CHANGES = 30
# Two messages of one editor come further apart than the server tells the others.
PAUSE_S = 0.1
WITHIN_S = 20
CHUNK = 256 * 1024


@dataclass
class Times:
    """In milliseconds, one for each other editor: from the change's request, and from its answer,
    to the change; from a message of where someone points to the message that shows it."""

    asked: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    pointed: list[float] = field(default_factory=list)


class Editor:
    """One open socket of a document."""

    def __init__(self, site: Site, document: str, session: str) -> None:
        self.client_id = str(uuid.uuid4())
        self._buffer = bytearray()
        self._is_open = False
        self.socket = socket.create_connection(("127.0.0.1", site.port))
        path = f"/ws/documents/{document}?after=0&client={self.client_id}"
        headers = {"Cookie": f"sessionid={session}", "Origin": site.url}
        self.socket.sendall(upgrade(path, f"127.0.0.1:{site.port}", headers))

    def read(self) -> list[bytes]:
        """The messages that came since the last call. Raises RuntimeError when it was closed."""
        data = self.socket.recv(CHUNK)
        self._buffer += data
        if not self._is_open:
            head, there, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not there:
                return []
            if b" 101 " not in head:
                raise RuntimeError(head[:200].decode())
            self._is_open, self._buffer = True, bytearray(rest)
        frames = take_frames(self._buffer)
        if not data or any(code == 8 for code, _ in frames):
            raise RuntimeError("the server closed an editor's socket")
        return [payload for code, payload in frames if code == 1]


class Session:
    """All editors of one document, of which the first one also sends changes over HTTP."""

    def __init__(self, site: Site) -> None:
        self._site = site
        furnish = "from tests.support.builders.editing import furnish; furnish(8)"
        facts = json.loads(site.manage("shell", "-c", furnish).strip().splitlines()[-1])
        self._document, sessions = facts["id"], facts["sessions"]
        self._head = self._head_of_changes(sessions[0])
        self._line = socket.create_connection(("127.0.0.1", site.port))
        self._answer = bytearray()
        self._epoll = select.epoll()
        self._epoll.register(self._line, select.EPOLLIN)
        self.editors: list[Editor] = []
        self._by_file: dict[int, Editor] = {}
        self._said = 0
        for place in range(EDITORS):
            editor = Editor(site, self._document, sessions[place % len(sessions)])
            self.editors.append(editor)
            self._by_file[editor.socket.fileno()] = editor
            self._epoll.register(editor.socket, select.EPOLLIN)
        self._rev = 0
        self._until_all(lambda said: said["event"] == "people" and len(said["people"]) == EDITORS)

    def _head_of_changes(self, session: str) -> str:
        token = secrets.token_hex(16)
        return (
            f"POST /app/documents/{self._document}/changes HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self._site.port}\r\nContent-Type: application/json\r\n"
            f"Cookie: sessionid={session}; csrftoken={token}\r\nX-CSRFToken: {token}\r\n"
        )

    def measure(self, count: int) -> Times:
        """`count` changes, then as many messages of where an editor points."""
        times = Times()
        for _ in range(count):
            self._change(times)
        for _ in range(count):
            self._point(times)
        return times

    def _change(self, times: Times) -> None:
        op = {
            "op": "set",
            "table": "stages",
            "key": "s3",
            "path": ["args", "prompt"],
            "value": f"A darker sky, take {self._rev}",
        }
        change = {"id": str(uuid.uuid4()), "label": "Prompt", "ops": [op]}
        asked = {
            "clientId": self.editors[0].client_id,
            "base": self._rev,
            "changes": [change],
        }
        body = json.dumps(asked).encode()
        sent_at = time.perf_counter()
        self._line.sendall(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

        def is_shown(said: dict[str, Any]) -> bool:
            return said["event"] == "change" and said["change"]["id"] == change["id"]

        seen_at, answered_at = self._until_all(is_shown, with_answer=True)
        others = [seen_at[editor.client_id] for editor in self.editors[1:]]
        times.asked += [1000 * (at - sent_at) for at in others]
        times.acknowledged += [1000 * (at - answered_at) for at in others]

    def _point(self, times: Times) -> None:
        self._said += 1
        speaker = self.editors[self._said % EDITORS]
        cursor = {"x": self._said, "y": self._said}
        text = json.dumps({"presence": {"selection": ["s3"], "cursor": cursor}})
        sent_at = time.perf_counter()
        speaker.socket.sendall(masked(text))

        def is_shown(said: dict[str, Any]) -> bool:
            return said["event"] == "people" and any(
                person["cursor"] == cursor for person in said["people"]
            )

        seen_at, _ = self._until_all(is_shown)
        times.pointed += [
            1000 * (at - sent_at) for name, at in seen_at.items() if name != speaker.client_id
        ]

    def _until_all(
        self, is_it: Callable[[dict[str, Any]], bool], *, with_answer: bool = False
    ) -> tuple[dict[str, float], float]:
        """When each editor's message came, and when the answer to the change did."""
        seen_at: dict[str, float] = {}
        answered_at = 0.0
        known: dict[bytes, bool] = {}
        deadline = time.monotonic() + WITHIN_S
        while len(seen_at) < EDITORS or (with_answer and not answered_at):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(seen_at)} of {EDITORS} editors saw it")
            for file, _ in self._epoll.poll(1):
                if file == self._line.fileno():
                    answered_at = self._read_answer() or answered_at
                    continue
                editor = self._by_file[file]
                messages, now = editor.read(), time.perf_counter()
                for message in messages:
                    if message not in known:
                        known[message] = is_it(json.loads(message))
                    if known[message]:
                        seen_at.setdefault(editor.client_id, now)
        # Whatever is still on its way must not delay what comes next.
        time.sleep(PAUSE_S)
        return seen_at, answered_at

    def _read_answer(self) -> float | None:
        """When the answer was there as a whole, or None. Raises RuntimeError for a refusal."""
        data = self._line.recv(CHUNK)
        now = time.perf_counter()
        self._answer += data
        answer = take_answer(self._answer)
        if answer is None:
            if not data:
                raise RuntimeError("the server hung up instead of answering a change")
            return None
        head, body = answer
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError((head + body)[:500].decode())
        self._rev = json.loads(body)["rev"]
        return now


def editors(ground: Ground, database: str) -> Iterator[Figure]:
    """20 editors of one document over sockets, one of whom makes 30 changes over HTTP, then 30
    messages of where somebody points; with one web process and with two, three times by turns.

    From the change's request, and from its answer, to each of the 19 others having its bytes (below
    zero: they had it before the answer); and from sending a message of where an editor points to
    the others having theirs. The server tells them at most every 50 ms.
    """
    times: dict[int, Times] = defaultdict(Times)
    shares: dict[int, str] = {}
    with beside_each_other(ground, database) as sites:
        sessions = {}
        for count, site in sites.items():
            webs = [psutil.Process(pid) for pid in web_pids(site, count)]
            before = [web.num_fds() for web in webs]
            sessions[count] = Session(site)
            files = [web.num_fds() - then for web, then in zip(webs, before, strict=True)]
            shares[count] = " + ".join(map(str, files))
        for turn in range(TURNS + 1):
            for count, session in sessions.items():
                # The first, short turn warms the processes up.
                some = session.measure(CHANGES if turn else 5)
                if turn:
                    times[count].asked += some.asked
                    times[count].acknowledged += some.acknowledged
                    times[count].pointed += some.pointed
    for count, found in times.items():
        where = f"{count} web process{'es' if count > 1 else ''}, {database}"
        said = f"files opened: {shares[count]}"
        yield spread(f"change sent → seen by 19 others, {where}", found.asked, None, beside=said)
        yield spread(f"… from its acknowledgement, {where}", found.acknowledged, None)
        yield spread(f"an editor points → seen by 19 others, {where}", found.pointed, None)
