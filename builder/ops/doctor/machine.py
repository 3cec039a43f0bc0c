"""What Reelgraph needs of this machine: Python, packages, the built editor, folders, ports."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
import resource
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from accounts import storage
from builder.ops.doctor import Check, Checks, fault, ok, size, warning
from builder.ops.server.file_modes import OTHERS, open_paths
from builder.ops.server.processes import ProcessBook, is_web
from core import checks as disks
from core.command_names import REPAIR, START, start_at
from core.errors import ProviderError
from media.sandbox import Unwatched, breakouts, run_in_sandbox

OLDEST_PYTHON = (3, 11)
LITTLE_FREE_BYTES = 2_000_000_000
FEW_FILES = 4096
SURVEY_S = 30.0
SANDBOX_REMEDY = (
    "Use Linux 5.13 or newer with Landlock on x86-64 or 64-bit ARM; see docs/howto/operate.md."
)
MISSING = " is missing"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(;.*)?", re.M)


def python() -> Checks:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        yield fault("python", f"{version} is too old", "Install Python 3.11 or newer.")
    else:
        yield ok("python", version)


def packages() -> Checks:
    locks = ["runtime.txt"]
    wrong = other_versions(_lock(locks[0]))
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not is_sqlite or settings.CHANNEL_LAYERS["default"]["CONFIG"].get("url"):
        locks.append("scale.txt")
        # Nothing starts without those of what is set; a wheel has Postgres or Redis alone.
        wrong += [one for one in other_versions(_lock(locks[1])) if not one.endswith(MISSING)]
    if wrong:
        shown = ", ".join(wrong[:6]) + (" …" if len(wrong) > 6 else "")
        yield warning("packages", f"not as locked: {shown}", f"Run `{REPAIR}`.")
    else:
        yield ok("packages", f"as locked in {' and '.join(locks)}")


def _lock(name: str) -> str:
    return (settings.BASE_DIR / "requirements" / name).read_text()


def other_versions(lock: str) -> list[str]:
    """Packages of a lock file that are missing or installed in a version it does not name."""
    wanted: dict[str, set[str]] = {}
    always: set[str] = set()
    for name, version, marker in _PINNED.findall(lock):
        wanted.setdefault(name, set()).add(version)
        if not marker:
            always.add(name)
    wrong = []
    for name, versions in wanted.items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # One with a condition may not be meant for this machine.
            wrong += [name + MISSING] if name in always else []
            continue
        if found not in versions:
            wrong.append(f"{name} {found}")
    return wrong


def editor() -> Checks:
    manifests = [Path(str(app["manifest_path"])) for app in settings.DJANGO_VITE.values()]
    remedy = f"Run `{REPAIR}`, which builds it."
    try:
        files = [
            path.parent.parent / entry["file"]
            for path in manifests
            for entry in json.loads(path.read_text()).values()
        ]
    except OSError:
        yield fault("editor", "isn't built", remedy)
        return
    except (ValueError, KeyError, TypeError):
        yield fault("editor", "its manifest can't be read", remedy)
        return
    missing = [file for file in files if not file.exists()]
    if missing:
        yield fault("editor", f"{len(missing)} of its files are missing", remedy)
    else:
        yield ok("editor", f"built, {len(files)} files")


def data_folder() -> Checks:
    home = Path(settings.HOME)
    status = home.stat()
    for folder in (home, settings.RUN_DIR, settings.LOG_DIR):
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"doctor")
        except OSError as problem:
            yield fault(
                "data folder",
                f"{folder} can't be written: {problem.strerror}",
                "Change its owner to the user that runs Reelgraph: chown -R.",
            )
            return
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        yield warning(
            "data folder",
            f"{home} belongs to another user",
            "Run this as the user that runs Reelgraph.",
        )
    elif shown := [str(path) for path in (open_paths() or _open_home(home))]:
        more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
        yield warning(
            "data folder",
            f"other users can read {', '.join(shown[:3])}{more}",
            f"The next start removes these permissions. If it can't: chmod -R go= {home}",
        )
    else:
        yield ok("data folder", str(home))


def _open_home(home: Path) -> list[Path]:
    return [home] if stat.S_IMODE(home.stat().st_mode) & OTHERS else []


def volume() -> Checks:
    try:
        mounts = disks.MOUNTS.read_text(errors="replace")
    except OSError:  # not Linux
        mounts = ""
    kind = disks.filesystem_of(Path(settings.HOME), mounts)
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if kind and disks.is_doubtful(kind) and is_sqlite:
        yield warning(
            "volume",
            f"the data folder is on {kind}, where SQLite may lose or lock its data",
            "Set REELGRAPH_HOME to a folder on a local disk, or DATABASE_URL to a Postgres.",
        )
    else:
        yield ok("volume", kind or "unknown type")


def disk() -> Checks:
    """The disk of the data folder, and that of the media where it is another one."""
    yield from _disk("disk", Path(settings.HOME))
    media = Path(settings.MEDIA_DIR)
    # Of a folder that is not there `system.media_folder` tells.
    if media.is_dir() and media.stat().st_dev != os.stat(settings.HOME).st_dev:
        yield from _disk("media disk", media)


def _disk(name: str, folder: Path) -> Checks:
    usage = shutil.disk_usage(folder)
    free = usage.free
    says = f"{size(free)} free"
    if free < storage.disk_reserve(usage.total):
        yield fault(name, says, f"Free up space now, or move {folder}. Writes will fail.")
    elif free < LITTLE_FREE_BYTES:
        yield warning(name, says, "Free up space, or keep runs for fewer days: /admin/server.")
    else:
        yield ok(name, says)


def secret_key() -> Checks:
    path = settings.SECRET_KEY_FILE
    if path is None:
        short = len(settings.SECRET_KEY) < 32
        if short:
            remedy = "Use at least 32 random characters in REELGRAPH_SECRET_KEY."
            yield warning("secret key", "from the environment, and short", remedy)
        else:
            yield ok("secret key", "from the environment")
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield fault(
            "secret key",
            f"its file is readable by other users (mode {mode:o})",
            f"chmod 600 {path}",
        )
    else:
        yield ok("secret key", "its file is readable by its owner only")


def sandbox() -> Checks:
    """Try every way out of the process that decodes media, in one made as for a job."""
    level = fault if settings.SANDBOX_REQUIRED else warning
    try:
        with breakouts.planted(Path(settings.RUN_DIR)) as targets:
            found = run_in_sandbox(
                breakouts.FUNCTION,
                targets,
                reads=[Path(targets["input"])],
                out=Path(targets["out"]),
                timeout_s=SURVEY_S,
                context=Unwatched(),
            )
    except ProviderError as problem:
        yield level("sandbox", problem.message, SANDBOX_REMEDY)
        return
    if found["broken"]:
        remedy = "Media can't be processed. Check who owns the data folder and the packages."
        yield fault("sandbox", f"blocks what jobs need: {', '.join(found['broken'])}", remedy)
    elif found["open"]:
        names = ", ".join(found["open"])
        says = f"{len(found['open'])} of {found['tried']} ways out are open: {names}"
        yield level("sandbox", says, SANDBOX_REMEDY)
    else:
        yield ok("sandbox", f"all {found['tried']} known ways out are closed")


def port() -> Checks:
    """Whether our web processes answer there, or the port is free for them."""
    number = settings.PORT
    if not settings.WEB:
        yield ok("port", "not used: REELGRAPH_WEB=0")
        return
    names = [one.name for one in ProcessBook(settings.RUN_DIR).living() if is_web(one.name)]
    answer = _ask(number)
    if names:
        of_several = f"{len(names)} web processes are running"
        if answer.startswith("HTTP/1.1 200"):
            says = f"{of_several}, and one answers" if len(names) > 1 else "the web process answers"
            yield ok("port", f"{number}: {says}")
        else:
            one = "the web process is running"
            yield fault(
                "port",
                f"{number}: {of_several if len(names) > 1 else one}, but there is no answer",
                f"See {settings.LOG_DIR / names[0]}.log; stop the server and start it again. If it"
                " was started with another PORT, run the doctor with that PORT.",
            )
    elif answer:
        yield warning("port", f"{number} is taken by another program", start_at(number + 1))
    else:
        yield ok("port", f"{number} is free; Reelgraph isn't running")


def _ask(number: int) -> str:
    """The first line of an answer to `/healthz` there; empty when no one listens."""
    try:
        with socket.create_connection(("127.0.0.1", number), timeout=3) as asking:
            asking.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            with contextlib.suppress(OSError):
                return asking.recv(64).decode("latin-1") or "silence"
            return "silence"
    except OSError:
        return ""


def pid_files() -> Checks:
    stale = ProcessBook(settings.RUN_DIR).stale()
    if stale:
        yield warning(
            "pid files",
            f"{', '.join(stale)}: left over from ended processes",
            f"The next `{START}` cleans up.",
        )
    else:
        yield ok("pid files", "none left over")


def open_files() -> Checks:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = hard == resource.RLIM_INFINITY
    says = f"{soft} open files, at most {'any number' if unlimited else hard}"
    if not unlimited and hard < FEW_FILES:
        yield warning(
            "ulimit", says, f"Raise the hard limit (ulimit -Hn) above {FEW_FILES} for many streams."
        )
    else:
        # The supervisor raises the soft limit as far as it may.
        yield ok("ulimit", says)


def addresses() -> Checks:
    url = settings.PUBLIC_URL
    if url.startswith("http://") and not re.match(r"http://(localhost|127\.|\[::1\])", url):
        yield warning(
            "public address",
            f"{url} isn't https: passwords and cookies are sent unencrypted",
            "Put a reverse proxy with a certificate in front, and use https in"
            " REELGRAPH_PUBLIC_URL.",
        )
    else:
        yield ok("public address", url or "none: this machine only")


def all_checks() -> Iterable[Check]:
    """Every check that needs no database. One that breaks is itself a fault."""
    looks = (python, packages, editor, data_folder, volume, disk, secret_key, sandbox, port)
    for look in (*looks, pid_files, open_files, addresses):
        try:
            yield from look()
        except (OSError, ValueError) as problem:
            name = look.__name__.replace("_", " ")
            yield fault(name, f"couldn't be checked: {problem}", "See the message.")
