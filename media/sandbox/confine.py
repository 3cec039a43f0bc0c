"""Confine this process for good: Landlock for files, seccomp for every other way out.

The child calls `confine` after it has read its job's line and before it opens anything of the job.
Both are Linux features that need no privilege, and both are called through ctypes: two tables and
six calls are less than a package. Where the kernel lacks one, `Confinement.missing` says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import enum
import errno
import os
import platform
import struct
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from media.sandbox import syscalls
from mediakit.typefaces import FOLDERS as TYPEFACE_FOLDERS

CODE_ROOT = Path(__file__).resolve().parents[2]
# Never the checkout itself: by default the data folder lies in it.
CODE_FOLDERS = ("core", "media", "mediakit", "studio", "static/fonts")
SYSTEM_PATHS = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/dev/null",
    "/dev/urandom",
    "/sys/devices/system/cpu",
)

PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
LINUX_CAPABILITY_VERSION_3 = 0x20080522
MOST_CAPABILITIES = 64


@dataclass(frozen=True, slots=True)
class Confinement:
    """The limits that hold for a confined process; an empty text is a part that does not hold.

    files: `landlock` and its version. calls: `seccomp`. privileges: `none`.
    """

    files: str = ""
    calls: str = ""
    privileges: str = ""

    def missing(self) -> tuple[str, ...]:
        """Return what does not hold, as phrases for an operator; empty when all of it does."""
        phrases = (
            (self.files, "files are not confined (no Landlock)"),
            (self.calls, "network and processes are not confined (no seccomp)"),
            (self.privileges, "privileges are not dropped"),
        )
        return tuple(phrase for holds, phrase in phrases if not holds)

    @classmethod
    def from_json(cls, value: Any) -> Confinement | None:
        """The one that a child reports, or None for what is not a report."""
        match value:
            case {"files": str() as files, "calls": str() as calls, "privileges": str() as none}:
                return cls(files, calls, none)
        return None


def confine(reads: Iterable[str], writes: Iterable[str]) -> Confinement:
    """Give up, for good, all but these paths and what a media job calls.

    reads: files, and folders with all below them. writes: folders to read, write and delete in.
    Paths that do not exist are left out. Threads started later are confined too. Raises
    RuntimeError when a second thread exists, which would stay outside.
    """
    if sys.platform != "linux":
        return Confinement()
    if _thread_count() > 1:
        raise RuntimeError("A second thread exists, which the sandbox would not confine.")
    privileges = _drop_privileges()
    files = _restrict_files(reads, writes)
    # Last: the filter refuses the calls above.
    return Confinement(files, _filter_calls(), privileges)


def available() -> Confinement:
    """Return what this kernel offers, by its versions; nothing is confined by asking."""
    if sys.platform != "linux":
        return Confinement()
    abi = landlock_abi()
    # The mode without a filter is refused as a bad address, and as invalid where there is no mode.
    _libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, None, 0, 0)
    has_filter = ctypes.get_errno() == errno.EFAULT and platform.machine() in syscalls.MACHINES
    return Confinement(f"landlock {abi}" if abi else "", "seccomp" if has_filter else "", "none")


def code_paths() -> list[str]:
    """Return what every job reads: the interpreter, its packages, shared libraries, our code, our
    fonts and those of the machine."""
    packages = [path for path in sys.path if path and Path(path).resolve() != CODE_ROOT]
    code = [str(CODE_ROOT / folder) for folder in CODE_FOLDERS]
    return [*packages, f"{sys.base_prefix}/lib", *SYSTEM_PATHS, *TYPEFACE_FOLDERS, *code]


def not_inspectable() -> None:
    """Let no other process of this user read our memory or environment. For parents and child.

    It does not bind root. Programs that are started begin without it.
    """
    if sys.platform == "linux":
        _libc().prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _thread_count() -> int:
    # Also those that libraries started. Without /proc only ours are known.
    with contextlib.suppress(OSError):
        return len(os.listdir("/proc/self/task"))
    return threading.active_count()


def _drop_privileges() -> str:
    libc = _libc()
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return ""
    not_inspectable()
    # Refused without the right to; then there is none to drop.
    for capability in range(MOST_CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = struct.pack("<Ii", LINUX_CAPABILITY_VERSION_3, 0)
    nothing = bytes(24)  # effective, permitted and inheritable, in two halves
    return "none" if libc.capset(header, nothing) == 0 else ""


# -- files: Landlock ------------------------------------------------------------------------------


class Access(enum.IntFlag):
    """LANDLOCK_ACCESS_FS_* of linux/landlock.h, in its order."""

    EXECUTE = enum.auto()
    WRITE_FILE = enum.auto()
    READ_FILE = enum.auto()
    READ_DIR = enum.auto()
    REMOVE_DIR = enum.auto()
    REMOVE_FILE = enum.auto()
    MAKE_CHAR = enum.auto()
    MAKE_DIR = enum.auto()
    MAKE_REG = enum.auto()
    MAKE_SOCK = enum.auto()
    MAKE_FIFO = enum.auto()
    MAKE_BLOCK = enum.auto()
    MAKE_SYM = enum.auto()
    REFER = enum.auto()  # rename between folders
    TRUNCATE = enum.auto()
    IOCTL_DEV = enum.auto()
    RESOLVE_UNIX = enum.auto()


READ = Access.READ_FILE | Access.READ_DIR
WRITE = (
    READ
    | Access.WRITE_FILE
    | Access.TRUNCATE
    | Access.MAKE_REG
    | Access.MAKE_DIR
    | Access.REMOVE_FILE
    | Access.REMOVE_DIR
    | Access.REFER
)
# The only rights that a rule for a file, not a folder, may name.
OF_FILES = Access.READ_FILE | Access.WRITE_FILE | Access.TRUNCATE
# The newest right of each version; later versions add none until the next entry.
NEWEST_ACCESS = {
    1: Access.MAKE_SYM,
    2: Access.REFER,
    3: Access.TRUNCATE,
    5: Access.IOCTL_DEV,
    9: Access.RESOLVE_UNIX,
}
NET_TCP, NET_TCP_AND_UDP = 0b11, 0b1111
SCOPE_ABSTRACT_UNIX_AND_SIGNALS = 0b11
LANDLOCK_CREATE_RULESET_VERSION = 1
LANDLOCK_RULE_PATH_BENEATH = 1


def landlock_abi() -> int:
    """The kernel's version of Landlock, 0 where there is none or it is switched off."""
    number = ctypes.c_long(syscalls.LANDLOCK_CREATE_RULESET)
    version = ctypes.c_uint(LANDLOCK_CREATE_RULESET_VERSION)
    return max(0, int(_libc().syscall(number, None, ctypes.c_ulong(0), version)))


