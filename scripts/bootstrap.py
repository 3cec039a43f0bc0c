"""Set the checkout up: the virtual environment and the locked packages. Standard library only.

Every `make` target goes through `ensure`, which does nothing in a few milliseconds when all is in
place. What was installed is remembered as the hash of the lock, so a `git pull` that changes a
lock brings the environment up to date at the next command.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NEEDED_BYTES = 2 * 1024**3
# The media wheels are built for these and nothing else.
OLDEST_GLIBC = (2, 28)
MACHINES = ("x86_64", "amd64", "arm64", "aarch64")


class SetupProblem(Exception):
    """Set-up cannot go on. The message is one line that says what to do."""


def platform_problem(system: str, machine: str, libc: tuple[str, str]) -> str | None:
    """Return in one line why the locked packages cannot run here, or None.

    system, machine, libc: what `platform.system()`, `.machine()` and `.libc_ver()` return.
    """
    if system not in ("Linux", "Darwin"):
        return f"Reelgraph runs on Linux and macOS, not on {system}. On Windows, use WSL 2."
    if machine.lower() not in MACHINES:
        return f"Reelgraph needs a 64-bit x86 or ARM processor; this one is {machine}."
    if system == "Darwin":
        return None
    name, version = libc
    if name != "glibc":
        return (
            "Reelgraph needs Linux with glibc: its media packages are not built for Alpine (musl)."
            " Use Debian, Ubuntu or Fedora, or a container of one."
        )
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_GLIBC:
        return (
            f"Reelgraph needs glibc 2.28 or newer, this system has {version}."
            " Debian 10, Ubuntu 20.04, RHEL 8 and later have it."
        )
    return None


def disk_problem(free_bytes: int) -> str | None:
    """Return why a first installation has too little disk space, or None."""
    if free_bytes >= NEEDED_BYTES:
        return None
    free_mb = free_bytes // 1024**2
    return f"Setup needs 2 GB of free disk space in {ROOT}; {free_mb} MB are left."


def lock_path(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def fingerprint(name: str) -> str:
    """Return the hash of a lock file, by which a finished installation of it is recognized."""
    return hashlib.sha256(lock_path(name).read_bytes()).hexdigest()


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def stamp_path(name: str, venv: Path) -> Path:
    # Inside the environment, so that removing it forgets everything at once.
    return venv / f"installed-{name}.sha256"


def is_installed(name: str, venv: Path) -> bool:
    try:
        return stamp_path(name, venv).read_text() == fingerprint(name)
    except OSError:
        return False


@contextmanager
def only_one(what: str = "bootstrap") -> Iterator[None]:
    """Hold the lock of a set-up. A second `make` waits here, instead of building half a venv."""
    with (ROOT / f".{what}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another setup is running here. Waiting…", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure(*locks: str, venv: Path = VENV) -> str:
    """Have these locks installed in an environment, `.venv`; returns the path of its Python.

    Raises SetupProblem with one line on what is missing. A finished set-up is left alone.
    """
    python = str(python_of(venv))
    if all(is_installed(name, venv) for name in locks):
        return python
    with only_one():
        missing = [name for name in locks if not is_installed(name, venv)]
        if missing:
            install(missing, venv)
    return python


def install(locks: list[str], venv: Path) -> None:
    start = time.monotonic()
    problem = platform_problem(platform.system(), platform.machine(), platform.libc_ver())
    fresh = not python_of(venv).exists()
    if problem is None and fresh:
        problem = disk_problem(shutil.disk_usage(ROOT).free)
    if problem:
        raise SetupProblem(problem)
    if not has_pip(venv):
        print("Setting up. The first time takes 1–3 minutes.", flush=True)
        make_venv(venv)
    before = {name: fingerprint(name) for name in locks}
    for name in locks:
        # Removed first: an installation that is broken off half-way must not look finished.
        stamp_path(name, venv).unlink(missing_ok=True)
        install_lock(name, venv)
    compile_modules(venv)
    for name in locks:
        stamp_path(name, venv).write_text(before[name])
    print(f"Packages are ready ({time.monotonic() - start:.0f} s).", flush=True)


def has_pip(venv: Path) -> bool:
    python = python_of(venv)
    if not python.exists():
        return False
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0


def make_venv(venv: Path) -> None:
    # `--clear`: what an interrupted set-up left behind is not built upon. The base interpreter is
    # named, because this script may itself run in the environment that is about to be cleared.
    base = getattr(sys, "_base_executable", sys.executable)
    process = subprocess.run([base, "-m", "venv", "--clear", venv], capture_output=True, text=True)
    if process.returncode:
        last = (process.stdout + process.stderr).strip().splitlines()[-1:]
        raise SetupProblem(f"Making the virtual environment failed: {' '.join(last)}")


def install_lock(name: str, venv: Path) -> None:
    """Install one lock with pip as the caller has configured it: indexes, proxies, certificates."""
    total = sum(
        1 for line in lock_path(name).read_text().splitlines() if "==" in line.partition(" ")[0]
    )
    command = [str(python_of(venv)), "-m", "pip", "install", "--require-hashes", "--no-input"]
    # A lock names all that its packages need, and `compile_modules` uses all cores.
    command += ["--no-deps", "--no-compile", "--disable-pip-version-check"]
    process = subprocess.Popen(
        [*command, "-r", str(lock_path(name))],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    last_lines: deque[str] = deque(maxlen=15)
    count = 0
    for line in process.stdout:
        last_lines.append(line.rstrip())
        word = line.split(" ", 1)[0]
        if word == "Collecting":
            count += 1
            show_progress(name, count, total, line.split()[1])
        elif word == "Installing":
            show_progress(name, total, total, "installing")
    if sys.stdout.isatty():
        print(flush=True)
    if process.wait():
        print("\n".join(last_lines), file=sys.stderr)
        raise SetupProblem(
            f"pip could not install requirements/{name}.txt (see above)."
            " Check the network and pip's own settings, then run the same command again."
        )


def compile_modules(venv: Path) -> None:
    """Compile what is installed, but for packages' own tests. What can't be compiled is left.

    The sandbox may not write, so that it would compile what it imports each time.
    """
    options = ["-q", "-j", "0", "-x", "site-packages/.*/tests?/"]
    packages = map(str, venv.glob("lib/python*/site-packages"))
    command = [str(python_of(venv)), "-m", "compileall", *options, *packages]
    subprocess.run(command, capture_output=True)


def show_progress(lock: str, count: int, total: int, what: str) -> None:
    """Rewrite one line in a terminal; in a log, print a line every tenth package."""
    text = f"  {lock}: {count}/{total} {what}"
    if sys.stdout.isatty():
        print(f"\r{text:<72.72}", end="", flush=True)
    elif count % 10 == 0 or what == "installing":
        print(text, flush=True)


def ensure_or_exit(*locks: str, venv: Path = VENV) -> str:
    """`ensure` for scripts: a problem becomes one line and exit code 1."""
    try:
        return ensure(*locks, venv=venv)
    except SetupProblem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command to continue.")


def further_locks() -> tuple[str, ...]:
    """The further locks that the configured database and channel layer need."""
    values = (os.environ.get("DATABASE_URL", ""), os.environ.get("REELGRAPH_CHANNEL_LAYER", ""))
    return ("scale",) if any(one.startswith(("postgres", "redis")) for one in values) else ()


def run(command: list[str], **environment: str) -> int:
    """Run a command in the checkout to its end; returns its exit code."""
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode


def run_quietly(command: list[str], **environment: str) -> tuple[int, str]:
    """Do the same and print nothing; returns the exit code and what the command wrote."""
    variables = {**os.environ, **environment}
    process = subprocess.run(
        command,
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return process.returncode, process.stdout
