"""Well-formed bodies with the right names and the wrong things in them."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.builders.hostile_bodies import assert_in_the_envelope
from tests.support.examples import examples

pytestmark = pytest.mark.django_db

WORDS = """
    x 0 true $ $inputs.brief $artifacts.a $artifacts. $item generate_image generate_video public
    1.0.0 fixed image_url https://localhost/x data:, wf_x ../..
    """
TEXT = st.sampled_from(
    [
        "",
        "é",
        "two words",
        "\U0001f3ac" * 30,
        *WORDS.split(),
    ]
)
LEAF = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, -1, 1, 2**31, 2**63 - 1, -(2**63), 0.5, 1e18, -0.0])
    | TEXT
)


def objects(names: str, inner: Any) -> Any:
    """Objects with these names, given as words, and now and then another."""
    return st.dictionaries(st.sampled_from(names.split()) | TEXT, inner, max_size=6)


ANY = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=2) | objects("id url type", inner), max_leaves=5
)
STAGE = objects(
    """
    id type toolName tool args title dependsOn outputs produces condition overBinding itemName
    onError checkpoint retry options
    """,
    ANY,
)
INPUT = objects("name type required default label options jsonSchema min max", ANY)
TEMPLATE = objects(
    """
    name description category tags inputs stages graph visibility version id templateId
    exposeToLLM previewArtifacts constraints execution
    """,
    ANY | st.lists(STAGE | ANY, max_size=3) | st.lists(INPUT | ANY, max_size=3),
)
STEP = objects(
    """
    id toolName tool_name tool arguments args dependsOn depends_on bindings sourceStepId
    targetArgument transform title onError
    """,
    ANY | st.lists(objects("sourceStepId targetArgument transform", ANY), max_size=2),
)
START = objects(
    """
    kind input workflow_id workflowId inputs token_type tokenType confirm_cost max_cost
    maxEstimatedCapacityUnits media_references mediaReferences app_source idempotency_key
    billing_mode reuse priority safe_content_filter
    """,
    ANY
    | objects(
        "title steps prompt videoPrompt duration width",
        ANY | st.lists(STEP | ANY, max_size=3),
    ),
)

WORKFLOWS = "/v1/creative-agent/workflows"


def check(key: str, method: str, path: str, body: Any) -> None:
    client = Client(raise_request_exception=False, headers={"api-key": key})
    response = client.generic(method, path, json.dumps(body), "application/json")
    assert_in_the_envelope(response, f"{response.content!r}")


fuzzed = settings(
    max_examples=examples(40),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
few = settings(fuzzed, max_examples=examples(16))


def saves(alice_key: str, body: Any) -> None:
    check(alice_key, "POST", f"{WORKFLOWS}/templates", body)
    check(alice_key, "POST", f"{WORKFLOWS}/templates", {**body, "name": "Odd"})


test_no_template_breaks_saving = few(given(body=TEMPLATE)(saves))
test_none_of_many_templates_breaks_saving = pytest.mark.thorough(
    fuzzed(given(body=TEMPLATE)(saves))
)


def starts(alice_key: str, body: Any) -> None:
    check(alice_key, "POST", WORKFLOWS, body)


test_no_request_breaks_a_start = few(given(body=START)(starts))
test_none_of_many_requests_breaks_a_start = pytest.mark.thorough(fuzzed(given(body=START)(starts)))


@few
@given(body=ANY)
def test_no_value_breaks_any_body(alice_key: str, body: Any) -> None:
    for path in (WORKFLOWS, f"{WORKFLOWS}/templates", f"{WORKFLOWS}/nothing/cancel"):
        check(alice_key, "POST", path, body)
