"""Which improvement the words ask for, and making it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from studio.media.image import cleanup, tones
from studio.media.raster import ByteArray, blur

# Word beginnings of each goal. In the order they are carried out: clean first, sharpen last.
_GOALS: Mapping[str, str] = {
    "denoise": r"nois|grain|clean|artifact|artefact|speckle|compression|smooth",
    "dehaze": r"haze|hazy|dehaze|mist|fog|murk",
    "balance": r"white.?balance|neutral|colou?r.?cast|cast\b|colou?r.?correct|natural.?colou?r|"
    r"true.?colou?r|tint",
    "warmer": r"warm|golden|cosy|cozy",
    "cooler": r"cool|colder|cold\b",
    "brighter": r"bright|light(?!ing)|lift|expos|luminous|shadow|relight|well.?lit",
    "darker": r"dark|moody|dim\b|lower.?key|overexposed|too.?bright",
    "soft contrast": r"less.?contrast|lower.?contrast|reduce.?contrast|softer.?contrast|"
    r"flatter|gentler|harsh",
    "contrast": r"contrast|punch|pop\b|dramatic|depth|dynamic|hdr|tonal|lighting",
    "muted": r"muted|desaturat|less.?saturat|less.?colou?r|subdued|pale",
    "colour": r"colou?r(?!.?(?:cast|correct))|vivid|vibran|saturat|rich|lively",
    "clarity": r"clar|texture|detail|crisp|definition|micro|quality|hd\b|4k|8k|realis|enhance|"
    r"improve|better|professional|polish|refine|photoreal",
    "soften": r"soften|softer|skin|dream|glow|gentle",
    "sharpen": r"sharp|crisp|focus|blur|detail|edge|definition|hd\b|4k|8k|quality|realis|enhance|"
    r"improve|better|professional|polish|refine",
}
_OPPOSITES = (
    ("brighter", "darker"),
    ("warmer", "cooler"),
    ("contrast", "soft contrast"),
    ("colour", "muted"),
    ("soften", "sharpen"),
)
_GENERAL: Mapping[str, float] = {
    "denoise": 0.7,
    "balance": 0.4,
    "contrast": 0.35,
    "clarity": 0.5,
    "sharpen": 0.5,
}
_WEAK = re.compile(
    r"\b(?:slight\w*|subtl\w*|a (?:little|bit|touch)|gentl[ey]|mild\w*|soft(?:ly)?)\b"
)
_STRONG = re.compile(
    r"\b(?:much|very|strong\w*|a lot|heav\w+|dramatic\w*|extreme\w*|really|far|significant\w*)\b"
)
# A variation is the same wish at another strength: the work itself leaves nothing to chance.
STRENGTHS = (1.0, 0.65, 1.35, 0.45, 1.6, 0.8, 1.2, 0.3, 1.8, 0.55, 1.45, 0.9, 1.1, 0.38, 1.7, 0.72)


@dataclass(frozen=True, slots=True)
class Refinement:
    """goals: strength by name, about 0 to 2, in the order of the work."""

    goals: tuple[tuple[str, float], ...]
    warnings: tuple[str, ...] = ()


def read_refinement(prompt: str, index: int = 0) -> Refinement:
    """What to improve. Words that name nothing give a bit of everything, and a warning."""
    text = _without_refusals(prompt.lower())
    force = strength_of(text) * STRENGTHS[index % len(STRENGTHS)]
    found = {name: 1.0 for name, pattern in _GOALS.items() if re.search(rf"\b(?:{pattern})", text)}
    if "soft contrast" in found:
        found.pop("contrast", None)
    if re.search(r"overexposed|too bright", text):
        found.pop("brighter", None)
    if re.search(r"too dark|underexposed", text):
        found.pop("darker", None)
        found["brighter"] = 1.0
    if re.search(r"\b(?:less|reduce|remove|no|without)\s+(?:\w+\s+)?sharp", text):
        found.pop("sharpen", None)
    warnings: list[str] = []
    for first, second in _OPPOSITES:
        if first in found and second in found and first != "soften":
            found.pop(second)
            warnings.append(f"“{first}” and “{second}” contradict each other, so {first} was used.")
    if not found:
        warnings.append(
            "No known improvement in the prompt, so the image was gently cleaned, "
            "balanced and sharpened. Try: light, contrast, color, white balance, "
            "noise, haze, clarity, softness, sharpness."
        )
        found = dict(_GENERAL)
    elif set(found) <= {"clarity", "sharpen"} and re.search(
        r"qualit|enhance|improve|better|profession|polish|refine|realis", text
    ):
        found = dict(_GENERAL)
    goals = tuple((name, round(found[name] * force, 3)) for name in _GOALS if name in found)
    return Refinement(goals, tuple(warnings))


def refined(picture: ByteArray, refinement: Refinement) -> ByteArray:
    """picture: (h, w, 3) uint8 RGB; the same size comes back."""
    for name, amount in refinement.goals:
        picture = _WORK[name](picture, amount)
    return picture


def strength_of(text: str) -> float:
    """How strongly: "slightly" 0.5, "much" 1.5, else 1."""
    if _WEAK.search(text):
        return 0.5
    return 1.5 if _STRONG.search(text) else 1.0


def _without_refusals(text: str) -> str:
    """ "Do not change the colors" asks for no colors; "remove noise" asks for the noise goal."""
    return re.sub(
        r"\b(?:do not|don't|dont|never|without|keep|preserve|maintain)\s+(?:[\w-]+\s*){1,5}",
        " ",
        text,
    )


def _denoise(picture: ByteArray, amount: float) -> ByteArray:
    return cleanup.denoised(picture, max(0.5, amount))


def _soften(picture: ByteArray, amount: float) -> ByteArray:
    """Edges stay, texture goes, and light spills a little."""
    smooth = cv2.bilateralFilter(picture, 7, 40, 5)
    glow = blur(smooth, min(picture.shape[:2]) / 60)
    soft = cv2.addWeighted(smooth, 0.78, np.asarray(glow, np.uint8), 0.22, 0)
    share = min(1.0, 0.75 * amount)
    return np.asarray(cv2.addWeighted(picture, 1 - share, soft, share, 0), np.uint8)


def _balance(picture: ByteArray, amount: float) -> ByteArray:
    return tones.balanced(tones.stretched(picture, 0.35 * min(1.0, amount)), min(1.0, amount))


def _contrast(picture: ByteArray, amount: float) -> ByteArray:
    opened = tones.stretched(picture, min(1.0, 0.6 * amount), by_channel=False)
    return tones.contrasted(opened, 0.7 * amount)


_WORK: Mapping[str, Callable[[ByteArray, float], ByteArray]] = {
    "denoise": _denoise,
    "dehaze": lambda picture, amount: cleanup.dehazed(picture, min(1.0, 0.8 * amount)),
    "balance": _balance,
    "warmer": lambda picture, amount: tones.warmed(picture, 0.5 * amount),
    "cooler": lambda picture, amount: tones.warmed(picture, -0.5 * amount),
    "brighter": lambda picture, amount: tones.exposed(picture, 0.5 * amount),
    "darker": lambda picture, amount: tones.exposed(picture, -0.5 * amount),
    "soft contrast": lambda picture, amount: tones.contrasted(picture, -0.45 * amount),
    "contrast": _contrast,
    "muted": lambda picture, amount: tones.saturated(picture, -0.45 * amount),
    "colour": lambda picture, amount: tones.vibrant(tones.saturated(picture, 0.12), 0.7 * amount),
    "clarity": lambda picture, amount: cleanup.clarified(picture, 0.7 * amount),
    "soften": _soften,
    "sharpen": lambda picture, amount: cleanup.sharpened(picture, 0.9 * amount),
}
