"""Staff see limits, pauses and jobs at providers, and change them; it is in the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import clock
from moderation.models import AuditEntry
from runs.engine import limit_settings
from runs.models import Attempt, QueueLimit, RemoteJob, Run, Step
from tests.support.builders.running import start, take
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
PAGE = "/admin/providers"
STUDIO = f"{PAGE}/provider:studio"


def at_provider(owner: User, title: str = "Dusk") -> Run:
    """A run whose step is at its provider, to be looked at in an hour."""
    run = start(owner, [{"toolName": "noop", "title": title}])
    claim = take(run)
    Attempt.objects.filter(pk=claim.attempt_id).update(parked_at=clock.now() - timedelta(minutes=7))
    Step.objects.filter(run=run).update(
        status="parked",
        lease_owner="",
        lease_until=None,
        assigned_provider="slow",
        progress=0.4,
        not_before=clock.now() + timedelta(hours=1),
    )
    return run


def text_of(client: Client, **headers: str) -> str:
    return client.get(PAGE, headers=headers).content.decode()


def test_only_staff_learn_that_it_is_there(alice: User) -> None:
    client = Client()
    for path in (PAGE, f"{PAGE}/"):
        assert client.get(path)["Location"].startswith("/sign-in")
    client.force_login(alice)
    assert client.get(PAGE).status_code == 404
    for act in ("pause", "resume", "limits"):
        assert client.post(f"{STUDIO}/{act}", {"reason": "x"}).status_code == 404
    assert not QueueLimit.objects.exists()


def test_a_provider_is_paused_with_a_reason_and_resumed(staff: Client, mo: User) -> None:
    assert staff.get(f"{STUDIO}/pause").status_code == 405
    answer = staff.post(f"{STUDIO}/pause", {"reason": "The <disk> is full."})
    assert answer["Location"] == f"{PAGE}#provider-studio"
    text = flat(text_of(staff))
    assert "by <bdi>mo</bdi>: The &lt;disk&gt; is full." in text
    assert "1 paused" in staff.get("/admin/").content.decode()
    staff.post(f"{STUDIO}/resume")
    assert "is full" not in text_of(staff)
    entries = AuditEntry.objects.filter(actor=mo).order_by("id")
    assert [one.action for one in entries] == ["queue.pause", "queue.resume"]


def test_a_pause_without_a_reason_says_so_where_it_was_typed(staff: Client) -> None:
    answer = staff.post(f"{STUDIO}/pause", {"reason": "  "})
    assert answer.status_code == 422
    text = answer.content.decode()
    problem = text.partition('id="provider-studio-problem"')[2][:400]
    assert "write what people should know" in problem
    assert not QueueLimit.objects.exclude(paused_at=None).exists()


def test_limits_are_set_and_cleared(staff: Client) -> None:
    staff.post(f"{STUDIO}/limits", {"at_once": "4", "per_minute": "60", "person_share": "50"})
    row = QueueLimit.objects.get(name="provider:studio")
    assert (row.at_once, row.per_minute, row.person_share) == (4, 60, 0.5)
    text = text_of(staff)
    assert "0 of 4 at work" in text
    assert "60 a minute" in text
    assert "one person 50% at most" in text
    staff.post(f"{STUDIO}/limits", {"at_once": "", "per_minute": "", "person_share": ""})
    row.refresh_from_db()
    assert (row.at_once, row.per_minute, row.person_share) == (None, None, None)


@pytest.mark.parametrize("typed", ["-1", "2.5", "many", "0", "9999999999", "１２"])
def test_what_is_no_limit_is_refused_and_kept_in_its_field(staff: Client, typed: str) -> None:
    answer = staff.post(
        f"{STUDIO}/limits", {"at_once": typed, "per_minute": "", "person_share": ""}
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "whole number" in text.partition('id="provider-studio-problem"')[2][:400]
    assert f'value="{typed}"' in text
    assert not QueueLimit.objects.exclude(at_once=None).exists()


def test_a_key_with_a_limit_is_listed_with_its_owner(staff: Client, alice: User) -> None:
    key = alice.api_keys.create(name="Night shoot", lookup="k", secret_sha256=b"0" * 32)
    assert "Night shoot" not in text_of(staff)
    limit_settings.set_numbers(f"key:{key.pk}", {"at_once": 2})
    assert "Night shoot" in text_of(staff)
    staff.post(f"{PAGE}/key:{key.pk}/pause", {"reason": "It loops."})
    assert "It loops." in text_of(staff)


def test_an_unknown_name_is_not_found(staff: Client) -> None:
    for name in ("provider:nothing", "key:99", "key:x", "studio"):
        assert staff.post(f"{PAGE}/{name}/pause", {"reason": "x"}).status_code == 404


def test_a_job_at_its_provider_is_listed_and_looked_at_now(
    staff: Client, mo: User, alice: User
) -> None:
    run = at_provider(alice)
    step = run.steps.get()
    heard = clock.now() - timedelta(minutes=3)
    RemoteJob.objects.create(step=step, provider="slow", key="j-1", heard_at=heard)
    text = text_of(staff).partition('id="parked"')[2]
    for said in ("Dusk", "alice", "40%", "7 min ago", "last webhook", "3 min ago"):
        assert said in text
    # From the run's own page, too.
    page = staff.get(f"/admin/runs/{run.public_id}").content.decode()
    assert f'action="/admin/runs/{run.public_id}/look"' in page
    assert "At the provider since" in page
    body = {"step": step.key, "back": "providers"}
    answer = staff.post(f"/admin/runs/{run.public_id}/look", body)
    assert answer["Location"] == PAGE
    step.refresh_from_db()
    assert (step.status, step.not_before <= clock.now()) == ("parked", True)
    entry = AuditEntry.objects.get(actor=mo)
    assert (entry.action, entry.data["step"]) == ("run.look_now", step.key)


def test_a_look_at_a_step_that_is_back_changes_nothing(staff: Client, alice: User) -> None:
    run = start(alice, [{"toolName": "noop"}])
    later = clock.now() + timedelta(hours=1)
    run.steps.update(not_before=later)
    staff.post(f"/admin/runs/{run.public_id}/look", {"step": run.steps.get().key})
    assert run.steps.get().not_before == later
    assert not AuditEntry.objects.exists()


def test_what_htmx_asks_for_has_no_field_in_it(staff: Client, alice: User) -> None:
    at_provider(alice)
    text = text_of(staff, **{"HX-Request": "true"})
    assert 'id="provider-studio-state" hx-swap-oob="true"' in text
    assert 'id="parked" hx-swap-oob="true"' in text
    assert 'id="limit-totals" hx-swap-oob="true"' in flat(text)
    assert "<html" not in text
    # Someone may be typing a reason meanwhile.
    assert 'name="reason"' not in text
    assert 'name="at_once"' not in text


def test_it_says_what_filters_content(staff: Client, settings: Any) -> None:
    usual = {"kind": "openai", "base_url": "http://art.local/v1"}
    settings.PROVIDERS = {
        "plain": {**usual, "images": ["flux"]},
        "partly": {**usual, "images": ["flux"], "speech": ["tts-1"], "content_filter": True},
        "checked": {**usual, "images": ["flux"], "moderation": "omni-moderation-latest"},
    }
    text = text_of(staff)
    for words in (
        "content filter: not needed",
        "no content filter",
        "no content filter for Generate speech",
        "content checked by omni-moderation-latest",
    ):
        assert f"<span>{words}</span>" in text
