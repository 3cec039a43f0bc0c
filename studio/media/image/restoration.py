"""Restoring a photograph: what the words ask for, and the order in which damage is undone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.media.image import cleanup, tones
from studio.media.image.refining import STRENGTHS
from studio.media.raster import ByteArray, FloatArray, blur, smoothstep

_COLOURISE = re.compile(r"\b(?:colou?ri[sz]\w*|in (?:full |natural )?colou?r|add colou?rs?)\b")
_CANNOT = (
    (
        re.compile(r"\b(?:missing|torn|tear|tears|ripped|hole|holes|burnt|burned)\b"),
        "Scratches and specks were filled. Torn or missing parts can't be redrawn.",
    ),
    (
        re.compile(r"\b(?:unblur|deblur|out of focus|blurr?y|blurred)\b"),
        "The image was sharpened slightly. Detail lost to blur can't be restored.",
    ),
)


@dataclass(frozen=True, slots=True)
class Restoration:
    """What is wanted. strength: 1 as usual. thorough: whether noise is taken the slow way."""

    strength: float = 1.0
    thorough: bool = True
    scratches: bool = True
    noise: bool = True
    light: bool = True
    colours: bool = True
    sharpness: bool = True
    colourise: bool = False
    neutral: bool = False
    warnings: tuple[str, ...] = ()


def read_restoration(prompt: str, quality: str = "", index: int = 0) -> Restoration:
    """Everything is fixed unless the words say to leave it ("keep the grain")."""
    text = prompt.lower()
    kept = " ".join(
        re.findall(r"\b(?:keep|leave|preserve|don't touch|do not touch|without|no)\s+[^.,;]+", text)
    )
    return Restoration(
        strength=STRENGTHS[index % len(STRENGTHS)],
        thorough=quality != "fast",
        scratches=not re.search(r"scratch|dust|speck", kept) or "no scratch" in kept,
        noise=not re.search(r"\b(?:keep|leave|preserve)\b[^.,;]*(?:grain|noise)", text),
        light=not re.search(r"\b(?:keep|leave|preserve)\b[^.,;]*(?:fad|contrast|light)", text),
        colours=not re.search(r"\b(?:keep|leave|preserve)\b[^.,;]*(?:colou?r|sepia|ton)", text),
        sharpness=not re.search(r"sharp", kept),
        colourise=bool(_COLOURISE.search(text))
        and not re.search(r"\b(?:no|without) colou?r", text),
        neutral=bool(
            re.search(
                r"\b(?:remove|without|no|neutral\w*)\b[^.,;]*(?:yellow|sepia|cast|tint)", text
            )
        ),
        warnings=tuple(said for pattern, said in _CANNOT if pattern.search(text)),
    )


def restored(picture: ByteArray, wish: Restoration) -> tuple[ByteArray, dict[str, Any]]:
    """picture: (h, w, 3) uint8 RGB. Returns it fixed, and what was done."""
    mono = tones.is_monochrome(picture)
    done: list[str] = []
    damaged = 0.0
    if wish.scratches:
        mask = cleanup.damage(picture)
        damaged = float((mask > 0).mean())
        if damaged:
            picture = cleanup.filled(picture, mask)
            done.append("scratches and dust")
    if wish.noise:
        clean = _without_noise(picture, wish)
        if clean is not picture:
            done.append("noise")
        picture = clean
    if wish.light:
        picture = _unfaded(picture, wish, mono)
        done.append("fading")
    if wish.colours and not mono:
        picture = _true_colours(picture, wish)
        done.append("colour cast")
    if mono and wish.neutral:
        picture = tones.black_and_white(picture)
        done.append("tint")
    if mono and wish.colourise:
        picture = colourised(picture)
        done.append("toned in colours")
    if wish.sharpness:
        picture = cleanup.sharpened(picture, 0.65 * wish.strength)
        done.append("mild blur")
    return picture, {"mended": done, "damage": round(damaged, 4), "monochrome": mono}


def _without_noise(picture: ByteArray, wish: Restoration) -> ByteArray:
    """Less where skin is: a face without its grain looks like wax."""
    clean = cleanup.denoised(picture, min(1.3, wish.strength), thorough=wish.thorough)
    if clean is picture:
        return picture
    skin = blur(skin_of(picture), min(picture.shape[:2]) / 80)[..., None] * 0.35
    return np.asarray(clean + (picture.astype(np.float32) - clean) * skin + 0.5, np.uint8)


def skin_of(picture: ByteArray) -> FloatArray:
    """Where skin may be, (h, w) 0 or 1, by its place in chroma (Chai and Ngan 1999)."""
    ycc = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    found = cv2.inRange(ycc, (60, 135, 80), (250, 173, 128))
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return np.asarray(found / 255, np.float32)


def _unfaded(picture: ByteArray, wish: Restoration, mono: bool) -> ByteArray:
    """Blacks black and whites white again, the middle where eyes expect it."""
    amount = min(1.0, 0.9 * wish.strength)
    # A toned print keeps its tone: its channels are stretched together.
    opened = tones.stretched(picture, amount, by_channel=not mono and wish.colours)
    middle = float(np.median(cv2.cvtColor(opened, cv2.COLOR_RGB2GRAY)))
    opened = tones.exposed(opened, float(np.clip((112 - middle) / 120, -0.5, 0.5)) * amount)
    return cleanup.clarified(opened, 0.3 * amount)


def _true_colours(picture: ByteArray, wish: Restoration) -> ByteArray:
    picture = tones.balanced(picture, min(1.0, 0.7 * wish.strength))
    pale = tones.measured(picture)["saturation"]
    return tones.vibrant(picture, float(np.clip((70 - pale) / 70, 0, 0.7)) * wish.strength)


def colourised(picture: ByteArray) -> ByteArray:
    """A black-and-white picture toned by place and brightness: sky above, ground below."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    light = grey.astype(np.float32) / 255
    calm = blur(light, min(height, width) / 90)
    rows = np.broadcast_to(np.linspace(0, 1, height, dtype=np.float32)[:, None], grey.shape)
    detail = blur(np.abs(light - calm), min(height, width) / 40)
    sky = (
        smoothstep(0.5, 0.15, rows) * smoothstep(0.45, 0.65, calm) * smoothstep(0.05, 0.02, detail)
    )
    ground = smoothstep(0.55, 0.85, rows) * smoothstep(0.75, 0.45, calm)
    skin = (1 - sky) * smoothstep(0.42, 0.6, calm) * smoothstep(0.92, 0.75, calm)
    lab = np.dstack([light * 100, np.zeros_like(light), np.zeros_like(light)])
    for share, a, b in ((sky, -3, -20), (ground * (1 - skin), -8, 14), (skin, 10, 16)):
        lab[..., 1] += a * share
        lab[..., 2] += b * share
    shadows = smoothstep(0.4, 0.1, light)
    lab[..., 1] += 2 * shadows
    lab[..., 2] -= 5 * shadows
    rgb = cv2.cvtColor(np.asarray(lab, np.float32), cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(rgb * 255 + 0.5, 0, 255), np.uint8)
