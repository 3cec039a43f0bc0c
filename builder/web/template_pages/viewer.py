"""The viewer of a template's page, and what of it they may see."""

from __future__ import annotations

from django.http import HttpRequest

from builder.shared.page_requests import viewer_of
from templates_app import selectors
from templates_app.documents.selectors import with_drafts
from templates_app.selectors import VisibleTemplate


def shown_to(request: HttpRequest, public_id: str, *, with_specs: bool = True) -> VisibleTemplate:
    """The template and version this request may see. Raises NotFound.

    with_specs: else the version's graph is read only when it is asked for.
    """
    viewer = viewer_of(request)
    template = selectors.resolve(viewer, public_id, with_specs=with_specs)
    return selectors.shown_to(viewer, template)


def worked_on(request: HttpRequest, public_id: str, *, with_specs: bool = True) -> VisibleTemplate:
    """Return what `shown_to` does; of an own template the draft, where that is ahead."""
    template_view, viewer = shown_to(request, public_id, with_specs=with_specs), viewer_of(request)
    if viewer is None or not template_view.is_owner:
        return template_view
    return with_drafts(viewer, [template_view])[template_view.template.pk]
