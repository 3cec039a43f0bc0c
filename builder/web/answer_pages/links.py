"""Links that answer one question of one run: made by its owner, used once, gone after a day.

Anyone who holds the link may answer; it shows nothing but what is asked. Only its hash is kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.auth import hash_secret
from accounts.models import OneTimeLink, User
from builder.web.runs_pages.pending_inputs import BY_LINK
from core import clock, errors
from runs.interaction import wait_kinds
from runs.models import Wait

PURPOSE = "answer"
LIFE = timedelta(hours=24)
_SUBJECT = "wait:"


@dataclass(frozen=True, slots=True)
class Link:
    """url: with its secret, which cannot be read again later."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link that exists. wait: what it asks; None once that is over, then `why` says so."""

    row: OneTimeLink
    wait: Wait | None
    why: str = ""


def create(*, wait: Wait, actor: User, base_url: str) -> Link:
    """A new link for a question of the actor's. Earlier ones go on working.

    Raises Conflict for a question that is not open, or that takes someone who is signed in.
    """
    if wait.answered_at is not None:
        raise errors.Conflict("This question was already answered.", code="workflow.answered")
    if wait_kinds.kind_of(wait) not in BY_LINK:
        raise errors.Conflict("Sign in to decide this.", code="workflow.not_asked")
    token = secrets.token_urlsafe(32)
    expires_at = clock.now() + LIFE
    OneTimeLink.objects.create(
        token_sha256=hash_secret(token),
        purpose=PURPOSE,
        subject=f"{_SUBJECT}{wait.id}",
        user=actor,
        expires_at=expires_at,
    )
    return Link(f"{base_url}/answer/{token}", expires_at)


def look(token: str) -> FoundLink:
    """Return a link with its question; uses nothing up. Raises NotFound for one that never was."""
    row = OneTimeLink.objects.filter(token_sha256=hash_secret(token), purpose=PURPOSE).first()
    if row is None:
        raise errors.NotFound("This link isn't valid.", code="link.spent")
    if row.used_at is not None:
        return FoundLink(row, None, "It was already used.")
    if row.expires_at <= clock.now():
        return FoundLink(row, None, "It expired after 24 hours.")
    number = row.subject.removeprefix(_SUBJECT)
    wait = Wait.objects.select_related("step", "run__owner").filter(id=int(number)).first()
    if wait is None or wait.answered_at is not None:
        return FoundLink(row, None, "This question was already answered.")
    return FoundLink(row, wait)


def use_up(row: OneTimeLink) -> None:
    """The answer was taken."""
    OneTimeLink.objects.filter(pk=row.pk, used_at=None).update(used_at=clock.now())
