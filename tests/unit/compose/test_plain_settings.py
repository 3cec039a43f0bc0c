"""What the plain settings of a brief are read as, and that its words stay whole.

The reading of any text is a sound plan, and has no word that nobody wrote.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compose.plain_settings import PlainReading, read_plain, shots_of
from compose.plan import contradictions_in
from core.language.cleaning import clean
from tests.support.examples import examples
from tests.unit.compose.written_briefs import OPENINGS, SETTINGS, SUBJECTS

_TABLE: Mapping[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).resolve().parents[2] / "fixtures" / "plain_briefs.json").read_text("utf-8")
)
# What a row of the table leaves out.
_PRESETS: dict[str, Any] = {
    "kind": "film",
    "lengths": None,
    "seconds": 15,
    "aspect": "16:9",
    "style": "",
    "music": True,
    "music_words": "",
    "speech": False,
    "voice_words": "",
    "spoken": "",
    "subtitles": False,
    "approves": False,
    "choice": None,
    "uses": None,
    "media": [],
    "inputs": [],
    "edits": [],
    "notes": "",
}


def facts(reading: PlainReading) -> dict[str, Any]:
    """A reading in the terms of the table. rows: a number where all have the same words."""
    plan = reading.plan
    values = {**dict(plan), **dict(plan.sound)}
    texts = [shot.text for shot in plan.scenes]
    lengths = [shot.seconds for shot in plan.scenes]
    uses = [shot.uses for shot in plan.scenes]
    return {
        **{name: values[name] for name in _PRESETS.keys() & values.keys()},
        "shows": plan.shows,
        "rows": len(texts) if {*texts} <= {plan.shows} else texts,
        "lengths": lengths if any(lengths) else None,
        "approves": plan.approves_images,
        "choice": plan.choice and [plan.choice.candidates, plan.choice.pick],
        "uses": uses if any(uses) else None,
        "media": [[file.name, file.kind, file.count] for file in plan.media],
        "inputs": [one.name for one in plan.open_texts],
        "edits": [[edit.type, edit.words] for edit in plan.edits],
        "set": " ".join(reading.from_words),
        "notes": " ".join(sorted(reading.notes)),
    }


@pytest.mark.parametrize(
    "row", [row for rows in _TABLE.values() for row in rows], ids=lambda row: row["brief"][:40]
)
def test_a_brief_sets_what_it_writes_plainly_and_no_more(row: dict[str, Any]) -> None:
    want = {**_PRESETS, **{name: value for name, value in row.items() if name != "brief"}}
    reading = read_plain(row["brief"])
    found = facts(reading)
    assert {name: value for name, value in found.items() if value != want[name]} == {}
    assert list(contradictions_in(reading.plan)) == []


@pytest.mark.parametrize(
    ("brief", "field", "note"),
    [
        ("A cat, vertical, 1:1", "aspect", "You wrote “vertical” and “1:1”. The last one counts."),
        ("A cat, 5 s, 9 s", "seconds", "You wrote “5 s” and “9 s”. The last one counts."),
        ("A cat, 0 s", "seconds", "You wrote “0 s”. The nearest possible is 1."),
        ("A cat, 99 clips", "scenes", "You wrote “99 clips”. The nearest possible is 20."),
        ("A cat, no music, soft harp", "sound.music", "You wrote “no music” and “soft harp”. The"),
        (
            "A cat, choose 5 from 3",
            "choice",
            "You wrote “choose 5 from 3”. The nearest possible is 3",
        ),
        ("- a cat\n- a dog\n5 shots", "scenes", "You wrote 5 shots and 2 rows. The rows count."),
        ("A cat, subtitles", "sound.subtitles", "Subtitles show what a voice says."),
        (
            "Upscale my photo, put it on the moon",
            "shows",
            "Nothing under What to do with it uses “put",
        ),
        ("A vertical song about rain", "kind", "You wrote “vertical”. A song has no format."),
        ("Create a vertical voice-over of rain", "kind", "You wrote “vertical”. A voice has no"),
        (" ".join(f"[p{place}]" for place in range(9)), "open_texts", "Only the first 8"),
    ],
)
def test_what_can_not_be_set_as_written_has_a_note(brief: str, field: str, note: str) -> None:
    notes = read_plain(brief).notes
    assert list(notes) == [field]
    assert notes[field].startswith(note)


def test_a_voice_speaks_the_language_of_the_browser_where_it_can() -> None:
    assert read_plain("A cat", language="de-AT").plan.language == "de"
    assert read_plain("A cat", language="is").plan.language == "en"
    french = read_plain("A cat, French narrator", language="de")
    assert (french.plan.language, french.from_words) == ("fr", ("language", "sound.speech"))


def test_rows_of_the_same_words_have_different_framings_but_of_a_design_and_one_alone() -> None:
    assert [shot.framing for shot in shots_of("A cat", 1)] == [""]
    design = read_plain("4 variations of a logo for a surf school").plan
    assert [shot.framing for shot in design.scenes] == [""] * 4
    assert (design.kind, design.style) == ("image", "logo")
    framings = [shot.framing for shot in shots_of("A cat", 5)]
    assert framings == ["wide shot", "close-up", "low angle", "medium shot", "overhead view"]
    many = shots_of("A cat", 20)
    assert {shot.text for shot in many} == {"A cat"}
    assert all(one.framing != next_.framing for one, next_ in pairwise(many))


@pytest.mark.parametrize("brief", ["15 s, vertical", "Piano", "no music", "Storyboard:", "!?"])
def test_words_that_are_all_that_is_written_are_shown(brief: str) -> None:
    reading = read_plain(brief)
    assert reading.plan.shows == brief
    assert reading.from_words == ()


@pytest.mark.parametrize("end", [". ", "。", " ", ""])
def test_a_long_brief_is_cut_at_ends_of_sentences_and_nothing_is_lost(end: str) -> None:
    sentences = [f"word{number}" + "x" * 90 for number in range(150)]
    brief = end.join(sentences)
    plan = read_plain(brief).plan
    texts = [shot.text for shot in plan.scenes]
    assert max(map(len, texts)) <= 2_000
    assert len(texts) <= 20
    assert "".join("".join(texts).split()) == "".join(brief.split())
    if end.strip():
        assert all(text.endswith(end.strip()) for text in texts[:-1])


@pytest.mark.parametrize("length", [10, 700])
def test_a_list_of_more_rows_than_a_film_has_keeps_all_its_words(length: int) -> None:
    rows = [f"row{number} " + "x" * length for number in range(28)]
    plan = read_plain("\n".join(f"- {row}" for row in rows)).plan
    assert len(plan.scenes) <= 20
    assert re.findall(r"row\d+", " ".join(shot.text for shot in plan.scenes)) == [
        row.split()[0] for row in rows
    ]
    assert all(len(shot.text) <= 2_000 for shot in plan.scenes)


# Texts over which a reader that goes back and forth takes long.
_HOSTILE = (
    *("a", " ", "9", '"', "“a ", "{a ", "(", ",", "a b: ", "İ", "- a, 4 s\n", "1. a 2. a "),
    *("shot 1: a, 4 s ", "15 s, ", "{a} [b] <c> ", "my photo, my clip, ", "animate my photo and "),
    *("restyle it as a and ", "turn my photo into a film and ", "soft ", "three ", "word ", "ab-"),
    *("with soft music and soft piano music ", 'a calm voice says "a" ', "夜の東京。"),
    *("make a vertical 15 s film of ", "each scene 4 seconds each "),
)


@pytest.mark.slow
@pytest.mark.parametrize("piece", _HOSTILE)
def test_a_long_text_takes_calls_in_proportion_to_its_length(piece: str) -> None:
    """The patterns are tried one by one in tests/unit/core/test_patterns.py."""
    long = (piece * 20_000)[:20_000]
    short = long[:5_000]
    assert calls_of(long) < 6 * calls_of(short) + 20_000


def calls_of(text: str) -> int:
    """How many functions reading it calls, Python's own among them."""
    count = 0

    def step(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        read_plain(text)
    finally:
        sys.setprofile(before)
    return count


_PIECES = (
    *(part for forms in SETTINGS.values() for part in forms),
    *OPENINGS,
    *SUBJECTS,
    *("my photo", "animate my clip", "turn a selfie into a hero", "crop it to 1:1", "and", "with"),
    *("{name}", "[city]", "<x>", "{a|b}", "$inputs.x.url", "“hi there”", '"', "«oui»", "voice:"),
    *("\n- ", "\n2. ", "1. ", "scene 1: ", "(", ")", ":", ".", ",", "、", "–", "-", "’", "=>"),
    *("\ud800", "\x00", "\u202e", "İ", "ſ", "K", "²", "٣ shots", "0 s", "999999 s", "15 ſ", "🐈"),
)
_TEXTS = st.lists(st.sampled_from(_PIECES) | st.text(max_size=10), max_size=25).map(" ".join)


@settings(max_examples=examples(200), derandomize=True, deadline=None)
@given(_TEXTS)
@example("a song: a song, soft piano")
@example("1. a 1. a")
def test_any_text_is_read_into_a_sound_plan_that_makes_no_word_up(text: str) -> None:
    reading = read_plain(text)
    plan = reading.plan
    assert reading == read_plain(text)
    assert read_plain(f"  {text}\t ") == reading
    assert plan.shows or not clean(text) or plan.edits or plan.sound.spoken
    if plan.shows or plan.is_own_file or plan.kind == "audio":
        assert list(contradictions_in(plan)) == []
    if plan.kind in ("song", "audio"):
        assert plan.scenes == []
    sound = plan.sound
    # The words of a song or a voice are shown beside it, too.
    shown = [] if plan.kind in ("song", "audio") else [plan.shows]
    texts = [*shown, sound.music_words, sound.voice_words, sound.spoken, plan.style]
    texts += [edit.words for edit in plan.edits]
    assert words_of(" ".join(texts)) <= words_of(clean(text))


def words_of(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@pytest.mark.parametrize("made", ["An image of", "A song about"])
def test_sound_that_a_kind_has_not_is_kept_to_be_seen(made: str) -> None:
    reading = read_plain(f"{made} a harbor, subtitles")
    assert (reading.plan.shows, reading.plan.sound.subtitles) == ("a harbor", True)
    assert (reading.from_words, reading.notes) == (("kind", "sound.subtitles"), {})
