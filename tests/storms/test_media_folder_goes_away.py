"""The media folder goes away in mid-run: nothing is told as done that is not there.

Unmounted, renamed, or replaced by an empty folder; on one machine and on one of two.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.builders.running import chain
from tests.support.postgres_server import PostgresServer
from tests.support.server import TERMINAL, Site, finished, snapshot, start
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow]

RUNS = 3
STEPS = 3
STEP_S = 0.8
WAYS = ("unmounted", "renamed", "emptied")
AWAY = "media folder is unavailable"


class Volume:
    """The media folder of a machine: a mount of the common files, taken away in one of WAYS and
    brought back."""

    def __init__(self, root: Path, files: Path) -> None:
        if os.getuid() != 0 or sys.platform != "linux":
            pytest.skip("Only root may mount a folder, and only on Linux.")
        self._way, self._files = "", files
        self._place, self._aside = root / "volume", root / "aside"
        self.path = self._place / "media"
        self.path.mkdir(parents=True)
        files.mkdir(exist_ok=True)
        self._mount()

    def _mount(self) -> None:
        subprocess.run(["mount", "--bind", str(self._files), str(self.path)], check=True)

    def take_away(self, way: str) -> None:
        self._way = way
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


@dataclass(frozen=True)
class Machine:
    """A server and its media folder."""

    site: Site
    folder: Volume

    def read_logs(self) -> dict[str, int]:
        """Count the letters of each worker's log."""
        return {path.name: len(path.read_text()) for path in self._logs()}

    def logs_after(self, read: Mapping[str, int]) -> list[str]:
        """Return what each worker has said since."""
        return [path.read_text()[read.get(path.name, 0) :] for path in self._logs()]

    def _logs(self) -> list[Path]:
        return sorted((self.site.home / "logs").glob("worker-*.log"))


@contextmanager
def volumes(folder: Path, *names: str) -> Iterator[list[Volume]]:
    """Yield the folders of machines with these names; all have the same files."""
    with ExitStack() as stack:
        yield [_ending(stack, Volume(folder / name, folder / "files")) for name in names]


def _ending(stack: ExitStack, volume: Volume) -> Volume:
    stack.callback(volume.end)
    return volume


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    root = tmp_path_factory.mktemp("machine")
    with volumes(root, "one") as [folder]:
        env = {"REELGRAPH_MEDIA_DIR": str(folder.path)}
        with Site(home_in(root, "one"), env=env) as site:
            yield Machine(site, folder)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Machine]]:
    """Two on one database, with a worker each."""
    root = tmp_path_factory.mktemp("machines")
    with ExitStack() as stack:
        folders = stack.enter_context(volumes(root, "one", "two"))
        server = stack.enter_context(PostgresServer(has_tables=True))
        common = {"DATABASE_URL": server.url, "REELGRAPH_SECRET_KEY": secrets.token_hex(32)}
        sites = [
            Site(
                home_in(root, name),
                workers=1,
                env={**common, "REELGRAPH_MEDIA_DIR": str(folder.path)},
            )
            for name, folder in zip(("one", "two"), folders, strict=True)
        ]
        yield [
            Machine(stack.enter_context(site), folder)
            for site, folder in zip(sites, folders, strict=True)
        ]


def home_in(root: Path, name: str) -> Path:
    home = root / f"home-{name}"
    home.mkdir()
    return home


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
def test_nothing_is_told_as_done_that_is_not_there(way: str, machine: Machine) -> None:
    site, folder = machine.site, machine.folder
    with site.client(site.key("alice")) as client:
        read = machine.read_logs()
        runs = begin(client)
        wait_for(lambda: counts(client, runs)[0] >= 2, "the first steps")
        folder.take_away(way)
        wait_for(lambda: not readiness(client)["ok"], "/readyz to say so")
        # What a worker kept just before is told before it meets the missing folder.
        wait_for(lambda: all(AWAY in log for log in machine.logs_after(read)), "each log's word")
        told = counts(client, runs)
        later = start(client, {"input": {"steps": chain("note", 1, text="later")}})["id"]
        for _ in range(6):
            readiness(client)
            assert snapshot(client, later)["status"] in ("queued", "running")
        assert counts(client, runs) == told
        folder.bring_back()
        check_results(client, runs)
        assert finished(client, later)["status"] == "completed"
        wait_for(lambda: readiness(client)["ok"], "/readyz to be well again")


@pytest.mark.parametrize("way", WAYS)
def test_of_two_machines_the_one_without_the_folder_waits(
    way: str, machines: list[Machine]
) -> None:
    one, two = machines
    read_one, read_two = one.read_logs(), two.read_logs()
    with one.site.client(one.site.key("alice")) as client, two.site.client() as reader:
        reader.headers.update(client.headers)
        runs = begin(client)
        wait_for(lambda: counts(client, runs)[0] >= 2, "the first steps")
        two.folder.take_away(way)
        # The other one does all of it.
        check_results(client, runs)
        wait_for(lambda: AWAY in two.logs_after(read_two)[0], "the other's log to say so")
        assert AWAY not in one.logs_after(read_one)[0]
        one.folder.take_away(way)
        more = begin(client)
        with suppress(AssertionError):
            wait_for(lambda: counts(client, more)[0] > 0, "a step done without a folder", 3)
        assert counts(client, more) == (0, 0)
        two.folder.bring_back()
        check_results(reader, more)
        one.folder.bring_back()
        check_results(client, more)
        # The next way begins where both have their folder.
        wait_for(lambda: readiness(client)["ok"] and readiness(reader)["ok"], "both to be well")
