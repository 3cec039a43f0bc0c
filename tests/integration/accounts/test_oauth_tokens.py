"""`/oauth/token` and `/oauth/revoke`: what works once, what ends a connection, and what doesn't."""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import connected_apps, services, sessions
from accounts.auth import principal_by_reference, principal_from_headers, reference_to
from accounts.models import ApiKey, AuthorizationCode, ConnectionTokens, User
from accounts.tokens import FORGIVEN
from core import clock, errors
from tests.support.at_once import at_once
from tests.support.builders.exports import account_data
from tests.support.clients.api import Api
from tests.support.clients.oauth import ALLOW, REVOKE, App, make_app, refused, who
from tests.support.clients.visitors import signed_in
from tests.support.stored_rows import stored_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(db: None) -> App:
    return make_app()


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    then = clock.now() + by
    monkeypatch.setattr(clock, "now", lambda: then)


def is_ended(key: ApiKey | None = None) -> bool:
    return (key or ApiKey.objects.latest("id")).revoked_at is not None


# --- codes --------------------------------------------------------------------------------------


def test_a_code_shown_again_ends_the_connection(app: App, alice: User) -> None:
    code = app.code(alice)
    tokens = app.redeem(code).json()
    assert who(tokens["access_token"]).status_code == 200
    refused(app.redeem(code), "invalid_grant")
    assert who(tokens["access_token"]).status_code == 401
    refused(app.refresh(tokens["refresh_token"]), "invalid_grant")
    html = signed_in(alice).get("/me/security").content.decode()
    assert "its code or token was used twice" in html


def test_a_used_code_shown_with_a_wrong_verifier_ends_it_too(app: App, alice: User) -> None:
    code = app.code(alice)
    app.redeem(code)
    refused(app.redeem(code, code_verifier="x" * 43), "invalid_grant")
    assert is_ended()


def test_a_code_of_another_app_is_unknown_and_stays_good(app: App, alice: User) -> None:
    code = app.code(alice)
    other = make_app()
    other.verifier = app.verifier
    refused(other.redeem(code), "invalid_grant")
    assert app.redeem(code).status_code == 200
    refused(other.redeem(code), "invalid_grant")
    assert not is_ended()


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "y" * 43},
        {"code_verifier": "é" * 43},
        {"redirect_uri": "http://127.0.0.1:7778/callback"},
        {"code": "unknown"},
    ],
)
def test_a_code_takes_what_it_was_made_for(app: App, alice: User, changes: dict[str, str]) -> None:
    code = app.code(alice)
    refused(app.redeem(**{"code": code} | changes), "invalid_grant")
    assert ApiKey.objects.count() == 0
    assert app.redeem(code).status_code == 200


def test_the_challenge_is_no_verifier(app: App, alice: User) -> None:
    # As with the method `plain`, to which no request can be talked down.
    refused(app.redeem(app.code(alice), code_verifier=app.challenge), "invalid_grant")


@pytest.mark.parametrize("name", ["code", "code_verifier", "grant_type"])
def test_what_is_missing_is_named(app: App, alice: User, name: str) -> None:
    code = app.code(alice)
    assert name in refused(app.redeem(**{"code": code} | {name: None}), "invalid_request")


