"""Decoded video frames as every job wants them: upright, RGB, BT.709, standard dynamic range.

Phones record HLG, cameras and services PQ, both in BT.2020. Their frames are tone-mapped here, once
for all readers, by a table that is made from the standards' formulas and applied by FFmpeg.
Child process only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import Type as SideDataType
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

Frame = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Hdr = Literal["HLG", "PQ"]

# Numbers of ITU-T H.273 and the names FFmpeg's programs print for them.
_TRANSFERS = {
    1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear",
    11: "iec61966-2-4", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020",
    10: "smpte428", 11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
_MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco",
    9: "bt2020nc", 10: "bt2020c", 14: "ictcp",
}  # fmt: skip
_HDR: dict[str, Hdr] = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
# The scaler's conversions by matrix; anything else is guessed from the size.
_SCALER = {
    1: Colorspace.ITU709, 4: Colorspace.FCC, 5: Colorspace.ITU601, 6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M, 9: Colorspace.BT2020, 10: Colorspace.BT2020,
}  # fmt: skip

# Chromaticities (x, y) of red, green and blue. The white of all of them is D65.
_WIDE = {
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_WIDE_TITLES = {"bt2020": "BT.2020", "smpte432": "Display P3"}
_BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_D65 = (0.3127, 0.3290)

WHITE_NITS = 203.0  # ITU-R BT.2408: what diffuse white is in HDR, and what SDR's white becomes
_HLG_PEAK_NITS = 1000.0  # ITU-R BT.2100: the display HLG's system gamma of 1.2 is meant for
_PQ_PEAK_NITS = 1000.0  # what most PQ is mastered on, where the file does not say
_GAMMA = 2.4  # ITU-R BT.1886
_SIDE = 64  # points of the table along each of red, green and blue
_LEVEL = 512  # pixels along either side of the table as a picture: √(64³)
_TICK = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Colors:
    """A video's facts about its colors. Names as FFmpeg prints them, None where it says nothing.

    range: "limited" or "full". bit_depth: of a sample. peak_nits: of PQ, the brightest it has.
    """

    transfer: str | None
    primaries: str | None
    matrix: str | None
    range: str | None
    bit_depth: int
    peak_nits: float = _PQ_PEAK_NITS

    @property
    def hdr(self) -> Hdr | None:
        return _HDR.get(self.transfer or "")

    @property
    def wide(self) -> str | None:
        """The primaries to convert from; None for what is near BT.709."""
        if self.primaries in _WIDE:
            return self.primaries
        # HDR without primaries is BT.2020: nothing else is defined with these transfers.
        return "bt2020" if self.hdr and not self.primaries else None

    @property
    def conversion(self) -> str:
        """Say what is done to show it in BT.709, in a sentence for people; "" for nothing."""
        if self.hdr:
            return f"HDR video ({self.hdr}) was converted to standard dynamic range (BT.709)."
        if self.wide:
            return f"Wide-gamut video ({_WIDE_TITLES[self.wide]}) was converted to BT.709."
        return ""


def colors_of(picture: Any) -> Colors:
    """Return the colors of a decoded frame (av.VideoFrame)."""
    return Colors(
        transfer=_TRANSFERS.get(int(picture.color_trc)),
        primaries=_PRIMARIES.get(int(picture.color_primaries)),
        matrix=_MATRICES.get(int(picture.colorspace)),
        range={1: "limited", 2: "full"}.get(int(picture.color_range)),
        bit_depth=picture.format.components[0].bits,
        peak_nits=_peak_nits(picture),
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of stored pictures: quarters clockwise, then mirrored left to right."""

    quarters: int = 0
    mirrored: bool = False

    def apply(self, frame: Frame) -> Frame:
        if self.quarters:
            code = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)
            frame = cast(Frame, cv2.rotate(frame, code[self.quarters - 1]))
        return cast(Frame, cv2.flip(frame, 1)) if self.mirrored else frame


