"""`/app/…/comments`: a form is answered with the list or its page, JSON with JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import check_sent, is_json, json_success, person_of, viewer_of
from builder.web.comment_pages import comment_view
from builder.web.comment_pages.comment_view import Discussion
from builder.web.comment_pages.schemas import CommentList
from comments import selectors, services
from comments.models import Comment
from comments.services import Place
from core import errors, jsonsafe
from core.compression import has_current
from creations import selectors as creations
from creations.models import Share
from runs import access
from runs import selectors as runs
from runs.models import Run
from templates_app.documents import selectors as documents

NUMBER_LENGTH = 16
# What a form shows beside its field; the rest is answered as everywhere.
REFUSALS = (errors.InvalidInput, errors.QuotaExceeded, errors.Forbidden)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def on_share(request: HttpRequest, share_id: str) -> HttpResponse:
    """Everyone who may open a creation reads; everyone who is signed in writes."""
    viewer = viewer_of(request)
    share = creations.visible_share(viewer, share_id).share
    discussion = comment_view.about_share(viewer, share)
    if request.method != "POST":
        return _list(request, discussion)
    if viewer is None:
        return _sign_in(request, f"{discussion.page}#comments")

    def write(body: dict[str, Any]) -> Comment:
        return services.comment_on_share(
            actor=viewer, share=share, text=body["text"], place=_place(body)
        )

    return _write(request, discussion, write)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def on_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Comments on what a run of a template made, among those who work on it."""
    person = person_of(request)
    run = access.visible_run(person, run_id)
    template, discussion = access.template_of(run), comment_view.about_run(person, run)
    if template is None or discussion is None:
        raise errors.NotFound("Only runs of a template that you work on have comments.")
    if request.method != "POST":
        return _list(request, discussion)

    def write(body: dict[str, Any]) -> Comment:
        artifacts = {row.public_id: row for row in runs.artifacts_of([run])}
        artifact = artifacts.get(str(body.get("artifact", "")))
        if artifact is None:
            raise errors.InvalidBody("`artifact` must be the id of a result of this run.")
        return services.comment_on_template(
            actor=person, template=template, text=body["text"], place=_place(body, artifact)
        )

    return _write(request, discussion, write)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def on_document(request: HttpRequest, public_id: str) -> HttpResponse:
    """Comments on a draft and its stages, for the canvas; JSON alone."""
    person = person_of(request)
    template = documents.readable(person, public_id)
    if request.method == "POST":
        body = _body_of(request)
        comment = services.comment_on_template(
            actor=person, template=template, text=body["text"], place=_place(body)
        )
        return json_success({"id": comment.pk})
    discussion = comment_view.about_draft(person, template)
    return json_success(_wire(comment_view.context(discussion, before=_before(request))))


@never_cache
@require_POST
@allowed_while_suspended("POST")
def change(request: HttpRequest, comment_id: int, action: str) -> HttpResponse:
    """answer, edit, resolve, reopen or remove one; answered as a new one is.

    `?of=` names the creation it is on.
    """
    person, share_id = viewer_of(request), request.GET.get("of", "")
    if person is None:
        try:
            comment = selectors.visible_comment(None, comment_id, share_id=share_id)
            page = services.address_of(comment)
        except errors.NotFound:
            page = "/"
        return _sign_in(request, page)
    comment = selectors.visible_comment(person, comment_id, share_id=share_id)

    def write(body: dict[str, Any]) -> Comment | None:
        if action == "answer":
            return services.answer(actor=person, comment=comment, text=body["text"])
        if action == "edit":
            return services.edit(actor=person, comment=comment, text=body["text"])
        if action == "remove":
            services.remove(actor=person, comment=comment)
            return None
        services.resolve(actor=person, comment=comment, is_resolved=action == "resolve")
        return comment

    if action not in ("answer", "edit", "resolve", "reopen", "remove"):
        raise errors.NotFound
    needs_text = action in ("answer", "edit")
    return _write(request, _discussion_of(person, comment), write, needs_text=needs_text)


def share_context(viewer: User | None, share: Share, query: Mapping[str, str]) -> dict[str, Any]:
    """Build the comments' context for the page of a creation. query: the query of its address."""
    return _page(comment_view.about_share(viewer, share), query)


def run_context(
    viewer: User, run: Run, query: Mapping[str, str], *, artifact: str
) -> dict[str, Any]:
    """Build the comments' context for the page of a run, whose large result is `artifact`; empty
    where no one comments."""
    discussion = comment_view.about_run(viewer, run)
    return {} if discussion is None else _page(discussion, query, artifact)


