"""Holds on what may not become public before a moderator has looked at it.

Templates know no moderation: an app above registers a review at start. It is asked within the
transaction that would publish, and what it gives is called there with the row that was written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from django.db.models import Model

from accounts.models import User
from templates_app.models import Template

# Hides the row, and has someone look at it.
Hold: TypeAlias = Callable[[Model], None]
# Who publishes, the spec with its name, and the row if there is one yet → a hold, or None.
Review: TypeAlias = Callable[[User, Mapping[str, Any], Model | None], Hold | None]

_reviews: list[Review] = []


def register(review: Review) -> None:
    """Have every publication reviewed by this. Harmless to repeat."""
    if review not in _reviews:
        _reviews.append(review)


def hold_of(
    person: User,
    spec: Mapping[str, Any],
    row: Model | None = None,
    *,
    inside: Collection[Mapping[str, Any]] = (),
) -> Hold | None:
    """The hold on a publication, or None where it may become public. Part of its transaction.

    inside: specs of private templates that are shown with it.
    """
    holds = (review(person, one, row) for one in (spec, *inside) for review in _reviews)
    return next((hold for hold in holds if hold is not None), None)


def waiting_copy(person: User, name: str, content_sha256: str) -> Template | None:
    """This person's template of this name and content that waits for a moderator, if any.

    A program that sends the same once more gets it, and no second case is opened.
    """
    rows = Template.objects.filter(
        owner=person,
        deleted_at=None,
        visibility="private",
        moderation="quarantined",
        name=name,
        head__content_sha256=content_sha256,
    )
    return rows.order_by("pk").first()
