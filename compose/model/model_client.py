"""A client of the language model that an operator has set up, if any.

It is any service with OpenAI's chat completions: OpenAI, Ollama, llama.cpp, LM Studio, vLLM. Calls
block their thread, end by their deadline, and hold no database transaction. What a model answers is
data from elsewhere: callers check it before they use it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import orjson

from compose.model.reply import Reply, ServiceError, StreamReader, Unreadable, read_reply
from compose.model.service import LanguageModel
from core import client_disconnect
from core.errors import ProviderError, ProviderRefused, ProviderTimeout, ProviderUnsure
from tools import registry
from tools.providers.openai import failures
from tools.providers.openai.client import OpenAIClient
from tools.providers.openai.endpoint import Endpoint
from tools.providers.service import Answer

CHAT = "/chat/completions"
# Of a whole answer, and of a streamed one, whose every word comes with a few hundred bytes.
ANSWER_LIMIT = 4 << 20
STREAM_LIMIT = 16 << 20
MOST_TRIES, MOST_LOST = 4, 2
# Calls of one process.
MOST_AT_ONCE = 16
FIRST_PAUSE_S = 0.5
# A pause that a service asks for beyond this is too long for a person who waits.
LONGEST_PAUSE_S = 20.0
# How an answer of a schema is asked for, best first. What a server takes is remembered.
FORMATS = ("json_schema", "json_object", "")
_ABOUT_FORMAT = re.compile(r"response_format|json_schema|json_object|schema|grammar", re.IGNORECASE)
_NEW_LIMIT = "max_completion_tokens"

T = TypeVar("T")


class ModelFailed(Exception):
    """The model gave no answer that can be used. reason: a sentence for people, without secrets.

    retryable: whether the same call may work later.
    """

    def __init__(self, reason: str, retryable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable


@dataclass(slots=True)
class _Support:
    """A server's abilities, as tried. format: a place in FORMATS. limit: the field's name."""

    format: int = 0
    limit: str = "max_tokens"
    stream_options: bool = True


# By base URL and model, for as long as the process lives.
_supports: dict[tuple[str, str], _Support] = {}
_slots = threading.BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is set up. name: as its service calls it. service: whose limits hold."""

    name: str
    endpoint: Endpoint
    service: LanguageModel | None = None

    def complete(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        response_schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        deadline_s: float,
        check: Callable[[], None] = client_disconnect.check,
        **options: Any,
    ) -> Reply:
        """Ask once and wait for the whole answer. Raises ModelFailed, and what `check` raises.

        messages, tools, options: as the chat completions API takes them. response_schema: the JSON
        Schema the answer shall match, as far as the service can enforce one; the content may still
        be anything (`answer_schema.object_in`). deadline_s: from now, with all retries. check:
        called several times a second; raises when the answer is not wanted any more.
        """
        body = {**options, "messages": list(messages), "tools": list(tools)}
        attempt = _Attempts(self, body, response_schema, max_tokens, deadline_s, check)
        with self._slot():
            return attempt.until_answered(self._whole)

    def stream(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        max_tokens: int | None = None,
        deadline_s: float,
        check: Callable[[], None] = client_disconnect.check,
        **options: Any,
    ) -> Iterator[Reply]:
        """Ask once; the answer's text comes as it is made. Arguments and failures as of `complete`.

        Closing the iterator ends the request. Nothing is repeated once text was given.
        """
        more = {"stream": True, "stream_options": {"include_usage": True}}
        body = {**options, **more, "messages": list(messages), "tools": list(tools)}
        attempt = _Attempts(self, body, None, max_tokens, deadline_s, check)
        with self._slot():
            first, rest = attempt.until_answered(self._start)
            with closing(rest):
                yield first
                try:
                    yield from rest
                except ProviderError as error:
                    raise failure_of(error) from error
                except (Unreadable, ServiceError) as problem:
                    raise self._unusable(problem) from problem

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Take a slot. Each call holds a thread, for minutes with a slow model: more than some are
        refused."""
        if self.service is not None and (refusal := self.service.refusal()):
            raise ModelFailed(refusal, retryable=True)
        if not _slots.acquire(blocking=False):
            raise ModelFailed(
                f"{self.name} is answering {MOST_AT_ONCE} other requests. Try again in a minute.",
                retryable=True,
            )
        try:
            yield
        finally:
            _slots.release()

    def _whole(self, client: OpenAIClient, body: Mapping[str, Any]) -> Reply:
        return read_reply(client.post(CHAT, body, limit=ANSWER_LIMIT))

    def _start(
        self, client: OpenAIClient, body: Mapping[str, Any]
    ) -> tuple[Reply, Generator[Reply, None, None]]:
        """Return the first piece, until which a failed request can be repeated, and the others."""
        replies = self._pieces(client, body)
        return next(replies), replies

    def _pieces(
        self, client: OpenAIClient, body: Mapping[str, Any]
    ) -> Generator[Reply, None, None]:
        pieces = client.post_for_stream(CHAT, body, limit=STREAM_LIMIT)
        answer = next(pieces)
        if isinstance(answer, Answer) and answer.mime != "text/event-stream":
            # A server that cannot stream answers as if it had not been asked to.
            payload = b"".join(piece for piece in pieces if isinstance(piece, bytes))
            whole = Answer(answer.status, answer.headers, payload)
            yield read_reply(failures.read_json(self.name, self.endpoint, whole, False))
            return
        reader = StreamReader()
        for piece in pieces:
            if isinstance(piece, bytes):
                yield from reader.feed(piece)
        if not reader.is_done:
            raise Unreadable("that broke off")
        yield reader.last()

    def _unusable(self, problem: Exception) -> ModelFailed:
        if isinstance(problem, ServiceError):
            error = problem.event.get("error")
            error_fields = error if isinstance(error, Mapping) else {"message": str(error)[:300]}
            return failure_of(failures.of_error(self.name, self.endpoint, error_fields, 500))
        return ModelFailed(f"{self.name} gave an answer {problem}.", retryable=True)


@dataclass(slots=True)
class _Attempts:
    """One call, repeated where that may help, until it is answered or its time is over."""

    model: Model
    body: Mapping[str, Any]
    schema: Mapping[str, Any] | None
    max_tokens: int | None
    deadline_s: float
    check: Callable[[], None]

    def until_answered(self, ask: Callable[[OpenAIClient, Mapping[str, Any]], T]) -> T:
        end = time.monotonic() + self.deadline_s
        key = (self.model.endpoint.base_url, self.model.name)
        support = replace(_supports.get(key, _Support()))
        tries = 0
        while True:
            remaining_s = end - time.monotonic()
            try:
                answer = ask(self._client(remaining_s), self._request(support))
                # Only now: a request may also be refused for its length.
                _supports[key] = support
                return answer
            except (Unreadable, ServiceError) as problem:
                raise self.model._unusable(problem) from problem
            except ProviderError as error:
                if self._adapt(support, error):
                    continue
                tries += 1
                pause = _pause_s(error, tries)
                # An answer that was lost may be paid for: that is risked once.
                most = MOST_LOST if isinstance(error, ProviderUnsure) else MOST_TRIES
                if not error.retryable or tries >= most or pause > end - time.monotonic():
                    raise failure_of(error) from error
                self._sleep(pause)

    def _client(self, remaining_s: float) -> OpenAIClient:
        # Rounded, because messages say it.
        timeout_s = max(round(remaining_s, 1), 0.1)
        endpoint = self.model.endpoint.model_copy(update={"timeout_s": timeout_s})
        return OpenAIClient(self.model.name, endpoint, self.check)

    def _request(self, support: _Support) -> dict[str, Any]:
        body = {name: value for name, value in self.body.items() if value not in (None, [])}
        body["model"] = self.model.name
        if self.max_tokens is not None:
            body[support.limit] = self.max_tokens
        if not support.stream_options:
            body.pop("stream_options", None)
        if self.schema is None:
            return body
        form = FORMATS[support.format]
        if form == "json_schema":
            json_schema = {"name": "answer", "strict": True, "schema": self.schema}
            return body | {"response_format": {"type": form, "json_schema": json_schema}}
        body["messages"] = _with_words(body["messages"], in_words(self.schema))
        return body | ({"response_format": {"type": form}} if form else {})

    def _adapt(self, support: _Support, error: ProviderError) -> bool:
        """Return whether a refused request can be put in another way."""
        is_refused = not error.retryable and error.error_type == "PARAMETER_INVALID"
        if is_refused and _NEW_LIMIT in error.message and support.limit != _NEW_LIMIT:
            support.limit = _NEW_LIMIT
            return self.max_tokens is not None
        if is_refused and "stream_options" in error.message and support.stream_options:
            support.stream_options = False
            return "stream_options" in self.body
        # llama.cpp fails with 500 where it cannot make a grammar of a schema.
        about_format = is_refused or _ABOUT_FORMAT.search(error.message) is not None
        if self.schema is None or not about_format or support.format + 1 >= len(FORMATS):
            return False
        support.format += 1
        return True

    def _sleep(self, pause_s: float) -> None:
        end = time.monotonic() + pause_s
        while (remaining_s := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(remaining_s, 0.2))


def configured_model() -> Model | None:
    """Return the model that answers here, one of the settings first; None when there is none.

    Of several, the last by name that is turned on.
    """
    for provider in reversed(registry.providers()):
        if isinstance(provider, LanguageModel) and provider.model:
            return Model(provider.model, provider.endpoint, provider)
    return None


def failure_of(error: ProviderError) -> ModelFailed:
    """Return the failure of a call that a failure of the service means."""
    passes = error.retryable and not isinstance(error, ProviderRefused)
    return ModelFailed(error.message, passes or isinstance(error, ProviderTimeout))


def _pause_s(error: ProviderError, tries: int) -> float:
    retry_after_s = error.retry_after_s
    if retry_after_s is not None and retry_after_s > LONGEST_PAUSE_S:
        return float("inf")
    return max(retry_after_s or 0.0, FIRST_PAUSE_S * 2 ** (tries - 1))


def in_words(schema: Mapping[str, Any]) -> str:
    """Return what a response format says, for services without one."""
    return (
        "Answer with one JSON object and nothing else: no explanation, no Markdown. It must match"
        f" this JSON Schema: {orjson.dumps(schema).decode()}"
    )


def _with_words(messages: Sequence[Mapping[str, Any]], words: str) -> list[Mapping[str, Any]]:
    """Return messages that also say this, in the last one: chat templates of many models allow a
    system message only at the beginning, and want the user and the assistant to take turns."""
    *before, last = messages
    return [*before, {**last, "content": f"{last.get('content') or ''}\n\n{words}"}]
