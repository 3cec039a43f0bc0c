"""The way other pages open the editor to draft a template; see the package's docstring."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

# The name of a template that no one has named yet. A draft may give it another.
UNTITLED: Final = "Untitled template"


def editor_with_brief(public_id: str) -> str:
    """The address that drafts an empty template from its `brief` as soon as it is open."""
    return reverse("editor", args=[public_id]) + "#describe"
