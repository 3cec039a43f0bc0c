"""Phrases of a text are laid over the stretches in which a voice was heard."""

from __future__ import annotations

import itertools
import random

import pytest

from tools.declaration.subtitle_timing import LINE, cues_of, phrases

STORY = (
    "The lamp went out at nine. No one came down the stairs, and for a long while there was only"
    " the rain. Then a door opened!"
)


def test_a_sentence_begins_and_ends_with_the_voice() -> None:
    cues = cues_of("One two three. Four five six.", [(0.5, 1.5), (2.0, 3.0)], 3.5)
    assert cues == [
        {"start": 0.5, "end": 1.5, "text": "One two three."},
        {"start": 2.0, "end": 3.0, "text": "Four five six."},
    ]


def test_a_pause_near_the_end_of_a_sentence_is_taken_for_it() -> None:
    """The second sentence is spoken faster than its letters say."""
    cues = cues_of("One two three. Four five six.", [(0.0, 1.2), (1.6, 2.4)], 2.4)
    assert [cue["end"] for cue in cues] == [1.2, 2.4]
    assert cues[1]["start"] == 1.6


def test_without_a_voice_the_words_share_the_whole_length() -> None:
    cues = cues_of("One two three. Four five six.", [], 4.0)
    assert cues[0]["start"] == 0
    assert cues[-1]["end"] == 4.0


@pytest.mark.parametrize("text", ["", "   ", "…", "!?"])
def test_a_text_without_words_has_no_cues(text: str) -> None:
    assert cues_of(text, [(0, 1)], 1.0) == []


def test_phrases_fit_on_a_line_and_lose_no_word() -> None:
    lines = phrases(STORY)
    assert max(map(len, lines)) <= LINE
    assert " ".join(lines) == STORY
    assert "The lamp went out at nine." in lines
    assert all(len(line) <= LINE for line in phrases("雨" * 200))


@pytest.mark.parametrize("seed", range(40))
def test_cues_are_in_order_and_inside_the_sound(seed: int) -> None:
    dice = random.Random(seed)
    edges = sorted(dice.uniform(0, 30) for _ in range(2 * dice.randint(0, 6)))
    spoken = list(zip(edges[::2], edges[1::2], strict=True))
    text = " ".join(dice.choice(STORY.split()) for _ in range(dice.randint(1, 80)))
    cues = cues_of(text, spoken, 30.0)
    assert cues
    times = [time for cue in cues for time in (cue["start"], cue["end"])]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= 30.0
    assert all(one["end"] <= other["start"] for one, other in itertools.pairwise(cues))
