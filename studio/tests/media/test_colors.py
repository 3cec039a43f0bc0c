"""Footage in other colors than BT.709: what phones and cameras record is converted, not relabeled.

The expected pixels are computed here from the standards, color by color.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest

from media.sandbox.poster import poster
from studio.clip_ends import frame as frame_of
from studio.jobs import add_subtitles, extract_metadata
from studio.media.video.reader import open_film
from studio.tests.support.films import (
    BT601,
    BT709,
    HLG,
    PQ,
    arguments,
    make_tagged_clip,
    no_report,
)

PATCHES = [
    (0.75, 0.75, 0.75),  # HLG's diffuse white
    (0.38, 0.38, 0.38),  # and its middle gray
    (0.58, 0.58, 0.58),  # PQ's diffuse white
    (1.0, 1.0, 1.0),
    (0.5, 0.4, 0.3),
    (0.2, 0.45, 0.7),
    (0.1, 0.6, 0.15),
]


def hlg_to_nits(signal: tuple[float, float, float]) -> list[float]:
    """ITU-R BT.2100-2, HLG on a display of 1,000 nits."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = [e * e / 3 if e <= 0.5 else (np.exp((e - c) / a) + b) / 12 for e in signal]
    luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]
    return [1000 * luminance**0.2 * e for e in scene]


M1, M2, C1, C2, C3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875


def pq_to_nits(signal: float) -> float:
    """SMPTE ST 2084."""
    power = signal ** (1 / M2)
    return 10000 * (max(power - C1, 0) / (C2 - C3 * power)) ** (1 / M1)


def nits_to_pq(nits: float) -> float:
    power = (nits / 10000) ** M1
    return ((C1 + C2 * power) / (1 + C3 * power)) ** M2


def rolled_off(nits: float, peak: float = 1000.0, white: float = 203.0) -> float:
    """ITU-R BT.2390-8, section 5.4.1."""
    e1 = min(nits_to_pq(nits) / nits_to_pq(peak), 1)
    most = nits_to_pq(white) / nits_to_pq(peak)
    ks = 1.5 * most - 0.5
    if e1 >= ks:
        t = (e1 - ks) / (1 - ks)
        e1 = (
            (2 * t**3 - 3 * t**2 + 1) * ks
            + (t**3 - 2 * t**2 + t) * (1 - ks)
            + (-2 * t**3 + 3 * t**2) * most
        )
    return pq_to_nits(e1 * nits_to_pq(peak))


def expected(nits: list[float]) -> np.ndarray:
    """8-bit BT.709 of light in BT.2020: 203 nits are white (ITU-R BT.2408, BT.2087, BT.1886)."""
    top = max(max(nits), 1e-6)
    light = np.array(nits) * rolled_off(top) / top / 203
    matrix = [
        [1.6605, -0.5876, -0.0728],
        [-0.1246, 1.1329, -0.0083],
        [-0.0182, -0.1006, 1.1187],
    ]
    shown = np.array(matrix) @ light
    gray = float(np.array([0.2126, 0.7152, 0.0722]) @ shown)
    share = 1.0
    for value in shown:
        if value > 1:
            share = min(share, (1 - gray) / (value - gray))
        if value < 0:
            share = min(share, gray / (gray - value))
    shown = np.clip(gray + (shown - gray) * share, 0, 1)
    return np.asarray(255 * shown ** (1 / 2.4))


def shown(frame: np.ndarray, count: int, side: int = 64) -> np.ndarray:
    """The color in the middle of each square."""
    middle = side // 2
    return np.array(
        [
            frame[middle - 8 : middle + 8, i * side + middle - 8 : i * side + middle + 8].mean(
                axis=(0, 1)
            )
            for i in range(count)
        ]
    )