def test_a_code_expires(app: App, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    code = app.code(alice)
    later(monkeypatch, connected_apps.CODE_LIFE)
    refused(app.redeem(code), "invalid_grant")


def test_a_new_password_between_consent_and_code_ends_the_code(app: App, alice: User) -> None:
    code = app.code(alice)
    services.change_password(user=alice, password="lamplight-43")
    refused(app.redeem(code), "invalid_grant")


def test_connections_go_on_after_a_new_password_as_keys_do(app: App, alice: User) -> None:
    tokens = app.connect(alice)
    services.change_password(user=alice, password="lamplight-43")
    assert who(tokens["access_token"]).status_code == 200
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_another_resource_than_agreed_to_is_refused(app: App, alice: User) -> None:
    code = app.code(alice, resource="http://testserver/mcp")
    refused(app.redeem(code, resource="http://testserver/v1"), "invalid_target")
    refused(app.redeem(code, resource="https://evil.example/mcp"), "invalid_target")
    assert app.redeem(code, resource="http://testserver/mcp").status_code == 200
    assert ConnectionTokens.objects.get().resource == "http://testserver/mcp"


@pytest.mark.django_db(transaction=True)
def test_of_two_processes_with_one_code_one_is_answered_and_nothing_stays_open(
    app: App, alice: User
) -> None:
    for _ in range(3):
        code = app.code(alice)
        answers = at_once([partial(app.redeem, code)] * 2)
        assert sorted(answer.status_code for answer in answers) == [200, 400]
        [pair] = [answer.json() for answer in answers if answer.status_code == 200]
        assert who(pair["access_token"]).status_code == 401
        assert is_ended()
    assert ApiKey.objects.count() == 3


# --- refreshing ---------------------------------------------------------------------------------


def test_a_refresh_token_works_once(app: App, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    first = app.connect(alice)["refresh_token"]
    second = app.refresh(first).json()["refresh_token"]
    # The answer may have been lost: within a minute there is another one.
    again = app.refresh(first).json()
    assert who(again["access_token"]).status_code == 200
    third = app.refresh(second).json()
    later(monkeypatch, FORGIVEN + timedelta(seconds=1))
    assert who(third["access_token"]).status_code == 200
    said = refused(app.refresh(second), "invalid_grant")
    assert "used before" in said
    assert who(third["access_token"]).status_code == 401
    refused(app.refresh(third["refresh_token"]), "invalid_grant")


def test_one_from_two_generations_ago_ends_it_at_once(app: App, alice: User) -> None:
    first = app.connect(alice)["refresh_token"]
    second = app.refresh(first).json()["refresh_token"]
    app.refresh(second)
    refused(app.refresh(first), "invalid_grant")
    assert is_ended()


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_refresh_at_once_both_go_on(app: App, alice: User) -> None:
    token = app.connect(alice)["refresh_token"]
    for generation in range(1, 4):
        answers = at_once([partial(app.refresh, token)] * 2)
        assert [answer.status_code for answer in answers] == [200, 200]
        assert ConnectionTokens.objects.get().generation == generation
        token = answers[generation % 2].json()["refresh_token"]
    assert {app.refresh(one.json()["refresh_token"]).status_code for one in answers} == {200}


def test_tokens_of_another_app_and_use_are_refused(app: App, alice: User) -> None:
    tokens = app.connect(alice)
    refused(make_app().refresh(tokens["refresh_token"]), "invalid_grant")
    refused(app.refresh(tokens["access_token"]), "invalid_grant")
    assert who(tokens["refresh_token"]).status_code == 401
    assert not is_ended()


def test_a_refresh_token_expires_and_the_connection_with_it(
    app: App, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = app.connect(alice)["refresh_token"]
    later(monkeypatch, timedelta(days=30))
    refused(app.refresh(token), "invalid_grant")
    later(monkeypatch, timedelta(days=2))
    sessions.forget_expired()
    assert is_ended()
    assert "No connected apps" in signed_in(alice).get("/me/keys").content.decode()


def test_more_than_was_given_is_not_to_be_had_by_refreshing(app: App, alice: User) -> None:
    token = app.connect(alice)["refresh_token"]
    refused(app.refresh(token, scope="read all"), "invalid_scope")
    answer = app.refresh(token, scope="read offline_access").json()
    assert answer["scope"] == "read run"


def test_suspended_people_get_no_tokens_and_keep_the_connection(app: App, alice: User) -> None:
    code = app.code(alice)
    tokens = app.connect(alice)
    until = clock.now() + timedelta(days=1)
    User.objects.filter(pk=alice.pk).update(suspended_until=until)
    assert "suspended" in refused(app.redeem(code), "invalid_grant")
    assert "suspended" in refused(app.refresh(tokens["refresh_token"]), "invalid_grant")
    assert who(tokens["access_token"]).status_code == 403
    User.objects.filter(pk=alice.pk).update(suspended_until=None)
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_a_closed_account_ends_it(app: App, alice: User) -> None:
    code, tokens = app.code(alice), app.connect(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    refused(app.redeem(code), "invalid_grant")
    refused(app.refresh(tokens["refresh_token"]), "invalid_grant")
    assert who(tokens["access_token"]).status_code == 401


# --- the app's own credential -------------------------------------------------------------------


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_an_app_with_a_secret_proves_itself_in_either_place(alice: User, method: str) -> None:
    app = make_app(token_endpoint_auth_method=method)
    tokens = app.connect(alice)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    for secret in ("", "wrong", app.secret[:-1]):
        answer = app.ask(form | {"client_secret": secret or None})
        refused(answer, "invalid_client", 401)
        assert answer["WWW-Authenticate"].startswith("Basic")
    pair = base64.b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
    without = {"client_id": None, "client_secret": None}
    assert app.ask(form | without, authorization=f"Basic {pair}").status_code == 200


@pytest.mark.parametrize("header", ["Basic x", "Basic", "Basic OnNlY3JldA=="])
def test_a_header_that_is_no_credential_is_refused(app: App, header: str) -> None:
    answer = app.ask({"grant_type": "refresh_token"}, authorization=header)
    refused(answer, "invalid_client", 401)


def test_the_header_and_the_form_name_one_app(app: App) -> None:
    other = base64.b64encode(b"app_other:x").decode()
    answer = app.ask({"grant_type": "refresh_token"}, authorization=f"Basic {other}")
    refused(answer, "invalid_client", 401)


def test_an_unknown_app_is_refused(app: App) -> None:
    answer = app.ask({"grant_type": "refresh_token", "client_id": "app_unknown"})
    refused(answer, "invalid_client", 401)


def test_other_grants_are_not_offered(app: App) -> None:
    refused(app.ask({"grant_type": "password"}), "unsupported_grant_type")


def test_a_field_sent_twice_is_refused(app: App, alice: User) -> None:
    code = app.code(alice)
    refused(app.redeem(code, code_verifier=[app.verifier, app.verifier]), "invalid_request")  # type: ignore[arg-type]


def test_only_forms_are_read(app: App) -> None:
    answer = Api().post("/oauth/token", {"grant_type": "refresh_token"})
    refused(answer, "invalid_request")
    refused(app.ask({"grant_type": "a\x00b"}), "invalid_request")


# --- ending and using ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_either_token_ends_the_connection_and_only_its_app_can(
    app: App, alice: User, kind: str
) -> None:
    tokens = app.connect(alice)
    assert make_app().revoke(tokens[kind]).status_code == 200
    assert not is_ended()
    answer = app.revoke(tokens[kind])
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert is_ended()
    assert who(tokens["access_token"]).status_code == 401
    assert app.revoke(tokens[kind]).status_code == 200


def test_an_unknown_token_is_as_good_as_ended(app: App) -> None:
    for token in ("x", "rgat_x.y", "rg_aaaaaaaaaa_" + "a" * 43):
        assert app.revoke(token).status_code == 200
    refused(app.ask({}, path=REVOKE), "invalid_request")


def test_a_forged_token_opens_nothing(app: App, alice: User) -> None:
    token = app.connect(alice)["access_token"]
    for place in (0, token.index(".") - 1, token.index(".") + 1, len(token) - 1):
        other = "A" if token[place] != "A" else "B"
        forged = token[:place] + other + token[place + 1 :]
        # The last character of base64 has bits that mean nothing; ours are compared as text.
        assert who(forged).status_code == 401, place
    for text in (token[:-1], token + "A", token.swapcase(), "rgat_", "rgat_a.b"):
        assert who(text).status_code == 401, text


def test_the_lookup_of_a_connection_is_no_key(app: App, alice: User) -> None:
    app.connect(alice)
    lookup = ApiKey.objects.get().lookup
    assert Api(f"rg_{lookup}_{'a' * 43}").get("/v1/account/me").status_code == 401


def test_a_token_in_an_address_is_refused(app: App, alice: User) -> None:
    token = app.connect(alice)["access_token"]
    for query in (f"?access_token={token}", f"?x={token}"):
        answer = Client().get(f"/v1/account/me{query}", headers={"api-key": token})
        assert answer.status_code == 400, query


def test_an_access_token_expires(app: App, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = app.connect(alice)
    later(monkeypatch, timedelta(minutes=15))
    answer = who(tokens["access_token"])
    assert answer.status_code == 401
    assert "/oauth/token" in answer.json()["message"]
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_one_query_finds_who_asks(
    app: App, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token = app.connect(alice)["access_token"]
    principal_from_headers({"authorization": token}, scope="run")
    with django_assert_num_queries(1):
        principal = principal_from_headers({"authorization": token}, scope="run")
    assert (principal.via, principal.user) == ("key", alice)
    assert principal.api_key is not None
    assert principal.expires_at is not None


def test_what_was_opened_by_a_token_ends_with_it(
    app: App, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = app.connect(alice)["access_token"]
    reference = reference_to(principal_from_headers({"authorization": token}, scope="run"))
    assert principal_by_reference(reference).expires_at == reference.expires_at
    later(monkeypatch, timedelta(minutes=15))
    with pytest.raises(errors.Unauthenticated):
        principal_by_reference(reference)


def test_its_requests_are_counted_as_a_keys(app: App, alice: User, settings: Settings) -> None:
    settings.READS_PER_MINUTE = 2
    token = app.connect(alice)["access_token"]
    assert [who(token).status_code for _ in range(3)] == [200, 200, 429]


def test_tokens_go_on_with_an_earlier_secret_key_among_the_fallbacks(
    app: App, alice: User, settings: Settings
) -> None:
    tokens = app.connect(alice)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-one-" * 5
    assert who(tokens["access_token"]).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert who(tokens["access_token"]).status_code == 401


def test_no_table_holds_a_code_a_token_or_a_secret(alice: User) -> None:
    app = make_app(token_endpoint_auth_method="client_secret_post")
    code = signed_in(alice).post(app.address(), ALLOW)["Location"].split("code=")[1].split("&")[0]
    before = stored_text()
    tokens = app.redeem(code).json()
    stored = before + stored_text()
    for secret in (code, tokens["access_token"], tokens["refresh_token"], app.secret):
        assert secret not in stored


def test_the_export_has_connections_that_go_on_and_that_ended(app: App, alice: User) -> None:
    app.connect(alice, allow={"units": "2"})
    app.revoke(app.connect(alice)["access_token"])
    newest, first = account_data(alice)["connectedApps"]
    assert (first["name"], first["clientId"]) == ("Test agent", app.client_id)
    assert (first["scope"], first["dailyLimitUnits"], first["endedAt"]) == ("run", 2.0, None)
    assert newest["endedAt"] is not None


def test_deleting_the_account_deletes_all_of_it(app: App, alice: User) -> None:
    tokens = app.connect(alice)
    app.code(alice)
    services.erase_user(user=alice)
    assert ApiKey.objects.count() == AuthorizationCode.objects.count() == 0
    assert ConnectionTokens.objects.count() == 0
    assert who(tokens["access_token"]).status_code == 401
