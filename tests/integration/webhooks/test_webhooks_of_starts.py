"""A start names who hears of its run: told once per fact, signed by the secret of its key."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Any

import pytest

from accounts import services
from accounts.models import ApiKey, User
from runs.models import Run
from tests.support.builders.factories import make_key
from tests.support.builders.running import principal_of, work_off
from tests.support.builders.webhooks import (
    STEP,
    WORKFLOWS,
    come_due,
    secret_of,
    send_due,
    start_run_of,
)
from tests.support.clients.api import Api
from tests.support.fakes.http_server import Reply
from tests.support.fakes.receiver import Receiver
from tests.support.waiting import WAIT_S, wait_for
from webhooks import sending
from webhooks.models import Delivery
from webhooks.sending import HOSTS, PAUSES, Sender

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("form", ["webhook_url", "webhookUrl", "webhook", "object"])
def test_a_receiver_hears_once_that_the_run_is_done(
    alice_key: str, receiver: Receiver, form: str
) -> None:
    receiver.secrets = [secret_of(alice_key)]
    url = f"{receiver.url}/done?job=7"
    body: dict[str, Any] = {"webhook": {"url": url}} if form == "object" else {form: url}
    run_id = start_run_of(alice_key, **body)
    work_off()
    send_due()
    [delivery] = receiver.deliveries
    assert delivery.event == ("run.completed", run_id)
    assert delivery.signers == tuple(receiver.secrets)
    assert (delivery.path, receiver.asked[0].query) == ("/done", {"job": "7"})
    data = delivery.body["data"]
    assert (data["status"], data["title"]) == ("completed", "Fox")
    assert data["url"].endswith(f"/runs/{run_id}")
    send_due()
    assert len(receiver.asked) == 1


def test_events_that_were_not_asked_for_are_not_sent(alice_key: str, receiver: Receiver) -> None:
    start_run_of(alice_key, webhook={"url": receiver.url, "events": ["run.failed"]})
    hears = {"url": receiver.url, "events": ["run.cancelled"]}
    cancelled = start_run_of(alice_key, confirm_cost=False, webhook=hears)
    Api(alice_key).post(f"{WORKFLOWS}/{cancelled}/cancel", {})
    work_off()
    send_due()
    assert receiver.events == [("run.cancelled", cancelled)]


def test_a_run_that_is_taken_up_again_tells_each_end(alice_key: str, receiver: Receiver) -> None:
    steps = {"input": {"steps": [{"toolName": "fail", "arguments": {"retryable": False}}]}}
    answer = Api(alice_key).post(WORKFLOWS, {**steps, "webhook": receiver.url})
    run_id = answer.json()["data"]["workflow"]["workflowId"]
    work_off()
    assert Api(alice_key).post(f"{WORKFLOWS}/{run_id}/resume", {}).status_code == 202
    work_off()
    send_due()
    assert receiver.events == [("run.failed", run_id)] * 2
    assert len({one.id for one in receiver.deliveries}) == 2


def test_a_run_that_asks_tells_that_it_waits(alice_key: str, receiver: Receiver) -> None:
    ask = {"toolName": "ask_clarifying_question", "arguments": {"question": "Which one?"}}
    steps = {"input": {"steps": [{"toolName": "noop", "arguments": {}}, ask]}}
    answer = Api(alice_key).post(WORKFLOWS, {**steps, "webhook": receiver.url})
    assert answer.status_code == 201, answer.content
    run_id = answer.json()["data"]["workflow"]["workflowId"]
    work_off()
    send_due()
    assert receiver.events == [("run.waiting", run_id)]


def test_one_keys_secret_signs_nothing_of_another(
    alice: User, alice_key: str, receiver: Receiver
) -> None:
    other = make_key(alice, "other")
    receiver.secrets = [secret_of(alice_key), secret_of(other)]
    assert len({*receiver.secrets}) == 2
    for key in (alice_key, other):
        start_run_of(key, webhook=receiver.url)
    work_off()
    send_due()
    assert sorted(one.signers for one in receiver.deliveries) == sorted(
        (secret,) for secret in receiver.secrets
    )


def test_a_repeated_start_tells_nothing_more(alice_key: str, receiver: Receiver) -> None:
    body = {"input": {"steps": [STEP]}, "webhook": receiver.url, "idempotency_key": "k1"}
    for _ in range(2):
        Api(alice_key).post(WORKFLOWS, body)
    work_off()
    send_due()
    assert len(receiver.asked) == 1


def test_a_run_that_repeats_it_tells_nothing(alice_key: str, receiver: Receiver) -> None:
    run_id = start_run_of(alice_key, webhook=receiver.url)
    work_off()
    again = Api(alice_key).post(f"{WORKFLOWS}/{run_id}/reseed", {})
    assert again.status_code in (200, 201, 202), again.content
    work_off()
    send_due()
    assert [run for _, run in receiver.events] == [run_id]


FAILURES = {
    "500": Reply(500),
    "503": Reply(503),
    "429": Reply(429),
    "408": Reply(408),
    "dropped": Reply(drop=True),
    "cut": Reply(cut=5, body=b"0123456789"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_may_pass_is_tried_again_under_the_same_id(
    alice_key: str, receiver: Receiver, failure: str
) -> None:
    receiver.secrets = [secret_of(alice_key)]
    receiver.replies["*"].extend([FAILURES[failure]] * 3)
    start_run_of(alice_key, webhook=receiver.url)
    work_off()
    for _ in range(4):
        send_due()
        come_due()
    assert len(receiver.asked) == 4
    assert len({one.id for one in receiver.deliveries}) == 1
    assert all(one.signers for one in receiver.deliveries)
    [row] = Delivery.objects.all()
    assert (row.done_at is not None, row.status, row.tries) == (True, 204, 4)


def test_it_is_given_up_after_a_day(alice_key: str, receiver: Receiver) -> None:
    receiver.replies["*"].extend([Reply(500)] * 20)
    start_run_of(alice_key, webhook=receiver.url)
    work_off()
    for _ in range(12):
        send_due()
        come_due()
    assert len(receiver.asked) == len(PAUSES) + 1
    [row] = Delivery.objects.all()
    assert row.given_up == f"Tried 10 times. 127.0.0.1:{receiver.port} responded with 500."


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410, 422])
def test_other_refusals_are_final(alice_key: str, receiver: Receiver, status: int) -> None:
    target = {"Location": f"{receiver.url}/elsewhere"}
    receiver.replies["*"].append(Reply(status, b"no\x00  such hook", target))
    start_run_of(alice_key, webhook=receiver.url)
    work_off()
    send_due()
    come_due()
    send_due()
    assert len(receiver.asked) == 1
    [row] = Delivery.objects.all()
    assert (row.status, row.excerpt, bool(row.given_up)) == (status, "no such hook", True)


def test_a_receiver_says_when_to_come_back(alice_key: str, receiver: Receiver) -> None:
    receiver.replies["*"].append(Reply(429, headers={"Retry-After": "3600"}))
    start_run_of(alice_key, webhook=receiver.url)
    work_off()
    send_due()
    [row] = Delivery.objects.all()
    assert row.due_at is not None
    assert 3500 < (row.due_at - row.created_at).total_seconds() < 3700


def test_nothing_more_is_sent_for_a_revoked_key(
    alice: User, alice_key: str, receiver: Receiver
) -> None:
    start_run_of(alice_key, webhook=receiver.url)
    work_off()
    services.revoke_api_key(key=ApiKey.objects.get(user=alice))
    send_due()
    assert receiver.asked == []
    assert [row.given_up for row in Delivery.objects.all()] == [
        "The API key was revoked or has expired."
    ]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "http": ({"webhook": "http://example.org/"}, "encrypted"),
    "private": ({"webhook_url": "https://10.0.0.7/hook"}, "REELGRAPH_WEBHOOK_ALLOW"),
    "loopback": ({"webhook": {"url": "https://localhost/hook"}}, "REELGRAPH_WEBHOOK_ALLOW"),
    "metadata": ({"webhook": "https://169.254.169.254/latest"}, "private"),
    "port": ({"webhook": "https://example.org:25/"}, "25"),
    "password": ({"webhook": "https://a:b@example.org/"}, "password"),
    "no URL": ({"webhook": "example.org"}, "https"),
    "empty": ({"webhook": ""}, "webhook"),
    "number": ({"webhook": 7}, "webhook"),
    "no url": ({"webhook": {"events": ["run.completed"]}}, "webhook.url"),
    "an unknown event": (
        {"webhook": {"url": "https://example.org", "events": ["run.done"]}},
        "webhook.events",
    ),
    "no events": ({"webhook": {"url": "https://example.org", "events": []}}, "webhook.events"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_url_that_cant_be_told_is_refused_before_the_run(alice_key: str, case: str) -> None:
    body, word = REFUSED[case]
    answer = Api(alice_key).post(WORKFLOWS, {"input": {"steps": [STEP]}, **body})
    assert answer.status_code in (400, 422), answer.content
    assert word in answer.content.decode()
    assert Run.objects.count() == 0


def test_too_many_new_urls_are_refused_and_a_query_is_no_new_one(
    alice_key: str, receiver: Receiver, settings: Any
) -> None:
    settings.ACTIVE_RUNS_PER_USER = 100
    for number in range(31):
        start_run_of(alice_key, webhook=f"{receiver.url}/jobs?number={number}")
    answers = [
        Api(alice_key).post(
            WORKFLOWS, {"input": {"steps": [STEP]}, "webhook": f"{receiver.url}/{number}"}
        )
        for number in range(31)
    ]
    assert [one.status_code for one in answers[-2:]] == [429, 429]
    assert {one.status_code for one in answers[:29]} == {201}


def test_a_secret_is_its_keys_alone(alice: User, alice_key: str, bob_key: str) -> None:
    assert secret_of(alice_key) == secret_of(alice_key) != secret_of(bob_key)
    assert Api(None).get("/v1/webhooks/secret").status_code == 401
    read = make_key(alice, scope="read")
    assert Api(read).get("/v1/webhooks/secret").status_code == 403
    assert principal_of(alice).api_key is None


def test_one_persons_receivers_that_hang_keep_no_other_waiting(
    alice_key: str, bob_key: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than this test waits.
    monkeypatch.setattr(sending, "ANSWER_S", WAIT_S * 2)
    is_over = threading.Event()
    with ExitStack() as servers:
        for _ in range(HOSTS + 1):
            server = servers.enter_context(Receiver())
            server.replies["*"].append(Reply(204, hold=is_over))
            start_run_of(alice_key, webhook=server.url)
        work_off()
        sender = Sender()
        sender()
        run_id = start_run_of(bob_key, webhook=receiver.url)
        work_off()
        wait_for(lambda: sender() >= 0 and receiver.asked, "the other person's delivery")
        assert receiver.events == [("run.completed", run_id)]
        is_over.set()
        send_due(sender)
