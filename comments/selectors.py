"""Reads of comments. Each takes a viewer, so privacy is part of the query."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from accounts.models import User
from comments.models import Comment
from core import errors
from creations.models import Share
from runs.models import Artifact
from templates_app.documents import selectors as documents
from templates_app.models import Template

SHOWN = 500
VISIBLE = Q(moderation="visible")


def of_share(share: Share) -> list[Comment]:
    """What everyone who may open a creation reads, oldest first, answers among them."""
    return _listed(Comment.objects.filter(VISIBLE, share=share))


def of_template(template: Template, *, stages: Sequence[str] = ()) -> list[Comment]:
    """What those who work on a template read, oldest first. stages: only those on these."""
    rows = Comment.objects.filter(VISIBLE, template=template)
    return _listed(rows.filter(stage__in=stages) if stages else rows)


def of_artifacts(artifacts: Sequence[Artifact]) -> list[Comment]:
    """Those on results of a template's runs, oldest first."""
    return _listed(Comment.objects.filter(VISIBLE, artifact__in=artifacts))


def counts_of(shares: Sequence[Share]) -> dict[int, int]:
    """Creation → how many comments, for lists."""
    found: dict[int, int] = dict.fromkeys((share.pk for share in shares), 0)
    for share_id in Comment.objects.filter(VISIBLE, share__in=shares).values_list(
        "share_id", flat=True
    ):
        found[share_id] += 1
    return found


def visible_comment(viewer: User, comment_id: int) -> Comment:
    """A comment that the viewer may read. Raises NotFound alike for what is not there."""
    rows = Comment.objects.filter(VISIBLE, pk=comment_id)
    found = rows.select_related("share__owner", "template__owner", "author", "parent").first()
    if found is None or not may_read(viewer, found):
        raise missing()
    return found


def may_read(viewer: User, comment: Comment) -> bool:
    if comment.share is not None:
        share = comment.share
        is_open = share.ended_at is None and share.moderation == "visible"
        return is_open or (share.ended_at is None and share.owner_id == viewer.pk)
    assert comment.template is not None  # noqa: S101  the table's constraint
    return documents.role_of(viewer, comment.template) is not None


def missing() -> errors.NotFound:
    return errors.NotFound("This comment isn't there any more.", code="comment.not_found")


def _listed(rows: QuerySet[Comment]) -> list[Comment]:
    return list(rows.select_related("author").order_by("id")[:SHOWN])
