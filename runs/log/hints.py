"""Hints to readers of a run that its log moved: the table is the truth, a hint may be lost."""

from __future__ import annotations

from django.db import transaction

from core.channel_layers import publish


def group_of(run_id: int) -> str:
    """The channel layer's group of a run's readers, in all processes."""
    return f"run.{run_id}"


def publish_move(run_id: int, seq: int) -> None:
    """Once the present transaction is through: the run's log stands at this sequence number."""
    message = {"type": "run.moved", "run": run_id, "seq": seq}
    transaction.on_commit(lambda: publish(group_of(run_id), message))
