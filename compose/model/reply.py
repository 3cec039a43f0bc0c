"""A chat service's answers, as data. Pure: what a service sends is read here and bounded.

Servers differ: `content` is text, parts or null; arguments of a call are text or an object; ids
and `usage` may be missing. Reasoning (`reasoning_content`, `<think>…</think>`) is dropped: it is no
part of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

# More text, or more calls in one answer, than any use here has.
LONGEST_TEXT = 1 << 20
MOST_CALLS = 32
_NAME = re.compile(r"[^\w.:-]")
_THINKING = re.compile(r"(?:(?<!\s)\s+)?<(think|thinking)>.*?(</\1>|\Z)\s*", re.DOTALL)
_END_OF_THOUGHT = re.compile(r"</think(?:ing)?>\s*")
_OPENINGS = ("<think>", "<thinking>")


class Unreadable(Exception):
    """An answer that isn't one; the message says why, without the answer's text."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for. arguments: JSON text as it came, not checked."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, 0 where the service doesn't say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a model, or a piece of one that is streamed. A whole answer and the last piece
    have all calls, the finish_reason ("stop", "length", "tool_calls", or the service's) and the
    usage."""

    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = ""
    usage: Usage | None = None


def read_reply(raw: Mapping[str, Any]) -> Reply:
    """Read the first choice of a whole answer. Raises Unreadable."""
    choice = _first_choice(raw)
    message = choice.get("message") if choice else None
    if not isinstance(message, Mapping):
        raise Unreadable("without an answer in it")
    if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
        raise Unreadable("that says that it refuses to answer")
    text = without_thought(_text(message.get("content"))[:LONGEST_TEXT])
    parts = _Calls()
    parts.add(message.get("tool_calls"))
    calls = parts.all()
    return Reply(text, calls, _reason(choice, calls), _usage(raw.get("usage")))


def without_thought(text: str) -> str:
    """Return a text without the reasoning at its beginning, also where that was cut off, or where
    the service's own template had opened it."""
    text = _THINKING.sub("", text, count=1) if _THINKING.match(text) else text
    if end := _END_OF_THOUGHT.search(text):
        text = text[end.end() :]
    return text.strip()


@dataclass(slots=True)
class StreamReader:
    """Reads the pieces of a body of server-sent events.

    is_done: the service said that the answer is whole.
    """

    is_done: bool = False
    _buffer: bytes = b""
    _calls: _Calls = field(default_factory=lambda: _Calls())
    _thought: _ThoughtFilter = field(default_factory=lambda: _ThoughtFilter())
    _usage: Usage = Usage()
    _reason: str = ""
    _length: int = 0

    def feed(self, piece: bytes) -> Iterator[Reply]:
        """Read one piece. Raises Unreadable; ServiceError for an `error` in the stream."""
        self._buffer += piece
        if len(self._buffer) > LONGEST_TEXT:
            raise Unreadable("with an event that doesn't end")
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            yield from self._line(line)

    def last(self) -> Reply:
        """Return the last piece, when the stream has ended."""
        calls = self._calls.all()
        reason = _reason({"finish_reason": self._reason}, calls)
        return Reply(self._thought.rest(), calls, reason, self._usage)

    def _line(self, line: bytes) -> Iterator[Reply]:
        name, _, value = line.strip().partition(b":")
        if name != b"data":
            return
        value = value.strip()
        if value == b"[DONE]":
            self.is_done = True
            return
        try:
            event = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise Unreadable("with an event that isn't JSON") from None
        if not isinstance(event, dict):
            return
        if event.get("error"):
            raise ServiceError(event)
        if event.get("usage"):
            self._usage = _usage(event["usage"])
        choice = _first_choice(event)
        if not choice:
            return
        if reason := choice.get("finish_reason"):
            if reason == "content_filter":
                raise Unreadable("that says that it refuses to answer")
            self._reason, self.is_done = str(reason)[:40], True
        delta = choice.get("delta")
        if not isinstance(delta, Mapping):
            return
        self._calls.add(delta.get("tool_calls"))
        text = _text(delta.get("content"))
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise Unreadable("that doesn't end")
        if text and (words := self._thought.feed(text)):
            yield Reply(words)


class ServiceError(Exception):
    """The service put an error into a stream that had started. event: the object that holds it."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        super().__init__("error in the stream")
        self.event = event


@dataclass(slots=True)
class _ThoughtFilter:
    """Holds text back until it is clear that it is no reasoning; then lets all pass."""

    buffer: str = ""
    is_open: bool = False
    is_over: bool = False

    def feed(self, text: str) -> str:
        if self.is_over:
            return text
        self.buffer += text
        start = self.buffer.lstrip()
        if not self.is_open:
            if any(opening.startswith(start) for opening in _OPENINGS):
                return ""
            self.is_open = start.startswith(_OPENINGS)
        if not self.is_open:
            self.is_over = True
            return self.rest()
        end = _END_OF_THOUGHT.search(self.buffer)
        # Its white space may go on in the next piece.
        if end is None or end.end() == len(self.buffer):
            return ""
        self.buffer, self.is_open, self.is_over = self.buffer[end.end() :], False, True
        return self.rest()

    def rest(self) -> str:
        """Return what is held and no reasoning."""
        text, self.buffer = ("" if self.is_open else self.buffer), ""
        return text


@dataclass(slots=True)
class _Calls:
    """Tool calls put together from whole ones, or from the pieces of a stream."""

    _parts: dict[int, dict[str, str]] = field(default_factory=dict)
    _length: int = 0

    def add(self, rows: Any) -> None:
        if not isinstance(rows, list):
            return
        for place, one in enumerate(rows):
            function = one.get("function") if isinstance(one, Mapping) else None
            if not isinstance(function, Mapping):
                continue
            number = one.get("index")
            number = number if isinstance(number, int) else place
            if number not in self._parts and len(self._parts) >= MOST_CALLS:
                raise Unreadable(f"with more than {MOST_CALLS} tool calls")
            self._add_part(number, one.get("id"), function)

    def _add_part(self, number: int, call_id: Any, function: Mapping[str, Any]) -> None:
        part = self._parts.setdefault(number, {"id": "", "name": "", "arguments": ""})
        if isinstance(call_id, str) and not part["id"]:
            part["id"] = _NAME.sub("", call_id)[:64]
        # Most send a name once, some repeat it with each piece.
        if isinstance(function.get("name"), str) and not part["name"]:
            part["name"] = _NAME.sub("", function["name"])[:64]
        arguments = function.get("arguments")
        if isinstance(arguments, Mapping):
            arguments = orjson.dumps(arguments).decode()
        if isinstance(arguments, str):
            self._length += len(arguments)
            if self._length > LONGEST_TEXT:
                raise Unreadable("with tool calls that don't end")
            part["arguments"] += arguments

    def all(self) -> tuple[ToolCall, ...]:
        """Return the calls in order, each with an id that no other has."""
        calls: dict[str, ToolCall] = {}
        for number, part in sorted(self._parts.items()):
            call_id = part["id"]
            if not call_id or call_id in calls:
                call_id = f"call_{number}"
            if part["name"]:
                calls[call_id] = ToolCall(call_id, part["name"], part["arguments"] or "{}")
        return tuple(calls.values())


def _first_choice(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = raw.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, Mapping) else {}


def _reason(choice: Mapping[str, Any], calls: tuple[ToolCall, ...]) -> str:
    # Some say "stop" where they call a tool.
    return "tool_calls" if calls else str(choice.get("finish_reason") or "stop")[:40]


def _text(content: Any) -> str:
    """Return the words of a message: a string, or parts of which some are text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [part.get("text") for part in content if isinstance(part, Mapping)]
    return "".join(part for part in parts if isinstance(part, str))


def _usage(raw: Any) -> Usage:
    if not isinstance(raw, Mapping):
        return Usage()
    return Usage(_tokens(raw.get("prompt_tokens")), _tokens(raw.get("completion_tokens")))


def _tokens(value: Any) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return min(max(value, 0), 10**9) if is_count else 0
