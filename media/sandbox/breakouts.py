"""Things that a media job must not be able to do, each tried for real. `manage.py doctor` runs
these.

`planted` makes what there is to find: a secret file, a process with a variable, listeners.
`survey`, which runs as a job, then tries every way to it, and whether what jobs need still works.
Where nothing confines the job, no attempt harms the machine: what succeeds is undone.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from media.sandbox import syscalls

Attempts = dict[str, Callable[[], object]]
FUNCTION = "media.sandbox.breakouts.survey"
SECRET = "planted"  # noqa: S105 - there to be found
# Parts of the names of variables that hold secrets, ours and those of services.
SECRET_NAMES = re.compile(r"^REELGRAPH|DATABASE|KEY|SECRET|TOKEN|PASSW|CREDENTIAL")
PTRACE_ATTACH = 16
CLONE_NEWUSER = 0x10000000
KEYCTL_GET_KEYRING_ID, SESSION_KEYRING = 0, -3
AF_NETLINK = 16
MOST_DESCRIPTORS = 1000
# Beyond every limit that is set for a job.
TOO_MUCH = 8 << 30

_libc = ctypes.CDLL(None, use_errno=True)


# -- what there is to find ------------------------------------------------------------------------


@contextlib.contextmanager
def planted(folder: Path) -> Iterator[dict[str, Any]]:
    """Make the targets below `folder`; answers the arguments for `survey`.

    Its input is at ["input"], its own folder at ["out"]. Everything is gone afterwards.
    """
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        # The address of a UNIX socket is at most 107 bytes long.
        short = stack.enter_context(tempfile.TemporaryDirectory())
        tcp = stack.enter_context(socket.socket())
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(f"{short}/listener")
        unix.listen()
        Path(short).chmod(0o755)
        Path(short, "listener").chmod(0o777)
        targets = {
            "secret": str(home / "secret"),
            "input": str(home / "input"),
            "out": str(home / "job"),
            "process": stack.enter_context(_process()),
            "port": tcp.getsockname()[1],
            "unix": f"{short}/listener",
        }
        if sys.platform == "linux":
            abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
            abstract.bind("\0" + home.name)
            abstract.listen()
            targets["abstract"] = home.name
        for name in ("secret", "secret.victim", "secret.moved", "input"):
            (home / name).write_text(SECRET)
        (home / "secret").chmod(0o600)
        (home / "job").mkdir()
        yield targets


@contextlib.contextmanager
def _process() -> Iterator[int]:
    """Another process of the same user, with a secret in its environment."""
    program = [sys.executable, "-I", "-S", "-c", "import time; print(flush=True); time.sleep(60)"]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        program, env={"PATH": os.defpath, "SECRET": SECRET}, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - for the types
            process.stdout.readline()  # it has started
            yield process.pid
        finally:
            process.kill()


# -- the job --------------------------------------------------------------------------------------


def survey(
    arguments: dict[str, Any], report: Callable[[float, str], None] | None = None
) -> dict[str, Any]:
    """Try everything. Returns open, the names of attempts that succeeded; broken, what jobs need
    and did not get; and tried, how many attempts there were."""
    attempts = all_attempts(arguments)
    successes = [name for name, attempt in attempts.items() if _succeeds(attempt)]
    broken = []
    for name, need in needs(arguments).items():
        try:
            need()
        except Exception as error:
            broken.append(f"{name}: {error}")
    return {"open": successes, "broken": broken, "tried": len(attempts)}


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError, subprocess.SubprocessError):
        return False
    return True


def needs(targets: dict[str, Any]) -> Attempts:
    """Return what must still work in a job."""
    return {
        "read the input": lambda: Path(targets["input"]).read_text(),
        "work in the job's folder": _work_in_the_folder,
        "threads": _run_a_thread,
        "late imports": lambda: __import__("xml.dom.minidom"),
        "randomness": lambda: os.urandom(8),
    }


def _work_in_the_folder() -> None:
    Path("written").write_text("x")
    os.rename("written", "renamed")
    os.mkdir("folder")
    os.rename("folder", "other")
    os.unlink("renamed")
    os.rmdir("other")


def _run_a_thread() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


# -- the attempts ---------------------------------------------------------------------------------


def all_attempts(targets: dict[str, Any]) -> Attempts:
    """Name → a function that raises OSError or MemoryError when it is refused."""
    attempts = {**_files(targets["secret"]), **_network(targets), **_limits()}
    if sys.platform == "linux":
        attempts |= _linux_network(targets) | _other_process(targets["process"]) | _memory()
        if platform.machine() in syscalls.MACHINES:
            attempts |= _kernel()
    # Those after which nothing is as before come last.
    return attempts | _processes() | {"kernel: become another user": _become_another_user}


def _files(secret: str) -> Attempts:
    victim = secret + ".victim"
    attempts: Attempts = {
        "files: read a secret": lambda: Path(secret).read_text(),
        "files: list the data folder": lambda: os.listdir(os.path.dirname(secret)),
        "files: write beside it": lambda: Path(secret + ".new").write_text("x"),
        "files: overwrite": lambda: _overwrite(victim),
        "files: truncate": lambda: os.truncate(victim, 0),
        "files: truncate by reading": lambda: os.close(os.open(victim, os.O_TRUNC)),
        "files: delete": lambda: os.unlink(victim),
        "files: rename into the job's folder": lambda: os.rename(secret + ".moved", "moved"),
        "files: link into the job's folder": lambda: os.link(secret, "linked"),
        "files: change a mode": lambda: os.chmod(secret, 0o600),
        "files: set times": lambda: os.utime(secret, (1, 1)),
        "files: read /etc/passwd": lambda: Path("/etc/passwd").read_text(),
    }
    if sys.platform == "linux":
        attempts |= {
            "files: symbolic link for others to follow": lambda: os.symlink(secret, "symlink"),
            "files: named pipe in the job's folder": lambda: os.mkfifo("pipe"),
            "files: set an attribute": lambda: os.setxattr(secret, "user.x", b"x"),
            "files: write to shared memory": _write_shared_memory,
        }
    return attempts


def _overwrite(path: str) -> None:
    with open(path, "r+") as file:
        file.write("x")


def _write_shared_memory() -> None:
    path = Path(f"/dev/shm/reelgraph-breakout-{os.getpid()}")  # noqa: S108 - the name is ours
    path.write_text("x")
    path.unlink()


def _other_process(pid: int) -> Attempts:
    attempts: Attempts = {
        "process: read an environment": lambda: Path(f"/proc/{pid}/environ").read_bytes(),
        "process: open its memory": lambda: os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR)),
        "process: list its open files": lambda: os.listdir(f"/proc/{pid}/fd"),
        "process: send a signal": lambda: os.kill(pid, 0),
        "process: send SIGIO": lambda: fcntl.fcntl(0, fcntl.F_SETOWN, pid),
        "process: lower its limits": lambda: resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0)),
        "process: lower its priority": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
    }
    if platform.machine() in syscalls.MACHINES:
        attempts |= {
            "process: trace it": lambda: _call("ptrace", PTRACE_ATTACH, pid, 0, 0),
            "process: read its memory": lambda: _read_memory(pid),
            "process: hold it by a descriptor": lambda: os.close(_call("pidfd_open", pid, 0)),
        }
    return attempts


def _read_memory(pid: int) -> None:
    here = ctypes.create_string_buffer(8)
    local = struct.pack("<QQ", ctypes.addressof(here), 8)
    remote = struct.pack("<QQ", 1, 8)
    try:
        _call("process_vm_readv", pid, local, 1, remote, 1, 0)
    except OSError as error:
        if error.errno != errno.EFAULT:  # then the kernel did look there
            raise


def _network(targets: dict[str, Any]) -> Attempts:
    local = ("127.0.0.1", targets["port"])
    return {
        "network: TCP": lambda: _connect(socket.AF_INET, socket.SOCK_STREAM, local),
        "network: UDP": lambda: _connect(socket.AF_INET, socket.SOCK_DGRAM, local),
        "network: IPv6": lambda: socket.socket(socket.AF_INET6).close(),
        "network: UNIX socket": lambda: _connect(
            socket.AF_UNIX, socket.SOCK_STREAM, targets["unix"]
        ),
        "network: pair of sockets": _make_a_pair,
    }


def _linux_network(targets: dict[str, Any]) -> Attempts:
    abstract = "\0" + targets["abstract"]
    return {
        "network: netlink": lambda: socket.socket(AF_NETLINK, socket.SOCK_RAW).close(),
        "network: abstract UNIX socket": lambda: _connect(
            socket.AF_UNIX, socket.SOCK_STREAM, abstract
        ),
    }


def _make_a_pair() -> None:
    for end in socket.socketpair():
        end.close()


def _connect(family: int, kind: int, address: Any) -> None:
    with socket.socket(family, kind) as line:
        line.connect(address)
        if kind == socket.SOCK_DGRAM:
            line.send(b"x")


def _limits() -> Attempts:
    return {
        "limits: memory": lambda: bytearray(TOO_MUCH),
        "limits: one large file": _write_a_large_file,
        "limits: open files": _open_many,
        "environment: a secret": _find_a_variable,
    }


def _write_a_large_file() -> None:
    with open("large", "wb") as file:
        file.seek(TOO_MUCH)
        file.write(b"x")  # a hole before it: it takes no room
    os.unlink("large")


def _open_many() -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_DESCRIPTORS):
            stack.callback(os.close, os.dup(0))


def _find_a_variable() -> None:
    if not any(SECRET_NAMES.search(name) for name in os.environ):
        raise PermissionError("There is none.")


def _memory() -> Attempts:
    attempts: Attempts = {"memory: memfd": lambda: os.close(os.memfd_create("x"))}
    if platform.machine() in syscalls.MACHINES:
        attempts |= {
            "memory: shared segment": _make_a_segment,
            "memory: message queue": _make_a_queue,
        }
    return attempts


def _make_a_segment() -> None:
    private, create_0600, remove = 0, 0o1600, 0
    _call("shmctl", _call("shmget", private, 1 << 20, create_0600), remove, 0)


def _make_a_queue() -> None:
    name = f"reelgraph-breakout-{os.getpid()}".encode()
    os.close(_call("mq_open", name, os.O_RDWR | os.O_CREAT, 0o600, 0))
    _call("mq_unlink", name)


def _kernel() -> Attempts:
    return {
        "kernel: io_uring": lambda: os.close(
            _call("io_uring_setup", 1, ctypes.create_string_buffer(120))
        ),
        "kernel: mount": _mount,
        "kernel: BPF": lambda: _call("bpf", 0, ctypes.create_string_buffer(_empty_map(), 72), 72),
        "kernel: performance counters": lambda: os.close(
            _call("perf_event_open", ctypes.create_string_buffer(128), 0, -1, -1, 0)
        ),
        "kernel: userfaultfd": lambda: os.close(_call("userfaultfd", 1)),
        "kernel: keyring": lambda: _call("keyctl", KEYCTL_GET_KEYRING_ID, SESSION_KEYRING, 1),
        "kernel: user namespace": lambda: _call("unshare", CLONE_NEWUSER),
    }


def _mount() -> None:
    os.makedirs("mounted", exist_ok=True)
    _call("mount", b"none", b"mounted", b"tmpfs", 0, 0)
    _call("umount2", b"mounted", 0)


def _empty_map() -> bytes:
    array, key_bytes, value_bytes, entries = 2, 4, 4, 1
    return struct.pack("<IIII", array, key_bytes, value_bytes, entries)


def _processes() -> Attempts:
    return {
        "process: fork": _fork,
        "process: start a program": lambda: subprocess.run(["/bin/true"], check=True),
        "process: start a program by vfork": lambda: os.waitpid(
            os.posix_spawn("/bin/true", ["true"], {}), 0
        ),
    }


def _fork() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def _become_another_user() -> None:
    if os.getuid() == 65534:
        raise PermissionError("It is that user already.")
    os.setresuid(65534, 65534, 65534)


def _call(name: str, *arguments: Any) -> int:
    """A system call by number. Raises OSError."""
    number = syscalls.ATTEMPTED[name][syscalls.MACHINES[platform.machine()]]
    values = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    answer = int(_libc.syscall(ctypes.c_long(number or 0), *values))
    if answer < 0:
        raise OSError(ctypes.get_errno(), name)
    return answer
