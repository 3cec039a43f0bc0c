"""`/me/webhooks`: endpoints hear of all runs of a person, and what was sent is listed there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from builder.shared.account_changes import delete_account, finish_deletions
from core import clock
from notices.models import Notice
from runs.admission.start import start_run
from runs.webhook_events import EVENTS
from tests.support.builders.running import principal_of, start, work_off
from tests.support.builders.suspending import lift, suspend
from tests.support.builders.webhooks import STEP, come_due, send_due, start_run_of
from tests.support.clients.visitors import signed_in
from tests.support.fakes.http_server import Reply
from tests.support.fakes.receiver import Receiver
from tests.support.stored_rows import stored_text
from webhooks.endpoints import FAILS_FOR, MOST
from webhooks.models import Delivery, Endpoint
from webhooks.sending import IDLE_S, Sender

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/me/webhooks"


def add(person: User, url: str, *events: str) -> tuple[Endpoint, str]:
    """Add an endpoint at the page. Return it and the secret that is shown once."""
    browser = signed_in(person)
    answer = browser.post(PAGE, {"url": url, "events": events or [*EVENTS]})
    assert (answer.status_code, answer["Location"]) == (302, PAGE), answer.content.decode()
    [secret] = secrets_in(browser.get(PAGE))
    assert secrets_in(browser.get(PAGE)) == []
    return Endpoint.objects.latest("id"), secret


def secrets_in(answer: Any) -> list[str]:
    return re.findall(r"whsec_[A-Za-z0-9+/=]{40,}", answer.content.decode())


def press(person: User, endpoint: Endpoint, action: str, **fields: Any) -> Client:
    browser = signed_in(person)
    answer = browser.post(f"{PAGE}/{endpoint.public_id}/{action}", fields)
    assert answer.status_code == 302, answer.content
    return browser


def run_of(person: User) -> str:
    """Have a run of the editor's kind done."""
    run = start(person, [STEP])
    work_off()
    return run.public_id


def test_an_endpoint_hears_of_runs_however_they_were_started(
    alice: User, alice_key: str, bob: User, receiver: Receiver
) -> None:
    _, secret = add(alice, f"{receiver.url}/hooks")
    receiver.secrets = [secret]
    runs = {run_of(alice), start_run_of(alice_key)}
    run_of(bob)
    work_off()
    send_due()
    assert {one.event for one in receiver.deliveries} == {("run.completed", run) for run in runs}
    assert {one.signers for one in receiver.deliveries} == {(secret,)}
    assert secret not in stored_text()
    page = signed_in(alice).get(PAGE).content.decode()
    assert page.count("Delivered (204)") == 2
    assert f"{receiver.port}/hooks" not in signed_in(bob).get(PAGE).content.decode()


def test_runs_of_guests_tables_tools_and_chats_tell_nothing(
    alice: User, receiver: Receiver
) -> None:
    add(alice, receiver.url)
    body = {"input": {"steps": [STEP]}}
    for kind in ("chat", "tool_call"):
        start_run(actor=principal_of(alice), body=body, kind=kind)
    start_run(actor=principal_of(alice), body=body, priority=-1)
    work_off()
    send_due()
    assert receiver.asked == []
    assert not Delivery.objects.exists()


