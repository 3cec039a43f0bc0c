"""Three machines with workers and two with web processes: faults by seed lose and double nothing.

Procrastinate's tables are emptied among them, also with PgBouncer before Postgres. The machines are
network namespaces (tests/support/faults/hosts). More of the same is done by hand:
`python -m tests.support.faults.hosts.campaign --help`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.faults.hosts import namespaces, storm
from tests.support.faults.hosts.campaign import weathered
from tests.support.faults.hosts.machines import Cluster
from tests.support.faults.hosts.pooler import PooledCluster
from tests.support.program import ROOT
from tests.support.waiting import WAIT_S, wait_for

pytestmark = pytest.mark.slow
FAULTS = 16
# As often as kills of workers.
EMPTIED = 6
# Longer than a lease.
LONGEST_S = 9.0


@pytest.fixture(autouse=True, scope="module")
def _namespaces() -> None:
    namespaces.require()


@pytest.mark.parametrize(
    ("machines", "seed"),
    [
        (Cluster, 1),
        (PooledCluster, 6),
        pytest.param(Cluster, 2, marks=pytest.mark.thorough),
    ],
)
def test_faults_lose_double_and_repay_nothing(
    tmp_path: Path, machines: type[Cluster], seed: int
) -> None:
    with machines(tmp_path) as cluster:
        cluster.start()
        weights = {**storm.WEIGHTS, "empty Procrastinate": EMPTIED}
        outcome = weathered(cluster, seed, faults=FAULTS, longest_s=LONGEST_S, weights=weights)
        assert outcome.count >= FAULTS - 3
        assert outcome.faults["empty Procrastinate"]
        assert outcome.runs >= 10
        assert not outcome.wrong()


def test_a_killed_test_leaves_no_machines(tmp_path: Path) -> None:
    program = """
import subprocess, sys, time
from tests.support.faults.hosts.namespaces import Network, inside
with Network() as network:
    network.add("one")
    with inside(network.namespace("one")):
        sleeper = subprocess.Popen(["sleep", "600"])
    print(network.namespace("one"), sleeper.pid, flush=True)
    time.sleep(600)
"""
    killed = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert killed.stdout is not None
    name, pid = killed.stdout.readline().split()
    assert (namespaces.FOLDER / name).exists()
    namespaces.remove_stale()
    assert (namespaces.FOLDER / name).exists(), "its test still runs"
    os.kill(killed.pid, signal.SIGKILL)
    # Not `communicate`: its process still has the other end.
    killed.wait(WAIT_S)
    killed.stdout.close()
    namespaces.remove_stale()
    assert not (namespaces.FOLDER / name).exists()
    wait_for(lambda: not psutil.pid_exists(int(pid)) or _is_over(int(pid)), "its process ends")


def _is_over(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
