"""What a key of each scope may do, on every address that takes a key; and keys that end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import services
from accounts.auth import principal_from_headers
from accounts.models import ApiKey, SecurityEvent, User
from core import clock, errors
from core.openapi import Scope
from tests.support.builders.factories import make_key
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.sockets import Socket
from tests.support.clients.visitors import signed_in
from tests.support.routes import asgi_routes, django_routes, with_id
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.django_db
ORDER: tuple[Scope, ...] = ("read", "run", "all")
ROOTS = ("/v1/", "/v2/", "/v4/", "/api/")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
W = "/v1/creative-agent/workflows"
S = "/v1/run-sets"
APP = "/v1/apps/<slug:slug>"

# All that needs more than reading. What is not here takes a GET only.
NEEDS: dict[tuple[str, str], Scope] = {
    ("POST", W): "run",
    ("DELETE", f"{W}/<str:run_id>"): "run",
    ("POST", f"{W}/<str:run_id>/cancel"): "run",
    ("POST", f"{W}/<str:run_id>/resume"): "run",
    ("POST", f"{W}/<str:run_id>/confirm-cost"): "run",
    ("POST", f"{W}/<str:run_id>/reseed"): "run",
    ("POST", f"{W}/<str:run_id>/final"): "run",
    ("POST", f"{W}/<str:run_id>/final/quote"): "run",
    ("GET", "/v1/image/uploadUrl"): "run",
    ("GET", "/v1/media/uploadUrl"): "run",
    ("GET", "/v2/image/uploadUrl"): "run",
    ("GET", "/v2/media/uploadUrl"): "run",
    ("POST", "/v1/creative-agent/tools/execute"): "run",
    ("POST", "/v1/chat/runs"): "run",
    ("POST", "/v1/chat/runs/<str:chat_id>/cancel"): "run",
    ("POST", "/v1/chat/runs/<str:chat_id>/confirm-cost"): "run",
    ("POST", "/v1/replay/records"): "run",
    # With a key in the place of a link's token, at one's own cost.
    ("POST", f"{APP}/runs"): "run",
    ("POST", f"{APP}/uploads"): "run",
    ("POST", f"{APP}/reports"): "run",
    # For a run. That a template needs more is in test_socket_tickets.
    ("POST", "/v1/realtime/tickets"): "read",
    ("POST", S): "run",
    ("PATCH", f"{S}/<slug:set_id>"): "run",
    ("PATCH", f"{S}/<slug:set_id>/rows/<slug:position>"): "run",
    **{
        ("POST", f"{S}/<slug:set_id>/{act}"): "run"
        for act in ("answers", "start", "pause", "resume", "retry", "cancel")
    },
    ("GET", "/v1/webhooks/secret"): "run",
    ("DELETE", f"{S}/<slug:set_id>"): "all",
    ("POST", f"{W}/templates"): "all",
    ("PATCH", f"{W}/templates/<str:public_id>"): "all",
    ("DELETE", f"{W}/templates/<str:public_id>"): "all",
    ("POST", f"{W}/templates/<str:public_id>/fork"): "all",
}
# Answered without a credential of a person, or 501 whatever comes.
OPEN = {
    *(set(django_routes("/v1/apps/")) - {f"{APP}/{one}" for one in ("runs", "uploads", "reports")}),
    "/v1/account/login",
    "/v1/account/logout",
    "/v1/account/nonce",
    "/v1/account/refresh-token",
    "/v1/openapi.json",
    "/v1/asyncapi.json",
}


def routes() -> list[str]:
    return [route for root in ROOTS for route in django_routes(root)]


def answer_of(method: str, route: str, key: str) -> tuple[int, str]:
    answer = Client().generic(
        method,
        with_id(route, "nothing-here"),
        b"" if method == "GET" else b"{}",
        content_type="application/json",
        headers={"api-key": key},
    )
    if answer.status_code != 403:
        return answer.status_code, ""
    return 403, answer.json()["error"]["code"]


@pytest.mark.parametrize("scope", ORDER)
def test_each_route_takes_the_keys_it_says(alice: User, scope: Scope) -> None:
    key = make_key(alice, scope=scope)
    wrong = []
    for route in routes():
        for method in METHODS:
            status, code = answer_of(method, route, key)
            is_refused = (status, code) == (403, "key_scope")
            if route in OPEN or status in (405, 501):
                needed: Scope | None = None
            elif method == "GET":
                needed = NEEDS.get((method, route), "read")
            else:
                # A write that is not in the table is one that was forgotten in it.
                needed = NEEDS.get((method, route), "all")
                if not is_refused and (method, route) not in NEEDS:
                    wrong.append((method, route, status, "not in the table"))
            allowed = needed is None or ORDER.index(scope) >= ORDER.index(needed)
            if is_refused == allowed:
                wrong.append((method, route, status, code))
    assert not wrong


def test_the_document_says_what_each_operation_needs() -> None:
    paths = Client().get("/v1/openapi.json").json()["paths"]
    assert paths[W]["post"]["x-key-scope"] == "run"
    assert paths[W]["get"]["x-key-scope"] == "read"
    assert "x-key-scope" not in paths["/v1/account/login"]["post"]


def test_the_table_names_routes_there_are() -> None:
    assert {route for _, route in NEEDS} <= set(routes())
    assert set(routes()) >= OPEN


@pytest.mark.parametrize("route", [one for one in asgi_routes() if "run_id" in one])
@pytest.mark.django_db(transaction=True)
def test_streams_and_downloads_need_read(alice: User, route: str) -> None:
    for scope in ORDER:
        key = make_key(alice, scope=scope)
        answer = request_app("GET", with_id(route, "wf_nothing"), {"api-key": key})
        # It got past the key, and the run is not there.
        assert answer.status == 404
    ApiKey.objects.update(scope="most")
    answer = request_app("GET", with_id(route, "wf_nothing"), {"api-key": key})
    assert answer.status == 403
    assert answer.json()["error"]["code"] == "key_scope"


@pytest.mark.parametrize(
    ("path", "closes"),
    [
        ("/ws/runs/wf_nothing", {"read": 4404, "run": 4404, "all": 4404}),
        ("/ws/documents/nothing", {"read": 4403, "run": 4403, "all": 4404}),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_sockets_look_at_the_scope(alice: User, path: str, closes: dict[Scope, int]) -> None:
    keys = {scope: make_key(alice, scope=scope) for scope in ORDER}

    async def closed(key: str) -> int | None:
        async with Socket("", {"api-key": key}, path=path) as socket:
            async with asyncio.timeout(WAIT_S):
                while socket.closed is None:
                    await asyncio.sleep(0)
        return socket.closed

    assert {scope: asyncio.run(closed(keys[scope])) for scope in ORDER} == closes


def test_a_refusal_says_what_the_key_has_and_what_is_needed(alice: User) -> None:
    key = make_key(alice, scope="read")
    answer = Client().post(W, b"{}", content_type="application/json", headers={"api-key": key})
    body = answer.json()
    assert (answer.status_code, body["error"]["code"]) == (403, "key_scope")
    assert body["status"] == "error"
    assert body["details"] == {"scope": "read", "needed": "run"}
    assert "/me/keys" in body["message"]


def test_refusals_are_noted_once_an_hour(alice: User) -> None:
    key = make_key(alice, scope="read")
    for _ in range(5):
        answer_of("POST", W, key)
    event = SecurityEvent.objects.get(user=alice, kind="key_refused")
    assert event.details["lookup"] == key[3:13]


def test_a_key_in_a_cookie_has_its_scope_too(alice: User) -> None:
    key = make_key(alice, scope="read")
    for headers in ({"authorization": f"Bearer {key}"}, {"cookie": f"authorization={key}"}):
        assert principal_from_headers(headers, scope="read").user == alice
        with pytest.raises(errors.Forbidden):
            principal_from_headers(headers, scope="run")
        # Who asks without saying for what asks for everything.
        with pytest.raises(errors.Forbidden):
            principal_from_headers(headers)


def test_old_keys_and_make_key_may_do_all(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    assert ApiKey._meta.get_field("scope").default == "all"
    call_command("key", user="alice")
    key = ApiKey.objects.get(user=alice)
    assert (key.scope, key.expires_at) == ("all", None)
    call_command("key", user="alice", scope="run", days=7)
    newest = ApiKey.objects.filter(user=alice).latest("pk")
    assert newest.scope == "run"
    assert newest.expires_at is not None
    with pytest.raises(CommandError, match="--days"):
        call_command("key", user="alice", days=0)
    assert "rg_" in capsys.readouterr().out


def test_the_page_makes_a_key_with_scope_and_end(alice: User) -> None:
    client = signed_in(alice)
    assert (
        client.post("/me/keys", {"name": "agent", "scope": "run", "days": "30"}).status_code == 302
    )
    key = ApiKey.objects.get(user=alice)
    assert key.scope == "run"
    assert key.expires_at is not None
    assert timedelta(days=29) < key.expires_at - clock.now() <= timedelta(days=30)
    page = client.get("/me/keys").content.decode()
    assert f"{key.expires_at:%b %Y}" in page
    for wrong in ({"scope": "root"}, {"days": "1000000"}, {"days": "x"}):
        assert client.post("/me/keys", {"name": "agent", **wrong}).status_code == 422
    assert ApiKey.objects.filter(user=alice).count() == 1


def test_a_key_that_ended_is_401_and_takes_no_place(alice: User) -> None:
    key, text = services.create_api_key(user=alice, name="short", life=timedelta(days=1))
    headers = {"api-key": text}
    assert Client().get("/v1/account/me", headers=headers).status_code == 200
    ApiKey.objects.filter(pk=key.pk).update(expires_at=clock.now())
    answer = Client().get("/v1/account/me", headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (401, 102)
    assert "expired on" in answer.json()["message"]
    page = signed_in(alice).get("/me/keys").content.decode()
    assert "Expired" in page
    assert "0 of 50 keys and connected apps in use" in page
    # A caller with only its first half learns nothing of the end.
    guess = {"api-key": text[:14] + "A" * 43}
    assert "expired on" not in Client().get("/v1/account/me", headers=guess).json()["message"]


@pytest.mark.django_db(transaction=True)
def test_chat_needs_run(alice: User) -> None:
    for scope in ORDER:
        answer = request_app(
            "POST", "/v1/chat/completions", {"api-key": make_key(alice, scope=scope)}, b"{}"
        )
        assert answer.status == (403 if scope == "read" else 400)
