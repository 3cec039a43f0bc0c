"""The token of forms: no script reads the cookie, and a page that is out of date is told so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.support.builders.factories import PASSWORD, make_user
from tests.support.builders.templates import make_template
from tests.support.clients.visitors import csrf_of

pytestmark = pytest.mark.django_db
META = re.compile(r'<meta name="csrf-token" content="(\w{64})">')


def token_in(page: Any) -> str:
    [token] = META.findall(page.content.decode())
    return str(token)


def browser_of(person: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    return client


def test_scripts_read_the_token_from_the_page_and_not_from_the_cookie(alice: User) -> None:
    client = browser_of(alice)
    for path in ("/", f"/t/{make_template(alice).public_id}/edit"):
        page = client.get(path)
        cookie = client.cookies["csrftoken"]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert cookie.value not in page.content.decode()
        token = {"x-csrftoken": token_in(page)}
        assert client.post("/me/notices/read", headers=token).status_code == 302


def test_a_page_from_before_another_sign_in_is_told_so_and_gets_a_new_token() -> None:
    keeper = make_user("keeper", password=PASSWORD)
    client = browser_of(keeper)
    stale = {"x-csrftoken": token_in(client.get("/"))}
    # In another tab of the same browser.
    form = {"username": "keeper", "password": PASSWORD}
    client.post("/sign-out", headers=stale)
    form["csrfmiddlewaretoken"] = csrf_of(client, "/sign-in")
    assert client.post("/sign-in", form)["Location"] == "/"
    for path in ("/app/runs/wf_none/cancel", "/me/notices/read"):
        refused = client.post(path, headers=stale)
        assert refused.status_code == 403
        assert refused["X-Stale-Page"] == "1"
        assert b"This page is out of date. Reload it and try again." in refused.content
    answer = client.get("/app/form-token")
    assert "no-store" in answer["Cache-Control"]
    fresh = {"x-csrftoken": answer.json()["data"]["token"]}
    assert client.post("/me/notices/read", headers=fresh).status_code == 302
    # Pages of other websites can ask for it and not read it.
    foreign = client.get("/app/form-token", headers={"origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign
