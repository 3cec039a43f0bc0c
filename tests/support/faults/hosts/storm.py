"""Faults by seed: what is done to which machine, when and for how long.

The same seed gives the same plan. What a fault meets there is chance, as it is in life.
"""

from __future__ import annotations

import heapq
import itertools
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tests.support.faults.hosts.machines import Cluster
from tests.support.waiting import Late, wait_for

Kind = Literal[
    "kill a worker",
    "kill a web process",
    "kill a supervisor",
    "stop a worker",
    "stop a web process",
    "cut a link",
    "reset connections",
    "refuse connections",
    "forget connections",
    "lose a machine",
    "restart Postgres",
    "empty Procrastinate",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
# How often each comes: kills most often, as most of our promises are about them.
WEIGHTS: dict[Kind, int] = {
    "kill a worker": 6,
    "kill a web process": 2,
    "kill a supervisor": 1,
    "stop a worker": 4,
    "stop a web process": 1,
    "cut a link": 3,
    "reset connections": 3,
    "refuse connections": 2,
    "forget connections": 2,
    "lose a machine": 2,
    "restart Postgres": 2,
    "empty Procrastinate": 0,
}
# Between two faults, in seconds.
LEAST_GAP_S, LONGEST_GAP_S = 0.8, 2.5
_LASTS: frozenset[Kind] = frozenset(
    {
        "stop a worker",
        "stop a web process",
        "cut a link",
        "refuse connections",
        "forget connections",
        "lose a machine",
    }
)


@dataclass(frozen=True)
class Fault:
    """kind: what is done to the machine, `gap_s` after the fault before, for `seconds`.

    program: of the machine, where the fault is about one.
    """

    gap_s: float
    kind: Kind
    machine: str = ""
    program: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        lasts = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"+{self.gap_s:.1f} s {self.kind} {self.machine} {self.program}{lasts}"


def planned(
    seed: int,
    count: int,
    *,
    webs: Sequence[str],
    workers: Sequence[tuple[str, str]],
    longest_s: float,
    weights: dict[Kind, int] | None = None,
) -> list[Fault]:
    """So many faults. workers: (machine, program) of each. longest_s: of a fault that lasts."""
    chance = random.Random(seed)
    often = {**WEIGHTS, **(weights or {})}
    faults: list[Fault] = []
    left: list[Kind] = []
    while len(faults) < count:
        # Drawn without putting back, so that a short plan has many kinds, too.
        left = left or _shuffled(chance, often)
        kind = left.pop()
        gap_s = chance.uniform(LEAST_GAP_S, LONGEST_GAP_S)
        # Short ones are as telling as long ones, and more of them fit in.
        seconds = chance.uniform(1, longest_s) ** chance.choice((0.5, 1.0))
        machine, program = chance.choice(workers)
        web = chance.choice(webs)
        if kind in ("kill a web process", "stop a web process"):
            machine, program = web, "web"
        elif kind == "kill a supervisor":
            machine, program = web, "serve"
        elif kind not in ("kill a worker", "stop a worker"):
            machine, program = chance.choice((machine, machine, web)), ""
        if kind in ("restart Postgres", "empty Procrastinate"):
            machine = ""
        seconds = round(seconds, 1) if kind in _LASTS else 0.0
        faults.append(Fault(round(gap_s, 1), kind, machine, program, seconds))
    return faults


def _shuffled(chance: random.Random, often: dict[Kind, int]) -> list[Kind]:
    kinds = [kind for kind in KINDS for _ in range(often[kind])]
    chance.shuffle(kinds)
    return kinds


class Storm:
    """Carries out a plan. done: how many faults of each kind met what they were meant for."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.done: Counter[str] = Counter()
        self.missed: list[Fault] = []
        self._undo: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        # Machines with a fault that lasts: the next one waits for its end.
        self._busy: dict[str, float] = {}

    def strike(self, faults: Sequence[Fault]) -> None:
        """Do all of them. Returns when the last one is undone."""
        try:
            for fault in faults:
                self._pass(time.monotonic() + fault.gap_s)
                self._pass(self._busy.get(fault.machine, 0.0))
                if self._do(fault):
                    self.done[fault.kind] += 1
                else:
                    self.missed.append(fault)
        finally:
            while self._undo:
                self._pass(self._undo[0][0])
        # A machine that lost its power comes back by itself.
        self._pass(max(self._busy.values(), default=0.0))

    def _pass(self, until: float) -> None:
        """Let time pass, undoing what is due."""
        while True:
            now = time.monotonic()
            if self._undo and self._undo[0][0] <= now:
                heapq.heappop(self._undo)[2]()
            elif now >= until:
                return
            else:
                due = min(until, self._undo[0][0]) if self._undo else until
                time.sleep(max(0.0, due - now))

    def _later(self, fault: Fault, undo: Callable[[], object]) -> None:
        end = time.monotonic() + fault.seconds
        self._busy[fault.machine] = max(end, self._busy.get(fault.machine, 0.0))
        heapq.heappush(self._undo, (end, next(self._numbers), undo))

    def _do(self, fault: Fault) -> bool:
        """Whether there was anything to strike."""
        cluster = self._cluster
        if fault.kind == "restart Postgres":
            cluster.restart_database()
            return True
        if fault.kind == "empty Procrastinate":
            return cluster.empty_procrastinate()
        machine = cluster.machines[fault.machine]
        if fault.kind.startswith(("kill", "stop")):
            return self._signal(fault)
        if fault.kind == "reset connections":
            return cluster.relay.reset(machine.address) > 0
        if fault.kind == "refuse connections":
            self._later(fault, lambda: cluster.relay.accept(machine.address))
            cluster.relay.refuse(machine.address)
            return True
        if fault.kind == "lose a machine":
            self._busy[fault.machine] = time.monotonic() + fault.seconds + 2
            machine.die(fault.seconds)
            return True
        cluster.network.cut(machine.name)
        self._later(fault, lambda: cluster.network.join(machine.name))
        if fault.kind == "forget connections":
            # The resets are lost: the machine believes that it is connected.
            cluster.relay.reset(machine.address)
        return True

    def _signal(self, fault: Fault) -> bool:
        machine = self._cluster.machines[fault.machine]
        number = signal.SIGKILL if fault.kind.startswith("kill") else signal.SIGSTOP
        try:
            # It may just be on its way up again.
            wait_for(lambda: machine.pid(fault.program), f"{fault.program} lives")
        except Late:
            return False
        pid = machine.signal(fault.program, number)
        if pid is not None and number == signal.SIGSTOP:
            self._later(fault, lambda: machine.wake(pid))
        return pid is not None
