"""The page of a creation, for everyone who has its address."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import blocks
from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import check_sent, viewer_of
from builder.web.comment_pages.views import share_context
from builder.web.creation_pages import creation_view
from builder.web.creation_pages.lists import cards_of
from builder.web.gallery.cards import add_origins, card_of_version
from core import errors
from core.public_url import base_url
from creations import frozen_templates, likes, remixing, selectors
from creations.models import Share
from creations.search import FoundShare
from moderation import staff_picks
from moderation.notices import notice_for_share
from templates_app import blocked_previews
from templates_app.graph import svg_page
from templates_app.graph.wiring import read_wiring
from templates_app.models import Template
from templates_app.uses import with_uses
from tools import registry


@never_cache
@require_safe
def show(request: HttpRequest, share_id: str) -> HttpResponse:
    """Show what was made, by whom, and what others may do with it."""
    viewer = viewer_of(request)
    visible = selectors.visible_share(viewer, share_id)
    context = creation_view.context(request, visible) | _tree(viewer, visible.share)
    spec = frozen_templates.spec_of(visible.share)
    if spec is not None:
        wiring = read_wiring(
            spec, with_uses(registry.table(), frozen_templates.uses_of(visible.share, spec))
        )
        context["graph"] = mark_safe(  # noqa: S308  drawing escapes every word
            svg_page.to_page(wiring, spec.get("graph"))
        )
        context["stage_count"] = sum(not one.get("bypass") for one in spec.get("stages") or ())
    context |= share_context(viewer, visible.share, request.GET)
    context["likes_it"] = likes.likes_it(viewer, visible.share)
    context["pick"] = staff_picks.offered(viewer, visible.share)
    context["notice"] = notice_for_share(visible.share) if visible.is_owner else None
    return render(request, "creation_pages/creation.html", context)


def _template_cards(templates: Iterable[Template]) -> list[dict[str, Any]]:
    public = [(one, one.published) for one in templates if one.published is not None]
    blocked_files = blocked_previews.blocked_in(version.spec for _, version in public)
    cards = [card_of_version(*one, is_open=True, blocked_files=blocked_files) for one in public]
    add_origins(cards)
    return cards


def _tree(viewer: User | None, share: Share) -> dict[str, Any]:
    """Return what it is a remix of, and what was made of it."""
    branches = remixing.branches_of(share, left_out=blocks.left_out(viewer))
    faces = selectors.faces_of([one.pk for one in branches.shares])
    return {
        "root": remixing.root_of(viewer, share),
        "remix_cards": cards_of(
            [FoundShare(one, faces[one.pk]) for one in branches.shares if one.pk in faces]
        ),
        "remix_templates": _template_cards(branches.templates),
        "kept_remixes": branches.kept,
        # Their makers' names are for its author, who was told of each.
        "names_kept": viewer is not None and viewer.pk == share.owner_id,
    }


@require_POST
@allowed_while_suspended("POST")
def like(request: HttpRequest, share_id: str) -> HttpResponse:
    """Like it, or with `unlike` take that back."""
    person = viewer_of(request)
    if person is None:
        return redirect(f"/sign-in?next={reverse('creation', args=[share_id])}")
    share = selectors.visible_share(person, share_id).share
    if "unlike" in request.POST:
        likes.unlike(actor=person, share=share)
    else:
        likes.like(actor=person, share=share)
    share.refresh_from_db(fields=["likes"])
    context = {"share": share, "likes_it": likes.likes_it(person, share)}
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return render(request, "creation_pages/like.html", context)
    return redirect("creation", share_id=share.public_id)


@require_safe
def qr(request: HttpRequest, share_id: str) -> HttpResponse:
    """The address as a QR code."""
    visible = selectors.visible_share(viewer_of(request), share_id)
    link = base_url(request) + reverse("creation", args=[visible.share.public_id])
    svg = io.BytesIO()
    segno.make(link, micro=False).save(svg, kind="svg", scale=4, border=2, light="#fff")
    response = HttpResponse(svg.getvalue(), content_type="image/svg+xml")
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
def remix(request: HttpRequest, share_id: str) -> HttpResponse:
    """A private template of mine with the creation's words and seeds: open in the editor, or with
    `then=run` in its form, to be run with other words."""
    check_sent(request.POST)
    page = reverse("creation", args=[share_id])
    person = viewer_of(request)
    if person is None:
        return redirect(f"/sign-in?next={page}")
    share = selectors.visible_share(person, share_id).share
    is_for_run = request.POST.get("then") == "run"
    make = remixing.own_copy if is_for_run else remixing.remix
    try:
        template: Template = make(actor=person, share=share)
    except (errors.Conflict, errors.Forbidden, errors.StorageFull) as problem:
        messages.error(request, problem.person)
        return redirect(page)
    if is_for_run:
        return redirect(reverse("template", args=[template.public_id]) + "#run")
    messages.success(request, "Remixed. It's yours now.")
    return redirect("editor", public_id=template.public_id)