@pytest.mark.parametrize(("tags", "name"), [(HLG, "HLG"), (PQ, "PQ")])
def test_hdr_footage_is_tone_mapped(tmp_path: Path, tags: Any, name: str) -> None:
    patches = PATCHES if name == "HLG" else [tuple(0.72 * v for v in p) for p in PATCHES]
    path = make_tagged_clip(tmp_path / "phone.mp4", patches, tags=tags)
    warnings: list[str] = []
    film = open_film(path, warnings)
    frames = list(film.frames())
    wanted = [
        expected(hlg_to_nits(p) if name == "HLG" else [pq_to_nits(v) for v in p]) for p in patches
    ]
    assert len(frames) == 3
    for frame in frames:
        assert np.abs(shown(frame, len(patches)) - wanted).max() < 3
    assert len(warnings) == 1
    assert f"HDR video ({name})" in warnings[0]


@pytest.mark.parametrize(
    ("tags", "full_range", "bits"),
    [(BT601, False, 8), (BT709, False, 8), (BT709, True, 8), (BT601, True, 8), (BT709, False, 10)],
)
def test_standard_footage_keeps_its_colors(
    tmp_path: Path, tags: Any, full_range: bool, bits: int
) -> None:
    path = make_tagged_clip(
        tmp_path / "clip.mp4", PATCHES, tags=tags, full_range=full_range, bits=bits
    )
    warnings: list[str] = []
    frame = next(open_film(path, warnings).frames())
    assert np.abs(shown(frame, len(PATCHES)) - np.array(PATCHES) * 255).max() < 3
    assert warnings == []


def test_wide_gamut_footage_is_converted(tmp_path: Path) -> None:
    path = make_tagged_clip(tmp_path / "clip.mp4", PATCHES, tags=(9, 1, 9))
    warnings: list[str] = []
    frame = next(open_film(path, warnings).frames())
    found = shown(frame, len(PATCHES))
    assert np.abs(found[0] - 0.75 * 255).max() < 3
    assert found[4][0] > 0.5 * 255 + 4  # the same orange needs more red in BT.709
    assert "BT.2020" in warnings[0]


def test_a_job_says_what_it_did_and_writes_bt709(tmp_path: Path) -> None:
    path = make_tagged_clip(tmp_path / "phone.mp4", PATCHES)
    cues = {"cues": [{"start": 0, "end": 0.05, "text": "Hi"}]}
    made = add_subtitles.run(
        arguments("add_subtitles", tmp_path, params=cues, video=path), no_report
    )
    assert any("HDR video (HLG)" in warning for warning in made["warnings"])
    written = open_film(made["files"][0]["path"])
    assert (written.colors.transfer, written.colors.primaries) == ("bt709", "bt709")
    wanted = expected(hlg_to_nits(PATCHES[0]))
    assert np.abs(shown(list(written.frames())[-1], 1) - wanted).max() < 5


def test_extract_metadata_names_the_colors(tmp_path: Path) -> None:
    path = make_tagged_clip(tmp_path / "phone.mp4", PATCHES, tags=PQ)
    values = extract_metadata.run(arguments("extract_metadata", tmp_path, video=path), no_report)
    assert values["values"]["metadata"]["video"]["color"] == {
        "hdr": "PQ",
        "transfer": "smpte2084",
        "primaries": "bt2020",
        "matrix": "bt2020nc",
        "range": "limited",
        "bit_depth": 10,
    }
    assert "HDR (PQ)" in values["values"]["message"]


@pytest.mark.parametrize("make", [poster, frame_of])
def test_stills_of_a_phone_clip_are_upright_and_tone_mapped(tmp_path: Path, make: Any) -> None:
    path = make_tagged_clip(tmp_path / "phone.mp4", PATCHES[:2], rotation=-90)
    target = tmp_path / "still"
    facts = make({"path": str(path), "target": str(target), "width": 400}, no_report)
    assert (facts["width"], facts["height"]) == (64, 128)
    with PIL.Image.open(target) as still:
        pixels = np.asarray(still.convert("RGB")).astype(float)
    assert np.abs(pixels[32, 32] - expected(hlg_to_nits(PATCHES[0]))).max() < 6
    assert np.abs(pixels[96, 32] - expected(hlg_to_nits(PATCHES[1]))).max() < 6


def test_the_test_clips_are_what_phones_write(tmp_path: Path) -> None:
    with av.open(str(make_tagged_clip(tmp_path / "phone.mp4", PATCHES))) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("hevc", "yuv420p10le")
        assert (context.color_trc, context.color_primaries, context.colorspace) == (18, 9, 9)
