"""Files that attack what opens them, made on the spot: small, and none of them a real exploit.

Each is refused, or read as the harmless medium it also is; `CORPUS` says which.
"""

from __future__ import annotations

import gzip
import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pillow_heif

PNG = b"\x89PNG\r\n\x1a\n"
SECRET = "52.5200066 13.404954"


@dataclass(frozen=True)
class Hostile:
    """name: also its file name. make: the bytes; address: of a server that no one may ask.

    harmless: whether it may be read as what it pretends to be. says: a word of the refusal.
    """

    name: str
    make: Callable[[str], bytes]
    says: str = ""
    harmless: bool = False


def png(width: int, height: int, pixels: bytes, *extra: bytes, depth: int = 8) -> bytes:
    """A gray PNG whose header says what it likes. pixels: compressed already."""
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", pixels) + END


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


END = chunk(b"IEND", b"")
FEW_PIXELS = zlib.compress(bytes(1000))


def packed_often(data: bytes, times: int) -> bytes:
    """What zlib makes of data repeated, packed once only: a block that ends with a full flush
    knows nothing of the ones before it."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 1
    for _ in range(times):
        checksum = zlib.adler32(data, checksum)
    # The last block is empty.
    return head + block * times + b"\x03\0" + struct.pack(">I", checksum)


pillow_heif.register_heif_opener()


def picture(kind: str = "PNG", **options: Any) -> bytes:
    """A small honest picture."""
    target = io.BytesIO()
    ramp = np.indices((48, 64)).sum(axis=0).astype(np.uint8) * 2
    PIL.Image.fromarray(np.stack([ramp] * 3, axis=-1)).save(target, kind, **options)
    return target.getvalue()


def clip(
    *,
    kind: str = "mp4",
    codec: str = "libx264",
    times: tuple[int, ...] = tuple(range(12)),
    size: tuple[int, int] = (64, 48),
) -> bytes:
    """A small honest film. times: of its pictures, in tenths of a second."""
    target = io.BytesIO()
    with av.open(target, "w", format=kind) as container:
        stream: Any = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 10)
        for place, at in enumerate(times):
            pixels = np.full((size[1], size[0], 3), place * 9 % 250, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def sound(seconds: float = 0.5, rate: int = 8000, channels: int = 1) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\1" * int(seconds * rate) * channels)
    return target.getvalue()


# -- pictures --------------------------------------------------------------------------------------


def _pixel_bomb(address: str) -> bytes:
    """900 million pixels in about 110 kB."""
    packed = packed_often((b"\0" + b"\0" * (30_000 // 8)) * 1000, 30)
    return png(30_000, 30_000, packed, depth=1)


def _packed_bomb(kind: bytes, head: bytes) -> bytes:
    """A picture with a note or a profile of 200 MB, compressed to 200 kB."""
    packed = packed_often(b"A" * 1_000_000, 200)
    return png(8, 8, zlib.compress(b"\0" * 72), chunk(kind, head + packed))


def _endless_gif(address: str) -> bytes:
    """A screen of 65535 × 65535 with one pixel on it."""
    data = bytearray(picture("GIF"))
    data[6:10] = struct.pack("<HH", 65_535, 65_535)
    return bytes(data)


def _lying_jpeg(address: str) -> bytes:
    """The header says 65500 × 65500; the data is that of 64 × 48."""
    data = bytearray(picture("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    return bytes(data)


def _tiff_bomb(address: str) -> bytes:
    """A header of 900 million pixels before a few bytes."""
    return _resized(picture("TIFF"), (48).to_bytes(2, "little"), (64).to_bytes(2, "little"), 30_000)


def _resized(data: bytes, height: bytes, width: bytes, side: int) -> bytes:
    big = side.to_bytes(2, "little")
    tags = ((0x100, width), (0x101, height))
    for tag, value in tags:
        entry = tag.to_bytes(2, "little") + b"\x04\0\x01\0\0\0" + value
        short = tag.to_bytes(2, "little") + b"\x03\0\x01\0\0\0" + value
        data = data.replace(entry, entry[:8] + big).replace(short, short[:8] + big)
    return data


def _endless_tiff(address: str) -> bytes:
    """Its first directory says that the next one is itself, and its strips lie outside."""
    head = b"II*\0\x08\0\0\0\x01\0"
    return head + b"\0\x01\x03\0\x01\0\0\0\x40\0\0\0" + b"\x08\0\0\0" + b"\0" * 200


def _spatial_bomb(kind: str) -> bytes:
    """The box of the size says 30,000 by 30,000."""
    data = picture(kind)
    at = data.index(b"ispe") + 8
    return data[:at] + (30_000).to_bytes(4, "big") * 2 + data[at + 8 :]


def _lying_bmp(address: str) -> bytes:
    data = bytearray(picture("BMP"))
    data[18:26] = struct.pack("<ii", 2_000_000_000, 2_000_000_000)
    return bytes(data)


def _exif_loop(address: str) -> bytes:
    """An EXIF directory that names itself as the next one."""
    tiff = (
        b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x0f\x01\x02\0\xff\xff\xff\x7f\0\0\0\0" + b"\x08\0\0\0"
    )
    block = b"Exif\0\0" + tiff
    jpeg = picture("JPEG")
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


def _with_place(address: str) -> bytes:
    exif = PIL.Image.Exif()
    exif[0x010E] = SECRET
    return picture("JPEG", exif=exif)


# -- pages, archives and programs in disguise ------------------------------------------------------


def _laughs(address: str) -> bytes:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{lines}]><x>&l9;</x>'.encode()


def _zipped_tail(address: str) -> bytes:
    """A picture at its beginning, an archive at its end."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("evil.sh", "rm -rf /")
    return picture() + packed.getvalue()