def turn_of(picture: Any) -> Turn:
    """Return the turn of a decoded frame (av.VideoFrame), from its display matrix."""
    matrix = picture.side_data.get(SideDataType.DISPLAYMATRIX)
    if matrix is None:
        return Turn()
    # Nine 16.16 numbers by rows: x' = a·x + c·y, y' = b·x + d·y (ISO/IEC 14496-12, 8.3.2).
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].astype(float)
    is_mirrored = bool(a * d - b * c < 0)
    if is_mirrored:
        a = -a
        c = -c
    quarters = round(math.degrees(math.atan2(b, a)) / 90) % 4
    return Turn(quarters, is_mirrored)


class ToRgb:
    """Converts the decoded frames of one video, in order."""

    def __init__(self) -> None:
        self._mapper: _Mapper | None = None
        # One for all frames, in this thread: `VideoFrame.reformat` makes a new one for each, whose
        # threads hold 16 MB of address space until the next collection of garbage.
        self._scaler = VideoReformatter()

    def __call__(self, picture: Any, width: int = 0, height: int = 0) -> Frame:
        """(height, width, 3) uint8 RGB in BT.709, not turned. width, height: the frame's if 0."""
        colors = colors_of(picture)
        is_mapped = bool(colors.hdr or colors.wide)
        width, height = width or picture.width, height or picture.height
        is_smaller = width * height < picture.width * picture.height
        rgb = self._scaler.reformat(
            picture,
            width=width,
            height=height,
            format="rgb48le" if is_mapped else "rgb24",
            src_colorspace=_scaler_matrix(picture),
            src_color_range=picture.color_range or ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA if is_smaller else Interpolation.BICUBIC,
            threads=1,
        )
        if not is_mapped:
            return cast(Frame, rgb.to_ndarray())
        table = _table(colors.hdr, colors.wide, colors.peak_nits)
        if self._mapper is None or not self._mapper.fits(table, width, height):
            self._mapper = _Mapper(table, width, height)
        return self._mapper.map(rgb)


def upright_rgb(picture: Any) -> Frame:
    """One decoded frame alone as it is meant to be seen: turned, RGB, BT.709."""
    return np.ascontiguousarray(turn_of(picture).apply(ToRgb()(picture)))


class _Mapper:
    """FFmpeg's `haldclut`: it takes the table as a picture, so no file has to be written.

    Packed pixels only: of planar ones FFmpeg 8.1 mixes up the channels.
    """

    def __init__(self, table: npt.NDArray[np.uint16], width: int, height: int) -> None:
        self._table, self._size = table, (width, height)
        graph: Any = av.filter.Graph()
        self._source = graph.add_buffer(
            width=width, height=height, format=av.VideoFormat("rgb48le"), time_base=_TICK
        )
        colors = graph.add_buffer(
            width=_LEVEL, height=_LEVEL, format=av.VideoFormat("rgb48le"), time_base=_TICK
        )
        mapping = graph.add("haldclut", "interp=tetrahedral")
        form = graph.add("format", "rgb24")
        self._sink = graph.add("buffersink")
        self._source.link_to(mapping, 0, 0)
        colors.link_to(mapping, 0, 1)
        mapping.link_to(form)
        form.link_to(self._sink)
        graph.configure()
        self._graph = graph  # else it is freed under its filters
        picture = av.VideoFrame.from_ndarray(table, format="rgb48le")
        picture.pts, picture.time_base = 0, _TICK
        colors.push(picture)
        colors.push(None)
        self._given = 0

    def fits(self, table: npt.NDArray[np.uint16], width: int, height: int) -> bool:
        return self._table is table and self._size == (width, height)

    def map(self, picture: Any) -> Frame:
        picture.pts, picture.time_base = self._given, _TICK
        self._given += 1
        self._source.push(picture)
        return cast(Frame, self._sink.pull().to_ndarray())