def test_both_secrets_sign_for_a_day(
    alice: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, before = add(alice, receiver.url)
    [after] = secrets_in(press(alice, endpoint, "secret").get(PAGE))
    receiver.secrets = [before, after]
    run_of(alice)
    send_due()
    Endpoint.objects.update(former_until=clock.now() - timedelta(seconds=1))
    run_of(alice)
    send_due()
    assert [one.signers for one in receiver.deliveries] == [(before, after), (after,)]


def test_a_test_is_sent_and_a_delivery_again(alice: User, receiver: Receiver) -> None:
    endpoint, secret = add(alice, receiver.url, "run.failed")
    receiver.secrets = [secret]
    receiver.replies["*"].append(Reply(404, b"wrong door"))
    press(alice, endpoint, "test")
    send_due()
    browser = signed_in(alice)
    page = browser.get(PAGE).content.decode()
    assert "responded with 404" in page
    assert "wrong door" in page
    [row] = Delivery.objects.all()
    for _ in range(2):
        browser.post(f"{PAGE}/deliveries/{row.public_id}/again")
    send_due()
    assert [one.body["type"] for one in receiver.deliveries] == ["test"] * 2
    assert len({one.id for one in receiver.deliveries}) == 1
    assert all(one.signers for one in receiver.deliveries)


def test_what_is_wrong_is_said_beside_the_field(alice: User, receiver: Receiver) -> None:
    browser = signed_in(alice)
    wrong = {
        "no event": ({"url": receiver.url}, "Choose at least one."),
        "unknown event": ({"url": receiver.url, "events": ["run.done"]}, "run.done"),
        "no url": ({"events": ["run.failed"]}, "Enter the https:// URL"),
        "private": (
            {"url": "https://192.168.1.1/", "events": ["run.failed"]},
            "REELGRAPH_WEBHOOK_ALLOW",
        ),
        "not https": ({"url": "http://example.org", "events": ["run.failed"]}, "encrypted"),
    }
    for case, (fields, words) in wrong.items():
        answer = browser.post(PAGE, fields)
        assert answer.status_code in (400, 422), case
        assert words in answer.content.decode(), case
    assert not Endpoint.objects.exists()


def test_ten_endpoints_are_the_most(alice: User, receiver: Receiver) -> None:
    for number in range(MOST):
        add(alice, f"{receiver.url}/{number}")
    answer = signed_in(alice).post(PAGE, {"url": f"{receiver.url}/11", "events": ["run.failed"]})
    assert answer.status_code == 409
    assert "Delete one" in answer.content.decode()
    press(alice, Endpoint.objects.earliest("id"), "delete")
    add(alice, f"{receiver.url}/11")
    assert Endpoint.objects.count() == MOST


def test_what_is_due_goes_to_the_changed_url(alice: User, receiver: Receiver) -> None:
    endpoint, _ = add(alice, f"{receiver.url}/old")
    run_of(alice)
    fields = {"url": f"{receiver.url}/new", "events": ["run.completed"]}
    press(alice, endpoint, "change", **fields)
    send_due()
    assert [one.path for one in receiver.deliveries] == ["/new"]


def test_gone_for_good_switches_an_endpoint_off_and_on_again(
    alice: User, receiver: Receiver
) -> None:
    endpoint, _ = add(alice, receiver.url)
    receiver.replies["*"].append(Reply(410))
    run_of(alice)
    send_due()
    run_of(alice)
    send_due()
    assert len(receiver.asked) == 1
    [notice] = Notice.objects.filter(person=alice, kind="webhook")
    assert "410" in notice.text
    assert "Switched off" in signed_in(alice).get(PAGE).content.decode()
    press(alice, endpoint, "on")
    run_of(alice)
    send_due()
    assert len(receiver.asked) == 2


def test_five_days_of_failures_switch_an_endpoint_off(alice: User, receiver: Receiver) -> None:
    endpoint, _ = add(alice, receiver.url)
    receiver.replies["*"].extend([Reply(500)] * 3)
    run_of(alice)
    send_due()
    assert "Failing" in signed_in(alice).get(PAGE).content.decode()
    Endpoint.objects.update(failing_since=clock.now() - FAILS_FOR - timedelta(minutes=1))
    come_due()
    send_due()
    endpoint.refresh_from_db()
    assert endpoint.off_at is not None
    assert Notice.objects.filter(person=alice, kind="webhook").count() == 1
    assert not Delivery.objects.filter(due_at__isnull=False).exists()


def test_a_suspended_persons_deliveries_wait(alice: User, receiver: Receiver) -> None:
    add(alice, receiver.url)
    run_of(alice)
    suspend(alice)
    assert Sender()() == IDLE_S
    assert receiver.asked == []
    lift(alice)
    send_due()
    assert len(receiver.asked) == 1


def test_nothing_is_left_of_who_leaves(alice: User, receiver: Receiver) -> None:
    add(alice, receiver.url)
    run_of(alice)
    delete_account(user=alice)
    send_due()
    assert receiver.asked == []
    while finish_deletions() == 0:
        pass
    assert not Endpoint.objects.exists()
    assert not Delivery.objects.exists()


def test_another_persons_endpoint_is_unknown(alice: User, bob: User, receiver: Receiver) -> None:
    endpoint, _ = add(alice, receiver.url)
    run_of(alice)
    browser = signed_in(bob)
    for action in ("change", "test", "secret", "on", "delete"):
        assert browser.post(f"{PAGE}/{endpoint.public_id}/{action}").status_code == 404
    row = Delivery.objects.get()
    answer = browser.post(f"{PAGE}/deliveries/{row.public_id}/again", follow=True)
    assert "not found" in answer.content.decode()
    assert Endpoint.objects.get() == endpoint
