"""A closed, textured body from a picture: a figure blown up from its outline, or a relief.

Metres, +Y up, the picture's side towards +Z (glTF 2.0, section 3.4); the longest side measures one
metre and the body stands on the ground.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from mediakit.normals import corner_normals
from studio.media.image.cutout import Cut, without_fringe
from studio.media.image.depth import background_depth
from studio.media.raster import ByteArray, FloatArray, blur

IntArray = npt.NDArray[np.int64]

# Cells along the longest side, by the shape resolution asked for: finer adds bytes, not shape.
CELLS = {1024: 224, 1536: 336}
FEWEST_CELLS = 24
# The rim that joins front and back, as a share of the size: thin, for its texture is a streak.
RIM = 0.0015
# A figure's half thickness, at most, and how much flatter its back is.
THICKEST = 0.30
BACK = 0.85
RELIEF, PLATE = 0.16, 0.03
BUMP = 3.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a body is made from, cut to its outline.

    image: (h, w, 3) RGB, colored beyond the outline too; mask: (h, w), 1 inside; height, back:
    (h, w), how far front and back come out, as shares of the longest side; behind: the colors of
    the back as seen through from the front.
    """

    image: ByteArray
    mask: FloatArray
    height: FloatArray
    back: FloatArray
    behind: ByteArray


@dataclass(frozen=True, slots=True)
class Body:
    """vertices: (n, 3) metres; faces: (m, 3), counter-clockwise from outside; uv: (n, 2)."""

    vertices: FloatArray
    faces: IntArray
    uv: FloatArray
    stacked: bool


@dataclass(frozen=True, slots=True)
class Textures:
    """Sides in pixels, at most."""

    colour: int = 4096
    normals: int = 2048
    occlusion: int = 1024


def figure_sheet(image: ByteArray, cut: Cut, back: tuple[ByteArray, Cut] | None = None) -> Sheet:
    """A subject blown up as if its parts were round. back: a view from behind and its subject."""
    clean = without_fringe(image, cut.mask)
    window = _window(cut, image.shape)
    picture, mask = np.ascontiguousarray(clean[window]), np.ascontiguousarray(cut.mask[window])
    bled = _bled(picture, mask)
    height = rounded(mask)
    soft = np.asarray(blur(bled, max(2.0, max(mask.shape) / 26)), np.uint8)
    behind = soft if back is None else _seen_through(*back, mask, bled)
    return Sheet(bled, mask, height, np.asarray(height * BACK, np.float32), behind)


def relief_sheet(image: ByteArray) -> Sheet:
    """A whole picture as a plate, near things raised."""
    depth = background_depth(image)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    fine = blur(grey, max(image.shape) / 250) - blur(grey, max(image.shape) / 40)
    height = RELIEF * depth + 0.03 * fine
    mask = np.ones(image.shape[:2], np.float32)
    plain = np.broadcast_to(image.mean(axis=(0, 1)), image.shape).astype(np.uint8)
    plate = np.full(mask.shape, PLATE, np.float32)
    return Sheet(image, mask, np.asarray(height - height.min(), np.float32), plate, plain)


def rounded(mask: FloatArray) -> FloatArray:
    """Heights over a mask as if every part were a tube of its own width; shares of the size."""
    size = max(mask.shape)
    held = np.asarray(mask > 0.5, np.uint8)
    # Beyond the picture's edge nothing is known: there the figure goes on.
    inside = cv2.distanceTransform(held, cv2.DIST_L2, 5) / size
    reach = max(3, round(2 * float(inside.max()) * size) | 1)
    radius = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    share = cv2.blur(np.asarray(held, np.float32), (reach, reach)) + 1e-4
    radius = np.maximum(inside, cv2.blur(radius * held, (reach, reach)) / share)
    swell = np.sqrt(np.clip(inside * (2 * radius - inside), 0, None))
    swell = THICKEST * np.tanh(swell / THICKEST)
    smooth = blur(np.asarray(swell, np.float32), size / 140)
    # Smoothing must not lift the outline off the rim.
    return np.asarray(np.minimum(smooth, 6 * inside) * held, np.float32)


