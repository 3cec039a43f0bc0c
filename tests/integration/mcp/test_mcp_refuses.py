"""What /mcp refuses: callers without a credential or scope, and bytes that are no message."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as live_settings

from accounts.models import ApiKey, User
from core import clock
from tests.support.builders.factories import make_key
from tests.support.clients.agents import HANDSHAKE, MODERN, post, result, send

pytestmark = pytest.mark.django_db(transaction=True)
METADATA = "http://testserver/.well-known/oauth-protected-resource/mcp"


def test_a_caller_without_a_credential_is_told_where_to_get_one() -> None:
    answer = send("tools/list")
    assert answer.status == 401
    assert answer.header("www-authenticate") == f'Bearer resource_metadata="{METADATA}"'
    assert answer.json()["error"]["message"]


def test_a_wrong_key_is_an_invalid_token(alice: User) -> None:
    answer = send("tools/list", {}, "rg_0123456789_" + "x" * 43)
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.header("www-authenticate")


def test_a_cookie_is_no_credential(alice_key: str) -> None:
    headers = {"cookie": f"authorization={alice_key}"}
    assert send("tools/list", headers=headers).status == 401


def test_a_revoked_key_is_refused(alice_key: str) -> None:
    ApiKey.objects.update(revoked_at=clock.now())
    assert send("tools/list", {}, alice_key).status == 401


def test_a_suspended_person_is_refused(alice: User, alice_key: str) -> None:
    User.objects.update(suspended_until=clock.now() + timedelta(days=1))
    answer = send("tools/list", {}, alice_key)
    assert answer.status == 403
    assert answer.json()["error"]["data"]["code"] == "account.suspended"


def test_a_key_without_the_scope_is_told_which_one_it_needs(alice: User) -> None:
    key = make_key(alice, scope="read")
    answer = send("tasks/cancel", {"taskId": "wf_x"}, key, tasks=True)
    assert answer.status == 403
    challenge = answer.header("www-authenticate")
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="run"' in challenge
    assert METADATA in challenge
    assert send("tools/list", {}, key).status == 200


def test_pages_of_other_websites_are_refused(alice_key: str) -> None:
    foreign = {"origin": "https://evil.example"}
    assert send("tools/list", {}, alice_key, headers=foreign).status == 403
    assert send("tools/list", {}, alice_key, headers={"origin": "http://testserver"}).status == 200


@pytest.mark.parametrize("era", [MODERN, HANDSHAKE])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
        b'{"jsonrpc":"2.0","id":1,"result":7}',
        b'{"jsonrpc":"2.0","id":1,"error":{"code":"no"}}',
        b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\u0000"}}',
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'{"jsonrpc":"2.0","id":99999999999999999999999,"method":"ping"}',
    ],
)
def test_what_is_no_message_is_a_clear_error(alice_key: str, era: str, body: bytes) -> None:
    answer = post(body, alice_key, {"mcp-protocol-version": era})
    assert answer.status == 400, answer.text
    error = answer.json()["error"]
    assert error["message"]
    # The words of a library say nothing about the message.
    assert "pydantic" not in answer.text.lower()
    assert "validation error" not in answer.text.lower()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, '`jsonrpc` must be "2.0".'),
        ({"jsonrpc": "2.0", "id": 1}, "`method` must be a string."),
        (
            {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]},
            "`params` must be an object.",
        ),
        ({"jsonrpc": "2.0", "id": True, "method": "ping"}, "`id` must be a string or an integer."),
    ],
)
def test_what_is_wrong_with_a_message_is_said_of_its_field(
    alice_key: str, body: dict[str, Any], says: str
) -> None:
    for era in (MODERN, HANDSHAKE):
        answer = post(json.dumps(body).encode(), alice_key, {"mcp-protocol-version": era}).json()
        assert (answer["error"]["code"], answer["error"]["message"]) == (-32600, says)


def test_a_large_body_is_refused(alice_key: str) -> None:
    answer = post(b" " * (live_settings.BODY_LIMIT_BYTES + 1), alice_key)
    assert answer.status == 413


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_only_post_is_answered(alice_key: str, method: str) -> None:
    answer = post(b"", alice_key, method=method)
    assert answer.status == 405
    assert answer.header("allow") == "POST, OPTIONS"


def test_unknown_methods_tools_and_versions_are_errors_of_the_protocol(alice_key: str) -> None:
    assert send("tools/brew", {}, alice_key).json()["error"]["code"] == -32601
    answer = send("tools/call", {"name": "brew_tea", "arguments": {}}, alice_key)
    assert answer.json()["error"]["code"] == -32602
    answer = send("tools/list", {}, alice_key, era="2031-01-01")
    assert answer.status == 400
    assert answer.json()["error"]["code"] == -32022


def test_a_client_of_the_handshake_gets_no_session(alice_key: str) -> None:
    params = {
        "protocolVersion": HANDSHAKE,
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "1"},
    }
    answer = send("initialize", params, alice_key, era=HANDSHAKE)
    assert result(answer)["protocolVersion"] == HANDSHAKE
    assert answer.header("mcp-session-id") == ""
    assert "untrusted" in result(answer)["instructions"]
    body = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert post(body, alice_key, {"mcp-protocol-version": HANDSHAKE}).status == 202
