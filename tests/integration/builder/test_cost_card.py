"""A run that waits for its cost to be accepted, on its page and by /app/runs/<id>/cost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import ledger
from accounts.models import User
from core import clock
from runs.models import Run
from templates_app.graph.types import DeferredRef, StepKey
from tests.support.builders import plans
from tests.support.builders.running import start, work_off
from tests.support.builders.templates import make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
NOTE = {"id": "a", "title": "Looks", "toolName": "note", "arguments": {"copies": 3}}


@pytest.fixture
def held(alice: User) -> Run:
    return start(alice, [NOTE], confirm_cost=False)


def shown(client: Client, run: Run) -> str:
    return client.get(f"/runs/{run.public_id}").content.decode()


def form_of(page: str) -> dict[str, str]:
    found = re.findall(r'name="(total|until)" value="([^"]+)"', page)
    return dict(found)


def test_the_card_says_what_it_takes_and_approving_starts_it(alice: User, held: Run) -> None:
    client = signed_in(alice)
    page = shown(client, held)
    assert "About 3 credits" in page
    assert "Assumes Looks: 3 variations." in page
    path = f"/app/runs/{held.public_id}/cost"
    answer = client.post(path, {"decision": "confirm", **form_of(page)})
    assert (answer.status_code, answer["Location"]) == (302, f"/runs/{held.public_id}")
    held.refresh_from_db()
    assert held.status == "queued"
    assert "data-waiting" not in shown(client, held)


def test_an_old_quote_is_asked_for_again_before_it_can_be_approved(alice: User, held: Run) -> None:
    held.options["quotes"][-1]["until"] = clock.iso(clock.now() - timedelta(seconds=1))
    held.save(update_fields=["options"])
    client = signed_in(alice)
    page = shown(client, held)
    assert "Get a new one" in page
    assert 'value="confirm"' not in page
    path = f"/app/runs/{held.public_id}/cost"
    # Anyone who had the page open for long is told, and sees the fresh quote.
    said = client.post(path, form_of(page), follow=True).content.decode()
    assert "The estimate has changed" in said
    assert 'value="confirm"' in said
    client.post(path, {"decision": "cancel"})
    held.refresh_from_db()
    assert held.status == "cancelled"


def test_programs_of_the_page_send_json_and_are_answered_with_the_run(
    alice: User, bob: User, held: Run, settings: Settings
) -> None:
    settings.LIMIT_CREDIT = True
    path = f"/app/runs/{held.public_id}/cost"
    client = signed_in(alice)
    poor = client.post(path, {"decision": "confirm"}, content_type="application/json")
    assert (poor.status_code, poor.json()["error"]["code"]) == (402, "credit.insufficient")
    assert "you have 0." in client.post(path, {}, follow=True).content.decode()
    settings.LIMIT_CREDIT = False
    bad = client.post(path, {"decision": "maybe"}, content_type="application/json")
    assert bad.status_code == 400
    answer = client.post(path, {"decision": "confirm"}, content_type="application/json")
    assert answer.json()["data"]["workflow"]["status"] == "queued"
    assert signed_in(bob).post(path, {}).status_code == 404


def test_a_run_out_of_credit_says_so_and_goes_on_by_a_button(
    alice: User, settings: Settings
) -> None:
    settings.LIMIT_CREDIT = True
    ledger.grant(user=alice, milli=4_000, ref="grant:1")
    over = DeferredRef((), "$artifacts.sheet", StepKey("sheet"))
    run = plans.run_plan(
        alice,
        plans.step("sheet", "note", arguments={"copies": 2}),
        plans.batch("each", plans.step("each", "metered"), "sheet", over=over),
    )
    work_off()
    page = shown(signed_in(alice), run)
    assert ">Not enough credits</h2>" in page
    assert "<p>This needs about 2 credits and you have 0." in page
    assert f'action="/app/runs/{run.public_id}/resume"' in page


def test_a_start_without_credit_is_told_beside_the_form(alice: User, settings: Settings) -> None:
    settings.LIMIT_CREDIT = True
    stage = {"id": "one", "type": "fixed", "tool": "note", "args": {"text": "x"}}
    template = make_template(alice, inputs=[], stages=[stage])
    client = signed_in(alice)
    answer = client.post(f"/t/{template.public_id}")
    assert answer.status_code == 402
    assert "you have 0." in answer.content.decode()
    settings.LIMIT_CREDIT = False
    run = start(alice, [NOTE])
    settings.LIMIT_CREDIT = True
    path = f"/app/runs/{run.public_id}/again"
    said = client.post(path, {"seeds": "same"}, follow=True).content.decode()
    assert "you have 0." in said
