"""The form of an app, as its page and the preview in its settings show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from builder.web.template_pages.forms import FormField, without_unneeded
from simple_apps.guest_files import upload_limit
from templates_app.models import TemplateVersion


def guest_form(fields: Sequence[FormField], version: TemplateVersion) -> dict[str, Any]:
    """Return what `template_pages/field.html` takes of the form. fields: of all its inputs."""
    return {
        "fields": without_unneeded(fields, version),
        "is_signed_in": True,
        "upload_mb": upload_limit() // 1_000_000,
        "says_limit": True,
    }
