"""Who opens a WebSocket, from which page, and with what: the rule as one table, at the server's own
sockets; its corners around a consumer that only accepts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from accounts import services, socket_tickets, tokens
from accounts.auth import principal_from_headers
from accounts.models import ApiKey, User
from builder.asgi import SOCKETS
from core import errors
from tests.support.builders.editing import make_document, template_of
from tests.support.builders.factories import make_key
from tests.support.builders.running import chain, start
from tests.support.clients.handshakes import BEFORE, OPEN, PATH, Credential, Inner, Opened, connect
from tests.support.clients.sockets import ORIGIN, Socket
from tests.support.clients.streams import close_pool_connections

pytestmark = pytest.mark.django_db(transaction=True)
LISTED = "https://studio.example"
UNKNOWN_KEY = f"rg_{'a' * 10}_{'b' * 43}"
ORIGINS = {
    "own": ORIGIN,
    "listed": LISTED,
    "foreign": "https://evil.example",
    "none": None,
}


@pytest.fixture(autouse=True)
def _close_connections() -> Iterator[None]:
    yield
    close_pool_connections()


@pytest.fixture(autouse=True)
def _one_listed_origin(settings: Any) -> None:
    settings.CORS_ORIGINS = [LISTED]


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def token_of(user: User) -> str:
    return tokens.start_family(user=user).access


def bearer(*credential: str) -> Credential:
    return Credential(subprotocols=("bearer", *credential))


def ticket_of(user: User, path: str = PATH) -> str:
    principal = principal_from_headers({"api-key": make_key(user)})
    return socket_tickets.issue(principal, path).text


# The rule, whole: how each kind of credential ends from each origin, in the order of ORIGINS.
ANYWHERE = (OPEN, OPEN, OPEN, OPEN)
BY_HEADER = (OPEN, OPEN, BEFORE, OPEN)
BY_COOKIE = (OPEN, OPEN, BEFORE, 4403)
NOT_VALID = (4401, 4401, BEFORE, 4401)
NOWHERE = (4401, 4401, 4401, 4401)
BY_NAME: dict[str, tuple[Callable[[User, str], Credential], tuple[int, ...]]] = {
    "api-key header": (lambda user, path: Credential({"api-key": make_key(user)}), BY_HEADER),
    "authorization header": (
        lambda user, path: Credential({"authorization": f"Bearer {make_key(user)}"}),
        BY_HEADER,
    ),
    "token in a header": (
        lambda user, path: Credential({"authorization": f"Bearer {token_of(user)}"}),
        BY_HEADER,
    ),
    "session cookie": (lambda user, path: Credential({"cookie": session_of(user)}), BY_COOKIE),
    "key cookie": (
        lambda user, path: Credential({"cookie": f"authorization={make_key(user)}"}),
        BY_COOKIE,
    ),
    "token cookie": (
        lambda user, path: Credential({"cookie": f"authorization={token_of(user)}"}),
        BY_COOKIE,
    ),
    "bearer key": (lambda user, path: bearer(make_key(user)), ANYWHERE),
    "bearer token": (lambda user, path: bearer(token_of(user)), ANYWHERE),
    "ticket": (lambda user, path: Credential(query=f"ticket={ticket_of(user, path)}"), ANYWHERE),
    "nothing": (lambda user, path: Credential(), NOT_VALID),
    "unknown key": (lambda user, path: Credential({"api-key": UNKNOWN_KEY}), NOT_VALID),
    "unknown bearer": (lambda user, path: bearer("nonsense"), NOWHERE),
    "bearer alone": (lambda user, path: bearer(), NOWHERE),
    "unknown ticket": (lambda user, path: Credential(query=f"ticket=rt_{'b' * 43}"), NOWHERE),
    "empty ticket": (lambda user, path: Credential(query="ticket="), NOWHERE),
    # Cookies never stand in for what a page said explicitly.
    "bearer alone beside a session": (
        lambda user, path: Credential({"cookie": session_of(user)}, ("bearer",)),
        NOWHERE,
    ),
    "unknown ticket beside a session": (
        lambda user, path: Credential({"cookie": session_of(user)}, query="ticket=x"),
        NOWHERE,
    ),
}


def run_socket(alice: User) -> str:
    return f"/ws/runs/{start(alice, chain('sleep', 1, seconds=0)).public_id}"


def document_socket(alice: User) -> str:
    return f"/ws/documents/{template_of(make_document(alice)).public_id}"


@pytest.mark.parametrize("path_of", [run_socket, document_socket], ids=["run", "template"])
def test_each_credential_counts_from_these_origins(
    alice: User, path_of: Callable[[User], str]
) -> None:
    path, wrong = path_of(alice), []
    ends = {OPEN: (True, None, True), BEFORE: (False, 4403, False)}
    for name, (make, results) in BY_NAME.items():
        for origin, result in zip(ORIGINS, results, strict=True):
            end = handshake(path, make(alice, path), ORIGINS[origin])
            if end != ends.get(result, (True, result, False)):
                wrong.append(f"{name} from {origin}: {end}, not {result}")
    assert not wrong, "\n".join(wrong)


def handshake(
    path: str, credential: Credential, origin: str | None
) -> tuple[bool, int | None, bool]:
    """Whether the socket was accepted, its close code, whether it was told anything."""
    headers = {**credential.headers, **({} if origin is None else {"origin": origin})}

    async def scene() -> tuple[bool, int | None, bool]:
        async with Socket(
            "",
            headers,
            path=path,
            query=credential.query,
            subprotocols=credential.subprotocols,
        ) as socket:
            await socket.until(lambda one: one.said or one.closed, "the end of the handshake")
            # Browsers fail a handshake that is answered without an offered subprotocol.
            is_answered = bool(credential.subprotocols and socket.accepted)
            assert socket.subprotocol == ("bearer" if is_answered else None)
            return socket.accepted, socket.closed, bool(socket.said)

    return asyncio.run(scene())


def test_cookies_need_exactly_an_own_origin(alice: User) -> None:
    cookie, wrong = Credential({"cookie": session_of(alice)}), []
    for origin, host, closed in (
        ("http://testserver", "TestServer:80", OPEN),
        ("https://testserver", "testserver:443", OPEN),
        # No browser writes its origin so.
        ("http://testserver:80", "testserver", BEFORE),
        ("http://TestServer", "testserver", BEFORE),
        ("http://testserver/", "testserver", BEFORE),
        ("http://testserver:8000", "testserver:8000", OPEN),
        ("http://testserver.evil.example", "testserver", BEFORE),
        ("http://evil:pw@testserver", "testserver", BEFORE),
        ("http://testserver?evil", "testserver", BEFORE),
        ("http://testserver#evil", "testserver", BEFORE),
        ("http://testserver:80 evil", "testserver", BEFORE),
        ("http://testserver, http://evil.example", "testserver", BEFORE),
        (" http://testserver", "testserver", BEFORE),
        ("http://testserver:81", "testserver", BEFORE),
        ("http://testserver:port", "testserver", BEFORE),
        ("http://testserver:99999", "testserver", BEFORE),
        ("https://evil.example/http://testserver", "testserver", BEFORE),
        ("http://[", "testserver", BEFORE),
        ("null", "testserver", BEFORE),
        ("", "testserver", BEFORE),
        ("file://testserver", "testserver", BEFORE),
        ("http://studio.example", "testserver", BEFORE),
        ("http://evil.example", "evil.example", BEFORE),
    ):
        if (end := connect(cookie, origin, host).closed) != closed:
            wrong.append(f"{origin} at {host}: {end}, not {closed}")
    assert not wrong, "\n".join(wrong)


def test_no_socket_opens_for_an_origin_with_more_in_it(alice: User) -> None:
    cookie = Credential({"cookie": session_of(alice)})
    paths = (run_socket(alice), document_socket(alice), "/ws/notices")
    assert len(paths) == len(SOCKETS)
    for path in paths:
        assert handshake(path, cookie, ORIGIN)[0]
        assert handshake(path, cookie, "http://testserver/evil") == (False, 4403, False), path


def test_the_public_address_is_an_own_origin(alice: User, settings: Any) -> None:
    settings.PUBLIC_URL = "https://Reel.example:443"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "reel.example"]
    cookie = Credential({"cookie": session_of(alice)})
    for host in ("testserver", "reel.example"):
        assert connect(cookie, "https://reel.example", host).closed == OPEN
        assert connect(cookie, "http://reel.example", host).closed == BEFORE


def test_no_credential_opens_a_socket_of_an_unknown_host(alice: User) -> None:
    for make, _results in BY_NAME.values():
        assert connect(make(alice, PATH), None, "evil.example").closed == BEFORE


def test_a_key_in_the_query_is_refused(alice: User) -> None:
    key = make_key(alice)
    for name in ("api_key=", "access_token=", "authorization=Bearer ", "ticket=", "x="):
        for credential in (
            Credential(query=name + key),
            Credential({"api-key": key}, query=name + key),
            Credential(subprotocols=("bearer", key), query=name + key),
        ):
            assert connect(credential).closed == 4400, credential


def test_a_header_wins_over_what_else_is_brought(alice: User, bob: User) -> None:
    both = Credential({"api-key": make_key(alice)}, ("bearer", make_key(bob)))
    assert connect(both) == Opened(OPEN, "bearer")
    assert Inner.scope["principal"].user == alice
    ticket = ticket_of(bob)
    assert (
        connect(Credential({"api-key": make_key(alice)}, query=f"ticket={ticket}")).closed == OPEN
    )
    assert Inner.scope["principal"].user == alice
    # It was not needed, and so not used.
    beside = Credential({"cookie": session_of(alice)}, query=f"ticket={ticket}")
    assert connect(beside).closed == OPEN
    assert Inner.scope["principal"].user == bob


def test_other_subprotocols_are_not_answered(alice: User) -> None:
    key = make_key(alice)
    assert connect(Credential({"api-key": key}, ("json",))) == Opened(OPEN, None)
    assert connect(Credential({}, ("json", "bearer", key))) == Opened(OPEN, "bearer")


def test_a_socket_whose_key_was_revoked_is_refused_by_recheck(alice: User) -> None:
    assert connect(Credential(subprotocols=("bearer", make_key(alice)))).closed == OPEN
    recheck = Inner.scope["recheck"]
    services.revoke_api_key(key=ApiKey.objects.get(user=alice))
    with pytest.raises(errors.Unauthenticated):
        recheck()


def test_a_failure_comes_after_the_handshake_so_that_the_socket_is_closed_with_a_code(
    alice: User,
) -> None:
    """`core.server` closes with 1013 or 1011; before the handshake browsers would see neither."""
    key = make_key(alice)
    socket = Socket("wf_1", {"api-key": key})

    async def scene() -> None:
        async with socket:
            await socket.until(lambda one: one.accepted, "the handshake")

    rename = "ALTER TABLE {} RENAME TO {}"
    with connection.cursor() as cursor:
        cursor.execute(rename.format("accounts_apikey", "elsewhere"))
    try:
        with pytest.raises(DatabaseError):
            asyncio.run(scene())
    finally:
        with connection.cursor() as cursor:
            cursor.execute(rename.format("elsewhere", "accounts_apikey"))
    assert socket.accepted
