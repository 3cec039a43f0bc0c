"""Messages to and from a service about one job: request, handle, status and result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.errors import ProviderError
from tools.providers.base import Outcome
from tools.providers.makers.table import Place


@dataclass(frozen=True, slots=True)
class Payload:
    """A paid request. content: as it is stored, see `makers.request`; body: its bytes; webhook_url:
    where the service may tell of it, "" without one."""

    content: Mapping[str, Any]
    body: bytes
    place: Place
    webhook_url: str = ""

    @property
    def model(self) -> str:
        return str(self.content["id"])

    @property
    def key(self) -> str:
        return str(self.content["key"])


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a finished job. answer: JSON; file: of an answer in bytes. usd: what the
    service says that it charged; None: it doesn't say."""

    answer: Any = None
    file: Path | None = None
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file at the service. lives_s: how long, as far as it says; None: it doesn't."""

    url: str
    lives_s: float | None = None


@dataclass(frozen=True, slots=True)
class JobHandle:
    """A job at the service. id: "" where the answer was the result, which a repeat of the request
    gives once more. usd: the most it says that the job may cost. is_replay: it says that it had the
    same request before. at: when the request was sent, Unix seconds; 0: not noted."""

    id: str = ""
    urls: Mapping[str, str] = field(default_factory=dict)
    usd: Decimal | None = None
    result: Result | None = None
    is_replay: bool = False
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job as its service tells of it; None for what it doesn't say. model: the service's id;
    sent_at: when it was submitted; usd: what it costs, or may. is_told: False while the service has
    the job and will say more of it once it is over."""

    handle: JobHandle
    model: str | None = None
    sent_at: datetime | None = None
    usd: Decimal | None = None
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The state of a job: at work as long as there is neither result nor error. share: 0 to 1;
    None: not said. is_waiting: it hasn't started. after_s: how long the service asks to be left
    alone. usd: of a failed job, what it still charged; None: it doesn't say."""

    share: float | None = None
    is_waiting: bool = False
    after_s: float = 0.0
    result: Result | None = None
    error: ProviderError | None = None
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MakerOutcome(Outcome):
    """is_told: whether the service itself said what it charged; else that is what was quoted."""

    is_told: bool = False


class NoResult(ProviderError):
    """A look had no result of a job that is over, or had no job. It says nothing of the job: it is
    looked at again for a while, then its owner is asked. is_unknown: the service has no such job,
    or no file of it any more.
    """

    def __init__(self, why: ProviderError, *, is_unknown: bool = False) -> None:
        super().__init__(why.message, error_type=why.error_type, retry_after_s=why.retry_after_s)
        self.is_unknown = is_unknown


class Later(Exception):
    """The service took nothing new: the same request may be sent again after so many seconds."""

    def __init__(self, after_s: float) -> None:
        super().__init__()
        self.after_s = after_s


class NotQueued(Exception):
    """The service has no queue for this model or account: its answer must be waited for."""