def known_access(abi: int) -> Access:
    """All rights that this version can take away."""
    newest = max(right for since, right in NEWEST_ACCESS.items() if since <= abi)
    return Access(2 * newest - 1)


def _restrict_files(reads: Iterable[str], writes: Iterable[str]) -> str:
    """Take away all rights but these; also TCP, abstract sockets and signals where it can."""
    abi = landlock_abi()
    if not abi:
        return ""
    rights = known_access(abi)
    network = 0 if abi < 4 else NET_TCP if abi < 10 else NET_TCP_AND_UDP
    scope = SCOPE_ABSTRACT_UNIX_AND_SIGNALS if abi >= 6 else 0
    # struct landlock_ruleset_attr, which grew: older kernels want its older size.
    attributes = struct.pack("<QQQ", rights, network, scope)
    size = ctypes.c_ulong(8 if abi < 4 else 16 if abi < 6 else 24)
    libc = _libc()
    create = ctypes.c_long(syscalls.LANDLOCK_CREATE_RULESET)
    ruleset = libc.syscall(create, attributes, size, ctypes.c_uint(0))
    if ruleset < 0:
        return ""
    try:
        for path in reads:
            _allow(ruleset, path, READ & rights)
        for path in writes:
            _allow(ruleset, path, WRITE & rights)
        restrict = ctypes.c_long(syscalls.LANDLOCK_RESTRICT_SELF)
        if libc.syscall(restrict, ctypes.c_int(ruleset), ctypes.c_uint(0)):
            return ""
    finally:
        os.close(ruleset)
    return f"landlock {abi}"


def _allow(ruleset: int, path: str, access: Access) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what does not exist needs no rule
    try:
        if not os.path.isdir(path):
            access &= OF_FILES
        # struct landlock_path_beneath_attr
        rule = struct.pack("<Qi", access, place)
        number, kind = syscalls.LANDLOCK_ADD_RULE, ctypes.c_int(LANDLOCK_RULE_PATH_BENEATH)
        answer = _libc().syscall(
            ctypes.c_long(number), ctypes.c_int(ruleset), kind, rule, ctypes.c_uint(0)
        )
        if answer:
            raise OSError(ctypes.get_errno(), "landlock_add_rule", path)
    finally:
        os.close(place)


# -- everything else: seccomp ---------------------------------------------------------------------

SECCOMP_MODE_FILTER = 2
RET_KILL_PROCESS = 0x80000000
RET_ALLOW = 0x7FFF0000
RET_ERRNO = 0x00050000
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Of classic BPF: load a word at k; mask it with k; jump if equal, if greater or equal; return k.
LOAD, AND, JUMP_EQUAL, JUMP_GREATER_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
# Offsets in struct seccomp_data: {u32 number, u32 arch, u64 address, u64 arguments[6]}.
DATA_NUMBER, DATA_ARCH, DATA_ARGUMENTS = 0, 4, 16

