"""The server's own templates, published and brought up to date at each start."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from accounts.services import ensure_system_user
from templates_app import selectors
from templates_app.lifecycle.services import create_template, patch_template
from templates_app.lifecycle.version_writes import (
    IdTaken,
)
from templates_app.models import Template


def ensure_sample(spec: Mapping[str, Any], *, references: Collection[str] = ()) -> Template:
    """Publish one of the server's own templates, or bring it up to date. Harmless to repeat.

    spec: public fields with an `id`. Fields it does not name stay. references: the stored media
    that it names. A sample that was deleted stays deleted.
    """
    system = ensure_system_user()
    rows = Template.objects.filter(owner=system, public_id=spec["id"])
    existing = rows.filter(selectors.LIVE).first() or rows.first()
    if existing is None:
        body = {**spec, "visibility": "public"}
        try:
            return create_template(
                actor=system, body=body, own_hosts=(), references=references
            ).template
        except IdTaken:
            # Two processes start at once: the other has made it, or someone holds the id.
            other = rows.filter(selectors.LIVE).first()
            if other is None:
                raise
            return other
    if existing.deleted_at is not None:
        return existing
    changes = {name: value for name, value in spec.items() if name not in ("id", "visibility")}
    result = patch_template(
        actor=system, public_id=spec["id"], changes=changes, own_hosts=(), references=references
    )
    return result.template
