"""The time that a composition call is held, and its answer kept; prolonging a process's holds.

One thread of a process prolongs all that it holds, and ends with the last of them.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Final

from django.db import connection

from compose.models import ComposedCall
from core.database import drop_broken_connections, read_db_now

logger = logging.getLogger(__name__)

# Of a process that does not prolong it any more.
LASTS: Final = timedelta(seconds=10)
PROLONGED_EVERY_S: Final = 3.0
# How long a key means the call that it was first sent with.
KEPT_FOR: Final = timedelta(days=1)
# Of one person, the newest ones.
MOST_KEPT: Final = 1_000


class _Prolonging:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[int] = set()
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self, row: int) -> None:
        with self._lock:
            self._held.add(row)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="holds", daemon=True)
                self._thread.start()

    def forget(self, row: int) -> None:
        with self._lock:
            self._held.discard(row)

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(PROLONGED_EVERY_S):
            with self._lock:
                row_ids = list(self._held)
                if not row_ids:
                    self._thread = None
                    break
            try:
                drop_broken_connections()
                rows = ComposedCall.objects.filter(pk__in=row_ids, held_until__isnull=False)
                rows.update(held_until=read_db_now() + LASTS)
            except Exception:
                # Their time goes on; the next look may come before its end.
                logger.exception("holds of composition calls could not be prolonged")
        connection.close()


_prolonging = _Prolonging()
keep = _prolonging.keep
forget = _prolonging.forget
