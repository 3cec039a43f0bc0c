"""Hints to a person's open bells to look again: the table is the truth, a hint may be lost."""

from __future__ import annotations

from django.db import transaction

from core.channel_layers import publish


def group_of(person_id: int) -> str:
    """The channel layer's group of a person's bells, in all processes."""
    return f"notices.{person_id}"


def moved(person_id: int) -> None:
    """Hint, after the present transaction, that this person has another notice or read some."""
    message = {"type": "notices.moved", "person": person_id}
    transaction.on_commit(lambda: publish(group_of(person_id), message))
