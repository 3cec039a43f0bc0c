"""Confirming an address, a new password by mail: links work once, and no one learns of others."""

from __future__ import annotations

import html
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import one_time_links, security
from accounts.models import MailAddress, OneTimeLink, SecurityEvent, User
from builder.web.notice_pages import by_mail
from core import clock
from notices.models import Mail
from tests.support.builders.factories import PASSWORD, make_user
from tests.support.clients.authenticator import code_of, switch_on
from tests.support.clients.visitors import signed_in
from tests.support.fakes.smtp_server import SmtpServer, send_all

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS, OTHER = "alice@example.org", "alice@example.net"
NEW_PASSWORD = "harbor-lights-77"
PAGE = "/me/address"


@pytest.fixture(autouse=True)
def _answered_soon(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_mail, "RESET_ANSWER_S", 0.0)


@pytest.fixture
def keeper(db: None) -> User:
    """Has a password and a confirmed address."""
    person = make_user("keeper", password=PASSWORD)
    MailAddress.objects.create(person=person, address=ADDRESS, verified_at=clock.now())
    return person


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def link_to(smtp: SmtpServer, address: str, kind: str = "mail") -> str:
    """The path of the link in the newest mail to an address."""
    send_all()
    [*_, newest] = smtp.messages_to(address)
    [path] = re.findall(rf"http://testserver(/{kind}/\S+)", newest.text)
    return str(path)


def ask(person: User, address: str = ADDRESS, **proof: str) -> Any:
    return signed_in(person).post(PAGE, {"address": address, **proof})


def ask_reset(name: str) -> Any:
    return Client().post("/reset", {"name": name})


# -- addresses ------------------------------------------------------------------------------------


def test_an_address_counts_once_its_link_was_pressed(alice: User, smtp: SmtpServer) -> None:
    client = signed_in(alice)
    assert client.post(PAGE, {"address": f" {ADDRESS} "}).status_code == 302
    shown = text_of(client.get(PAGE))
    assert "Not confirmed" in shown
    assert ADDRESS in shown
    path = link_to(smtp, ADDRESS)
    # What scanners of mail do uses nothing up.
    for _ in range(2):
        page = Client().get(path)
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
    assert not MailAddress.objects.exclude(address="").exists()
    assert client.post(path)["Location"] == PAGE
    alice.refresh_from_db()
    assert alice.email == ADDRESS
    shown = text_of(client.get(PAGE))
    assert "Confirmed" in shown
    assert "Not confirmed" not in shown
    assert ADDRESS in text_of(client.get("/me"))
    assert ADDRESS in text_of(client.get("/me/notices/settings"))
    again = client.post(path)
    assert again.status_code == 404
    assert "already used or has expired" in text_of(again)
    event = SecurityEvent.objects.get(user=alice, kind=security.MAIL_CONFIRMED)
    assert security.WORDS[event.kind] in text_of(client.get("/me/security"))


def test_a_link_is_good_for_a_day(alice: User, smtp: SmtpServer) -> None:
    ask(alice)
    path = link_to(smtp, ADDRESS)
    link = OneTimeLink.objects.get()
    assert timedelta(hours=23) < link.expires_at - clock.now() <= timedelta(days=1)
    OneTimeLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert Client().get(path).status_code == 404
    assert Client().post(path).status_code == 404
    assert Client().post("/mail/" + "A" * 43).status_code == 404
    assert not MailAddress.objects.exclude(address="").exists()


def test_mail_whose_link_expired_is_not_sent(alice: User, smtp: SmtpServer) -> None:
    ask(alice)
    Mail.objects.update(created_at=clock.now() - timedelta(days=1, minutes=1))
    send_all()
    assert not smtp.received
    assert Mail.objects.get().given_up == "Its link has expired."


