"""The media folder goes away in mid-run: nothing is told as done that is not there.

Unmounted, renamed, or replaced by an empty folder; on one machine and on one of two.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.builders.running import chain
from tests.support.postgres_server import PostgresServer
from tests.support.server import TERMINAL, Site, finished, snapshot, start
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

RUNS = 3
STEPS = 3
STEP_S = 0.8
WAYS = ("unmounted", "renamed", "emptied")


class Volume:
    """The media folder of a machine: a mount of the common files, taken away and brought back."""

    def __init__(self, way: str, root: Path, files: Path) -> None:
        if os.getuid() != 0 or sys.platform != "linux":
            pytest.skip("Only root may mount a folder, and only on Linux.")
        self._way, self._files = way, files
        self._place, self._aside = root / "volume", root / "aside"
        self.path = self._place / "media"
        self.path.mkdir(parents=True)
        files.mkdir(exist_ok=True)
        self._mount()

    def _mount(self) -> None:
        subprocess.run(["mount", "--bind", str(self._files), str(self.path)], check=True)

    def take_away(self) -> None:
        if self._way == "unmounted":
            subprocess.run(["umount", "-l", str(self.path)], check=True)
            return
        self._place.rename(self._aside)
        if self._way == "emptied":
            self.path.mkdir(parents=True)

    def bring_back(self) -> None:
        if self._way == "unmounted":
            assert not list(self.path.iterdir()), "something was written beside the volume"
            self._mount()
            return
        if self._way == "emptied":
            # Fails if anything was written into it.
            self.path.rmdir()
            self._place.rmdir()
        self._aside.rename(self._place)

    def end(self) -> None:
        for place in (self.path, self._aside / "media"):
            subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Callable[[str, str], Volume]]:
    """`volume(way, name)`: the folder of a machine of that name; all have the same files."""
    with ExitStack() as stack:

        def make(way: str, name: str) -> Volume:
            made = Volume(way, tmp_path / name, tmp_path / "files")
            stack.callback(made.end)
            return made

        yield make


def begin(client: httpx.Client) -> list[str]:
    body = {"input": {"steps": chain("note", STEPS, text="x", seconds=STEP_S)}}
    return [start(client, body)["id"] for _ in range(RUNS)]


def counts(client: httpx.Client, runs: list[str]) -> tuple[int, int]:
    """How many steps and how many runs are told as done."""
    shown = [snapshot(client, run) for run in runs]
    steps = sum(step["status"] == "completed" for run in shown for step in run["steps"])
    return steps, sum(run["status"] in TERMINAL for run in shown)


def check_results(client: httpx.Client, runs: list[str]) -> None:
    """All runs end well, each step was done once, and each result is there."""
    for run in runs:
        shown = finished(client, run)
        assert shown["status"] == "completed", shown
        artifacts: list[dict[str, Any]] = shown["artifacts"]
        assert len(artifacts) == STEPS
        for artifact in artifacts:
            assert client.get(artifact["url"]).status_code == 200


def readiness(client: httpx.Client) -> dict[str, Any]:
    return client.get("/readyz").json()["checks"]["media_folder"]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_told_as_done_that_is_not_there(
    way: str, volume: Callable[[str, str], Volume], tmp_path: Path
) -> None:
    folder = volume(way, "one")
    (tmp_path / "home").mkdir()
    env = {"REELGRAPH_MEDIA_DIR": str(folder.path)}
    with (
        Site(tmp_path / "home", env=env) as site,
        site.client(site.key("alice")) as client,
    ):
        runs = begin(client)
        wait_for(lambda: counts(client, runs)[0] >= 2, "the first steps")
        folder.take_away()
        wait_for(lambda: not readiness(client)["ok"], "/readyz to say so", 10)
        # What was kept just before is told a moment later.
        wait_for(lambda: "media folder is unavailable" in log_of(site), "the log to say so", 20)
        told = counts(client, runs)
        later = start(client, {"input": {"steps": chain("note", 1, text="later")}})["id"]
        for _ in range(6):
            readiness(client)
            assert snapshot(client, later)["status"] in ("queued", "running")
        assert counts(client, runs) == told
        folder.bring_back()
        check_results(client, runs)
        assert finished(client, later)["status"] == "completed"
        wait_for(lambda: readiness(client)["ok"], "/readyz to be well again", 10)


def log_of(site: Site) -> str:
    return "".join(path.read_text() for path in (site.home / "logs").glob("worker-*.log"))


@pytest.mark.parametrize("way", WAYS)
def test_of_two_machines_the_one_without_the_folder_waits(
    way: str, volume: Callable[[str, str], Volume], tmp_path: Path
) -> None:
    first, second = volume(way, "one"), volume(way, "two")
    secret = secrets.token_hex(32)
    with PostgresServer(has_tables=True) as server, ExitStack() as stack:
        common = {"DATABASE_URL": server.url, "REELGRAPH_SECRET_KEY": secret}
        for name in ("one", "two"):
            (tmp_path / f"home-{name}").mkdir()
        one, two = (
            stack.enter_context(
                Site(
                    tmp_path / f"home-{name}",
                    workers=1,
                    env={**common, "REELGRAPH_MEDIA_DIR": str(folder.path)},
                )
            )
            for name, folder in (("one", first), ("two", second))
        )
        client = stack.enter_context(one.client(one.key("alice")))
        runs = begin(client)
        wait_for(lambda: counts(client, runs)[0] >= 2, "the first steps")
        second.take_away()
        # The other one does all of it.
        check_results(client, runs)
        assert "media folder is unavailable" in log_of(two)
        assert "media folder is unavailable" not in log_of(one)
        first.take_away()
        more = begin(client)
        with suppress(AssertionError):
            wait_for(lambda: counts(client, more)[0] > 0, "a step done without a folder", 3)
        assert counts(client, more) == (0, 0)
        second.bring_back()
        with two.client() as reader:
            reader.headers.update(client.headers)
            check_results(reader, more)
        first.bring_back()
        check_results(client, more)
