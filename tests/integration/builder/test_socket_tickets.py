"""`POST /v1/realtime/tickets`, and what a ticket opens: one socket, once, within a minute."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client

from accounts import services, socket_tickets, tokens
from accounts.auth import Principal, principal_from_headers
from accounts.models import ApiKey, BrowserSession, User
from core import clock, errors
from core.shared_cache import shared_cache
from tests.support.builders.editing import make_document, template_of
from tests.support.builders.factories import make_key
from tests.support.builders.running import chain, start
from tests.support.clients.api import Api
from tests.support.clients.handshakes import BEFORE, OPEN, Credential, Inner, connect
from tests.support.clients.sockets import ORIGIN, Socket
from tests.support.clients.streams import close_pool_connections, in_thread
from tests.support.clients.visitors import signed_in
from tests.support.program import ROOT
from tests.support.waiting import promised

pytestmark = pytest.mark.django_db(transaction=True)
TICKETS = "/v1/realtime/tickets"
ELSEWHERE = "https://app.example"
ApiFactory = Callable[..., Api]


@pytest.fixture(autouse=True)
def _close_connections() -> Iterator[None]:
    yield
    close_pool_connections()


@pytest.fixture
def run_id(alice: User) -> str:
    return start(alice, chain("noop", 1)).public_id


def created(answer: Any) -> str:
    assert answer.status_code == 201, answer.content
    data = answer.json()["data"]
    assert set(data) == {"ticket", "expiresAt"}
    return str(data["ticket"])


def closed(ticket: str, path: str, origin: str | None = ELSEWHERE) -> int:
    """How a socket with this ticket ends."""
    return connect(Credential(query=f"ticket={ticket}"), origin, path=path).closed


def test_a_ticket_opens_the_socket_of_its_run_once_from_anywhere(
    alice: User, api: ApiFactory, run_id: str
) -> None:
    key = make_key(alice, scope="read")
    answer = api(key).post(TICKETS, {"run": run_id})
    ticket, path = created(answer), f"/ws/runs/{run_id}"
    left = datetime.fromisoformat(answer.json()["data"]["expiresAt"]) - clock.now()
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)
    assert answer["Cache-Control"] == "private, no-store"
    assert closed(ticket, path) == OPEN
    principal: Principal = Inner.scope["principal"]
    assert (principal.user, principal.via, principal.from_cookie) == (alice, "key", False)
    assert principal.api_key == ApiKey.objects.get(user=alice)
    assert closed(ticket, path) == 4401
    assert closed(ticket, path, ORIGIN) == 4401


def test_a_ticket_expires_after_a_minute(
    alice_key: str, api: ApiFactory, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = (created(api(alice_key).post(TICKETS, {"run": run_id})) for _ in range(2))
    now, shared = shared_cache().time(), type(shared_cache())
    monkeypatch.setattr(shared, "time", lambda _: now + 58)
    assert closed(early, f"/ws/runs/{run_id}") == OPEN
    monkeypatch.setattr(shared, "time", lambda _: now + 61)
    assert closed(late, f"/ws/runs/{run_id}") == 4401


def test_a_ticket_opens_no_other_socket_and_is_used_up_there(
    alice: User, alice_key: str, api: ApiFactory, run_id: str
) -> None:
    other = start(alice, chain("noop", 1)).public_id
    for path in (f"/ws/runs/{other}", f"/ws/documents/{run_id}", f"/ws/runs/{run_id}/"):
        ticket = created(api(alice_key).post(TICKETS, {"run": run_id}))
        assert closed(ticket, path) == 4403
        assert closed(ticket, f"/ws/runs/{run_id}") == 4401


# More of them: test_socket_auth.py.
@pytest.mark.parametrize("ticket", [f"rt_{'a' * 43}%00", "é" * 46])
def test_what_is_no_ticket_opens_nothing(alice: User, run_id: str, ticket: str) -> None:
    assert closed(ticket, f"/ws/runs/{run_id}") == 4401


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "exactly one of `run` and `template`"),
        ({"run": "a", "template": "b"}, "exactly one of `run` and `template`"),
        ({"template": "x" * 257}, "`template` must have at most 256 characters"),
        ({"run": 7}, "`run` must be text"),
    ],
)
def test_the_body_names_one_run_or_one_template(
    alice_key: str, api: ApiFactory, body: dict[str, Any], says: str
) -> None:
    answer = api(alice_key).post(TICKETS, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "body.invalid")
    assert says in answer.json()["message"]
    assert answer.json()["details"]["issues"]


def test_tickets_are_for_whom_the_socket_is(
    alice: User, bob: User, api: ApiFactory, run_id: str
) -> None:
    template = template_of(make_document(alice)).public_id
    alices, bobs = api(make_key(alice)), api(make_key(bob))
    for body in ({"run": run_id}, {"run": "wf_nothing"}, {"template": template}):
        answer = bobs.post(TICKETS, body)
        assert answer.status_code == 404, body
    for body in ({"run": template}, {"template": run_id}, {"template": "../.."}):
        assert alices.post(TICKETS, body).status_code == 404, body
    ticket = created(alices.post(TICKETS, {"template": template}))
    assert closed(ticket, f"/ws/documents/{template}") == OPEN


def test_who_may_only_look_at_a_template_gets_no_ticket(
    alice: User, bob: User, api: ApiFactory
) -> None:
    template = template_of(make_document(alice))
    type(template).objects.filter(pk=template.pk).update(
        visibility="public", published=template.head
    )
    answer = api(make_key(bob)).post(TICKETS, {"template": template.public_id})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "auth.forbidden")


def test_a_key_needs_the_scope_that_the_socket_needs(
    alice: User, api: ApiFactory, run_id: str
) -> None:
    template = template_of(make_document(alice)).public_id
    for scope, for_run, for_template in (("read", 201, 403), ("run", 201, 403), ("all", 201, 201)):
        key = make_key(alice, scope=scope)
        assert api(key).post(TICKETS, {"run": run_id}).status_code == for_run
        answer = api(key).post(TICKETS, {"template": template})
        assert answer.status_code == for_template
        if for_template == 403:
            assert answer.json()["error"]["code"] == "key_scope"
            assert answer.json()["details"] == {"scope": scope, "needed": "all"}


def test_a_session_creates_tickets_only_from_our_own_pages(alice: User, run_id: str) -> None:
    client = signed_in(alice, enforce_csrf_checks=True)
    body = json.dumps({"run": run_id})

    def post(**headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post(TICKETS, body, content_type="application/json", headers=named)

    for headers in ({}, {"origin": ELSEWHERE}, {"sec_fetch_site": "cross-site"}):
        answer = post(**headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf.failed")
    ticket = created(post(sec_fetch_site="same-origin"))
    assert closed(ticket, f"/ws/runs/{run_id}") == OPEN
    assert Inner.scope["principal"].via == "session"
    # It came with no cookie, so it is no write that a browser may have added a cookie to.
    assert not Inner.scope["principal"].from_cookie


def test_tickets_count_as_requests(
    alice_key: str, api: ApiFactory, run_id: str, settings: Any
) -> None:
    settings.READS_PER_MINUTE = 2
    answers = [api(alice_key).post(TICKETS, {"run": run_id}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2]["Retry-After"]


def test_only_the_hash_of_a_ticket_is_kept(alice: User, run_id: str, alice_key: str) -> None:
    client = signed_in(alice)
    cookie = client.cookies["sessionid"].value
    for headers in ({"api-key": alice_key}, {"cookie": f"sessionid={cookie}"}):
        ticket = socket_tickets.issue(principal_from_headers(headers), f"/ws/runs/{run_id}").text
        kept = caches["default"]
        rows = b"".join(_everything(kept.location))  # type: ignore[attr-defined]
        assert b"socket_ticket:" in rows
        for secret in (ticket, ticket[3:], cookie, alice_key, alice_key[-43:]):
            assert secret.encode() not in rows


def test_a_ticket_stays_good_while_the_shared_cache_cannot_be_used(
    alice_key: str, run_id: str, settings: Any, tmp_path: Path
) -> None:
    principal = principal_from_headers({"api-key": alice_key})
    ticket = socket_tickets.issue(principal, f"/ws/runs/{run_id}").text
    usual = settings.CACHES
    broken = str(tmp_path / "nowhere" / "shared.sqlite3")
    settings.CACHES = {
        "default": {"BACKEND": "core.shared_cache.FileCache", "LOCATION": broken},
    }
    assert closed(ticket, f"/ws/runs/{run_id}") == 1013
    settings.CACHES = usual
    assert closed(ticket, f"/ws/runs/{run_id}") == OPEN


def _everything(location: str) -> Iterator[bytes]:
    """All values and keys of the shared cache, as it stores them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT key, value FROM {location}")
            rows = cursor.fetchall()
    else:
        with closing(sqlite3.connect(location)) as file:
            rows = file.execute("SELECT key, value FROM entries").fetchall()
    for key, value in rows:
        yield key.encode() + bytes(value)


def by_key(alice: User) -> dict[str, str]:
    return {"api-key": make_key(alice)}


def by_session(alice: User) -> dict[str, str]:
    return {"cookie": f"sessionid={signed_in(alice).cookies['sessionid'].value}"}


def by_token(alice: User) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.start_family(user=alice).access}"}


# What ends a credential: whose it is, and the headers that it came with.
ENDS: dict[str, tuple[Callable[[User], dict[str, str]], Callable[[User, Any], object]]] = {
    "key revoked": (by_key, lambda user, _: services.revoke_api_key(key=user.api_keys.get())),
    "key expired": (by_key, lambda user, _: user.api_keys.update(expires_at=clock.now())),
    "sessions ended": (by_session, lambda user, _: services.end_sessions(user=user)),
    "session unlisted": (by_session, lambda *_: BrowserSession.objects.all().delete()),
    "token ended": (by_token, lambda _, headers: tokens.end_family(headers["authorization"][7:])),
    "account closed": (
        by_key,
        lambda user, _: User.objects.filter(pk=user.pk).update(is_active=False),
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_ticket_ends_with_the_credential_that_created_it(
    alice: User, run_id: str, name: str
) -> None:
    credential, end = ENDS[name]
    headers = credential(alice)
    path = f"/ws/runs/{run_id}"
    used, unused = (
        socket_tickets.issue(principal_from_headers(headers), path).text for _ in range(2)
    )
    assert closed(used, path) == OPEN
    recheck = Inner.scope["recheck"]
    assert recheck().user == alice
    end(alice, headers)
    with pytest.raises(errors.Unauthenticated):
        recheck()
    assert closed(unused, path) == 4401


@pytest.mark.parametrize("kind", ["run", "template"])
def test_an_open_socket_ends_with_the_credential_behind_its_ticket(
    alice: User, settings: Any, kind: str
) -> None:
    settings.STREAM_RECHECK_S = 0.1
    if kind == "run":
        path = f"/ws/runs/{start(alice, chain('sleep', 1, seconds=0)).public_id}"
    else:
        path = f"/ws/documents/{template_of(make_document(alice)).public_id}"
    client = signed_in(alice)
    headers = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}
    ticket = socket_tickets.issue(principal_from_headers(headers), path).text

    async def scene() -> None:
        async with Socket("", {"origin": ELSEWHERE}, query=f"ticket={ticket}", path=path) as socket:
            await socket.until(lambda one: one.said, "what there is")
            await in_thread(client.logout)
            with promised(5):
                assert await socket.to_the_end() == 4401

    asyncio.run(scene())


def test_a_ticket_lives_no_longer_than_the_token_that_created_it(
    alice: User, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = tokens.start_family(user=alice).access
    principal = principal_from_headers({"authorization": f"Bearer {access}"})
    ticket = socket_tickets.issue(principal, f"/ws/runs/{run_id}").text
    assert closed(ticket, f"/ws/runs/{run_id}") == OPEN
    recheck = Inner.scope["recheck"]
    then = clock.now() + tokens.ACCESS_LIFE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: then)
    with pytest.raises(errors.Unauthenticated):
        recheck()


def test_a_ticket_in_a_request_is_no_credential(
    alice_key: str, api: ApiFactory, run_id: str
) -> None:
    ticket = created(api(alice_key).post(TICKETS, {"run": run_id}))
    path = f"/v1/creative-agent/workflows/{run_id}"
    assert Client().get(f"{path}?ticket={ticket}").status_code == 401
    for name in ("api-key", "authorization"):
        assert Client().get(path, headers={name: ticket}).status_code == 401
    assert connect(Credential(subprotocols=("bearer", ticket)), ELSEWHERE).closed == 4401
    assert connect(Credential({"cookie": f"authorization={ticket}"}), ELSEWHERE).closed == BEFORE


# Each ticket is shown by all racers at the same moment.
REDEEM = """
import sys, time
import django
django.setup()
from core import errors
from accounts import socket_tickets
from django.db import connection
connection.settings_dict["NAME"], *tickets = sys.argv[1:]
print("ready", flush=True)
begin = float(sys.stdin.readline())
won = 0
for number, ticket in enumerate(tickets):
    while time.time() < begin + number * 0.005:
        pass
    try:
        socket_tickets.redeem(ticket, "/ws/runs/wf_1")
        won += 1
    except errors.Unauthenticated:
        pass
print(won)
"""


@pytest.mark.slow
def test_of_two_processes_that_show_a_ticket_one_wins(alice_key: str) -> None:
    principal = principal_from_headers({"api-key": alice_key})
    issued = [socket_tickets.issue(principal, "/ws/runs/wf_1").text for _ in range(200)]
    database = str(connection.settings_dict["NAME"])
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", REDEEM, database, *issued],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    begin = time.time() + 0.2
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write(f"{begin}\n")
        racer.stdin.flush()
    won = [int(racer.communicate(timeout=60)[0]) for racer in racers]
    assert sum(won) == len(issued)
