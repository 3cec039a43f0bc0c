"""What `/healthz` and `/readyz` answer over time, asked as a monitor asks them."""

from __future__ import annotations

import threading
from typing import Any

import httpx

from tests.support.waiting import WAIT_S, Late, wait_for

EVERY_S = 0.5


class Monitor(threading.Thread):
    """`with Monitor(url) as monitor:` asks twice a second until the end of the block.

    unanswered: what became of each `/healthz` that was not 200. failed: names of `/readyz` whose
    check failed at some time.
    """

    def __init__(self, url: str) -> None:
        super().__init__(name="monitor", daemon=True)
        self._client = httpx.Client(base_url=url, timeout=WAIT_S)
        self._end = threading.Event()
        self.asked = 0
        self.unanswered: list[str] = []
        self.failed: set[str] = set()

    def __enter__(self) -> Monitor:
        self.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._end.set()
        self.join(2 * WAIT_S)
        self._client.close()

    def run(self) -> None:
        while not self._end.wait(EVERY_S):
            self.asked += 1
            try:
                status = self._client.get("/healthz").status_code
                if status != 200:
                    self.unanswered.append(str(status))
                self.failed |= not_ready(self._client)
            except httpx.HTTPError as problem:
                self.unanswered.append(repr(problem))


def not_ready(client: httpx.Client) -> set[str]:
    """The names of the failed checks of `/readyz`; none when it is 200."""
    answer = client.get("/readyz")
    checks: dict[str, Any] = answer.json()["checks"]
    failed = {name for name, found in checks.items() if found != {"ok": True}}
    assert (answer.status_code == 200) is (not failed)
    return failed


def until_ready(url: str, within_s: float = 90) -> None:
    """Wait until `/readyz` answers 200. Raises Late with what it said last."""
    last: list[object] = []

    def look() -> bool:
        try:
            with httpx.Client(base_url=url, timeout=WAIT_S) as client:
                failed = not_ready(client)
        except httpx.HTTPError as problem:
            last[:] = [problem]
            return False
        last[:] = [failed]
        return not failed

    try:
        wait_for(look, "/readyz to answer 200", within_s)
    except Late as problem:
        raise Late(f"{problem}: {last}") from None
