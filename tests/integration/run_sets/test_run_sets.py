"""A template runs once for each row of a table, within one allowance, and failed rows again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import ledger
from accounts.models import LedgerEntry, User
from notices.models import Notice
from run_sets import feeding, services
from run_sets.models import RunSet
from runs.billing.reservations import committed_milli
from runs.engine import cancelling
from runs.models import Allowance, Run, Step
from templates_app.lifecycle import services as templates
from templates_app.models import Template
from tests.integration.creations.test_sharing_races import OnceBefore
from tests.support.builders.asking_templates import made_of, stage
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.run_sets import WORDS, failing_template, repair, work_through
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/v1/run-sets"


@dataclass
class Table:
    """A table run of the template, over the API."""

    api: Api
    template: str
    id: str = ""

    def create(self, rows: list[dict[str, Any]], **fields: Any) -> Any:
        answer = self.api.post(URL, {"workflow_id": self.template, "rows": rows, **fields})
        assert answer.status_code == 201, answer.content
        body = answer.json()["data"]["runSet"]
        self.id = body["id"]
        return body

    def act(self, act: str, status: int = 200) -> Any:
        answer = self.api.post(f"{URL}/{self.id}/{act}", {})
        assert answer.status_code == status, answer.content
        return answer.json()

    def read(self) -> Any:
        return self.api.get(f"{URL}/{self.id}").json()["data"]["runSet"]

    def rows(self, **query: Any) -> Any:
        return self.api.get(f"{URL}/{self.id}/rows", query).json()["data"]["rows"]

    def checked(self, rows: list[dict[str, Any]], **fields: Any) -> Any:
        self.create(rows, **fields)
        work_through(self.id)
        return self.read()

    def finished(self, rows: list[dict[str, Any]], **fields: Any) -> RunSet:
        self.checked(rows, **fields)
        self.act("start")
        return work_through(self.id)


@pytest.fixture
def template(alice: User) -> Template:
    return failing_template(alice)


@pytest.fixture
def table(api: Callable[..., Api], alice_key: str, template: Template) -> Table:
    return Table(api(alice_key), template.public_id)


def rows_of(count: int, *failures: int) -> list[dict[str, Any]]:
    """So many rows, those at these positions with a step that fails, in each one of its own: what
    rows share and that fails pauses their set."""
    return [{"Words": f"Card {at}", "times": at if at in failures else 0} for at in range(count)]


def test_each_row_becomes_a_run_within_one_allowance(
    table: Table, alice: User, django_assert_num_queries: Any
) -> None:
    ready = table.checked([*rows_of(3), {"Words": "", "times": 0}, {"Words": "x", "times": "no"}])
    assert (ready["status"], ready["matches"]) == ("ready", {"words": "Words", "times": "times"})
    assert ready["counts"] == {"pending": 3, "problem": 2}
    # Each problem is in its cell, and nothing was billed for it.
    empty, wrong = table.rows(status="problem")
    assert [(one["column"], one["input"]) for one in empty["problems"]] == [(0, "words")]
    assert [(one["column"], one["input"]) for one in wrong["problems"]] == [(1, "times")]
    assert "number" in wrong["problems"][0]["message"]
    assert not LedgerEntry.objects.filter(ref__startswith="run:").exists()
    assert not Run.objects.exists()

    table.act("start")
    table.act("start")
    run_set = work_through(table.id)
    done = table.read()
    assert (done["status"], done["counts"]) == ("completed", {"completed": 3, "problem": 2})
    # All have the trial in common: it is made by one, and counts once.
    assert Step.objects.filter(key="trial", reused_from=None).count() == 1
    assert done["estimatedCapacityUnits"] == done["usedCapacityUnits"] > 0
    runs = list(Run.objects.order_by("id"))
    assert {run.allowance_id for run in runs} == {run_set.allowance_id}
    allowance = Allowance.objects.get(pk=run_set.allowance_id)
    assert (allowance.runs, allowance.milli) == (3, sum(map(committed_milli, runs)))
    with CaptureQueriesContext(connection) as queries:
        row = table.rows()[2]
    # As many for one row as for many: the rows, and the outputs, steps and files of their runs.
    assert sum('"runs_' in query["sql"] for query in queries) == 4
    page = signed_in(alice)
    with CaptureQueriesContext(connection) as queries:
        assert page.get(f"/run-sets/{table.id}").status_code == 200
    # And what they ask.
    assert sum('"runs_' in query["sql"] for query in queries) == 5
    assert (row["label"], row["status"], row["workflowId"]) == (
        "Card 2",
        "completed",
        runs[2].public_id,
    )
    [card] = row["outputs"]
    assert card["name"] == "card"
    [file] = card["artifacts"]
    assert (file["mediaType"], "/media/" in file["url"]) == ("image", True)
    # A program started it, and knows.
    assert not Notice.objects.filter(person=alice).exists()
    # Workers ask each second, with other sets done or not started.
    table.checked(rows_of(1))
    with django_assert_num_queries(1):
        feeding.feed()


@pytest.mark.slow
def test_a_retry_bills_the_failed_stages_alone(table: Table, alice: User) -> None:
    run_set = table.finished(rows_of(4, 1, 2))
    done = table.read()
    assert (done["status"], done["counts"]) == ("completed", {"completed": 2, "failed": 2})
    failed = table.rows(status="failed")
    assert [row["position"] for row in failed] == [1, 2]
    steps = {run.pk: run.steps.get(key="note").generation for run in Run.objects.all()}
    before = ledger.balance(alice)

    repair(run_set)
    assert table.act("retry")["data"]["rowCount"] == 2
    assert table.act("retry")["data"]["rowCount"] == 0
    work_through(table.id)
    again = table.read()
    assert (again["status"], again["counts"]) == ("completed", {"completed": 4})
    assert Run.objects.count() == 4
    assert steps == {run.pk: run.steps.get(key="note").generation for run in Run.objects.all()}
    cost = before - ledger.balance(alice)
    assert cost / 1000 == done["retryCapacityUnits"] > 0


def test_nothing_starts_above_the_price_that_was_accepted(table: Table, alice: User) -> None:
    ready = table.checked(rows_of(2))
    price = ready["estimatedCapacityUnits"]
    start = f"{URL}/{table.id}/start"
    low = table.api.post(start, {"acceptedCapacityUnits": price / 2})
    assert (low.status_code, low.json()["error"]["code"]) == (409, "cost.preview_stale")
    assert low.json()["details"]["estimatedCapacityUnits"] == price
    # The rows were checked when it cost less.
    run_set = RunSet.objects.get()
    run_set.rows.update(estimated_milli=1)
    RunSet.objects.update(quoted_milli=2)
    page, path = signed_in(alice), f"/run-sets/{table.id}"
    assert 'name="accepted" value="2"' in page.get(path).content.decode()
    page.post(f"{path}/do", {"do": "start", "accepted": "2"})
    assert "The price has gone up" in page.get(path).content.decode()
    work_through(table.id)
    again = table.read()
    assert (again["status"], again["estimatedCapacityUnits"]) == ("ready", price)
    assert not Run.objects.exists()
    assert table.api.post(start, {"acceptedCapacityUnits": price}).status_code == 200
    assert table.read()["status"] == "running"


def test_a_row_that_is_changed_while_it_is_checked_is_checked_again(
    table: Table, alice: User
) -> None:
    card, photo = stage("card", args={"text": "$inputs.words"}), {"name": "photo", "type": "image"}
    table.template = made_of(alice, card, inputs=[WORDS, photo]).public_id
    table.create([{"words": "fine", "photo": "none.jpg"}, {"words": "", "photo": ""}])

    def change() -> None:
        for position, words in enumerate(("", "mended")):
            changes = {"cells": [words, ""]}
            answer = table.api.patch(f"{URL}/{table.id}/rows/{position}", changes)
            assert answer.status_code == 200, answer.content

    # The rows are read first, then the files that they name; then what was found is written.
    with connection.execute_wrapper(OnceBefore("media_upload", change)):
        feeding.feed()
    assert [row["status"] for row in table.rows()] == ["unchecked", "unchecked"]
    work_through(table.id)
    assert [row["status"] for row in table.rows()] == ["problem", "pending"]


@pytest.mark.parametrize(
    ("below", "changes", "statuses"),
    [
        ("/rows/1", {"left_out": True}, ["problem", "left_out"]),
        ("", {"matches": {"photo": 1}}, ["unchecked", "unchecked"]),
        ("", {"inputs": {"words": "others"}}, ["unchecked", "unchecked"]),
    ],
    ids=["a row is left out", "another column", "another value"],
)
def test_a_check_says_nothing_of_what_was_left_out_or_filled_otherwise_meanwhile(
    table: Table, alice: User, below: str, changes: dict[str, Any], statuses: list[str]
) -> None:
    card, photo = stage("card", args={"text": "$inputs.words"}), {"name": "photo", "type": "image"}
    table.template = made_of(alice, card, inputs=[WORDS, photo]).public_id
    table.create([{"words": "fine", "photo": "none.jpg"}, {"words": "fine", "photo": ""}])

    def change() -> None:
        answer = table.api.patch(f"{URL}/{table.id}{below}", changes)
        assert answer.status_code == 200, answer.content

    with connection.execute_wrapper(OnceBefore("media_upload", change)):
        feeding.feed()
    assert [row["status"] for row in table.rows()] == statuses


@pytest.mark.slow
def test_a_row_is_mended_left_out_or_started_anew(table: Table) -> None:
    table.checked([{"words": ""}, {"words": ""}, {"words": "fine"}])
    row = f"{URL}/{table.id}/rows"
    assert table.api.patch(f"{row}/0", {"cells": ["mended"]}).status_code == 200
    assert table.api.patch(f"{row}/1", {"left_out": True}).status_code == 200
    assert table.api.patch(f"{row}/0", {"cells": ["a", "b"]}).status_code == 400
    assert table.api.patch(f"{row}/9", {"left_out": True}).status_code == 404
    work_through(table.id)
    table.act("start")
    run_set = work_through(table.id)
    assert table.read()["counts"] == {"completed": 2, "left_out": 1}
    assert table.api.patch(f"{row}/0", {"cells": ["late"]}).status_code == 409
    # A run that failed and was deleted: its row is started again as a whole.
    run_set.rows.filter(position=2).update(state="failed", run=None)
    table.act("retry")
    work_through(table.id)
    assert table.read()["counts"] == {"completed": 2, "left_out": 1}
    assert Run.objects.count() == 3


@pytest.mark.slow
def test_a_few_rows_are_at_work_and_others_wait_when_it_is_paused_or_stopped(
    table: Table, alice: User
) -> None:
    # With nothing in common, so that none is held back for another.
    card = stage("card", args={"text": "$inputs.words"})
    table.template = made_of(alice, card, inputs=[WORDS]).public_id
    table.checked(rows_of(9), at_once=2)
    table.act("start")
    for _ in range(3):
        feeding.feed()
    assert table.read()["counts"] == {"running": 2, "pending": 7}
    table.act("pause")
    work_through(table.id)
    paused = table.read()
    assert (paused["status"], paused["reason"]) == ("paused", "person")
    assert paused["counts"] == {"completed": 2, "pending": 7}
    table.act("resume")
    feeding.feed()
    table.act("cancel")
    table.act("cancel")
    work_through(table.id)
    over = table.read()
    assert (over["status"], over["counts"]) == ("stopped", {"completed": 2, "stopped": 7})
    assert Run.objects.filter(status="cancelled").count() == 2
    assert sum(committed_milli(run) for run in Run.objects.all()) == int(
        over["usedCapacityUnits"] * 1000
    )
    # A person's own stop of one run is its row's, and no one starts it again.
    table.checked(rows_of(1))
    table.act("start")
    feeding.feed()
    cancelling.cancel_run(run=Run.objects.latest("id"))
    work_through(table.id)
    assert (table.read()["status"], table.read()["counts"]) == ("completed", {"stopped": 1})


@pytest.mark.slow
def test_it_pauses_when_its_allowance_its_credit_or_its_template_is_gone(
    table: Table, alice: User, template: Template, settings: Settings
) -> None:
    table.checked(rows_of(4), at_once=1)
    table.act("start")
    allowance = Allowance.objects.get()
    Allowance.objects.update(most_milli=allowance.most_milli // 4)
    work_through(table.id)
    assert (table.read()["status"], table.read()["reason"]) == ("paused", "allowance")
    table.act("resume")
    work_through(table.id)
    assert table.read()["counts"] == {"completed": 4}

    table.checked(rows_of(2))
    table.act("start")
    settings.LIMIT_CREDIT = True
    work_through(table.id)
    assert (table.read()["status"], table.read()["reason"]) == ("paused", "credit")
    settings.LIMIT_CREDIT = False
    table.act("resume")
    work_through(table.id)
    assert table.read()["counts"] == {"completed": 2}

    table.checked(rows_of(2))
    table.act("start")
    templates.delete_template(actor=alice, public_id=template.public_id)
    work_through(table.id)
    assert (table.read()["status"], table.read()["reason"]) == ("paused", "template")


def test_bad_tables_are_refused_by_field(table: Table) -> None:
    fine = {"workflow_id": table.template, "rows": rows_of(1)}
    for changes, word in (
        ({"rows": []}, "rows"),
        ({"rows": [{}]}, "rows"),
        ({"rows": "x"}, "rows"),
        ({"matches": {"words": "Nowhere"}}, "Nowhere"),
        ({"matches": {"nothing": "Words"}}, "nothing"),
        ({"inputs": {"nothing": 1}}, "nothing"),
        ({"label_column": "Nowhere"}, "Nowhere"),
        ({"at_once": 9}, "at_once"),
        ({"more": 1}, "more"),
        ({"rows": [{"Words": "x" * 32_768}]}, "32,767"),
    ):
        answer = table.api.post(URL, {**fine, **changes})
        assert answer.status_code == 400, (changes, answer.content)
        assert word in answer.json()["error"]["message"], answer.content
    assert table.api.post(URL, {**fine, "workflow_id": "wf_none"}).status_code == 404
    assert not RunSet.objects.exists()


@pytest.mark.slow
def test_only_so_many_are_at_work(table: Table) -> None:
    ids = []
    for _ in range(services.MOST_AT_WORK + 1):
        table.checked(rows_of(1))
        ids.append(table.id)
    for table.id in ids[:-1]:
        table.act("start")
    assert table.api.delete(f"{URL}/{ids[0]}").status_code == 409
    table.id = ids[-1]
    assert table.act("start", 409)["error"]["code"] == "run_set.too_many"
    answer = table.api.delete(f"{URL}/{table.id}")
    assert answer.status_code == 204


def test_files_are_named_or_shared_by_all_rows_for_as_long_as_it_takes(
    api: Callable[..., Api], alice: User, bob: User, alice_key: str
) -> None:
    own = make_upload(alice, make_blob(jpeg_with_place()), filename="shoe.jpg")
    other = make_upload(bob, make_blob(jpeg_with_place()), filename="hat.jpg")
    photo = {"name": "photo", "type": "image", "required": True}
    inputs = [photo, {"name": "logo", "type": "image"}]
    edit = stage("edit", args={"source_image_url": "$inputs.photo"})
    table = Table(api(alice_key), made_of(alice, edit, inputs=inputs).public_id)
    # As a page showed it, days ago.
    address = f"https://studio.example/media/{own.public_id}/shoe.jpg?e=1&s=x"
    rows = [{"photo": name} for name in ("shoe.jpg", "hat.jpg", address)]
    table.checked(rows, inputs={"logo": address})
    assert [row["status"] for row in table.rows()] == ["pending", "problem", "pending"]
    [problem] = table.rows()[1]["problems"]
    assert (problem["column"], "“hat.jpg” isn't among your media" in problem["message"]) == (
        0,
        True,
    )
    assert other.public_id not in str(table.rows())
    # As a field of the page has it, without a host.
    form = {"match.photo": "0", "input.logo": address.removeprefix("https://studio.example")}
    assert signed_in(alice).post(f"/run-sets/{table.id}", form).status_code == 302
    logo = table.read()["inputs"]["logo"]
    assert logo.startswith(f"http://localhost/media/{own.public_id}/shoe.jpg?e=")
    work_through(table.id)
    table.act("start")
    work_through(table.id)
    assert table.read()["counts"] == {"completed": 2, "problem": 1}
