"""edit_image: what is asked for changes, inside the mask, and nothing at all outside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from mediakit.errors import Refused
from studio.artist.edits.editing import follow
from studio.artist.edits.editor import Editor
from studio.artist.instructions.clauses import Step
from studio.jobs.edit_image import run
from studio.tests.support.films import arguments, difference, no_report
from studio.tests.support.measures import iou, mean_colour, ssim
from studio.tests.support.pictures import load, save, scene, shapes


def edit(
    tmp_path: Path,
    picture: np.ndarray,
    prompt: str,
    *more: np.ndarray,
    mask: Any = None,
    **params: Any,
) -> dict:
    sources = [save(tmp_path / f"source-{n}.png", p) for n, p in enumerate((picture, *more))]
    media = {} if mask is None else {"mask": save(tmp_path / "mask.png", mask)}
    params = {"prompt": prompt, **params}
    return run(arguments("edit_image", tmp_path, params=params, image=sources, **media), no_report)


def edited(
    tmp_path: Path, picture: np.ndarray, prompt: str, *more: np.ndarray, **params: Any
) -> np.ndarray:
    return load(edit(tmp_path, picture, prompt, *more, **params)["files"][0])


def marked(height: int, width: int) -> np.ndarray:
    """Where the masks of these tests let the picture change: a box."""
    held = np.zeros((height, width), bool)
    held[40:140, 60:200] = True
    return held


@pytest.fixture(scope="module")
def source() -> np.ndarray:
    return scene("a red fox in a forest", 320, 180)


MASKED = [
    "make it much darker",
    "turn it red",
    "make it night",
    "add a cat",
    "a small boat",
    "remove the fox",
    "replace the background with a beach at sunset",
    "pixelate it",
    'write "HELLO"',
    "black and white, blurred and crop to a square",
    "replace the fox with a dog",
    "in the style of an oil painting",
    "remove the background",
]


@pytest.mark.parametrize("prompt", MASKED)
def test_outside_the_mask_not_one_pixel_differs(
    tmp_path: Path, source: np.ndarray, prompt: str
) -> None:
    held = marked(180, 320)
    mask = np.dstack([np.zeros((180, 320, 3), np.uint8), np.where(held, 0, 255).astype(np.uint8)])
    result = edited(tmp_path, source, prompt, mask=mask)
    assert result.shape[:2] == source.shape[:2]
    assert (result[~held][:, :3] == source[~held]).all()
    assert difference(result[..., :3][held], source[held]) > 2


@pytest.mark.parametrize("bit", ["white", "transparent"])
def test_both_kinds_of_mask_mark_the_same(tmp_path: Path, source: np.ndarray, bit: str) -> None:
    held = marked(180, 320)
    grey = np.where(held, 255, 0).astype(np.uint8)
    mask = np.dstack([grey] * 3)
    if bit == "transparent":
        mask = np.dstack([np.full((180, 320, 3), 255, np.uint8), 255 - grey])
    result = edited(tmp_path, source, "turn it blue", mask=mask)
    changed = (result != source).any(axis=2)
    assert not changed[~held].any()
    assert iou(changed, held) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.2, 0.97])
def test_outside_the_mask_a_large_picture_stays_as_it_is(tmp_path: Path, share: float) -> None:
    """Larger than the studio works on, its marked part smaller and larger than that."""
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (2600, 3800, 3), dtype=np.uint8)
    held = np.zeros((2600, 3800), bool)
    held[20 : 20 + round(2560 * share), 30 : 30 + round(3760 * share)] = True
    mask = np.where(held, 255, 0).astype(np.uint8)
    prompt = "make it night and much darker"
    answer = edit(tmp_path, picture, prompt, mask=np.dstack([mask] * 3))
    result = load(answer["files"][0])
    assert result.shape == picture.shape
    assert (result[~held] == picture[~held]).all()
    assert result[held].mean() < 0.75 * picture[held].mean()
    assert len(answer["warnings"]) == (share > 0.5)


def test_night_falls_on_a_part_of_a_picture(tmp_path: Path, source: np.ndarray) -> None:
    """A part knows nothing of the file it is from."""
    left = edited(tmp_path, source, "crop to the left half and make it night")
    assert left.mean() < 0.8 * source[:, :160].mean()


def test_an_empty_mask_leaves_a_large_picture_whole(tmp_path: Path) -> None:
    picture = np.full((1700, 2400, 4), 90, np.uint8)
    answer = edit(tmp_path, picture, "turn it red", mask=np.zeros((17, 24, 3), np.uint8))
    assert (load(answer["files"][0]) == picture).all()


def test_a_mask_of_another_size_is_scaled(tmp_path: Path, source: np.ndarray) -> None:
    mask = np.zeros((90, 160, 3), np.uint8)
    mask[:, :80] = 255
    result = edited(tmp_path, source, "much brighter", mask=mask)
    assert (result[:, 165:] == source[:, 165:]).all()
    assert difference(result[:, :150], source[:, :150]) > 8


def test_an_empty_mask_changes_nothing_and_says_so(tmp_path: Path, source: np.ndarray) -> None:
    answer = edit(tmp_path, source, "make it red", mask=np.zeros((180, 320, 3), np.uint8))
    assert (load(answer["files"][0]) == source).all()
    assert "mask is empty" in answer["warnings"][0]


def test_what_a_mask_cannot_hold_is_left_out_and_said(tmp_path: Path, source: np.ndarray) -> None:
    answer = edit(tmp_path, source, "rotate it left", mask=np.full((180, 320, 3), 255, np.uint8))
    assert load(answer["files"][0]).shape == source.shape
    assert "more than the mask allows" in answer["warnings"][0]


def warm_lights_cool_shadows(picture: np.ndarray) -> float:
    light = picture.mean(axis=2)
    high, low = (mean_colour(picture[held]) for held in (light > 120, light < 80))
    return (high[0] / high[2]) / (low[0] / low[2])


# The instruction, what is measured, and the factor by which it grows.
TONES = [
    ("make it brighter", lambda p: mean_colour(p).mean(), 1.12),
    ("a lot darker", lambda p: 1 / mean_colour(p).mean(), 1.25),
    ("warmer, please", lambda p: mean_colour(p)[0] / mean_colour(p)[2], 1.15),
    ("make it cooler", lambda p: mean_colour(p)[2] / mean_colour(p)[0], 1.15),
    ("increase the contrast", lambda p: p.std(), 1.1),
    ("desaturate", lambda p: 1 / np.ptp(p, axis=2).mean(), 1.3),
    ("make it greener", lambda p: mean_colour(p)[1] / mean_colour(p)[[0, 2]].mean(), 1.08),
    ("bluer", lambda p: mean_colour(p)[2] / mean_colour(p)[:2].mean(), 1.08),
    ("teal and orange look", warm_lights_cool_shadows, 1.15),
    ("make it night", lambda p: 1 / mean_colour(p).mean(), 1.3),
    ("add fog", lambda p: 1 / p.std(), 1.15),
    ("sharpen it", lambda p: cv2.Laplacian(p, cv2.CV_32F).std(), 1.2),
    ("blur it", lambda p: 1 / cv2.Laplacian(p, cv2.CV_32F).std(), 1.5),
]


@pytest.mark.parametrize(("prompt", "measure", "factor"), TONES, ids=[tone[0] for tone in TONES])
def test_the_named_property_moves(
    tmp_path: Path, source: np.ndarray, prompt: str, measure: Any, factor: float
) -> None:
    answer = edit(tmp_path, source, prompt)
    assert measure(load(answer["files"][0]).astype(np.float32)) > factor * measure(
        source.astype(np.float32)
    )
    assert answer["warnings"] == []


def test_instructions_are_followed_in_order(tmp_path: Path) -> None:
    picture = shapes()
    answer = edit(tmp_path, picture, "crop to the left half, then rotate right and make it grey")
    result = load(answer["files"][0])
    assert result.shape == (160, 180, 3)
    verbs = [step["verb"] for step in answer["files"][0]["meta"]["steps"]]
    assert verbs[:2] == ["crop", "rotate"]


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        ("crop to a square", (180, 180)),
        ("crop to 4:3", (240, 180)),
        ("rotate 90 degrees clockwise", (180, 320)),
        ("extend it to a square", (320, 320)),
        ("resize to 200x100", (200, 100)),
        ("resize it to half the size", (160, 90)),
    ],
)
def test_shapes_become_as_asked(
    tmp_path: Path, source: np.ndarray, prompt: str, size: tuple[int, int]
) -> None:
    result = edited(tmp_path, source, prompt)
    assert (result.shape[1], result.shape[0]) == size


def test_turning_and_mirroring_are_exact(tmp_path: Path, source: np.ndarray) -> None:
    assert (edited(tmp_path, source, "flip it horizontally") == source[:, ::-1]).all()
    assert (edited(tmp_path, source, "rotate right") == np.rot90(source, -1)).all()


def test_a_named_region_alone_changes(tmp_path: Path, source: np.ndarray) -> None:
    result = edited(tmp_path, source, "blur the left half")
    assert (result[:, 161:] == source[:, 161:]).all()
    assert difference(result[:, :150], source[:, :150]) > 1


def test_all_but_a_thing_changes(tmp_path: Path) -> None:
    picture = shapes()
    result = edited(tmp_path, picture, "make everything except the red circle black and white")
    disc = np.zeros((180, 320), np.uint8)
    cv2.circle(disc, (80, 90), 36, 1, -1)
    coloured = np.ptp(result, axis=2) > 20
    assert iou(coloured, disc > 0) > 0.9
    assert difference(result[80:100, 70:90], picture[80:100, 70:90]) < 2


def test_what_the_negative_prompt_names_is_not_drawn(tmp_path: Path) -> None:
    picture = scene("a meadow at noon", 320, 180)
    answer = edit(tmp_path, picture, "add a cat on the right", negativePrompt="cat")
    assert (load(answer["files"][0]) == picture).all()
    assert "was skipped" in answer["warnings"][0]
    both = edited(tmp_path, picture, "add a cat and a dog")
    one = edited(tmp_path, picture, "add a cat and a dog", negativePrompt="cat")
    assert difference(one, picture) > 0.5
    assert difference(one, both) > 0.5


def test_a_thing_is_found_by_its_colour(tmp_path: Path) -> None:
    picture = shapes()
    result = edited(tmp_path, picture, "make the red circle green")
    disc = np.zeros((180, 320), np.uint8)
    cv2.circle(disc, (80, 90), 36, 1, -1)
    changed = np.abs(result.astype(int) - picture).max(axis=2) > 12
    assert iou(changed, disc > 0) > 0.8
    assert result[90, 80, 1] > result[90, 80, 0]


def test_the_background_is_replaced_and_the_subject_stays(tmp_path: Path) -> None:
    picture = np.full((180, 320, 3), (120, 170, 220), np.uint8)
    cv2.circle(picture, (160, 100), 50, (200, 50, 40), -1, cv2.LINE_AA)
    result = edited(tmp_path, picture, "change the background to white")
    assert (result[5:20, 5:60] > 245).all()
    assert difference(result[90:110, 150:170], picture[90:110, 150:170]) < 8


def test_a_transparent_background_has_the_subjects_outline(tmp_path: Path) -> None:
    picture = np.full((180, 320, 3), (120, 170, 220), np.uint8)
    disc = np.zeros((180, 320), np.uint8)
    cv2.circle(disc, (160, 100), 50, 1, -1)
    picture[disc > 0] = (200, 50, 40)
    result = edited(tmp_path, picture, "sharpen it", gptImageBackground="transparent")
    assert iou(result[..., 3] > 127, disc > 0) > 0.9


def test_a_subject_is_added_at_its_place(tmp_path: Path) -> None:
    picture = scene("a meadow at noon", 320, 180)
    changed = (edited(tmp_path, picture, "add a cat on the right") != picture).any(axis=2)
    assert changed.mean() > 0.02
    assert not changed[:, :150].any()


def test_text_is_set_where_it_is_told(tmp_path: Path) -> None:
    picture = np.full((180, 320, 3), 40, np.uint8)
    result = edited(tmp_path, picture, 'add the title "Hello there" at the bottom in white')
    assert (result[120:] > 200).any()
    assert (result[:80] == 40).all()


def test_accents_are_set_and_what_no_typeface_has_is_said(tmp_path: Path) -> None:
    wall = np.full((180, 320, 3), 60, np.uint8)
    plain, accented = (edited(tmp_path, wall, f'add the title "{t}"') for t in ("fur", "für"))
    # Two dots more, and not a box in place of the letter.
    changed = np.abs(plain.astype(int) - accented).max(axis=2) > 60
    assert 0 < changed.mean() < 0.01
    assert (edited(tmp_path, wall, 'add the title "انطلق"') > 150).any()
    result = edit(tmp_path, wall, 'add the title "\u0378"')
    assert any("can't be drawn: \u0378" in words for words in result["warnings"])


def test_a_title_keeps_off_the_subject(tmp_path: Path) -> None:
    picture = np.full((180, 320, 3), (40, 60, 90), np.uint8)
    cv2.rectangle(picture, (140, 0), (180, 120), (230, 60, 40), -1)
    result = edited(tmp_path, picture, 'add the title "THE LAST LAMP"')
    changed = np.abs(result.astype(int) - picture).max(axis=2) > 8
    assert changed.mean() > 0.02
    assert not changed[:120, 140:180].any()
    usual = edited(tmp_path, np.full_like(picture, 90), 'add the title "THE LAST LAMP"')
    assert (usual[:60] > 200).any()
    assert (usual[90:] == 90).all()


def test_at_night_lamps_stay_lit_and_shine(tmp_path: Path) -> None:
    picture = np.full((180, 320, 3), (120, 110, 105), np.uint8)
    cv2.rectangle(picture, (150, 80), (160, 94), (255, 244, 205), -1)
    result = edited(tmp_path, picture, "make it night").astype(float)
    lamp, beside, away = (mean_colour(result[part]) for part in (
        np.s_[84:90, 153:157], np.s_[98:103, 150:160], np.s_[150:170, 20:60],
    ))  # fmt: skip
    assert lamp.min() > 120
    assert lamp[0] > 1.15 * lamp[2]
    assert away.mean() < 60
    assert beside[0] > away[0] + 15


@pytest.mark.parametrize("ground", [15, 130, 250])
def test_snow_is_seen_on_dark_and_on_light(tmp_path: Path, ground: int) -> None:
    picture = np.full((180, 320, 3), ground, np.uint8)
    step = Step("air", what="falling snow")
    editor = Editor(picture, {}, (), None, 3, lambda message: None)
    fallen = follow(editor, [step])
    assert fallen.std() > 5
    assert difference(fallen, picture) > 1


def test_it_snows_at_night(tmp_path: Path, source: np.ndarray) -> None:
    night = edited(tmp_path, source, "make it night")
    snowy = edited(tmp_path, source, "make it night with snow")
    flakes = (snowy.min(axis=2) > 190) & (night.max(axis=2) < 120)
    assert 0.004 < flakes.mean() < 0.2
    assert mean_colour(snowy).mean() < 0.75 * mean_colour(source).mean()


def test_what_a_mask_marks_is_removed(tmp_path: Path) -> None:
    picture = np.repeat(np.linspace(60, 200, 320)[None, :, None], 180, 0).repeat(3, 2)
    clean = picture.astype(np.uint8)
    spoiled = clean.copy()
    cv2.circle(spoiled, (130, 90), 30, (220, 30, 30), -1)
    mask = np.zeros((180, 320, 3), np.uint8)
    cv2.circle(mask, (130, 90), 38, (255,) * 3, -1)
    mended = edited(tmp_path, spoiled, "remove the ball", mask=mask)
    spot = np.s_[65:115, 105:155]
    assert difference(mended[spot], clean[spot]) < 0.12 * difference(spoiled[spot], clean[spot])


def test_a_large_thing_leaves_the_texture_of_its_surroundings(tmp_path: Path) -> None:
    """Bricks under a plain sky: sky stays plain, bricks go on, and no outline is left."""
    clean = np.full((240, 360, 3), (120, 170, 220), np.uint8)
    clean[100:] = (150, 80, 60)
    clean[100::20] = 220
    for row, top in enumerate(range(100, 240, 20)):
        clean[top : top + 20, (row % 2) * 15 :: 30] = 220
    spoiled = clean.copy()
    cv2.ellipse(spoiled, (180, 130), (50, 90), 0, 0, 360, (30, 120, 40), -1)
    mask = np.zeros((240, 360, 3), np.uint8)
    cv2.ellipse(mask, (180, 130), (56, 96), 0, 0, 360, (255,) * 3, -1)
    mended = edited(tmp_path, spoiled, "remove the tree", mask=mask)
    held = mask[..., 0] > 0
    assert difference(mended[held], clean[held]) < 0.3 * difference(spoiled[held], clean[held])
    sky, bricks = np.s_[50:90, 150:210], np.s_[120:210, 150:210]
    assert mended[sky].std(axis=(0, 1)).max() < 4
    lines = [cv2.Laplacian(one[bricks], cv2.CV_32F).std() for one in (mended, clean)]
    assert lines[0] > 0.6 * lines[1]


def test_the_palette_of_a_second_picture_is_taken(tmp_path: Path, source: np.ndarray) -> None:
    other = scene("neon city street at night", 200, 120)
    result = edited(tmp_path, source, "use the colours of the second image", other)
    assert difference(mean_colour(result), mean_colour(other)) < 0.7 * difference(
        mean_colour(source), mean_colour(other)
    )
    assert ssim(source, result) > 0.4


def test_pictures_stand_side_by_side(tmp_path: Path, source: np.ndarray) -> None:
    other = scene("a lighthouse by the sea", 180, 180)
    result = edited(tmp_path, source, "put the images side by side", other)
    assert result.shape[0] == 180
    assert result.shape[1] >= 320 + 180
    assert (result[:, :320] == source).all()


def test_a_second_picture_without_a_word_about_it_is_said(
    tmp_path: Path, source: np.ndarray
) -> None:
    assert "Reference images weren't used" in " ".join(
        edit(tmp_path, source, "make it brighter", source)["warnings"]
    )


def test_what_is_not_understood_changes_nothing_and_is_said(
    tmp_path: Path, source: np.ndarray
) -> None:
    answer = edit(tmp_path, source, "give everybody a zebra's philosophy")
    assert (load(answer["files"][0]) == source).all()
    said = " ".join(answer["warnings"])
    assert "zebra's philosophy" in said
    assert "Nothing changed" in said


def test_variations_differ_and_seeds_repeat(tmp_path: Path, source: np.ndarray) -> None:
    first = [load(f) for f in edit(tmp_path, source, "add snow", numberOfVariations=3)["files"]]
    again = [load(f) for f in edit(tmp_path, source, "add snow", numberOfVariations=3)["files"]]
    assert len({picture.tobytes() for picture in first}) == 3
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


def test_format_and_size_are_honoured(tmp_path: Path, source: np.ndarray) -> None:
    params = {"outputFormat": "jpg", "width": 200, "height": 200}
    file = edit(tmp_path, source, "make it brighter", **params)["files"][0]
    assert (file["mime"], file["width"], file["height"]) == ("image/jpeg", 200, 200)
    assert Image.open(file["path"]).size == (200, 200)


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (40, 40), (33, 401)])
@pytest.mark.parametrize("prompt", ["make it night and add rain", "blur the background", "crop it"])
def test_tiny_and_odd_pictures_are_edited_too(
    tmp_path: Path, size: tuple[int, int], prompt: str
) -> None:
    picture = np.full((size[1], size[0], 3), 120, np.uint8)
    assert edited(tmp_path, picture, prompt).ndim == 3


def test_transparency_is_kept(tmp_path: Path) -> None:
    picture = np.dstack([shapes(), np.full((180, 320), 255, np.uint8)])
    picture[:, :100, 3] = 0
    result = edited(tmp_path, picture, "make it warmer and flip it")
    assert (result[..., 3] == picture[:, ::-1, 3]).all()


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        run(arguments("edit_image", tmp_path, params={"prompt": "brighter"}), no_report)
    assert refused.value.error_type == "ASSET_NOT_FOUND"