def _page(discussion: Discussion, query: Mapping[str, str], artifact: str = "") -> dict[str, Any]:
    before, comment_id = _number(query.get("before", "")), _number(query.get("comment", ""))
    if comment_id:
        before = selectors.page_of(discussion.rows, comment_id)
    return {"comments": comment_view.context(discussion, before=before, artifact=artifact)}


def _discussion_of(person: User, comment: Comment) -> Discussion:
    if comment.share is not None:
        return comment_view.about_share(person, comment.share)
    artifact = (comment.parent or comment).artifact
    discussion = comment_view.about_run(person, artifact.run) if artifact is not None else None
    if discussion is None:
        assert comment.template is not None  # noqa: S101  the table's constraint
        discussion = comment_view.about_draft(person, comment.template)
    return discussion


def _list(request: HttpRequest, discussion: Discussion) -> HttpResponse:
    """The list, or that it is the one the page has."""
    etag = discussion.etag()
    if has_current(request, etag):
        return HttpResponseNotModified(headers={"ETag": etag})
    context = comment_view.context(discussion, before=_before(request))
    if is_json(request):
        answer = json_success(_wire(context))
    else:
        answer = render(request, "comment_pages/list.html", {"comments": context})
    answer["ETag"] = etag
    return answer


def _write(
    request: HttpRequest,
    discussion: Discussion,
    write: Callable[[dict[str, Any]], Comment | None],
    *,
    needs_text: bool = True,
) -> HttpResponse:
    """Write, and answer with what the asker shows next."""
    problem, comment, body = "", None, _body_of(request, needs_text=needs_text)
    artifact = str(body.get("artifact") or "")
    try:
        comment = write(body)
    except REFUSALS as refusal:
        if is_json(request):
            raise
        problem = refusal.message
    if is_json(request):
        return json_success({"id": comment.pk} if comment is not None else {})
    if not request.htmx and not problem:  # type: ignore[attr-defined]  # django_htmx
        anchor = f"comment-{comment.pk}" if comment is not None else "comments"
        return redirect(f"{discussion.page}#{anchor}")
    text = body.get("text", "")
    context = comment_view.context(discussion, problem=problem, text=text, artifact=artifact)
    name = "list" if request.htmx else "page"  # type: ignore[attr-defined]  # django_htmx
    status = 422 if problem else 200
    return render(request, f"comment_pages/{name}.html", {"comments": context}, status=status)


def _sign_in(request: HttpRequest, page: str) -> HttpResponse:
    """Scripts are told; a form goes to sign in, and from there back to its page."""
    if is_json(request) or request.htmx:  # type: ignore[attr-defined]  # django_htmx
        raise errors.Unauthenticated("Sign in to comment.")
    return redirect(f"/sign-in?next={quote(page, safe='')}")


def _body_of(request: HttpRequest, *, needs_text: bool = True) -> dict[str, Any]:
    """The fields of a form or a JSON body. Raises InvalidBody without `text`."""
    if is_json(request):
        body = jsonsafe.loads_object(request.body) if request.body else {}
    else:
        check_sent(request.POST)
        body = request.POST.dict()
    if needs_text and not isinstance(body.get("text"), str):
        raise errors.InvalidBody("`text` must be what the comment says.")
    return body


def _place(body: dict[str, Any], artifact: Any = None) -> Place:
    stage = body.get("stage", "")
    if not isinstance(stage, str):
        raise errors.InvalidBody("`stage` must be the key of a stage.")
    return Place(
        position=_whole(body, "position"),
        artifact=artifact,
        stage=stage,
        at_ms=_whole(body, "atMs"),
        x=_share(body, "x"),
        y=_share(body, "y"),
    )


def _whole(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = _number(value, -1)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise errors.InvalidBody(f"`{name}` must be a whole number from 0 on.")
    return value


def _share(body: dict[str, Any], name: str) -> float | None:
    value = body.get(name)
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise errors.InvalidBody(f"`{name}` must be a number from 0 to 1.") from None


def _before(request: HttpRequest) -> int:
    return _number(request.GET.get("before", ""))


def _number(text: str, otherwise: int = 0) -> int:
    is_one = text.isascii() and text.isdigit() and len(text) <= NUMBER_LENGTH
    return int(text) if is_one else otherwise


def _wire(context: dict[str, Any]) -> CommentList:
    """Build the body that programs read."""
    return {
        "comments": context["threads"],
        "count": context["count"],
        "earlier": context["earlier"] or None,
        "mayWrite": context["may_write"],
    }
