"""Mail goes to a real SMTP server: each message once, or as often as it takes."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import MailAddress, User
from core import clock
from core.shared_cache import shared_cache
from notices import create_notice, mailing, sending
from notices.models import Mail, Notice
from notices.notice_types import KINDS
from notices.sending import Outbox
from scripts.ports import free_port
from tests.support.at_once import at_once
from tests.support.builders.factories import make_user
from tests.support.certificates import make_certificate
from tests.support.fakes import smtp_server
from tests.support.fakes.smtp_server import SmtpServer, send_all, send_mail_to

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "alice@example.org"


@pytest.fixture(autouse=True)
def nowhere(settings: Any) -> Iterator[None]:
    """Mail is on, and its server is not there until a test starts one."""
    settings.PUBLIC_URL = "https://studio.example.org"
    send_mail_to(settings, "smtp+plain://127.0.0.1:1")
    yield
    shared_cache().delete(sending.PROBLEM)


def verified(person: User, address: str = ADDRESS) -> User:
    MailAddress.objects.create(person=person, address=address, verified_at=clock.now())
    return person


def tell(person: User, kind: str = "run_failed", **said: str) -> None:
    create_notice.tell(
        person.pk,
        kind,
        about=said.get("about", f"{kind}:1"),
        text=said.get("text", "“Harbor” failed."),
        url=said.get("url", "/runs/run_1"),
    )


def come_due() -> None:
    """All pauses are over."""
    Mail.objects.filter(sent_at=None).update(due_at=clock.now())


def test_a_kind_arrives_once_with_its_link_and_a_way_to_end_it(
    alice: User, smtp: SmtpServer
) -> None:
    kind = "comment"
    verified(alice)
    create_notice.choose(
        alice, kind, create_notice.Ways(in_page=True, in_browser=False, by_mail=True)
    )
    text = f"“Straße bei Nacht” 夜, {kind}"
    for _ in range(2):
        tell(alice, kind, text=text, url="/runs/run_1")
    send_all()
    send_all()
    [one] = smtp.received
    assert (one.sender, one.recipients) == ("studio@example.org", (ADDRESS,))
    message = one.message
    assert message["Subject"] == KINDS[kind].about
    assert message["From"] == "Reelgraph <studio@example.org>"
    assert message["To"] == ADDRESS
    assert message["Auto-Submitted"] == "auto-generated"
    sent = parsedate_to_datetime(message["Date"]).replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - sent) < timedelta(minutes=5)
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", message["Message-ID"])
    assert one.text.startswith(f"{text}\n\nhttps://studio.example.org/runs/run_1\n")
    assert "https://studio.example.org/me/notices/settings" in one.text
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = message["List-Unsubscribe"].strip(" <>")
    assert stop in one.text
    # As mail programs do it: without a cookie, without the page.
    path = stop.removeprefix("https://studio.example.org")
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    tell(alice, kind, about="another")
    send_all()
    assert len(smtp.received) == 1
    assert Notice.objects.filter(person=alice).count() == 2


def test_a_kind_that_was_switched_off_is_not_sent(alice: User, smtp: SmtpServer) -> None:
    verified(alice)
    off = create_notice.Ways(in_page=True, in_browser=True, by_mail=False)
    tell(alice, "comment")
    for kind in KINDS:
        create_notice.choose(alice, kind, off)
        tell(alice, kind, about=f"later:{kind}")
    send_all()
    assert not smtp.received
    # What was on its way says to the operator why it stayed.
    assert Mail.objects.get().given_up == "The person switched off mail of this kind."


def test_nothing_goes_to_an_address_that_was_not_confirmed(
    alice: User, bob: User, smtp: SmtpServer
) -> None:
    MailAddress.objects.create(person=alice, pending=ADDRESS, asked_at=clock.now())
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    tell(alice)
    tell(bob)
    # Changed and removed while a message waits.
    carol, dora = (verified(make_user(name), f"{name}@example.org") for name in ("carol", "dora"))
    tell(carol)
    tell(dora)
    MailAddress.objects.filter(person=carol).update(address="new@example.org")
    MailAddress.objects.filter(person=dora).delete()
    send_all()
    assert not smtp.received
    said = set(Mail.objects.values_list("given_up", flat=True))
    assert said == {"The address was changed or removed."}


def test_a_server_without_mail_queues_and_sends_nothing(alice: User, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    verified(alice)
    tell(alice)
    assert Outbox()() == sending.OFF_S
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "title",
    [
        "Harbor\r\nBcc: everyone@example.org",
        "Harbor\u2028Bcc: everyone@example.org\x0b\x85",
        "=?utf-8?q?Bcc=3A?= everyone",
        "ж" * 400,
    ],
)
def test_a_title_puts_nothing_into_the_headers(title: str, alice: User, smtp: SmtpServer) -> None:
    verified(alice)
    alice.display_name = title[:80]
    tell(alice, text=title)
    send_all()
    [one] = smtp.received
    assert one.recipients == (ADDRESS,)
    assert set(one.message.keys()) == {
        "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To",
        "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
    }  # fmt: skip
    assert one.message["Subject"] == KINDS["run_failed"].about
    assert all(len(line) <= 998 for line in one.raw.splitlines())


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_it_signs_in_over_tls(
    tls: smtp_server.Tls, alice: User, settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    verified(alice)
    tell(alice)
    password = smtp_server.PASSWORD
    with SmtpServer(tls=tls, certificate=certificate, password=password) as server:
        send_mail_to(settings, server.address.replace("//", f"//{smtp_server.WRITTEN}@"))
        send_all()
        assert server.logins == [True]
        assert len(server.received) == 1


def test_a_server_with_another_certificate_gets_nothing(
    alice: User, settings: Any, tmp_path: Path
) -> None:
    verified(alice)
    tell(alice)
    certificate = make_certificate(tmp_path / "server.pem")
    with SmtpServer(tls="starttls", certificate=certificate) as server:
        send_mail_to(settings, server.address)
        assert Outbox()() == sending.RESTS_S[0]
        assert not server.received
    assert "CERTIFICATE_VERIFY_FAILED" in sending.problem()


def test_a_refused_password_is_the_servers_problem_and_never_told(
    alice: User,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    verified(alice)
    tell(alice)
    with (
        caplog.at_level(logging.DEBUG),
        SmtpServer(tls="starttls", certificate=certificate, password="another") as server,
    ):
        send_mail_to(settings, server.address.replace("//", f"//{smtp_server.WRITTEN}@"))
        outbox = Outbox()
        assert [outbox() for _ in range(5)] == [*sending.RESTS_S, sending.RESTS_S[-1]]
        told = sending.problem() + caplog.text
        assert "lantern" not in told
        assert smtp_server.WRITTEN.rpartition(":")[2] not in told
    # Nothing is wrong with the message.
    mail = Mail.objects.get()
    assert (mail.tries, mail.given_up) == (0, "")
    assert caplog.text.count("535 5.7.8 Wrong password") == 1


@pytest.mark.parametrize("command", ["rcpt", "data"])
def test_what_is_refused_for_now_is_tried_again_after_longer_and_longer_pauses(
    command: str, alice: User, smtp: SmtpServer
) -> None:
    verified(alice)
    tell(alice)
    smtp.behavior.always[command] = "451 4.7.1 Greylisted"
    outbox = Outbox()
    pauses = []
    for _ in range(len(sending.PAUSES) + 1):
        send_all(outbox)
        pauses.append(Mail.objects.get().due_at - clock.now())
        come_due()
    for pause, wanted in zip(pauses, [*sending.PAUSES, sending.PAUSES[-1]], strict=True):
        assert wanted - timedelta(seconds=30) < pause <= wanted
    smtp.behavior.always.clear()
    send_all(outbox)
    assert len(smtp.received) == 1
    assert Mail.objects.get().sent_at is not None
    assert Mail.objects.get().text == ""


@pytest.mark.parametrize("command", ["rcpt", "data"])
def test_what_is_refused_for_good_is_given_up_with_the_servers_words(
    command: str, alice: User, bob: User, smtp: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    verified(alice)
    verified(bob, "bob@example.org")
    tell(alice)
    tell(bob)
    getattr(smtp.behavior, command).append(f"550 5.1.1 <{ADDRESS}> is unknown here")
    send_all()
    mail = Mail.objects.get(person=alice)
    assert mail.given_up == "550 5.1.1 <<address>> is unknown here"
    assert ADDRESS not in caplog.text
    # The next one went over the same connection.
    assert [one.recipients for one in smtp.received] == [("bob@example.org",)]
    assert smtp.connections == 1


def test_what_is_late_is_given_up(alice: User, smtp: SmtpServer) -> None:
    verified(alice)
    tell(alice)
    Mail.objects.update(created_at=clock.now() - sending.TRIED_FOR - timedelta(minutes=1))
    smtp.behavior.always["data"] = "452 4.2.2 Mailbox full"
    send_all()
    assert Mail.objects.get().given_up == "452 4.2.2 Mailbox full"


def test_a_sender_that_is_refused_costs_no_message(alice: User, smtp: SmtpServer) -> None:
    verified(alice)
    tell(alice)
    smtp.behavior.always["mail"] = "553 5.7.1 studio@example.org is not yours"
    outbox = Outbox()
    assert outbox() == sending.RESTS_S[0]
    assert sending.problem() == "553 5.7.1 studio@example.org is not yours"
    mail = Mail.objects.get()
    assert (mail.given_up, mail.tries) == ("", 0)
    smtp.behavior.always.clear()
    send_all(outbox)
    assert len(smtp.received) == 1
    assert not sending.problem()


def test_while_the_server_is_away_all_waits_and_goes_when_it_is_back(
    alice: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    verified(alice)
    for place in range(3):
        tell(alice, about=f"run:{place}")
    port = free_port()
    send_mail_to(settings, f"smtp+plain://127.0.0.1:{port}")
    outbox = Outbox()
    assert [outbox() for _ in range(5)] == [*sending.RESTS_S, sending.RESTS_S[-1]]
    assert "refused" in sending.problem()
    assert caplog.text.count("takes no mail") == 1
    assert not Mail.objects.exclude(tries=0).exists()
    with SmtpServer(port=port) as server:
        send_all(outbox)
        assert len(server.received) == 3
        assert server.connections == 1
    assert not sending.problem()


def test_after_two_days_without_a_server_mail_is_given_up(alice: User, settings: Any) -> None:
    verified(alice)
    tell(alice)
    Mail.objects.update(created_at=clock.now() - sending.TRIED_FOR - timedelta(minutes=1))
    send_mail_to(settings, f"smtp+plain://127.0.0.1:{free_port()}")
    Outbox()()
    assert Mail.objects.get().given_up.startswith("Waited for 2 days.")


def test_a_server_that_breaks_off_is_sent_the_same_message_again(
    alice: User, smtp: SmtpServer
) -> None:
    verified(alice)
    tell(alice)
    smtp.behavior.breaks_off = 1
    outbox = send_all()
    assert Mail.objects.get().sent_at is None
    come_due()
    send_all(outbox)
    first, second = smtp.received
    # By this a mail program shows one.
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert Mail.objects.get().sent_at is not None


def test_after_421_the_next_message_has_a_connection_of_its_own(
    alice: User, bob: User, smtp: SmtpServer
) -> None:
    verified(alice)
    verified(bob, "bob@example.org")
    tell(alice)
    tell(bob)
    smtp.behavior.data.append("421 4.3.2 Shutting down")
    send_all()
    assert [one.recipients for one in smtp.received] == [("bob@example.org",)]
    assert smtp.connections == 2


def test_a_silent_server_is_left_after_a_while(
    alice: User, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "ANSWER_S", 0.3)
    verified(alice)
    tell(alice)
    smtp.behavior.hold = threading.Event()
    Outbox()()
    mail = Mail.objects.get()
    assert (mail.sent_at, mail.given_up, mail.tries) == (None, "", 1)
    assert mail.due_at > clock.now()


def test_two_workers_send_each_message_once(alice: User, smtp: SmtpServer) -> None:
    verified(alice)
    for place in range(30):
        tell(alice, about=f"run:{place}")
    at_once([send_all] * 3)
    identities = [one.message["Message-ID"] for one in smtp.received]
    assert len(identities) == len(set(identities)) == 30


def test_many_go_over_one_connection_with_links_first(
    alice: User, bob: User, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 120
    verified(alice)
    verified(bob, "bob@example.org")
    Mail.objects.bulk_create(
        Mail(
            person=alice, key=f"many:{place}", purpose="comment", address=ADDRESS,
            subject=f"Comment {place}", text="…",
        )
        for place in range(count)
    )  # fmt: skip
    # On a slow machine, too, there are two calls.
    monkeypatch.setattr(sending, "CALL_S", 0.05)
    outbox = Outbox()
    outbox()
    mailing.queue(
        bob.pk, purpose=mailing.RESET, key="reset:1", address="bob@example.org",
        text="https://…",
    )  # fmt: skip
    outbox()
    assert 0 < len(smtp.received) < count
    assert smtp.received[-1].recipients == ("bob@example.org",)
    send_all(outbox)
    assert len(smtp.received) == count + 1
    assert smtp.connections == 1


def test_old_mail_is_forgotten(alice: User, smtp: SmtpServer) -> None:
    verified(alice)
    tell(alice)
    send_all()
    Mail.objects.update(created_at=clock.now() - sending.KEPT - timedelta(days=1))
    Outbox()()
    assert not Mail.objects.exists()


def test_a_stop_link_of_no_ones_stops_nothing(alice: User, smtp: SmtpServer) -> None:
    verified(alice)
    link = mailing.stop_url(alice, "comment").removeprefix("https://studio.example.org")
    assert Client().get(link).status_code == 200
    assert create_notice.ways_of(alice.pk, "comment").by_mail
    for wrong in (f"{link}x", "/mail/stop/x", f"/mail/stop/{'x' * 5000}", f"{link[:-9]}%00"):
        assert Client().post(wrong).status_code in (400, 404, 414)
    assert create_notice.ways_of(alice.pk, "comment").by_mail
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert Client().post(link).status_code == 404
