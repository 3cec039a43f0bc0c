"""The subjects of mail are our own words: none holds what a person typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import MailAddress, User
from builder.staff.operator.people import joining
from builder.web.notice_pages import by_mail
from core import clock
from notices import addresses, create_notice, mailing
from notices.models import Mail
from notices.notice_types import KINDS
from tests.support.builders.factories import PASSWORD, make_user
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
BAIT = "Your bank: confirm at evil.example"
OLD, NEW = "keeper@example.org", "keeper@example.net"
BASE = "http://testserver"


@pytest.fixture
def keeper(settings: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> User:
    """Named by someone who wants to be believed; with a password and a confirmed address."""
    settings.EMAIL_HOST = "mail.example.org"
    monkeypatch.setattr(by_mail, "RESET_ANSWER_S", 0.0)
    person = make_user("evil.example", password=PASSWORD, is_staff=True)
    User.objects.filter(pk=person.pk).update(display_name=BAIT)
    person.refresh_from_db()
    MailAddress.objects.create(person=person, address=OLD, verified_at=clock.now())
    return person


def link_in(purpose: str, kind: str) -> str:
    mail = Mail.objects.filter(purpose=purpose).order_by("-pk").first()
    assert mail is not None
    [path] = re.findall(rf"{BASE}(/{kind}/\S+)", mail.text)
    return str(path)


def test_every_kind_of_mail_has_a_subject_of_its_own_words(keeper: User) -> None:
    client = signed_in(keeper)
    for kind in KINDS:
        ways = create_notice.Ways(in_page=True, in_browser=False, by_mail=True)
        create_notice.choose(keeper, kind, ways)
        create_notice.tell(keeper.pk, kind, about=kind, text=f"“{BAIT}” is done.", url="/me")
    client.post("/me/address", {"address": NEW, "proof": PASSWORD})
    client.post(link_in(mailing.VERIFY, "mail"))
    Client().post("/reset", {"name": keeper.username})
    Client().post(link_in(mailing.RESET, "reset"), {"password": "harbor-lights-77"})
    addresses.offer_reset(person=keeper, base_url=BASE, by_mail=True)
    sent = {"actor": keeper, "note": BAIT, "form": "a" * 24, "email": "ada@example.org"}
    joining.invite(**sent, base_url=BASE)
    addresses.forget(person=keeper)
    subjects = dict(Mail.objects.values_list("purpose", "subject"))
    assert subjects == mailing.SUBJECTS
    typed = (BAIT, "evil", "bank", OLD, NEW, "ada@")
    assert not [one for one in subjects.values() for text in typed if text in one]
    # What it is about is in the message.
    assert BAIT in Mail.objects.get(purpose="run_done").text
