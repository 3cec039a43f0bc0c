"""Web processes and workers are forked from one process, and do without it when it dies."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.builders.running import chain
from tests.support.program import pid_of
from tests.support.server import Site, finished, snapshot, start
from tests.support.waiting import WAIT_S, wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="Processes are forked on Linux alone."),
]
PRELOADED = "reelgraph: preloaded"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("forked")
    with Site(home, workers=1, settings="tests.support.settings.spare", is_forked=False) as running:
        yield running


def supervisor_of(site: Site) -> psutil.Process:
    assert site.program is not None
    return psutil.Process(site.program.process.pid)


def preloaded_of(site: Site) -> psutil.Process | None:
    children = supervisor_of(site).children()
    return next((child for child in children if PRELOADED in words(child)), None)


def words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()).strip()
    except psutil.Error:
        return ""


def kill(site: Site, name: str) -> int:
    """Kill a process of the site; the process id of its next life."""
    pid = site.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid_of(site.home, name, other_than=pid)


def runs_a_step(site: Site) -> bool:
    with site.client(site.key("alice")) as client:
        run = start(client, {"input": {"steps": chain("sleep", 1, seconds=0)}})
        return bool(finished(client, run["id"])["status"] == "completed")


def test_each_is_the_supervisors_child_under_its_own_name(site: Site) -> None:
    names = {child.pid: words(child) for child in supervisor_of(site).children()}
    assert "manage.py worker --name worker-1-" in names[site.workers()[0]]
    assert "core.server" in names[site.webs()[0]]
    assert PRELOADED in names.values()
    assert runs_a_step(site)


def test_what_a_forked_process_used_is_collected(site: Site) -> None:
    web = psutil.Process(site.webs()[0])
    with site.client(site.key("alice")) as client:
        run = start(client, {"input": {"steps": chain("noop", 12)}})

        def memory_mb() -> float:
            for _ in range(40):
                snapshot(client, run["id"])
            return float(web.memory_full_info().uss / 1e6)

        finished(client, run["id"])
        before, after = memory_mb(), memory_mb()
        # Without collections it grows by 7 MB.
        assert after < before + 4


@pytest.mark.parametrize("name", ["worker-1", "web"])
def test_a_killed_process_is_forked_again(site: Site, name: str) -> None:
    again = psutil.Process(kill(site, name))
    assert again.ppid() == supervisor_of(site).pid
    assert runs_a_step(site)


def test_what_dead_processes_leave_behind_is_collected(site: Site) -> None:
    worker = psutil.Process(site.workers()[0])
    wait_for(worker.children, "a sandbox child of the worker")
    kill(site, "worker-1")

    def zombies() -> list[psutil.Process]:
        processes = supervisor_of(site).children()
        return [one for one in processes if one.status() == psutil.STATUS_ZOMBIE]

    wait_for(lambda: not zombies(), "an end of what the worker left behind")


def test_processes_start_by_themselves_when_the_preloaded_one_has_died(site: Site) -> None:
    preloaded = preloaded_of(site)
    assert preloaded is not None
    preloaded.kill()
    again = psutil.Process(kill(site, "worker-1"))
    assert again.ppid() == supervisor_of(site).pid
    kill(site, "web")
    assert runs_a_step(site)
    assert preloaded_of(site) is None
    assert site.program is not None
    site.program.send(signal.SIGINT)
    assert site.program.wait() == 0
    assert not psutil.pid_exists(again.pid)


def test_the_preloaded_process_ends_with_a_killed_supervisor(tmp_path: Path) -> None:
    with Site(tmp_path, workers=0, is_forked=False) as site:
        preloaded = preloaded_of(site)
        assert preloaded is not None
        supervisor_of(site).kill()
        preloaded.wait(WAIT_S)


def test_a_setting_turns_forking_off(tmp_path: Path) -> None:
    with Site(tmp_path, workers=1, env={"REELGRAPH_FORK": "0"}) as site:
        assert preloaded_of(site) is None
        assert runs_a_step(site)