# -- films and sounds ------------------------------------------------------------------------------


def _hls(address: str) -> bytes:
    return f"#EXTM3U\n#EXTINF:1,\n{address}/part.ts\n#EXTINF:1,\n/etc/passwd\n".encode()


def _playlist_in_film(address: str) -> bytes:
    """A film's first box, then a playlist."""
    return b"\0\0\0\x14ftypisom\0\0\x02\0isom" + _hls(address)


def _foreign_data(address: str) -> bytes:
    """A film whose pictures lie in another file, at an address (ISO 14496-12, 8.7.2)."""
    data = bytearray(clip())
    at = data.index(b"dref")
    where = f"{address}/film.mp4".encode() + b"\0"
    # The entry after version, flags and count: size, `url `, flags 0, which is "not in this file".
    data[at + 20 : at + 24] = b"\0\0\0\0"
    data[at + 24 : at + 24] = where
    _grow(data, at + 12, len(where))
    for box in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        _grow(data, data.index(box) - 4, len(where))
    return bytes(data)


def _grow(data: bytearray, at: int, by: int) -> None:
    data[at : at + 4] = struct.pack(">I", struct.unpack(">I", data[at : at + 4])[0] + by)


def _lying_duration(address: str) -> bytes:
    """A second of film whose header says a hundred hours."""
    data = bytearray(clip())
    at = data.index(b"mvhd") + 16
    scale = struct.unpack(">I", data[at : at + 4])[0]
    data[at + 4 : at + 8] = struct.pack(">I", min(0xFFFFFFFF, scale * 360_000))
    return bytes(data)


def _lying_times(address: str) -> bytes:
    """Every picture stands for a day, says the table of times."""
    data = bytearray(clip())
    at = data.index(b"stts") + 12
    data[at + 4 : at + 8] = struct.pack(">I", 0x7FFFFFFF)
    return bytes(data)


def _lying_size(address: str) -> bytes:
    """The sample description says 65535 × 65535."""
    data = bytearray(clip(codec="mpeg4"))
    at = data.index(b"mp4v") + 4 + 24
    data[at : at + 4] = struct.pack(">HH", 65_535, 65_535)
    return bytes(data)


