"""Limits of how often guests may ask: by network address, and by link."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from accounts.rate_limits import DAY_S, HOUR_S, MINUTE_S
from core import errors
from core.counters import Counter
from simple_apps.models import GuestLink

UPLOADS_OF_RUN: Final = 3
UPLOADS_PER_HOUR: Final = 60

_requests = Counter("guest_requests", MINUTE_S)
_starts = Counter("guest_starts", MINUTE_S)
_uploads = Counter("guest_uploads", HOUR_S)
_uploads_of_link = Counter("guest_uploads_of_link", DAY_S)


def check_requests(address: str) -> None:
    """Count one request. Raises QuotaExceeded above READS_PER_MINUTE of one address."""
    if settings.READS_PER_MINUTE is not None:
        _count(_requests, address, settings.READS_PER_MINUTE)


def check_starts(link: GuestLink, address: str) -> None:
    """Count one start. Raises QuotaExceeded above STARTS_PER_MINUTE of one address and link."""
    if settings.STARTS_PER_MINUTE is not None:
        _count(_starts, f"{link.pk}:{address}", settings.STARTS_PER_MINUTE)


def check_uploads(link: GuestLink, address: str) -> None:
    """Count one file. Raises QuotaExceeded where one address brings too many, or a link more than
    its runs could take."""
    _count(_uploads, f"{link.pk}:{address}", UPLOADS_PER_HOUR)
    _count(_uploads_of_link, str(link.pk), UPLOADS_OF_RUN * link.allowance.most_runs)


def _count(counter: Counter, caller: str, rate: int) -> None:
    wait_s = counter.wait_s(caller, rate)
    if wait_s:
        raise errors.QuotaExceeded(code="quota.rate", retry_after_s=wait_s)
