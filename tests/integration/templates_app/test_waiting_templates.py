"""Words whose draft no one accepted: in no list, and deleted after a week."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from core import clock
from runs.engine import periodic
from templates_app import library, selectors
from templates_app.documents import services as documents
from templates_app.lifecycle import services, waiting
from templates_app.models import Document, Template
from tests.support.builders.editing import change
from tests.support.builders.templates import HOSTS, TEMPLATES, make_template

pytestmark = pytest.mark.django_db
NAMED = {"op": "set", "table": "root", "key": "template", "path": ["name"], "value": "Harbor"}


def described(owner: User, *, days: int = 0, is_open: bool = True) -> Template:
    body = {"name": "Untitled template", "brief": "A harbor at dawn"}
    template = services.create_template(
        actor=owner, body=body, own_hosts=HOSTS, cause=selectors.DESCRIBED
    ).template
    created_at = clock.now() - timedelta(days=days, minutes=1)
    Template.objects.filter(pk=template.pk).update(created_at=created_at)
    if is_open:
        documents.open_document(viewer=owner, public_id=template.public_id)
    return template


def accept(owner: User, template: Template) -> None:
    document = Document.objects.get(template=template)
    document.template = template
    done = documents.append_changes(
        actor=owner, document=document, client_id=str(uuid.uuid4()), changes=[change(NAMED)]
    )
    assert not done.rejected


@pytest.mark.parametrize("is_open", [True, False], ids=["opened", "never opened"])
def test_words_that_wait_are_in_no_list_until_their_draft_is_accepted(
    alice: User, alice_key: str, api: Any, is_open: bool
) -> None:
    template = described(alice, is_open=is_open)

    def ids(query: str) -> list[str]:
        body = api(alice_key).get(f"{TEMPLATES}{query}").json()
        return [one["id"] for one in body["data"]["templates"]]

    for query in ("", "?visibility=own"):
        assert template.public_id not in ids(query)
    assert library.entries_of(alice) == []
    assert list(selectors.summaries_of(alice)) == []
    assert selectors.count_own(alice) == 0
    documents.open_document(viewer=alice, public_id=template.public_id)
    accept(alice, template)
    for query in ("", "?visibility=own"):
        assert template.public_id in ids(query)
    assert [entry.name for entry in library.entries_of(alice)] == ["Harbor"]
    assert selectors.count_own(alice) == 1


def test_words_that_were_left_are_deleted_after_a_week_and_nothing_else(alice: User) -> None:
    left, never_opened = described(alice, days=7), described(alice, days=7, is_open=False)
    young, accepted = described(alice, days=6), described(alice, days=7)
    accept(alice, accepted)
    empty = make_template(alice, name="Empty", stages=[], inputs=[])
    Template.objects.filter(pk=empty.pk).update(created_at=clock.now() - timedelta(days=30))

    assert waiting.delete_left() == 2
    assert waiting.tend() == waiting.TEND_EVERY_S

    there = set(Template.objects.filter(deleted_at=None).values_list("pk", flat=True))
    assert there == {young.pk, accepted.pk, empty.pk}
    assert not Document.objects.filter(template__in=[left, never_opened]).exists()


def test_a_worker_deletes_them(alice: User) -> None:
    described(alice, days=8)
    tasks = periodic.PeriodicTasks("one")
    for _ in range(20):
        tasks.run_due()
    assert not Template.objects.filter(deleted_at=None).exists()


def test_a_draft_that_is_accepted_at_that_moment_stays(alice: User) -> None:
    template = described(alice, days=8)
    seen: list[str] = []

    def accepting(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if not seen:
            seen.append(sql)
            # Right after they were looked for.
            accept(alice, template)
        return answer

    with connection.execute_wrapper(accepting):
        assert waiting.delete_left() == 0
    assert Template.objects.filter(pk=template.pk, deleted_at=None).exists()
    assert Document.objects.get(template=template.pk).rev == 1
