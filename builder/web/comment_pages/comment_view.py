"""Comments as pages and editors show them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from accounts import avatars, blocks
from accounts.models import User
from accounts.suspension import shown_moment, suspended_until
from builder.web.comment_pages.schemas import CommentOut
from comments import selectors, services
from comments.models import Comment
from core import clock
from creations.models import Share
from runs import access
from runs import selectors as runs
from runs.models import Run
from templates_app.documents import selectors as documents
from templates_app.models import Template

COMMENTING: Final = (documents.OWNER, "editor", "commenter")


@dataclass(frozen=True, slots=True)
class Discussion:
    """The comments about one thing, and what one viewer may do there.

    owner_id: who may delete every comment. may_resolve: any of them, not only own ones. page:
    where people read them. refusal: why someone who is signed in may not write, where they are to
    be told. action: where new ones are sent, and the list is asked for again.
    artifacts: of a run, those that its page shows.
    """

    rows: QuerySet[Comment]
    viewer: User | None
    owner_id: int
    may_write: bool
    may_resolve: bool
    page: str
    action: str
    is_public: bool = False
    refusal: str = ""
    artifacts: frozenset[str] = frozenset()

    def etag(self) -> str:
        """Another one whenever the list reads differently."""
        may = (self.viewer and self.viewer.pk, self.may_write, self.may_resolve)
        state = (*selectors.state_of(self.rows), *may)
        return f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:24]}"'


def about_share(viewer: User | None, share: Share) -> Discussion:
    """share: one that the viewer may open."""
    refusal = _suspension_of(viewer)
    if viewer is not None and not refusal:
        refusal = blocks.refusal(viewer, {share.owner_id}, services.COMMENTING)
    is_shown = share.moderation == "visible"
    return Discussion(
        rows=selectors.about_share(viewer, share),
        viewer=viewer,
        owner_id=share.owner_id,
        may_write=viewer is not None and is_shown and not refusal,
        may_resolve=viewer is not None and viewer.pk == share.owner_id,
        page=f"/s/{share.public_id}",
        action=f"/app/creations/{share.public_id}/comments",
        is_public=True,
        refusal=refusal,
    )


def about_run(viewer: User, run: Run) -> Discussion | None:
    """run: one that the viewer may see. None for runs that no one discusses: without a template,
    or one that the viewer doesn't work on."""
    template = access.template_of(run)
    role = documents.role_of(viewer, template) if template is not None else None
    if template is None or role is None or template.deleted_at is not None:
        return None
    refusal = _suspension_of(viewer)
    return Discussion(
        rows=selectors.about_run(run),
        viewer=viewer,
        owner_id=template.owner_id,
        may_write=role in COMMENTING and not refusal,
        may_resolve=role in (documents.OWNER, "editor"),
        page=f"/runs/{run.public_id}",
        action=f"/app/runs/{run.public_id}/comments",
        refusal=refusal,
        artifacts=frozenset(one.public_id for one in runs.artifacts_of([run])),
    )


def _suspension_of(viewer: User | None) -> str:
    """Return why a suspended person may not write, or ""."""
    until = suspended_until(viewer) if viewer is not None else None
    if until is None:
        return ""
    return f"Your account is suspended until {shown_moment(until)}. You can comment after that."


def about_draft(viewer: User, template: Template) -> Discussion:
    """template: one whose draft the viewer may read."""
    role = documents.role_of(viewer, template)
    return Discussion(
        rows=selectors.about_draft(template),
        viewer=viewer,
        owner_id=template.owner_id,
        may_write=role in COMMENTING,
        may_resolve=role in (documents.OWNER, "editor"),
        page=f"/t/{template.public_id}/edit",
        action=f"/app/documents/{template.public_id}/comments",
    )


def context(
    discussion: Discussion,
    *,
    before: int = 0,
    problem: str = "",
    text: str = "",
    artifact: str = "",
) -> dict[str, Any]:
    """Build the context of `comment_pages/list.html`. problem: why `text` was not taken. artifact:
    what a form without scripts comments on."""
    threads = selectors.threads_of(discussion.rows, before=before)
    return {
        "threads": [
            {
                **comment_out(discussion, one.remark),
                "number": one.number,
                "answers": [comment_out(discussion, answer) for answer in one.answers],
            }
            for one in threads.threads
        ],
        "count": threads.count,
        "earlier": threads.earlier,
        "is_newest": threads.is_newest,
        "may_write": discussion.may_write,
        "refusal": discussion.refusal,
        "is_signed_in": discussion.viewer is not None,
        "page": discussion.page,
        "of": discussion.page.replace("/s/", "?of=") if discussion.is_public else "",
        "is_public": discussion.is_public,
        "action": discussion.action,
        "etag": discussion.etag(),
        "length": services.TEXT_LENGTH,
        "problem": problem,
        "text": text if problem else "",
        "artifact": artifact,
    }


def comment_out(discussion: Discussion, comment: Comment) -> CommentOut:
    author, viewer = comment.author, discussion.viewer
    name = author.shown_name
    is_own = viewer is not None and author.pk == viewer.pk
    artifact = comment.artifact.public_id if comment.artifact else None
    may_act = discussion.may_write
    return {
        "id": comment.pk,
        "author": name,
        "hue": avatars.hue(name),
        "initials": avatars.initials(name),
        "text": comment.text,
        "createdAt": clock.iso(comment.created_at),
        "isEdited": comment.edited_at is not None,
        "isResolved": comment.resolved_at is not None,
        "stage": comment.stage,
        "position": comment.position,
        "artifact": artifact,
        "isOfEarlierResult": artifact is not None and artifact not in discussion.artifacts,
        "atMs": comment.at_ms,
        "time": moment(comment.at_ms),
        "x": comment.x,
        "y": comment.y,
        "isOwn": is_own,
        "canEdit": is_own and may_act,
        "canResolve": comment.parent_id is None and may_act and (is_own or discussion.may_resolve),
        "canRemove": is_own or (viewer is not None and viewer.pk == discussion.owner_id),
    }


def moment(at_ms: int | None) -> str:
    """`0:02`, or "" for a remark without a moment."""
    if at_ms is None:
        return ""
    minutes, seconds = divmod(at_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
