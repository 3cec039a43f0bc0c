"""What a run was started with, carried into the form of its template or into a remix of it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest

from accounts.models import User
from builder.template_pages.forms import MEDIA, texts_from
from builder.template_pages.run_form import SubmittedForm
from builder.template_pages.viewer import viewer_of
from core import errors
from core.public_url import base_url
from media import resolvers, signing
from runs import access
from templates_app.media_links import is_own_link
from templates_app.selectors import VisibleTemplate

_MEDIUM = re.compile(r"/media/([^/]+)/([^/]+)")


def sent_by(request: HttpRequest, shown: VisibleTemplate) -> SubmittedForm | None:
    """The form filled by the run that the address names; None without one of the viewer's."""
    person, run_id = viewer_of(request), request.GET.get("run", "")[:256]
    if person is None or not run_id:
        return None
    try:
        inputs = inputs_of(request, person, shown.template.public_id, run_id)
    except errors.NotFound:
        return None
    return SubmittedForm(texts_from(shown.version.spec, inputs), {})


def inputs_of(request: HttpRequest, person: User, public_id: str, run_id: str) -> dict[str, Any]:
    """The inputs of this person's run of this template, by name. Raises NotFound.

    Links to media of theirs are fresh ones; a link of ours to a file that is not theirs, or no
    longer there, is left out.
    """
    run = access.own_run(person, run_id)
    version = run.template_version
    if version is None or version.template.public_id != public_id:
        raise errors.NotFound
    given = run.request.get("inputs")
    values = given if isinstance(given, dict) else {}
    found = {}
    for declared in version.spec.get("inputs") or ():
        value = values.get(declared["name"])
        if declared["type"] in MEDIA:
            value = _fresh(request, person, value)
        if value not in (None, "", []):
            found[declared["name"]] = value
    return found


def _fresh(request: HttpRequest, person: User, value: Any) -> Any:
    """A file's link that works for a day from now, None for one that cannot; also of a list."""
    if isinstance(value, list):
        fresh = [_fresh(request, person, one) for one in value]
        return [one for one in fresh if one is not None]
    if isinstance(value, dict):
        value = value.get("url")
    if not isinstance(value, str) or not is_own_link(value, [request.get_host()]):
        return value
    match = _MEDIUM.fullmatch(urlsplit(value).path)
    if match is None:
        # A published medium, whose address does not expire.
        return value
    public_id, filename = unquote(match[1]), unquote(match[2])
    if resolvers.resolve_owned(public_id, person) is None:
        return None
    return base_url(request) + signing.signed_path(public_id, filename)
