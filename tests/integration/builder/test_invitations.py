"""Joining: an invitation works once, open sign-up only where it is switched on."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import one_time_links, services
from accounts.models import OneTimeLink, User
from core import clock, errors
from moderation.models import AuditEntry
from tests.support.at_once import at_once
from tests.support.builders.factories import PASSWORD, make_user
from tests.support.clients.visitors import csrf_of, do_action, form_of, signed_in

pytestmark = pytest.mark.django_db
PATH = "/admin/data/accounts/onetimelink/"
ADD = f"{PATH}add/"
LINK = re.compile(r"http://testserver(/invitation/[A-Za-z0-9_-]{43})")


@pytest.fixture
def owner(db: None) -> User:
    return services.ensure_owner()


def invited(owner: User, note: str = "") -> str:
    """The path of a new invitation."""
    link = one_time_links.create_invitation(actor=owner, note=note, base_url="http://testserver")
    return urlsplit(link).path


def form(**fields: str) -> dict[str, str]:
    return {"username": "ada", "display_name": "Ada", "password": PASSWORD, **fields}


def test_the_owner_makes_a_link_that_is_shown_once(owner: User) -> None:
    client = signed_in(owner)
    response = client.post(ADD, {"note": "for Ada", "form": form_of(client, ADD)})
    assert (response.status_code, response["Location"]) == (302, PATH)
    page = client.get(PATH).content.decode()
    [path] = set(LINK.findall(page))
    assert "for Ada" in page
    again = client.get(PATH).content.decode()
    assert not LINK.search(again)
    assert "for Ada" in again
    assert ">owner<" in again
    assert "Open (1)" in again
    link = OneTimeLink.objects.get()
    assert path.rpartition("/")[2] not in repr(link.__dict__)
    assert timedelta(days=6, hours=23) < link.expires_at - clock.now() <= timedelta(days=7)


def test_the_invited_person_chooses_a_name_and_is_in(owner: User) -> None:
    path = invited(owner)
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        page = client.get(path).content
        assert "You're invited" in html.unescape(page.decode())
        assert b"Without one they see your username" in page
    token = csrf_of(client, path)
    response = client.post(path, {**form(), "csrfmiddlewaretoken": token})
    assert (response.status_code, response["Location"]) == (302, "/")
    me = client.get("/v1/account/me").json()["data"]
    assert me["username"] == "ada"
    ada = User.objects.get(username="ada")
    assert (ada.display_name, ada.is_staff, ada.is_superuser) == ("Ada", False, False)
    assert ada.check_password(PASSWORD)
    second = Client().post(path, form(username="eve"))
    assert second.status_code == 404
    assert not User.objects.filter(username="eve").exists()


def test_without_a_password_they_sign_in_by_links(owner: User) -> None:
    client = Client()
    assert client.post(invited(owner), form(password="")).status_code == 302
    ada = User.objects.get(username="ada")
    assert not ada.has_usable_password()
    link = one_time_links.create_signin_link(user=ada, base_url="http://testserver")
    assert Client().post(urlsplit(link).path)["Location"] == "/"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"username": "TAKEN"}, "username"),
        ({"username": "a\x00b"}, "username"),
        ({"password": "password1"}, "password"),
        ({"display_name": "Reelgraph"}, "display_name"),
    ],
)
def test_a_refused_form_leaves_the_invitation_open(
    owner: User, fields: dict[str, str], field: str
) -> None:
    make_user("taken")
    path = invited(owner)
    count = User.objects.count()
    response = Client().post(path, form(**fields))
    assert response.status_code == 422
    assert f'id="id_{field}-help" role="alert"' in response.content.decode()
    assert PASSWORD not in response.content.decode()
    assert User.objects.count() == count
    assert Client().post(path, form()).status_code == 302


def joined_at_once(*people: tuple[str, str]) -> list[str]:
    """What comes of it when these join together, each with a token and a name."""

    def join(token: str, name: str) -> str:
        services.accept_invitation(token=token, username=name)
        return "in"

    outcomes = at_once([partial(join, *one) for one in people], refusals=(errors.AppError,))
    return sorted(one if one == "in" else type(one).__name__ for one in outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_with_one_link_one_gets_in() -> None:
    token = invited(services.ensure_owner()).rpartition("/")[2]
    outcomes = joined_at_once(*((token, f"guest{number}") for number in range(6)))
    assert outcomes == ["NotFound"] * 5 + ["in"]
    assert User.objects.filter(username__startswith="guest").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_links_and_one_name_one_stays_open() -> None:
    owner = services.ensure_owner()
    outcomes = joined_at_once(*((invited(owner).rpartition("/")[2], "ada") for _ in range(2)))
    assert outcomes == ["Conflict", "in"]
    assert OneTimeLink.objects.filter(used_at=None).count() == 1


def test_a_revoked_an_old_and_an_unknown_invitation_are_one_answer(owner: User) -> None:
    revoked, old, used = (invited(owner, note) for note in ("revoked", "old", "used"))
    link = OneTimeLink.objects.get(subject="revoked")
    client = signed_in(owner)
    assert do_action(client, PATH, "revoke", link.pk).status_code == 302
    assert "Invitation revoked." in client.get(PATH).content.decode()
    assert do_action(client, PATH, "revoke", link.pk).status_code == 302
    assert "it was no longer open" in html.unescape(client.get(PATH).content.decode())
    assert AuditEntry.objects.filter(action="invite.revoke").count() == 1
    OneTimeLink.objects.filter(subject="old").update(expires_at=clock.now())
    Client().post(used, form(username="someone"))
    for show, notes in {
        "open": set(),
        "used": {"used"},
        "revoked": {"revoked"},
        "over": {"old"},
        "": {"revoked", "old", "used"},
        "nonsense": {"revoked", "old", "used"},
    }.items():
        page = client.get(PATH, {"show": show}).content.decode()
        assert {note for note in ("revoked", "old", "used") if f">{note}<" in page} == notes, show
    paths = [revoked, old, used, "/invitation/" + "A" * 43]
    answers = [Client().get(path) for path in paths] + [Client().post(p, form()) for p in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content.split(b"<main")[1] for answer in answers}) == 1


def test_a_sign_in_link_is_no_invitation_and_the_other_way_round(owner: User) -> None:
    sign_in = one_time_links.create_signin_link(user=owner, base_url="").rpartition("/")[2]
    invitation = invited(owner).rpartition("/")[2]
    assert Client().post(f"/invitation/{sign_in}", form()).status_code == 404
    assert Client().post(f"/sign-in/{invitation}").status_code == 404
    assert not OneTimeLink.objects.exclude(used_at=None).exists()


def test_someone_signed_in_uses_nothing_up(owner: User) -> None:
    path = invited(owner)
    client = signed_in(owner)
    for response in (client.get(path), client.post(path, form())):
        assert response.status_code == 409
    assert OneTimeLink.objects.get().used_at is None


def test_only_staff_invite(alice: User) -> None:
    """Their pages: test_people_and_roles.py."""
    with pytest.raises(errors.Forbidden):
        one_time_links.create_invitation(actor=alice, note="", base_url="")
    assert not OneTimeLink.objects.exists()


def test_invitations_and_tries_to_join_are_limited(owner: User, settings: Settings) -> None:
    settings.INVITATIONS_PER_HOUR = settings.NEW_PEOPLE_PER_HOUR = 2
    client = signed_in(owner)
    sent = [client.post(ADD, {"form": form_of(client, ADD)}).status_code for _ in range(3)]
    assert sent == [302, 302, 429]
    path = invited(owner)
    answers = [Client().post(path, form(username="no no")).status_code for _ in range(3)]
    assert answers == [422, 422, 429]


def test_sign_up_is_closed_unless_it_is_opened(settings: Settings, db: None) -> None:
    assert settings.OPEN_SIGNUP is False
    assert b"/sign-up" not in Client().get("/sign-in").content
    for method in ("get", "post"):
        assert getattr(Client(), method)("/sign-up", form()).status_code == 404
    assert not User.objects.filter(username="ada").exists()


def test_open_sign_up_takes_the_same_form(settings: Settings, db: None) -> None:
    settings.OPEN_SIGNUP = True
    assert b"<h1>Sign up" in Client().get("/sign-up").content
    assert b'href="/sign-up"' in Client().get("/sign-in").content
    # No one could make links for someone without a password.
    assert Client().post("/sign-up", form(password="")).status_code == 422
    assert Client().post("/sign-up", form(username="system")).status_code == 422
    client = Client()
    assert client.post("/sign-up", form())["Location"] == "/"
    assert client.get("/v1/account/me").json()["data"]["username"] == "ada"
    assert Client().post("/sign-up", form(username="Ada")).status_code == 422
    assert client.get("/sign-up")["Location"] == "/"


def test_who_signs_up_comes_back_to_the_page_that_asked_for_it(
    settings: Settings, db: None
) -> None:
    settings.OPEN_SIGNUP = True
    page = "/s/abc?comment=1#comments"
    link = f"/sign-up?{urlencode({'next': page})}"
    assert f'href="{link}"' in Client().get("/sign-in", {"next": page}).content.decode()
    # A form that was refused still leads there, and so does the way back to signing in.
    refused = Client().post(link, form(username="no no"))
    for answer in (Client().get(link), refused):
        shown = html.unescape(answer.content.decode())
        assert f'name="next" value="{page}"' in shown
        assert f'href="/sign-in?{urlencode({"next": page})}"' in shown
    client = Client()
    assert client.post("/sign-up", form(next=page))["Location"] == page
    assert client.get(link)["Location"] == page
    elsewhere = form(username="bob", next="https://evil.example")
    assert Client().post("/sign-up", elsewhere)["Location"] == "/"
