"""Codes of an authenticator app: set up, asked for, thrown away, and required of staff."""

import json
import logging

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts.models import User
from tests.integration.accounts.test_sign_in import link_path
from tests.support.builders.factories import PASSWORD, make_key, make_user
from tests.support.builders.moderation import make_moderator
from tests.support.clients.authenticator import code_of, switch_on
from tests.support.markup import flat

pytestmark = [pytest.mark.django_db]
STAFF_PAGES = ("/admin/", "/admin/runs/", "/admin/people", "/admin/moderation/")


@pytest.fixture
def keeper(db: None) -> User:
    return make_user("keeper", password=PASSWORD)


@pytest.fixture
def operator(db: None) -> User:
    return make_moderator(make_user("mo", password=PASSWORD, is_staff=True))


def signed_in(user: User) -> Client:
    client = Client()
    form = {"username": user.username, "password": PASSWORD}
    assert client.post("/sign-in", form)["Location"] == "/"
    return client


def is_in(client: Client) -> bool:
    return client.get("/v1/account/me").status_code == 200


def test_password_and_code_sign_in(keeper: User) -> None:
    codes = switch_on(signed_in(keeper), keeper, proof=PASSWORD)
    assert len(set(codes)) == 10
    client = Client()
    form = {"username": "keeper", "password": PASSWORD, "next": "/me/keys"}
    answer = client.post("/sign-in", form)
    assert answer["Location"] == "/sign-in/code?next=%2Fme%2Fkeys"
    assert not is_in(client)
    assert b"keeper" in client.get(answer["Location"]).content
    wrong = client.post("/sign-in/code", {"code": "000000"})
    assert wrong.status_code == 422
    assert not is_in(client)
    done = client.post("/sign-in/code", {"code": code_of(keeper), "next": "/me/keys"})
    assert done["Location"] == "/me/keys"
    assert is_in(client)


def test_a_link_asks_for_the_code_too(keeper: User) -> None:
    switch_on(signed_in(keeper), keeper, proof=PASSWORD)
    client = Client()
    assert client.post(link_path(keeper))["Location"].startswith("/sign-in/code")
    assert not is_in(client)
    client.post("/sign-in/code", {"code": code_of(keeper)})
    assert is_in(client)


def test_a_code_works_once(keeper: User) -> None:
    switch_on(signed_in(keeper), keeper, proof=PASSWORD)
    code = code_of(keeper)
    for status in (302, 422):
        client = Client()
        client.post("/sign-in", {"username": "keeper", "password": PASSWORD})
        assert client.post("/sign-in/code", {"code": code}).status_code == status


def test_a_recovery_code_works_once_and_only_its_hash_is_stored(keeper: User) -> None:
    first = switch_on(signed_in(keeper), keeper, proof=PASSWORD)[0]
    assert not StaticToken.objects.filter(token__in=[first, first.replace("-", "")]).exists()
    client = Client()
    client.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    typed = first.upper().replace("-", " ")
    assert client.post("/sign-in/code", {"code": typed}).status_code == 302
    assert is_in(client)
    assert "9 recovery codes left" in flat(client.get("/me/security").content)
    again = Client()
    again.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    assert again.post("/sign-in/code", {"code": first}).status_code == 422


