"""What holds for the reading of any text, however odd."""

from __future__ import annotations

import re
import time
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compose.brief.read import LONGEST_TEXT, MOST_SCENES, read_brief
from core.language.cleaning import clean
from templates_app.graph.bindings import find_refs
from tests.support.builders.briefs import briefs
from tests.support.examples import examples

_PARTS = sorted(
    {
        part
        for group in ("planned", "more")
        for row in briefs(group)
        for part in row["brief"].split()
    }
)
_ODD = [
    "$inputs.x.url",
    "$artifacts.a.items[0]",
    "{a|b}",
    "{x}",
    "[y]",
    "<b>",
    "\u202e",
    "\x00",
    "²",
]
_ODD += [
    "\n- ",
    "\n1. ",
    "→",
    "“",
    "”",
    '"',
    "1:30",
    "9:16",
    "0-3s:",
    "½",
    "🐈",
    "\ud800",
    "。",
    "؟",
]
_TEXTS = st.lists(st.sampled_from(_PARTS + _ODD * 4) | st.text(max_size=12), max_size=40).map(
    " ".join
)
# Texts that cost much where a reader goes back and forth over them.
_HOSTILE = {
    "one letter": "a" * 20_000,
    "spaces": " " * 20_000,
    "numbers": "1 " * 10_000,
    "digits": "9" * 20_000,
    "quotes": '"' * 20_000,
    "opening quotes": "“a " * 6_600,
    "braces": "{a " * 6_600,
    "tags": "<a " * 6_600,
    "lines": "- a\n" * 5_000,
    "numbered lines": "1. a\n" * 4_000,
    "then": "then a " * 2_800,
    "shots of": "shot of a, " * 1_800,
    "my photo": "my photo, " * 2_000,
    "same in": "same a in b, c and d " * 950,
    "for each": "for each of a, b, " * 1_100,
    "ask me": "ask me before the last " * 850,
    "let me choose": "let me choose two of four " * 760,
    "lengths": "from 0:10 to 0:20 each 5 seconds " * 600,
    "music": "with very soft calm piano music " * 620,
    "styles": "in watercolor, black and white " * 640,
    "scene labels": "scene 1: a " * 1_800,
    "narrator": 'narrator says: "a" ' * 1_050,
    "cards": "title card, three shots, " * 800,
    "credits": "at most 40 credits " * 1_050,
    "addresses": "https://a.b/c " * 1_400,
    "impossible": "translate " * 2_000,
    "requests": "my clip join " * 1_500,
    "frames": "a template as a template " * 800,
    "arrows": "a -> b > " * 2_200,
    "colons": "a: " * 6_600,
    "products": "teaser for a shop video " * 830,
    "hyphens": "a-" * 10_000,
    "script": "夜の東京。" * 4_000,
}


@settings(max_examples=examples(50), derandomize=True, deadline=None)
@given(_TEXTS)
@example("0 s")
@example("three shots of 0 seconds each")
def test_any_text_is_read_into_a_sound_brief(text: str) -> None:
    brief = read_brief(text)
    assert brief == read_brief(text)
    assert len(brief.scenes) <= MOST_SCENES
    assert brief.scenes or brief.kind in ("song", "clip_edit", "photo_edit")
    for said in _texts(brief):
        assert len(said) <= LONGEST_TEXT
        said.encode()
        assert list(find_refs(said)) == []
    for scene in brief.scenes:
        assert scene.text.strip()
        assert len(scene.text) <= 700
        assert "\n" not in scene.text
        assert scene.media in {"", *(one.name for one in brief.media)}
        assert scene.seconds is None or scene.seconds > 0
    assert brief.seconds is None or brief.seconds > 0
    names = [one.name for one in (*brief.media, *brief.open_texts)]
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,60}", name) for name in names)
    assert len(set(names)) == len(names)
    if brief.choice:
        assert 1 <= brief.choice.pick < brief.choice.candidates <= 12


@settings(max_examples=examples(25), derandomize=True, deadline=None)
@given(_TEXTS)
def test_spaces_make_no_difference(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert read_brief(f"  {text}\t ") == read_brief(text)


@pytest.mark.parametrize("text", _HOSTILE.values(), ids=_HOSTILE)
def test_a_long_text_is_read_in_linear_time(text: str) -> None:
    """Twice the text takes about twice as long; a quadratic reader takes four times as long."""
    # Whatever else the machine does can double one figure; one of two is enough.
    for _ in range(2):
        long = _took(text)
        if long < 1.2 or long < 8 * (short := _took(text[: len(text) // 4])):
            return
    pytest.fail(f"{long} s, and {short} s for a quarter of it")


def _took(text: str) -> float:
    start = time.process_time()
    read_brief(text)
    return time.process_time() - start


def test_a_brief_of_more_shots_than_a_draft_has_keeps_the_number() -> None:
    brief = read_brief("A walk through the old town, 40 shots")
    assert (len(brief.scenes), brief.scene_count) == (MOST_SCENES, 40)
    assert brief.notes == ("The brief asks for 40 shots. A draft has at most 12.",)


def test_an_empty_brief_asks_what_it_is_about() -> None:
    brief = read_brief(" \n ")
    assert [text.name for text in brief.open_texts] == ["subject"]
    assert brief.scenes[0].text == "{subject}"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("$inputs.secret.url on a lake", "inputs.secret.url on a lake"),
        ("$$artifacts.a", "artifacts.a"),
        ("A bike for $40", "A bike for $40"),
        ("a \u202eboat\u202c\x00", "a boat"),
        ("<p onclick=x()>A hill</p>", "A hill"),
        ("a\r\n\r\n\r\nb", "a\nb"),
    ],
)
def test_a_text_is_cleaned_of_what_is_no_word(text: str, kept: str) -> None:
    assert clean(text) == kept


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in _texts(one)]
    if hasattr(value, "__dataclass_fields__"):
        return [text for one in fields(value) for text in _texts(getattr(value, one.name))]
    return []