def test_a_link_works_in_no_other_account(alice: User, bob: User, smtp: SmtpServer) -> None:
    ask(alice)
    path = link_to(smtp, ADDRESS)
    for answer in (signed_in(bob).get(path), signed_in(bob).post(path)):
        assert answer.status_code == 409
        assert "another account" in text_of(answer)
        assert "alice" not in text_of(answer)
    # Not signed in, as on the phone where the mail is read.
    assert Client().post(path)["Location"] == "/sign-in"
    assert MailAddress.objects.get(address=ADDRESS).person == alice


@pytest.mark.parametrize("link", ["reset-password", "sign-in", "invitation"])
def test_a_link_for_something_else_confirms_nothing(
    link: str, alice: User, smtp: SmtpServer
) -> None:
    ask(alice)
    path = link_to(smtp, ADDRESS)
    OneTimeLink.objects.update(purpose=link)
    assert Client().post(path).status_code == 404
    if link != "reset-password":
        assert Client().post(path.replace("/mail/", "/reset/")).status_code == 404


def test_an_address_is_changed_and_the_old_one_is_told(keeper: User, smtp: SmtpServer) -> None:
    client = signed_in(keeper)
    client.post(PAGE, {"address": OTHER, "proof": PASSWORD})
    # Until then mail goes where it went.
    assert MailAddress.objects.get().address == ADDRESS
    send_all()
    # Asked for again, it says nothing new to the old one.
    client.post(PAGE, {"again": "1"})
    assert client.post(link_to(smtp, OTHER)).status_code == 302
    row = MailAddress.objects.get()
    assert (row.address, row.pending) == (OTHER, "")
    send_all()
    for mail, subject in zip(
        smtp.messages_to(ADDRESS),
        ("A new email address was requested", "Your email address was changed"),
        strict=True,
    ):
        assert mail.message["Subject"] == subject
        assert "keeper" in mail.text
        assert OTHER not in mail.text


def test_a_stolen_session_cannot_change_the_address(keeper: User, smtp: SmtpServer) -> None:
    thief = signed_in(keeper)
    for wrong in ({}, {"proof": ""}, {"proof": "keeper"}, {"proof": "wrong"}):
        for change in ({"address": OTHER}, {"forget": "1"}):
            answer = thief.post(PAGE, {**change, **wrong})
            assert answer.status_code == 422
            assert 'aria-invalid="true"' in text_of(answer)
    # Buttons that need no proof bring no other one along.
    for button in ("again", "cancel"):
        thief.post(PAGE, {button: "1", "forget": "1", "address": OTHER})
    row = MailAddress.objects.get()
    assert (row.address, row.pending) == (ADDRESS, "")
    assert not Mail.objects.exists()
    # What was typed stays, but for the password.
    page = text_of(thief.post(PAGE, {"address": OTHER, "proof": "wrong"}))
    assert f'value="{OTHER}"' in page
    assert "That doesn't match." in page
    assert "wrong" not in page


def test_wrong_passwords_for_an_address_are_counted(
    keeper: User, smtp: SmtpServer, settings: Any
) -> None:
    settings.SIGN_IN_TRIES = 2
    thief = signed_in(keeper)
    sent = {"address": OTHER, "proof": "wrong"}
    assert [thief.post(PAGE, sent).status_code for _ in range(3)] == [422, 422, 429]
    assert thief.post(PAGE, {"address": OTHER, "proof": PASSWORD}).status_code == 429
    removal = thief.post(PAGE, {"forget": "1", "proof": PASSWORD})
    assert "Too many failed attempts" in text_of(removal).partition('id="new"')[0]
    assert not Mail.objects.exists()


def test_someone_without_a_password_proves_it_by_a_code(smtp: SmtpServer) -> None:
    carol = make_user("carol")
    client = signed_in(carol)
    # Nothing but links opens this account, and there is no address to lose.
    assert 'name="proof"' not in text_of(client.get(PAGE))
    switch_on(client, carol)
    assert 'name="proof"' in text_of(client.get(PAGE))
    for wrong in ("", "carol", "000000"):
        answer = client.post(PAGE, {"address": OTHER, "proof": wrong})
        assert answer.status_code == 422
    assert not Mail.objects.exists()
    sent = {"address": OTHER, "proof": code_of(carol)}
    assert client.post(PAGE, sent).status_code == 302
    # The same for a first password.
    new = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert client.post("/me/password", new).status_code == 422
    code = code_of(carol)
    assert client.post("/me/password", {**new, "old_password": code}).status_code == 302


