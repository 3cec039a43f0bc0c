"""A table run starts rows with the key that started it, as long as that works and within its
limit of a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts import credit, ledger
from accounts.models import ApiKey, User
from core import clock
from run_sets import feeding
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.factories import make_key
from tests.support.builders.run_sets import failing_template, repair, work_through
from tests.support.builders.running import work_off
from tests.support.clients.api import Api
from tests.support.clients.oauth import make_app
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

URL = "/v1/run-sets"
Clients = Callable[[str], Api]


@pytest.fixture
def template(alice: User) -> Template:
    return failing_template(alice)


def rows_of(count: int, *failures: int) -> list[dict[str, Any]]:
    """So many rows that share no step, those at these positions with one that fails."""
    return [{"words": f"Card {at}", "times": at if at in failures else -at} for at in range(count)]


def create(api: Api, template: Template, rows: list[dict[str, Any]], **fields: Any) -> str:
    body = {"workflow_id": template.public_id, "rows": rows, "at_once": 1, **fields}
    answer = api.post(URL, body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["data"]["runSet"]["id"])


def act(api: Api, set_id: str, action: str) -> None:
    answer = api.post(f"{URL}/{set_id}/{action}", {})
    assert answer.status_code == 200, answer.content


def key_of(text: str) -> ApiKey:
    return ApiKey.objects.get(lookup=text.split("_")[1])


def used_by(user: User, key: ApiKey) -> int:
    return ledger.used_since(credit.day_began(), user_id=user.pk, key_id=key.pk)


def revoke(user: User, key: ApiKey) -> str:
    page = signed_in(user).post(f"/me/keys/{key.lookup}/revoke", follow=True)
    return flat(page.content.decode())


def expire(user: User, key: ApiKey) -> str:
    ApiKey.objects.filter(pk=key.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    return "1 table run is paused."


@pytest.mark.parametrize("end", [revoke, expire])
@pytest.mark.parametrize("is_app", [False, True])
def test_a_key_that_has_ended_starts_no_more_rows(
    alice: User, api: Clients, template: Template, end: Callable[..., str], is_app: bool
) -> None:
    text = make_app().connect(alice)["access_token"] if is_app else make_key(alice)
    by_key = api(text)
    key = ApiKey.objects.get()
    set_id = create(by_key, template, rows_of(3))
    work_through(set_id)
    act(by_key, set_id, "start")
    feeding.feed()
    work_off()
    before = flat(signed_in(alice).get("/me/keys").content.decode())
    assert "1 table run is at work with it." in before
    assert "1 table run is paused." in end(alice, key)
    run_set = work_through(set_id)
    assert (run_set.state, run_set.reason) == ("paused", "key")
    assert Run.objects.count() == 1
    browser = signed_in(alice)
    page = flat(browser.get(f"/run-sets/{set_id}").content.decode())
    assert "was revoked or has expired. Resume to go on without it." in page
    browser.post(f"/run-sets/{set_id}/do", {"do": "resume"})
    assert work_through(set_id).state == "done"
    assert sorted(Run.objects.values_list("api_key", flat=True), key=str) == [key.pk, None, None]


def test_a_set_whose_key_ended_while_it_was_checked_does_not_start(
    alice: User, api: Clients, template: Template
) -> None:
    text = make_key(alice)
    set_id = create(api(text), template, rows_of(2), start=True)
    revoke(alice, key_of(text))
    assert work_through(set_id).state == "ready"
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_an_operator_who_revokes_all_keys_reads_how_many_sets_pause(
    alice: User, mo: User, api: Clients, template: Template
) -> None:
    by_key = api(make_key(alice))
    set_id = create(by_key, template, rows_of(2))
    work_through(set_id)
    act(by_key, set_id, "start")
    path = f"/admin/people/{alice.public_id}/do/revoke-keys"
    page = flat(signed_in(mo).post(path, {"note": ""}, follow=True).content.decode())
    assert "1 key revoked. 1 table run is paused." in page


@pytest.mark.parametrize("action", ["start", "resume", "retry"])
def test_a_keys_daily_limit_holds_for_sets_that_others_made(
    alice: User, api: Clients, template: Template, action: str
) -> None:
    maker = api(make_key(alice, "maker"))
    other_text = make_key(alice, "other")
    other, key = api(other_text), key_of(other_text)
    set_id = create(maker, template, rows_of(6, 1, 2, 3, 4))
    run_set = work_through(set_id)
    row_milli = run_set.quoted_milli // 6
    credit.set_daily_budget(key=key, milli=2 * row_milli)
    if action == "resume":
        act(maker, set_id, "start")
        act(maker, set_id, "pause")
    elif action == "retry":
        act(maker, set_id, "start")
        assert work_through(set_id).state == "done"
        repair(run_set)
    act(other, set_id, action)
    run_set = work_through(set_id)
    assert 0 < used_by(alice, key) <= 2 * row_milli
    assert (run_set.state, run_set.reason) == ("paused", "credit")
