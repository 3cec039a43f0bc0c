"""The clock of a running product is set back and forward by an hour: no run stands for it.

A preloaded library shifts the clock of the product's processes. The machine's own is not touched.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.builders.running import chain
from tests.support.faults.pauses import postgres
from tests.support.faults.workers import holder, worker_lives
from tests.support.server import Site, finished, start

pytestmark = pytest.mark.slow
LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)
HOUR_S = 3600
# Far less than the hour, far more than a busy machine needs.
WITHIN_S = 60.0


class Shifted:
    """A clock that a test sets, for the processes it is given to by `env`."""

    def __init__(self, folder: Path) -> None:
        found = [path for path in LIBRARIES if os.path.exists(path)]
        if not found:
            if os.environ.get("CI"):
                pytest.fail("install faketime")
            pytest.skip("needs faketime")
        self._file = folder / "shift"
        self._offset = 0
        self.shift(0)
        self.env: Mapping[str, str] = {
            "LD_PRELOAD": found[0],
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            # A clock that is set leaves the monotonic one alone.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def shift(self, seconds: int) -> None:
        """Set the clock by so many seconds from where it is."""
        self._offset += seconds
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._offset:+d}\n")
        new.replace(self._file)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Shifted:
    return Shifted(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, clock: Shifted) -> Iterator[Site]:
    """A product by that clock. Each test sets it from where the one before has left it."""
    with Site(tmp_path_factory.mktemp("home"), env=clock.env) as running:
        yield running


def steps() -> list[dict[str, Any]]:
    """Some that take a while, and one that is tried again."""
    again = {"id": "again", "toolName": "fail", "arguments": {"times": 1}}
    return [*chain("sleep", 4, seconds=0.5), again]


@pytest.mark.parametrize(
    "shifts",
    [(-HOUR_S,), (HOUR_S,), (HOUR_S, -HOUR_S), (-HOUR_S, HOUR_S)],
    ids=["back", "forward", "forward and back", "back and forward"],
)
def test_runs_end_when_the_clock_is_set(
    site: Site, clock: Shifted, shifts: tuple[int, ...]
) -> None:
    key = site.key("alice")

    def begun(count: int) -> list[str]:
        # The server ends idle connections when its clock is set forward: a new one each time.
        with site.client(key) as alice:
            return [start(alice, {"input": {"steps": steps()}})["id"] for _ in range(count)]

    runs = begun(5)
    for seconds in shifts:
        holder(site, runs[-1])
        clock.shift(seconds)
        time.sleep(1)
        runs += begun(1)
    with site.client(key) as alice:
        ends = [finished(alice, run, WITHIN_S)["status"] for run in runs]
    assert ends == ["completed"] * len(runs)


def test_runs_end_when_the_clock_of_the_database_is_set_back(tmp_path: Path) -> None:
    # The server runs as another user, who may not read a test's folder.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        clock = Shifted(Path(folder))
        with (
            postgres(clock.env) as url,
            Site(tmp_path, env={"DATABASE_URL": url}) as site,
            site.client(site.key("alice")) as alice,
        ):
            runs = [start(alice, {"input": {"steps": steps()}})["id"] for _ in range(5)]
            _, pid, _ = holder(site, runs[0])
            os.kill(pid, signal.SIGSTOP)
            try:
                clock.shift(-HOUR_S)
                ends = [finished(alice, run, WITHIN_S)["status"] for run in runs]
            finally:
                os.kill(pid, signal.SIGCONT)
    assert ends == ["completed"] * len(runs)


def test_a_frozen_worker_is_replaced_though_the_clock_was_set_back(
    site: Site, clock: Shifted
) -> None:
    with site.client(site.key("alice")) as alice:
        run = start(alice, {"input": {"steps": chain("sleep", 1, seconds=4)}})["id"]
        _, pid, held = holder(site, run)
        os.kill(pid, signal.SIGSTOP)
        try:
            clock.shift(-HOUR_S)
            assert finished(alice, run, WITHIN_S)["status"] == "completed"
        finally:
            os.kill(pid, signal.SIGCONT)
        assert held.life in {life for _, life in worker_lives(site).values()}
