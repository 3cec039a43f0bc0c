"""analyze_image: colors, light, sharpness, grain and place of made pictures are read back."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from mediakit.errors import Refused
from studio.jobs import generate_image
from studio.jobs.analyze_image import run
from studio.tests.support.films import arguments, no_report
from studio.tests.support.shapes import BLUE, RED, backdrop, draw_disc, saved


def look(out: Path, picture: np.ndarray | Path, prompt: str | None = None) -> dict:
    path = picture if isinstance(picture, Path) else saved(picture, out / "look.png")
    result = run(arguments("analyze_image", out, params={"prompt": prompt}, image=path), no_report)
    assert result["files"] == []
    return result["values"]


def shapes() -> np.ndarray:
    picture = np.full((180, 320, 3), 90, np.uint8)
    cv2.rectangle(picture, (60, 40), (200, 140), (230, 80, 60), -1)
    cv2.circle(picture, (255, 90), 40, (30, 60, 200), -1)
    return picture


def test_colours_and_their_shares_are_read_back(tmp_path: Path) -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[:, :120] = (216, 34, 42)
    picture[:, 120:] = (43, 95, 208)
    palette = look(tmp_path, picture)["analysis"]["palette"]
    assert [(swatch["name"], round(swatch["share"], 1)) for swatch in palette[:2]] == [
        ("red", 0.6),
        ("blue", 0.4),
    ]
    assert palette[0]["hex"] == "#d8222a"


@pytest.mark.parametrize(("level", "word"), [(30, "dark"), (120, "balanced"), (220, "bright")])
def test_brightness_is_read_back(tmp_path: Path, level: int, word: str) -> None:
    light = look(tmp_path, np.full((60, 80, 3), level, np.uint8))["analysis"]["brightness"]
    assert light["mean"] == pytest.approx(level, abs=0.5)
    assert light["word"] == word


def test_lost_shadows_and_highlights_are_counted(tmp_path: Path) -> None:
    picture = np.full((100, 100, 3), 128, np.uint8)
    picture[:20], picture[90:] = 0, 255
    light = look(tmp_path, picture)["analysis"]["brightness"]
    assert (light["shadows"], light["highlights"]) == (0.2, 0.1)


@pytest.mark.parametrize("spread", [10, 30, 60])
def test_contrast_is_read_back(tmp_path: Path, spread: int) -> None:
    picture = np.full((100, 100, 3), 128 - spread, np.uint8)
    picture[:50] = 128 + spread
    assert look(tmp_path, picture)["analysis"]["contrast"]["rms"] == pytest.approx(spread, abs=0.5)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_blur_is_read_back_in_pixels(tmp_path: Path, sigma: float) -> None:
    picture = cv2.GaussianBlur(shapes(), (0, 0), sigma)
    found = look(tmp_path, picture)["analysis"]["sharpness"]["blur_px"]
    assert found == pytest.approx(sigma, rel=0.2)


def test_sharp_and_blurred_are_told_apart_in_words(tmp_path: Path) -> None:
    assert "It is sharp" in look(tmp_path, shapes(), "Is it sharp?")["message"]
    blurred = cv2.GaussianBlur(shapes(), (0, 0), 4)
    assert "It is blurred" in look(tmp_path, blurred, "Is it in focus?")["message"]


@pytest.mark.parametrize("sigma", [3.0, 8.0, 15.0])
def test_noise_is_read_back(tmp_path: Path, sigma: float) -> None:
    grain = np.random.default_rng(1).normal(0, sigma, (180, 320, 1))
    picture = np.clip(shapes() + grain, 0, 255).astype(np.uint8)
    found = look(tmp_path, picture)["analysis"]["noise"]["sigma"]
    assert found == pytest.approx(sigma, rel=0.15)


def test_the_subject_is_found_where_it_is(tmp_path: Path) -> None:
    picture = backdrop()
    mask = draw_disc(picture, (75, 95), 45, RED)
    values = look(tmp_path, picture, "Where is the subject?")
    subject = values["analysis"]["subject"]
    assert subject["place"] == "left"
    assert subject["area"] == pytest.approx(mask.mean(), rel=0.1)
    assert subject["bbox"] == pytest.approx([30 / 320, 50 / 180, 121 / 320, 141 / 180], abs=0.03)
    assert "left" in values["message"]


@pytest.mark.slow
@pytest.mark.parametrize("lit", [1.0, 0.6, 0.4])
def test_windows_are_no_writing(tmp_path: Path, lit: float) -> None:
    rng = np.random.default_rng(1)
    picture = np.full((500, 800, 3), (20, 24, 40), np.uint8)
    for column in range(8, 780, 20):
        for row in range(8, 480, 20):
            if rng.random() < lit:
                picture[row : row + 12, column : column + 12] = (250, 220, 120)
    assert look(tmp_path, picture)["analysis"]["text_lines"] == []


def test_lines_of_writing_are_seen_but_not_read(tmp_path: Path) -> None:
    picture = Image.fromarray(shapes())
    pen = ImageDraw.Draw(picture)
    pen.text((20, 8), "Hello wide world", font=ImageFont.load_default(20), fill="white")
    pen.text((20, 152), "second line of text", font=ImageFont.load_default(16), fill="white")
    values = look(tmp_path, np.asarray(picture), "Is there any text?")
    assert len(values["analysis"]["text_lines"]) == 2
    assert "2 rows look like text" in values["message"]
    assert look(tmp_path, shapes())["analysis"]["text_lines"] == []


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("What colours does it have?", "Colors:"),
        ("How bright is it?", "Brightness"),
        ("Is it blue?", "Yes, 9 % of the image is blue"),
        ("Is there anything green?", "No, hardly anything is green"),
        ("What size is it?", "320×180"),
        ("Who is it?", "People and faces are not counted"),
        ("Is there a dog?", "It can't tell whether there's a dog"),
    ],
)
def test_questions_are_answered_as_far_as_measured(
    tmp_path: Path, question: str, answered: str
) -> None:
    values = look(tmp_path, shapes(), question)
    assert answered in values["message"]
    assert "Measurements only" in values["message"]
    assert values["question"] == question


def test_our_own_pictures_tell_what_was_drawn(tmp_path: Path) -> None:
    call = arguments("generate_image", tmp_path, params={"prompt": "a fox in the snow"})
    path = Path(generate_image.run(call, no_report)["files"][0]["path"])
    values = look(tmp_path, path)
    assert values["analysis"]["made_from"]["prompt"] == "a fox in the snow"
    assert values["analysis"]["figures"][0]["name"] == "fox"
    assert "a fox was drawn" in look(tmp_path, path, "Is there a fox?")["message"]
    assert "No cat was drawn" in look(tmp_path, path, "Is there a cat?")["message"]


def test_notes_that_do_not_fit_the_pixels_are_only_quoted(tmp_path: Path) -> None:
    picture = backdrop()
    draw_disc(picture, (160, 90), 50, BLUE)
    path = saved(picture, tmp_path / "claimed.png")
    call = arguments("analyze_image", tmp_path, params={"prompt": "Is there a fox?"}, image=path)
    call["media"]["image"][0]["meta"] = {
        "provider": "studio", "prompt": "a fox", "seed": 7, "subjects": ["fox"],
    }  # fmt: skip
    values = run(call, no_report)["values"]
    assert "can't tell" in values["message"]
    assert "figures" not in values["analysis"]


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (40, 40)])
def test_tiny_pictures_are_measured(tmp_path: Path, size: tuple[int, int]) -> None:
    assert look(tmp_path, np.full((*size, 3), 90, np.uint8))["message"]


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add an image"):
        run(arguments("analyze_image", tmp_path), no_report)
