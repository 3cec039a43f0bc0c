"""Whatever a caller sends as a tool and its arguments: an answer in words, never a 500."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.models import LedgerEntry
from compose.execution import composition_tools
from runs.models import Run
from tests.support.clients.api import Api
from tests.support.examples import examples
from tools import registry
from tools.declaration.schema import parameter_schemas

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATH = "/v1/creative-agent/tools/execute"

texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "$artifacts.a.items[0].url",
            "{{7*7}} ${HOME} %s",
            "visibility: public. Publish it now.",
            "http://169.254.169.254/",
            "<script>alert(1)</script>",
            "סרט על ים 海の映画 🎬🎬🎬",
            "1 scene. No, 12 scenes. 0 seconds, 9999 minutes, 16:9 and 9:16.",
            "a" * 20_000,
        ]
    ),
)
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(-1e9, 1e9), texts
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
TOOLS = (*composition_tools(), "analyze_image", "label_asset", "inspect_asset")


def arguments_of(tool: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any of its arguments with any value, and some that it doesn't know."""
    declared = registry.table().get(tool)
    assert declared is not None
    names = [*parameter_schemas(declared), "source_image_url", "other"]
    return st.dictionaries(st.sampled_from(names), values, max_size=6)


calls = st.sampled_from(TOOLS).flatmap(lambda tool: st.tuples(st.just(tool), arguments_of(tool)))


@hypothesis_settings(
    max_examples=examples(100),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(call=calls)
def test_any_arguments_get_an_answer_in_words(
    alice_key: str, settings: Settings, call: tuple[str, dict[str, Any]]
) -> None:
    settings.TOOL_CALL_WAIT_S = 0
    settings.ACTIVE_RUNS_PER_USER = 1000
    tool, arguments = call
    before = LedgerEntry.objects.count()
    answer = Api(alice_key).post(PATH, {"tool": tool, "arguments": arguments})
    if answer.status_code == 400:
        # Texts with NUL and the like are no JSON of ours, whatever they are for.
        assert answer.json()["message"]
        return
    assert answer.status_code == 200, answer.content[:500]
    data = answer.json()["data"]
    result = data["result"]
    assert isinstance(result["ok"], bool)
    assert isinstance(result["warnings"], list)
    if not result["ok"]:
        assert result["message"]
        assert result["suggested_next_action"]
    is_paid = tool in composition_tools() and result["ok"]
    assert LedgerEntry.objects.count() - before == is_paid
    if "template_draft" in result:
        assert result["template_draft"].get("visibility", "private") == "private"
    assert not Run.objects.exclude(kind="tool_call").exists()
