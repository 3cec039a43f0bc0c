"""Subtitles as data: what people's files hold, and what a film can show."""

from __future__ import annotations

import pytest

from studio.media.video.cues import Cue, as_srt, in_order, moved, of_meta, read_list, read_text

PLAIN = "1\n00:00:01,000 --> 00:00:02,500\nOne\nmore\n\n2\n00:01:00,250 --> 01:00:00,000\nTwo\n"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace(",", "."),
        PLAIN.replace("1\n00", "00").replace("2\n00", "00"),
        PLAIN.replace("\n\n", "\n"),
        PLAIN.replace("\n\n", "\n \n\n\n"),
        PLAIN.replace("One", "<i>One</i>").replace("Two", "{\\an8}<font color='#f00'>Two</font>"),
        "WEBVTT\n\nNOTE a\nnote\n\n" + PLAIN.replace(",", ".").replace("2.500", "2.500 line:0"),
        PLAIN.replace("00:00:01,000", "0:00:01,0").replace(" --> ", "-->"),
    ],
)
def test_reads_what_players_read(text: str) -> None:
    cues, bad = read_text(text)
    assert cues == [Cue(1.0, 2.5, "One\nmore"), Cue(60.25, 3600.0, "Two")]
    assert bad == 0


def test_counts_times_it_cannot_read() -> None:
    cues, bad = read_text("1\nsoon --> later\nNever\n\n" + PLAIN)
    assert ([cue.text for cue in cues], bad) == (["One\nmore", "Two"], 1)
    assert read_text("nothing at all") == ([], 0)


def test_a_number_alone_is_a_line_when_it_stands_in_one() -> None:
    cues, _ = read_text(
        "1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo"
    )
    assert [cue.text for cue in cues] == ["42", "Two"]


def test_reads_lists_in_either_spelling() -> None:
    items = [
        {"startSeconds": 1, "endSeconds": "2", "text": " a <b>b</b> &amp; c "},
        {"start": 3, "end": 4, "text": "d"},
        {"start": 5, "text": "no end"},
        {"start": 5, "end": 6, "text": "  "},
        "nonsense",
    ]
    assert read_list(items) == ([Cue(1, 2, "a b & c"), Cue(3, 4, "d")], 3)


def test_writes_what_it_reads() -> None:
    cues = [Cue(0.25, 1.999, "One\nmore"), Cue(3661.5, 3662, "Two")]
    assert read_text(as_srt(cues)) == (cues, 0)


def test_shows_one_cue_at_a_time() -> None:
    shown, told = in_order([Cue(1, 3, "b"), Cue(0, 2, "a"), Cue(2.5, 9, "c")], 5)
    assert shown == [
        Cue(0, 1, "a"),
        Cue(1, 2, "a\nb"),
        Cue(2, 2.5, "b"),
        Cue(2.5, 3, "b\nc"),
        Cue(3, 5, "c"),
    ]
    assert len(told) == 2


def test_a_cue_that_cannot_be_shown_is_skipped_with_a_warning() -> None:
    shown, warnings = in_order([Cue(0, 1, "a"), Cue(3, 2, "backwards"), Cue(5, 6, "late")], 5)
    assert shown == [Cue(0, 1, "a")]
    assert warnings == [
        "1 line was skipped: the end must be after the start.",
        "1 line was skipped: the video ends at 5 s.",
    ]


def test_cues_move_with_the_sound_they_belong_to() -> None:
    cues = [Cue(0, 1, "a"), Cue(1, 2, "b"), Cue(2, 3, "c")]
    assert moved(cues, 10, 10.5, 12) == [Cue(10.5, 11, "a"), Cue(11, 12, "b")]
    assert of_meta({"text": "all of it"}, 4) == [Cue(0, 4, "all of it")]
    assert of_meta({}, 4) == []
