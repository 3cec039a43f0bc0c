"""Comments as pages and editors show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from comments.models import Comment
from core import clock
from templates_app.documents.rendering import known_as


def threads(
    comments: Sequence[Comment], viewer: User | None, *, owner_id: int, is_public: bool
) -> list[dict[str, Any]]:
    """Remarks in order, each with its answers. owner_id: who may remove all of them. is_public:
    names are the shown ones, as outsiders read them."""
    found: dict[int, dict[str, Any]] = {}
    for comment in comments:
        body = comment_out(comment, viewer, owner_id=owner_id, is_public=is_public)
        if comment.parent_id is None:
            found[comment.pk] = {**body, "answers": []}
        elif comment.parent_id in found:
            found[comment.parent_id]["answers"].append(body)
    return list(found.values())


def comment_out(
    comment: Comment, viewer: User | None, *, owner_id: int, is_public: bool
) -> dict[str, Any]:
    author = comment.author
    is_own = viewer is not None and author.pk == viewer.pk
    return {
        "id": comment.pk,
        "author": author.shown_name if is_public else known_as(author),
        "text": comment.text,
        "at": comment.created_at,
        "createdAt": clock.iso(comment.created_at),
        "isEdited": comment.edited_at is not None,
        "isResolved": comment.resolved_at is not None,
        "stage": comment.stage,
        "position": comment.position,
        "artifact": comment.artifact.public_id if comment.artifact else None,
        "atMs": comment.at_ms,
        "time": moment(comment.at_ms),
        "x": comment.x,
        "y": comment.y,
        "isOwn": is_own,
        "canRemove": is_own or (viewer is not None and viewer.pk == owner_id),
    }


def moment(at_ms: int | None) -> str:
    """`0:02`, or "" for a remark without a moment."""
    if at_ms is None:
        return ""
    minutes, seconds = divmod(at_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