ALL_BITS = 0xFFFFFFFF
CLONE_THREAD = 0x00010000
CLONE_NEW_NAMESPACES = 0x7E020000
O_ACCMODE_AND_TRUNC = 0o1003
# Truncation through a descriptor for reading is not refused by Landlock 1 and 2.
OPEN_MODES = (os.O_RDONLY, os.O_WRONLY, os.O_RDWR, 0o1001, 0o1002)
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, locks, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not F_SETOWN,
# which has the kernel send signals to other processes.
FCNTL_COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
# TCGETS, TIOCGWINSZ, FIONCLEX, FIOCLEX, FIONREAD: what `open` and `isatty` ask.
IOCTL_REQUESTS = (0x5401, 0x5413, 0x5450, 0x5451, 0x541B)
# PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: the names of threads and mappings.
PRCTL_OPTIONS = (15, 16, 0x53564D41)


@dataclass(frozen=True, slots=True)
class ArgumentCondition:
    """A call is allowed when its argument, masked, is one of the values; 32 bits are looked at."""

    argument: int
    values: tuple[int, ...]
    mask: int = ALL_BITS


def _conditions(own_pid: int) -> Mapping[str, ArgumentCondition]:
    return {
        # Threads of this process, but no processes.
        "clone": ArgumentCondition(0, (CLONE_THREAD,), CLONE_THREAD | CLONE_NEW_NAMESPACES),
        "kill": ArgumentCondition(0, (0, own_pid)),  # 0: our own process group
        "tgkill": ArgumentCondition(0, (own_pid,)),
        "fcntl": ArgumentCondition(1, FCNTL_COMMANDS),
        "ioctl": ArgumentCondition(1, IOCTL_REQUESTS),
        "prctl": ArgumentCondition(0, PRCTL_OPTIONS),
        "prlimit64": ArgumentCondition(0, (0, own_pid)),
        "open": ArgumentCondition(1, OPEN_MODES, O_ACCMODE_AND_TRUNC),
        "openat": ArgumentCondition(2, OPEN_MODES, O_ACCMODE_AND_TRUNC),
    }


def _filter_calls() -> str:
    machine = platform.machine()
    if machine not in syscalls.MACHINES:
        return ""
    program = filter_program(machine, os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: how many instructions of eight bytes, and where.
    head = struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    holds = _libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head, 0, 0) == 0
    return "seccomp" if holds else ""


def filter_program(machine: str, own_pid: int) -> bytes:
    """The filter in classic BPF. What it does not know fails with ENOSYS, all else with EPERM."""
    return b"".join(_instructions(machine, own_pid))


def _instructions(machine: str, own_pid: int) -> Iterator[bytes]:
    column = syscalls.MACHINES[machine]
    yield _op(LOAD, DATA_ARCH)
    yield _op(JUMP_EQUAL, AUDIT_ARCH[machine], if_true=1)
    yield _op(RETURN, RET_KILL_PROCESS)
    yield _op(LOAD, DATA_NUMBER)
    yield _op(JUMP_GREATER_EQUAL, syscalls.FIRST_UNKNOWN, if_false=1)
    yield _op(RETURN, RET_ERRNO | errno.ENOSYS)
    # A filter cannot see its flags. After ENOSYS the C library takes clone, whose flags it can.
    yield _op(JUMP_EQUAL, syscalls.CLONE3, if_false=1)
    yield _op(RETURN, RET_ERRNO | errno.ENOSYS)
    for numbers in syscalls.ALLOWED.values():
        if (number := numbers[column]) is not None:
            yield _op(JUMP_EQUAL, number, if_false=1)
            yield _op(RETURN, RET_ALLOW)
    for name, condition in _conditions(own_pid).items():
        if (number := syscalls.CONDITIONAL[name][column]) is not None:
            yield from _only_if(number, condition)
    yield _op(RETURN, RET_ERRNO | errno.EPERM)


def _only_if(number: int, condition: ArgumentCondition) -> Iterator[bytes]:
    checks = [
        _op(LOAD, DATA_ARGUMENTS + 8 * condition.argument),
        _op(AND, condition.mask),
    ]
    for value in condition.values:
        checks.append(_op(JUMP_EQUAL, value, if_false=1))
        checks.append(_op(RETURN, RET_ALLOW))
    checks.append(_op(RETURN, RET_ERRNO | errno.EPERM))
    yield _op(JUMP_EQUAL, number, if_false=len(checks))
    yield from checks


def _op(code: int, k: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    """struct sock_filter; the jumps say how many instructions are skipped."""
    return struct.pack("<HBBI", code, if_true, if_false, k)
