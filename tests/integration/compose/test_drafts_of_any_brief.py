"""Whatever a brief says: the draft is valid, can run, fits its budget or says why, and is private;
each word of the brief is in one place: as it was written, or as the setting that it is.

REELGRAPH_BRIEFS=5000 tries that many; 300 in the whole suite, elsewhere a quarter of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from itertools import combinations
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compose.drafting import Draft, DraftRequest, draft
from compose.plan import USUAL_MUSIC, Plan
from compose.template_plan.steps import MOST_STEPS, steps_of
from core.errors import InvalidInput
from runs.admission.planning_limits import planning_limits
from runs.admission.template_quotes import quote_spec
from runs.planning.made_up_inputs import with_made_up_files, with_made_up_inputs
from templates_app.graph.compile import compile_template
from templates_app.graph.layout import CANVAS, place
from templates_app.graph.rules.validation import validate
from templates_app.graph.wiring import read_wiring
from tests.support.builders.brief_texts import arguments, brief_text
from tests.support.examples import examples
from tests.unit.compose.written_briefs import OPENINGS, Written, briefs
from tools import registry

pytestmark = pytest.mark.django_db

COUNT = int(os.environ.get("REELGRAPH_BRIEFS", examples(300)))
GROUPS = 10


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_draft_is_good(group: int) -> None:
    found = {}
    for seed in range(group, COUNT, GROUPS):
        request = DraftRequest(brief_text(seed), **arguments(seed))
        try:
            drafted = draft(request)
        except InvalidInput:
            # It says nothing of what to show.
            continue
        flaws = flaws_of(request, drafted)
        if draft(request) != drafted:
            flaws.append("not the same twice")
        if flaws:
            found[seed] = flaws
    assert found == {}


def flaws_of(request: DraftRequest, drafted: Draft) -> list[str]:
    """What a person would see as a defect."""
    body = drafted.template
    # What the draft studio can't draw is no flaw of the draft.
    flaws = [f"{one.severity} {one.code} {one.at.path}" for one in
             validate(dict(body), registry.table()) if one.code != "not_drawn"]  # fmt: skip
    if quote_spec(body, {}, person=None, own_hosts=()).steps is None:
        flaws.append("does not compile")
    flaws += _overlaps(drafted)
    limits = planning_limits(("localhost",))
    plan = compile_template(
        body, with_made_up_inputs(body, {}), (), registry.table(), with_made_up_files(limits)
    ).plan
    for step in plan.steps if plan else ():
        flaws += [f"{step.key} takes what no one gave it" for need in step.needs if need.implied]
    if body["visibility"] != "private":
        flaws.append("not private")
    if not 0 < len(body["name"]) <= 200 or not body["description"].strip():
        flaws.append("no name or description")
    try:
        json.dumps([body, drafted.warnings, drafted.message], ensure_ascii=False).encode()
    except (UnicodeEncodeError, ValueError) as error:
        flaws.append(str(error))
    if "\x00" in json.dumps(body, ensure_ascii=False):
        flaws.append("control characters")
    over = request.max_units is not None and drafted.units > request.max_units
    if request.max_units is not None and over is bool(drafted.fits_budget):
        flaws.append("the budget is not told rightly")
    if over and not any("credit" in warning for warning in drafted.warnings):
        flaws.append("over the budget without a word")
    steps = steps_of(body).steps
    if not 0 < len(steps) <= MOST_STEPS:
        flaws.append(f"{len(steps)} steps")
    return flaws


def _overlaps(drafted: Draft) -> list[str]:
    body = drafted.template
    boxes = place(read_wiring(body, registry.table()), body["graph"], CANVAS)
    return [
        f"{first} lies on {second}"
        for (first, a), (second, b) in combinations(boxes.items(), 2)
        if a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom
    ]


# The arguments that say what is seen and heard, by tool.
TEXTS = {
    "generate_image": "prompt",
    "generate_music": "prompt",
    "generate_speech": "voiceDescription",
}
# What is set where no word says it.
PRESETS: dict[str, Any] = {
    "kind": "film",
    "seconds": 15,
    "aspect": "16:9",
    "style": "",
    "transition": "",
    "sound.music": True,
    "sound.speech": False,
    "sound.spoken": "",
    "sound.subtitles": False,
    "choice": None,
    "approves_images": False,
    "media": [],
    "open_texts": [],
    "edits": [],
}
OF_IMAGES = {"seconds": None, "sound.music": False}


def words_are_in_their_places(one: Written, budget: float | None) -> None:
    """Check that each setting is set and none other, and that the rest of the words is shown."""
    request = DraftRequest(one.brief, max_units=budget)
    drafted = draft(request)
    assert flaws_of(request, drafted) == []
    assert budget or draft(request) == drafted
    assert budget is None or drafted.units <= budget
    found = drafted.settings
    assert found is not None
    plan = Plan.model_validate(found.plan)
    assert set(found.from_words) == one.sets.keys()
    wanted = PRESETS | (OF_IMAGES if plan.kind == "image" else {})
    wanted |= {"sound.music_words": USUAL_MUSIC if plan.sound.music else "", **one.sets}
    assert {field: value_of(plan, field) for field in wanted} == wanted
    assert found.notes == {}
    # The end of a sentence stays.
    assert plan.shows.rstrip(".") == one.shows
    assert {shot.text for shot in plan.scenes} == {plan.shows}
    if budget is None:
        assert texts_of(drafted.template) == texts_of_plan(plan)


def value_of(plan: Plan, field: str) -> Any:
    if field == "scenes":
        return len(plan.scenes)
    if field == "choice":
        return plan.choice and (plan.choice.candidates, plan.choice.pick)
    return attrgetter(field)(plan)


def texts_of(template: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is seen, heard and spoken, by the tool or the input that it is written for."""
    found: dict[str, list[str]] = {name: [] for name in (*TEXTS, "narration")}
    for one in template["inputs"]:
        default = one.get("default", "")
        is_of_images = isinstance(default, list)
        found["generate_image" if is_of_images else one["name"]] += (
            default if is_of_images else [default]
        )
    for stage in template["stages"]:
        call = stage.get("itemStage") or stage
        text = call["args"].get(TEXTS[call["tool"]], "") if call.get("tool") in TEXTS else "$item"
        if text != "$item":
            found[call["tool"]].append(text)
    return {name: [text.lower() for text in texts] for name, texts in found.items()}