def _no_index(address: str) -> bytes:
    """Cut before the box that says where the pictures lie."""
    data = clip()
    return data[: data.index(b"moov") - 4]


def _many_streams(address: str) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format="matroska") as container:
        streams = [container.add_stream("pcm_s16le", rate=8000) for _ in range(40)]
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        for stream in streams:
            container.mux(stream.encode(frame))
    return target.getvalue()


def _lying_wave(address: str) -> bytes:
    """Says it holds 4 GB; holds half a second."""
    data = bytearray(sound())
    data[4:8] = data[40:44] = b"\xf0\xff\xff\xff"
    return bytes(data)


def _cover_bomb(address: str) -> bytes:
    """An MP3 whose cover picture is the pixel bomb."""
    cover = _pixel_bomb(address)
    frame = b"\0image/png\0\x03\0" + cover
    body = b"APIC" + struct.pack(">I", len(frame)) + b"\0\0" + frame
    size = len(body)
    packed = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    target = io.BytesIO()
    with av.open(target, "w", format="mp3") as container:
        stream: Any = container.add_stream("libmp3lame", rate=44_100)
        tone = np.zeros((2, 1152), np.float32)
        frame_ = av.AudioFrame.from_ndarray(tone, "fltp", "stereo")
        frame_.sample_rate = 44_100
        for _ in range(20):
            container.mux(stream.encode(frame_))
        container.mux(stream.encode(None))
    return b"ID3\x03\0\0" + packed + body + target.getvalue()


def _noise(address: str = "") -> bytes:
    return np.random.default_rng(3).bytes(50_000)


