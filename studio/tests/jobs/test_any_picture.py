"""Pictures as people have them, of every kind and size, through the tools for stills."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from studio.jobs import apply_style, edit_image, refine_result, restore_photo, upscale_image
from studio.tests.support.films import arguments, no_report
from studio.tests.support.measures import ssim
from studio.tests.support.pictures import load, scene

Make = Callable[[Image.Image, Path], Path]


def _saved(name: str, change: Callable[[Image.Image], Image.Image], **how: Any) -> Make:
    def make(picture: Image.Image, folder: Path) -> Path:
        change(picture).save(folder / name, **how)
        return folder / name

    return make


def _deep(picture: Image.Image) -> Image.Image:
    grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    return Image.fromarray(grey)


def _deep_colours(picture: Image.Image, folder: Path) -> Path:
    deep = np.asarray(picture).astype(np.uint16)[..., ::-1] * 257
    cv2.imwrite(str(folder / "deep.png"), deep)
    return folder / "deep.png"


def _transparent(picture: Image.Image) -> Image.Image:
    alpha = Image.new("L", picture.size, 255)
    alpha.paste(0, (0, 0, picture.width // 2, picture.height))
    picture = picture.convert("LA")
    picture.putalpha(alpha)
    return picture


def _see_through_palette(picture: Image.Image, folder: Path) -> Path:
    picture.quantize(32).save(folder / "p.png", transparency=0)
    return folder / "p.png"


def _animated(picture: Image.Image, folder: Path) -> Path:
    others = [Image.new("RGB", picture.size, colour) for colour in ("red", "lime")]
    picture.save(folder / "a.gif", save_all=True, append_images=others, duration=80)
    return folder / "a.gif"


KINDS: dict[str, Make] = {
    "cmyk": _saved("c.jpg", lambda p: p.convert("CMYK"), quality=95),
    "16 bit grey": _saved("i.png", _deep),
    "16 bit": _deep_colours,
    "palette": _saved("q.png", lambda p: p.quantize(64)),
    "palette with a transparent colour": _see_through_palette,
    "grey": _saved("l.png", lambda p: p.convert("L")),
    "grey with transparency": _saved("la.png", _transparent),
    "black and white only": _saved("1.png", lambda p: p.convert("1")),
    "animated gif": _animated,
    "bmp": _saved("b.bmp", lambda p: p),
}
TOOLS: dict[str, tuple[Callable[..., dict], dict]] = {
    "edit_image": (edit_image.run, {"prompt": "a little warmer"}),
    "apply_style": (apply_style.run, {"prompt": "film noir"}),
    "refine_result": (refine_result.run, {"prompt": "improve it"}),
    "restore_photo": (restore_photo.run, {}),
    "upscale_image": (upscale_image.run, {"scale": 2}),
}

SCENE = Image.fromarray(scene("a lighthouse by the sea", 160, 96))


def through(tool: str, source: Path, out: Path) -> np.ndarray:
    run, params = TOOLS[tool]
    answer = run(arguments(tool, out, params=params, image=[source]), no_report)
    return load(answer["files"][0])


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_stays_what_it_shows(tmp_path: Path, tool: str, kind: str) -> None:
    result = through(tool, KINDS[kind](SCENE, tmp_path), tmp_path)
    factor = 2 if tool == "upscale_image" else 1
    assert result.shape[:2] == (96 * factor, 160 * factor)
    see_through = "transparen" in kind
    assert result.shape[2] == (4 if see_through else 3)
    if kind == "grey with transparency":
        assert (result[:, : 70 * factor, 3] == 0).all()
        assert (result[:, 90 * factor :, 3] == 255).all()
    # Dots of black and white are no likeness to measure.
    if kind != "black and white only":
        seen = cv2.resize(result[..., :3], (160, 96), interpolation=cv2.INTER_AREA)[:, 84:]
        assert ssim(np.ascontiguousarray(seen), np.asarray(SCENE)[:, 84:].copy()) > 0.35


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (1, 90), (40, 2)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_tiny_pictures_keep_their_size(
    tmp_path: Path, tool: str, size: tuple[int, int], mode: str
) -> None:
    source = tmp_path / "tiny.png"
    Image.new(mode, size, 90 if mode == "L" else (90, 120, 150, 255)[: len(mode)]).save(source)
    result = through(tool, source, tmp_path)
    factor = 2 if tool == "upscale_image" else 1
    assert (result.shape[1], result.shape[0]) == (size[0] * factor, size[1] * factor)


WISHES = [
    "make it night with snow",
    "remove the cat",
    "replace the background with a beach",
    'write "HELLO"',
    "blur everything except the fox",
    "add a dog",
    "in the style of van gogh",
    "remove the background",
    "crop to the subject, straighten it and extend it to a square",
    "teal and orange, grain, lens flare, tilt shift and a vignette",
    "remove the haze, denoise and remove scratches",
]


@pytest.mark.parametrize("prompt", WISHES)
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (3, 64)])
@pytest.mark.parametrize("masked", [False, True], ids=["whole", "masked"])
def test_every_wish_can_be_made_of_a_tiny_picture(
    tmp_path: Path, prompt: str, size: tuple[int, int], masked: bool
) -> None:
    source = tmp_path / "tiny.png"
    Image.new("RGB", size, (90, 120, 150)).save(source)
    media = {"mask": source} if masked else {}
    given = arguments("edit_image", tmp_path, params={"prompt": prompt}, image=[source], **media)
    result = load(edit_image.run(given, no_report)["files"][0])
    assert min(result.shape[:2]) >= 1
    if masked:
        assert result.shape[:2] == (size[1], size[0])


def test_a_picture_turned_by_its_camera_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # The camera was held a quarter to the left.
    source = tmp_path / "turned.jpg"
    SCENE.rotate(90, expand=True).save(source, exif=exif, quality=95)
    for tool in TOOLS:
        result = through(tool, source, tmp_path)
        assert result.shape[1] > result.shape[0]
