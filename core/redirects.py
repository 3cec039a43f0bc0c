"""The page after a form: the one reader of `next`.

Django's `redirect()` takes text that is no address for the name of a view, so text of a visitor
never goes through it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

# Longer addresses than browsers and proxies take are no address of ours.
_LONGEST = 4_000


def next_address(request: HttpRequest) -> str:
    """The address that the request's `next` names: on this host, from the root, else `/`."""
    target = (request.POST.get("next") or request.GET.get("next") or "/").strip()
    return target if _is_ours(target, request) else "/"


def to_next(request: HttpRequest) -> HttpResponseRedirect:
    """A redirect to `next_address`."""
    return HttpResponseRedirect(next_address(request))


def _is_ours(address: str, request: HttpRequest) -> bool:
    if len(address) > _LONGEST or "\x00" in address:
        return False
    if not url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return False
    # A path relative to `/sign-in` is nowhere that a page of ours would send anyone.
    return bool(urlsplit(address).netloc) or address.startswith("/")
