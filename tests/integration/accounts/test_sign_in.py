"""Coming in by password or by a link that works once, and going out."""

import re
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts import one_time_links
from accounts.models import OneTimeLink, User
from core import clock, errors
from tests.support.at_once import at_once
from tests.support.builders.factories import PASSWORD, make_user

pytestmark = [pytest.mark.urls("tests.support.fakes.core_urls"), pytest.mark.django_db]


@pytest.fixture
def keeper(db: None) -> User:
    return make_user("keeper", password=PASSWORD)


def link_path(user: User) -> str:
    return urlsplit(one_time_links.create_signin_link(user=user, base_url="http://testserver")).path


def is_signed_in(client: Client) -> bool:
    return client.get("/v1/account/me").status_code == 200


def test_the_form_signs_in_and_out(keeper: User) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/sign-in?next=/runs/x")
    token = client.cookies["csrftoken"].value
    assert b'name="next" value="/runs/x"' in page.content
    form = {"username": "keeper", "password": PASSWORD, "next": "/runs/x"}
    response = client.post("/sign-in", {**form, "csrfmiddlewaretoken": token})
    assert (response.status_code, response["Location"]) == (302, "/runs/x")
    assert is_signed_in(client)
    # Signing in changes the token, so that one known before is worth nothing.
    new_token = client.cookies["csrftoken"].value
    assert new_token != token
    assert client.get("/sign-out").status_code == 405
    response = client.post("/sign-out", {"csrfmiddlewaretoken": new_token})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "form",
    [
        {"username": "keeper", "password": "wrong"},
        {"username": "no_one", "password": PASSWORD},
        {"username": "keeper\x00", "password": PASSWORD},
        {},
    ],
)
def test_a_wrong_name_or_password_is_one_answer(keeper: User, form: dict[str, str]) -> None:
    client = Client()
    response = client.post("/sign-in", form)
    assert response.status_code == 422
    assert b"Wrong username or password." in response.content
    assert not is_signed_in(client)


def test_the_password_is_never_shown_again(keeper: User) -> None:
    response = Client().post("/sign-in", {"username": "<b>keeper", "password": "my-secret-word"})
    assert b"my-secret-word" not in response.content
    assert b"&lt;b&gt;keeper" in response.content


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", ""],
)
def test_the_way_back_stays_on_this_host(keeper: User, wanted: str) -> None:
    form = {"username": "keeper", "password": PASSWORD, "next": wanted}
    assert Client().post("/sign-in", form)["Location"] == "/"
    assert Client().post(link_path(keeper), {"next": wanted})["Location"] == "/"


@pytest.mark.parametrize(
    "wanted",
    [
        "foo",
        "sign-in",
        "?x=1",
        "https://evil.example/",
        "\x00",
        "/\r\nX-Bad: 1",
        "/" + "x" * 5000,
        "http://[",
    ],
)
def test_next_never_breaks_the_page(keeper: User, wanted: str) -> None:
    """Text that is no address of ours was taken for the name of a view: 500."""
    client = Client()
    client.force_login(keeper)
    for response in (
        client.get("/sign-in", {"next": wanted}),
        Client().post("/sign-in", {"username": "keeper", "password": PASSWORD, "next": wanted}),
        Client().post(link_path(keeper), {"next": wanted}),
    ):
        if response.status_code == 400:
            # The address as a whole was refused before any page.
            continue
        assert response.status_code == 302
        assert response["Location"].startswith("/")
        assert not response["Location"].startswith("//")


def test_next_may_be_a_whole_address_of_this_host(keeper: User) -> None:
    client = Client()
    client.force_login(keeper)
    response = client.get("/sign-in", {"next": "http://testserver/me"})
    assert response["Location"] == "http://testserver/me"


def test_opening_a_link_shows_one_button_and_uses_nothing_up(alice: User) -> None:
    path = link_path(alice)
    client = Client()
    for _ in range(3):
        page = client.get(path)
        assert page.status_code == 200
        assert page.content.count(b'type="submit"') == 1
    client.head(path)
    assert OneTimeLink.objects.get().used_at is None
    assert not is_signed_in(client)
    assert "no-store" in page["Cache-Control"]


def test_pressing_the_button_signs_in_once(alice: User) -> None:
    path = link_path(alice)
    client = Client(enforce_csrf_checks=True)
    client.get(path)
    token = client.cookies["csrftoken"].value
    assert client.post(path, {"csrfmiddlewaretoken": token})["Location"] == "/"
    assert client.get("/v1/account/me").json()["data"]["username"] == "alice"
    second = Client().post(path)
    assert second.status_code == 404
    assert b"was already used" in second.content


def test_an_old_a_foreign_and_an_unknown_link_are_one_answer(alice: User, bob: User) -> None:
    old, foreign = link_path(alice), link_path(bob)
    OneTimeLink.objects.filter(user=alice).update(expires_at=clock.now() - timedelta(seconds=1))
    OneTimeLink.objects.filter(user=bob).update(purpose="answer")
    answers = {Client().post(path).content for path in (old, foreign, "/sign-in/" + "A" * 43)}
    assert len({answer.split(b"<main")[1] for answer in answers}) == 1
    assert not OneTimeLink.objects.exclude(used_at=None).exists()


def test_a_link_lives_a_quarter_of_an_hour_and_holds_256_bit(alice: User) -> None:
    token = link_path(alice).rpartition("/")[2]
    link = OneTimeLink.objects.get()
    assert len(token) == 43
    assert token not in str(link.__dict__)
    left = link.expires_at - clock.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_someone_inactive_gets_no_link_and_cannot_use_one(alice: User) -> None:
    path = link_path(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    alice.refresh_from_db()
    with pytest.raises(errors.Forbidden):
        one_time_links.create_signin_link(user=alice, base_url="http://testserver")
    assert Client().post(path).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_wins(alice: User) -> None:
    token = link_path(alice).rpartition("/")[2]
    click = partial(one_time_links.consume_link, token=token, purpose=one_time_links.SIGN_IN)
    outcomes = at_once([click] * 8, refusals=(errors.NotFound,))
    assert sum(isinstance(one, errors.NotFound) for one in outcomes) == 7


def test_pages_are_whole_without_scripts_or_inline_styles(keeper: User) -> None:
    client = Client()
    pages = [client.get("/sign-in"), client.get(link_path(keeper)), client.post("/sign-in/x")]
    for page in pages:
        html = page.content.decode()
        # Scripts are files of our own, as the page's policy demands, and nothing needs them.
        assert html.count("<script") == len(re.findall(r'<script [^>]*src="/static/', html))
        assert "style=" not in html
        assert '<html lang="en">' in html
        assert 'href="#main"' in html
        assert 'id="main"' in html
        assert html.count("<h1>") == 1


def test_the_header_names_who_is_in(keeper: User) -> None:
    client = Client()
    client.force_login(keeper)
    html = client.get("/me").content
    assert "<bdi>keeper</bdi>'s account" in html.decode()
    assert b'action="/sign-out"' in html
    # Someone who is in already has no use for the form.
    assert client.get("/sign-in?next=/runs/x")["Location"] == "/runs/x"
