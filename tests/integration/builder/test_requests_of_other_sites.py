"""What another site sends with a person's cookie is refused by every route of the product."""

from __future__ import annotations

import re

import pytest

from accounts.models import User
from tests.support.clients.visitors import signed_in
from tests.support.routes import django_views

pytestmark = pytest.mark.django_db

# Whoever comes with a cookie: tests/integration/accounts/test_credentials.py.
API = ("/v1/", "/v2/", "/v4/", "/api/")
# They read no cookie of ours: what they are sent is the right to what they do.
WITHOUT_COOKIES = {"/mail/stop/<str:token>", "/oauth/register", "/oauth/revoke", "/oauth/token"}


def test_a_form_without_the_token_of_a_page_changes_nothing(alice: User) -> None:
    client = signed_in(alice, enforce_csrf_checks=True)
    assert "X-Stale-Page" in client.post("/me/profile").headers
    taken = set()
    # The others are guarded as that one is. A page that takes no forms refuses the method.
    for route, view in django_views().items():
        if getattr(view, "csrf_exempt", False) and not route.startswith(API):
            answer = client.post(re.sub("<[^>]+>", "7", route))
            if answer.status_code not in (403, 405):
                taken.add(route)
    assert taken == WITHOUT_COOKIES
