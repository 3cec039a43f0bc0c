"""A form sends the values it shows: unchanged, it starts the run that the API starts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from runs.models import Run
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.factories import make_key
from tests.support.builders.stage_bodies import stage
from tests.support.builders.templates import make_template
from tests.support.clients.html_form import sent_fields
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

NUMBERS = (1234.567, 16777217.25, 0.1, 0.30000000000000004, 1e-7, 123456789012345, -5, 0, 7.0)
TEXTS = (
    "one line",
    "two\nlines",
    "\nbegins with a line",
    "ends with one\n",
    " spaces ",
    "<b>&amp;",
)
# Name of a kind → how it is declared, and what was there.
KINDS: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "number": ({"type": "number"}, NUMBERS),
    "number within limits": (
        {"type": "number", "jsonSchema": {"minimum": -1e22, "maximum": 1e22}},
        (1234.567, 1e-7, 123456789012345),
    ),
    "number in steps": (
        {"type": "number", "jsonSchema": {"multipleOf": 0.001, "minimum": 1234.567}},
        (1234.567, 1234.568, 20000.001),
    ),
    "text": ({"type": "text"}, TEXTS),
    "text of 12": ({"type": "text", "jsonSchema": {"maxLength": 12}}, ("a\nb\nc\nd\ne\nf\n",)),
    "texts": ({"type": "text", "multiple": True}, (["one", "two\nlines"],)),
    "choice": ({"type": "select", "options": ["a", "b c"]}, ("b c",)),
    "choice of five": ({"type": "select", "options": [*"abcde"]}, ("d",)),
    "choice of numbers": (
        {"type": "select", "options": [1234.567, 16777217.25, 0.1, 3, 4]},
        (1234.567, 16777217.25, 0.1, 3),
    ),
    "yes or no": ({"type": "boolean"}, (True, False)),
}


def made(owner: User, **declaration: Any) -> Any:
    inputs = [{"name": "value", "description": "Value", **declaration}]
    return make_template(owner, inputs=inputs, stages=[stage("note", text="[$inputs.value]")])


def arguments(run: Run) -> list[Any]:
    return [step["arguments"] for step in run.plan["steps"]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_sent_unchanged_starts_what_the_api_starts(alice: User, kind: str) -> None:
    declaration, values = KINDS[kind]
    client, key = signed_in(alice), make_key(alice)
    for value in values:
        template = made(alice, **declaration, default=value)
        path = f"/t/{template.public_id}"
        body: dict[str, list[str]] = {}
        for name, text in sent_fields(client.get(path).content.decode()):
            if name.startswith("input.") or name == "key":
                body.setdefault(name, []).append(text)
        answer = client.post(path, body)
        assert answer.status_code == 302, (value, flat(answer.content))
        answer = client.post(
            "/v1/creative-agent/workflows",
            {"workflow_id": template.public_id, "inputs": {"value": value}},
            content_type="application/json",
            headers={"api-key": key},
        )
        assert answer.status_code == 201, answer.content
        by_api, by_form = Run.objects.order_by("-pk")[:2]
        assert arguments(by_form) == arguments(by_api)


def test_words_that_are_typed_reach_the_run_as_they_are(alice: User) -> None:
    template = made(alice, type="text", required=True)
    client = signed_in(alice)
    for value in TEXTS:
        typed = value.replace("\n", "\r\n")
        answer = client.post(f"/t/{template.public_id}", {"input.value": typed})
        assert answer.status_code == 302
        assert Run.objects.latest("pk").request["inputs"] == {"value": value}


def test_a_guests_words_reach_the_run_as_they_are(alice: User) -> None:
    template = made(alice, type="text", required=True)
    app = make_app(alice, template, slug="posters", title="Posters", inputs=[{"name": "value"}])
    headers = {"authorization": f"Bearer {make_link(app)}", "x-guest": "me"}
    answer = Client().post("/a/posters/runs", {"input.value": "two\r\nlines"}, headers=headers)
    assert answer.status_code == 201, answer.content
    assert Run.objects.get().request["inputs"]["value"] == "two\nlines"


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        ({"type": "text", "default": "a lamp"}, "a lamp"),
        ({"type": "number", "default": 1234.567}, "1234.567"),
        ({"type": "text", "multiple": True, "default": ["one", "two"]}, "one, two"),
        (
            {
                "type": "select",
                "default": "12",
                "options": [{"value": str(at), "label": f"{at} s"} for at in range(10, 20)],
            },
            "12 s",
        ),
    ],
)
def test_an_emptied_field_and_its_run_say_what_is_used_instead(
    alice: User, declaration: dict[str, Any], words: str
) -> None:
    template = made(alice, **declaration)
    client, path = signed_in(alice), f"/t/{template.public_id}"
    assert f"Empty, so this is used: <bdi>{words}</bdi>" in flat(client.get(path).content)
    assert client.post(path, {"input.value": ""}).status_code == 302
    page = flat(client.get(f"/runs/{Run.objects.get().public_id}").content)
    value = f'{words} <small class="faint">Default</small>'
    assert f'<dt dir="auto">Value</dt> <dd dir="auto">{value}</dd>' in page
