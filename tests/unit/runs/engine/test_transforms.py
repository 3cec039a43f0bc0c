"""Cues and overlays, wherever a result keeps them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runs.engine.transforms import cues_of, overlays_of, srt_of

ONE = [{"start": 0.5, "end": 2.0, "text": "Hello"}]
SRT = "1\n00:00:00,500 --> 00:00:02,000\nHello\n"


@pytest.mark.parametrize(
    "result",
    [
        {"cues": ONE},
        {"subtitles": [{"start_s": 0.5, "end_s": 2.0, "caption": "Hello"}, {"text": "no times"}]},
        {"segments": [{"from": 0.5, "to": 2.0, "text": "Hello", "speaker": 1}]},
        {"srt": SRT},
        {"text": json.dumps(ONE)},
        {"answer": json.dumps({"cues": ONE})},
        {"text": SRT.replace("\n", "\r\n")},
    ],
)
def test_cues_are_found(result: dict[str, Any]) -> None:
    assert cues_of(result) == ONE
    assert srt_of(result).replace("\r\n", "\n") == SRT


@pytest.mark.parametrize(
    "result", [{}, {"cues": "x"}, {"cues": [1, None]}, {"text": "[" * 5000}, {"text": "words"}]
)
def test_where_there_are_none_there_are_none(result: dict[str, Any]) -> None:
    assert (cues_of(result), srt_of(result), overlays_of(result)) == ([], "", [])


def test_hours_and_milliseconds_are_written_out() -> None:
    text = srt_of({"cues": [{"start": 3661.25, "end": 3662, "text": "Late"}]})
    assert text == "1\n01:01:01,250 --> 01:01:02,000\nLate\n"


def test_overlays_are_found() -> None:
    known = [{"text": "Sale", "x": 1}]
    assert overlays_of({"overlays": known}) == known
    assert overlays_of({"text": json.dumps({"overlay_items": known})}) == known
    assert overlays_of({"text": json.dumps(known)}) == known