def thickened(sheet: Sheet, profile: FloatArray) -> Sheet:
    """With the thickness a view from the side shows.

    profile: (n,), from top to bottom, thickness as a share of the figure's height.
    """
    rows = sheet.mask.shape[0]
    tall = rows / max(sheet.mask.shape)
    wanted = np.interp(np.linspace(0, 1, rows), np.linspace(0, 1, len(profile)), profile) * tall
    has = (sheet.height + sheet.back).max(axis=1)
    factor = np.where(has > 0.01, wanted / np.maximum(has, 0.01), 1.0)
    factor = np.asarray(np.clip(blur(factor[:, None].astype(np.float32), rows / 60), 0.15, 4))
    return Sheet(sheet.image, sheet.mask, sheet.height * factor, sheet.back * factor, sheet.behind)


def side_profile(cut: Cut) -> FloatArray:
    """How thick a figure is from top to bottom, from its outline as seen from the side."""
    window = _window(cut, cut.mask.shape, margin=0.0)
    held = cut.mask[window] > 0.5
    return np.asarray(held.sum(axis=1) / max(1, held.shape[0]), np.float32)


def _window(cut: Cut, shape: tuple[int, ...], margin: float = 0.02) -> tuple[slice, slice]:
    left, top, right, bottom = cut.box or (0.0, 0.0, 1.0, 1.0)
    height, width = shape[:2]
    pad = round(margin * max(height, width)) + (2 if margin else 0)
    return (
        slice(max(0, round(top * height) - pad), min(height, round(bottom * height) + pad)),
        slice(max(0, round(left * width) - pad), min(width, round(right * width) + pad)),
    )


def _bled(picture: ByteArray, mask: FloatArray) -> ByteArray:
    """The colors inside go on outside, so that no background shows at the rim."""
    sure = np.asarray(mask > 0.9, np.float32)
    colour = picture.astype(np.float32)
    out, weight = colour * sure[..., None], sure[..., None].copy()
    for spread in (2.0, 6.0, 20.0, 60.0):
        total, share = blur(colour * sure[..., None], spread), blur(sure, spread)[..., None]
        near = total / np.maximum(share, 1e-4)
        out = np.where(weight > 0, out, near)
        weight = np.maximum(weight, share > 0.02)
    mean = colour[sure > 0].mean(axis=0) if sure.any() else colour.mean(axis=(0, 1))
    return np.asarray(np.clip(np.where(weight > 0, out, mean), 0, 255) + 0.5, np.uint8)


def _seen_through(view: ByteArray, cut: Cut, mask: FloatArray, front: ByteArray) -> ByteArray:
    """A view from behind laid on the outline of the front."""
    window = _window(cut, view.shape, margin=0.0)
    bled = _bled(without_fringe(view, cut.mask), cut.mask)
    held = mask > 0.5
    rows, columns = np.flatnonzero(held.any(axis=1)), np.flatnonzero(held.any(axis=0))
    out = np.asarray(blur(front, 20.0), np.uint8).copy()
    if not rows.size:
        return out
    size = (int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1))
    laid = cv2.resize(np.ascontiguousarray(bled[window][:, ::-1]), size)
    out[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = laid
    return out


def build_body(sheet: Sheet, most_faces: int, resolution: int) -> Body:
    """The closed body of a sheet, of at most `most_faces` triangles."""
    cells = CELLS.get(resolution, CELLS[1024])
    while True:
        held = _cells(sheet.mask, cells)
        edges = _rim(held)
        count = 4 * int(held.sum()) + 2 * len(edges)
        if count <= most_faces or cells <= FEWEST_CELLS // 2:
            break
        cells = min(cells - 1, int(cells * np.sqrt(most_faces / count)))
    return _body(sheet, held, edges)


def _cells(mask: FloatArray, cells: int) -> npt.NDArray[np.bool_]:
    """The grid cells inside the outline; none that touch at a corner only."""
    height, width = mask.shape
    longest = max(height, width)
    size = (max(2, round(cells * width / longest)), max(2, round(cells * height / longest)))
    kind = cv2.INTER_AREA if longest > cells else cv2.INTER_LINEAR
    held = np.pad(cv2.resize(mask, size, interpolation=kind) > 0.5, 1)
    held = held[1:-1, 1:-1]
    if not held.any():
        held = np.ones_like(held)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.asarray(held, np.uint8), connectivity=4
    )
    sizes = stats[:, cv2.CC_STAT_AREA].copy()
    sizes[0] = 0
    held = sizes[labels] >= max(4, 0.01 * sizes.max())
    while True:
        a, b, c, d = held[:-1, :-1], held[:-1, 1:], held[1:, :-1], held[1:, 1:]
        falling, rising = a & d & ~b & ~c, b & c & ~a & ~d
        if not (falling.any() or rising.any()):
            return held
        held[:-1, 1:] |= falling
        held[:-1, :-1] |= rising


