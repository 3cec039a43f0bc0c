"""Reads of page views from a request, and the answers of those that scripts call as well."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.auth import Principal
from accounts.models import User
from core import errors, jsonsafe
from core.language.cleaning import LONGEST_TEXT


def person_of(request: HttpRequest) -> User:
    """Return who is signed in, where `login_required` has made sure that someone is."""
    return cast(User, request.user)


def viewer_of(request: HttpRequest) -> User | None:
    """Return who is signed in; None for a visitor."""
    return request.user if isinstance(request.user, User) else None


def by_session(person: User) -> Principal:
    """The person as one who acts in a browser, without a key and its limits."""
    return Principal(user=person, api_key=None, via="session")


def is_json(request: HttpRequest) -> bool:
    """Return whether a script asks, not a form."""
    return (request.content_type or "") == "application/json"


def json_success(data: Mapping[str, Any]) -> HttpResponse:
    """The answer of the API around `data`."""
    body = jsonsafe.dumps({"status": "success", "data": data})
    return HttpResponse(body, content_type="application/json")


def as_refusal(response: HttpResponse, refusal: errors.AppError) -> HttpResponse:
    """Give a page the status of a refusal, and when to try again."""
    response.status_code = refusal.status
    if refusal.retry_after_s:
        response["Retry-After"] = str(math.ceil(refusal.retry_after_s))
    return response


def check_form(request: HttpRequest) -> None:
    """Check as `check_sent` does, and refuse JSON, which would count as an empty form."""
    if is_json(request):
        raise errors.InvalidBody("Send this as a form.")
    check_sent(request.POST)


def check_sent(form: QueryDict) -> None:
    """Raise InvalidBody for what `core.jsonsafe` refuses in a JSON body too.

    Browsers send the ends of lines as `\\r\\n`. The form holds `\\n` afterwards: what was typed,
    and what other clients send.
    """
    for name in form:
        for text in form.getlist(name):
            if "\x00" in name or "\x00" in str(text):
                raise errors.InvalidBody("The form contains a NUL character. Remove it.")
            if len(str(text).encode("utf-8", "replace")) > settings.JSON_STRING_LIMIT:
                raise errors.InvalidBody(
                    f"A field is too long. The limit is {settings.JSON_STRING_LIMIT:,} bytes."
                )
    # QueryDict refuses changes; the class that it extends does not.
    for name, texts in form.lists():
        MultiValueDict.setlist(form, name, [_as_typed(text) for text in texts])


def _as_typed(text: Any) -> Any:
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


def check_brief_length(brief: str) -> None:
    """Raise InvalidBody for a description of over 20,000 characters."""
    if len(brief) > LONGEST_TEXT:
        raise errors.InvalidBody(
            f"`brief` must have at most {LONGEST_TEXT:,} characters.",
            person=f"The description is too long. The limit is {LONGEST_TEXT:,} characters.",
        )
