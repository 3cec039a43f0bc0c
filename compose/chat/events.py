"""Events while an answer is made, in order. `wire` makes OpenAI's objects of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Started:
    """Always first. model: the one that answers, by its id of `GET /v1/models`."""

    model: str


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """A tool is called, here or by the caller. arguments: JSON text."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A tool of this server answered at once."""

    tool: str
    call_id: str
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run was started for a call."""

    run_id: str
    status: str


@dataclass(frozen=True, slots=True)
class RunAwaited:
    """The answer goes on once a run is over. run: its primary key. Callers are told nothing."""

    run: int


@dataclass(frozen=True, slots=True)
class Warned:
    """A sentence for the caller beside the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Always last. finish_reason: as OpenAI's. prompt_tokens, completion_tokens: as the model's
    service counted them; None where they are to be estimated."""

    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


ChatEvent: TypeAlias = (
    Started | Text | Called | ToolResult | RunStarted | RunAwaited | Warned | Ended
)
