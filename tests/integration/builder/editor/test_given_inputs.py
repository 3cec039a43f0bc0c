"""`/app/documents/<id>/uses/inside`: what the inputs of a stage that is opened are given."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from accounts.models import User
from builder.web.editor.use_schemas import Inside
from tests.support.builders.drafts import note
from tests.support.builders.templates import make_template
from tests.support.clients.editors import Editor

pytestmark = pytest.mark.django_db(transaction=True)


def inside(editor: Editor, key: str, run: str = "") -> Any:
    answer = editor.inside(key, run)
    assert answer.status_code == 200, answer.content
    return TypeAdapter(Inside).validate_python(answer.json())


def each(key: str, template: str, over: str, **args: Any) -> dict[str, Any]:
    item = {"type": "fixed", "tool": f"template:{template}@0.0.1", "args": args}
    shape = {"id": key, "label": key.title(), "type": "batch", "itemStage": item}
    return {**shape, "overBinding": over, "itemName": "item", "produces": [key]}


def text(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "text", **more}


@pytest.fixture
def editor(alice: User) -> Editor:
    """A film of acts, each with cards: every card has a subject, the act's title and a mood."""
    inputs = [text("subject", required=True), text("act"), text("mood"), text("size")]
    make_template(alice, id="card", inputs=inputs, stages=[note("still", "$inputs.subject")])
    cards = each(
        *("cards", "card", "$inputs.lines"),
        subject="$item.item",
        act="$inputs.act",
        mood="$artifacts.base",
        size="wide",
    )
    lines = text("lines", label="Subjects", multiple=True, default=["fox", "owl"])
    stages = [note("base", "calm"), cards]
    make_template(alice, id="act", inputs=[lines, text("act")], stages=stages)
    acts = text("acts", label="Titles", multiple=True, default=["one", "two"])
    stages = [each("acts", "act", "$inputs.acts", act="$item.item")]
    return Editor(alice, make_template(alice, id="film", inputs=[acts], stages=stages)).open()


def values_in(inside: Any) -> dict[str, Any]:
    return {name: row["value"] for name, row in inside["state"]["values"]["rows"].items()}


def test_the_inputs_of_an_item_have_the_values_of_the_run(editor: Editor) -> None:
    run = editor.run().public_id
    assert values_in(inside(editor, "acts_1", run)) == {"act": "two"}
    card = inside(editor, "acts_1.cards_0", run)
    mood = values_in(card)["mood"]
    assert values_in(card) == {"subject": "fox", "act": "two", "mood": mood, "size": "wide"}
    assert card["media"][mood]["kind"] == "image"
    assert card["sources"] == {}
    assert values_in(inside(editor, "acts_0.cards_1", run))["subject"] == "owl"


def test_without_a_run_the_inputs_say_what_each_item_gets(editor: Editor) -> None:
    act = inside(editor, "acts")
    assert (values_in(act), act["sources"]) == ({}, {"act": "Each item of Titles"})
    card = inside(editor, "acts.cards")
    assert values_in(card) == {"size": "wide"}
    assert card["sources"] == {
        "subject": "Each item of Subjects",
        "act": "Each item of Titles",
        "mood": "From Base",
    }


def test_a_file_that_an_item_has_is_shown(alice: User) -> None:
    hero = {"name": "hero", "type": "image"}
    make_template(alice, id="shot", inputs=[hero], stages=[note("still", "x")])
    still = {"id": "still", "type": "fixed", "tool": "generate_image", "produces": ["still"]}
    stages = [
        {**still, "args": {"prompt": "a fox"}},
        each("shots", "shot", "$artifacts.still", hero="$item.item"),
    ]
    editor = Editor(alice, make_template(alice, id="film", inputs=[], stages=stages)).open()
    run = editor.run()
    shot = inside(editor, "shots_0", run.public_id)
    medium = shot["media"][values_in(shot)["hero"]]
    [made] = editor.state(run)["steps"][0]["artifacts"]
    assert medium == {name: made[name] for name in ("url", "kind", "width", "height", "duration")}


def test_a_run_that_is_not_theirs_gives_no_values(editor: Editor, bob: User) -> None:
    stages = [note("a", "secret")]
    other = Editor(bob, make_template(bob, id="other", inputs=[], stages=stages)).open()
    for run in (other.run().public_id, "no-run", "x" * 9000):
        assert editor.inside("acts_0", run).status_code == 404
