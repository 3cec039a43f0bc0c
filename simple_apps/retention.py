"""The retention of guests' runs, and of apps that ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core import clock
from runs.engine import retention
from runs.models import Run
from simple_apps.models import GuestRun, SimpleApp

EVERY_S: Final = 600.0
AT_ONCE: Final = 100
# So long the address of an app that ended is no one's: people may still have it.
SLUG_REST: Final = timedelta(days=90)


def tend() -> float:
    """Have guests' old runs deleted, but for those that something shows, and forget apps that ended
    long ago; for `runs.engine.periodic`. Returns in how many seconds to ask again."""
    now = clock.now()
    SimpleApp.objects.filter(ended_at=None, template__deleted_at__isnull=False).update(ended_at=now)
    SimpleApp.objects.filter(ended_at__lt=now - SLUG_REST).delete()
    rows = GuestRun.objects.filter(
        goes_at__lt=now, run__finished_at__isnull=False, run__deleting_at=None
    )
    old = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    shown = retention.shown_results(old)
    GuestRun.objects.filter(pk__in=shown).update(goes_at=None)
    Run.objects.filter(pk__in=set(old) - shown).update(deleting_at=now)
    return 0 if len(old) == AT_ONCE else EVERY_S
