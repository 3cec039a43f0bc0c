"""Hints for open editors to look again. The tables are the truth, a hint may be lost."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from core.channel_layers import publish
from templates_app.models import Document, Template


def group_of(document_id: int) -> str:
    """The channel layer's group of a document's open editors, in all processes."""
    return f"document.{document_id}"


def moved(document: Document) -> None:
    """Once the present transaction is through: where its changes and its version are."""
    standing = {"rev": document.rev, "base": document.base_id}
    _send(document.pk, {"type": "document.moved", **standing})


def access_changed(template: Template) -> None:
    """Have everyone who has a template open asked again, now, whether they may read it; those who
    may are told to read their role."""
    if (document_id := _open_document(template)) is not None:
        _send(document_id, {"type": "document.access_changed"})


def run_started(template: Template, run_id: str) -> None:
    """Tell everyone who has a template open of a run of its draft."""
    if (document_id := _open_document(template)) is not None:
        _send(document_id, {"type": "document.run_started", "run": run_id})


def comments_changed(template: Template) -> None:
    """Have everyone who has a template open look at its comments again."""
    if (document_id := _open_document(template)) is not None:
        _send(document_id, {"type": "document.comments_changed"})


def _open_document(template: Template) -> int | None:
    return Document.objects.filter(template=template).values_list("pk", flat=True).first()


def _send(document_id: int, message: dict[str, Any]) -> None:
    message = {**message, "document": document_id}
    transaction.on_commit(lambda: publish(group_of(document_id), message))
