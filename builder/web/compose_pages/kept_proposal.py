"""`/app/compose/<template id>`: the proposal that waits for the answer of the person who asked."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from accounts.models import User
from builder.web.compose_pages.schemas import Proposal
from builder.web.editor.answers import answer, person_of
from compose import kept_proposals
from templates_app.documents import selectors
from templates_app.models import Template


@with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))
class KeptProposal(TypedDict):
    """A proposal that was neither accepted nor refused. Its person's alone."""

    proposal: Proposal
    brief: str
    """The words that it was made of."""
    isStale: bool
    """The draft has changed since: the proposal is to be made again."""
    controls: dict[str, Any] | None
    """The controls that made it, as `POST /app/compose` takes them; null where words or a plan
    did."""
    selection: list[str]
    """The ids of the stages that these were limited to; empty for all."""


_SHAPE: Final = TypeAdapter(KeptProposal)


@never_cache
@require_http_methods(["GET", "DELETE"])
def kept_proposal(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET: the proposal, for those who may edit the draft; 204 where none waits, as in most editors
    that are opened. DELETE: it was accepted or refused."""
    person = person_of(request)
    if request.method == "DELETE":
        kept_proposals.forget(person, selectors.readable(person, public_id))
        return HttpResponse(status=204)
    waiting = _waiting(person, selectors.editable(person, public_id))
    return HttpResponse(status=204) if waiting is None else answer(waiting)


def _waiting(person: User, template: Template) -> KeptProposal | None:
    """Return what waits for the person's answer."""
    proposal = kept_proposals.read(person, template)
    if proposal is None:
        return None
    body = {
        "proposal": proposal.answer,
        "brief": proposal.brief,
        "isStale": proposal.is_stale,
        "controls": proposal.controls,
        "selection": proposal.selection,
    }
    try:
        return _SHAPE.validate_python(body)
    except ValidationError:
        # Kept by another release, whose editor showed it in another way.
        kept_proposals.forget(person, template)
    return None
