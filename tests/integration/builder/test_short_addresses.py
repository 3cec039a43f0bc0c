"""Addresses that people type lead to the page that is meant, or say where to go."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "for_people", "for_visitors"),
    [
        ("/runs", "/me/runs", "/"),
        ("/templates", "/me/templates", "/"),
        ("/apps", "/me/apps", "/sign-in?next=/me/apps"),
        ("/notices", "/me/notices", "/sign-in?next=/me/notices"),
        ("/docs", "/help", "/help"),
        ("/login?next=%2Fme", "/sign-in?next=%2Fme", "/sign-in?next=%2Fme"),
        ("/moderation", "/admin/moderation/", "/sign-in?next=/admin/moderation/"),
    ],
)
def test_a_typed_address_leads_on(
    alice: User, typed: str, for_people: str, for_visitors: str
) -> None:
    assert signed_in(alice).get(typed)["Location"] == for_people
    answer = Client().get(typed, follow=True)
    assert answer.redirect_chain[-1] == (for_visitors, 302)
    assert answer.status_code == 200
    assert Client().post(typed).status_code == 405


def test_the_console_is_for_moderators(alice: User) -> None:
    assert signed_in(alice).get("/moderation", follow=True).status_code == 404


def test_help_says_where_to_go(alice: User) -> None:
    for client in (Client(), signed_in(alice)):
        page = client.get("/help").content.decode()
        main = page.partition("<main")[2].partition("</main>")[0]
        addresses = re.findall(r'href="(/[^"]*)"', main)
        assert "/docs/api" in addresses
        assert [client.get(one).status_code for one in addresses] == [200] * len(addresses)
