"""Reads of comments. Each takes a viewer, so privacy is part of the query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Max, Q, QuerySet

from accounts import blocks, suspension
from accounts.models import User
from comments.models import Comment
from core import errors
from creations.models import UNLISTED, Share
from runs import access
from runs.models import Run
from templates_app.documents import selectors as documents
from templates_app.models import Template

THREADS_SHOWN: Final = 100
ANSWERS_SHOWN: Final = 500
VISIBLE: Final = Q(moderation="visible")
# An answer to what was hidden is out of sight with it.
IN_SIGHT: Final = VISIBLE & (Q(parent=None) | Q(parent__moderation="visible"))
# Outsiders don't read what a closed or suspended account wrote; those who worked with it do.
PUBLIC: Final = (
    IN_SIGHT & suspension.shown("author") & (Q(parent=None) | suspension.shown("parent__author"))
)


@dataclass(frozen=True, slots=True)
class Thread:
    """A remark and its answers. number: as its pin shows it, from 1 in the order written."""

    number: int
    remark: Comment
    answers: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Threads:
    """Some threads about one thing, oldest first.

    count: all comments about it. earlier: the id of a remark before which there are more; 0 without
    any. is_newest: whether none follows.
    """

    threads: tuple[Thread, ...]
    count: int
    earlier: int
    is_newest: bool


def about_share(viewer: User | None, share: Share) -> QuerySet[Comment]:
    """Select what this viewer, who may open a creation, reads there."""
    own = IN_SIGHT & Q(author=viewer) if viewer is not None else Q(pk__in=[])
    rows = Comment.objects.filter(PUBLIC | own, share=share)
    # An answer to what is left out is left out with it.
    for field in ("author", "parent__author"):
        rows = rows.exclude(blocks.unread_by(field, viewer, share.owner_id))
    return rows


def about_run(run: Run) -> QuerySet[Comment]:
    """Select remarks on a run's results, among those who work on its template and see the run."""
    here = Q(artifact__run=run, artifact__hidden_at=None)
    answers = Q(parent__artifact__run=run, parent__artifact__hidden_at=None)
    return Comment.objects.filter(IN_SIGHT & (here | answers))


def about_draft(template: Template) -> QuerySet[Comment]:
    """Select remarks on a draft and its stages, among those who work on it."""
    return Comment.objects.filter(IN_SIGHT, template=template, artifact=None, parent__artifact=None)


def threads_of(rows: QuerySet[Comment], *, before: int = 0) -> Threads:
    """The newest THREADS_SHOWN threads. before: only those with a smaller id than this."""
    remarks = rows.filter(parent=None)
    older = remarks.filter(pk__lt=before) if before else remarks
    batch = list(older.select_related("author", "artifact").order_by("-id")[: THREADS_SHOWN + 1])
    page = batch[:THREADS_SHOWN][::-1]
    answers: dict[int | None, list[Comment]] = {}
    replies = rows.filter(parent__in=page).select_related("author").order_by("id")
    for one in replies[:ANSWERS_SHOWN]:
        answers.setdefault(one.parent_id, []).append(one)
    first = remarks.filter(pk__lt=page[0].pk).count() + 1 if page else 1
    return Threads(
        threads=tuple(
            Thread(number, remark, tuple(answers.get(remark.pk, ())))
            for number, remark in enumerate(page, first)
        ),
        count=rows.count(),
        earlier=page[0].pk if len(batch) > THREADS_SHOWN else 0,
        is_newest=not before or not remarks.filter(pk__gte=before).exists(),
    )


def page_of(rows: QuerySet[Comment], comment_id: int) -> int:
    """`before` of `threads_of` so that a comment is on the page; 0 where it is on the newest."""
    row = rows.filter(pk=comment_id).values_list("pk", "parent_id").first()
    if row is None:
        return 0
    remark = row[1] or row[0]
    later = rows.filter(parent=None, pk__gt=remark).order_by("id").values_list("pk", flat=True)
    return later[0] if later.count() >= THREADS_SHOWN else 0


def state_of(rows: QuerySet[Comment]) -> tuple[int | datetime | None, ...]:
    """Return a tuple that changes whenever a comment is written, changed, resolved or gone."""
    return tuple(
        rows.aggregate(
            count=Count("pk"),
            newest=Max("pk"),
            edited=Max("edited_at"),
            resolved=Max("resolved_at"),
            resolved_count=Count("resolved_at"),
        ).values()
    )


def visible_comment(viewer: User | None, comment_id: int, *, share_id: str = "") -> Comment:
    """A comment that the viewer may read. Raises NotFound alike for what is not there.

    share_id: of the creation it is on, as the viewer knows it. Numbers of comments can be guessed,
    and who may open an unlisted creation is who has its address.
    """
    rows = Comment.objects.filter(IN_SIGHT, pk=comment_id).select_related(
        "author",
        "share__owner",
        "template__owner",
        "artifact__run",
        "parent__author",
        "parent__artifact__run",
    )
    comment = rows.first()
    if (
        comment is None
        or not _may_read(viewer, comment)
        or not _is_known(viewer, comment, share_id)
    ):
        raise missing()
    return comment


def _is_known(viewer: User | None, comment: Comment, share_id: str) -> bool:
    share = comment.share
    if share is None or share.visibility != UNLISTED or share.public_id == share_id:
        return True
    return viewer is not None and viewer.pk in (comment.author_id, share.owner_id)


def _may_read(viewer: User | None, comment: Comment) -> bool:
    if comment.share is not None:
        share = comment.share
        if share.ended_at is not None:
            return False
        if viewer is not None and share.owner_id == viewer.pk:
            return True
        root = comment.parent or comment
        return (
            share.moderation == "visible"
            and suspension.is_shown(share.owner)
            and all(_is_shown_to(viewer, one.author) for one in (comment, root))
        )
    if viewer is None or comment.template_id is None:
        return False
    if viewer.pk not in documents.members_of([comment.template_id]).get(comment.template_id, {}):
        return False
    artifact = (comment.parent or comment).artifact
    if artifact is None:
        return True
    pair = (viewer.pk, artifact.run_id)
    return artifact.hidden_at is None and pair in access.followable([pair])


def _is_shown_to(viewer: User | None, author: User) -> bool:
    return suspension.is_shown(author) or (viewer is not None and viewer.pk == author.pk)


def missing() -> errors.NotFound:
    return errors.NotFound("This comment isn't there any more.", code="comment.not_found")
