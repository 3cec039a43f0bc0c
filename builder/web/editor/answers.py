"""Parts of the views of `/app/…`: who asks, texts of a body, and answers as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from core import errors, jsonsafe


def person_of(request: HttpRequest) -> User:
    """Return who asks. Raises Unauthenticated."""
    if not isinstance(request.user, User):
        raise errors.Unauthenticated("Sign in to use the editor.")
    return request.user


def answer(body: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(
        jsonsafe.dumps(body), content_type="application/json; charset=utf-8", status=status
    )


def text_in(body: Mapping[str, Any], name: str) -> str:
    """Return a text of a body; "" where it is missing. Raises InvalidBody for anything else."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise errors.InvalidBody(f"`{name}` must be text.")
    return value
