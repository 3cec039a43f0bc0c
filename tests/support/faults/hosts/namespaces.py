"""Machines as network namespaces: each has an address of its own and one link to a bridge.

The bridge is in a namespace too, so several networks of the same addresses run side by side. A
name tells which process made it: what a killed test left is removed by the next one.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psutil
import pytest

FOLDER = Path("/run/netns")
PREFIX = "rg"
SUBNET = "10.93.0"
BRIDGE = "bridge"
_NEW_NET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)


@contextlib.contextmanager
def inside(namespace: str) -> Iterator[None]:
    """This thread's new sockets and the processes it starts belong to that namespace."""
    with open("/proc/thread-self/ns/net") as own, (FOLDER / namespace).open() as other:
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, _NEW_NET):
        problem = ctypes.get_errno()
        raise OSError(problem, os.strerror(problem))


def require() -> None:
    """Skip the test where no namespaces can be made. In CI that is a failure."""
    if os.getuid():
        pytest.skip("Only root may make network namespaces.")
    if shutil.which("ip") is None:
        pytest.skip("`ip` (iproute2) is not installed.")
    probe = f"{_own_prefix()}-{next(_numbers)}-probe"
    try:
        _ip("netns", "add", probe)
        _ip("-n", probe, "link", "add", BRIDGE, "type", "bridge")
        _ip("-n", probe, "link", "add", "one", "type", "veth", "peer", "name", "other")
    except subprocess.CalledProcessError as problem:
        pytest.skip(f"This kernel makes no namespaces, bridges or links: {problem.stderr}")
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("netns", "del", probe)


class Network:
    """`with Network() as network:` has no machines yet; `network.add("web-1")` makes one.

    Addresses are handed out in order, from 10.93.0.1.
    """

    def __init__(self) -> None:
        self._name = f"{_own_prefix()}-{next(_numbers)}"
        self._hub = f"{self._name}-hub"
        self.addresses: dict[str, str] = {}

    def __enter__(self) -> Network:
        remove_stale()
        _ip("netns", "add", self._hub)
        _ip("-n", self._hub, "link", "add", BRIDGE, "type", "bridge")
        _ip("-n", self._hub, "link", "set", BRIDGE, "up")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in [self.namespace(host) for host in self.addresses] + [self._hub]:
            _remove(name)

    def namespace(self, host: str) -> str:
        return f"{self._name}-{host}"

    def add(self, host: str) -> str:
        """A machine with this name, of at most 15 characters. Returns its address."""
        namespace = self.namespace(host)
        address = f"{SUBNET}.{len(self.addresses) + 1}"
        self.addresses[host] = address
        _ip("netns", "add", namespace)
        link = ("link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        _ip("-n", self._hub, *link)
        _ip("-n", self._hub, "link", "set", host, "master", BRIDGE, "up")
        _ip("-n", namespace, "link", "set", "lo", "up")
        _ip("-n", namespace, "link", "set", "eth0", "up")
        _ip("-n", namespace, "addr", "add", f"{address}/24", "dev", "eth0")
        return address

    def cut(self, host: str) -> None:
        """From now on its packets are dropped, and it is told nothing."""
        _ip("-n", self._hub, "link", "set", host, "nomaster")

    def join(self, host: str) -> None:
        """Undo `cut`."""
        _ip("-n", self._hub, "link", "set", host, "master", BRIDGE)

    def processes(self, host: str) -> list[int]:
        """Process ids of all that runs on it."""
        return _processes(self.namespace(host))


def remove_stale() -> None:
    """Remove the namespaces of processes that are gone, with what still runs in them."""
    for path in FOLDER.glob(f"{PREFIX}-*") if FOLDER.exists() else ():
        _, pid, began, *_rest = path.name.split("-")
        if not _lives(int(pid), int(began)):
            _remove(path.name)


def _own_prefix() -> str:
    return f"{PREFIX}-{os.getpid()}-{_began(os.getpid())}"


def _began(pid: int) -> int:
    """When a process began, in seconds since 1970: a number alone may name another one by now."""
    return int(psutil.Process(pid).create_time())


def _lives(pid: int, began: int) -> bool:
    try:
        # A reading may differ by a second when the clock was set in between.
        return abs(_began(pid) - began) <= 1
    except psutil.NoSuchProcess:
        return False


def _processes(namespace: str) -> list[int]:
    return [int(pid) for pid in _ip("netns", "pids", namespace).split()]


def _remove(namespace: str) -> None:
    # Another test may sweep at the same time.
    with contextlib.suppress(subprocess.CalledProcessError):
        for pid in _processes(namespace):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _ip("netns", "del", namespace)


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
    return done.stdout
