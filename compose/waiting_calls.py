"""Places of tool calls that wait for runs in this process: so many a person, one a run."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Final

from core import errors

MOST_OF_ONE: Final = 16
RETRY_AFTER_S: Final = 5
# Reentrant: garbage may be collected within it.
_lock = threading.RLock()
_of_person: Counter[int] = Counter()
_runs: set[int] = set()


class Place:
    """One person's place to wait in. Given back at the latest when nothing refers to it.

    Raises QuotaExceeded for one who has none left.
    """

    _is_held = False

    def __init__(self, person: int) -> None:
        self._person = person
        self._run: int | None = None
        with _lock:
            if _of_person[person] >= MOST_OF_ONE:
                raise errors.QuotaExceeded(
                    f"{MOST_OF_ONE} of your tool calls are waiting for their workflows already, the"
                    " most at once. Wait for one to finish, or start workflows and follow them.",
                    details={"limit": MOST_OF_ONE, "per": "person", "what": "tool calls that wait"},
                    retry_after_s=RETRY_AFTER_S,
                )
            _of_person[person] += 1
            self._is_held = True

    def is_first_of(self, run: int) -> bool:
        """Return whether no other call waits for this run: then this one does."""
        with _lock:
            if run in _runs:
                return False
            _runs.add(run)
            self._run = run
            return True

    def release(self) -> None:
        with _lock:
            if not self._is_held:
                return
            self._is_held = False
            _of_person[self._person] -= 1
            if not _of_person[self._person]:
                del _of_person[self._person]
            if self._run is not None:
                _runs.discard(self._run)

    def __del__(self) -> None:
        self.release()
