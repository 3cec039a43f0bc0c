"""Hiding a comment and showing it again: for moderation only."""

from __future__ import annotations

from comments.models import Comment
from templates_app.documents import hints


def set_moderation(*, comment: Comment, state: str, expected: str) -> bool:
    """Hide a comment from everyone, with its answers, or show it again.

    state: "visible", "quarantined" or "removed". expected: the state it must be in; False when it
    is not. Part of the caller's transaction.
    """
    count = Comment.objects.filter(pk=comment.pk, moderation=expected).update(moderation=state)
    if count:
        comment.moderation = state
        if comment.template is not None:
            hints.comments_changed(comment.template)
    return bool(count)
