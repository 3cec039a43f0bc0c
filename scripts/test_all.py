"""`make test-all`: every test that `make test` leaves out, and the database's on Postgres.

Two lanes run at once. One computes: the browser, the slow tests, Postgres. The storms mostly wait,
and promise to react within seconds, so they go first where both want a core. All parts run even if
one fails; the last lines say which did, and how much processor time the machine spent.

`make test-all TURN=3` leaves out the studio's renders and the long forms whose turn is another
(see tests/support/tiers.py). CI runs the turn of tests/turn.txt.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import test_postgres
from bootstrap import ROOT, ensure_or_exit
from suite import INTERRUPTED, run_tests

import frontend

BROWSER, STORMS = "tests/e2e", "tests/storms"
# The storms' processes; each waits more than it computes.
STORMS_AT_ONCE = "3"
# Leaves the cores to the storms where both want them.
NICE = 5


@dataclass
class Part:
    """Tests that one process of this script runs. arguments: pytest's."""

    name: str
    arguments: tuple[str, ...]
    on_postgres: bool = False
    code: int = 0
    minutes: float = 0.0


COMPUTING = (
    # Apart from the others: the product and the browser are started once for each process.
    Part("the product in a browser", ("-m", "slow", BROWSER)),
    Part("slow tests", ("-m", "slow", f"--ignore={BROWSER}", f"--ignore={STORMS}")),
    Part("Postgres", (), on_postgres=True),
)
WAITING = (Part("storms", ("-m", "slow", STORMS, "-n", STORMS_AT_ONCE)),)


def run_part(part: Part) -> int:
    if part.on_postgres:
        return test_postgres.run_parts(test_postgres.PARTS)
    return run_tests(list(part.arguments))


class Lane(threading.Thread):
    """Runs its parts one after another, each in a process of its own.

    log: a file for what they print; None prints it at once. nice: added to their niceness.
    """

    def __init__(self, parts: tuple[Part, ...], *, log: Path | None = None, nice: int = 0) -> None:
        super().__init__()
        self.parts, self.log, self.nice = parts, log, nice

    def run(self) -> None:
        for part in self.parts:
            print(f"— {part.name}", flush=True)
            started = time.monotonic()
            command = ["nice", "-n", str(self.nice), sys.executable, __file__, part.name]
            if self.log is None:
                part.code = subprocess.run(command, cwd=ROOT).returncode
            else:
                with self.log.open("ab") as file:
                    done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file)
                    part.code = done.returncode
            part.minutes = (time.monotonic() - started) / 60


def machine_cpu_s() -> float:
    """Processor seconds this machine has spent since it started; 0 where that is unknown."""
    try:
        line = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return 0.0
    user, nice, system = (int(number) for number in line.split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    for part in (*COMPUTING, *WAITING):
        if sys.argv[1:] == [part.name]:
            return run_part(part)
    turn = os.environ.get("TURN", "")
    if turn:
        os.environ["REELGRAPH_TURN"] = turn
        print(f"Turn {turn} of the renders and long forms", flush=True)
    # Once, before two lanes need them.
    ensure_or_exit("runtime", "dev")
    frontend.ensure_or_exit()
    spent = machine_cpu_s()
    with tempfile.TemporaryDirectory(prefix="rg-") as folder:
        log = Path(folder) / "storms.log"
        lanes = [Lane(COMPUTING, nice=NICE), Lane(WAITING, log=log)]
        for lane in lanes:
            lane.start()
        try:
            for lane in lanes:
                lane.join()
        except KeyboardInterrupt:
            return INTERRUPTED
        print("— storms: what they printed", flush=True)
        print(log.read_text(errors="replace"), flush=True)
    for part in (*COMPUTING, *WAITING):
        result = "passed" if part.code == 0 else "FAILED"
        print(f"{part.name}: {result} in {part.minutes:.1f} min")
    print(f"Processor time of this machine meanwhile: {machine_cpu_s() - spent:.0f} s")
    return 1 if any(part.code for part in (*COMPUTING, *WAITING)) else 0


if __name__ == "__main__":
    sys.exit(main())
