"""A second factor that everyone needs: until it is there, a session sets it up and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import one_time_links, tokens
from accounts.models import User
from builder.web.notice_pages import by_mail
from core import server_settings
from core.models import ServerSetting
from tests.support.builders.factories import PASSWORD, make_key, make_user
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.authenticator import switch_on
from tests.support.clients.handshakes import Credential, connect
from tests.support.clients.streams import close_pool_connections
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat
from tests.support.routes import django_routes, with_id

pytestmark = pytest.mark.django_db(transaction=True)
# What a person needs to get in, to set it up, and to leave again.
OPEN = {
    "/sign-in", "/sign-in/code", "/sign-in/<str:token>", "/sign-out", "/terms", "/me/security",
    "/me/second-factor/set-up", "/me/second-factor/confirm", "/me/sessions/end",
    "/me/sessions/<int:session_id>/end", "/mail/<str:token>", "/mail/stop/<str:token>", "/reset",
    "/reset/<str:token>", "/oidc/begin", "/oidc/back", "/oidc/join",
}  # fmt: skip
# What asks for credentials of its own, or for none.
BESIDE_PAGES = (
    "/v1/", "/v2/", "/v4/", "/api/", "/.well-known/", "/oauth/token", "/oauth/register",
    "/oauth/revoke", "/media/", "/uploads/",
)  # fmt: skip
API = "/v1/account/me"


@pytest.fixture(autouse=True)
def _everyone(settings: Any) -> Iterator[None]:
    settings.SECOND_FACTOR = "everyone"
    yield
    close_pool_connections()


def leads_to_set_up(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/me/security?next=")


def test_someone_without_one_is_led_to_set_it_up_and_then_goes_on() -> None:
    keeper = make_user("keeper", password=PASSWORD)
    client = Client()
    client.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    answer = client.get("/me/templates?sort=name")
    assert answer["Location"] == "/me/security?next=/me/templates%3Fsort%3Dname"
    page = flat(client.get(answer["Location"]).content)
    assert "Everyone needs a second factor on this server." in page
    switch_on(client, keeper, proof=PASSWORD)
    assert client.get("/me/templates").status_code == 200
    assert client.get(API).status_code == 200


def test_no_page_opens_before_that(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_mail, "RESET_ANSWER_S", 0.0)
    client = signed_in(alice)
    opened = set()
    for route in django_routes():
        if route.startswith(BESIDE_PAGES) or "(" in route:
            continue
        answer = client.post(with_id(route, "1"))
        if route.startswith("/app/"):
            assert answer.status_code == 403, route
            assert answer.json()["error"]["code"] == "second_factor.required"
            assert "/me/security" in answer.json()["message"]
        elif not leads_to_set_up(answer):
            opened.add(route)
            # Some of them sign out.
            alice.refresh_from_db()
            client.force_login(alice)
    assert opened == OPEN


def test_a_part_of_a_page_leads_there_too(alice: User) -> None:
    answer = signed_in(alice).get("/me/notices/panel", headers={"hx-request": "true"})
    assert answer["HX-Redirect"].startswith("/me/security")


def test_no_session_and_no_token_of_a_password_is_let_in_elsewhere(alice: User) -> None:
    client = signed_in(alice)
    session = f"sessionid={client.cookies['sessionid'].value}"
    token = tokens.start_family(user=alice).access
    for way in ({"cookie": session}, {"authorization": f"Bearer {token}"}):
        answer = Client(headers=way).get(API)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "second_factor.required"
        assert request_app("GET", "/runs/run_1/download", way).status == 403
        assert connect(Credential(way), path="/ws/notices").closed == 4403


def test_a_password_alone_gets_no_token() -> None:
    make_user("keeper", password=PASSWORD)
    body = json.dumps({"username": "keeper", "password": PASSWORD})
    answer = Client().post("/v1/account/login", body, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "second_factor.required"


def test_keys_go_on(alice: User) -> None:
    key = {"api-key": make_key(alice)}
    assert Client().get(API, headers=key).status_code == 200
    # A browser that is signed in as well sends its cookie along.
    assert signed_in(alice).get(API, headers=key).status_code == 200


def test_visitors_see_what_is_public() -> None:
    assert Client().get("/").status_code == 200
    assert Client().get("/sign-in").status_code == 200


def test_a_link_signs_in_and_leads_there(alice: User) -> None:
    path = one_time_links.create_signin_link(user=alice, base_url="")
    client = Client()
    assert client.post(path)["Location"] == "/"
    assert leads_to_set_up(client.get("/"))


@pytest.mark.parametrize(("stored", "status"), [("required", 302), ("optional", 200)])
def test_a_choice_of_an_earlier_release_holds_for_staff(
    stored: str, status: int, alice: User
) -> None:
    ServerSetting.objects.create(name="STAFF_SECOND_FACTOR", value=stored)
    server_settings.known.forget()
    operator = make_user("op", is_staff=True)
    assert signed_in(operator).get("/admin/runs/").status_code == status
    assert signed_in(alice).get("/me").status_code == 200
