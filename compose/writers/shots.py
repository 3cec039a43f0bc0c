"""What moves in a shot and how it fills its frame, by its length and shape. Pure."""

from __future__ import annotations

import re

from compose.writers.subjects import Subject
from compose.writers.wording import capital, folded

_RATIO = re.compile(r"\s*(\d{1,5}(?:\.\d+)?)\s*[:x×/]\s*(\d{1,5}(?:\.\d+)?)\s*")

# Up to these lengths, in seconds, one movement or two are enough.
ONE_BEAT_S = 4.0
TWO_BEATS_S = 9.0

_ACTION = re.compile(
    r"\b\w{3,}ing\b|\b(?:walks?|runs?|turns?|looks?|jumps?|flies|fly|falls?|rises?|opens?|closes?|"
    r"moves?|drives?|swims?|dances?|sings?|speaks?|says|smiles?|cries|laughs?|throws?|catches|"
    r"spins?|rotates?|rolls?|leaves|arrives?|enters?|mends?|pours?|lifts?|takes?|puts?|grows?|"
    r"burns?|explodes?|melts?|appears?|disappears?|transforms?|becomes|floats?|drifts?|climbs?|"
    r"sits?|stands?|wakes?|comes|goes|finds|meets|loses|waits?|sleeps?|eats?|drinks?|plays?|rides?|sails?|lauft|rennt|reitet|sitzt|steht|spielt|singt|kommt|schaut|offnet|zieht|weht|wacht|dreht|springt|"
    r"fliegt|fallt|geht|tanzt|schwimmt|fahrt|marche|court|tourne|saute|vole|danse|nage|camina|"
    r"corre|gira|salta|vuela|baila|nada)\b"
)
# Endings in -ing that name no action.
_NO_ACTION = re.compile(
    r"\b(?:morning|evening|king|ring|spring|string|thing|nothing|something|everything|building|"
    r"ceiling|wedding|painting|lighting|clothing|during|sibling|pudding|wing|living|amazing|"
    r"interesting|stunning|charming)\b"
)


def has_action(text: str) -> bool:
    """Whether the words say that something happens."""
    return bool(_ACTION.search(_NO_ACTION.sub("", folded(text))))


def has_finite_verb(text: str) -> bool:
    """Whether it is a clause, such as `a dragon wakes`, rather than a name for a thing."""
    return bool(_FINITE.search(folded(text)))


_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|can|will|must|who|that|wakes?|walks|runs|turns|"
    r"looks|jumps|flies|falls|rises|opens|closes|moves|drives|swims|dances|sings|speaks|says|smiles|"
    r"throws|catches|leaves|arrives|enters|mends|pours|lifts|takes|puts|grows|appears|becomes|finds|"
    r"comes|goes|meets|loses|learns|makes|sees|gets|gives|wins|loves|helps|tells|shows|works|brings|"
    r"begins|starts|ends|stops|saves|builds|discovers|returns|follows|escapes|fights|tries|wants|we|"
    r"i|you|they|he|she)\b"
)


def shape_of(aspect_ratio: str) -> float | None:
    """Width by height of `16:9` or `1080x1350`; None for anything else."""
    found = _RATIO.fullmatch(aspect_ratio)
    if found is None or not float(found[2]) or not float(found[1]):
        return None
    return float(found[1]) / float(found[2])


def composition_of(aspect_ratio: str, subject: Subject) -> str:
    """How the subject fills a frame of this shape."""
    shape = shape_of(aspect_ratio)
    if shape is None:
        return subject.composition
    if shape < 0.7:
        return "tall vertical composition, subject on the center line with room above"
    if shape < 0.95:
        return "upright composition, subject slightly above the middle"
    if shape <= 1.05:
        return "balanced square composition, subject centered"
    if shape < 1.5:
        return f"classic composition, {subject.composition}"
    if shape < 2:
        return f"wide composition, {subject.composition}"
    return "very wide cinematic composition, subject off center with the place on both sides"


def motion_of(text: str, seconds: float | None, subject: Subject) -> list[str]:
    """What moves, as sentences: as many movements as fit the length, in seconds.

    Words that tell an action keep it as the main movement; the others get one.
    """
    low, main, last = subject.motions
    acts = has_action(text)
    length = seconds or 5.0
    follow = subject.follow
    beside = f"Meanwhile {follow}" if follow else "It happens in one continuous movement"
    if length <= ONE_BEAT_S:
        return [f"One continuous movement: {main}"] if not acts else [beside]
    if length <= TWO_BEATS_S:
        return [beside] if acts else [f"First {low}, then {main}"]
    if acts:
        beats = [
            f"the action begins while {follow}" if follow else "the action begins",
            "it goes on at an even pace",
            "it comes to a natural end and holds",
        ]
    else:
        beats = [low, main, last]
    third = length / 3
    ends = [0.0, round(third), round(2 * third), length]
    return [
        f"{_clock(start)}–{_clock(end)} s: {capital(beat)}"
        for beat, start, end in zip(beats, ends, ends[1:], strict=False)
    ]


def _clock(seconds: float) -> str:
    return f"{round(seconds, 1):g}"
