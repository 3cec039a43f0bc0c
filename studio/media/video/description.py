"""What was measured of a clip, said in sentences, and questions answered from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.media.text import words_of

MEASURED = "Measurements only. The built-in studio doesn't recognize objects, people or text."
Facts = Mapping[str, Any]
_MOST = 8  # times listed in a sentence


def described(facts: Facts) -> str:
    """Everything in a few sentences."""
    lines = [line(facts) for line in (_size, _cuts, _camera, _light, _colours, _sound)]
    lines += [line(facts) for line in (_black, _frozen) if line is not None]
    lines = [line for line in lines if not line.startswith("No ")]
    if "spoken" in facts:
        lines.append(_speech(facts))
    if "made_from" in facts:
        lines.append(_making(facts))
    return " ".join([*lines, MEASURED])


def answer(facts: Facts, question: str) -> str:
    """What the facts say about a question; all of them where it is about none."""
    asked = set(re.findall(r"[^\W_]+", question.lower()))
    lines = [line(facts) for topics, line in TOPICS if topics & asked]
    if not lines:
        return described(facts)
    return " ".join([*dict.fromkeys(lines), MEASURED])


def _size(facts: Facts) -> str:
    return (
        f"The video is {facts['duration_s']:.4g} s long at {facts['fps']:g} fps, "
        f"{facts['width']}×{facts['height']} pixels."
    )


def _cuts(facts: Facts) -> str:
    cuts = facts["cuts_s"]
    if not cuts:
        return "It is one shot, without a cut."
    lengths = [shot["end"] - shot["start"] for shot in facts["shots"]]
    return (
        f"It has {len(lengths)} shots, {min(lengths):.2f} to {max(lengths):.2f} s long; cuts at "
        f"{_times(cuts)}."
    )


def _camera(facts: Facts) -> str:
    shots = facts["shots"]
    words = [shot["camera"] for shot in shots]
    if len(shots) == 1:
        return f"The camera: {words[0]}. {_moving(shots)}"
    listed = [f"{shot['start']:.4g} s {word}" for shot, word in zip(shots, words, strict=True)]
    return f"The camera by shot: {_some(listed)}. {_moving(shots)}"


def _moving(shots: Sequence[Facts]) -> str:
    most = max((shot.get("moving", 0.0) for shot in shots), default=0.0)
    if most < 0.004:
        return "Nothing else moves much."
    return "Things in the video move a little." if most < 0.03 else "A lot moves in the video."


def _light(facts: Facts) -> str:
    light, curve = facts["brightness"], facts["brightness_over_time"]
    word = "dark" if light < 0.28 else "bright" if light > 0.62 else "of medium brightness"
    rise = (curve[-1] - curve[0]) if curve else 0.0
    change = (
        f"grows {'brighter' if rise > 0 else 'darker'} by {abs(rise):.0%}"
        if abs(rise) > 0.08
        else "stays even"
        if max(curve, default=0) - min(curve, default=0) < 0.12
        else "changes over time"
    )
    return f"It is {word} ({light:.0%}) and {change}."


def _colours(facts: Facts) -> str:
    named = [f"{swatch['name']} {swatch['share']:.0%}" for swatch in facts["palette"][:4]]
    return f"Its main colors are {', '.join(named)}." if named else "It has no color."


def _sound(facts: Facts) -> str:
    sound = facts["sound"]
    if sound is None:
        return "It has no audio."
    if sound["loudness_lufs"] is None:
        return "Its audio is silent."
    silences = sound["silences"]
    quiet = f" Silent {_spans(silences)}." if silences else ""
    return (
        f"Its loudness is {sound['loudness_lufs']:.1f} LUFS, with peaks at "
        f"{sound['peak_db']:.1f} dB, loudest at {sound['loudest_s']:.3g} s.{quiet}"
    )


def _black(facts: Facts) -> str:
    return f"Black {_spans(facts['black'])}." if facts["black"] else "No part of it is black."


def _frozen(facts: Facts) -> str:
    return f"Frozen {_spans(facts['frozen'])}." if facts["frozen"] else "No part of it is frozen."


def _speech(facts: Facts) -> str:
    if "spoken" not in facts:
        return "It can't tell what is said."
    return f"Its metadata gives what is said: “{facts['spoken'][:600]}”"


def _making(facts: Facts) -> str:
    made = facts.get("made_from")
    if not made:
        return "It can't tell what the video shows."
    return f"It was made from the prompt “{str(made['prompt'])[:300]}”."


def _times(times: Sequence[float]) -> str:
    return _some([f"{time:.4g} s" for time in times])


def _spans(spans: Sequence[Mapping[str, float]]) -> str:
    return _some([f"from {span['start']:.4g} to {span['end']:.4g} s" for span in spans])


def _some(items: Sequence[str]) -> str:
    more = len(items) - _MOST
    return ", ".join(items[:_MOST]) + (f" and {more} more" if more > 0 else "")


TOPICS: tuple[tuple[frozenset[str], Callable[[Facts], str]], ...] = (
    (words_of("cut cuts shot shots scene scenes edit edits splice spliced montage"), _cuts),
    (
        words_of(
            "long length lasts duration seconds minutes fps frames rate size resolution width "
            "height pixels format aspect"
        ),
        _size,
    ),
    (
        words_of(
            "camera move moves movement motion moving pan pans tilt zoom push fast slow static "
            "action dynamic shaky"
        ),
        _camera,
    ),
    (
        words_of("bright brightness dark light lighting exposure exposed brighter darker night"),
        _light,
    ),
    (words_of("colour colours color colors palette hue tone tones tint"), _colours),
    (
        words_of("sound audio loud loudness quiet silent silence volume music noise lufs hear"),
        _sound,
    ),
    (words_of("black blank fade fades"), _black),
    (words_of("frozen freeze freezes stuck stutter still stands"), _frozen),
    (
        words_of("say says said speak speaks spoken speech dialogue words voice transcript"),
        _speech,
    ),
    (words_of("show shows what who happens subject content see describe about"), _making),
)
