"""image_to_3d: closed, textured bodies with outward faces, within the triangles asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import trimesh
from PIL import Image

from media.sandbox.model_still import model_still
from mediakit.errors import Refused
from studio.jobs import generate_image
from studio.jobs.image_to_3d import run
from studio.tests.support.films import arguments, no_report
from studio.tests.support.shapes import BLUE, RED, backdrop, draw_disc, draw_star, saved

USUAL = {
    "meshTargetFaces": 20_000,
    "textureSize": 1024,
    "normalMapSize": 512,
    "ambientOcclusionSize": 256,
    "shapeResolution": 1024,
}


@pytest.fixture
def star(tmp_path: Path) -> Path:
    picture = backdrop()
    draw_star(picture, (160, 92), 75, RED)
    return saved(picture, tmp_path / "star.png")


def model(out: Path, image: object, meta: dict | None = None, **given: Any) -> dict:
    views = {port: given.pop(port) for port in ("left", "back", "right") if port in given}
    call = arguments("image_to_3d", out, params={**USUAL, **given}, image=image, **views)
    call["media"]["image"][0]["meta"] = meta or {}
    return run(call, no_report)


def loaded(result: dict) -> trimesh.Trimesh:
    return trimesh.load(result["files"][0]["path"], force="mesh")


def check_body(mesh: trimesh.Trimesh, most: int) -> None:
    """Closed, its faces outwards, standing on the ground, a metre at most."""
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume > 0
    assert 100 < len(mesh.faces) <= most
    assert np.isfinite(mesh.vertices).all()
    assert mesh.bounds[0][1] == pytest.approx(0, abs=1e-6)
    assert 0.7 < mesh.extents.max() <= 1.0


def test_a_subject_becomes_a_closed_textured_body(tmp_path: Path, star: Path) -> None:
    result = model(tmp_path, star)
    mesh = loaded(result)
    check_body(mesh, 20_000)
    file = result["files"][0]
    assert (file["kind"], file["mime"]) == ("model", "model/gltf-binary")
    assert file["meta"]["faces"] == len(mesh.faces)
    material = mesh.visual.material
    assert material.baseColorTexture.size[0] <= 1024
    assert max(material.normalTexture.size) <= 512
    assert max(material.occlusionTexture.size) <= 256
    assert mesh.visual.uv.min() >= 0
    assert mesh.visual.uv.max() <= 1


def test_it_has_the_outline_and_the_colour_of_the_subject(tmp_path: Path) -> None:
    picture = backdrop()
    shape = draw_star(picture, (160, 92), 75, BLUE)
    result = model(tmp_path, saved(picture, tmp_path / "in.png"))
    still = model_still(result["files"][0]["path"], 300, 300, turn_deg=0, tilt_deg=0).astype(int)
    body = still[..., 2] > still[..., 0] + 30
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    drawn = np.flatnonzero(shape.any(axis=1)), np.flatnonzero(shape.any(axis=0))
    ratio = (np.ptp(columns) + 1) / (np.ptp(rows) + 1)
    assert ratio == pytest.approx((np.ptp(drawn[1]) + 1) / (np.ptp(drawn[0]) + 1), rel=0.05)
    window = body[rows[0] : rows[-1], columns[0] : columns[-1]]
    outline = shape[drawn[0][0] : drawn[0][-1], drawn[1][0] : drawn[1][-1]]
    assert window.mean() == pytest.approx(outline.mean(), abs=0.06)


def test_a_round_subject_is_as_thick_as_its_parts_are_wide(tmp_path: Path) -> None:
    picture = backdrop()
    draw_disc(picture, (160, 92), 75, RED)
    wide = loaded(model(tmp_path, saved(picture, tmp_path / "disc.png"))).extents
    picture = backdrop()
    picture[10:170, 150:170] = RED
    thin = loaded(model(tmp_path, saved(picture, tmp_path / "pole.png"))).extents
    assert wide[2] > 0.3
    assert thin[2] < 0.2
    assert thin[1] > 0.9


@pytest.mark.parametrize("most", [5000, 40_000])
def test_no_more_faces_than_asked_for(tmp_path: Path, star: Path, most: int) -> None:
    mesh = loaded(model(tmp_path, star, meshTargetFaces=most))
    check_body(mesh, most)
    assert len(mesh.faces) > 0.5 * most


def test_a_finer_shape_has_more_faces(tmp_path: Path, star: Path) -> None:
    counts = [
        model(tmp_path, star, meshTargetFaces=700_000, shapeResolution=resolution)["files"][0][
            "meta"
        ]["faces"]
        for resolution in (1024, 1536)
    ]
    assert counts[1] > 1.8 * counts[0]


def test_the_front_faces_plus_z(tmp_path: Path, star: Path) -> None:
    mesh = loaded(model(tmp_path, star))
    middle = mesh.triangles_center[:, 2]
    assert mesh.face_normals[middle > 0.02][:, 2].mean() > 0.5
    assert mesh.face_normals[middle < -0.02][:, 2].mean() < -0.5


def test_a_view_from_behind_colours_the_back(tmp_path: Path, star: Path) -> None:
    picture = backdrop()
    draw_star(picture, (160, 92), 75, BLUE)
    back = saved(picture, tmp_path / "back.png")
    result = model(tmp_path, star, back=back)
    path = result["files"][0]["path"]
    front, behind = (
        model_still(path, 200, 200, turn_deg=turn, tilt_deg=0)[90:110, 95:105].mean(axis=(0, 1))
        for turn in (0, 180)
    )
    assert front[0] > front[2] + 60
    assert behind[2] > behind[0] + 60
    assert not [text for text in result["warnings"] if "back wasn't shown" in text]


def test_a_view_from_the_side_gives_the_thickness(tmp_path: Path, star: Path) -> None:
    thickness = []
    for half in (8, 40):
        picture = backdrop()
        picture[18:160, 160 - half : 160 + half] = RED
        side = saved(picture, tmp_path / f"side-{half}.png")
        mesh = loaded(model(tmp_path, star, left=side))
        check_body(mesh, 20_000)
        thickness.append(mesh.extents[2] / mesh.extents[1])
    assert thickness[1] > 2 * thickness[0]


def test_a_view_without_a_subject_becomes_a_relief(tmp_path: Path) -> None:
    rows = np.linspace(210, 60, 180)[:, None, None]
    waves = 12 * np.sin(np.arange(320) / 20)[None, :, None]
    picture = np.clip(rows + waves, 0, 255).repeat(3, axis=2).astype(np.uint8)
    result = model(tmp_path, saved(picture, tmp_path / "view.png"))
    check_body(loaded(result), 20_000)
    assert result["files"][0]["meta"]["form"] == "relief"
    assert "relief" in result["warnings"][0]


def test_our_own_figures_become_bodies(tmp_path: Path) -> None:
    call = arguments("generate_image", tmp_path, params={"prompt": "a robot in a forest"})
    made = generate_image.run(call, no_report)["files"][0]
    result = model(tmp_path, made["path"], made["meta"])
    check_body(loaded(result), 20_000)
    assert result["files"][0]["meta"]["form"] == "figure"


def test_cut_out_pictures_keep_their_own_outline(tmp_path: Path) -> None:
    picture = np.zeros((200, 200, 4), np.uint8)
    cv2.ellipse(picture, (60, 100), (30, 80), 0, 0, 360, (40, 160, 60, 255), -1)
    cv2.ellipse(picture, (150, 100), (25, 40), 0, 0, 360, (40, 60, 160, 255), -1)
    mesh = loaded(model(tmp_path, saved(picture, tmp_path / "two.png")))
    check_body(mesh, 20_000)
    # Two bodies, and nothing between them.
    across = np.sort(mesh.vertices[:, 0])
    assert np.diff(across).max() > 0.1


def test_equal_calls_give_equal_bytes(tmp_path: Path, star: Path) -> None:
    made = [Path(model(tmp_path, star)["files"][0]["path"]).read_bytes() for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("size", [(1, 1), (2, 60), (40, 40)])
def test_tiny_pictures_become_closed_bodies_too(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "tiny.png"
    Image.fromarray(np.full((*size, 3), 90, np.uint8)).save(path)
    assert loaded(model(tmp_path, path)).is_watertight


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add an image"):
        run(arguments("image_to_3d", tmp_path), no_report)
