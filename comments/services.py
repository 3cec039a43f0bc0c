"""Writing, answering, changing, resolving and removing comments.

On a creation everyone who is signed in and may open it comments; on a template those who work on it
as commenter or more. Whom it concerns is told in the same transaction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from accounts.models import User
from accounts.suspension import check_may_act
from comments.models import Comment
from core import clock, errors
from core.counters import Counter
from core.storable_text import storable
from creations.models import Share
from notices import telling
from runs.models import Artifact
from templates_app.documents import selectors as documents
from templates_app.models import Template

TEXT_LENGTH: Final = 2_000
COMMENTS_PER_MINUTE: Final = 20
EXCERPT: Final = 120

written = Counter("comments", 60.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a remark is pinned. at_ms: of a film or a sound. x, y: shares of the picture."""

    position: int | None = None
    artifact: Artifact | None = None
    stage: str = ""
    at_ms: int | None = None
    x: float | None = None
    y: float | None = None


def comment_on_share(*, actor: User, share: Share, text: str, place: Place) -> Comment:
    """Remark on a creation that the actor may open. Raises InvalidInput, QuotaExceeded."""
    check_may_act(actor)
    place = _checked(place)
    if (
        place.position is not None
        and not share.media.filter(role="result", position=place.position).exists()
    ):
        raise _wrong("place", "That file isn't part of this creation.")
    made = Comment(
        share=share,
        author=actor,
        text=_text(actor, text),
        position=place.position,
        at_ms=place.at_ms,
        x=place.x,
        y=place.y,
    )
    return _write(made, {share.owner_id})


def comment_on_template(*, actor: User, template: Template, text: str, place: Place) -> Comment:
    """Remark on a draft, one of its stages or what a run of it made. Raises Forbidden for viewers.

    place.artifact: of a run that the actor may see; its starter hears of it.
    """
    check_may_act(actor)
    if not documents.may_comment(actor, template):
        raise errors.Forbidden("You can look at this draft, but not comment on it.")
    place = _checked(place)
    made = Comment(
        template=template,
        artifact=place.artifact,
        stage=place.stage[:160],
        author=actor,
        text=_text(actor, text),
        at_ms=place.at_ms,
        x=place.x,
        y=place.y,
    )
    concerned = {template.owner_id}
    if place.artifact is not None:
        concerned.add(place.artifact.run.owner_id)
    return _write(made, concerned)


def answer(*, actor: User, comment: Comment, text: str) -> Comment:
    """Answer a remark; an answer to an answer is one to the remark."""
    check_may_act(actor)
    if comment.template is not None and not documents.may_comment(actor, comment.template):
        raise errors.Forbidden("You can look at this draft, but not comment on it.")
    root = comment.parent or comment
    made = Comment(
        share=root.share,
        template=root.template,
        parent=root,
        author=actor,
        text=_text(actor, text),
    )
    earlier = set(root.answers.values_list("author_id", flat=True))
    thing = root.share or root.template
    assert thing is not None  # noqa: S101  the table's constraint
    return _write(made, {root.author_id, thing.owner_id, *earlier})


def edit(*, actor: User, comment: Comment, text: str) -> Comment:
    """Change one's own words. Raises Forbidden for another's."""
    if comment.author_id != actor.pk:
        raise errors.Forbidden("Only its author can change a comment.")
    comment.text, comment.edited_at = _text(actor, text), clock.now()
    comment.save(update_fields=["text", "edited_at"])
    return comment


def resolve(*, actor: User, comment: Comment, is_resolved: bool) -> Comment:
    """Mark a remark as dealt with, or take that back: its author, and those who may edit."""
    if comment.author_id != actor.pk and not _owns(actor, comment):
        raise errors.Forbidden("Only its author and the owner can resolve a comment.")
    comment.resolved_at = clock.now() if is_resolved else None
    comment.resolved_by = actor if is_resolved else None
    comment.save(update_fields=["resolved_at", "resolved_by"])
    return comment


def remove(*, actor: User, comment: Comment) -> None:
    """Delete a remark with its answers: its author, and the owner of what it is on."""
    if comment.author_id != actor.pk and not _owns(actor, comment):
        raise errors.Forbidden("Only its author and the owner can delete a comment.")
    comment.delete()


def _owns(actor: User, comment: Comment) -> bool:
    if comment.share is not None:
        return comment.share.owner_id == actor.pk
    return comment.template is not None and documents.may_edit(actor, comment.template)


def _write(made: Comment, concerned: set[int]) -> Comment:
    with transaction.atomic():
        made.save(force_insert=True)
        name = made.share.title if made.share else made.template.name if made.template else ""
        excerpt = " ".join(made.text.split())
        if len(excerpt) > EXCERPT:
            excerpt = f"{excerpt[: EXCERPT - 1]}…"
        for person_id in concerned - {made.author_id}:
            telling.tell(
                person_id,
                "comment",
                about=f"comment:{made.pk}",
                text=f"{made.author.shown_name} on “{name}”: {excerpt}",
                url=address_of(made),
            )
    return made


def address_of(comment: Comment) -> str:
    """Where a comment is read, at its place."""
    if comment.share is not None:
        return f"/s/{comment.share.public_id}?comment={comment.pk}#comment-{comment.pk}"
    if comment.artifact is not None:
        run = comment.artifact.run
        return f"/runs/{run.public_id}?comment={comment.pk}#comment-{comment.pk}"
    assert comment.template is not None  # noqa: S101  the table's constraint
    return f"/t/{comment.template.public_id}/edit?comment={comment.pk}"


def _text(actor: User, text: str) -> str:
    """The words, tidy. Raises InvalidInput, or QuotaExceeded above COMMENTS_PER_MINUTE."""
    text = storable(text.replace("\r\n", "\n").strip())
    if not text:
        raise _wrong("text", "Write something.")
    if len(text) > TEXT_LENGTH:
        raise _wrong("text", f"At most {TEXT_LENGTH:,} characters.")
    wait_s = written.wait_s(str(actor.pk), COMMENTS_PER_MINUTE)
    if wait_s:
        raise errors.QuotaExceeded(retry_after_s=wait_s)
    return text


def _checked(place: Place) -> Place:
    has_point = place.x is not None or place.y is not None
    if has_point and not all(
        value is not None and math.isfinite(value) and 0 <= value <= 1
        for value in (place.x, place.y)
    ):
        raise _wrong("place", "A point is two shares from 0 to 1.")
    if place.at_ms is not None and not 0 <= place.at_ms < 2**53:
        raise _wrong("place", "A moment is a number of milliseconds from 0 on.")
    return place


def _wrong(path: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(
        message, code="comment.invalid", details={"issues": [{"path": path, "message": message}]}
    )
