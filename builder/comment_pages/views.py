"""`/app/…/comments`: forms of pages are answered with the list again, JSON with JSON."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from builder.comment_pages import shown
from builder.http.page_requests import check_sent, is_json, json_success, person_of
from builder.template_pages.viewer import viewer_of
from comments import selectors, services
from comments.models import Comment
from comments.services import Place
from core import errors, jsonsafe
from creations import selectors as creations
from runs import access
from runs import selectors as runs
from templates_app.documents import selectors as documents

NUMBER_LENGTH = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def on_share(request: HttpRequest, share_id: str) -> HttpResponse:
    """Everyone who may open a creation reads; everyone who is signed in writes."""
    viewer = viewer_of(request)
    share = creations.visible_share(viewer, share_id).share
    problem = ""
    if request.method == "POST":
        if viewer is None:
            raise errors.Unauthenticated("Sign in to comment.")
        sent = _sent(request)
        try:
            services.comment_on_share(
                actor=viewer, share=share, text=sent["text"], place=_place(sent)
            )
        except (errors.InvalidInput, errors.QuotaExceeded, errors.Forbidden) as refusal:
            if is_json(request):
                raise
            problem = refusal.message
        if not request.htmx and not is_json(request):  # type: ignore[attr-defined]
            return redirect(f"/s/{share.public_id}#comments")
    context = share_context(viewer, share, problem=problem)
    if is_json(request):
        return json_success({"comments": _wire(context["threads"])})
    return render(request, "comment_pages/list.html", context, status=422 if problem else 200)


def share_context(viewer: User | None, share: Any, *, problem: str = "") -> dict[str, Any]:
    found = selectors.of_share(share)
    return {
        "threads": shown.threads(found, viewer, owner_id=share.owner_id, is_public=True),
        "count": len(found),
        "action": f"/app/creations/{share.public_id}/comments",
        "may_write": viewer is not None,
        "problem": problem,
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def on_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Comments on what a run of a template made, among those who work on it."""
    person = person_of(request)
    run = access.visible_run(person, run_id)
    template = access.template_of(run)
    if template is None or documents.role_of(person, template) is None:
        raise errors.NotFound("Only runs of a template that you work on have comments.")
    made = {row.public_id: row for row in runs.artifacts_of([run])}
    if request.method == "POST":
        sent = _sent(request)
        artifact = made.get(str(sent.get("artifact", "")))
        if artifact is None:
            raise errors.InvalidBody("`artifact` must be the id of a result of this run.")
        services.comment_on_template(
            actor=person, template=template, text=sent["text"], place=_place(sent, artifact)
        )
    found = selectors.of_artifacts(list(made.values()))
    listed = shown.threads(found, person, owner_id=template.owner_id, is_public=False)
    if is_json(request):
        return json_success({"comments": _wire(listed)})
    context = {
        "threads": listed,
        "count": len(found),
        "action": f"/app/runs/{run.public_id}/comments",
        "may_write": documents.may_comment(person, template),
    }
    return render(request, "comment_pages/list.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def on_document(request: HttpRequest, public_id: str) -> HttpResponse:
    """Comments on a draft and its stages, for the canvas; JSON alone."""
    person = person_of(request)
    template = documents.readable(person, public_id)
    if request.method == "POST":
        sent = _sent(request)
        services.comment_on_template(
            actor=person, template=template, text=sent["text"], place=_place(sent)
        )
    found = selectors.of_template(template)
    listed = shown.threads(found, person, owner_id=template.owner_id, is_public=False)
    return json_success({"comments": _wire(listed)})


@login_required
@require_POST
def change(request: HttpRequest, comment_id: int, action: str) -> HttpResponse:
    """answer, edit, resolve, reopen or remove one; answered with its list."""
    person = person_of(request)
    comment = selectors.visible_comment(person, comment_id)
    if action in ("answer", "edit"):
        text = _sent(request)["text"]
        if action == "answer":
            services.answer(actor=person, comment=comment, text=text)
        else:
            services.edit(actor=person, comment=comment, text=text)
    elif action in ("resolve", "reopen"):
        services.resolve(actor=person, comment=comment, is_resolved=action == "resolve")
    elif action == "remove":
        services.remove(actor=person, comment=comment)
    else:
        raise errors.NotFound
    return _list_of(request, person, comment)


def _list_of(request: HttpRequest, person: User, comment: Comment) -> HttpResponse:
    if is_json(request):
        return json_success({"id": comment.pk})
    if comment.share is None:
        return redirect(services.address_of(comment))
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return redirect(f"/s/{comment.share.public_id}#comments")
    return render(request, "comment_pages/list.html", share_context(person, comment.share))


def _sent(request: HttpRequest) -> dict[str, Any]:
    """The fields of a form or a JSON body. Raises InvalidBody without `text`."""
    if is_json(request):
        sent = jsonsafe.loads_object(request.body)
    else:
        check_sent(request.POST)
        sent = request.POST.dict()
    if not isinstance(sent.get("text"), str):
        raise errors.InvalidBody("`text` must be what the comment says.")
    return sent


def _place(sent: dict[str, Any], artifact: Any = None) -> Place:
    return Place(
        position=_whole(sent, "position"),
        artifact=artifact,
        stage=str(sent.get("stage") or ""),
        at_ms=_whole(sent, "atMs"),
        x=_share(sent, "x"),
        y=_share(sent, "y"),
    )


def _whole(sent: dict[str, Any], name: str) -> int | None:
    value = sent.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value) if len(value) < NUMBER_LENGTH else -1
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise errors.InvalidBody(f"`{name}` must be a whole number from 0 on.")
    return value


def _share(sent: dict[str, Any], name: str) -> float | None:
    value = sent.get(name)
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise errors.InvalidBody(f"`{name}` must be a number from 0 to 1.") from None


def _wire(threads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what only templates read."""
    return [
        {
            **{name: value for name, value in one.items() if name != "at"},
            **({"answers": _wire(one["answers"])} if "answers" in one else {}),
        }
        for one in threads
    ]
