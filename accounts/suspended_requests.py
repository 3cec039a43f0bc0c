"""What a suspended person may send from their own pages: what was marked as allowed, no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.authentication import SAFE_METHODS
from accounts.models import User
from accounts.suspension import check_may_act
from core import errors
from core.http import error_response


class SuspendedPeople:
    """Refuses what a suspended person sends with their session, pages and API alike.

    Views say that they may be written by: see `accounts.suspension.allowed_while_suspended`. So a
    new view is refused until someone has decided about it. Keys and tokens are refused by
    `accounts.auth`, whatever the method.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.method in SAFE_METHODS or is_allowed(view, str(request.method)):
            return None
        person = request.user
        if not isinstance(person, User):
            return None
        try:
            check_may_act(person)
        except errors.Forbidden as refusal:
            return error_response(request, refusal)
        return None


def is_allowed(view: Any, method: str) -> bool:
    """Whether a suspended person may write by this view."""
    views = getattr(view, "cls", None) or getattr(view, "view_class", None)
    one = getattr(views, method.lower(), None) if views is not None else view
    return method in getattr(one, "allowed_while_suspended", ())
