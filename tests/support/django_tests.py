"""What Django does before and after each test, done so that it takes less time than the test.

Both replace methods of Django's test classes, as no fixture of pytest-django reaches them:

- A test that commits is followed by a flush. Django's then has every app create its permissions and
  content types again: 73 ms under a profiler, against 5 ms for emptying the tables alone (SQLite,
  45 tables, about 600 such tests), and empties tables that have no rows: on Postgres that is a new
  file for each. `available_apps` would leave out the first, but empties the permissions and content
  types too and never fills them again.
- A client of a test loads the middleware, which looks at every static file: about 30 ms of
  processor time for each test that has a client.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.signals import setting_changed
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase
from django.test.client import ClientHandler

# Kept: no one's test changes them, and to write them again costs more than many a test.
KEPT = {"auth_permission", "django_content_type"}
CHAIN = (
    "_middleware_chain",
    "_view_middleware",
    "_template_response_middleware",
    "_exception_middleware",
)
_loaded: dict[tuple[str, ...], dict[str, Any]] = {}
# Alias of a database → its tables, quoted.
_names: dict[str, list[str]] = {}


def hasten(patch: pytest.MonkeyPatch) -> None:
    """Make tests that commit, and those with a client, quick to end and to begin."""
    patch.setattr(TransactionTestCase, "_fixture_teardown", _empty)
    patch.setattr(ClientHandler, "load_middleware", _load_middleware)
    setting_changed.connect(_forget_middleware)
    setting_changed.connect(_forget_providers)


def _empty(case: TransactionTestCase) -> None:
    """Empty the tables that have rows, without telling all apps of a migration."""
    for name in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        connection = connections[name]
        tables = _tables(connection)
        with transaction.atomic(using=name), connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {table})"
                    for number, table in enumerate(tables)
                )
            )
            filled = [tables[number] for (number,) in cursor.fetchall()]
            if connection.vendor == "postgresql" and filled:
                # The audit log takes no DELETE there.
                cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
            else:
                # Foreign keys are looked at when the transaction ends, so any order will do.
                for table in filled:
                    cursor.execute(f"DELETE FROM {table}")


def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.alias not in _names:
        introspection, ops = connection.introspection, connection.ops
        there = introspection.django_table_names(only_existing=True, include_views=False)
        _names[connection.alias] = [ops.quote_name(one) for one in there if one not in KEPT]
    return _names[connection.alias]


def _load_middleware(handler: ClientHandler, is_async: bool = False) -> None:
    """The chain of the first client, which has looked at every static file, serves all of them."""
    names = tuple(settings.MIDDLEWARE)
    if names not in _loaded:
        BaseHandler.load_middleware(handler, is_async)
        _loaded[names] = {name: getattr(handler, name) for name in CHAIN}
    for name, value in _loaded[names].items():
        setattr(handler, name, value)


def _forget_middleware(**_said: object) -> None:
    _loaded.clear()


def _forget_providers(*, setting: str, **_said: object) -> None:
    """A test that sets services up by the settings has them at once, and the next one has not."""
    if setting == "PROVIDERS":
        # Here, because this module is loaded before the apps.
        from tools import registry

        registry.rebuild()
