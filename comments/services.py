"""Writing, answering, changing, resolving and removing comments.

On a creation everyone who is signed in and may open it comments; on a template those who work on it
as commenter or more. Whom it concerns is told in the same transaction, without the words: they
may lose the right to read them.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts import blocks
from accounts.models import User
from accounts.suspension import check_may_act
from comments.models import Comment
from comments.selectors import VISIBLE, missing
from core import clock, errors
from core.counters import Counter
from core.storable_text import storable
from creations import selectors as creations
from creations.models import Share, ShareMedia
from notices import create_notice
from runs.models import Artifact
from templates_app.documents import hints
from templates_app.documents import selectors as documents
from templates_app.models import Document, Template

TEXT_LENGTH: Final = 2_000
COMMENTS_PER_MINUTE: Final = 20
COMMENTING: Final = "comment here"
# The same words again at the same place are the same comment: the answer to the first was lost.
REPEATED_WITHIN: Final = timedelta(minutes=10)
PLACE: Final = (
    *("share_id", "template_id", "parent_id", "artifact_id"),
    *("position", "stage", "at_ms", "x", "y"),
)
LOOKS_ONLY: Final = "You can look at this draft, but not comment on it."

written = Counter("comments", 60.0)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a remark: in a result, or at a stage of a draft, by its document's key.

    at_ms: the moment of a video or audio. x, y: shares of the picture's width and height.
    """

    position: int | None = None
    artifact: Artifact | None = None
    stage: str = ""
    at_ms: int | None = None
    x: float | None = None
    y: float | None = None


def comment_on_share(*, actor: User, share: Share, text: str, place: Place) -> Comment:
    """Remark on a creation that the actor may open. Raises InvalidInput, QuotaExceeded."""
    check_may_act(actor)
    media = share.media.filter(role="result").select_related("blob").order_by("position")
    medium = None
    if place.position is not None:
        medium = media.filter(position=place.position).first()
        if medium is None:
            raise _wrong("position", "That file isn't part of this creation.")
    elif place.at_ms is not None or place.x is not None or place.y is not None:
        # A place without a file is one in the first.
        medium = media.first()
    place = _check_place(place, medium)
    text = _text(text)
    with transaction.atomic():
        rows = Share.objects.select_for_update(of=("self",)).only("moderation").filter(pk=share.pk)
        there = rows.filter(creations.OPEN | Q(ended_at=None, owner=actor)).first()
        if there is None:
            raise creations.missing()
        _check_shown(there)
        blocks.check_not_apart(actor, {share.owner_id}, COMMENTING)
        comment = Comment(
            share=share,
            author=actor,
            text=text,
            position=medium.position if medium else None,
            at_ms=place.at_ms,
            x=place.x,
            y=place.y,
        )
        return _write(comment, {share.owner_id})


def comment_on_template(*, actor: User, template: Template, text: str, place: Place) -> Comment:
    """Remark on a draft, one of its stages or what a run of it made.

    place.artifact: of a run that the actor may see; its starter hears of it. Raises InvalidInput,
    QuotaExceeded; Forbidden for viewers, NotFound for others.
    """
    check_may_act(actor)
    artifact = place.artifact
    place = _check_place(place, artifact)
    if place.stage and not _has_stage(template, place.stage):
        raise _wrong("stage", "That stage isn't in this draft any more.")
    text = _text(text)
    with transaction.atomic():
        _check_may_comment(actor, template)
        comment = Comment(
            template=template,
            artifact=artifact,
            stage=place.stage,
            author=actor,
            text=text,
            at_ms=place.at_ms,
            x=place.x,
            y=place.y,
        )
        return _write(
            comment, {template.owner_id} | ({artifact.run.owner_id} if artifact else set())
        )