CORPUS: tuple[Hostile, ...] = (
    Hostile("pixel-bomb.png", _pixel_bomb, "pixels"),
    Hostile("lying-header.png", lambda _: png(100_000, 100_000, b"x"), "pixels"),
    Hostile("just-too-large.png", lambda _: png(8_000, 6_000, FEW_PIXELS), "40 megapixels"),
    Hostile("fewer-pixels.png", lambda _: png(4_000, 4_000, FEW_PIXELS), "damaged"),
    Hostile("no-pixels.png", lambda _: png(0, 0, b""), "damaged"),
    # Notes that are too long are taken out before the picture is opened.
    Hostile("text-bomb.png", lambda _: _packed_bomb(b"zTXt", b"Comment\0\0"), harmless=True),
    Hostile("profile-bomb.png", lambda _: _packed_bomb(b"iCCP", b"p\0\0"), harmless=True),
    Hostile("cut.png", lambda _: picture()[:-60], "damaged"),
    Hostile("bad-checksum.png", lambda _: picture().replace(b"IDAT", b"IDAX", 1), "damaged"),
    Hostile("cut.jpg", lambda _: picture("JPEG")[:300], "damaged"),
    Hostile("lying.jpg", _lying_jpeg, "pixels"),
    Hostile("exif-loop.jpg", _exif_loop, harmless=True),
    Hostile("endless.gif", _endless_gif),
    Hostile("lying.bmp", _lying_bmp),
    Hostile("cut.webp", lambda _: picture("WEBP")[:60], "damaged"),
    Hostile("bomb.tiff", _tiff_bomb, "megapixels"),
    Hostile("cut.tiff", lambda _: picture("TIFF")[:300], "damaged"),
    Hostile("endless.tiff", _endless_tiff, "damaged"),
    Hostile("cut.heic", lambda _: picture("HEIF")[:-200], "damaged"),
    Hostile("bomb.heic", lambda _: _spatial_bomb("HEIF")),
    Hostile("cut.avif", lambda _: picture("AVIF")[:-60], "damaged"),
    Hostile("bomb.avif", lambda _: _spatial_bomb("AVIF")),
    Hostile("picture.eps", lambda _: b"%!PS-Adobe-3.0 EPSF-3.0\n(ls) system\n", "aren't supported"),
    Hostile("photo.heic", lambda _: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, "damaged"),
    Hostile("photo.avif", lambda _: b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + b"\0" * 99, "damaged"),
    Hostile("empty.png", lambda _: b"", "empty"),
    Hostile("one-byte.mp4", lambda _: b"\0"),
    Hostile("noise.mp4", _noise),
    Hostile("noise-as.png", lambda _: PNG + _noise(), "damaged"),
    Hostile("noise-as.jpg", lambda _: b"\xff\xd8\xff\xe0\0\x10JFIF\0" + _noise(), "damaged"),
    Hostile("noise-as.mp4", lambda _: b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + _noise(), "damaged"),
    Hostile("noise-as.webm", lambda _: b"\x1a\x45\xdf\xa3" + _noise(), ""),
    Hostile("noise-as.ogg", lambda _: b"OggS\0\x02" + _noise(), "damaged"),
    Hostile("noise-as.flac", lambda _: b"fLaC\0\0\0\x22" + _noise(), "damaged"),
    Hostile(
        "drawing.svg.png",
        lambda a: (
            '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script>'
            f'<image href="{a}/svg.png"/></svg>'
        ).encode(),
        "SVG",
    ),
    Hostile("billion-laughs.svg", _laughs),
    Hostile(
        "page.jpg",
        lambda a: f"<!DOCTYPE html><html><img src='{a}/page.png'></html>".encode(),
        "web page",
    ),
    Hostile("archive.zip", lambda a: _zipped_tail(a)[len(picture()) :], "aren't supported"),
    Hostile("packed.gz", lambda _: gzip.compress(b"\0" * 10_000_000), "aren't supported"),
    Hostile("program", lambda _: b"\x7fELF\x02\x01\x01" + b"\0" * 500, "aren't supported"),
    Hostile("zip-behind.png", _zipped_tail, harmless=True),
    # `GIF89a` is also the name of a variable.
    Hostile(
        "script.gif",
        lambda a: b"GIF89a/*" + picture("GIF")[8:] + f"*/=1;fetch('{a}')//".encode(),
        harmless=True,
    ),
    Hostile(
        "page-inside.jpg",
        lambda a: picture("JPEG", comment=f"<html><script src='{a}/x.js'></script>".encode()),
        harmless=True,
    ),
    Hostile("with-place.jpg", _with_place, harmless=True),
    Hostile("list.m3u8", _hls, "Playlists"),
    Hostile(
        "list.ffconcat",
        lambda a: f"ffconcat version 1.0\nfile /etc/passwd\nfile {a}/part.mp4\n".encode(),
        "Playlists",
    ),
    Hostile(
        "list.mpd",
        lambda a: f"<?xml version='1.0'?><MPD><BaseURL>{a}/</BaseURL></MPD>".encode(),
        "Playlists",
    ),
    Hostile(
        "session.sdp",
        lambda _: b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    ),
    Hostile("list-inside.mp4", _playlist_in_film),
    Hostile("foreign-data.mp4", _foreign_data, harmless=True),
    # Two pictures, a day apart.
    Hostile("duration-bomb.mp4", lambda _: clip(times=(0, 864_000)), "over 10 minutes"),
    Hostile("lying-duration.mp4", _lying_duration, harmless=True),
    Hostile("lying-times.mp4", _lying_times, harmless=True),
    Hostile("lying-size.mp4", _lying_size, harmless=True),
    Hostile("too-many-pixels.mp4", lambda _: clip(times=(0,), size=(5000, 2000)), "4096×2160"),
    Hostile("no-index.mp4", _no_index, "damaged"),
    Hostile("cut.mkv", lambda _: clip(kind="matroska")[:700]),
    Hostile("many-streams.mkv", _many_streams, "streams"),
    Hostile("lying.wav", _lying_wave, harmless=True),
    # Eleven minutes of eight samples a second: 10 kB.
    Hostile("long.wav", lambda _: sound(seconds=660, rate=8), "over 10 minutes"),
    Hostile("no-sound.wav", lambda _: sound(0), ""),
    Hostile("cover-bomb.mp3", _cover_bomb, harmless=True),
)
