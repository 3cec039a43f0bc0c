"""Differences between services for final media: routes, headers, words of states and failures.

Everything else, such as when a request may be repeated, is in `makers.call`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson

from core.errors import ProviderError
from tools.providers.base import Submit, Visit
from tools.providers.http import Requests
from tools.providers.http_failures import final, of_status
from tools.providers.makers.exchange import (
    JobFacts,
    JobHandle,
    JobStatus,
    NoResult,
    Payload,
    Upload,
)
from tools.providers.makers.options import Options
from tools.providers.makers.table import Place
from tools.providers.service import Answer, Service

ANSWER_LIMIT = 128 << 20


@dataclass(frozen=True, slots=True)
class Client:
    """Requests to each host of a service, for one job. check: raises when the work isn't wanted."""

    who: str
    options: Options
    urls: Mapping[str, str]
    headers: Mapping[str, str]
    check: Callable[[], None]

    def to(self, host: str = "", *, timeout_s: float | None = None) -> Requests:
        """Return what asks one of the hosts, by the dialect's name; "": the main one."""
        service = Service(
            who=self.who,
            base_url=self.urls[host],
            headers=self.headers,
            ca_file=self.options.ca_file,
            timeout_s=timeout_s or self.options.timeout_s,
        )
        return Requests(service, self.check)

    def without_key(self, url: str) -> Requests:
        """Return what asks another host that the service names, such as for uploads."""
        parts = urlsplit(url)
        if parts.scheme != "https" and self.urls[""].startswith("https:"):
            raise ProviderError(f"{self.who} named a URL without https.", retryable=False)
        service = Service(
            who=self.who,
            base_url=f"{parts.scheme}://{parts.netloc}",
            timeout_s=self.options.timeout_s,
        )
        return Requests(service, self.check)

    def json(self, answer: Answer) -> Any:
        """Return an answer's JSON. Raises ProviderError for what is none."""
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise ProviderError(
                f"{self.who} returned no JSON.", error_type="GPU_WORKER_FAILED", retryable=True
            ) from None

    def failure(self, answer: Answer, reason: str | None = None) -> ProviderError:
        """Return what a status means where the service says nothing else. reason: its own words."""
        return of_status(self.who, answer, reason)

    def no_such_model(self) -> ProviderError:
        return final(
            f"{self.who} doesn't have this model any more. Choose another one.",
            "MODEL_UNAVAILABLE",
        )

    def unknown_job(self) -> NoResult:
        why = final(f"{self.who} doesn't know this job any more.", "ASSET_NOT_FOUND")
        return NoResult(why, is_unknown=True)

    def not_taken(self, answer: Answer, words: str) -> ProviderError:
        """Return what the answer to a paid request means, unless it was taken. words: the service's
        own: with a failure of its server they don't say that nothing was, or will be, charged."""
        return self.failure(answer, (words or None) if answer.status < 500 else None)


class Dialect(ABC):
    """One service. service: as tables call it. urls: of each of its hosts, "" the main one. look_s:
    the shortest time between two looks at a job. upload_s: how long an uploaded file lives; 0: it
    takes no uploads. has_balance: `visit` tells what is left on the account. containers: of videos
    and sounds that it takes, by their extensions, unless a place says otherwise."""

    service: ClassVar[str]
    title: ClassVar[str]
    urls: ClassVar[Mapping[str, str]]
    submit_kind: ClassVar[Submit]
    key_lifetime_s: ClassVar[float | None] = None
    takes_webhooks: ClassVar[bool] = False
    look_s: ClassVar[float] = 3.0
    upload_s: ClassVar[float] = 0.0
    has_balance: ClassVar[bool] = False
    # Those that every service takes: where one lists none, nothing else is sent.
    containers: ClassVar[tuple[str, ...]] = ("mp4", "mp3", "wav")

    @abstractmethod
    def headers(self, key: str) -> dict[str, str]:
        """Return what authorizes requests."""

    def path_of(self, place: Place, slots: frozenset[str]) -> str:
        """Return the route of a call that has these slots; "": it follows from the model's id."""
        ways = (path for slot, path in place.path_with.items() if slot in slots)
        return next(ways, place.path)

    @abstractmethod
    def submit(self, client: Client, payload: Payload, out: Path) -> JobHandle:
        """Send a paid request once. out: the folder for an answer in bytes.

        Raises Later, NotQueued, ProviderRefused, ProviderUnsure where it may have been taken, and
        ProviderError where it wasn't.
        """

    def unit_price(self, client: Client, place: Place) -> Decimal | None:
        """Ask for the price of one unit, as `Price.per` has it, in US dollars; None: it has no such
        list. Raises ProviderError."""
        return None

    @abstractmethod
    def look(self, client: Client, job: JobHandle, place: Place) -> JobStatus:
        """Ask how a job is, and fetch its answer when it is done. Raises ProviderError, which says
        nothing of the job, and NoResult. Only the service's own word of the job itself ends it."""

    def cancel(self, client: Client, job: JobHandle) -> None:  # noqa: B027  some can't
        """Ask to stop a job. Raises ProviderError."""

    def upload(self, client: Client, path: Path, name: str, mime: str) -> Upload:
        """Upload a file, which bodies name by its URL. name: with the extension of its type. Raises
        ProviderError; repeats are free."""
        raise NotImplementedError

    def find(
        self, client: Client, payload: Payload, job_id: str, is_other: Callable[[str], bool]
    ) -> JobHandle | None:
        """Look for the job of a request that had no answer; None: it isn't known. job_id: what a
        webhook called it, "" without one: a hint, to be checked. is_other: whether a job is known
        to be of another request, which may be equal. Raises ProviderError."""
        return None

    @abstractmethod
    def facts(self, client: Client, content: Mapping[str, Any], job_id: str) -> JobFacts | None:
        """Ask for a job by the id that a person gave; None: there is none. content: the request
        that it is said to be of. Raises ProviderError, which says nothing of the job."""

    def webhook(self, headers: Mapping[str, str], body: bytes, client: Client) -> tuple[str, ...]:
        """Return the ids of the jobs that a webhook tells of. Raises Forged."""
        return ()

    def has_heard(self, client: Client, job_id: str) -> bool:
        """Return whether a web process took a signed webhook of a job within the last minutes."""
        return False

    def schema(self, client: Client, id: str) -> Mapping[str, Any] | None:
        """Fetch the OpenAPI document of a model; None: there is none. Raises ProviderError."""
        return None

    @abstractmethod
    def visit(self, client: Client) -> Visit:
        """Ask something free that needs the key: a balance or a list. Raises ProviderError."""
