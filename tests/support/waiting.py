"""Waiting for something to become true, and promises by the clock.

A wait that promises nothing has WAIT_S: on a busy machine a shorter one says nothing about the
product. What is promised ("within five seconds") is tested by `promised`, which takes off the time
that the machine was busy with other work.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")
WAIT_S = 60.0
# How often the time without a CPU is read while a promise is measured.
EVERY_S = 0.1


class Late(AssertionError):
    """Something did not come in time."""


def wait_for(look: Callable[[], T], what: str, within_s: float = WAIT_S) -> T:
    """Return the first truthy answer of `look`. Raises Late, naming `what`, when time is up.

    within_s: instead of WAIT_S, where what is waited for takes longer.
    """
    end = time.monotonic() + within_s
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Late(f"{what} did not happen within {within_s:.0f} s")
        time.sleep(0.02)


@contextmanager
def promised(within_s: float, *, of: Iterable[int] = ()) -> Iterator[None]:
    """Hold a block to a promise by the clock: `with promised(5, of=family(site_pid)): …`.

    The time in which this process and those of `of` were ready to run, and the CPUs were at other
    work, is taken off. Processes that the block starts are not known; wait inside with `wait_for`,
    which has 60 s, so that a broken promise is measured. Raises Late.
    """
    pids = {os.getpid(), *of}
    before, began = queued_s(pids), time.monotonic()
    latest, is_over = dict(before), threading.Event()

    def read_on() -> None:
        # A process that ends in the block takes its figures with it.
        while not is_over.wait(EVERY_S):
            latest.update(queued_s(pids))

    reader = threading.Thread(target=read_on, name="time without a CPU", daemon=True)
    reader.start()
    try:
        yield
    finally:
        took_s = time.monotonic() - began
        is_over.set()
        reader.join()
    latest.update(queued_s(pids))
    queued = queued_since(before, latest)
    if took_s - queued > within_s:
        raise Late(
            f"it took {took_s:.2f} s, of which {queued:.2f} s without a CPU;"
            f" {within_s:.2f} s are promised"
        )


def family(pid: int) -> set[int]:
    """Return a process and all that are below it now; empty when it has ended."""
    try:
        process = psutil.Process(pid)
        return {pid, *(child.pid for child in process.children(recursive=True))}
    except psutil.NoSuchProcess:
        return set()


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, also when no one has asked yet how."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def queued_s(pids: Iterable[int]) -> dict[str, float]:
    """Return how long each thread of these processes was ready to run while the CPUs were at other
    work, in seconds, by its folder in `/proc`; nothing on a system that doesn't tell."""
    seconds = {}
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*"):
            try:
                seconds[str(thread)] = int((thread / "schedstat").read_text().split()[1]) / 1e9
            except OSError:
                # It has ended.
                continue
    return seconds


def queued_since(before: dict[str, float], after: dict[str, float]) -> float:
    """Sum the seconds without a CPU between two readings, of all threads of the later one."""
    return sum(seconds - before.get(thread, 0.0) for thread, seconds in after.items())
