"""orbit_video: a closed way around, with parallax, sound and spoken lines."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediakit.errors import Refused
from studio.artist.views.orbit import path_through
from studio.jobs import generate_image
from studio.jobs.orbit_video import run
from studio.media.video.reader import open_film
from studio.tests.support.films import all_frames, arguments, difference, no_report
from studio.tests.support.measures import psnr, sound_of
from studio.tests.support.shapes import BLUE, RED, backdrop, draw_disc, saved


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    picture = backdrop()
    for x in range(10, 320, 30):
        picture[10:70, x : x + 9] = (80, 95, 110)
    draw_disc(picture, (160, 115), 42, RED)
    return saved(picture, tmp_path / "scene.png")


def orbit(out: Path, image: object, *, seconds: float | None = 1.0, **params) -> dict:
    given = {"elevation": "eye-level shot", "distance": "medium shot", **params}
    call = arguments("orbit_video", out, params=given, image=image)
    if seconds:
        call["studio"]["duration_s"] = seconds
    return run(call, no_report)


def check_closed(frames: list[np.ndarray]) -> None:
    """It ends where it began, has been elsewhere, and nowhere jumps."""
    # What is left is the film's compression; anything else differs by 10 and more.
    assert difference(frames[0], frames[-1]) < 4.5
    assert max(difference(frames[0], frame) for frame in frames) > 8
    steps = [difference(a, b) for a, b in pairwise(frames)]
    assert max(steps) < 4 * float(np.median(steps)) + 1


def test_it_opens_on_the_picture_and_ends_where_it_began(tmp_path: Path, scene: Path) -> None:
    file = orbit(tmp_path, scene)["files"][0]
    frames = all_frames(file["path"])
    assert len(frames) == 24
    assert (file["duration_s"], file["width"], file["height"]) == (1.0, 320, 180)
    assert psnr(frames[0], np.asarray(Image.open(scene))) > 25
    check_closed(frames)


def test_our_own_pictures_turn_in_their_layers(tmp_path: Path) -> None:
    call = arguments("generate_image", tmp_path, params={"prompt": "a fox in heavy rain"})
    made = generate_image.run(call, no_report)["files"][0]
    # The rain falls on through the seam.
    check_closed(all_frames(orbit(tmp_path, made["path"], seconds=1.5)["files"][0]["path"]))


def test_the_sides_are_seen_in_the_order_asked_for(tmp_path: Path, scene: Path) -> None:
    def bars(frame: np.ndarray) -> np.ndarray:
        return frame[20:60].astype(int).mean(axis=(0, 2))

    there = all_frames(orbit(tmp_path, scene, angles=["right side view"])["files"][0]["path"])
    back = all_frames(orbit(tmp_path, scene, angles=["left side view"])["files"][0]["path"])
    first, second = bars(there[4]), bars(back[4])
    assert np.abs(first - second).mean() > 3


def test_height_and_distance_show(tmp_path: Path, scene: Path) -> None:
    usual = all_frames(orbit(tmp_path, scene, seconds=0.3)["files"][0]["path"])[0]
    for params in ({"elevation": "high-angle shot"}, {"distance": "close-up"}):
        other = all_frames(orbit(tmp_path, scene, seconds=0.3, **params)["files"][0]["path"])[0]
        assert difference(usual, other) > 4


def test_several_views_turn_into_each_other(tmp_path: Path, scene: Path) -> None:
    picture = backdrop()
    draw_disc(picture, (160, 115), 42, BLUE)
    other = saved(picture, tmp_path / "behind.png")
    result = orbit(tmp_path, [scene, other])
    frames = all_frames(result["files"][0]["path"])
    check_closed(frames)
    middle = frames[len(frames) // 2][115, 160].astype(int)
    assert middle[2] > middle[0] + 60
    assert not result["warnings"]


def test_lines_are_spoken_in_their_part(tmp_path: Path, scene: Path) -> None:
    result = orbit(
        tmp_path, scene, seconds=None, dialogue="Here it comes.", dialogueSegment=2,
        angles=["right side view", "left side view"],
    )  # fmt: skip
    file = result["files"][0]
    sound = np.abs(sound_of(file["path"])).max(axis=0)
    third = len(sound) // 3
    assert sound[2 * third :].max() > 3 * sound[: 2 * third].max()
    assert file["meta"]["cues"][0]["text"].startswith("Here")
    assert file["meta"]["cues"][0]["start"] >= 2 * file["duration_s"] / 3


def test_a_long_line_makes_a_longer_film(tmp_path: Path, scene: Path) -> None:
    line = "This line is much too long for a quarter of five seconds, so the camera slows down."
    small = np.asarray(Image.open(scene).resize((96, 54)))
    result = orbit(tmp_path, saved(small, tmp_path / "s.png"), seconds=None, dialogues=["", line])
    assert result["files"][0]["duration_s"] > 15
    assert not [text for text in result["warnings"] if "all lines are spoken" in text]


def test_there_is_sound_as_long_as_the_pictures(tmp_path: Path, scene: Path) -> None:
    film = open_film(orbit(tmp_path, scene, prompt="a sea")["files"][0]["path"])
    assert film.has_sound
    assert film.duration_s == pytest.approx(1.0, abs=1 / 24)


def test_one_picture_cannot_show_all_sides_and_that_is_said(tmp_path: Path, scene: Path) -> None:
    assert "From one image" in orbit(tmp_path, scene)["warnings"][0]


def test_equal_calls_give_equal_bytes(tmp_path: Path, scene: Path) -> None:
    made = [
        Path(orbit(tmp_path, scene, seconds=0.5)["files"][0]["path"]).read_bytes() for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("views", "degrees"),
    [
        ((), (0, 90, 180, 270, 360)),
        (("left side view", "back view", "right side view"), (0, -90, -180, -270, -360)),
        (("right side view",), (0, 90, 360)),
    ],
)
def test_the_way_goes_on_in_one_direction(
    views: tuple[str, ...], degrees: tuple[float, ...]
) -> None:
    path = path_through(views, "eye-level shot", "medium shot")
    assert path.degrees == degrees
    assert path.degree(0) == degrees[0]
    assert path.degree(1) == degrees[-1]
    walked = [path.degree(t) for t in np.linspace(0, 1, 200)]
    assert all((b - a) * degrees[-1] >= 0 for a, b in pairwise(walked))


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add an image"):
        run(arguments("orbit_video", tmp_path), no_report)
