"""WebSocket clients that are not ours: Python's `websockets` and Node's `ws`, driven alike."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.support.node import node
from tests.support.program import ROOT
from tests.support.waiting import WAIT_S, Late, wait_for

# What `websockets` and `ws` report where a connection broke without a close frame.
BROKEN = 1006


class Reader:
    """One socket. texts: what came so far, as it came; code: of the close; refused: the status of
    a handshake that failed; subprotocol: the one that the server chose."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        protocols: Sequence[str] = (),
        origin: str = "",
    ) -> None:
        self.texts: list[str] = []
        self.code: int | None = None
        self.refused: int | None = None
        self.subprotocol: str | None = None
        self._is_open = threading.Event()
        self._open(url, dict(headers or {}), list(protocols), origin)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _open(self, url: str, headers: dict[str, str], protocols: list[str], origin: str) -> None:
        raise NotImplementedError

    def _read(self) -> None:
        raise NotImplementedError

    def send(self, message: str | bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def opened(self) -> Reader:
        """Itself, once the handshake is done."""
        if not self._is_open.wait(WAIT_S):
            raise Late("the handshake was not done")
        return self

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in list(self.texts)]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The entries of the log that came so far."""
        return [one["data"] for one in self.messages if one["event"] == "workflow_event"]

    @property
    def sequences(self) -> list[int]:
        return [one["sequence"] for one in self.events]

    @property
    def told(self) -> list[str]:
        """What came, without the signs that the connection works."""
        return [text for text in list(self.texts) if json.loads(text)["event"] not in SIGNS]

    def until(self, event: str, count: int = 1) -> dict[str, Any]:
        """The message of this name, once there are so many."""

        def look() -> list[dict[str, Any]]:
            found = [one for one in self.messages if one["event"] == event]
            return found[count - 1 :]

        return wait_for(look, f"{count} × {event!r}; so far {self.texts[-3:]}")[0]

    def to_the_end(self) -> int:
        """The close code, once the server has closed."""
        self._read_on()
        assert self.code is not None, f"it was refused with {self.refused}"
        return self.code

    def refusal(self) -> int:
        """The status of the failed handshake."""
        self._read_on()
        assert self.refused is not None, f"it was not refused; {self.code}, {self.texts[-3:]}"
        return self.refused

    def _read_on(self) -> None:
        """Wait until nothing more can come."""
        self._thread.join(WAIT_S)
        if self._thread.is_alive():
            raise Late(f"it is still open; {self.texts[-3:]}")

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


SIGNS = {"ping", "pong"}


class PythonReader(Reader):
    """The `websockets` of PyPI."""

    _line: ClientConnection | None = None

    def _open(self, url: str, headers: dict[str, str], protocols: list[str], origin: str) -> None:
        try:
            self._line = connect(
                url,
                additional_headers=headers,
                subprotocols=[Subprotocol(one) for one in protocols] or None,
                origin=Origin(origin) if origin else None,
                max_size=None,
                open_timeout=WAIT_S,
                proxy=None,
            )
        except InvalidStatus as refusal:
            self.refused = refusal.response.status_code
        else:
            self.subprotocol = self._line.subprotocol
        self._is_open.set()

    def _read(self) -> None:
        if self._line is None:
            return
        try:
            for message in self._line:
                self.texts.append(str(message))
        except ConnectionClosed:
            pass
        received = self._line.protocol.close_rcvd
        self.code = received.code if received is not None else BROKEN

    def send(self, message: str | bytes) -> None:
        assert self._line is not None
        self._line.send(message)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._thread.join(WAIT_S)


class NodeReader(Reader):
    """The `ws` of npm."""

    def _open(self, url: str, headers: dict[str, str], protocols: list[str], origin: str) -> None:
        script = str(ROOT / "tests" / "support" / "clients" / "read_socket.mjs")
        words = [node(), script, url, json.dumps(headers), json.dumps(protocols), origin]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "text" in said:
                self.texts.append(said["text"])
            elif "open" in said:
                self.subprotocol = said["open"] or None
                self._is_open.set()
            else:
                self.code, self.refused = said.get("code"), said.get("refused")
        self._is_open.set()

    def send(self, message: str | bytes) -> None:
        is_text = isinstance(message, str)
        self._command(
            {"text": message} if is_text else {"base64": base64.b64encode(message).decode()}  # type: ignore[arg-type]
        )

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._command({"close": True})
        try:
            self._process.wait(WAIT_S)
        finally:
            self._process.kill()
            self._process.wait(WAIT_S)
            self._thread.join(WAIT_S)
            for pipe in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]

    def _command(self, what: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()


CLIENTS = {"python": PythonReader, "node": NodeReader}
