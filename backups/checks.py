"""The check of whether there is a backup of the last two days, and how the last one went."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from backups import folder_mark, folders, nightly
from core import clock
from core.checks import Checks, ok, register, warning
from core.models import BackupAttempt

BACKUP_IS_OLD = timedelta(days=2)


@register("backups", every_s=60, after="database")
def backups() -> Checks:
    if not settings.BACKUP_DIR:
        says, remedy = (
            "no automatic backups are configured",
            "Set REELGRAPH_BACKUP_DIR to a folder.",
        )
        # On one's own machine that is fine.
        yield warning(says, remedy) if settings.PUBLIC_URL else ok(says)
        return
    try:
        store, rows = nightly.store_and_backups()
        if store is not None:
            folder_mark.check(store)
    except (folders.BackupProblem, OSError) as problem:
        yield warning(str(problem), "See /admin/backups.")
        return
    attempt = BackupAttempt.objects.filter(ended_at__isnull=False).order_by("-id").first()
    if attempt is not None and attempt.problem:
        says = f"the last one failed: {attempt.problem.rstrip('.')}"
        yield warning(says, "Fix that; it is tried again each hour.")
    elif last := nightly.last_elsewhere(rows):
        yield warning(
            f"the last one, {last}, isn't in {store}",
            "Keep it where it is until one is made here.",
        )
    elif not rows or clock.now() - rows[-1].at > BACKUP_IS_OLD:
        yield warning("none of the last two days", "See that a worker runs here.")
    else:
        yield ok(f"{len(rows)} in {store}, the last of {rows[-1].at:%Y-%m-%d %H:%M} UTC")
