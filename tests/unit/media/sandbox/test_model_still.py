"""A still of a 3D model: its colors, from the side asked for; anything else is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from media.sandbox.model_still import model_still
from media.sandbox.poster import poster
from mediakit.errors import Refused


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A plain red box, twice as wide as high, five centimetres deep."""
    mesh = trimesh.creation.box((2, 1, 0.1))
    material = trimesh.visual.material.PBRMaterial(baseColorFactor=(200, 30, 30, 255))
    mesh.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)), material=material)
    path = tmp_path / "box.glb"
    mesh.export(path)
    return path


def red(picture: np.ndarray) -> np.ndarray:
    colour = picture.astype(int)
    return colour[..., 0] > colour[..., 2] + 40


def test_it_shows_the_model_in_its_shape_and_colour(box: Path) -> None:
    body = red(model_still(box, 200, 160, turn_deg=0, tilt_deg=0))
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    assert (np.ptp(columns) + 1) / (np.ptp(rows) + 1) == pytest.approx(2, rel=0.05)
    # Without gaps.
    assert body[rows[0] + 1 : rows[-1], columns[0] + 1 : columns[-1]].all()


def test_from_the_side_it_is_thin(box: Path) -> None:
    body = red(model_still(box, 200, 160, turn_deg=90, tilt_deg=0))
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    assert np.ptp(columns) < 0.2 * np.ptp(rows)


def test_a_model_has_a_poster(box: Path, tmp_path: Path) -> None:
    target = tmp_path / "poster.webp"
    call = {"path": str(box), "target": str(target), "width": 320}
    facts = poster(call, lambda _fraction, _message: None)
    assert (facts["kind"], facts["width"], facts["height"]) == ("image", 320, 200)
    assert red(np.asarray(Image.open(target).convert("RGB"))).mean() > 0.1


@pytest.mark.parametrize("data", [b"glTF\x02\0\0\0\x14\0\0\0", b"glTF" + b"\xff" * 400])
def test_damaged_models_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "damaged.glb"
    path.write_bytes(data)
    with pytest.raises(Refused):
        model_still(path, 64, 64)