def test_wrong_codes_wait_longer_and_longer(keeper: User) -> None:
    switch_on(signed_in(keeper), keeper, proof=PASSWORD)
    client = Client()
    client.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    answers = [client.post("/sign-in/code", {"code": "123456"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 429, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert b"Too many failed attempts" in answers[-1].content


def test_without_a_password_before_there_is_nothing_to_give_a_code_for(keeper: User) -> None:
    switch_on(signed_in(keeper), keeper, proof=PASSWORD)
    client = Client()
    answer = client.post("/sign-in/code", {"code": code_of(keeper)})
    assert answer["Location"].startswith("/sign-in?")
    assert not is_in(client)


def test_a_new_password_ends_the_way_to_the_code(keeper: User) -> None:
    owner = signed_in(keeper)
    switch_on(owner, keeper, proof=PASSWORD)
    client = Client()
    client.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    new = {"old_password": PASSWORD, "new_password1": "rain-over-9", "new_password2": "rain-over-9"}
    assert owner.post("/me/password", new).status_code == 302
    client.post("/sign-in/code", {"code": code_of(keeper)})
    assert not is_in(client)


def test_setting_it_up_needs_the_password_and_ends_other_sessions(keeper: User) -> None:
    here, there = signed_in(keeper), signed_in(keeper)
    assert here.post("/me/second-factor/set-up", {"proof": "wrong"}).status_code == 422
    assert not TOTPDevice.objects.exists()
    switch_on(here, keeper, proof=PASSWORD)
    assert is_in(here)
    assert not is_in(there)


def test_the_secret_is_shown_only_while_it_is_set_up(keeper: User) -> None:
    client = signed_in(keeper)
    page = client.post("/me/second-factor/set-up", {"proof": PASSWORD}).content
    assert b"<svg" in page
    client.post("/me/second-factor/confirm", {"code": code_of(keeper)})
    assert client.post("/me/second-factor/set-up", {"proof": PASSWORD}).status_code == 409
    assert b'class="qr' not in client.get("/me/security").content
    assert client.post("/me/second-factor/confirm", {"code": "1"})["Location"] == "/me/security"


def test_switching_it_off_needs_a_code(keeper: User) -> None:
    client = signed_in(keeper)
    switch_on(client, keeper, proof=PASSWORD)
    assert client.post("/me/second-factor/change", {"code": "000000"}).status_code == 422
    assert client.post("/me/second-factor/change", {"code": code_of(keeper)}).status_code == 302
    assert is_in(signed_in(keeper))


def test_new_recovery_codes_replace_the_old_ones(keeper: User) -> None:
    client = signed_in(keeper)
    old = switch_on(client, keeper, proof=PASSWORD)
    page = client.post("/me/second-factor/change", {"code": code_of(keeper), "renew": "1"})
    assert page.status_code == 200
    assert not any(code.encode() in page.content for code in old)
    other = Client()
    other.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    assert other.post("/sign-in/code", {"code": old[0]}).status_code == 422


def test_the_api_says_what_to_do_instead_of_a_password(keeper: User) -> None:
    switch_on(signed_in(keeper), keeper, proof=PASSWORD)
    body = json.dumps({"username": "keeper", "password": PASSWORD})
    answer = Client().post("/v1/account/login", body, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "auth.second_factor"
    assert "/me/keys" in answer.json()["message"]
    # A wrong password learns nothing of it.
    body = json.dumps({"username": "keeper", "password": "wrong"})
    assert (
        Client().post("/v1/account/login", body, content_type="application/json").status_code == 401
    )
    key = {"api-key": make_key(keeper)}
    assert Client().get("/v1/account/me", headers=key).status_code == 200


def test_required_of_staff_the_consoles_ask_for_it(operator: User, settings: Settings) -> None:
    client = signed_in(operator)
    assert {client.get(path).status_code for path in STAFF_PAGES} == {200}
    settings.SECOND_FACTOR = "staff"
    client = signed_in(operator)
    for path in STAFF_PAGES:
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/me/security?next="), path
        assert client.post(path).status_code == 302, path
    assert "Staff pages need a second factor" in flat(client.get(answer["Location"]).content)
    switch_on(client, operator, proof=PASSWORD)
    assert {client.get(path).status_code for path in STAFF_PAGES} == {200}


def test_a_session_without_a_code_is_asked_for_one_before_a_console(operator: User) -> None:
    switch_on(signed_in(operator), operator, proof=PASSWORD)
    client = Client()
    # As a session started before, or by whatever does not ask.
    operator.refresh_from_db()
    client.force_login(operator)
    answer = client.get("/admin/runs/")
    assert answer["Location"].startswith("/sign-in/code?next=")
    done = client.post("/sign-in/code", {"code": code_of(operator), "next": "/admin/runs/"})
    assert done["Location"] == "/admin/runs/"
    assert client.get("/admin/runs/").status_code == 200


def test_others_are_told_nothing_of_a_console(keeper: User, settings: Settings) -> None:
    settings.SECOND_FACTOR = "staff"
    client = signed_in(keeper)
    assert {client.get(path).status_code for path in STAFF_PAGES} == {404}


def test_an_operator_resets_it(keeper: User) -> None:
    client = signed_in(keeper)
    switch_on(client, keeper, proof=PASSWORD)
    call_command("second-factor-reset", "keeper")
    assert not is_in(client)
    assert is_in(signed_in(keeper))
    with pytest.raises(CommandError, match="no second factor"):
        call_command("second-factor-reset", "keeper")
    with pytest.raises(CommandError, match="No user named"):
        call_command("second-factor-reset", "ghost")


def test_no_code_and_no_secret_is_logged(keeper: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = signed_in(keeper)
    codes = switch_on(client, keeper, proof=PASSWORD)
    other = Client()
    other.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    other.post("/sign-in/code", {"code": codes[0]})
    device = TOTPDevice.objects.get(user=keeper)
    for secret in (*codes, device.key, PASSWORD):
        assert secret not in caplog.text
    assert "second_factor_on" in caplog.text
    assert "recovery_code_used" in caplog.text
