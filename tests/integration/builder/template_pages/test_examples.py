"""The run form fills in the examples of a template's inputs with one click."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from builder.ops.server.prepare import prepare
from templates_app.models import Template
from tests.support.builders.templates import make_public

pytestmark = pytest.mark.django_db
BUTTON = "Use the example"


@pytest.fixture
def form(alice: User) -> Any:
    inputs = [
        {"name": "brief", "type": "text", "required": True, "jsonSchema": {"examples": ["A fox"]}},
        {"name": "seconds", "type": "number", "jsonSchema": {"examples": [4, 5]}},
        {"name": "mood", "type": "text", "default": "Calm", "jsonSchema": {"examples": ["Wild"]}},
        {"name": "odd", "type": "text", "jsonSchema": {"examples": "none"}},
        {
            "name": "places",
            "type": "text",
            "multiple": {"min": 2, "max": 4},
            "jsonSchema": {"examples": ["At sea"]},
        },
    ]
    template = make_public(alice, inputs=inputs)

    def ask(**sent: str) -> Any:
        client = Client()
        path = f"/t/{template.public_id}"
        if not sent:
            return client.get(path).content.decode()
        answer = client.post(f"{path}/form", {n.replace("_", "."): v for n, v in sent.items()})
        assert answer.status_code == 200
        fields = answer.context["form"]["fields"]
        return {one.name: list(one.values) if one.multiple else one.value for one in fields}

    return ask


def test_the_form_offers_its_examples(form: Any) -> None:
    page = form()
    assert BUTTON in page
    assert 'placeholder="e.g. A fox"' in page
    # Of several values the first alone.
    assert page.count('data-example="At sea"') == 1


def test_without_scripts_one_click_fills_the_empty_fields(form: Any) -> None:
    values = form(example="1", input_mood="Calm")
    assert values == {
        "brief": "A fox",
        "seconds": "4",
        "mood": "Calm",
        "odd": "",
        "places": ["At sea", ""],
    }


def test_what_was_typed_stays(form: Any) -> None:
    assert form(example="1", input_brief="An otter")["brief"] == "An otter"


def test_a_form_that_is_filled_in_offers_no_example() -> None:
    prepare()
    for name, offered in (("Narrated story", False), ("Logo overlay", True)):
        template = Template.objects.get(name=name)
        answer = Client().get(f"/t/{template.public_id}")
        assert answer.context["form"]["can_be_tried"] is offered
