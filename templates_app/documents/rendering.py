"""Changes of a document, and the people who edit it together, as these read them."""

from __future__ import annotations

from typing import Any

from accounts import avatars
from accounts.models import User
from core import clock
from templates_app.document_ops.convert import ops_without_plan
from templates_app.models import Change


def change_out(row: Change, *, can_edit: bool) -> dict[str, Any]:
    """A change as a person reads it, `messages.RecordedChange`. Its actor is loaded.

    can_edit: whether the person may edit the document; to the others the plan isn't shown.
    """
    return {
        "rev": row.rev,
        "id": str(row.change_id),
        "clientId": str(row.client_id),
        "actor": {"id": row.actor.public_id, "name": row.actor.shown_name},
        "label": row.label,
        "ops": row.ops if can_edit else ops_without_plan(row.ops),
        "at": clock.iso(row.created_at),
    }


def face(person: User) -> dict[str, Any]:
    """Render one of them."""
    return {
        "id": person.public_id,
        "name": person.shown_name,
        "hue": avatars.hue_of(person),
    }