def texts_of_plan(plan: Plan) -> dict[str, list[str]]:
    """Return the same of the settings. An image has no sound."""
    shots = [", ".join(filter(None, (one.text.rstrip("."), one.framing))) for one in plan.scenes]
    if plan.choice and plan.choice.candidates != len(shots):
        shots = shots[:1]
    sound, is_film = plan.sound, plan.kind == "film"
    wanted = {
        "generate_image": shots,
        "generate_music": [sound.music_words] if is_film and sound.music else [],
        "generate_speech": [sound.voice_words] if is_film and sound.speech else [],
        "narration": [sound.spoken] if is_film and sound.speech else [],
    }
    return {name: [text.lower() for text in texts] for name, texts in wanted.items()}


BUDGETS = st.sampled_from((None, None, None, None, 4.0, 12.0, 40.0))
FEW = settings(max_examples=examples(80), derandomize=True, deadline=None)
test_each_word_of_a_brief_is_in_its_place = FEW(given(briefs(), BUDGETS)(words_are_in_their_places))


@pytest.mark.thorough
@pytest.mark.parametrize("opening", OPENINGS)
def test_each_word_of_thousands_of_briefs_is_in_its_place(opening: str) -> None:
    some = settings(FEW, max_examples=examples(1_700))
    some(given(briefs(opening), BUDGETS)(words_are_in_their_places))()
