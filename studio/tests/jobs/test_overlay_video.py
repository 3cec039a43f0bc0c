"""overlay_video: each overlay at its place, for its time, and nothing elsewhere."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediakit.errors import Refused
from studio.jobs.overlay_video import run
from studio.tests.support.films import (
    all_frames,
    arguments,
    difference,
    make_clip,
    no_report,
    picture,
)
from studio.tests.support.measures import sound_of

BLUE, RED = (40, 90, 140), (150, 60, 40)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=24, colour=BLUE)


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    """A magenta disc on nothing."""
    y, x = np.mgrid[0:80, 0:80] - 39.5
    disc = np.zeros((80, 80, 4), np.uint8)
    disc[..., :3] = (255, 0, 255)
    disc[..., 3] = np.where(np.hypot(x, y) < 38, 255, 0)
    Image.fromarray(disc).save(tmp_path / "logo.png")
    return tmp_path / "logo.png"


def overlay(out: Path, clip: Path, *overlays: dict, **media: object) -> dict:
    call = arguments("overlay_video", out, params={"overlays": list(overlays)}, video=clip, **media)
    return run(call, no_report)


def image(**fields: object) -> dict:
    hard = {"entrance": "none", "sourceImageIndex": 0}
    return {"kind": "image", "position": "top-right", **hard, **fields}


def text(words: str, **fields: object) -> dict:
    return {"kind": "text", "position": "center", "entrance": "none", "text": words, **fields}


def changed(frame: np.ndarray, number: int, by: int = 24) -> np.ndarray:
    """Where a picture differs clearly from the clip's."""
    return np.abs(frame.astype(int) - picture(number, BLUE)).max(axis=2) > by


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is true."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def test_is_there_for_its_time_and_nowhere_else(tmp_path: Path, clip: Path, logo: Path) -> None:
    asked = image(widthPct=15, startSeconds=0.25, endSeconds=0.75)
    result = overlay(tmp_path, clip, asked, image=logo)
    file = result["files"][0]
    frames = all_frames(file["path"])
    assert (len(frames), file["duration_s"], result["warnings"]) == (24, 1.0, [])
    for number, frame in enumerate(frames):
        mask = changed(frame, number)
        if 6 <= number < 18:
            # 48 pixels wide, 7 inward from the corner; compression smears by a few.
            found = np.array(box_of(mask & (frame[..., 0] > 180) & (frame[..., 1] < 60)))
            assert np.abs(found - (265, 7, 313, 55)).max() <= 4
            mask[:62, 258:] = False
            assert mask.mean() < 0.005
        else:
            assert difference(frame, picture(number, BLUE)) < 5
            assert mask.mean() < 0.005


@pytest.mark.parametrize(
    ("position", "middle"),
    [
        ("top-left", (31, 31)),
        ("top-center", (160, 31)),
        ("center", (160, 90)),
        ("bottom-left", (31, 149)),
        ("bottom-right", (289, 149)),
    ],
)
def test_stands_at_its_place(
    tmp_path: Path, clip: Path, logo: Path, position: str, middle: tuple[int, int]
) -> None:
    frames = all_frames(
        overlay(tmp_path, clip, image(position=position), image=logo)["files"][0]["path"]
    )
    left, top, right, bottom = box_of(frames[12][..., 1] < 50)
    assert np.abs(np.array([(left + right) / 2, (top + bottom) / 2]) - middle).max() <= 3


def test_offsets_are_pixels_inward_and_percentages_the_middle(
    tmp_path: Path, clip: Path, logo: Path
) -> None:
    asked = [
        image(position="bottom-right", offsetX=40, offsetY=20, widthPct=10),
        image(position="top-left", xPct=25, yPct=75, widthPct=10),
    ]
    frame = all_frames(overlay(tmp_path, clip, *asked, image=logo)["files"][0]["path"])[12]
    mask = frame[..., 1] < 50
    assert np.abs(np.array(box_of(mask[:, 200:])) - (48, 128, 80, 160)).max() <= 3
    left, top, right, bottom = box_of(mask[:, :150])
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((80, 135), abs=3)


def test_opacity_lets_the_clip_through(tmp_path: Path, clip: Path, logo: Path) -> None:
    shown = [
        all_frames(
            overlay(tmp_path, clip, image(position="center", opacity=share), image=logo)["files"][
                0
            ]["path"]
        )[12][90, 160].astype(float)
        for share in (1.0, 0.5)
    ]
    under = picture(12, BLUE)[90, 160].astype(float)
    assert np.abs(shown[1] - (shown[0] + under) / 2).max() < 12


def test_cover_fills_the_frame(tmp_path: Path, clip: Path) -> None:
    Image.new("RGB", (50, 80), (255, 0, 255)).save(tmp_path / "tall.png")
    asked = image(position="center", fit="cover")
    frames = all_frames(
        overlay(tmp_path, clip, asked, image=tmp_path / "tall.png")["files"][0]["path"]
    )
    assert difference(frames[12], np.full_like(frames[12], 255) * [1, 0, 1]) < 6


