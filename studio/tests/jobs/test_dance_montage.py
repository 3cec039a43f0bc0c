"""dance_montage: each dance its own steps and tempo, cut on the beat, danced by who is asked."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.artist.dance.dances import DANCES
from studio.artist.dance.moves import STANDING
from studio.jobs.dance_montage import run
from studio.media.audio.tempo import hear_tempo
from studio.media.image.writer import save_image
from studio.media.video.reader import open_film
from studio.tests.support.films import all_frames, arguments, difference, no_report
from studio.tests.support.measures import ebu_lufs, sound_of

NEAR_S = 0.06


def dance(out: Path, name: str = "chanel", seconds: float = 4, **more: object) -> dict:
    out.mkdir(exist_ok=True)
    media = {"image": more.pop("image")} if "image" in more else {}
    seed = more.pop("seed", 7)
    params = {"dance": name, "duration": 8, **more}
    call = arguments("dance_montage", out, params=params, **media)
    call["studio"]["duration_s"] = seconds
    return run({**call, "seed": seed}, no_report)


def cuts_in(path: str) -> list[float]:
    """When the colors of the picture change at once, in seconds."""
    counts = []
    for frame in open_film(path).frames():
        hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
        # Hue and saturation alone: light swells on every beat. Softly, for so does the colour.
        count = cv2.calcHist([hsv], [0, 1], None, [16, 6], [0, 180, 0, 256])
        counts.append(cv2.GaussianBlur(count / count.sum(), (0, 0), 0.7))
    changes = [float(np.abs(b - a).sum()) for a, b in pairwise(counts)]
    return [(index + 1) / 24 for index, change in enumerate(changes) if change > 0.4]


@pytest.mark.parametrize("name", ["chanel", "spongebob"])
def test_cuts_fall_on_beats(tmp_path: Path, name: str) -> None:
    file = dance(tmp_path, name, 6)["files"][0]
    found = cuts_in(file["path"])
    assert len(found) >= 2
    assert found == pytest.approx(file["meta"]["cuts"], abs=0.002)
    # By the tempo it names, and by what is heard in its sound track.
    step = 60 / file["meta"]["bpm"]
    assert max(abs(cut / step - round(cut / step)) * step for cut in found) < NEAR_S
    tempo = hear_tempo(sound_of(file["path"]))
    assert tempo is not None
    assert max(np.abs(np.array(tempo.beats) - cut).min() for cut in found) < NEAR_S


@pytest.mark.slow
def test_every_dance_is_planned_on_its_beats(tmp_path: Path) -> None:
    for name, choreography in DANCES.items():
        step = 60 / choreography.bpm
        meta = dance(tmp_path, name, 1.0)["files"][0]["meta"]
        assert np.diff(meta["beats"]) == pytest.approx(step, abs=0.002)
        assert choreography.beats * step >= 8
        assert sum(beats for _, beats in choreography.steps) == choreography.beats


def test_a_single_clip_is_not_cut(tmp_path: Path) -> None:
    file = dance(tmp_path, "chanel", 5, singleClip=True)["files"][0]
    assert cuts_in(file["path"]) == []
    assert file["meta"]["cuts"] == []
    # It moves with the beat all the same: most where a beat begins.
    frames = all_frames(file["path"])
    light = np.diff([float(frame.mean()) for frame in frames])
    beats = [round(beat * 24) for beat in file["meta"]["beats"] if 0.2 < beat < 4.8]
    on = [max(light[max(0, beat - 2) : beat + 2]) for beat in beats]
    assert np.median(on) > 3 * max(0.01, float(np.median(np.abs(light))))


def test_each_dance_has_its_own_tempo_and_steps() -> None:
    assert len({choreography.bpm for choreography in DANCES.values()}) == len(DANCES)
    paths = {
        name: np.array([[p.x, p.y, p.lhy, p.rhy, p.lfy, p.rfy] for p in _postures(choreography)])
        for name, choreography in DANCES.items()
    }
    names = list(paths)
    for index, first in enumerate(names):
        assert np.ptp(paths[first], axis=0).max() > 0.15
        for second in names[index + 1 :]:
            assert np.abs(paths[first] - paths[second]).mean() > 0.02


def _postures(choreography: object) -> list:
    return [choreography.posture(beat / 4) for beat in range(96)]  # type: ignore[attr-defined]


def test_nobody_leaves_the_floor_or_jumps_between_steps() -> None:
    for choreography in DANCES.values():
        postures = [choreography.posture(beat / 24) for beat in range(24 * choreography.beats)]
        for before, after in pairwise(postures):
            assert abs(after.x - before.x) < 0.09
            assert abs(after.y - before.y) < 0.09
        assert min(min(p.lfy, p.rfy) for p in postures) >= STANDING.lfy
        assert max(p.lift for p in postures) < 0.12


def test_lasts_as_long_as_asked_or_as_the_dance(tmp_path: Path) -> None:
    call = arguments("dance_montage", tmp_path, params={"dance": "big-guy", "duration": 8})
    file = run(call, no_report)["files"][0]
    opened = open_film(file["path"])
    assert opened.frame_count() == 8 * 24
    assert (opened.width, opened.height, file["fps"]) == (320, 180, 24)
    assert ebu_lufs(sound_of(file["path"])) == pytest.approx(-16, abs=1)
    tempo = hear_tempo(sound_of(file["path"]))
    assert tempo is not None
    assert min(abs(tempo.bpm / 98 - ratio) for ratio in (1, 2, 0.5)) < 0.02
    assert (file["meta"]["draft"], file["meta"]["provider"]) == (True, "studio")


def person_in_a_field(path: Path) -> np.ndarray:
    """Someone in a red shirt before a green wall."""
    picture = np.zeros((360, 270, 3), np.uint8)
    picture[:] = (70, 130, 80)
    cv2.circle(picture, (135, 90), 30, (225, 180, 150), -1)
    cv2.ellipse(picture, (135, 180), (46, 66), 0, 0, 360, (210, 30, 40), -1)
    for x in (115, 155):
        cv2.rectangle(picture, (x - 13, 230), (x + 13, 335), (40, 40, 70), -1)
    save_image(picture, path, {})
    return picture


def red_of(frame: np.ndarray) -> tuple[float, float]:
    """How much of it is the shirt's red, and where, 0 left to 1 right."""
    wide = frame.astype(int)
    red = (
        (wide[..., 0] > 90) & (wide[..., 0] > 2 * wide[..., 1]) & (wide[..., 0] > 2 * wide[..., 2])
    )
    columns = np.flatnonzero(red.any(axis=0))
    middle = float(np.average(np.arange(frame.shape[1]), weights=red.sum(axis=0) + 1e-9))
    return float(red.mean()), middle / frame.shape[1] if columns.size else 0.5


