"""Refused settings: people read what the page calls them, programs their path."""

from __future__ import annotations

from typing import Any

import pytest

from compose.changes.controls import controls_from_outside
from compose.plan import plan_from_outside
from core.errors import InvalidBody

SHOT = {"text": "a fox"}
LONG = "x" * 2_001
PHOTO = {"name": "a", "kind": "image"}
BACKWARDS = {"type": "trim", "start": 4, "end": 2}


def refusal_of(**changes: Any) -> InvalidBody:
    with pytest.raises(InvalidBody) as refusal:
        plan_from_outside({"scenes": [SHOT], **changes})
    return refusal.value


@pytest.mark.parametrize(
    ("changes", "path", "sentence"),
    [
        ({"scenes": [SHOT, SHOT, {}]}, "scenes.2.text", "Shot 3: Write its words."),
        ({"kind": "image", "scenes": [SHOT, {}]}, "scenes.1.text", "Image 2: Write its words."),
        ({"scenes": [{**SHOT, "uses": "x"}]}, "scenes.0.uses", "Shot 1: Choose one of your files."),
        ({"scenes": []}, "scenes", "Add a shot."),
        ({"media": [PHOTO, PHOTO]}, "media", "Inputs: Give each file another name."),
        (
            {"choice": {"candidates": 2, "pick": 3}},
            "choice.pick",
            "Ask first: Pick at most 2 of 2.",
        ),
        ({"edits": [BACKWARDS]}, "edits.0.end", "Step 1: Set an end after the start."),
        ({"seconds": 601}, "seconds", "Length: At most 600."),
        ({"seconds": 0}, "seconds", "Length: More than 0."),
        ({"seconds": "long"}, "seconds", "Length: Set it again."),
        ({"aspect": "5:4"}, "aspect", "Format: Choose one that is offered."),
        ({"sound": {"spoken": LONG}}, "sound.spoken", "What it says: Up to 2,000 characters."),
        ({"scenes": [SHOT] * 21}, "scenes", "Shots: At most 20."),
        ({"edits": [{"type": "fly"}]}, "edits.0.type", "Step 1: Choose one that is offered."),
        ({"unheard": 1}, "unheard", "Reload this page: it's of another release."),
    ],
)
def test_a_person_reads_what_to_change_and_a_program_where(
    changes: dict[str, Any], path: str, sentence: str
) -> None:
    refusal = refusal_of(**changes)
    assert sentence in refusal.person
    assert path not in refusal.person or path.isalpha()
    assert [issue["path"] for issue in refusal.details["issues"]] == [path]
    assert f"{path}: {refusal.details['issues'][0]['message']}." in refusal.message


def test_what_is_no_plan_or_too_large_is_said_without_names_of_fields() -> None:
    with pytest.raises(InvalidBody) as refusal:
        plan_from_outside(["a fox"])
    assert refusal.value.person.startswith("These settings can't be drafted. Reload this page")
    options = [f"{number}" * 25 for number in range(10, 30)]
    large = refusal_of(open_texts=[{"name": "a", "options": options}] * 8)
    assert "8,192 bytes" in large.message
    assert large.person == "These settings can't be drafted. Remove some rows or options."


def test_controls_are_refused_in_the_same_way() -> None:
    with pytest.raises(InvalidBody) as refusal:
        controls_from_outside({"seconds": 900, "music": {"on": "yes"}, "replace": {"from": "a"}})
    assert refusal.value.person == (
        "This change can't be made. Length: At most 600. Music: Set it again."
        " Replace words: Set it again."
    )
    paths = [issue["path"] for issue in refusal.value.details["issues"]]
    assert paths == ["seconds", "music.on", "replace.to"]
