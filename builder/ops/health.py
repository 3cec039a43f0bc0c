"""`/healthz` and `/readyz`: whether the process lives, and whether the server can work.

Plain ASGI apps for what watches the server: without sign-in, limits, host names or redirects, so
that a probe by network address works. What they tell outsiders is no more than which check failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from accounts import storage
from builder.ops.server.processes import ProcessBook
from core import durable, errors, ids, media_folder, outages, releases
from core.asgi import Scope, Send, send_json
from core.command_names import START, command
from core.http import envelope
from runs.engine import rerouting, worker_registry

# Asked more often, the last answer is given again.
FRESH_S = 1.0
# A database that answers later than this counts as unavailable.
PATIENCE_S = 3.0
NO_STORE = ((b"cache-control", b"no-store"),)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. remedy: what to do, for outsiders too: no paths, no addresses.

    One that is ok may have a remedy, too: the server works, and some work waits.
    """

    name: str
    ok: bool
    remedy: str = ""


class HealthApp:
    """`/healthz`: 200 while this process answers at all. Looks at nothing."""

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        if await _refused(scope, send):
            return
        await _answer(scope, send, 200, {"status": "ok"})


class ReadyApp:
    """`/readyz`: 200 when every check passes, else 503 with those that failed and the remedy."""

    def __init__(self, look: Callable[[], list[Finding]] | None = None) -> None:
        self._look = look or findings
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._looking: asyncio.Future[list[Finding]] | None = None
        self._found: list[Finding] = []
        self._found_at = float("-inf")

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        if await _refused(scope, send):
            return
        found = await self._fresh()
        ready = all(finding.ok for finding in found)
        checks: dict[str, dict[str, Any]] = {finding.name: {"ok": finding.ok} for finding in found}
        for finding in found:
            if finding.remedy:
                checks[finding.name]["remedy"] = finding.remedy
        body = {"status": "ready" if ready else "not ready", "checks": checks}
        await _answer(scope, send, 200 if ready else 503, body)

    async def _fresh(self) -> list[Finding]:
        if time.monotonic() - self._found_at < FRESH_S:
            return self._found
        # One check at a time, shared by all requests: a database that hangs blocks one thread.
        if self._looking is None or self._looking.done():
            loop = asyncio.get_running_loop()
            self._looking = loop.run_in_executor(self._pool, self._look_again)
        try:
            found = await asyncio.wait_for(asyncio.shield(self._looking), PATIENCE_S)
        except TimeoutError:
            return [Finding("database", False, "It didn't answer in time. See its log.")]
        self._found, self._found_at = found, time.monotonic()
        return found

    def _look_again(self) -> list[Finding]:
        # Over a connection of its own each time: an old one may outlive the database behind it.
        try:
            return self._look()
        finally:
            with contextlib.suppress(DatabaseError):
                connection.close()


def findings() -> list[Finding]:
    """Every check of `/readyz`, now. Never raises."""
    database = [_database()]
    if database[0].ok:
        database += [_guarded("migrations", _migrations), _guarded("workers", _workers)]
        database.append(_labels())
    return [
        *database,
        _guarded("data_folder", _data_folder),
        _guarded("media_folder", _media_folder),
        _guarded("flush", _flush),
        _guarded("secret_key", _secret_key),
        _guarded("disk_space", disk_space),
    ]


def _guarded(name: str, check: Callable[[], str]) -> Finding:
    """check: answers with the remedy, or nothing when all is well."""
    try:
        remedy = check()
    except (OSError, DatabaseError, InterfaceError):
        remedy = f"Couldn't check it. Run `{command('doctor')}` on the server."
    return Finding(name, not remedy, remedy)


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except (DatabaseError, InterfaceError) as problem:
        if outages.kind_of(problem) == outages.DISK:
            return Finding("database", False, "The database's disk is full. Free up space.")
        return Finding("database", False, "Start the database, or fix DATABASE_URL.")
    return Finding("database", True)


def _migrations() -> str:
    if releases.unapplied_migrations():
        return f"Run `{command('prepare')}`, then restart."
    if releases.unknown_migrations():
        return "A newer release has changed the database. Start that release."
    return ""


def _workers() -> str:
    if settings.WORKERS == 0:
        return ""
    dead = {death.incarnation: death for death in ProcessBook(settings.RUN_DIR).deaths()}
    if any(one.is_alive and one.name not in dead for one in worker_registry.workers()):
        return ""
    workers = [death for death in dead.values() if death.name.startswith("worker-")]
    if not workers:
        return f"No worker is online. Start one with `{START}` or `{command('worker')}`."
    last = max(workers, key=lambda death: death.deaths)
    times = "once" if last.deaths == 1 else f"{last.deaths} times"
    return f"No worker is running. {last.name} crashed {times} ({last.reason}) and is restarted."


def _labels() -> Finding:
    """Never a failure: the other steps go on, and no other web process could do more."""
    try:
        missing = rerouting.labels_without_worker()
    except (DatabaseError, InterfaceError):
        missing = frozenset()
    if not missing:
        return Finding("labels", True)
    listed = ",".join(sorted(missing))
    start = command(f"worker --labels {listed}")
    return Finding("labels", True, f"Some steps wait: start {start}.")


def _data_folder() -> str:
    try:
        _try_to_write(settings.RUN_DIR)
    except OSError:
        return "Can't write to the data folder. Check its owner, permissions and disk."
    return ""


def _media_folder() -> str:
    try:
        media_folder.check()
        _try_to_write(settings.MEDIA_DIR)
    except errors.MediaFolderAway:
        return (
            "The media folder is missing, or isn't this server's. Mount it, or correct"
            f" REELGRAPH_MEDIA_DIR; work continues then. `{command('doctor')}` says more."
        )
    except OSError:
        return "Can't write to the media folder. Check its owner, permissions and disk."
    return ""


def _try_to_write(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"ready?")
        file.flush()


def _flush() -> str:
    if durable.is_sound():
        return ""
    return (
        "The disk refused a write, so nothing more is saved. Check the disk and the kernel's log."
    )


def _secret_key() -> str:
    path = settings.SECRET_KEY_FILE
    if path is None:
        return "" if settings.SECRET_KEY else "Set REELGRAPH_SECRET_KEY."
    try:
        same = path.read_text().strip() == settings.SECRET_KEY
    except OSError:
        same = False
    return "" if same else "The secret key file is missing or changed. Restore it and restart."


def disk_space() -> str:
    if outages.OUTAGES[outages.DISK].is_on:
        return "The disk is full. Free up space, or move the data folder."
    full = storage.full_disk()
    if full is None:
        return ""
    what = "media folder" if full == settings.MEDIA_DIR != settings.HOME else "data folder"
    return f"The disk of the {what} is nearly full. Free up space, or move the {what}."


async def _refused(scope: Scope, send: Send) -> bool:
    if scope["method"] in ("GET", "HEAD"):
        return False
    status, extra, body = envelope(errors.NotAllowed(), request_id=ids.request_id())
    await send_json(send, status, body, [*extra.items(), ("allow", "GET, HEAD")])
    return True


async def _answer(scope: Scope, send: Send, status: int, body: dict[str, Any]) -> None:
    if scope["method"] != "HEAD":
        await send_json(send, status, body, NO_STORE)
        return

    async def without_body(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    await send_json(without_body, status, body, NO_STORE)
