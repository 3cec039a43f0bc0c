"""Rows about what the server's processes hold and cost while nobody asks for anything."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.bench.figures import Figure, middle, skipped
from tests.bench.ground import Ground
from tests.support.program import pid_of
from tests.support.server import Site
from tests.support.waiting import wait_for

DEATHS = 3
# A process that waits for media work is ended when none has come for this long, and a while more.
IDLE_S = 90.0
PSS = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)


def idle_memory(ground: Ground) -> Iterator[Figure]:
    """Proportional set size of all processes of a fresh server that has one web process and two
    workers, once nothing was asked of it for so long that none waits for media work any more.

    What other programs share with it, such as a second server, makes the figure smaller.
    """
    row = "memory of an idle server, two workers"
    if not Path("/proc/self/smaps_rollup").exists():
        yield skipped(row, "Linux alone says what processes share.")
        return
    # As people have it: each process of the bench's settings imports the tests' tools as well.
    with ground.site(workers=2, settings="builder.settings") as site:
        supervisor = _supervisor(site)
        wait_for(lambda: not _sandboxes(supervisor), "an end of what waits for media", IDLE_S)
        parts = {process.pid: _pss_mb(process) for process in _family(supervisor)}
        each = ", ".join(f"{mb:.0f}" for mb in parts.values())
        yield middle(row, [sum(parts.values())], 180, unit="MB", beside=f"each: {each} MB")


def worker_start(ground: Ground) -> Iterator[Figure]:
    """CPU time that a worker takes from its start, after kill -9 of the one before, to its line in
    the log that it is ready; three times."""
    samples = []
    with ground.site(workers=1) as site:
        log = site.home / "logs" / "worker-1.log"
        for deaths in range(DEATHS):
            old = site.workers()[0]
            os.kill(old, signal.SIGKILL)
            process = psutil.Process(pid_of(site.home, "worker-1", other_than=old))
            wait_for(
                lambda lives=deaths + 2: log.read_text().count(" is ready for ") >= lives,
                "the next worker",
            )
            times = process.cpu_times()
            samples.append(1000 * (times.user + times.system))
    yield middle("CPU of a worker's start", samples, 50, unit="ms")


def _supervisor(site: Site) -> psutil.Process:
    assert site.program is not None
    return psutil.Process(site.program.process.pid)


def _family(supervisor: psutil.Process) -> list[psutil.Process]:
    return [supervisor, *supervisor.children(recursive=True)]


def _sandboxes(supervisor: psutil.Process) -> list[psutil.Process]:
    return [one for one in _family(supervisor) if "media.sandbox" in one.cmdline()]


def _pss_mb(process: psutil.Process) -> float:
    try:
        match = PSS.search(Path(f"/proc/{process.pid}/smaps_rollup").read_text())
    except (FileNotFoundError, ProcessLookupError):
        # A sandbox's that has just ended.
        return 0.0
    return int(match[1]) / 1024 if match else 0.0
