"""What the product shows as an example of a prompt or a brief is something that it draws."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from compose.drafting import DraftRequest, draft
from compose.plain_settings.line import phrases
from compose.template_plan.film_shots import BLACK, NOTHING_SAID
from compose.template_plan.soundtrack import UNSAID_MOTION
from studio.undrawn import undrawn
from templates_app.graph.rules.validation import validate
from templates_app.graph.undrawn import undrawn_of_inputs
from tools import registry

ROOT = Path(__file__).resolve().parents[3]
# Where briefs are shown, and how they are written there.
BRIEFS = [
    ("builder/templates/compose_pages/box.html", r'placeholder\|default:"([^"]+)"'),
    ("frontend/src/describe/Composer.tsx", r"'(An? [^']{30,})'"),
    ("README.md", r"Say what you want to make: \*([^*]+)\*"),
    ("docs/howto/compose.md", r'such as "(An? [^"]+)"'),
    ("docs/howto/compose.md", r'"content": "(An? [^"]+)"'),
    ("docs/howto/integrate.md", r'"brief": "(An? [^"]+second[^"]+)"'),
]
PROMPTS = [
    ("README.md", r'"brief": "([^"]+)"'),
    ("README.md", r'inputs=\{"brief": "([^"]+)"'),
    ("compose/chat/fallback_answers.py", r"“Make a picture of ([^”]+)”"),
    ("docs/howto/compose.md", r'"content": "Make a picture of ([^"]+)"'),
]
SAMPLES = sorted((ROOT / "builder/ops/samples").glob("*.json"))


def shown(place: str, pattern: str) -> list[str]:
    texts = re.findall(pattern, (ROOT / place).read_text(encoding="utf-8"))
    assert texts, place
    return [text.replace("\\n", "\n") for text in texts]


@pytest.mark.django_db
@pytest.mark.parametrize(("place", "pattern"), BRIEFS)
def test_brief_that_is_shown_becomes_a_draft_that_is_drawn(place: str, pattern: str) -> None:
    for brief in shown(place, pattern):
        template = draft(DraftRequest(brief=brief)).template
        issues = validate(template, registry.table())
        assert [issue.params["words"] for issue in issues if issue.code == "not_drawn"] == [], brief


@pytest.mark.parametrize(("place", "pattern"), PROMPTS)
def test_prompt_that_is_shown_is_drawn(place: str, pattern: str) -> None:
    for prompt in shown(place, pattern):
        assert undrawn("generate_image", {"prompt": prompt}) == {}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sample_is_drawn_with_its_defaults_and_its_examples(path: Path) -> None:
    spec = json.loads(path.read_text(encoding="utf-8"))
    schemas = {known["name"]: known.get("jsonSchema") or {} for known in spec.get("inputs", ())}
    examples = {name: rule["examples"][0] for name, rule in schemas.items() if "examples" in rule}
    for given in ({}, examples):
        assert undrawn_of_inputs(spec, given, registry.table()) == {}
    codes = [issue.code for issue in validate(spec, registry.table())]
    assert "not_drawn" not in codes


@pytest.mark.parametrize("added", [*phrases("framings"), UNSAID_MOTION, BLACK, NOTHING_SAID])
@pytest.mark.parametrize("own", ["Ein Trebuchet im Wald", ""])
def test_words_that_a_plan_adds_are_never_listed(own: str, added: str) -> None:
    listed = undrawn("generate_image", {"prompt": own})
    assert undrawn("generate_image", {"prompt": f"{own}. {added}."}) == listed
