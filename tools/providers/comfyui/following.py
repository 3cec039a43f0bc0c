"""Waiting for a prompt: the socket tells how far it is, queue and history tell how it ended.

A socket that drops, is refused or lies costs nothing but time. When it breaks, the server is asked
at once: one that refuses the connection has ended, and its queue with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, NoReturn

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection

from tools.providers.base import JobContext, Parked
from tools.providers.comfyui import failures
from tools.providers.comfyui.client import ComfyUIClient
from tools.providers.comfyui.prompt_state import PromptState

# How long cancelling may go unnoticed.
TICK_S: Final = 0.25
# Between two looks at queue and history: with a socket that talks, and without one.
LOOK_S: Final = 5.0
LOOK_ALONE_S: Final = 1.0
# A history is written a moment after the socket says that it is over.
LOOK_SOON_S: Final = 0.1
# Twice as long after each time it fails.
RECONNECT_S: Final = 3.0
RECONNECT_CAP_S: Final = 60.0
# So long a server that may still be at work, behind a network or a proxy that fails, may be away
# before a prompt is given up.
PATIENCE_S: Final = 60.0
AWAY_NOTE: Final = "ComfyUI isn't answering"
QUEUE_NOTE: Final = "In ComfyUI's queue"
# Of the whole: before it is queued and after it is made there are files to send.
BEGIN: Final = 0.05
END: Final = 0.95


@dataclass(slots=True)
class Tale:
    """Messages of the socket about one prompt. client_id: the socket's; the same for every attempt.

    nodes: its nodes' names for people, by id.
    """

    prompt_id: str
    client_id: str
    nodes: Mapping[str, str]
    has_begun: bool = False
    is_over: bool = False
    # Something happened that a look at the queue may tell more of.
    is_stirred: bool = False
    note: str = ""
    _done: dict[str, float] = field(default_factory=dict)

    @property
    def fraction(self) -> float:
        """Nodes done, with what is done of those at work, of all."""
        total = sum(self._done.get(node, 0.0) for node in self.nodes)
        return min(1.0, total / max(1, len(self.nodes)))

    def hear(self, text: str) -> None:
        """Take in one message; whatever is not of this prompt, or not understood, says nothing."""
        try:
            message = json.loads(text)
            kind, data = message["type"], message["data"]
            if kind == "status":
                self.is_stirred = not self.has_begun
            elif data.get("prompt_id") == self.prompt_id:
                self._hear(kind, data)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            return

    def _hear(self, kind: str, data: Mapping[str, Any]) -> None:
        self.has_begun = True
        if kind == "execution_cached":
            for node in data["nodes"]:
                self._done[str(node)] = 1.0
        elif kind == "executing":
            self._enter(data["node"])
        elif kind == "executed":
            self._done[str(data["node"])] = 1.0
        elif kind == "progress":
            self._step(str(data.get("node") or ""), data["value"], data["max"])
        elif kind == "progress_state":
            self._states(data["nodes"])
        elif kind in ("execution_success", "execution_error", "execution_interrupted"):
            self.is_over = True

    def _enter(self, node: Any) -> None:
        if node is None:
            self.is_over = True
            return
        # Older servers do not say of nodes in between that they are done.
        for earlier, part in self._done.items():
            if part > 0:
                self._done[earlier] = 1.0
        self._done.setdefault(str(node), 0.01)
        self.note = self.nodes.get(str(node), "")

    def _step(self, node: str, value: float, most: float) -> None:
        if node and most > 0:
            self._done[node] = max(self._done.get(node, 0.0), min(1.0, value / most))
            name = self.nodes.get(node, "")
            self.note = f"{name} {value:g} of {most:g}" if most > 1 else name

    def _states(self, states: Mapping[str, Mapping[str, Any]]) -> None:
        for node, state in states.items():
            if state["state"] == "finished":
                self._done[node] = 1.0
            elif state["max"] > 0:
                self._step(node, state["value"], state["max"])


class Listener:
    """A socket that reconnects when it is lost. Its silence is no failure."""

    def __init__(self, client: ComfyUIClient, client_id: str) -> None:
        self._client = client
        self._client_id = client_id
        self._socket: ClientConnection | None = None
        self._again_at = 0.0
        self._failures = 0
        # How often a socket that was open broke.
        self.breaks = 0

    def __enter__(self) -> Listener:
        return self

    def open(self) -> None:
        """Connect now, else when the first message is asked for: a look alone needs no socket."""
        self._connect()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop()

    @property
    def hears(self) -> bool:
        return self._socket is not None

    def next(self, within_s: float, context: JobContext) -> str | None:
        """The next message in words; None when none came in time. Previews are passed over."""
        if self._socket is None and time.monotonic() >= self._again_at:
            self._connect()
        if self._socket is None:
            context.wait(within_s)
            return None
        try:
            message = self._socket.recv(timeout=within_s)
        except TimeoutError:
            return None
        except (WebSocketException, OSError):
            self._drop()
            self.breaks += 1
            return None
        return message if isinstance(message, str) else None

    def _connect(self) -> None:
        try:
            self._socket = self._client.listen(self._client_id)
            self._failures = 0
        except failures.Away:
            self._failures += 1
        pause = min(RECONNECT_CAP_S, RECONNECT_S * 2**self._failures)
        self._again_at = time.monotonic() + pause

    def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()


class Vigil:
    """Watches one prompt until it is over, or until others need the worker."""

    def __init__(
        self,
        client: ComfyUIClient,
        tale: Tale,
        listener: Listener,
        context: JobContext,
        state: PromptState,
        *,
        timeout_s: float,
    ) -> None:
        self._client = client
        self._tale = tale
        self._listener = listener
        self._context = context
        self._state = state
        self._timeout_s = timeout_s
        self._looked_at = float("-inf")
        self._before = 0
        self._breaks = 0

    def keep(self) -> dict[str, Any]:
        """The prompt's history, once there is one. Raises ProviderError, Stopped, and Parked when
        other steps wait for this worker."""
        while True:
            self._context.check()
            if (wait := self._until_look()) <= 0:
                entry = self._look()
                if entry is not None:
                    return entry
                wait = self._until_look()
            # What is said to be over is in the history in a moment.
            if not self._tale.is_over and self._context.others_wait():
                self._park()
            message = self._listener.next(min(TICK_S, max(0.02, wait)), self._context)
            if message is not None:
                self._tale.hear(message)
            self._tell()

    def _until_look(self) -> float:
        if self._listener.breaks != self._breaks:
            self._breaks = self._listener.breaks
            self._looked_at = float("-inf")
        if self._tale.is_over:
            pause = LOOK_SOON_S
        elif self._tale.is_stirred or not self._listener.hears:
            pause = LOOK_ALONE_S
        else:
            pause = LOOK_S
        return self._looked_at + pause - time.monotonic()

    def _look(self) -> dict[str, Any] | None:
        """Ask queue and history. In this order: a prompt goes from the one to the other."""
        self._tale.is_stirred = False
        try:
            before = self._client.queue().before(self._tale.prompt_id)
            entry = self._client.history(self._tale.prompt_id) if before is None else None
        except failures.Away as away:
            if away.is_down:
                host, is_paid = self._client.address.host, self._state.is_paid
                raise failures.dead_server(host, is_paid=is_paid) from away
            self._looked_at = time.monotonic()
            self._state.note_miss()
            if self._state.away_s > PATIENCE_S:
                if self._state.is_paid:
                    raise failures.dead_server(self._client.address.host, is_paid=True) from away
                # Nothing is paid there, and another server may take it over.
                away.ends_job = True
                raise
            self._tale.note = AWAY_NOTE
            return None
        self._looked_at = time.monotonic()
        has_begun = before == 0 and not self._state.is_working
        self._state.note_answer(is_working=before == 0)
        if self._tale.note == AWAY_NOTE:
            self._tale.note = ""
        if entry is None and before is None:
            # A cancel takes a prompt off the queue: then it is not lost.
            self._context.check()
            raise failures.lost_prompt(self._client.address.host, is_paid=self._state.is_paid)
        self._before = before or 0
        if self._before:
            others = "1 other" if before == 1 else f"{before} others"
            self._tale.note = f"{QUEUE_NOTE}, after {others}"
        elif has_begun and self._tale.note.startswith(QUEUE_NOTE):
            self._tale.note = ""
        if before == 0:
            self._check_time()
        return entry

    def _check_time(self) -> None:
        """Only working counts: a queue may be as long as it likes."""
        if self._state.worked_s > self._timeout_s:
            self._client.stop(self._tale.prompt_id)
            raise failures.too_long(self._client.address.host, self._timeout_s)

    def _park(self) -> NoReturn:
        self._state.fraction = self._fraction()
        self._context.remember(self._state.as_ref())
        # The count of a node's steps would stand still until the next look.
        note = "" if self._state.is_working and self._tale.note != AWAY_NOTE else self._tale.note
        fraction = BEGIN + (END - BEGIN) * self._state.fraction
        raise Parked(self._state.pause_s(self._before), fraction=fraction, note=note)

    def _fraction(self) -> float:
        """Return the share of its nodes: a socket reports only what came since it was opened."""
        return max(self._state.fraction, self._tale.fraction)

    def _tell(self) -> None:
        self._context.progress(BEGIN + (END - BEGIN) * self._fraction(), self._tale.note)