def answer(*, actor: User, comment: Comment, text: str) -> Comment:
    """Answer a remark; an answer to an answer is one to the remark."""
    check_may_act(actor)
    text = _text(text)
    with transaction.atomic():
        # Locked, so that it is not deleted before its answer is written.
        rows = Comment.objects.select_for_update(of=("self",)).select_related("share", "template")
        root = rows.filter(VISIBLE, pk=comment.parent_id or comment.pk).first()
        if root is None:
            raise missing()
        if root.template is not None:
            _check_may_comment(actor, root.template)
        elif root.share is not None:
            _check_shown(root.share)
            blocks.check_not_apart(actor, {root.share.owner_id, root.author_id}, COMMENTING)
        reply = Comment(
            share=root.share, template=root.template, parent=root, author=actor, text=text
        )
        thing = root.share or root.template
        assert thing is not None  # noqa: S101  the table's constraint
        earlier = set(root.answers.filter(VISIBLE).values_list("author_id", flat=True))
        return _write(reply, {root.author_id, thing.owner_id, *earlier})


def edit(*, actor: User, comment: Comment, text: str) -> Comment:
    """Change one's own words. Raises Forbidden for another's, NotFound for what is gone."""
    check_may_act(actor)
    if comment.author_id != actor.pk:
        raise errors.Forbidden("Only its author can change a comment.")
    comment.text, comment.edited_at = _text(text), clock.now()
    _check_rate(actor)
    with transaction.atomic():
        if comment.template is not None:
            _check_may_comment(actor, comment.template)
        rows = Comment.objects.filter(VISIBLE, pk=comment.pk)
        if not rows.update(text=comment.text, edited_at=comment.edited_at):
            raise missing()
        _tell_editors(comment)
    return comment


def resolve(*, actor: User, comment: Comment, is_resolved: bool) -> None:
    """Mark a remark as dealt with, or take that back. Harmless to repeat.

    Raises Forbidden for all but its author and those who may edit what it is on, InvalidInput for
    an answer: it is resolved with its remark.
    """
    check_may_act(actor)
    if comment.parent_id is not None:
        raise errors.InvalidInput("Resolve the comment that this replies to.")
    if not may_resolve(actor, comment):
        raise errors.Forbidden("Only its author and the owner can resolve a comment.")
    with transaction.atomic():
        rows = Comment.objects.filter(VISIBLE, pk=comment.pk)
        if not rows.exists():
            raise missing()
        if is_resolved:
            rows.filter(resolved_at=None).update(resolved_at=clock.now(), resolved_by=actor)
        else:
            rows.update(resolved_at=None, resolved_by=None)
        _tell_editors(comment)


def remove(*, actor: User, comment: Comment) -> None:
    """Delete a comment, a remark with its answers. Harmless to repeat.

    Raises Forbidden for all but its author and the owner of what it is on.
    """
    if not may_remove(actor, comment):
        raise errors.Forbidden("Only its author and the owner can delete a comment.")
    with transaction.atomic():
        rows = Comment.objects.filter(pk=comment.pk)
        # Locked before its answers are looked for: one that is being written is among them then.
        if rows.select_for_update().first() is not None:
            rows.delete()
            _tell_editors(comment)


def may_resolve(actor: User, comment: Comment) -> bool:
    if comment.share is not None:
        return actor.pk in (comment.author_id, comment.share.owner_id)
    assert comment.template is not None  # noqa: S101  the table's constraint
    if comment.author_id == actor.pk:
        return documents.may_comment(actor, comment.template)
    return documents.may_edit(actor, comment.template)


def may_remove(actor: User, comment: Comment) -> bool:
    thing = comment.share or comment.template
    assert thing is not None  # noqa: S101  the table's constraint
    return actor.pk in (comment.author_id, thing.owner_id)


def address_of(comment: Comment) -> str:
    """Return where a comment is read, at its place."""
    at = f"?comment={comment.pk}#comment-{comment.pk}"
    if comment.share is not None:
        return f"/s/{comment.share.public_id}{at}"
    artifact = (comment.parent or comment).artifact
    if artifact is not None:
        return f"/runs/{artifact.run.public_id}{at}"
    assert comment.template is not None  # noqa: S101  the table's constraint
    return f"/t/{comment.template.public_id}/edit?comment={comment.pk}"


