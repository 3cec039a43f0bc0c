"""Programs on this machine that serve language models: Ollama, LM Studio, llama.cpp.

Looked for only when an operator asks. The program that listens at such a port may not be that
program: what it says is bounded, and is shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from django.conf import settings

from core.errors import ProviderError
from tools.providers.http import Requests, Service
from tools.providers.http_failures import Unreachable

HOST: Final = "127.0.0.1"
# Of one answer: seconds, and bytes.
ANSWER_S: Final = 2.0
ANSWER_LIMIT: Final = 1 << 20
MOST_MODELS: Final = 100
LONGEST_NAME: Final = 200
# By the kind, the family or the name that a program states.
_NO_CHAT: Final = re.compile(r"embed|rerank|bert|minilm|whisper|\b(?:bge|e5|gte)\b", re.IGNORECASE)
_FOLLOWS: Final = re.compile(r"instruct|chat|[-_:]it\b", re.IGNORECASE)
_COMPLETES: Final = re.compile(r"[-_:](?:base|text)\b", re.IGNORECASE)

State = Literal["away", "loading", "other", "here"]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that serves models. name: of its port, and of the service that is made of it."""

    name: str
    title: str
    list_models: Callable[[Program], tuple[State, list[Any]]]

    @property
    def address(self) -> str:
        return f"{HOST}:{settings.LOCAL_MODEL_PORTS[self.name]}"

    @property
    def base_url(self) -> str:
        """Return the address of its chat completions."""
        return f"http://{self.address}/v1"


@dataclass(frozen=True, slots=True)
class LocalModels:
    """The models at a program's port. models: those that can chat, the one to suggest first.

    state: "away": nothing listens; "loading": it isn't ready yet; "other": not this program.
    """

    program: Program
    state: State
    models: tuple[str, ...] = ()


def look() -> list[LocalModels]:
    """Ask the three ports what answers there, within seconds. Never raises."""
    with ThreadPoolExecutor(len(PROGRAMS), thread_name_prefix="models") as pool:
        return list(pool.map(look_at, PROGRAMS))


def look_at(program: Program) -> LocalModels:
    """Ask one port. Never raises."""
    try:
        state, rows = program.list_models(program)
    except Unreachable as failure:
        return LocalModels(program, "away" if failure.refused else "other")
    except ProviderError:
        return LocalModels(program, "other")
    names = sorted(dict.fromkeys(filter(None, map(_chat_model, rows))), key=_place)
    return LocalModels(program, state, tuple(names[:MOST_MODELS]))


def program_named(name: str) -> Program | None:
    """Return one of PROGRAMS."""
    return next((program for program in PROGRAMS if program.name == name), None)


def _of_ollama(program: Program) -> tuple[State, list[Any]]:
    _, listing = _answer(program, "/api/tags")
    rows = listing.get("models")
    return ("here", rows) if isinstance(rows, list) else ("other", [])


def _of_lm_studio(program: Program) -> tuple[State, list[Any]]:
    # The first says what kind of model each is.
    for path in ("/api/v0/models", "/v1/models"):
        _, listing = _answer(program, path)
        rows = listing.get("data")
        if isinstance(rows, list):
            return "here", rows
    return "other", []


def _of_llama_cpp(program: Program) -> tuple[State, list[Any]]:
    status, listing = _answer(program, "/v1/models")
    error, rows = listing.get("error"), listing.get("data")
    if status == 503 and isinstance(error, dict) and "oading" in str(error.get("message")):
        return "loading", []
    mappings = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    is_here = any(row.get("owned_by") == "llamacpp" for row in mappings)
    return ("here", mappings) if is_here else ("other", [])


PROGRAMS: Final = (
    Program("ollama", "Ollama", _of_ollama),
    Program("lm-studio", "LM Studio", _of_lm_studio),
    Program("llama-cpp", "llama.cpp", _of_llama_cpp),
)


def _answer(program: Program, path: str) -> tuple[int, Mapping[str, Any]]:
    """Get the status and the object of an answer; an empty one for any other body."""
    address = f"http://{program.address}"
    service = Service(program.title, address, timeout_s=ANSWER_S, connect_s=ANSWER_S)
    answer = Requests(service, lambda: None).request("GET", path, limit=ANSWER_LIMIT)
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        body = None
    return answer.status, body if isinstance(body, dict) else {}


def _chat_model(row: Any) -> str:
    """Return the name of a model of this machine that can chat, else ""."""
    if not isinstance(row, dict) or row.get("remote_host") or row.get("remote_model"):
        return ""
    name = row.get("name") or row.get("id")
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not name.isprintable():
        return ""
    details = row.get("details")
    family = details.get("family") if isinstance(details, dict) else ""
    return "" if _NO_CHAT.search(f"{row.get('type')} {family} {name}") else name.strip()


def _place(name: str) -> int:
    """Rank a model by its name: those that follow instructions come first, those that only
    complete a text last."""
    return 0 if _FOLLOWS.search(name) else 2 if _COMPLETES.search(name) else 1
