"""Checks of what Reelgraph needs of this machine: Python, packages, the built editor, folders."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import resource
import stat
import sys
from pathlib import Path

from django.conf import settings

from builder.ops.server.file_modes import OTHERS, open_paths
from core.checks import ALL, Checks, fault, ok, register, warning, write_fault
from core.command_names import REPAIR
from media import credentials

OLDEST_PYTHON = (3, 11)
FEW_FILES = 4096
MISSING = " is missing"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(;.*)?", re.M)


@register("python", every_s=3600)
def python() -> Checks:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        yield fault(f"{version} is too old", "Install Python 3.11 or newer.")
    else:
        yield ok(version)


@register("packages", every_s=3600)
def packages() -> Checks:
    locks = ["runtime.txt"]
    wrong = other_versions(_lock(locks[0]))
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not is_sqlite or settings.CHANNEL_LAYERS["default"]["CONFIG"].get("url"):
        locks.append("scale.txt")
        # Nothing starts without those of what is set; a wheel has Postgres or Redis alone.
        wrong += [one for one in other_versions(_lock(locks[1])) if not one.endswith(MISSING)]
    if wrong:
        names = ", ".join(wrong[:6]) + (" …" if len(wrong) > 6 else "")
        yield warning(f"not as locked: {names}", f"Run `{REPAIR}`.")
    else:
        yield ok(f"as locked in {' and '.join(locks)}")


def _lock(name: str) -> str:
    return (settings.BASE_DIR / "requirements" / name).read_text()


def other_versions(lock: str) -> list[str]:
    """List packages of a lock file that are missing or in a version it does not name."""
    pins: dict[str, set[str]] = {}
    always: set[str] = set()
    for name, version, marker in _PIN.findall(lock):
        pins.setdefault(name, set()).add(version)
        if not marker:
            always.add(name)
    wrong = []
    for name, versions in pins.items():
        try:
            present = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # One with a condition may not be meant for this machine.
            wrong += [name + MISSING] if name in always else []
            continue
        if present not in versions:
            wrong.append(f"{name} {present}")
    return wrong


@register("editor", every_s=60)
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
        yield fault("isn't built", remedy)
        return
    except (ValueError, KeyError, TypeError):
        yield fault("its manifest can't be read", remedy)
        return
    missing = [file for file in files if not file.exists()]
    if missing:
        yield fault(f"{len(missing)} of its files are missing", remedy)
    else:
        yield ok(f"built, {len(files)} files")


@register("data folder", every_s=1, faces=ALL)
def data_folder() -> Checks:
    faults = [
        write_fault(Path(folder)) for folder in (settings.HOME, settings.RUN_DIR, settings.LOG_DIR)
    ]
    yield next(filter(None, faults), ok(str(settings.HOME)))


@register("permissions", every_s=60)
def permissions() -> Checks:
    """Look at who else owns or reads the data folder."""
    home = Path(settings.HOME)
    status = home.stat()
    is_open = bool(stat.S_IMODE(status.st_mode) & OTHERS)
    paths = [str(path) for path in open_paths()] or ([str(home)] if is_open else [])
    if status.st_uid != os.geteuid():
        says = f"{home} belongs to another user"
        yield warning(says, "Run this as the user that runs Reelgraph.")
    elif paths:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        says = f"other users can read {', '.join(paths[:3])}{more}"
        remedy = f"The next start removes these permissions. If it can't: `chmod -R go= {home}`"
        has_key = any(path == str(settings.SECRET_KEY_FILE) or _is_mark(path) for path in paths)
        yield (fault if has_key else warning)(says, remedy)
    else:
        yield ok("only this user can read the data folder")


def _is_mark(path: str) -> bool:
    """Return whether it has keys that sign copies."""
    return Path(path).parent == credentials.folder()


@register("ulimit", every_s=3600)
def open_files() -> Checks:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    has_limit = hard != resource.RLIM_INFINITY
    says = f"{soft} open files, at most {hard if has_limit else 'any number'}"
    if has_limit and hard < FEW_FILES:
        remedy = f"Raise the hard limit (ulimit -Hn) above {FEW_FILES} for many streams."
        yield warning(says, remedy)
    else:
        # The supervisor raises the soft limit as far as it may.
        yield ok(says)
