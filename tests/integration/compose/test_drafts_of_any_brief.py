"""Whatever a brief says: the draft is valid, can run, fits its budget or says why, and is private.

REELGRAPH_BRIEFS=5000 tries that many; 300 in the whole suite, elsewhere a quarter of it.
"""

from __future__ import annotations

import json
import os
from itertools import combinations

import pytest

from compose.brief.read import read_brief
from compose.drafting import Draft, DraftRequest, draft, draft_of
from compose.template_plan.build import built
from compose.template_plan.facts import facts_of, texts_of
from compose.template_plan.steps import MOST_STEPS, steps_of
from compose.template_plan.unread import unread
from core.errors import InvalidInput
from core.language.cleaning import fold
from runs.admission.planning_limits import planning_limits
from runs.admission.template_quotes import quote_spec
from runs.planning.made_up_inputs import with_made_up_files, with_made_up_inputs
from templates_app.graph.compile import compile_template
from templates_app.graph.layout import CANVAS, place
from templates_app.graph.rules.validation import validate
from templates_app.graph.wiring import read_wiring
from tests.support.builders.brief_texts import FRAME_WORDS, arguments, brief_text, framed_text
from tests.support.builders.made_briefs import made_brief
from tests.support.examples import examples
from tools import registry

pytestmark = pytest.mark.django_db

COUNT = int(os.environ.get("REELGRAPH_BRIEFS", examples(300)))
GROUPS = 10
# Of the subjects: words that show nothing by themselves.
_SMALL = ("altes", "three", "mein")


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


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_plan_is_good_whatever_was_read(group: int) -> None:
    found = {}
    for seed in range(group, COUNT, GROUPS):
        request = DraftRequest("", **arguments(seed))
        brief = made_brief(seed)
        drafted = draft_of(brief, request, ())
        if flaws := flaws_of(request, drafted):
            found[seed] = flaws
    assert found == {}


@pytest.mark.parametrize(
    "count", [examples(200), pytest.param(5_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_every_part_of_a_brief_is_drawn_or_told_and_its_frame_is_neither(count: int) -> None:
    found = {}
    for seed in range(count):
        text, subject = framed_text(seed)
        brief = read_brief(text)
        if brief.lacks_subject:
            found[text] = ["asks for a subject"]
            continue
        made = built(brief)
        facts = facts_of(brief, made.body, made.seconds)
        told = " ".join([*unread(brief, made.body, facts), *brief.impossible])
        shown = " ".join([*texts_of(made.body), made.body["name"], *(fact for _, fact in facts)])
        words = fold(f"{shown} {told}")
        if flaws := [
            *(word for word in FRAME_WORDS if fold(word) in words),
            *(f"no {word}" for word in _words_of(subject) if word not in words),
        ]:
            found[text] = flaws
    assert found == {}


def _words_of(subject: str) -> list[str]:
    """What must not be lost of a subject; a file of the person's own is an input."""
    words = fold(subject).replace("{", "").replace("}", "").split()
    return [word for word in words if len(word) > 3 and word not in _SMALL]


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
    flaws += _over_budget(request, drafted)
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


def _over_budget(request: DraftRequest, drafted: Draft) -> list[str]:
    if request.max_units is None:
        return []
    over = drafted.units > request.max_units
    if over is bool(drafted.fits_budget):
        return ["the budget is not told rightly"]
    said = any("credit" in warning for warning in drafted.warnings)
    return ["over the budget without a word"] if over and not said else []