def _rim(held: npt.NDArray[np.bool_]) -> IntArray:
    """Edges between a held cell and the outside as node numbers, (n, 2), the inside on the left
    as seen from the front."""
    rows, columns = held.shape
    node = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    padded = np.pad(held, 1)
    a, b, d, e = node[:-1, :-1], node[:-1, 1:], node[1:, :-1], node[1:, 1:]
    sides = (
        (padded[1:-1, :-2], a, d),
        (padded[2:, 1:-1], d, e),
        (padded[1:-1, 2:], e, b),
        (padded[:-2, 1:-1], b, a),
    )
    found = []
    for beyond, start, end in sides:
        open_ = held & ~beyond
        found.append(np.stack([start[open_], end[open_]], axis=1))
    return np.asarray(np.concatenate(found), np.int64)


def _body(sheet: Sheet, held: npt.NDArray[np.bool_], edges: IntArray) -> Body:
    rows, columns = held.shape
    place = _places(held, edges)
    rim = np.zeros((rows + 1) * (columns + 1), bool)
    rim[edges.ravel()] = True
    tall, wide = sheet.mask.shape
    size = max(tall, wide)
    at = (place * [wide / columns, tall / rows] - 0.5).astype(np.float32)
    # A figure's two sides meet at its rim; a plate has a real edge.
    thin = rim & bool(sheet.mask.min() <= 0.5)
    front, back = (
        np.where(thin, 0, _sampled(values, at)) + RIM for values in (sheet.height, sheet.back)
    )
    scale = 1 / size
    x = (at[:, 0] + 0.5 - wide / 2) * scale
    y = (tall - at[:, 1] - 0.5) * scale
    vertices = np.concatenate(
        [np.stack([x, y, front], axis=1), np.stack([x, y, -back], axis=1)]
    ).astype(np.float32)
    faces = _faces(held, edges)
    stacked = wide > tall
    uv = np.concatenate([_uv(at, wide, tall, 0, stacked), _uv(at, wide, tall, 1, stacked)])
    used = np.unique(faces)
    number = np.zeros(len(vertices), np.int64)
    number[used] = np.arange(len(used))
    vertices = vertices[used]
    vertices[:, 1] -= vertices[:, 1].min()
    return Body(vertices, number[faces], uv[used].astype(np.float32), stacked)


def _places(held: npt.NDArray[np.bool_], edges: IntArray) -> FloatArray:
    """Where the nodes are, in cells; the staircase of the rim is drawn smooth."""
    rows, columns = held.shape
    x, y = np.meshgrid(np.arange(columns + 1), np.arange(rows + 1))
    place = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)
    if held.all():
        return place
    # Every node of the rim has one edge coming and one going.
    after = np.arange(len(place))
    before = np.arange(len(place))
    after[edges[:, 0]] = edges[:, 1]
    before[edges[:, 1]] = edges[:, 0]
    loop = np.unique(edges)
    for share in (0.5, -0.51) * 4 + (0.5, 0.5):
        middle = (place[after[loop]] + place[before[loop]]) / 2
        place[loop] += share * (middle - place[loop])
    return place


def _faces(held: npt.NDArray[np.bool_], edges: IntArray) -> IntArray:
    rows, columns = held.shape
    node = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    a, b = node[:-1, :-1][held], node[:-1, 1:][held]
    d, e = node[1:, :-1][held], node[1:, 1:][held]
    front = np.concatenate([np.stack([a, d, b], axis=1), np.stack([b, d, e], axis=1)])
    behind = (rows + 1) * (columns + 1)
    p, q = edges[:, 0], edges[:, 1]
    wall = np.concatenate(
        [
            np.stack([q, p, p + behind], axis=1),
            np.stack([q, p + behind, q + behind], axis=1),
        ]
    )
    return np.asarray(np.concatenate([front, front[:, ::-1] + behind, wall]), np.int64)


