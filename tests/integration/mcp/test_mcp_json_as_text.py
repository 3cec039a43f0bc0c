"""A client that sends every argument as text: JSON in it is read where no text is declared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.asking_templates import choosing
from tests.support.builders.run_sets import failing_template
from tests.support.builders.running import work_off
from tests.support.builders.stage_bodies import stage
from tests.support.builders.templates import make_template
from tests.support.clients.agents import called, refused

pytestmark = pytest.mark.django_db(transaction=True)


def as_text(arguments: dict[str, Any]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in arguments.items()
    }


@pytest.fixture
def listing(alice: User) -> Template:
    """A template whose input takes several texts, and whose other one may look like JSON."""
    inputs = [
        {"name": "scenes", "type": "text", "multiple": True, "required": True},
        {"name": "words", "type": "text"},
    ]
    stages = [
        stage("note", "first", text="$inputs.scenes[1]"),
        stage("note", "second", text="$inputs.words"),
    ]
    return make_template(alice, inputs=inputs, stages=stages)


@pytest.mark.parametrize("scenes", [["one", "two"], '["one", "two"]'], ids=["list", "text"])
def test_a_run_gets_the_values_that_were_meant(
    alice_key: str, listing: Template, scenes: Any
) -> None:
    request = {
        "template_id": listing.public_id,
        "idempotency_key": "take-1",
        "inputs": {"scenes": scenes, "words": '["a text", "as it is"]'},
        "max_credits": 5,
        "needs_approval": False,
    }
    quoted = {name: request[name] for name in ("template_id", "inputs")}
    assert called("quote", as_text(quoted), alice_key)["can_run"]
    run = called("run_template", as_text(request), alice_key)
    assert run["was_started_before"] is False
    assert called("run_template", as_text(request), alice_key)["was_started_before"]
    assert Run.objects.get().request["inputs"] == {
        "scenes": ["one", "two"],
        "words": '["a text", "as it is"]',
    }


@pytest.mark.parametrize("form", ["rows", "each row"])
def test_the_rows_of_a_table_are_read(alice: User, alice_key: str, form: str) -> None:
    rows = [{"words": "a"}, {"words": "b"}]
    table = {
        "template_id": failing_template(alice).public_id,
        "rows": json.dumps(rows) if form == "rows" else [json.dumps(row) for row in rows],
    }
    run_set = called("run_table", table, alice_key)
    assert run_set["rowCount"] == 2


def test_a_choice_and_the_ops_of_a_document_are_read(alice: User, alice_key: str) -> None:
    template = choosing(alice)
    inputs = {"inputs": json.dumps({"brief": "A lamp"})}
    request = {"template_id": template.public_id, "idempotency_key": "take-1", **inputs}
    run = called("run_template", request, alice_key)["run_id"]
    work_off()
    answer = {"run_id": run, "choices": "[2]"}
    assert called("answer", answer, alice_key)["was_answered"] is False


@pytest.mark.parametrize("broken", ["[1, 2]", "a lamp", "[" * 500])
def test_a_text_that_is_no_such_json_is_refused_at_its_field(
    alice: User, alice_key: str, broken: str
) -> None:
    request = {
        "template_id": choosing(alice).public_id,
        "idempotency_key": "take-1",
        "inputs": broken,
    }
    refusal = refused("run_template", request, alice_key)
    assert refusal["code"] == "body.invalid"
    assert "inputs" in refusal["message"]
    assert not Run.objects.exists()
