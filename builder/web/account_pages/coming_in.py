"""The end of every way in: the one place that begins a browser's session."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts import factor_demand, second_factor, sessions
from accounts.models import User
from accounts.staff_permissions import CODE_PAGE
from core import errors
from core.redirects import next_address


def come_in(
    request: HttpRequest,
    person: User,
    *,
    by: str,
    address: str = "",
    has_factor: bool = False,
) -> HttpResponse:
    """Sign a person in, or ask for their code first.

    by: as `sessions.begin`. address: of ours, where they go then; empty: as the request says.
    has_factor: another server that is trusted with it has asked for a second factor. Raises
    Forbidden for someone who may not sign in.
    """
    if not person.is_active:
        raise errors.Forbidden("This account is deactivated. Ask an operator of this server.")
    address = address or next_address(request)
    if second_factor.is_on(person) and not has_factor:
        second_factor.ask_later(request, person, by=by)
        return HttpResponseRedirect(f"{CODE_PAGE}?{urlencode({'next': address})}")
    sessions.begin(request, person, by=by)
    if has_factor:
        factor_demand.note_elsewhere(request.session)
    return HttpResponseRedirect(address)