def test_the_person_in_the_picture_dances(tmp_path: Path) -> None:
    person_in_a_field(tmp_path / "her.png")
    result = dance(tmp_path, "big-guy", 4, image=tmp_path / "her.png", singleClip=True)
    assert not [warning for warning in result["warnings"] if "The image is" not in warning]
    frames = all_frames(result["files"][0]["path"])
    shares, places = zip(*(red_of(frame) for frame in frames[::4]), strict=True)
    assert min(shares) > 0.02
    assert np.ptp(places) > 0.02
    # The wall is behind, and no one stands on it any more.
    assert frames[0].shape[0] > frames[0].shape[1]
    corner = frames[0][: frames[0].shape[0] // 6, :20].reshape(-1, 3).mean(axis=0)
    assert corner[1] > corner[0]


def test_the_montage_takes_the_person_to_other_places(tmp_path: Path) -> None:
    person_in_a_field(tmp_path / "her.png")
    file = dance(tmp_path, "rasputin", 6, image=tmp_path / "her.png")["files"][0]
    frames = all_frames(file["path"])
    starts = [0, *(round(cut * 24) for cut in file["meta"]["cuts"])]
    corners = [frames[start + 2][:30, :30].reshape(-1, 3).mean(axis=0) for start in starts]
    assert max(np.abs(a - b).max() for a, b in pairwise(corners)) > 20
    assert min(red_of(frames[start + 6])[0] for start in starts) > 0.005


def test_pictures_without_anybody_dance_as_well(tmp_path: Path) -> None:
    grey = np.full((50, 40, 3), 128, np.uint8)
    save_image(grey, tmp_path / "grey.png", {})
    result = dance(tmp_path, "chanel", 1, image=tmp_path / "grey.png")
    assert "found" in result["warnings"][0]


def test_words_say_who_dances(tmp_path: Path) -> None:
    usual = all_frames(dance(tmp_path / "a", "chanel", 1)["files"][0]["path"])[0]
    robot = dance(tmp_path / "b", "chanel", 1, imagePrompt="a red robot")
    frame = all_frames(robot["files"][0]["path"])[0]
    assert red_of(frame)[0] > red_of(usual)[0] + 0.01
    assert difference(frame, usual) > 2
    cat = dance(tmp_path / "c", "chanel", 1, imagePrompt="a cat")
    assert "A person dances" in cat["warnings"][0]


def test_equal_seeds_dance_alike(tmp_path: Path) -> None:
    first, again, other = (
        Path(dance(tmp_path / str(n), "chanel", 1.5, seed=seed)["files"][0]["path"]).read_bytes()
        for n, seed in enumerate((7, 7, 8))
    )
    assert first == again
    assert first != other


def test_refuses_a_dance_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="rasputin"):
        dance(tmp_path, "polka")
