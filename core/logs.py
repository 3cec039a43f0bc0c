"""Log lines: which request and which work they belong to, as text or as JSON, without secrets.

`working_on` names the work once; every line logged inside it has that name.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from pythonjsonlogger.json import JsonFormatter

# "-" outside requests: start-up, commands, workers.
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")
# What is being worked on: any of `run` (public id), `step` (key) and `attempt`.
current_work: ContextVar[Mapping[str, str | int]] = ContextVar("current_work", default={})  # noqa: B039

WORK: Final = ("run", "step", "attempt")
# Of what else a caller hands over as `extra`, only this is written: Django adds whole requests.
EXTRA: Final = ("method", "path", "status", "took_ms", "size")

# With what is before it in its run of letters (group 1): of such runs only one that ends as a token
# does is searched, since each `eyJ` in it would be followed to that end.
JWT_PATTERN: Final = (
    r"(?<![\w-])(?=[\w-]{8,}+\.[\w-]{5,}+\.)([\w-]*?)\beyJ[\w-]{5,}+\.[\w-]{5,}+\.[\w-]*"
)
# What must never reach a file, and what is there instead. Ids stay readable, secrets do not.
_SECRETS: Final = tuple(
    (re.compile(pattern), shown)
    for pattern, shown in (
        # Our API keys: the lookup part names the key without opening anything.
        (r"\brg_([A-Za-z0-9]{4,16})_[\w-]{20,}", r"rg_\1_…"),
        (r"\b((?:sk|hf|xox[a-z]|gh[a-z])[-_])[A-Za-z0-9_-]{16,}", r"\1…"),
        (r"(?i)\b(bearer\s+|basic\s+)[^\s\"',;]{4,}", r"\1…"),
        # After those: a token's end may be the word before another one.
        (JWT_PATTERN, r"\1…token"),
        (
            r"(?i)((?:api[-_]?key|authorization|x-api-key|password|passwd|secret[-_]?key|csrftoken|"
            r"sessionid)[\"']?\s*[:=]\s*[\"']?)(?!bearer|basic|…)[^\s\"',;&<>]+",
            r"\1…",
        ),
        # Signatures and the like in addresses; `s` is that of our own signed media.
        (
            r"(?i)([?&](?=[\w.-]++=)"
            r"(?:s|[\w.-]*?(?:sig|signature|token|ticket|key|secret|credential)[\w.-]*+)=)"
            r"[^&\s\"'<>]+",
            r"\1…",
        ),
        # What `secrets.token_urlsafe` makes: one-time links, wherever their address puts it. Hashes
        # and ids are of small letters only.
        (r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[A-Za-z0-9_-]{40,}(?![\w-])", "…"),
        (r"(\w://[^/\s:@]*:)[^/\s@]+@", r"\1…@"),
        # People's words, should an exception ever quote the arguments it was given.
        (
            r"(?i)([\"'](?:negative_?)?(?:prompt|brief|lyrics)[\"']\s*:\s*)"
            r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')",
            r"\1…",
        ),
    )
)


@contextmanager
def working_on(*, run: str = "", step: str = "", attempt: int = 0) -> Iterator[None]:
    """Lines written within, in this thread, name this run, step and attempt."""
    work: dict[str, str | int] = {"run": run, "step": step, "attempt": attempt}
    fields = {**current_work.get(), **{name: value for name, value in work.items() if value}}
    token = current_work.set(fields)
    try:
        yield
    finally:
        current_work.reset(token)


def scrubbed(text: str) -> str:
    """The text without keys, tokens, passwords and signatures."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


# Answers of 5xx that tell a caller about the request, not an operator about the server: a route
# that is left out, and no room for what one person sends. A full disk has a line of its own.
EXPECTED: Final = (501, 507)


class ExpectedAnswerFilter(logging.Filter):
    """Makes Django's line about an expected answer of 5xx an INFO; it would be an ERROR."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "django.request" and getattr(record, "status_code", 0) in EXPECTED:
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


class RequestIdFilter(logging.Filter):
    """Give every record a `request_id` and what it is about, so that one format fits all lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs an answer after the request has left the middleware, but names the request.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or current_request_id.get()
        work = current_work.get()
        match = getattr(request, "resolver_match", None)
        if not work and match is not None and "run_id" in match.kwargs:
            work = {"run": str(match.kwargs["run_id"])}
        for name in WORK:
            setattr(record, name, work.get(name, ""))
        return True


class TextLines(logging.Formatter):
    """`2026-01-31 12:00:00,000 ERROR runs.engine [- wf_1 shot 2] message`, for people."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} [{where}] {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        names = [getattr(record, name, "") for name in ("request_id", *WORK)]
        record.where = " ".join(str(part) for part in names if part)
        return scrubbed(super().format(record))


class JsonLines(JsonFormatter):
    """One JSON object per line, for programs. What does not apply to a line is left out.

    time (UTC), level, logger, message, request_id, run, step, attempt; for answered requests also
    method, path, status, took_ms and size; for failures their traceback as `error`.
    """

    def __init__(self) -> None:
        super().__init__()

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        log_data["time"] = f"{moment}.{int(record.msecs):03}Z"
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = scrubbed(record.getMessage())
        request_id = getattr(record, "request_id", "-")
        if request_id != "-":
            log_data["request_id"] = request_id
        for name in (*WORK, *EXTRA):
            value = getattr(record, name, "")
            if isinstance(value, str):
                value = scrubbed(value)
            # A size of 0 is a fact, an empty name is none.
            if isinstance(value, str | int | float) and value != "":
                log_data[name] = value
        broken = message_dict.get("exc_info") or message_dict.get("stack_info")
        if broken:
            log_data["error"] = scrubbed(str(broken))
