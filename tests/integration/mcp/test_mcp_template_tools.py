"""Templates as tools of their own: whose, in which order, with which arguments, at which price."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.auth import Principal
from accounts.models import User
from builder.agents.mcp import catalog
from builder.agents.mcp.template_tools import name_of
from builder.agents.mcp.tool import Caller
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.collaborating import let_in
from tests.support.builders.factories import make_key
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.agents import HANDSHAKE, MODERN, called, refused, result, send

pytestmark = pytest.mark.django_db(transaction=True)
# What the interfaces of models take for the name of a tool and of a property.
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
PROPERTY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


def offered(key: str, era: str = MODERN) -> list[dict[str, Any]]:
    """The tools that are templates, in order."""
    tools = result(send("tools/list", {}, key, era=era))["tools"]
    return [one for one in tools if one["name"].startswith("template_")]


def ids_of(tools: list[dict[str, Any]]) -> list[str]:
    """The slugs of the tools' names."""
    return [one["name"].removeprefix("template_")[:-9] for one in tools]


def offer(owner: User, name: str, **fields: Any) -> Template:
    return make_template(owner, id=name, name=name, exposeToLLM=True, **fields)


@pytest.mark.parametrize("era", [MODERN, HANDSHAKE])
def test_own_templates_that_are_offered_come_by_their_rank(
    alice: User, bob: User, alice_key: str, era: str
) -> None:
    offer(alice, "usual")
    offer(alice, "late", llmPriority=200)
    offer(alice, "first", llmPriority=1)
    make_template(alice, id="plain")
    make_public(bob, id="foreign", exposeToLLM=True, llmPriority=-1e9)
    assert ids_of(offered(alice_key, era)) == ["first", "usual", "late"]


def test_only_the_first_twenty_are_listed_and_all_can_be_called(
    alice: User, alice_key: str
) -> None:
    for place in range(22):
        offer(alice, f"t{place:02}", llmPriority=place)
    tools = offered(alice_key)
    assert ids_of(tools) == [f"t{place:02}" for place in range(20)]
    name = _name(alice, "t21")
    assert name not in {one["name"] for one in tools}
    arguments = {"inputs": {"brief": "A lamp"}, "idempotency_key": "k"}
    assert called(name, arguments, alice_key)["template_id"] == "t21"


def test_a_public_template_becomes_a_tool_of_those_who_work_on_it(
    alice: User, bob: User, bob_key: str
) -> None:
    make_public(alice, id="ours", exposeToLLM=True)
    offer(alice, "draft")
    assert offered(bob_key) == []
    let_in(alice, "ours", bob, "viewer")
    let_in(alice, "draft", bob, "viewer")
    assert ids_of(offered(bob_key)) == ["ours"]
    # The id means bob's own template now, which no one offers to agents.
    make_template(bob, id="ours")
    assert offered(bob_key) == []


def test_names_stay_and_never_are_those_of_our_own_tools(alice: User, alice_key: str) -> None:
    own = {
        one["name"]
        for one in result(send("tools/list", {}, alice_key))["tools"]
        if not one["name"].startswith("template_")
    }
    assert {"run_template", "edit_template", "search_templates"} <= own
    for id_ in ("run_template", "template_", "..:..", "x" * 128, "Run_Template"):
        offer(alice, id_)
    names = [one["name"] for one in offered(alice_key)]
    assert len(set(names)) == 5
    assert not own & set(names)
    assert all(TOOL_NAME.fullmatch(name) for name in names)
    for template in Template.objects.all():
        Template.objects.filter(pk=template.pk).update(name="Another name")
    assert [one["name"] for one in offered(alice_key)] == names


def test_inputs_are_arguments_with_their_types(alice: User, alice_key: str) -> None:
    inputs = [
        {"name": "brief", "type": "text", "required": True, "description": "What is sold"},
        {"name": "photo", "type": "image"},
        {"name": "count", "type": "number", "default": 2},
        {"name": "night", "type": "boolean"},
        {"name": "look", "type": "select", "options": [{"value": "warm"}, {"value": "cold"}]},
        {"name": "more", "type": "image", "multiple": {"min": 1, "max": 3}},
        {"name": "hidden", "type": "text", "internal": True, "default": "x"},
    ]
    offer(alice, "film", inputs=inputs)
    [tool] = offered(alice_key)
    schema = tool["inputSchema"]
    assert schema["required"] == ["inputs", "idempotency_key"]
    assert "template_id" not in schema["properties"]
    given = schema["properties"]["inputs"]
    assert given["required"] == ["brief"]
    shapes = given["properties"]
    assert list(shapes) == ["brief", "photo", "count", "night", "look", "more"]
    assert all(PROPERTY.fullmatch(name) for name in shapes)
    assert shapes["brief"]["description"] == "<untrusted>What is sold</untrusted>"
    kinds = [shapes[name]["type"] for name in ("photo", "count", "night", "look", "more")]
    assert kinds == ["string", "number", "boolean", "string", "array"]
    assert shapes["look"]["enum"] == ["warm", "cold"]
    assert (shapes["more"]["minItems"], shapes["more"]["maxItems"]) == (1, 3)
    assert tool["annotations"]["readOnlyHint"] is False


def test_one_call_starts_one_run(alice: User) -> None:
    offer(alice, "film")
    key = make_key(alice, scope="run")
    [tool] = offered(key)
    arguments = {"inputs": {"brief": "A lamp"}, "idempotency_key": "take-1"}
    first = called(tool["name"], arguments, key)
    again = called(tool["name"], arguments, key)
    assert first["run_id"] == again["run_id"]
    assert Run.objects.count() == 1
    # The key means the same run for the tool that takes any template.
    same = called("run_template", {**arguments, "template_id": "film"}, key)
    assert same["run_id"] == first["run_id"]


def test_a_tool_starts_its_own_template_alone(alice: User, alice_key: str) -> None:
    offer(alice, "film")
    offer(alice, "other")
    arguments = {"inputs": {"brief": "A lamp"}, "idempotency_key": "take-1"}
    error = refused(_name(alice, "film"), {**arguments, "template_id": "other"}, alice_key)
    assert error["details"]["issues"][0]["path"] == "template_id"
    assert called(_name(alice, "film"), arguments, alice_key)["template_id"] == "film"


def test_wrong_inputs_are_refused_with_their_names(alice: User, alice_key: str) -> None:
    offer(alice, "film")
    [tool] = offered(alice_key)
    error = refused(tool["name"], {"inputs": {}, "idempotency_key": "k"}, alice_key)
    assert "brief" in str(error)
    assert not Run.objects.exists()


def test_a_template_of_another_person_cannot_be_called_by_its_name(
    alice: User, bob_key: str
) -> None:
    offer(alice, "film")
    params = {"name": _name(alice, "film"), "arguments": {"idempotency_key": "k"}}
    assert "error" in send("tools/call", params, bob_key).json()


def test_listing_asks_the_database_little(alice: User, bob: User, alice_key: str) -> None:
    for place in range(30):
        offer(alice, f"t{place:02}")
        make_public(bob, id=f"b{place:02}", exposeToLLM=True)
        let_in(bob, f"b{place:02}", alice)
    caller = _caller(alice)
    with CaptureQueriesContext(connection) as captured:
        tools = catalog.tools_for(caller)
    assert len([one for one in tools if one.name.startswith("template_")]) == 20
    assert len(captured) <= 5, [one["sql"][:120] for one in captured]


def _caller(person: User) -> Caller:
    return Caller(Principal(person, None, "session"), "http://testserver", "testserver")


def _name(owner: User, public_id: str) -> str:
    return name_of(public_id, owner.public_id)