def test_words_are_set_in_lines_that_fit(tmp_path: Path, clip: Path) -> None:
    asked = text("A long title that cannot possibly stand on one line", fontSizePct=12)
    frame = all_frames(overlay(tmp_path, clip, asked)["files"][0]["path"])[12]
    left, top, right, bottom = box_of(frame.min(axis=2) > 235)
    assert left >= 6
    assert right <= 314
    assert bottom - top > 2 * 0.12 * 180
    # White words with a black edge.
    assert frame[top:bottom, left:right].min() < 20


def test_weight_colour_and_box_are_seen(tmp_path: Path, clip: Path) -> None:
    covered = {}
    for weight in ("normal", "bold"):
        asked = text("Weight", color="#ff00ff", fontSizePct=20, fontWeight=weight)
        frame = all_frames(overlay(tmp_path, clip, asked)["files"][0]["path"])[12]
        covered[weight] = int(((frame[..., 0] > 200) & (frame[..., 1] < 90)).sum())
    assert covered["bold"] > 1.15 * covered["normal"] > 100
    asked = text("Box", position="bottom-left", backgroundColor="#00ff00", color="black")
    frame = all_frames(overlay(tmp_path, clip, asked)["files"][0]["path"])[12]
    left, _, _, bottom = box_of((frame[..., 1] > 200) & (frame[..., 0] < 90))
    assert (left, bottom) == (pytest.approx(7, abs=2), pytest.approx(173, abs=2))


def test_later_ones_lie_on_top(tmp_path: Path, clip: Path, logo: Path) -> None:
    Image.new("RGB", (40, 40), (0, 255, 0)).save(tmp_path / "green.png")
    both = [image(position="center"), image(position="center", sourceImageIndex=1, widthPct=6)]
    frame = all_frames(
        overlay(tmp_path, clip, *both, image=[logo, tmp_path / "green.png"])["files"][0]["path"]
    )[12]
    assert frame[90, 160, 1] > 200
    assert frame[90, 142, 0] > 200


def test_pictures_without_a_number_are_taken_in_turn(tmp_path: Path, clip: Path) -> None:
    for name, colour in (("a", (255, 0, 255)), ("b", (0, 255, 0))):
        Image.new("RGB", (40, 40), colour).save(tmp_path / f"{name}.png")
    asked = [image(position=place, sourceImageIndex=None) for place in ("top-left", "top-right")]
    frame = all_frames(
        overlay(tmp_path, clip, *asked, image=[tmp_path / "a.png", tmp_path / "b.png"])["files"][0][
            "path"
        ]
    )[12]
    assert frame[30, 30, 0] > 200
    assert frame[30, 290, 1] > 200


def test_comes_and_goes_little_by_little(tmp_path: Path, clip: Path, logo: Path) -> None:
    asked = image(entrance="fade", fadeSeconds=0.25, startSeconds=0.125, endSeconds=0.875)
    frames = all_frames(overlay(tmp_path, clip, asked, image=logo)["files"][0]["path"])
    shown = [
        float(np.abs(frame[7:55, 265:313].astype(int) - picture(n, BLUE)[7:55, 265:313]).mean())
        for n, frame in enumerate(frames)
    ]
    assert max(shown[:3] + shown[21:]) < 6
    assert min(shown[10:14]) > 60
    assert all(a < b + 1 for a, b in pairwise(shown[2:10]))
    assert all(b < a + 1 for a, b in pairwise(shown[14:22]))


@pytest.mark.parametrize("entrance", ["rise", "slide", "pop"])
def test_entrances_end_at_the_place(tmp_path: Path, clip: Path, logo: Path, entrance: str) -> None:
    asked = image(entrance=entrance, fadeSeconds=0.4)
    frames = all_frames(overlay(tmp_path, clip, asked, image=logo)["files"][0]["path"])
    assert np.abs(np.array(box_of(frames[14][..., 1] < 50)) - (265, 7, 313, 55)).max() <= 4
    early = np.abs(frames[2].astype(int) - frames[14])[7:55, 265:313].mean()
    assert early > 15


