"""The person who runs the server sees what the mail server says, and never what mail says."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from accounts.models import MailAddress, User
from core import clock
from notices import mailing
from notices.models import Mail
from notices.sending import Outbox
from scripts.ports import free_port
from tests.support.certificates import make_certificate
from tests.support.checks import checks_of, only_check
from tests.support.clients.visitors import signed_in
from tests.support.fakes import smtp_server
from tests.support.fakes.smtp_server import SmtpServer, send_mail_to

PAGE = "/admin/data/notices/mail/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _public_address(settings: Any) -> None:
    settings.PUBLIC_URL = "https://studio.example.org"


def queue(person: User, key: str) -> None:
    MailAddress.objects.get_or_create(
        person=person, defaults={"address": "a@example.org", "verified_at": clock.now()}
    )
    mailing.queue(
        person.pk, purpose="comment", key=key, address="a@example.org",
        text="Secret text",
    )  # fmt: skip


def test_doctor_says_that_mail_is_off(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    check = only_check("mail")
    assert check.level == "ok"
    assert "REELGRAPH_MAIL" in check.says


def test_doctor_connects_and_offers_our_sender(smtp: SmtpServer) -> None:
    check = only_check("mail")
    assert check.level == "ok"
    assert check.says == f"127.0.0.1:{smtp.port} takes mail from Reelgraph <studio@example.org>"
    assert not smtp.received
    smtp.behavior.always["mail"] = "553 5.7.1 Not your address"
    check = only_check("mail")
    assert check.level == "warning"
    assert "553 5.7.1 Not your address" in check.says
    assert "REELGRAPH_MAIL_FROM" in check.remedy


def test_doctor_names_what_is_wrong_and_never_the_password(
    smtp: SmtpServer, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    with SmtpServer(tls="starttls", certificate=certificate, password="another") as server:
        address = server.address.replace("//", f"//{smtp_server.WRITTEN}@")
        send_mail_to(settings, address)
        untrusted = only_check("mail")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        wrong_password = only_check("mail")
        send_mail_to(settings, address.replace("smtp://", "smtps://"))
        wrong_scheme = only_check("mail")
    send_mail_to(settings, f"smtp://127.0.0.1:{smtp.port}")
    no_tls = only_check("mail")
    send_mail_to(settings, f"smtp+plain://127.0.0.1:{free_port()}")
    away = only_check("mail")
    remedies = {
        untrusted: "certificate", wrong_password: "password in REELGRAPH_MAIL",
        wrong_scheme: "smtps://", no_tls: "scheme", away: "Start it",
    }  # fmt: skip
    for check, remedy in remedies.items():
        assert check.level == "warning"
        assert remedy in check.remedy
        assert "lantern" not in check.says + check.remedy
    assert "535 5.7.8 Wrong password" in wrong_password.says


def test_doctor_warns_of_links_that_lead_nowhere_and_of_what_was_given_up(
    alice: User, smtp: SmtpServer, settings: Any
) -> None:
    settings.PUBLIC_URL = ""
    queue(alice, "one")
    Mail.objects.update(given_up="550 no")
    checks = [*checks_of("mail"), only_check("mail given up")]
    assert [check.level for check in checks] == ["ok", "warning", "warning"]
    assert "REELGRAPH_PUBLIC_URL" in checks[1].remedy
    assert "1 given up" in checks[2].says


def test_staff_see_what_waits_and_what_was_given_up(
    alice: User, mo: User, smtp: SmtpServer, settings: Any
) -> None:
    staff = signed_in(mo)
    assert "0 waiting" in staff.get("/admin/").content.decode()
    queue(alice, "refused")
    smtp.behavior.data.append("550 5.7.1 <b>Spam</b>")
    Outbox()()
    queue(alice, "waits")
    smtp.behavior.data.append("451 4.7.1 Later")
    Outbox()()
    send_mail_to(settings, f"smtp+plain://127.0.0.1:{free_port()}")
    queue(alice, "third")
    Outbox()()
    page = html.unescape(staff.get(PAGE).content.decode())
    assert "550 5.7.1 <b>Spam</b>" in page
    assert "<b>Spam" not in staff.get(PAGE).content.decode()
    assert "The mail server takes no mail" in page
    assert "Connection refused" in page
    assert "2 waiting" in page
    assert "1 given up and 0 sent" in page
    assert page.count(">alice<") == 3
    for show, count in {"waiting": 2, "given-up": 1, "sent": 0, "": 3}.items():
        listed = staff.get(PAGE, {"show": show, "q": "ALICE"}).content.decode()
        rows = re.findall(r"<tr><td.*?</tr>", listed, re.DOTALL)
        assert len(rows) == count, show
    assert not staff.get(PAGE, {"q": "mo"}).context["cl"].result_list
    for secret in ("Secret", "a@example.org"):
        assert secret not in page
    index = staff.get("/admin/").content.decode()
    assert "2 waiting" in index
    assert "Not sending" in index
    # Nothing of it makes the server any less ready.
    assert staff.get("/me").status_code == 200


def test_where_mail_is_off_the_page_says_how_to_turn_it_on(mo: User, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    page = signed_in(mo).get(PAGE).content.decode()
    assert "REELGRAPH_MAIL_FROM" in page
