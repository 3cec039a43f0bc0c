"""The one module that reads the clock."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The current moment, timezone-aware, in UTC."""
    return timezone.now()


def ms_since(moment: datetime) -> int:
    """Whole milliseconds from then to now; 0 when the clock was set back in between."""
    return max(0, round((now() - moment).total_seconds() * 1000))


def iso(moment: datetime) -> str:
    """ISO 8601 with milliseconds and `Z`, as the public API writes times."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def iso_or_none(moment: datetime | None) -> str | None:
    """Format as `iso`, or None if it has not happened yet."""
    return None if moment is None else iso(moment)


def unix(moment: datetime) -> int:
    """Whole seconds since 1970, the public API's `createTime`."""
    return int(moment.timestamp())
