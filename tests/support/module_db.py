"""Rows that the tests of one file share: written once, and each test is rolled back to them.

A fixture of a file's scope asks for `module_db`, writes its rows and returns their ids; the tests
ask for `db` as well, as ever. What a test changes is undone behind it, so what it needs as an
object it reads again. Not for files with a test that commits (`transaction=True`): it would empty
the tables.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from accounts import suspension
from core import counters, installation, media_folder, server_settings
from media import folder_mark
from runs.engine import blocked_owners, cooldowns, limits
from templates_app import used_versions
from webhooks import deliveries


def forget_rows() -> None:
    """Forget what this process remembers of rows for half a second."""
    limits.forget_names()
    suspension.forget_suspended_people()
    blocked_owners.forget_closed_accounts()
    cooldowns.forget()
    used_versions.forget()
    deliveries.forget_people()


def mark_media_folder() -> None:
    """Let the media folder of this process have its mark."""
    if not media_folder.mark_text():
        folder_mark.write_mark(installation.installation_id())


def rest_in_transaction() -> None:
    """Let this transaction last as long as the test. The product's last milliseconds, so a session
    that rests in one for ten seconds is ended, which a busy machine would do to a test."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


@pytest.fixture(scope="module")
def module_db(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Allow a file's fixtures to write rows, and roll them back behind its last test."""
    committing = [
        item.name
        for item in request.session.items
        if item.path == request.path
        and any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
    ]
    assert not committing, f"These tests commit, so they can't share rows: {committing}"
    with django_db_blocker.unblock(), transaction.atomic():
        rest_in_transaction()
        forget_rows()
        server_settings.known.assume({})
        mark_media_folder()
        yield
        transaction.set_rollback(True)
        counters.clear_all()