def test_a_clip_laid_over_plays_in_time(tmp_path: Path, clip: Path) -> None:
    other = make_clip(tmp_path / "other.mp4", frames=12, colour=RED, hertz=880)
    asked = image(overlayVideoIndex=0, widthPct=50, startSeconds=0.25, volume=1, shadow=True)
    file = overlay(tmp_path, clip, asked, clips=other)["files"][0]
    frames = all_frames(file["path"])
    assert len(frames) == 24

    def square(number: int) -> int:
        inset = frames[number][15:90, 160:305]
        return int(np.flatnonzero((inset.min(axis=2) > 190).sum(axis=0) > 8)[0])

    # Half the size, so its square moves a pixel a picture; it ends and stands.
    assert square(16) - square(6) == pytest.approx(10, abs=1)
    assert square(23) == pytest.approx(square(17), abs=1)
    assert difference(frames[5], picture(5, BLUE)) < 5
    sound = sound_of(file["path"])
    spectrum = np.abs(np.fft.rfft(sound[:, 14400:33600].mean(axis=0)))
    own, added = (spectrum[round(hertz * 0.4)] for hertz in (440, 880))
    assert 0.5 < own / added < 2
    before = np.abs(np.fft.rfft(sound[:, 1200:10800].mean(axis=0)))
    assert before[round(880 * 0.2)] < 0.02 * before[round(440 * 0.2)]


def test_a_green_screen_is_taken_out(tmp_path: Path, clip: Path) -> None:
    screen = np.full((90, 160, 3), (20, 200, 40), np.uint8)
    screen[:, 80:] = np.clip(screen[:, 80:] * 0.7, 0, 255)
    screen[30:60, 60:100] = (230, 60, 200)
    Image.fromarray(screen).save(tmp_path / "screen.png")
    asked = image(position="center", widthPct=50, keyColor="#14c828")
    frame = all_frames(
        overlay(tmp_path, clip, asked, image=tmp_path / "screen.png")["files"][0]["path"]
    )[4]
    assert difference(frame[50:70, 85:235], picture(4, BLUE)[50:70, 85:235]) < 6
    assert frame[90, 160, 0] > 200


@pytest.mark.parametrize(
    ("shape", "corner"), [("circle", True), ("rounded", True), ("none", False)]
)
def test_shapes_cut_the_corners(tmp_path: Path, clip: Path, shape: str, corner: bool) -> None:
    Image.new("RGB", (60, 60), (255, 0, 255)).save(tmp_path / "square.png")
    asked = image(position="center", widthPct=25, shape=shape)
    frame = all_frames(
        overlay(tmp_path, clip, asked, image=tmp_path / "square.png")["files"][0]["path"]
    )[20]
    assert frame[90, 160, 0] > 220
    seen = np.abs(frame[50:52, 120:122].astype(int) - picture(20, BLUE)[50:52, 120:122]).mean()
    assert bool(seen < 80) is corner


def test_the_sound_stays(tmp_path: Path, clip: Path) -> None:
    before, after = (
        sound_of(clip),
        sound_of(overlay(tmp_path, clip, text("Hi"))["files"][0]["path"]),
    )
    inner = slice(2400, 45600)
    assert np.corrcoef(before[0, inner], after[0, inner])[0, 1] > 0.999
    assert np.std(after[0, inner]) == pytest.approx(np.std(before[0, inner]), rel=0.03)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (text(" "), r"overlays\[0\].text"),
        (image(sourceImageIndex=3), r"overlays\[0\].sourceImageIndex is 3"),
        (text("x", startSeconds=0.5, endSeconds=0.2), r"overlays\[0\].endSeconds"),
    ],
)
def test_says_which_overlay_cannot_be(
    tmp_path: Path, clip: Path, logo: Path, asked: dict, told: str
) -> None:
    with pytest.raises(Refused, match=told):
        overlay(tmp_path, clip, asked, image=logo)


def test_warns_of_what_is_never_seen(tmp_path: Path, clip: Path) -> None:
    result = overlay(tmp_path, clip, text("late", startSeconds=5), text("\u0378 Привет, fox"))
    told = " ".join(result["warnings"])
    assert "overlays[0] starts after the end of the video" in told
    assert "can't be shown: \u0378." in told


def test_needs_a_clip(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add a video"):
        run(arguments("overlay_video", tmp_path, params={"overlays": [text("x")]}), no_report)


@pytest.mark.parametrize("name", ["alpha-vp9.webm", "alpha-prores.mov", "alpha-png.mov"])
def test_what_is_transparent_in_a_clip_shows_the_video(
    tmp_path: Path, clip: Path, name: str
) -> None:
    """A red square in the middle of 320 × 240, nothing round it."""
    item = {"kind": "video", "position": "center", "widthPct": 50, "entrance": "none"}
    over = Path(__file__).parents[3] / "tests" / "fixtures" / "odd_media" / name
    done = overlay(tmp_path, clip, {**item, "overlayVideoIndex": 0}, clips=[over])
    frame = all_frames(tmp_path / "overlaid.mp4")[8]
    height, width = frame.shape[:2]
    middle = frame[height // 2, width // 2].astype(int)
    assert middle[0] > middle[1] + 60, (middle, done)
    # Inside of the clip's box, and outside of its square.
    left, top = width // 2 - width // 5, height // 2 - height // 8
    assert np.abs(frame[top, left].astype(int) - picture(8, BLUE)[top, left]).max() < 24
