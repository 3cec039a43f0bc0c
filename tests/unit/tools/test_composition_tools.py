"""The tools that write text for their caller: read leniently, and no stage or step."""

from __future__ import annotations

from typing import Any

import pytest

from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.validation import validate
from templates_app.graph.suppliers import makers
from tests.support.builders.planning import fixed, template
from tests.unit.runs.test_plan_from_steps import refusal, step
from tools import palette, reference, registry
from tools.catalog import catalogue
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.ports import MEDIA_KINDS
from tools.declaration.schema import openapi_components

NAMES = sorted(tool.name for tool in catalogue() if not tool.durable)


def read(name: str, **arguments: Any) -> dict[str, Any]:
    tool = registry.table().get(name)
    assert tool is not None
    found = read_arguments(tool, arguments)
    assert found.problems == ()
    filled = fill_defaults(tool, found.params)
    # What a writer gets: the tool's own form accepts what reading gave.
    return tool.Params.model_validate(filled).model_dump(exclude_unset=True)


def test_missing_target_and_model_have_something_that_stands_in() -> None:
    assert read("enhance_prompt", prompt="a cat") == {
        "prompt": "a cat",
        "target_output": "model_prompt",
        "destination_model": "auto",
        "prompt_mode": "auto",
    }


def test_unknown_script_type_reads_as_a_video_prompt() -> None:
    assert read("compose_script", brief="x", script_type="creative_brief")["script_type"] == (
        "video_prompt"
    )


@pytest.mark.parametrize("spelled", ["duration_seconds", "durationSeconds"])
def test_arguments_are_read_in_both_spellings(spelled: str) -> None:
    assert read("compose_lyrics", prompt="x", **{spelled: "30"})["duration_seconds"] == 30


def test_what_is_required_without_a_stand_in_is_still_asked_for() -> None:
    tool = registry.table().get("compose_workflow_template")
    assert tool is not None
    missing = [problem.message for problem in read_arguments(tool, {}).problems]
    assert missing == ["`brief` is required.", "`name` is required."]


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_can_not_be_one(name: str) -> None:
    issues = validate(template(fixed("a", name, prompt="x")), registry.table())
    found = next(issue for issue in issues if issue.code == "tool_unusable")
    assert found.severity == "error"
    assert "tools/execute or in chat" in for_api(found)


@pytest.mark.parametrize("name", [*NAMES, "sogni_enhance_prompt"])
def test_a_step_can_not_be_one(name: str) -> None:
    refused = refusal(step("a", name))
    codes = [found["code"] for found in refused.details["issues"]]
    assert codes[0] == "tool_unusable"
    assert "tools/execute or in chat" in refused.message


def test_only_names_and_schemas_know_them() -> None:
    table = registry.table()
    assert all(table.get(f"sogni_{name}") is table.get(name) is not None for name in NAMES)
    shown = {one["name"] for one in palette.palette(table, registry.offers)}
    offered = {tool.name for kind in MEDIA_KINDS for tool in makers(table, kind)}
    assert not {*NAMES} & (shown | offered | {tool.name for tool in table})
    components = openapi_components(catalogue())
    assert components["EnhancePromptArguments"]["required"] == [
        "prompt",
        "target_output",
        "destination_model",
    ]


def test_the_reference_page_has_them_in_a_section_of_their_own() -> None:
    page = reference.render(catalogue(), registry.provider_name)
    _, section = page.split("\n## Writing\n")
    assert [line[5:-1] for line in section.splitlines() if line.startswith("### ")] == NAMES
    assert "no provider yet" not in section
