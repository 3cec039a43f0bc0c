"""A change that was made for one revision of a document is not applied to another one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import User
from core import errors
from templates_app.documents import services
from templates_app.models import Document
from tests.support.builders.editing import change, edit, log_of, make_document, prompt

pytestmark = pytest.mark.django_db


def send(person: User, document: Document, wanted: dict[str, Any], rev: int) -> services.Appended:
    return services.append_changes(
        actor=person,
        document=document,
        client_id=str(uuid.uuid4()),
        changes=[wanted],
        expected_rev=rev,
    )


def test_it_is_applied_at_its_revision(alice: User) -> None:
    document = make_document(alice)
    assert send(alice, document, change(prompt("night")), 0).document.rev == 1


def test_at_another_revision_nothing_is_written(alice: User) -> None:
    document = make_document(alice)
    edit(alice, document, "dawn")
    with pytest.raises(errors.Conflict) as refused:
        send(alice, document, change(prompt("night")), 0)
    assert refused.value.code == "document.stale"
    assert refused.value.details == {"rev": 1}
    assert len(log_of(document)) == 1


def test_sent_again_after_others_it_is_known(alice: User) -> None:
    document = make_document(alice)
    wanted = change(prompt("night"))
    send(alice, document, wanted, 0)
    edit(alice, document, "dawn")
    assert send(alice, document, wanted, 0).accepted == ((wanted["id"], 1),)
    assert len(log_of(document)) == 2


def test_a_refusal_is_known_before_anything_is_sent(alice: User) -> None:
    document = make_document(alice)
    fine = services.refusal_of(actor=alice, document=document, label="Edit", ops=[prompt("night")])
    assert fine is None
    wrong = services.refusal_of(actor=alice, document=document, label="Edit", ops=[{"op": "tea"}])
    assert wrong is not None
    assert wrong.code == "change.unreadable"
    assert log_of(document) == []
