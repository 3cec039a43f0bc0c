"""analyze_video: what was put into a made clip is read back from it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.analyze_video import run
from studio.media.audio.samples import silence
from studio.media.video.writer import VideoWriter
from studio.tests.support.films import HEIGHT, WIDTH, arguments, make_clip, no_report, picture, tone
from studio.tests.support.measures import ebu_lufs, sound_of

BLUE, RED = (40, 90, 140), (150, 60, 40)


def analyze(clip: Path, question: str = "", meta: dict | None = None) -> dict:
    call = arguments("analyze_video", clip.parent, params={"prompt": question}, video=clip)
    call["media"]["video"][0]["meta"] = meta or {}
    return run(call, no_report)["values"]


def written(path: Path, frames: list[np.ndarray], sound: np.ndarray | None = None) -> Path:
    with VideoWriter(path, WIDTH, HEIGHT, 24, audio=sound) as writer:
        for frame in frames:
            writer.add(frame)
    return path


def noise(seed: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Soft spots, for a camera to move over."""
    rng = np.random.default_rng(seed)
    spots = cv2.GaussianBlur(rng.random((height, width, 3)), (0, 0), 5)
    return (255 * (spots - spots.min()) / np.ptp(spots)).astype(np.uint8)


def test_finds_every_splice_exactly(tmp_path: Path) -> None:
    frames = [
        *(picture(n, BLUE) for n in range(17)),
        *(picture(n, RED) for n in range(23)),
        *(picture(n, (90, 140, 60)) for n in range(31)),
    ]
    values = analyze(written(tmp_path / "spliced.mp4", frames))
    assert values["analysis"]["cuts_s"] == [round(17 / 24, 3), round(40 / 24, 3)]
    assert "3 shots" in values["message"]


def test_a_flash_and_a_fade_are_no_cuts(tmp_path: Path) -> None:
    frames = [picture(n, BLUE) for n in range(48)]
    frames[20] = np.full_like(frames[20], 255)
    for n in range(30, 42):
        done = (n - 29) / 13
        frames[n] = cv2.addWeighted(frames[n], 1 - done, picture(n, RED), done, 0)
    frames[42:] = [picture(n, RED) for n in range(42, 48)]
    assert analyze(written(tmp_path / "flash.mp4", frames))["analysis"]["cuts_s"] == []


@pytest.mark.parametrize(
    ("word", "step", "zoom"),
    [
        ("pan right", (3, 0), 1.0),
        ("pan left", (-3, 0), 1.0),
        ("tilt down", (0, 3), 1.0),
        ("tilt up", (0, -3), 1.0),
        ("push in", (0, 0), 1.008),
        ("pull out", (0, 0), 1 / 1.008),
        ("static", (0, 0), 1.0),
    ],
)
def test_names_the_camera_move(
    tmp_path: Path, word: str, step: tuple[int, int], zoom: float
) -> None:
    whole = noise(3, 900, 700)
    frames = []
    for n in range(24):
        scale = 1.3 * zoom**n
        centre = (450 + (n - 12) * step[0], 350 + (n - 12) * step[1])
        matrix = np.array(
            [
                [scale, 0, WIDTH / 2 - scale * centre[0]],
                [0, scale, HEIGHT / 2 - scale * centre[1]],
            ]
        )
        frames.append(cv2.warpAffine(whole, matrix, (WIDTH, HEIGHT)))
    shot = analyze(written(tmp_path / "move.mp4", frames))["analysis"]["shots"][0]
    assert shot["camera"] == word
    # In picture widths a second.
    assert shot["pan"] == pytest.approx(1.3 * 24 * step[0] / WIDTH, abs=0.05)
    assert shot["zoom"] == pytest.approx(zoom**24, abs=0.04)


def test_measures_light_colour_black_and_frozen_stretches(tmp_path: Path) -> None:
    frames = [
        *([np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 12),
        *(picture(n, RED) for n in range(24)),
        *([picture(24, RED)] * 18),
    ]
    facts = analyze(written(tmp_path / "stretches.mp4", frames))["analysis"]
    (black,), (frozen,) = facts["black"], facts["frozen"]
    assert (black["start"], black["end"]) == (0, 0.5)
    assert frozen["start"] == pytest.approx(1.5, abs=0.1)
    assert frozen["end"] == 2.25
    curve = facts["brightness_over_time"]
    assert curve[0] < 0.02
    light = cv2.cvtColor(picture(24, RED), cv2.COLOR_RGB2GRAY).mean() / 255
    assert curve[-1] == pytest.approx(light, abs=0.03)
    assert {"brown", "dark red", "red"} & {swatch["name"] for swatch in facts["palette"]}


def test_measures_the_sound(tmp_path: Path) -> None:
    sound = np.concatenate([tone(1), silence(36000), tone(1.25, level=0.4)], axis=1)
    clip = written(tmp_path / "heard.mp4", [picture(n, BLUE) for n in range(72)], sound)
    facts = analyze(clip)["analysis"]["sound"]
    assert facts["loudness_lufs"] == pytest.approx(ebu_lufs(sound_of(clip)), abs=0.5)
    assert facts["peak_db"] == pytest.approx(-8, abs=0.5)
    (pause,) = facts["silences"]
    assert (pause["start"], pause["end"]) == (
        pytest.approx(1, abs=0.1),
        pytest.approx(1.75, abs=0.1),
    )
    assert facts["loudest_s"] > 1.75


def test_answers_what_is_asked_and_claims_no_understanding(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", hertz=None)
    cuts = analyze(clip, "How many cuts does it have?")
    assert "without a cut" in cuts["message"]
    assert "Measurements only" in cuts["message"]
    assert cuts["question"] == "How many cuts does it have?"
    sound = analyze(clip, "Is it loud?")["message"]
    assert "no audio" in sound
    assert "cut" not in sound
    assert "can't tell" in analyze(clip, "Who is that?")["message"]
    made = {"prompt": "a fox", "text": "Good morning"}
    assert "a fox" in analyze(clip, "What does it show?", made)["message"]
    assert "Good morning" in analyze(clip, "What is said?", made)["message"]


def test_one_picture_is_a_clip_too(tmp_path: Path) -> None:
    facts = analyze(make_clip(tmp_path / "one.mp4", frames=1, hertz=None))["analysis"]
    assert (facts["frames"], facts["cuts_s"], facts["sound"]) == (1, [], None)


def test_needs_a_clip(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add a video"):
        run(arguments("analyze_video", tmp_path), no_report)