def _sampled(values: FloatArray, at: FloatArray) -> FloatArray:
    # In one row per 16,000 nodes: OpenCV takes no wider pictures.
    count = len(at)
    width = min(count, 16_000)
    padded = np.pad(at, ((0, -count % width), (0, 0)), mode="edge").reshape(-1, width, 2)
    found = cv2.remap(
        values,
        np.ascontiguousarray(padded[..., 0]),
        np.ascontiguousarray(padded[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found.ravel()[:count], np.float32)


def _uv(at: FloatArray, wide: int, tall: int, side: int, stacked: bool) -> FloatArray:
    """Places on the texture, from its lower left: the front's half, or the back's (side 1)."""
    u, v = (at[:, 0] + 0.5) / wide, (at[:, 1] + 0.5) / tall
    # The rim of one half must not draw in the other's colours.
    u, v = np.clip(u, 0.002, 0.998), np.clip(v, 0.002, 0.998)
    if stacked:
        v = (v + side) / 2
    else:
        u = (u + side) / 2
    return np.stack([u, 1 - v], axis=1).astype(np.float32)


def write_glb(path: Path, sheet: Sheet, body: Body, textures: Textures) -> dict[str, int]:
    """Write the body as a binary glTF; sides of the textures written, in pixels."""
    # Slow to import, and no other tool needs it.
    import trimesh

    colour = _halves(sheet.image, sheet.behind, body.stacked, textures.colour)
    bumps, shade = _relief_maps(sheet)
    normals = _halves(bumps, bumps, body.stacked, textures.normals)
    occlusion = _halves(shade, shade, body.stacked, textures.occlusion)
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=_jpeg(colour),
        normalTexture=_jpeg(normals),
        occlusionTexture=_jpeg(occlusion),
        metallicFactor=0.0,
        roughnessFactor=0.85,
        doubleSided=False,
    )
    mesh = trimesh.Trimesh(
        body.vertices,
        body.faces,
        vertex_normals=corner_normals(body.vertices, body.faces),
        process=False,
    )
    mesh.visual = trimesh.visual.TextureVisuals(uv=body.uv, material=material)
    mesh.export(path, file_type="glb", include_normals=True)
    return {
        "texture_size": max(colour.shape[:2]),
        "normal_map_size": max(normals.shape[:2]),
        "ambient_occlusion_size": max(occlusion.shape[:2]),
    }


def _halves(front: ByteArray, back: ByteArray, stacked: bool, side: int) -> ByteArray:
    """Front and back in one texture, neither larger than asked for nor than it has pixels."""
    both = np.vstack([front, back]) if stacked else np.hstack([front, back])
    height, width = both.shape[:2]
    factor = min(1.0, side / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(both, size, interpolation=cv2.INTER_AREA), np.uint8)


def _relief_maps(sheet: Sheet) -> tuple[ByteArray, ByteArray]:
    """The picture's fine light and shade as a normal map, and hollows as an occlusion map."""
    grey = cv2.cvtColor(sheet.image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    fine = blur(grey, 0.8) - blur(grey, max(grey.shape) / 60)
    across, down = cv2.Sobel(fine, cv2.CV_32F, 1, 0), cv2.Sobel(fine, cv2.CV_32F, 0, 1)
    normal = np.dstack([-BUMP * across, BUMP * down, np.ones_like(fine)])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    around = blur(sheet.height, max(grey.shape) / 30)
    hollow = np.clip((around - sheet.height) * 9, 0, 0.6)
    shade = np.asarray(255 * (1 - hollow) + 0.5, np.uint8)
    return np.asarray(normal * 127 + 128.5, np.uint8), np.dstack([shade] * 3)


def _jpeg(picture: ByteArray) -> Any:
    """The picture as a JPEG, which the exporter then embeds as it is."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=90)
    file.seek(0)
    return Image.open(file, formats=("JPEG",))