def _write(comment: Comment, person_ids: Collection[int]) -> Comment:
    """Insert a comment and notify, once: a repeated one is returned as it was written. Raises
    QuotaExceeded."""
    place = {name: getattr(comment, name) for name in PLACE}
    latest = Comment.objects.filter(VISIBLE, **place).order_by("-id").first()
    if latest is not None and _repeats(comment, latest):
        return latest
    author = comment.author
    _check_rate(author)
    comment.save(force_insert=True)
    if comment.template is not None:
        # Those who left since, or only ran it, may not read what is said there.
        members = documents.members_of([comment.template.pk]).get(comment.template.pk, {})
        person_ids = [person for person in person_ids if person in members]
        name, by = comment.template.name, author.shown_name
    else:
        assert comment.share is not None  # noqa: S101  the table's constraint
        name, by = comment.share.title, author.shown_name
    did = "replied on" if comment.parent_id else "commented on"
    for person_id in sorted(set(person_ids) - {author.pk}):
        create_notice.tell(
            person_id,
            "comment",
            about=f"comment:{comment.pk}",
            text=f"{by} {did} “{name}”.",
            url=address_of(comment),
            by=author,
        )
    _tell_editors(comment)
    return comment


def _repeats(comment: Comment, earlier: Comment) -> bool:
    is_same = comment.author_id == earlier.author_id and comment.text == earlier.text
    return is_same and comment.created_at - earlier.created_at < REPEATED_WITHIN


def _tell_editors(comment: Comment) -> None:
    """Open editors look again once the transaction is through; pages ask now and then."""
    if comment.template is not None:
        hints.comments_changed(comment.template)


def _check_may_comment(actor: User, template: Template) -> None:
    there = Template.objects.select_for_update().filter(pk=template.pk, deleted_at=None).first()
    if there is None or documents.role_of(actor, there) is None:
        raise missing()
    if not documents.may_comment(actor, there):
        raise errors.Forbidden(LOOKS_ONLY)


def _check_shown(share: Share) -> None:
    """Its owner still sees what a moderator has hidden; no one reads what would be said there."""
    if share.moderation != "visible":
        raise errors.Forbidden(
            "Others can't see this creation, so it can't be commented on.", code="share.taken_down"
        )


def _has_stage(template: Template, key: str) -> bool:
    states = Document.objects.filter(template=template).values_list("state", flat=True)
    return any(key in state["stages"]["rows"] for state in states)


def _text(text: str) -> str:
    """Return the words, tidy. Raises InvalidInput."""
    text = storable(text.replace("\r\n", "\n").strip())
    if not text:
        raise _wrong("text", "Write something.")
    if len(text) > TEXT_LENGTH:
        raise _wrong("text", f"Use at most {TEXT_LENGTH:,} characters. This has {len(text):,}.")
    return text


def _check_rate(actor: User) -> None:
    """Raise QuotaExceeded above COMMENTS_PER_MINUTE."""
    wait_s = written.wait_s(str(actor.pk), COMMENTS_PER_MINUTE)
    if wait_s:
        raise errors.QuotaExceeded(
            f"At most {COMMENTS_PER_MINUTE} comments a minute. Try again in {math.ceil(wait_s)} s.",
            retry_after_s=wait_s,
        )


def _check_place(place: Place, file: ShareMedia | Artifact | None) -> Place:
    """A place in this file, or at a draft without one. Raises InvalidInput."""
    kind = file.kind if file is not None else ""
    duration_ms = file.blob.duration_ms if file is not None else None
    for name, share in (("x", place.x), ("y", place.y)):
        if (place.x is None) != (place.y is None) and share is None:
            raise _wrong(name, "A point needs both `x` and `y`.")
        if share is not None and not (math.isfinite(share) and 0 <= share <= 1):
            raise _wrong(name, "Use a number from 0 to 1, a share of the picture.")
        if share is not None and kind not in ("image", "video"):
            raise _wrong(name, "A point needs an image or a video.")
    if place.at_ms is not None and kind not in ("video", "audio"):
        raise _wrong("atMs", "A moment needs a video or audio.")
    # A player may be a little after the last picture.
    if place.at_ms is not None and duration_ms and place.at_ms > duration_ms + 1_000:
        raise _wrong("atMs", f"It is only {duration_ms:,} ms long. Choose a moment in it.")
    return place


def _wrong(path: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(
        message, code="comment.invalid", details={"issues": [{"path": path, "message": message}]}
    )
