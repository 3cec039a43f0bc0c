"""The table of issue codes is complete, used, and documented."""

import ast
from pathlib import Path

import pytest

from templates_app.graph.issues import issue, split
from templates_app.graph.rules.issue_texts import for_api, for_person
from templates_app.graph.rules.registry import rules
from templates_app.graph.rules.rule import Rule
from templates_app.graph.titles import TemplateTitles
from tools import registry
from tools.declaration.argument_problems import PROBLEM_CODES

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs/reference/issue-codes.md"

# The public contract's codes.
PUBLIC = [
    "duplicate_stage_id",
    "duplicate_input_name",
    "duplicate_artifact_producer",
    "missing_artifact_producer",
    "forward_artifact_reference",
    "missing_optional_artifact",
    "unknown_input",
    "unknown_artifact",
    "item_binding_outside_batch",
    "invalid_binding_syntax",
    "cyclic_stage_dependency",
    "batch_over_binding_not_a_binding",
    "batch_item_name_required",
    "batch_concurrency_invalid",
    "name_required",
    "invalid_field",
    "invalid_enum",
    "unknown_tool",
    "invalid_stage_type",
    "tool_required",
    "missing_options",
    "too_many",
    "model_unavailable",
    "missing_input",
    "unknown_input_value",
    "implicit_media_dependency",
    "missing_media_source",
    "too_many_steps",
]


def test_every_code_of_the_public_contract_is_known():
    assert not set(PUBLIC) - set(rules())


def test_every_problem_of_an_argument_is_an_issue_code():
    assert not set(PROBLEM_CODES) - set(rules())


def test_every_code_can_occur():
    folders = (ROOT / "templates_app", ROOT / "runs/planning")
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources if path.parent.name != "rules")
    found = {code for code in rules() if f'"{code}"' in text} | set(PROBLEM_CODES)
    checks = [name for name in vars(Rule) if name.startswith("check_")]
    for code, rule in rules().items():
        if any(getattr(type(rule), name) is not getattr(Rule, name) for name in checks):
            found.add(code)
    assert set(rules()) - found == set(), "these rules find nothing, and no module makes the issue"


def test_every_issue_that_is_made_has_a_rule():
    made = set()
    for folder in ("templates_app", "runs", "media", "builder"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "issue":
                    made.update(
                        first.value for first in node.args[:1] if isinstance(first, ast.Constant)
                    )
    assert "no_stages" in made
    assert made - set(rules()) == set(), "add a rule for each to templates_app/graph/rules"


def test_messages_are_sentences_with_a_doc_line():
    for code, known in rules().items():
        for pattern in (known.api, known.person):
            assert not pattern or pattern.endswith((".", "{problem}", "{remedy}")), code
        assert known.about.endswith("."), code


def test_messages_repeat_little_of_what_was_sent():
    found = issue("unknown_tool", stage="a", tool="x" * 100_000)
    assert len(for_api(found)) < 300


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [("overlays", "Add at least one overlay."), ("video_index", "Video is required.")],
)
def test_people_read_what_to_do_about_an_empty_field(argument, sentence):
    spec = {"name": "Card", "stages": [{"id": "card", "type": "fixed", "tool": "overlay_video"}]}
    found = issue("missing_argument", path="stages/0", stage_id="card", argument=argument)
    assert for_person(found, TemplateTitles(spec, registry.table())) == sentence


def test_severity_divides_errors_from_warnings():
    error = issue("no_stages")
    warning = issue("model_unavailable", severity="warning", tool="x")
    assert split([warning, error]) == ((error,), (warning,))