def test_a_link_for_the_first_of_two_addresses_is_worth_nothing(
    alice: User, smtp: SmtpServer
) -> None:
    ask(alice)
    first = link_to(smtp, ADDRESS)
    ask(alice, OTHER)
    assert Client().post(first).status_code == 404
    assert Client().post(link_to(smtp, OTHER)).status_code == 302
    assert MailAddress.objects.get().address == OTHER


def test_send_again_cancel_and_remove(keeper: User, smtp: SmtpServer) -> None:
    client = signed_in(keeper)
    client.post(PAGE, {"address": OTHER, "proof": PASSWORD})
    client.post(PAGE, {"again": "1"})
    path = link_to(smtp, OTHER)
    # The first was not sent before the second was asked for.
    assert len(smtp.messages_to(OTHER)) == 1
    client.post(PAGE, {"cancel": "1"})
    assert client.post(path).status_code == 404
    row = MailAddress.objects.get()
    assert (row.address, row.pending) == (ADDRESS, "")
    answer = client.post(PAGE, {"again": "1"}, follow=True)
    assert "Nothing waits to be confirmed." in text_of(answer)
    ask_reset("keeper")
    reset = link_to(smtp, ADDRESS, "reset")
    for _ in range(2):
        assert client.post(PAGE, {"forget": "1", "proof": PASSWORD}).status_code == 302
    assert not MailAddress.objects.exists()
    send_all()
    assert smtp.messages_to(ADDRESS)[-1].message["Subject"] == "Your email address was removed"
    # Who reads that mailbox opens the account no more.
    assert Client().get(reset).status_code == 404
    assert SecurityEvent.objects.filter(user=keeper, kind=security.MAIL_REMOVED).count() == 1


def test_an_address_of_another_account_is_not_told_from_a_free_one(
    keeper: User, bob: User, smtp: SmtpServer
) -> None:
    client = signed_in(bob)
    answers = []
    for address in (ADDRESS.upper(), "free@example.org"):
        sent = client.post(PAGE, {"address": address}, follow=True)
        assert sent.status_code == 200
        shown = text_of(sent).partition("<main")[2].replace(address, "…")
        answers.append(re.sub(r'value="\w{64}"', "", shown))
    assert answers[0] == answers[1]
    # Only who reads that mailbox hears of it, and both keep what they had.
    client.post(PAGE, {"address": ADDRESS})
    path = link_to(smtp, ADDRESS)
    answer = client.post(path)
    assert answer.status_code == 409
    assert "Another account uses this address" in text_of(answer)
    assert MailAddress.objects.get(address=ADDRESS).person == keeper


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("", 422), ("a@b", 422), ("a@b.example\nBcc: c@d.example", 422),
        ("a" * 250 + "@example.org", 422), ("a\x00@b.example", 400), ("<script>@example.org", 422),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_at_the_field(
    address: str, status: int, alice: User, smtp: SmtpServer
) -> None:
    answer = ask(alice, address)
    assert answer.status_code == status
    if status == 422:
        assert "Enter an email address" in text_of(answer)
        assert 'aria-invalid="true"' in text_of(answer)
    assert b"<script>@" not in answer.content
    assert not Mail.objects.exists()


def test_the_confirmed_address_needs_no_link(keeper: User) -> None:
    answer = ask(keeper, ADDRESS.upper(), proof=PASSWORD)
    assert answer.status_code == 422
    assert "already confirmed" in text_of(answer)


