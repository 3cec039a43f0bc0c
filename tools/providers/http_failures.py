"""Failures to reach a service, and the meaning of a status where it has no vocabulary of its own.

Each message names the remedy. A provider's own `failures` knows what its bodies say.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from core import clock
from core.errors import (
    ProviderError,
    ProviderOutOfCredit,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnsure,
)
from tools.providers.service import Answer, Service

# A service that asks for a longer pause than this is asked again after it all the same.
RETRY_AFTER_MAX_S = 900.0
# A proxy in front of a service answers so when the service itself does not, or not in time: it may
# be at work.
GATEWAY = frozenset({499, 502, 504, *range(520, 528)})


class Unreachable(ProviderError):
    """No request arrived whole, so nothing was done or charged.

    retryable: false where only the operator can help, such as an untrusted certificate. refused:
    the machine answers, and nothing listens at the port.
    """

    error_type = "GPU_WORKER_FAILED"
    message = "The provider can't be reached."

    def __init__(self, message: str = "", *, is_refused: bool = False, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.refused = is_refused


def unreachable(service: Service, error: BaseException, host_url: str = "") -> ProviderError:
    """The failure that an error while connecting is, with the remedy.

    host_url: where the connection should go, if it isn't the base URL's origin.
    """
    who, parts = service.who, urlsplit(host_url or service.base_url)
    if host_url:
        who = f"{parts.netloc}, a host of {who},"
    host = parts.hostname or ""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return for_the_operator(
                f"{who} has a certificate that isn't trusted ({cause.verify_message}). Renew it,"
                " or set ca_file to the certificate of its authority."
            )
        if isinstance(cause, ssl.SSLError):
            return for_the_operator(
                f"{who} doesn't speak TLS at port {parts.port or 443}. Correct its URL: http://"
                " instead of https://, or another port."
            )
        if isinstance(cause, socket.gaierror):
            return Unreachable(
                f"{who} can't be reached: the name {host} can't be resolved. Correct its URL, or"
                " the name servers of this machine."
            )
        if isinstance(cause, ConnectionRefusedError):
            return Unreachable(
                f"{who} refused the connection: nothing listens at port"
                f" {parts.port or (443 if parts.scheme == 'https' else 80)}. Start it, or correct"
                " its URL.",
                is_refused=True,
            )
        if isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return Unreachable(
                f"{who} can't be reached: there is no route to {host}. Check the network, or"
                " correct its URL."
            )
    if isinstance(error, httpx.ConnectTimeout | TimeoutError):
        return ProviderTimeout(
            f"{who} didn't accept a connection in {service.connect_s:g} seconds. Check the firewall"
            " between, or correct its URL."
        )
    if isinstance(error, httpx.TimeoutException):
        return ProviderTimeout(f"{who} took nothing for {service.stalled_s:g} seconds.")
    if isinstance(error, httpx.InvalidURL):
        return for_the_operator(f"{who} has a URL that can't be used. Correct it.")
    return Unreachable(
        f"{who} closed the connection before it had the request. Check that it runs, and that its"
        " URL has the right port."
    )


def no_answer_message(who: str) -> str:
    """The sentence that doesn't tell a closed port from one behind a firewall, or one at which
    something else listens."""
    return f"{who} didn't answer. Check that it runs, and its URL."


def for_the_operator(message: str) -> Unreachable:
    """A failure that trying again does not help against."""
    return Unreachable(message, error_type="MODEL_UNAVAILABLE", retryable=False)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what caused it, and so on; of several attempts at once, each."""
    seen_ids: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop(0)
        if one is None or id(one) in seen_ids:
            continue
        seen_ids.add(id(one))
        yield one
        todo += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


# -- what a status means --------------------------------------------------------------------------


def of_status(who: str, answer: Answer, sentence: str | None = None) -> ProviderError:
    """The failure that an answer with a status of 300 or more is, where the service has no
    vocabulary of its own. 429 and 5xx may be tried again, after `Retry-After`.

    sentence: the service's own sentence, safe to show; None: its answer is not one of its own, so
    another program may have given it. Then a 5xx or 303 doesn't say that a paid request was not
    carried out: ProviderUnsure.
    """
    status = answer.status
    if sentence is None and not answer.is_free:
        if status in GATEWAY:
            return ProviderUnsure(f"{who} returned {status} from a proxy in front of it.")
        # A 503 that names a time to come back is a refusal in terms of HTTP itself.
        says_later = status == 503 and retry_after_s(answer.headers) is not None
        if status == 303 or (status >= 500 and status != 501 and not says_later):
            return ProviderUnsure(f"{who} returned {status} without a reason.")
    failure = _of_status(who, status, f": {sentence}" if sentence else ".")
    failure.retry_after_s = retry_after_s(answer.headers) if failure.retryable else None
    failure.is_rate_limit = status == 429
    return failure


def _of_status(who: str, status: int, because: str) -> ProviderError:
    if status < 400:
        return final(f"{who} redirects. Set base_url to where it leads.", "MODEL_UNAVAILABLE")
    if status == 401:
        # Without its words, which may repeat part of the key.
        return final(
            f"{who} rejected this server's API key. Ask the owner of this server to update it.",
            "PERMISSION_REQUIRED",
        )
    if status == 402:
        return ProviderOutOfCredit(
            f"The {who} account is out of credit. Ask the owner of this server to top it up."
        )
    if status == 403:
        return final(f"{who} doesn't allow this server to do that{because}", "PERMISSION_REQUIRED")
    if status in (404, 405, 501):
        return final(
            f"{who} returned {status}{because} Check base_url, and the models in its settings.",
            "MODEL_UNAVAILABLE",
        )
    if status == 408:
        return ProviderTimeout(f"{who} didn't get the request in time.")
    if status == 409:
        return busy(f"{who} is working on something that conflicts{because}")
    if status == 413:
        return final(f"{who} says that the request is too large{because}", "PARAMETER_INVALID")
    if status in (425, 429):
        return busy(f"{who} has too much to do{because}")
    if status >= 500 or status in GATEWAY:
        return busy(f"{who} failed ({status}){because}")
    return final(f"{who} doesn't accept this{because}", "PARAMETER_INVALID")


def busy(message: str) -> ProviderError:
    """A failure after which the same request may work."""
    return ProviderError(message, error_type="GPU_WORKER_FAILED", retryable=True)


def final(message: str, error_type: str) -> ProviderError:
    """A failure that trying again does not help against."""
    return ProviderError(message, error_type=error_type, retryable=False)


@contextmanager
def reading_paid_answer() -> Iterator[None]:
    """Read the answer to a paid request that the service accepted.

    The service may charge for it whether or not this server can use the answer, so a ProviderError
    raised inside becomes ProviderUnsure, as retryable as it was: a service that knows a repeated
    request would give the same answer. A refusal in the service's own words stays as it is.
    """
    try:
        yield
    except (ProviderRefused, ProviderUnsure):
        raise
    except ProviderError as problem:
        raise ProviderUnsure(problem.message, retryable=problem.retryable) from problem


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds a service asks to be left alone, at most RETRY_AFTER_MAX_S; None:
    it does not say. headers: with names in small letters, or httpx.Headers."""
    try:
        if milli := headers.get("retry-after-ms"):
            seconds = float(milli) / 1000
        elif (after := headers.get("retry-after", "")).strip().isdigit():
            seconds = float(after)
        elif after:
            when: datetime = parsedate_to_datetime(after)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
            seconds = (when - clock.now()).total_seconds()
        else:
            return None
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_S) if seconds == seconds else None
