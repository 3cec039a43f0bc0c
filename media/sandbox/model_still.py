"""A still of a 3D model, seen as on a turntable. Child process only.

Points are scattered over the triangles and the nearest one of each pixel is kept: no graphics
driver, and time in proportion to pixels rather than to triangles.
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mediakit.errors import Refused
from mediakit.normals import corner_normals

MOST_FACES = 1_500_000
MOST_BYTES = 200_000_000
MOST_TEXELS = 40_000_000
# Points per pixel that a triangle covers: enough that hardly a gap is left to close.
DENSITY = 2.6
MOST_POINTS = 6_000_000
# The light comes from over the left shoulder; the rest is sky.
LIGHT = np.array([-0.45, 0.65, 0.62])
GROUND = (238, 236, 232)
TURN_DEG, TILT_DEG = 28.0, 12.0


def model_still(
    path: str | Path,
    width: int,
    height: int,
    *,
    turn_deg: float = TURN_DEG,
    tilt_deg: float = TILT_DEG,
) -> np.ndarray:
    """The model in a GLB file, (height, width, 3) uint8 RGB. Raises Refused for anything else.

    turn_deg: how far it is turned to the right; tilt_deg: how far one looks down on it.
    """
    mesh = _mesh_of(Path(path))
    colours = _colours_of(mesh)
    scale = 2
    picture = _draw(mesh, colours, width * scale, height * scale, turn_deg, tilt_deg)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))


class _Alone(dict[str, bytes]):
    """A model has what its file holds: no other file and no address is asked for the rest."""


def _mesh_of(path: Path) -> Any:
    # Slow to import, and only models need it.
    import trimesh

    if path.stat().st_size > MOST_BYTES:
        raise Refused("This 3D model is over 200 MB. Use a smaller one.")
    try:
        mesh: Any = trimesh.load(
            # Bytes, for beside a file the loader would look for what the model names.
            io.BytesIO(path.read_bytes()),
            file_type="glb",
            resolver=_Alone(),
            force="mesh",
            process=False,
        )
    except MemoryError:
        raise
    # A damaged model fails in as many ways as the loader has lines.
    except Exception as error:
        raise Refused("This 3D model is damaged or incomplete.") from error
    if not len(getattr(mesh, "faces", ())):
        raise Refused("This 3D model is empty.")
    if len(mesh.faces) > MOST_FACES:
        raise Refused("This 3D model has over 1.5 million triangles. Use a simpler one.")
    if not np.isfinite(mesh.vertices).all():
        raise Refused("This 3D model is damaged or incomplete.")
    return mesh


def _colours_of(mesh: Any) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray]:
    """Texture, places on it, and the one color of what has no texture."""
    visual = mesh.visual
    material = getattr(visual, "material", None)
    uv = getattr(visual, "uv", None)
    texture = getattr(material, "baseColorTexture", None)
    plain = np.array([168, 172, 180], np.float32)
    factor = getattr(material, "baseColorFactor", None)
    if factor is not None and len(factor) >= 3:
        plain = np.asarray(factor[:3], np.float32)
    if texture is None or uv is None:
        return None, None, plain
    if texture.width * texture.height > MOST_TEXELS:
        raise Refused("This 3D model has a texture of over 40 megapixels. Use a smaller one.")
    try:
        pixels = np.asarray(texture.convert("RGB"))
    # As with the model itself.
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("This 3D model is damaged or incomplete.") from error
    return pixels, np.asarray(uv, np.float32), plain


def _draw(
    mesh: Any,
    colours: tuple[np.ndarray | None, np.ndarray | None, np.ndarray],
    width: int,
    height: int,
    turn_deg: float,
    tilt_deg: float,
) -> np.ndarray:
    points = _turn(np.asarray(mesh.vertices, np.float64), turn_deg, tilt_deg)
    low, high = points.min(axis=0), points.max(axis=0)
    size = float(max((high[0] - low[0]) / width, (high[1] - low[1]) / height, 1e-9)) / 0.84
    screen = np.stack(
        [
            (points[:, 0] - (low[0] + high[0]) / 2) / size + width / 2,
            height / 2 - (points[:, 1] - (low[1] + high[1]) / 2) / size,
        ],
        axis=1,
    )
    faces = np.asarray(mesh.faces)
    normals = _turn(corner_normals(np.asarray(mesh.vertices), faces), turn_deg, tilt_deg)
    corner = screen[faces]
    side, other = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    facing = side[:, 1] * other[:, 0] - side[:, 0] * other[:, 1]
    # Seen from behind, a closed body's triangles are hidden by its front.
    front = faces[facing > 0]
    area = facing[facing > 0] / 2
    density = min(DENSITY, MOST_POINTS / max(1.0, float(area.sum())))
    counts = np.ceil(area * density).astype(np.int64)
    face = np.repeat(np.arange(len(front)), counts)
    weights = _scatter(len(face))
    corners = front[face]
    at = np.einsum("nk,nkc->nc", weights, screen[corners])
    depth = np.einsum("nk,nk->n", weights, points[:, 2][corners])
    normal = np.einsum("nk,nkc->nc", weights, normals[corners])
    colour = _looked_up(colours, weights, corners)
    tones = colour * _light(normal)[:, None]
    return _nearest(at, depth, tones, width, height)


def _turn(points: np.ndarray, turn_deg: float, tilt_deg: float) -> np.ndarray:
    turn, tilt = math.radians(-turn_deg), math.radians(tilt_deg)
    around = np.array(
        [[math.cos(turn), 0, math.sin(turn)], [0, 1, 0], [-math.sin(turn), 0, math.cos(turn)]]
    )
    down = np.array(
        [[1, 0, 0], [0, math.cos(tilt), -math.sin(tilt)], [0, math.sin(tilt), math.cos(tilt)]]
    )
    return np.asarray(points @ (down @ around).T)


def _scatter(count: int) -> np.ndarray:
    """Even, never random places on triangles, as weights of the corners: the R2 sequence."""
    number = np.arange(1, count + 1, dtype=np.float64)
    u, v = (0.7548776662466927 * number) % 1, (0.5698402909980532 * number) % 1
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    return np.stack([1 - u - v, u, v], axis=1)


def _looked_up(
    colours: tuple[np.ndarray | None, np.ndarray | None, np.ndarray],
    weights: np.ndarray,
    corners: np.ndarray,
) -> np.ndarray:
    texture, uv, plain = colours
    if texture is None or uv is None:
        return np.broadcast_to(plain, (len(corners), 3))
    places = np.einsum("nk,nkc->nc", weights, uv[corners]) % 1.0
    rows, columns = texture.shape[:2]
    x = np.minimum((places[:, 0] * columns).astype(np.int64), columns - 1)
    y = np.minimum(((1 - places[:, 1]) * rows).astype(np.int64), rows - 1)
    return texture[y, x].astype(np.float32)


def _light(normal: np.ndarray) -> np.ndarray:
    unit = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    key = np.clip(unit @ (LIGHT / np.linalg.norm(LIGHT)), 0, 1)
    sky = 0.5 + 0.5 * unit[:, 1]
    return np.asarray(0.42 + 0.2 * sky + 0.55 * key)


def _nearest(
    at: np.ndarray, depth: np.ndarray, colour: np.ndarray, width: int, height: int
) -> np.ndarray:
    x, y = at[:, 0].astype(np.int64), at[:, 1].astype(np.int64)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    order = np.argsort(depth[inside], kind="stable")
    place = (y[inside] * width + x[inside])[order]
    picture = np.zeros((height * width, 3), np.uint8)
    coverage = np.zeros(height * width, np.uint8)
    # Written from far to near: what is written last stays.
    picture[place] = np.clip(colour[inside][order], 0, 255)
    coverage[place] = 255
    return _on_ground(picture.reshape(height, width, 3), coverage.reshape(height, width))


def _on_ground(picture: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """Gaps closed, on a light ground with a soft shadow."""
    square = np.ones((3, 3), np.uint8)
    mask = cv2.morphologyEx(coverage, cv2.MORPH_CLOSE, square)
    gaps = (mask > 0) & (coverage == 0)
    near = cv2.dilate(picture, square)
    picture = np.where(gaps[..., None], near, picture)
    height, width = coverage.shape
    down = np.linspace(1.02, 0.9, height, dtype=np.float32)[:, None, None]
    ground = np.asarray(np.array(GROUND, np.float32) * down, np.float32) + np.zeros((1, width, 1))
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size:
        ground = ground * (1 - 0.35 * _shadow(mask, int(rows[-1])))[..., None]
    alpha = (mask.astype(np.float32) / 255)[..., None]
    return np.asarray(np.clip(picture * alpha + ground * (1 - alpha), 0, 255), np.uint8)


def _shadow(mask: np.ndarray, foot: int) -> np.ndarray:
    height, width = mask.shape
    columns = np.flatnonzero(mask[max(0, foot - height // 6) : foot + 1].any(axis=0))
    spot = np.zeros((height, width), np.float32)
    centre = (int(columns.mean()), min(height - 1, foot - height // 90))
    reach = (max(4, int(np.ptp(columns) * 0.55)), max(3, height // 28))
    cv2.ellipse(spot, centre, reach, 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(spot, (0, 0), max(1.0, height / 50)))
