"""A small corpus of hostile and honest files, each looked at in the sandbox."""

import io
import struct
import wave
import zlib

import av
import numpy as np
import PIL.Image
import pillow_heif
import pytest

from core.errors import ProviderError
from media.blobs import FileFacts
from media.probing import probe_file, strip_file
from media.sandbox import Unwatched

GPS_SECRET = "52.520008"


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_of(width, height, data):
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


pillow_heif.register_heif_opener()


def picture(kind="PNG", size=(40, 30), mode="RGB", **options):
    colours = np.indices((size[1], size[0])).sum(axis=0).astype(np.uint8) * 3
    image = PIL.Image.fromarray(np.stack([colours] * 3, axis=-1)).convert(mode)
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def phone_photo():
    """Held upright: stored on its side with an orientation, a place and a comment."""
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = GPS_SECRET
    return picture("JPEG", size=(40, 30), exif=exif, comment=GPS_SECRET.encode())


def film(*, size=(64, 48), seconds=1.0, sound=True, kind="mp4", rate=10, codec="libx264"):
    target = io.BytesIO()
    with av.open(target, "w", format=kind) as container:
        video = container.add_stream(codec, rate=rate)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("libopus" if kind == "webm" else "aac", rate=48000)
        for index in range(int(seconds * rate)):
            shade = np.full((size[1], size[0], 3), index * 20 % 256, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        container.mux(video.encode(None))
        if sound:
            container.mux(audio.encode(silence(seconds)))
        container.mux(audio.encode(None))
    return target.getvalue()


def tune(kind="wav", codec="pcm_s16le", seconds=1.0):
    target = io.BytesIO()
    with av.open(target, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=48000)
        container.mux(stream.encode(silence(seconds)))
        container.mux(stream.encode(None))
    return target.getvalue()


def silence(seconds):
    layout = np.zeros((1, int(48000 * seconds)), np.int16)
    frame = av.AudioFrame.from_ndarray(layout, format="s16", layout="mono")
    frame.sample_rate = 48000
    return frame


def endless_promise():
    """A real film of a second whose header says that it lasts for weeks."""
    data = bytearray(film(kind="webm", codec="libvpx"))
    # Matroska's Duration: id 0x4489, 8 bytes, a double in milliseconds.
    duration = data.index(b"\x44\x89\x88") + 3
    data[duration : duration + 8] = struct.pack(">d", 1e10)
    return bytes(data)


def long_tune():
    target = io.BytesIO()
    with wave.open(target, "wb") as writer:
        writer.setparams((1, 1, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(8000 * 601))
    return target.getvalue()


@pytest.fixture
def probe(tmp_path):
    def probe(data, name="file.bin"):
        path = tmp_path / name
        path.write_bytes(data)
        return probe_file(path, Unwatched())

    return probe


@pytest.mark.parametrize(
    ("make", "facts"),
    [
        (lambda: picture("PNG"), FileFacts("image", "image/png", 40, 30)),
        (lambda: picture("PNG", mode="RGBA"), FileFacts("image", "image/png", 40, 30)),
        (lambda: picture("PNG", mode="I;16"), FileFacts("image", "image/png", 40, 30)),
        (lambda: picture("JPEG", mode="CMYK"), FileFacts("image", "image/jpeg", 40, 30)),
        (lambda: picture("WEBP"), FileFacts("image", "image/webp", 40, 30)),
        (lambda: picture("GIF"), FileFacts("image", "image/gif", 40, 30)),
        (lambda: picture("BMP"), FileFacts("image", "image/bmp", 40, 30)),
        (lambda: picture("TIFF"), FileFacts("image", "image/tiff", 40, 30)),
        (lambda: picture("HEIF"), FileFacts("image", "image/heic", 40, 30)),
        (lambda: picture("AVIF"), FileFacts("image", "image/avif", 40, 30)),
        (phone_photo, FileFacts("image", "image/jpeg", 30, 40)),
        (tune, FileFacts("audio", "audio/wav", None, None, 1000)),
        (lambda: tune("flac", "flac"), FileFacts("audio", "audio/flac", None, None, 1000)),
    ],
)
def test_finds_the_facts_of_honest_files(probe, make, facts):
    assert probe(make()) == facts


@pytest.mark.parametrize(
    ("kind", "codec", "mime"),
    [("mp4", "libx264", "video/mp4"), ("webm", "libvpx", "video/webm")],
)
def test_finds_the_facts_of_a_film(probe, kind, codec, mime):
    facts = probe(film(kind=kind, codec=codec))
    assert (facts.kind, facts.mime, facts.width, facts.height) == ("video", mime, 64, 48)
    assert facts.duration_ms == pytest.approx(1000, abs=60)


@pytest.mark.parametrize(
    ("kind", "codec", "mime"),
    [
        ("mp4", "aac", "audio/mp4"),
        ("ipod", "aac", "audio/mp4"),
        ("webm", "libopus", "audio/webm"),
        ("ogg", "libopus", "audio/ogg"),
        ("mp3", "libmp3lame", "audio/mpeg"),
    ],
)
def test_a_container_with_sound_alone_is_a_sound(probe, kind, codec, mime):
    facts = probe(tune(kind, codec))
    assert (facts.kind, facts.mime, facts.width) == ("audio", mime, None)
    assert facts.duration_ms == pytest.approx(1000, abs=120)


HOSTILE = {
    "nothing": (b"", "empty"),
    "pixel bomb": (png_of(30_000, 30_000, zlib.compress(bytes(1_000_000))), "40 megapixels"),
    "just too large": (png_of(8_000, 6_000, zlib.compress(bytes(1000))), "40 megapixels"),
    "lying header": (png_of(4_000, 4_000, zlib.compress(bytes(1000))), "damaged"),
    "absurd header": (png_of(0x7FFFFFFF, 0x7FFFFFFF, b""), "40 megapixels"),
    "no pixels": (png_of(0, 0, b""), "damaged"),
    "truncated png": (picture("PNG", size=(200, 200))[:-100], "damaged"),
    "truncated jpeg": (picture("JPEG", size=(200, 200))[:-500], "damaged"),
    "only a signature": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "svg as png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    "page as png": (b"<!DOCTYPE html><html></html>", "web page"),
    "playlist": (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "Playlist"),
    "concat list": (b"ffconcat version 1.0\nfile /etc/passwd\n", "Playlist"),
    "heic of nothing": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "damaged"),
    "truncated tiff": (picture("TIFF", size=(200, 200))[:-500], "damaged"),
    "empty mp4": (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", "damaged"),
    "wav of nothing": (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0", "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refuses_hostile_files_and_says_why(probe, name):
    data, word = HOSTILE[name]
    with pytest.raises(ProviderError) as caught:
        probe(data, "holiday.png")
    assert (caught.value.error_type, caught.value.retryable) == ("PARAMETER_INVALID", False)
    assert word in caught.value.message


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (endless_promise, "over 10 minutes"),
        (lambda: film(size=(5000, 2000), seconds=0.1), "4096×2160"),
        (lambda: film(sound=False)[:600], "damaged"),
        (long_tune, "over 10 minutes"),
    ],
)
def test_refuses_films_and_sounds_past_the_limits(probe, make, word):
    with pytest.raises(ProviderError, match=word):
        probe(make())


def test_a_playlist_inside_a_film_container_opens_no_other_file(probe):
    # The first bytes pass for MP4, the rest is for demuxers that guess by content.
    with pytest.raises(ProviderError, match="damaged"):
        probe(b"\0\0\0\x18ftypisom\0\0\0\0isommp41\n#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")


def test_a_stripped_photo_keeps_its_picture_and_loses_its_secrets(tmp_path):
    source, target = tmp_path / "photo.jpg", tmp_path / "clean"
    source.write_bytes(phone_photo())
    assert GPS_SECRET.encode() in source.read_bytes()
    assert strip_file(source, target, Unwatched()) == FileFacts("image", "image/jpeg", 30, 40)
    assert GPS_SECRET.encode() not in target.read_bytes()
    clean = PIL.Image.open(target)
    assert not clean.getexif()
    upright = PIL.ImageOps.exif_transpose(PIL.Image.open(source))
    assert np.abs(np.asarray(clean, int) - np.asarray(upright, int)).mean() < 3


@pytest.mark.parametrize(
    ("kind", "mime"), [("PNG", "image/png"), ("GIF", "image/png"), ("WEBP", "image/webp")]
)
def test_stripping_keeps_what_every_browser_shows(tmp_path, kind, mime):
    source, target = tmp_path / "source", tmp_path / "clean"
    source.write_bytes(picture(kind))
    assert strip_file(source, target, Unwatched()).mime == mime
