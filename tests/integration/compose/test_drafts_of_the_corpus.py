"""Briefs and requests of foreign words: each drafts something that can be saved, or asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compose.drafting import DraftRequest, draft
from core.errors import InvalidInput
from templates_app.graph.rules.validation import validate
from tests.support.builders.corpus import corpus_briefs, corpus_changes
from tools import registry

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ASKS = ("brief.subject_needed", "brief.impossible")
SAMPLES = ("a-story-told", "vertical-product-drop")


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_every_brief_of_the_corpus_is_drafted_valid_and_private_or_asked_about(
    language: str,
) -> None:
    flaws = {
        brief: problems for brief in corpus_briefs(language) if (problems := brief_flaws(brief))
    }
    assert flaws == {}


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_change_of_the_corpus_leaves_a_valid_template(sample: str) -> None:
    existing = json.loads(Path(f"builder/ops/samples/{sample}.json").read_text())
    flaws = {}
    for change in corpus_changes():
        changed = draft(DraftRequest(change, existing=existing))
        problems = errors_in(changed.template)
        if not changed.changes and not changed.warnings:
            problems.append("neither changed nor said to be not understood")
        if problems:
            flaws[change] = problems
    assert flaws == {}


def brief_flaws(brief: str) -> list[str]:
    """Return what is wrong with the draft of a brief; to ask what it should show is not."""
    try:
        drafted = draft(DraftRequest(brief))
    except InvalidInput as question:
        return [] if question.code in ASKS else [repr(question)]
    except Exception as error:
        return [repr(error)]
    flaws = errors_in(drafted.template)
    if drafted.template["visibility"] != "private":
        flaws.append("not private")
    if not drafted.template["stages"]:
        flaws.append("no stages")
    return flaws


def errors_in(template: dict[str, Any]) -> list[str]:
    """Return the errors that keep a template from being saved."""
    issues = validate(dict(template), registry.table())
    return [f"{issue.code} {issue.at.path}" for issue in issues if issue.severity == "error"]