@lru_cache(maxsize=2)
def _table(hdr: Hdr | None, primaries: str | None, peak_nits: float) -> npt.NDArray[np.uint16]:
    """The conversion to BT.709 as a Hald picture: red varies fastest, then green, then blue."""
    steps = np.arange(_SIDE) / (_SIDE - 1)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    signal = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    to_xyz = _to_xyz(_WIDE[primaries] if primaries else _BT709)
    if hdr == "HLG":
        light, peak_nits = _hlg_nits(signal, to_xyz[1]), _HLG_PEAK_NITS
    elif hdr == "PQ":
        light = _pq_nits(signal)
    else:
        light, peak_nits = signal**_GAMMA * WHITE_NITS, WHITE_NITS
    # By the largest of the three, so that hues stay and nothing clips.
    brightest = light.max(axis=1, keepdims=True)
    light = light * (_tone_map(brightest, peak_nits) / np.maximum(brightest, 1e-9)) / WHITE_NITS
    in_gamut = _in_gamut(light @ (np.linalg.inv(_to_xyz(_BT709)) @ to_xyz).T)
    sdr = np.rint(in_gamut ** (1 / _GAMMA) * 65535).astype(np.uint16)
    return np.ascontiguousarray(sdr.reshape(_LEVEL, _LEVEL, 3))


def _hlg_nits(signal: Floats, luma: Floats) -> Floats:
    """ITU-R BT.2100, table 5: the inverse OETF, then the OOTF on a display of 1,000 nits."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return _HLG_PEAK_NITS * scene * (scene @ luma)[:, None] ** 0.2


_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


def _pq_nits(signal: Floats) -> Floats:
    """SMPTE ST 2084: what a signal of 0 to 1 shows."""
    root = signal ** (1 / _M2)
    return np.asarray(
        10_000 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1), np.float64
    )


def _pq_signal(nits: Floats | float) -> Floats:
    power = (np.maximum(nits, 0) / 10_000) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2, np.float64)


def _tone_map(nits: Floats, peak_nits: float) -> Floats:
    """ITU-R BT.2390, the EETF: dark and middle as they are, highlights rolled off below white."""
    if peak_nits <= WHITE_NITS:
        return np.minimum(nits, WHITE_NITS)
    top = float(_pq_signal(peak_nits))
    most = float(_pq_signal(WHITE_NITS)) / top
    knee = 1.5 * most - 0.5
    level = np.minimum(_pq_signal(nits) / top, 1.0)
    t = np.maximum(level - knee, 0) / (1 - knee)
    highlights = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (3 * t**2 - 2 * t**3) * most
    )
    return _pq_nits(np.where(level < knee, level, highlights) * top)


def _in_gamut(light: Floats) -> Floats:
    """Colors beyond BT.709 move towards the gray of their brightness, just as far as they must."""
    gray = np.clip(light @ _to_xyz(_BT709)[1], 0, 1)[:, None]
    away = light - gray
    room = np.where(away > 0, 1 - gray, gray)
    share = np.min(room / np.maximum(np.abs(away), 1e-9), axis=1, keepdims=True)
    return np.clip(gray + away * np.minimum(share, 1), 0, 1)


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> Floats:
    """Linear RGB to XYZ; its second row are the weights of luminance. Source: SMPTE RP 177."""
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    x, y = _D65
    white = np.array([x / y, 1.0, (1 - x - y) / y])
    return columns * np.linalg.solve(columns, white)


def _peak_nits(picture: Any) -> float:
    """Return the peak of the content, else of its mastering display, else 1,000."""
    content = picture.side_data.get(SideDataType.CONTENT_LIGHT_LEVEL)
    if content is not None:
        brightest = int(np.frombuffer(bytes(content), np.uint32)[0])
        if brightest:
            return float(min(max(brightest, WHITE_NITS), 10_000))
    mastering = picture.side_data.get(SideDataType.MASTERING_DISPLAY_METADATA)
    if mastering is not None:
        # Eight fractions of chromaticity, then the least and the most luminance (FFmpeg).
        over, under = np.frombuffer(bytes(mastering), np.int32)[18:20].astype(float)
        if over > 0 < under:
            return float(min(max(over / under, WHITE_NITS), 10_000))
    return _PQ_PEAK_NITS


def _scaler_matrix(picture: Any) -> Colorspace:
    fallback = Colorspace.ITU709 if picture.height >= 720 else Colorspace.ITU601
    return _SCALER.get(int(picture.colorspace), fallback)
