"""The supervisor, over stand-in children: how it starts, keeps and stops processes."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from builder.ops.server.processes import ProcessBook
from scripts.ports import free_port
from tests.support.program import Program, pid_of
from tests.support.waiting import family, is_gone, promised, wait_for

WEB = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[2])), Page).serve_forever()
"""
WORKER = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *a: sys.exit(0))
print(sys.argv[1])
time.sleep(600)
"""
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("grandchild", child.pid)
time.sleep(600)
"""
BROKEN = "raise RuntimeError('no such thing as a worker')"
# Each child writes when it is told to stop, so that the order can be read afterwards.
TELLS = """
import signal, sys, time
def told(*_):
    open("told", "a").write(sys.argv[1].rpartition("-")[0] + "\\n"); sys.exit(0)
signal.signal(signal.SIGTERM, told)
print("up")
time.sleep(600)
"""

Start = Callable[..., Program]


@pytest.fixture
def start(home: Path, launch: Start) -> Start:
    def run(**children: str) -> Program:
        arguments = [f"{name.replace('_', '-')}={source}" for name, source in children.items()]
        command = [sys.executable, "-m", "tests.support.fakes.supervised"]
        return launch([*command, str(home), str(free_port()), *arguments])

    return run


def log_has(home: Path, name: str, text: str) -> None:
    path = home / "logs" / f"{name}.log"
    wait_for(lambda: path.exists() and text in path.read_text(), f"{text!r} in {path.name}")


def test_says_ready_once_the_web_process_answers(start: Start) -> None:
    program = start(web=WEB, worker_1=WORKER)
    program.line_with("ready")
    program.send(signal.SIGINT)
    assert program.wait() == 0
    assert program.lines.count("ready") == 1


def test_starts_a_killed_worker_again_and_hands_back_its_work(start: Start, home: Path) -> None:
    program = start(web=WEB, worker_1=WORKER)
    program.line_with("ready")
    log_has(home, "worker-1", "worker-1-")
    first_life = (home / "logs" / "worker-1.log").read_text().split()[0]
    killed = pid_of(home, "worker-1")
    psutil.Process(killed).kill()
    again = pid_of(home, "worker-1", other_than=killed)
    assert psutil.pid_exists(again)
    assert "killed by SIGKILL" in program.line_with("worker-1 crashed")
    assert (home / "released").read_text().split() == [first_life]
    lives = wait_for(
        lambda: len(words := (home / "logs" / "worker-1.log").read_text().split()) > 1 and words,
        "the second life",
    )
    assert lives[1] != first_life


def test_starts_a_killed_web_process_again(start: Start, home: Path) -> None:
    program = start(web=WEB)
    program.line_with("ready")
    killed = pid_of(home, "web")
    psutil.Process(killed).kill()
    assert pid_of(home, "web", other_than=killed)
    program.line_with("web crashed")


def test_never_gives_up_on_a_child_and_keeps_the_others_running(start: Start, home: Path) -> None:
    program = start(web=WEB, worker_1=BROKEN)
    program.line_with("ready")
    web = pid_of(home, "web")
    told = program.line_with("keeps crashing (exit code 1)")
    assert str(home / "logs" / "worker-1.log") in told
    assert "no such thing as a worker" in program.text()
    log = home / "logs" / "worker-1.log"
    wait_for(lambda: log.read_text().count("RuntimeError") >= 8, "three lives more")
    assert sum("crash" in line for line in program.lines) == 5
    assert not is_gone(web)
    assert pid_of(home, "web") == web
    (death,) = ProcessBook(home / "run").deaths()
    assert (death.name, death.reason) == ("worker-1", "exit code 1")
    program.send(signal.SIGINT)
    assert program.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_stops_workers_before_the_web_process(
    start: Start, home: Path, number: signal.Signals
) -> None:
    program = start(web=TELLS, worker_1=TELLS, worker_2=TELLS)
    for name in ("web", "worker-1", "worker-2"):
        log_has(home, name, "up")
    program.send(number)
    assert program.wait() == 0
    told = (home / "told").read_text().split()
    assert sorted(told[:2]) == ["worker-1", "worker-2"]
    assert told[2:] == ["web"]
    assert not list((home / "run").glob("*.pid"))


@pytest.mark.slow
def test_stops_within_five_seconds_though_a_worker_will_not(start: Start, home: Path) -> None:
    program = start(web=WEB, worker_1=STUBBORN)
    program.line_with("ready")
    log_has(home, "worker-1", "grandchild")
    grandchild = int((home / "logs" / "worker-1.log").read_text().split()[-1])
    worker = pid_of(home, "worker-1")
    with promised(5, of=family(program.process.pid)):
        program.send(signal.SIGINT)
        assert program.wait() == 0
    wait_for(lambda: not psutil.pid_exists(worker), "the worker's end")
    wait_for(lambda: is_gone(grandchild), "the end of what the worker started")
    # It was killed with work in hand, so that work is handed back.
    assert len((home / "released").read_text().split()) == 1


def test_hears_a_signal_that_comes_before_the_children_are_up(start: Start, home: Path) -> None:
    slow = "import time; time.sleep(600)"
    program = start(web=slow, worker_1=slow)
    pid_of(home, "worker-1")
    program.send(signal.SIGINT)
    assert program.wait() == 0
    assert "ready" not in program.lines


def test_refuses_to_start_twice_on_one_data_folder(start: Start) -> None:
    first = start(web=WEB)
    first.line_with("ready")
    second = start(web=WEB)
    assert second.wait() == 1
    assert len(second.lines) == 1
    assert f"process {first.process.pid}" in second.lines[0]


@pytest.mark.slow
def test_a_new_start_stops_the_children_of_a_killed_supervisor(start: Start, home: Path) -> None:
    first = start(web=WEB, worker_1=STUBBORN)
    first.line_with("ready")
    log_has(home, "worker-1", "grandchild")
    orphans = [pid_of(home, "web"), pid_of(home, "worker-1")]
    first.send(signal.SIGKILL)
    first.wait()
    assert all(psutil.pid_exists(pid) for pid in orphans)
    second = start(web=WEB, worker_1=WORKER)
    second.line_with("ready")
    assert all(is_gone(pid) for pid in orphans)


def test_leaves_a_outsider_alone_who_got_a_recorded_number(start: Start, home: Path) -> None:
    with Program([sys.executable, "-c", "import time; time.sleep(600)"]) as outsider:
        (home / "run").mkdir()
        (home / "run" / "web.pid").write_text(str(outsider.process.pid))
        entry = {"name": "web", "pid": outsider.process.pid, "started": 1.0, "incarnation": "web-0"}
        (home / "run" / "processes.json").write_text(json.dumps([entry]))
        start(web=WEB).line_with("ready")
        assert pid_of(home, "web") != outsider.process.pid
        assert not is_gone(outsider.process.pid)
