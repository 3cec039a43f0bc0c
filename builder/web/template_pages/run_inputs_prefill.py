"""The inputs of a run, carried into the form of its template or into a remix of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from builder.shared.page_requests import viewer_of
from builder.web.template_pages.forms import MEDIA, texts_from
from builder.web.template_pages.run_form import SubmittedForm
from core import errors
from core.public_url import base_url
from runs import access
from templates_app import media_links
from templates_app.selectors import VisibleTemplate


def sent_by(request: HttpRequest, template_view: VisibleTemplate) -> SubmittedForm | None:
    """The form filled by the run that the address names; None without one of the viewer's."""
    person, run_id = viewer_of(request), request.GET.get("run", "")[:256]
    if person is None or not run_id:
        return None
    try:
        inputs = inputs_of(request, person, template_view.template.public_id, run_id)
    except errors.NotFound:
        return None
    return SubmittedForm(texts_from(template_view.version.spec, inputs), {})


def inputs_of(request: HttpRequest, person: User, public_id: str, run_id: str) -> dict[str, Any]:
    """The inputs of this person's run of this template, by name. Raises NotFound.

    Links to media of theirs are fresh ones; a link of ours to a file that is not theirs, or no
    longer there, is left out.
    """
    run = access.own_run(person, run_id)
    version = run.template_version
    if version is None or version.template.public_id != public_id:
        raise errors.NotFound
    body = run.request.get("inputs")
    values = body if isinstance(body, dict) else {}
    inputs = {}
    for row in version.spec.get("inputs") or ():
        value = values.get(row["name"])
        if row["type"] in MEDIA:
            hosts = [request.get_host()]
            value = media_links.renew(value, person, hosts, base_url=base_url(request))
        if value not in (None, "", []):
            inputs[row["name"]] = value
    return inputs
