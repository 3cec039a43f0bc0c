"""What changes while files are copied is seen before they are shown."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import User
from core import clock, errors
from creations import sharing
from creations.models import Share
from creations.sharing import Choices
from media.models import Blob
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.sharing import make_run, make_share

pytestmark = [pytest.mark.django_db(transaction=True)]

CHOICES = Choices(title="Dawn", visibility="public", keeps_details=True, allows_remix=True)


def suspend(run: Run) -> None:
    until = clock.now() + timedelta(days=1)
    User.objects.filter(pk=run.owner_id).update(suspended_until=until)


def go_on(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status="running")


def fail(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status="failed")


def block_results(run: Run) -> None:
    Blob.objects.update(blocked_at=clock.now())


def take_down_template(run: Run) -> None:
    Template.objects.update(moderation="removed")


def take_down_earlier(run: Run) -> None:
    """As when what was shared of it before is taken down after its author had ended it."""
    Share.objects.create(
        run=run,
        owner=run.owner,
        visibility="public",
        title="Before",
        moderation="removed",
        ended_at=clock.now(),
    )


class OnceBefore:
    """For `execute_wrapper`: once, before a statement outside transactions that names a table,
    another connection commits a change."""

    def __init__(self, table: str, change: Callable[[], None]) -> None:
        self.table, self.change, self.is_done = table, change, False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.is_done and not connection.in_atomic_block and self.table in sql:
            self.is_done = True
            with ThreadPoolExecutor(1) as other:
                other.submit(self._commit).result()
        return execute(sql, params, many, context)

    def _commit(self) -> None:
        try:
            self.change()
        finally:
            connections.close_all()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (suspend, "account.suspended"),
        (go_on, "share.too_early"),
        (fail, "share.run_failed"),
        (block_results, "share.nothing_made"),
        (take_down_template, "share.no_template"),
        (take_down_earlier, "share.taken_down"),
    ],
)
def test_a_change_after_the_first_look_is_seen(
    alice: User, change: Callable[[Run], None], code: str
) -> None:
    run = make_run(alice)
    # The last look before files are written into rows.
    hook = OnceBefore("accounts_storageuse", lambda: change(run))
    with connection.execute_wrapper(hook), pytest.raises(errors.AppError) as refusal:
        sharing.share_run(actor=alice, run=run, choices=CHOICES)
    assert hook.is_done
    assert refusal.value.code == code
    assert not Share.objects.filter(title="Dawn").exists()


def test_a_suspension_is_seen_by_a_change_of_what_is_shared(alice: User) -> None:
    share = make_share(alice, make_run(alice))
    stored = Share.objects.get(pk=share.pk)
    hook = OnceBefore("runs_run", lambda: suspend(stored.run))
    with connection.execute_wrapper(hook), pytest.raises(errors.Forbidden):
        sharing.change_share(actor=alice, share=stored, choices=CHOICES)
    assert hook.is_done
    assert not Share.objects.get(pk=share.pk).allows_remix