def test_five_mails_an_hour_for_a_person_and_for_an_address(
    alice: User, bob: User, settings: Any
) -> None:
    settings.MAIL_LINKS_PER_HOUR = 2
    assert [ask(alice, f"a{n}@example.org").status_code for n in range(3)] == [302, 302, 429]
    answer = ask(alice)
    assert int(answer["Retry-After"]) > 0
    assert "Try again in" in text_of(answer)
    # Many accounts together fill no one's mailbox.
    carol, dora = make_user("carol"), make_user("dora")
    assert ask(bob).status_code == 302
    assert ask(carol, ADDRESS.title()).status_code == 302
    assert ask(dora).status_code == 429
    assert ask(dora, "dora@example.org").status_code == 302


def test_where_no_mail_is_sent_the_pages_say_so_and_have_no_form(
    keeper: User, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    client = signed_in(keeper)
    page = text_of(client.get(PAGE))
    assert "This server doesn't send mail" in page
    assert 'type="email"' not in page
    assert "Send" not in page.partition("<main")[2]
    assert "This server doesn't send mail" in text_of(client.get("/me/notices/settings"))
    # There the profile has the address, for the person who runs the server.
    assert 'name="email"' in text_of(client.get("/me"))
    page = text_of(Client().get("/reset"))
    assert "This server doesn't send mail" in page
    assert "<form" not in page
    assert client.post(PAGE, {"address": OTHER, "proof": PASSWORD}).status_code == 409
    assert "<form" not in text_of(ask_reset("keeper"))
    assert not Mail.objects.exists()
    # What is there may go.
    client.post(PAGE, {"forget": "1", "proof": PASSWORD})
    assert not MailAddress.objects.exists()


def test_the_profile_leaves_the_confirmed_address_alone(keeper: User) -> None:
    User.objects.filter(pk=keeper.pk).update(email=ADDRESS)
    client = signed_in(keeper)
    assert 'name="email"' not in text_of(client.get("/me"))
    client.post("/me/profile", {"display_name": "Keeper", "email": "x@example.org"})
    keeper.refresh_from_db()
    assert (keeper.display_name, keeper.email) == ("Keeper", ADDRESS)


def test_only_who_is_signed_in_has_the_page(alice: User) -> None:
    assert Client().get(PAGE)["Location"].startswith("/sign-in")
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(PAGE, {"address": ADDRESS}).status_code == 403


# -- a new password -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["keeper", ADDRESS.upper(), " KEEPER "])
def test_a_link_by_mail_sets_a_new_password_once(name: str, keeper: User, smtp: SmtpServer) -> None:
    before = signed_in(keeper)
    assert before.get("/me").status_code == 200
    assert ask_reset(name).status_code == 200
    path = link_to(smtp, ADDRESS, "reset")
    client = Client()
    page = client.get(path)
    assert "keeper" in text_of(page)
    assert "no-store" in page["Cache-Control"]
    weak = client.post(path, {"password": "12345678"})
    assert weak.status_code == 422
    assert "too common" in text_of(weak)
    assert b"12345678" not in weak.content
    assert client.post(path, {"password": NEW_PASSWORD})["Location"] == "/sign-in"
    # All sessions end, and no one was signed in by it.
    assert before.get("/me").status_code == 302
    assert client.get("/me").status_code == 302
    assert client.post(path, {"password": "another-word-88"}).status_code == 404
    for password, status in ((PASSWORD, 422), (NEW_PASSWORD, 302)):
        form = {"username": "keeper", "password": password}
        assert Client().post("/sign-in", form).status_code == status
    kinds = list(SecurityEvent.objects.filter(user=keeper).values_list("kind", flat=True))
    assert security.RESET_ASKED in kinds
    changed = SecurityEvent.objects.get(user=keeper, kind=security.PASSWORD_CHANGED)
    assert changed.details == {"by": "mail"}
    send_all()
    assert smtp.received[-1].message["Subject"] == "Your password was changed"


def test_a_second_factor_is_still_asked_for(keeper: User, smtp: SmtpServer) -> None:
    client = Client()
    client.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    switch_on(client, keeper, proof=PASSWORD)
    ask_reset("keeper")
    Client().post(link_to(smtp, ADDRESS, "reset"), {"password": NEW_PASSWORD})
    client = Client()
    answer = client.post("/sign-in", {"username": "keeper", "password": NEW_PASSWORD})
    assert answer["Location"].startswith("/sign-in/code")
    assert client.get("/me").status_code == 302
    client.post("/sign-in/code", {"code": code_of(keeper)})
    assert client.get("/me").status_code == 200


def test_a_new_password_ends_the_other_links_of_the_account(keeper: User, smtp: SmtpServer) -> None:
    sign_in = one_time_links.create_signin_link(user=keeper, base_url="")
    ask_reset("keeper")
    first = link_to(smtp, ADDRESS, "reset")
    # Anyone may ask: that must not make the link worthless that the person has.
    ask_reset(ADDRESS)
    second = link_to(smtp, ADDRESS, "reset")
    assert first != second
    assert Client().post(first, {"password": NEW_PASSWORD}).status_code == 302
    assert Client().post(second, {"password": "another-word-88"}).status_code == 404
    assert Client().get(sign_in).status_code == 404


def test_a_link_is_good_for_an_hour(keeper: User, smtp: SmtpServer) -> None:
    ask_reset("keeper")
    path = link_to(smtp, ADDRESS, "reset")
    link = OneTimeLink.objects.get(purpose="reset-password")
    assert timedelta(minutes=59) < link.expires_at - clock.now() <= timedelta(hours=1)
    OneTimeLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"password": NEW_PASSWORD}).status_code == 404


