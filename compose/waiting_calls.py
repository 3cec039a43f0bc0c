"""Places of tool calls that wait for runs in this process: so many a person, one a run."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Final

from core import errors

MOST_OF_ONE: Final = 16
RETRY_AFTER_S: Final = 5


class Place:
    """One person's place to wait in. Given back at the latest when nothing refers to it."""

    def __init__(self, places: Places, person: int) -> None:
        self._places = places
        self._person = person
        self._run: int | None = None
        self._is_held = True

    def is_first_of(self, run: int) -> bool:
        """Return whether no other call waits for this run: then this one does."""
        with self._places.lock:
            if run in self._places.runs:
                return False
            self._places.runs.add(run)
            self._run = run
            return True

    def release(self) -> None:
        with self._places.lock:
            if not self._is_held:
                return
            self._is_held = False
            self._places.of_person[self._person] -= 1
            if not self._places.of_person[self._person]:
                del self._places.of_person[self._person]
            if self._run is not None:
                self._places.runs.discard(self._run)

    def __del__(self) -> None:
        self.release()


class Places:
    """All places of one process."""

    def __init__(self) -> None:
        # Reentrant: garbage may be collected within it.
        self.lock = threading.RLock()
        self.of_person: Counter[int] = Counter()
        self.runs: set[int] = set()

    def take(self, person: int) -> Place:
        """Take a place. Raises QuotaExceeded for one who has none left."""
        with self.lock:
            if self.of_person[person] >= MOST_OF_ONE:
                raise errors.QuotaExceeded(
                    f"{MOST_OF_ONE} of your tool calls are waiting for their workflows already, the"
                    " most at once. Wait for one to finish, or start workflows and follow them.",
                    details={
                        "limit": MOST_OF_ONE,
                        "per": "person",
                        "what": "tool calls that wait",
                    },
                    retry_after_s=RETRY_AFTER_S,
                )
            self.of_person[person] += 1
        return Place(self, person)


places = Places()
