"""Of a template whose prompts are hidden, the listed fields stay and nothing else."""

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creations.without_prompts import without_prompts
from templates_app.graph.rules.validation import validate
from tests.support.builders.planning import TOOLS, any_json, template_like
from tests.support.builders.secret_texts import NAMES, template, words_in
from tests.support.examples import examples

FEW = settings(
    max_examples=examples(80),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Every object in a JSON value, itself included."""
    parts = list(value.values()) if isinstance(value, dict) else value
    below = [one for part in parts for one in objects_in(part)] if isinstance(parts, list) else []
    return [value, *below] if isinstance(value, dict) else below


def secretly(value: Any) -> Any:
    """The same JSON value with each text in it replaced by the author's."""
    if isinstance(value, dict):
        return {key: secretly(part) for key, part in value.items()}
    if isinstance(value, list):
        return [secretly(part) for part in value]
    return "veiledAnything" if isinstance(value, str) else value


def test_names_and_labels_stay_and_no_other_text() -> None:
    assert words_in(without_prompts(template())) == NAMES
    assert words_in(without_prompts(template(), with_notes=True)) == {*NAMES, "veiledNote"}


@FEW
@given(st.data())
def test_text_in_a_field_that_is_not_listed_stays_behind(data: st.DataObject) -> None:
    spec = template()
    holders = objects_in(spec)
    for _ in range(3):
        holder = data.draw(st.sampled_from(holders))
        holder[data.draw(st.sampled_from(["hint", "notes", "data", "title", "why"]))] = secretly(
            data.draw(any_json(6))
        )
    assert words_in(without_prompts(spec)) <= NAMES


@FEW
@given(template_like())
def test_whatever_is_shared_a_second_time_loses_nothing_more(spec: Any) -> None:
    before = copy.deepcopy(spec)
    once = without_prompts(spec) if isinstance(spec, dict) else {}
    assert spec == before
    asked = [{**one, "description": ""} for one in once.get("inputs", ())]
    again = without_prompts(once)
    assert again.get("stages", []) == once.get("stages", [])
    assert [{**one, "description": ""} for one in again["inputs"]] == asked


def test_settings_choices_and_connections_stay() -> None:
    spec = without_prompts(template())
    image, ask, batch = spec["stages"]
    assert image["args"] == {
        "prompt": "$inputs.veiledStage_prompt",
        "negativePrompt": "$inputs.veiledStage_negativePrompt",
        "model": "flux2",
        "aspectRatio": "16:9",
        "width": 64,
    }
    assert batch["overBinding"] == "$artifacts.veiledResult.items"
    assert batch["condition"]["expression"] == '$inputs.mood == "calm"'
    assert "condition" not in ask
    assert spec["inputs"][1]["default"] == "calm"
    assert spec["graph"]["edges"] == [{"from": "veiledStage", "to": "veiledBatch"}]
    problems = validate({**spec, "name": "Mine"}, TOOLS)
    assert [one.code for one in problems if one.severity == "error"] == []
