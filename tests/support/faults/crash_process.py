"""Processes that end themselves at the n-th statement, commit or change of a file.

It imports no pytest: the settings of the tests give each process that has it a home of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

# Changes of files that end a process as well as statements do.
_FILE_EVENTS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class _Points:
    """Ends this process at the n-th of its statements, commits and changes of files."""

    def __init__(self, last: int, folder: str) -> None:
        self._left = last
        self._folder = folder

    def pass_one(self) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        self.pass_one()
        result = execute(sql, params, many, context)
        self.pass_one()
        return result

    def hear(self, event: str, details: tuple[Any, ...]) -> None:
        writes = event in _FILE_EVENTS or (event == "open" and int(details[2] or 0) & _WRITES)
        if writes and str(details[0]).startswith(self._folder):
            self.pass_one()

    @contextmanager
    def watched(self) -> Iterator[None]:
        from django.db import connection

        commit = connection._commit

        def counted() -> Any:
            self.pass_one()
            result = commit()
            self.pass_one()
            return result

        connection._commit = counted  # type: ignore[method-assign]
        sys.addaudithook(self.hear)
        with connection.execute_wrapper(self.statement):
            yield


def in_a_process(work: Callable[[], None], last: int | None) -> int:
    """Carry it out in a process of its own that ends at its `last` point. Returns its status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        if last is None:
            work()
        else:
            with _Points(last, os.environ["REELGRAPH_HOME"]).watched():
                work()
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def prepare() -> None:
    """Set Django up, with tables and the person who starts runs, and load what processes need."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests.support.builders.factories import make_user

    def make_tables() -> None:
        from accounts.models import User

        call_command("migrate", verbosity=0)
        if not User.objects.filter(username="alice").exists():
            make_user("alice")

    if in_a_process(make_tables, None):
        raise SystemExit("the database could not be prepared")
    # Loaded once, not in every process.
    import_module("runs.admission.start")
    import_module("runs.engine.worker")
    from tools import registry

    registry.table()
    registry.providers()
    connections.close_all()
