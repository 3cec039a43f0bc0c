"""What the database holds, as text to search for what must not be in it."""

from __future__ import annotations

from django.apps import apps


def stored_text() -> str:
    """All rows of all tables."""
    return "\n".join(
        repr(row) for model in apps.get_models() for row in model._default_manager.values_list()
    )
