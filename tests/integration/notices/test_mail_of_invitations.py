"""An operator's invitation arrives by mail, once and only while it is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as server
from django.test import Client

from accounts import services
from accounts.models import OneTimeLink, User
from core.shared_cache import shared_cache
from moderation.models import AuditEntry
from notices import sending
from notices.models import Mail
from scripts.ports import free_port
from tests.support.builders.factories import PASSWORD
from tests.support.builders.moderation import forget_the_log, make_moderator
from tests.support.clients.visitors import do_action, form_of, signed_in
from tests.support.fakes.smtp_server import SmtpServer, send_all, send_mail_to

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/admin/data/accounts/onetimelink/"
ADD = f"{PATH}add/"
LINK = re.compile(r"http://testserver/invitation/[A-Za-z0-9_-]{43}")
ADDRESS = "ada@example.org"


@pytest.fixture
def owner(transactional_db: None) -> Iterator[User]:
    yield make_moderator(services.ensure_owner())
    forget_the_log()
    shared_cache().delete(sending.PROBLEM)


def invite(client: Client, email: str = ADDRESS, **sent: str) -> Any:
    return client.post(ADD, {"note": "", "email": email, "form": form_of(client, ADD), **sent})


def test_the_link_arrives_and_lets_its_reader_join(smtp: SmtpServer, owner: User) -> None:
    client = signed_in(owner)
    assert invite(client).status_code == 302
    page = client.get(PATH).content.decode()
    assert f"The link is on its way to {ADDRESS}." in page
    [shown] = set(LINK.findall(page))
    send_all()
    [received] = smtp.received
    assert received.recipients == (ADDRESS,)
    assert received.message["Subject"] == "You're invited to Reelgraph"
    assert "List-Unsubscribe" not in received.message
    [sent] = LINK.findall(received.text)
    assert sent == shown
    joined = {"username": "ada", "display_name": "Ada", "password": PASSWORD}
    assert Client().post(urlsplit(sent).path, joined).status_code == 302
    assert User.objects.filter(username="ada").exists()
    assert sent.rpartition("/")[2] not in Mail.objects.get().text
    entry = AuditEntry.objects.get(action="invite.create")
    assert (entry.actor, entry.data["for"], entry.data["mail"]) == (owner, ADDRESS, "Yes")
    log = client.get("/admin/moderation/audit").content.decode()
    assert "By mail" in log


def test_a_revoked_invitation_is_not_sent(smtp: SmtpServer, owner: User) -> None:
    client = signed_in(owner)
    invite(client)
    assert "An invitation" in client.get("/admin/data/notices/mail/").content.decode()
    do_action(client, PATH, "revoke", OneTimeLink.objects.get().pk)
    send_all()
    assert not smtp.received


def test_a_form_sent_twice_sends_one_link_that_works(smtp: SmtpServer, owner: User) -> None:
    client = signed_in(owner)
    form = form_of(client, ADD)
    for _ in range(2):
        invite(client, form=form)
    send_all()
    [received] = smtp.received
    [sent] = LINK.findall(received.text)
    assert Client().get(urlsplit(sent).path).status_code == 200


def test_a_mail_server_that_is_away_is_named_and_gets_it_later(settings: Any, owner: User) -> None:
    port = free_port()
    send_mail_to(settings, f"smtp+plain://127.0.0.1:{port}")
    client = signed_in(owner)
    invite(client, "bea@example.org")
    send_all()
    invite(client)
    page = client.get(PATH).content.decode()
    assert f"mail to {ADDRESS} waits" in page
    assert LINK.search(page)
    with SmtpServer(port=port) as mail:
        send_all()
        assert sorted(mail.received[n].recipients[0] for n in (0, 1)) == [
            ADDRESS,
            "bea@example.org",
        ]


def test_what_is_no_address_or_can_t_be_sent_is_refused(settings: Any, owner: User) -> None:
    client = signed_in(owner)
    settings.EMAIL_HOST = ""
    assert 'name="email"' not in client.get(ADD).content.decode()
    answer = invite(client)
    assert answer.status_code == 422
    assert "This server sends no mail." in answer.content.decode()
    send_mail_to(settings, "smtp+plain://127.0.0.1:1")
    for wrong in ("ada", "ada@", "a@b\r\nBcc: eve@example.org", f"{'a' * 260}@example.org"):
        answer = invite(client, wrong)
        assert answer.status_code == 422, wrong
        assert 'aria-invalid="true"' in answer.content.decode()
    assert not OneTimeLink.objects.exists()
    assert not Mail.objects.exists()


def test_an_address_gets_few_invitations_an_hour(smtp: SmtpServer, owner: User) -> None:
    client = signed_in(owner)
    for _ in range(server.MAIL_LINKS_PER_HOUR):
        assert invite(client).status_code == 302
    assert invite(client, ADDRESS.upper()).status_code == 429
    assert invite(client, "bea@example.org").status_code == 302
    assert Mail.objects.filter(address__iexact=ADDRESS).count() == server.MAIL_LINKS_PER_HOUR
