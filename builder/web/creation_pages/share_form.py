"""The dialog that shares a run: what of it, with whom, and what others may do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.suspension import allowed_while_suspended, check_may_act
from builder.shared.page_requests import check_form, person_of
from builder.web.creation_pages import creation_view
from core import errors
from core.public_url import base_url
from creations import frozen_templates, selectors, sharing
from creations.licenses import LICENSES
from creations.models import Share
from creations.sharing import Choices
from runs import access
from runs.models import Run
from runs.stage_titles import stage_title
from runs.web.artifacts import artifact_body, signer

PROMPTS_SHOWN = 12


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, run_id: str) -> HttpResponse:
    """GET: the form as it is, for a dialog or as a page. POST: share the run, or change what
    it is shared as."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    creation = selectors.lasting_share(run)
    if request.method != "POST":
        return _form(request, run, creation, _choices_of(creation))
    check_form(request)
    choices = _choices_sent(request)
    hosts = [request.get_host()]
    try:
        if creation is None:
            _check_chosen(request)
            new_share = sharing.share_run(actor=person, run=run, choices=choices, own_hosts=hosts)
        else:
            new_share = sharing.change_share(
                actor=person, share=creation, choices=choices, own_hosts=hosts
            )
    except (
        errors.InvalidInput,
        errors.Conflict,
        errors.Forbidden,
        errors.ProviderError,
    ) as problem:
        there = selectors.lasting_share(run) if problem.code == "share.exists" else None
        if there is not None:
            # The first click of two was faster: what was wanted is done.
            return _gone_to(request, reverse("creation", args=[there.public_id]))
        return _form(request, run, creation, choices, problem=problem)
    page = reverse("creation", args=[new_share.public_id])
    if new_share.moderation != "visible":
        # The page that follows says why.
        messages.warning(request, "Only you can see it until a moderator has reviewed it.")
    elif creation:
        messages.success(request, "Saved.")
    else:
        messages.success(request, "Shared. Copy the link to send it to someone.")
        page += "#copy-link"
    return _gone_to(request, page)


@login_required
@require_POST
@allowed_while_suspended("POST")
def unshare(request: HttpRequest, run_id: str) -> HttpResponse:
    """End it: its address, its embeds and its media are gone at once."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    check_form(request)
    creation = selectors.lasting_share(run)
    if creation is not None:
        sharing.end_share(actor=person, share=creation)
    messages.success(request, "Not shared any more. Old links and embeds don't work.")
    return redirect("run", run_id=run.public_id)


def _form(
    request: HttpRequest,
    run: Run,
    share: Share | None,
    choices: Choices,
    problem: errors.AppError | None = None,
) -> HttpResponse:
    refusal = _refusal_of(run, share)
    prompts = creation_view.by_text(
        share.prompts if share and share.prompts else sharing.prompts_of(run)
    )
    context: dict[str, Any] = {
        "run": run,
        "share": share,
        "choices": choices,
        "title": choices.title or run.title,
        "made": [] if share or refusal else _results(run, choices, is_new=problem is None),
        "licenses": LICENSES.values(),
        "switches": _switches(run, share, choices, has_prompts=bool(prompts)),
        "prompts": prompts[:PROMPTS_SHOWN],
        "prompts_left": max(0, len(prompts) - PROMPTS_SHOWN),
        "refusal": refusal.person if refusal else "",
        "problem": problem.person if problem else "",
        "link": base_url(request) + reverse("creation", args=[share.public_id]) if share else "",
    }
    is_dialog = bool(request.htmx)  # type: ignore[attr-defined]  # set by django_htmx
    name = "form" if is_dialog else "page"
    status = 422 if problem else 200
    context["is_dialog"] = is_dialog
    return render(request, f"creation_pages/share_{name}.html", context, status=status)


def _switches(
    run: Run, share: Share | None, choices: Choices, *, has_prompts: bool
) -> list[dict[str, Any]]:
    """The decisions of the form that are on or off."""
    can_remix = frozen_templates.can_be_remixed(run)
    has_notes = can_remix and (choices.with_notes or frozen_templates.has_notes(run))
    prompts_title, prompts_help = (
        ("Show prompts and inputs", "On the page and in the copy. If off, others add their own.")
        if can_remix
        else ("Show prompts", "What each stage was told to make.")
    )
    rows = (
        (
            can_remix,
            "remix",
            "Allow Remix",
            "Others get a private copy. Names, labels, choices, and seeds stay in it.",
            choices.allows_remix,
        ),
        (
            has_notes,
            "notes",
            "Include notes",
            "The notes on your canvas are in the copy, too.",
            choices.with_notes,
        ),
        (has_prompts, "prompts", prompts_title, prompts_help, choices.shows_prompts),
        (
            share is None,
            "details",
            "Keep details in the files",
            "Prompts, seeds, places, and dates written inside them.",
            choices.keeps_details,
        ),
    )
    return [
        {"name": name, "title": title, "help": text, "is_on": is_on}
        for is_offered, name, title, text, is_on in rows
        if is_offered
    ]


def _refusal_of(run: Run, share: Share | None) -> errors.AppError | None:
    """Return why its owner can't share it now, or change what it is shared as; else None."""
    try:
        check_may_act(run.owner)
    except errors.Forbidden as refusal:
        return refusal
    return sharing.refusal_of(run) if share is None else None


def _results(run: Run, choices: Choices, *, is_new: bool) -> list[dict[str, Any]]:
    """List the results that can be shown of a run, the main one first and in a new form chosen."""
    url_of = signer("")
    ids = choices.artifacts
    return [
        {
            "body": artifact_body(row, url_of),
            "stage": stage_title(row.step),
            "is_chosen": row.public_id in ids or (is_new and place == 0),
        }
        for place, row in enumerate(sharing.results_of(run))
    ]


def _choices_of(share: Share | None) -> Choices:
    if share is None:
        return Choices()
    return Choices(
        title=share.title,
        note=share.note,
        visibility=share.visibility,
        license=share.license,
        shows_prompts=share.shows_prompts,
        allows_remix=share.allows_remix,
        shows_notes=frozen_templates.shows_notes(share),
        keeps_details=share.keeps_details,
    )


def _choices_sent(request: HttpRequest) -> Choices:
    form = request.POST
    return Choices(
        title=form.get("title", ""),
        note=form.get("note", ""),
        visibility=form.get("visibility", ""),
        license=form.get("license", ""),
        artifacts=tuple(form.getlist("artifact")),
        shows_prompts=form.get("prompts") == "on",
        allows_remix=form.get("remix") == "on",
        shows_notes=form.get("notes") == "on",
        keeps_details=form.get("details") == "on",
    )


def _check_chosen(request: HttpRequest) -> None:
    """Check that one result at least is chosen in a form that lists them. Raises InvalidInput."""
    if "listed" in request.POST and not request.POST.getlist("artifact"):
        raise errors.InvalidInput(
            "Choose at least one result.",
            code="share.invalid",
            details={"issues": [{"path": "artifacts", "message": "Choose at least one."}]},
        )


def _gone_to(request: HttpRequest, url: str) -> HttpResponse:
    """Go there, also from a dialog."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)
