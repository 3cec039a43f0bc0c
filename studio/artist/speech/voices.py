"""Who speaks and how: the studio's voices, and what a description makes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

# How fast ordinary speech is, in words a minute, by language; eSpeak NG counts a character of
# Chinese as a word of its own and needs no other figure.
USUAL_RATE = 158


@dataclass(frozen=True, slots=True)
class Voice:
    """variant: a voice file of eSpeak NG: formants, breath and roughness. pitch, range: 0 to 100,
    50 is the variant's own. rate: 1 is usual. bright: treble in dB, above 0 sharper, below warmer.
    pause: length of the pauses between sentences, 1 is usual."""

    variant: str
    pitch: float = 50.0
    rate: float = 1.0
    range: float = 50.0
    bright: float = 0.0
    pause: float = 1.0


VOICES: Mapping[str, Voice] = {
    "serena": Voice("f2", pitch=46, rate=0.96, range=52, bright=-1.5),
    "vivian": Voice("linda", pitch=48, rate=1.06, range=64, bright=1.5),
    "uncle_fu": Voice("m8", pitch=44, rate=0.88, range=42, bright=-2.5, pause=1.2),
    "ryan": Voice("m3", pitch=50, rate=1.06, range=66, bright=1.0),
    "aiden": Voice("m7", pitch=58, rate=1.0, range=54, bright=0.5),
    "ono_anna": Voice("f5", pitch=66, rate=1.04, range=70, bright=2.0),
    "sohee": Voice("f4", pitch=44, rate=0.92, range=60, bright=-1.0),
    "eric": Voice("Reed", pitch=60, rate=1.08, range=58, bright=0.5),
    "dylan": Voice("m5", pitch=68, rate=1.02, range=48, bright=1.0),
}
MAN, WOMAN = Voice("m3"), Voice("f2")

# What words make of a voice: sums of (pitch, range, bright), factors of (rate, pause).
_MANNERS: tuple[tuple[str, tuple[float, float, float], tuple[float, float]], ...] = (
    ("slow slowly unhurried measured deliberate drawl", (0, 0, 0), (0.78, 1.5)),
    ("fast quick quickly rapid rapidly hurried rushed brisk", (0, 0, 0), (1.28, 0.6)),
    ("calm relaxed soothing peaceful meditative serene hypnotic", (-4, -14, -2), (0.86, 1.35)),
    ("deep low bass baritone gravelly gruff booming", (-18, 0, -2), (0.96, 1.0)),
    ("high squeaky shrill tiny falsetto", (20, 0, 2), (1.0, 1.0)),
    ("old elderly aged ancient grandfather grandmother wise", (-7, 6, -1.5), (0.82, 1.25)),
    ("child kid girl boy little toddler childlike", (24, 14, 2), (1.03, 1.0)),
    ("young youthful teenage teen", (9, 6, 1), (1.05, 0.9)),
    ("excited enthusiastic energetic ecstatic lively hyped", (9, 34, 1.5), (1.14, 0.7)),
    ("happy cheerful joyful playful bubbly sunny upbeat", (7, 24, 1), (1.06, 0.85)),
    ("sad sorrowful melancholy tearful mournful grieving", (-7, -24, -2), (0.82, 1.4)),
    ("angry furious stern aggressive shouting shout yelling", (6, 26, 3), (1.1, 0.7)),
    ("monotone monotonous flat deadpan emotionless bored", (0, -48, 0), (0.97, 1.0)),
    ("dramatic expressive theatrical epic trailer", (-5, 32, 0), (0.9, 1.4)),
    ("nervous anxious frightened scared trembling", (10, 22, 1), (1.16, 0.8)),
    ("soft softly gentle gently tender quiet quietly intimate", (-1, -8, -3), (0.92, 1.1)),
    ("warm friendly kind mellow velvety smooth", (-2, 4, -2), (0.97, 1.0)),
    ("bright clear crisp sharp loud loudly", (2, 4, 2.5), (1.0, 1.0)),
    ("serious authoritative newsreader news confident formal", (-5, -6, 0.5), (0.98, 1.0)),
    ("narrator storyteller storytelling documentary audiobook", (-2, 10, -1), (0.92, 1.25)),
)  # fmt: skip
# Words that change who speaks.
_SPEAKERS: Mapping[str, str] = {
    "whisper whispers whispering whispered hushed breathy": "whisper",
    "robot robotic android machine synthetic computer": "robosoft3",
    "hoarse raspy husky croaky rough": "croak",
}
_MALE_WORDS = "man male boy gentleman guy father grandfather king sir masculine he his"
_FEMALE_WORDS = "woman female girl lady mother grandmother queen madam feminine she her"
_MALE, _FEMALE = frozenset(_MALE_WORDS.split()), frozenset(_FEMALE_WORDS.split())


def described(voice: Voice, description: str, *, anew: bool = False) -> tuple[Voice, bool]:
    """The voice as a description wants it, and whether any of the words meant something.

    again: the description also says who speaks; otherwise only how.
    """
    text = re.sub(
        r"\b(?:not|never|without|no|isn't|nothing)\s+(?:too\s+|so\s+|very\s+)?\w+",
        " ",
        description.lower(),
    )
    words = set(re.findall(r"[a-z]+", text))
    known = False
    if anew and words & (_MALE | _FEMALE):
        voice = WOMAN if words & _FEMALE else MAN
        known = True
    # The nature of a voice belongs to the one who speaks, a whisper to the way of speaking.
    for names, variant in _SPEAKERS.items():
        if words & set(names.split()):
            female = voice.variant.startswith("f") or voice.variant == "linda"
            chosen = "whisperf" if variant == "whisper" and female else variant
            raised = 14 if female and chosen == "croak" else 0
            voice = replace(voice, variant=chosen, pitch=voice.pitch + raised)
            known = True
            break
    for names, (pitch, width, bright), (rate, pause) in _MANNERS:
        if not words & set(names.split()):
            continue
        known = True
        # "Very" and "extremely" go half as far again.
        more = (
            1.5
            if re.search(rf"\b(very|extremely|really)\s+({'|'.join(names.split())})\b", text)
            else 1
        )
        voice = replace(
            voice,
            pitch=voice.pitch + more * pitch,
            range=voice.range + more * width,
            bright=voice.bright + more * bright,
            rate=voice.rate * rate**more,
            pause=voice.pause * pause**more,
        )
    return voice, known
