"""Changes of a document, and the people who edit it together, as these read them."""

from __future__ import annotations

from typing import Any

from accounts import avatars
from accounts.models import User
from core import clock
from templates_app.models import Change


def change_out(row: Change) -> dict[str, Any]:
    """A change as editors read it, `messages.RecordedChange`. Its actor is loaded."""
    return {
        "rev": row.rev,
        "id": str(row.change_id),
        "clientId": str(row.client_id),
        "actor": {"id": row.actor.public_id, "name": row.actor.shown_name},
        "label": row.label,
        "ops": row.ops,
        "at": clock.iso(row.created_at),
    }


def face(person: User) -> dict[str, Any]:
    """Render one of them."""
    return {
        "id": person.public_id,
        "name": person.shown_name,
        "hue": avatars.hue_of(person),
    }
