"""The row about a person with many runs who leaves while another one works.

`python -m tests.bench.leaving` waits until nothing of those who left is there.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator

import django

from tests.bench.engine import starter
from tests.bench.figures import Figure, percentile
from tests.bench.first_minutes import signed_in
from tests.bench.ground import Ground, person
from tests.bench.starting import ONE_NOOP
from tests.bench.wire import Line, ms_since
from tests.support.program import Program
from tests.support.waiting import wait_for

RUNS = 5_000
STARTS = 300
WITHIN_S = 600.0


def leaving(ground: Ground, database: str) -> Iterator[Figure]:
    """Alice, who has 5,000 runs of one step, deletes her account: seconds until nothing of hers is
    left, and how long bob's starts take during that time, against 300 before."""
    with ground.site(database) as site:
        bob = person(site, "bob")
        person(site)
        starter(site, str(RUNS))
        before = [start_ms(bob) for _ in range(STARTS)]
        with signed_in(site, site.manage("signin-link", "alice").split()[-1]) as browser:
            page = browser.get("/me/delete").text
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
            assert token
            left_at = time.perf_counter()
            browser.post("/me/delete", data={"csrfmiddlewaretoken": token[1], "proof": "alice"})
            answered_s = time.perf_counter() - left_at
        during = []
        with Program([sys.executable, "-m", "tests.bench.leaving"], site.env) as end:
            while end.process.poll() is None:
                during.append(start_ms(bob))
            if end.wait(1):
                raise RuntimeError(end.lines[-1])
        took_s = time.perf_counter() - left_at
    p95 = [percentile(samples, 0.95) for samples in (before, during)]
    beside = f"answered within {answered_s:.2f} s; starts p95 {p95[0]:.0f} → {p95[1]:.0f} ms"
    row = f"starts of others while an account of 5,000 runs is deleted, {database}"
    yield Figure(row, {"ratio": p95[1] / p95[0]}, unit=": 1", judged="ratio", target=1.3)
    row = f"an account of 5,000 runs is gone, {database}"
    yield Figure(row, {"seconds": took_s}, unit="s", judged="seconds", target=150, beside=beside)


def start_ms(line: Line) -> float:
    """Start a run of one step. Returns how long the answer took."""
    began = time.perf_counter()
    line.start(ONE_NOOP)
    return ms_since(began)


def main() -> None:
    django.setup()
    from accounts.models import AccountDeletion

    wait_for(lambda: not AccountDeletion.objects.exists(), "an end of the deletion", WITHIN_S)


if __name__ == "__main__":
    main()