def test_every_name_gets_the_same_answer_after_the_same_time(
    keeper: User, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_mail, "RESET_ANSWER_S", 0.3)
    inactive = make_user("gone", password=PASSWORD)
    MailAddress.objects.create(person=inactive, address="gone@example.org", verified_at=clock.now())
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    waiting = make_user("waiting", password=PASSWORD)
    MailAddress.objects.create(person=waiting, pending="waiting@example.org")
    User.objects.filter(pk=waiting.pk).update(email="old@example.org")
    names = [
        "keeper", "nobody-here", "gone@example.org", "waiting", "waiting@example.org",
        "old@example.org", "", "%", "ж" * 300,
    ]  # fmt: skip
    bodies = set()
    for name in names:
        began = time.monotonic()
        answer = ask_reset(name)
        assert time.monotonic() - began >= 0.3
        assert answer.status_code == 200
        bodies.add(text_of(answer).partition("<main")[2])
    assert len(bodies) == 1
    send_all()
    assert [one.recipients for one in smtp.received] == [(ADDRESS,)]
    assert ask_reset("keeper\x00").status_code == 400


def test_mail_for_new_passwords_is_limited_and_says_nothing(
    keeper: User, smtp: SmtpServer, settings: Any
) -> None:
    settings.MAIL_LINKS_PER_HOUR = 2
    answers = {text_of(ask_reset("keeper")).partition("<main")[2] for _ in range(4)}
    assert len(answers) == 1
    send_all()
    assert len(smtp.received) == 2
    # Whom it asks for makes no difference to who asks too often.
    settings.RESETS_PER_HOUR = 3
    for name in ("keeper", "unknown-here"):
        answer = ask_reset(name)
        assert answer.status_code == 429
        assert "Try again in" in text_of(answer)


def test_links_of_a_deleted_account_open_nothing(keeper: User, smtp: SmtpServer) -> None:
    ask_reset("keeper")
    path = link_to(smtp, ADDRESS, "reset")
    assert signed_in(keeper).post("/me/delete", {"proof": PASSWORD}).status_code == 302
    assert Client().post(path, {"password": NEW_PASSWORD}).status_code == 404
    assert not MailAddress.objects.exists()
    assert not Mail.objects.filter(sent_at=None).exists()
