"""generate_image: pictures of the asked size, number and format, each saying how it was made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.jobs.generate_image import run
from studio.tests.support.films import arguments, no_report


def draw(out: Path, prompt: str = "a robot", *, media: dict | None = None, **params) -> dict:
    call = arguments("generate_image", out, params={"prompt": prompt, **params})
    return run({**call, "seed": 7, "media": media or {}}, no_report)


def pixels(file: dict) -> np.ndarray:
    return np.asarray(Image.open(file["path"]).convert("RGB")).astype(int)


def test_a_picture_says_what_it_is(tmp_path: Path) -> None:
    result = draw(tmp_path, "a red fox in the snow, slow pan left", negativePrompt="trees")
    file = result["files"][0]
    assert (file["kind"], file["mime"], file["width"], file["height"]) == (
        "image", "image/png", 320, 180,
    )  # fmt: skip
    meta = file["meta"]
    assert (meta["draft"], meta["provider"], meta["seed"]) == (True, "studio", 7)
    assert meta["camera"] == "pan_left"
    assert json.loads(Image.open(file["path"]).text["Comment"]) == meta
    assert result["warnings"] == []


def test_variations_differ_and_count_their_seeds(tmp_path: Path) -> None:
    files = draw(tmp_path, numberOfVariations=3)["files"]
    assert [file["meta"]["seed"] for file in files] == [7, 8, 9]
    assert len({pixels(file).tobytes() for file in files}) == 3


def test_branches_of_the_prompt_become_variations(tmp_path: Path) -> None:
    files = draw(tmp_path, "a {red|blue} car", numberOfVariations=2)["files"]
    assert [file["meta"]["prompt"] for file in files] == ["a red car", "a blue car"]


@pytest.mark.parametrize(
    ("wanted", "mime"),
    [("png", "image/png"), ("jpg", "image/jpeg"), ("jpeg", "image/jpeg"), ("webp", "image/webp")],
)
def test_it_is_written_in_the_wanted_format(tmp_path: Path, wanted: str, mime: str) -> None:
    file = draw(tmp_path, outputFormat=wanted)["files"][0]
    assert file["mime"] == mime
    assert Image.open(file["path"]).get_format_mimetype() == mime


def test_compression_makes_the_file_smaller(tmp_path: Path) -> None:
    sizes = []
    for compression in (0, 90):
        out = tmp_path / str(compression)
        out.mkdir()
        params = {"outputFormat": "jpg", "gptImageOutputCompression": compression}
        sizes.append(Path(draw(out, **params)["files"][0]["path"]).stat().st_size)
    assert sizes[1] < sizes[0] / 2


def test_what_it_cannot_follow_it_says_once(tmp_path: Path) -> None:
    result = draw(
        tmp_path,
        "a robot juggling xylophones",
        numberOfVariations=2,
        guidance=7.5,
        loras=["film-grain"],
        gptImageBackground="transparent",
    )
    said = " ".join(result["warnings"])
    for part in ("Guidance", "LoRAs", "Transparent", "xylophones"):
        assert said.count(part) == 1, part


def test_a_starting_picture_shows_through_as_strongly_as_asked(tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    stripes = np.zeros((180, 320, 3), np.uint8)
    stripes[:, ::40] = stripes[:, 1::40] = 255
    Image.fromarray(stripes).save(source)
    media = {"image": [{"path": str(source), "meta": {}}]}

    def likeness(strength: float) -> float:
        out = tmp_path / str(strength)
        out.mkdir()
        drawn = draw(out, media=media, starting_image_strength=strength)["files"][0]
        return float(np.abs(pixels(drawn) - stripes).mean())

    assert likeness(1.0) < 2 < likeness(0.6) < likeness(0.1)


def test_a_starting_picture_gives_its_size(tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    Image.new("RGB", (240, 200), (90, 120, 30)).save(source)
    media = {"image": [{"path": str(source), "meta": {}}]}
    file = draw(tmp_path, media=media, starting_image_strength=0.5)["files"][0]
    assert (file["width"], file["height"]) == (240, 200)
