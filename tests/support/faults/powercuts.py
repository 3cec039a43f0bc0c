"""The product on a disk that forgets, when the power is cut, what was not flushed.

A preloaded library (tests/storms/powercut.c) copies each file below the data folder as it is
flushed. The cut kills every process with -9 and builds the data folder from those copies alone.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.faults.workers import rows
from tests.support.program import ROOT
from tests.support.server import Site
from tests.support.template_database import DATABASE, bring_tables
from tests.support.waiting import WAIT_S, wait_for

SOURCE = ROOT / "tests" / "storms" / "powercut.c"
# What the paid service of the tests wrote down is the service's, not on this disk.
LEDGER = "asked.jsonl"
BLOCK = 4096
FLUSH_ALL = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            file = os.open(path, os.O_RDONLY)
            os.fsync(file)
            os.close(file)
"""


def compiled(folder: Path) -> Path:
    """The library, made with the system's C compiler. Skips the test without one, or elsewhere."""
    if sys.platform != "linux" or shutil.which("cc") is None:
        pytest.skip("needs Linux and a C compiler")
    library = folder / "powercut.so"
    command = ["cc", "-shared", "-fPIC", "-O1", str(SOURCE), "-o", str(library), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return library


def _keep_some(place: Path, later: Path, chance: random.Random) -> None:
    """Write some blocks of a file as it was at the cut into what was flushed of it."""
    with place.open("r+b") as file, later.open("rb") as newer:
        while block := newer.read(BLOCK):
            if chance.random() < 0.5:
                file.seek(newer.tell() - len(block))
                file.write(block)


class Machine:
    """A machine whose power can be cut. `home` is its data folder, another one after each cut.

    root: an empty folder. settings: the Django settings module of all processes. delay_us: how long
    a flush takes beside what it takes anyway, in microseconds.
    """

    def __init__(
        self,
        root: Path,
        library: Path,
        *,
        settings: str = "tests.support.settings",
        workers: int = 2,
        delay_us: int = 0,
    ) -> None:
        self._root = root
        self._library = library
        self._settings = settings
        self._workers = workers
        self._delay_us = delay_us
        self._life = 0
        self._site: Site | None = None
        # While it exists, flushes of the database's log fail.
        self.failing = root / "failing"
        self.home = self._place("home")
        self.home.mkdir()

    @property
    def site(self) -> Site:
        assert self._site is not None, "the machine is off"
        return self._site

    def __enter__(self) -> Machine:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._site is not None:
            self._kill()

    def start(self) -> None:
        """Start the product in the data folder. All that is in there is on the disk."""
        shadow = self._place("shadow")
        for part in ("bytes", "names"):
            (shadow / part).mkdir(parents=True)
        env = {
            "DATABASE_URL": "",
            "LD_PRELOAD": str(self._library),
            "POWERCUT_ROOT": str(self.home),
            "POWERCUT_SHADOW": str(shadow),
            "POWERCUT_LOG": str(self._log()),
            "POWERCUT_FAIL": str(self.failing),
            "POWERCUT_DELAY_US": str(self._delay_us),
        }
        site = Site(self.home, settings=self._settings, workers=self._workers, env=env)
        bring_tables(self.home, site.env)
        subprocess.run(
            [sys.executable, "-c", FLUSH_ALL, str(self.home)],
            env={**os.environ, **env},
            check=True,
        )
        self._site = site
        site.__enter__()

    def cut(self, kept: random.Random | None = None) -> None:
        """Take the power away. The data folder is what the disk has kept.

        kept: decides which blocks of the database and its log were written although nothing waited
        for them; None: none.
        """
        old, shadow = self.home, self._place("shadow")
        self._kill()
        self._life += 1
        self.home = self._place("home")
        self.home.mkdir()
        for name in (shadow / "names").iterdir():
            bytes_of = shadow / "bytes" / name.read_text()
            if bytes_of.exists():
                place = self.home / name.name.replace("%", "/")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(bytes_of, place)
        if kept is not None:
            for file in (DATABASE, f"{DATABASE}-wal"):
                _keep_some(self.home / file, old / file, kept)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(old / LEDGER, self.home / LEDGER)
        shutil.rmtree(old)
        shutil.rmtree(shadow)

    def until_nothing_runs(self, within_s: float = 90) -> None:
        """Until each run is over or waits for a person."""

        def look() -> bool:
            sql = "SELECT COUNT(*) AS left FROM runs_run WHERE status IN ('queued', 'running')"
            return rows(self.site, sql)[0]["left"] == 0

        wait_for(look, "the end of all runs", within_s)

    def flushes(self) -> list[str]:
        """What was flushed since the start, by its name below the data folder."""
        try:
            lines = self._log().read_text().splitlines()
        except FileNotFoundError:
            return []
        return [os.path.relpath(line.split(" ", 2)[2], self.home) for line in lines]

    def log_flushes(self) -> int:
        """How often the database's log was flushed since the start, by SQLite's checkpoints too."""
        return self.flushes().count(f"{DATABASE}-wal")

    def _place(self, what: str) -> Path:
        return self._root / f"{what}-{self._life}"

    def _log(self) -> Path:
        return self._root / f"flushes-{self._life}"

    def _kill(self) -> None:
        site = self.site
        assert site.program is not None
        doomed = psutil.Process(site.program.process.pid).children(recursive=True)
        site.__exit__(None, None, None)
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        # A process that still copies what it has flushed would change the shadow.
        _, alive = psutil.wait_procs(doomed, timeout=WAIT_S)
        assert not alive, alive
        self._site = None
