"""The row about a person with many runs who takes them along while another one works.

`python -m tests.bench.exporting fill` gives the runs that are over files of 2 MB, of which a few
are on the disk, without taking room there; without `fill` it waits until no export is unfinished.
"""

from __future__ import annotations

import hashlib
import re
import sys
import time
from collections.abc import Iterator

import django
import httpx
import psutil

from tests.bench.engine import starter
from tests.bench.figures import Figure, percentile
from tests.bench.first_minutes import signed_in
from tests.bench.ground import Ground, person, web_pids
from tests.bench.leaving import start_ms
from tests.support.program import Program
from tests.support.server import Site
from tests.support.waiting import wait_for

# Started in parts: a starter waits 240 s at most.
RUNS, RUNS_AT_ONCE = 10_000, 2_500
STARTS = 300
FILE_BYTES = 2_000_000
FILES = 200
WITHIN_S = 900.0


def exporting(ground: Ground, database: str) -> Iterator[Figure]:
    """Alice, who has 10,000 runs and 20 GB of results, has them prepared for download: seconds
    until that is ready, how long bob's starts take during that time, against 300 before, and what
    the web process grows by while it sends the first part of 2 GB."""
    with ground.site(database) as site:
        bob = person(site, "bob")
        person(site)
        for _ in range(RUNS // RUNS_AT_ONCE):
            starter(site, str(RUNS_AT_ONCE))
        _main(site, "fill")
        before = [start_ms(bob) for _ in range(STARTS)]
        with signed_in(site, site.manage("signin-link", "alice").split()[-1]) as browser:
            token = re.search(
                r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/me").text
            )
            assert token
            asked_at = time.perf_counter()
            browser.post("/me/export", data={"csrfmiddlewaretoken": token[1]})
            during = []
            with Program([sys.executable, "-m", "tests.bench.exporting"], site.env) as end:
                while end.process.poll() is None:
                    during.append(start_ms(bob))
                if end.wait(1):
                    raise RuntimeError(end.lines[-1])
            took_s = time.perf_counter() - asked_at
            growth_mb, size = _growth_mb(site, browser)
    p95 = [percentile(samples, 0.95) for samples in (before, during)]
    beside = f"starts p95 {p95[0]:.0f} → {p95[1]:.0f} ms, {len(during)} of them"
    row = f"starts of others while 10,000 runs are prepared for download, {database}"
    yield Figure(row, {"ratio": p95[1] / p95[0]}, unit=": 1", judged="ratio", target=1.3)
    row = f"10,000 runs are prepared for download, {database}"
    yield Figure(row, {"seconds": took_s}, unit="s", judged="seconds", target=120, beside=beside)
    row = f"growth of the web process while a part is sent, {database}"
    beside = f"{size / 1e9:.1f} GB"
    yield Figure(row, {"growth": growth_mb}, unit="MB", judged="growth", target=20, beside=beside)


def _growth_mb(site: Site, browser: httpx.Client) -> tuple[float, int]:
    """Download the first part. Returns how much more memory the server had, and the bytes."""
    process = psutil.Process(web_pids(site)[0])
    before = most = process.memory_info().rss
    size = 0
    with browser.stream("GET", "/me/export/1") as answer:
        answer.raise_for_status()
        for number, chunk in enumerate(answer.iter_raw(1 << 20)):
            size += len(chunk)
            if number % 20 == 0:
                most = max(most, process.memory_info().rss)
    return (most - before) / 1e6, size


def _main(site: Site, *arguments: str) -> None:
    with Program([sys.executable, "-m", "tests.bench.exporting", *arguments], site.env) as program:
        if program.wait(WITHIN_S):
            raise RuntimeError(program.lines[-1])


def _fill() -> None:
    from media.blobs import path_of
    from media.models import Blob
    from runs.models import Artifact, Step

    hashes = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(FILES)]
    for sha256 in hashes:
        path = path_of(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(FILE_BYTES)
    blobs = [Blob(sha256=one, size=FILE_BYTES, mime="image/png", kind="image") for one in hashes]
    Blob.objects.bulk_create(blobs)
    steps = Step.objects.filter(run__owner__username="alice", status="completed")
    Artifact.objects.bulk_create(
        [
            Artifact(
                run_id=step.run_id,
                step=step,
                generation=step.generation,
                position=0,
                kind="image",
                blob_id=hashes[step.pk % FILES],
            )
            for step in steps.only("run_id", "generation")
        ],
        batch_size=500,
    )


def main() -> None:
    django.setup()
    from accounts.models import AccountExport

    if sys.argv[1:] == ["fill"]:
        return _fill()
    over = AccountExport.objects.filter(ready_at__isnull=False)
    return wait_for(over.exists, "an export that is ready", WITHIN_S)


if __name__ == "__main__":
    main()
