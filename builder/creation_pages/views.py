"""The page of a creation, for everyone who has its address."""

from __future__ import annotations

import io

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from builder.comment_pages.views import share_context
from builder.creation_pages import shown
from builder.http.page_requests import check_sent
from builder.template_pages.viewer import viewer_of
from core.public_url import base_url
from creations import likes, remixing, selectors
from templates_app.graph import svg_page
from templates_app.graph.wiring import read_wiring
from tools import registry


@never_cache
@require_safe
def show(request: HttpRequest, share_id: str) -> HttpResponse:
    """What was made, by whom, and what others may do with it."""
    visible = selectors.visible_share(viewer_of(request), share_id)
    context = shown.context(request, visible)
    frozen = visible.share.frozen
    if frozen:
        wiring = read_wiring(frozen["spec"], registry.table())
        context["graph"] = mark_safe(  # noqa: S308  drawing escapes every word
            svg_page.to_page(wiring, frozen["spec"].get("graph"))
        )
    context |= share_context(viewer_of(request), visible.share)
    context["likes_it"] = likes.likes_it(viewer_of(request), visible.share)
    return render(request, "creation_pages/creation.html", context)


@require_POST
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
    """A private template of mine with the creation's words and seeds, open in the editor."""
    check_sent(request.POST)
    person = viewer_of(request)
    if person is None:
        return redirect(f"/sign-in?next={reverse('creation', args=[share_id])}")
    visible = selectors.visible_share(person, share_id)
    template = remixing.remix(actor=person, share=visible.share)
    messages.success(request, "Remixed. It's yours now.")
    return redirect("editor", public_id=template.public_id)
