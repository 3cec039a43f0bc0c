"""A small corpus of hostile and honest files, each looked at in the sandbox."""

import io
import struct

import av
import numpy as np
import PIL.Image
import pillow_heif
import pytest

from media.blobs import FileFacts
from media.origin import Provenance
from media.sandbox import Unwatched
from media.stripping import strip_file
from tests.support.builders.probing import outcomes_of

GPS_SECRET = "52.520008"


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


def sound_facts(mime, duration_ms):
    return FileFacts("audio", mime, duration_ms=duration_ms)


ABOUT_A_SECOND = pytest.approx(1000, abs=120)
FILM_SECOND = pytest.approx(1000, abs=60)


def honest_files():
    """Name → file and its facts."""
    return {
        "png.bin": (picture("PNG"), FileFacts("image", "image/png", 40, 30)),
        "png with alpha.bin": (
            picture("PNG", mode="RGBA"),
            FileFacts("image", "image/png", 40, 30),
        ),
        "png of 16 bits.bin": (
            picture("PNG", mode="I;16"),
            FileFacts("image", "image/png", 40, 30),
        ),
        "jpeg in CMYK.bin": (
            picture("JPEG", mode="CMYK"),
            FileFacts("image", "image/jpeg", 40, 30),
        ),
        "webp.bin": (picture("WEBP"), FileFacts("image", "image/webp", 40, 30)),
        "gif.bin": (picture("GIF"), FileFacts("image", "image/gif", 40, 30)),
        "bmp.bin": (picture("BMP"), FileFacts("image", "image/bmp", 40, 30)),
        "tiff.bin": (picture("TIFF"), FileFacts("image", "image/tiff", 40, 30)),
        "heif.bin": (picture("HEIF"), FileFacts("image", "image/heic", 40, 30)),
        "avif.bin": (picture("AVIF"), FileFacts("image", "image/avif", 40, 30)),
        "phone photo.bin": (phone_photo(), FileFacts("image", "image/jpeg", 30, 40)),
        "wav.bin": (tune(), sound_facts("audio/wav", 1000)),
        "flac.bin": (tune("flac", "flac"), sound_facts("audio/flac", 1000)),
        # As credentials are written into FLAC: an empty ID3 tag of two bytes before it.
        "flac with a tag.bin": (
            b"ID3\x04\0\0\0\0\0\x02\0\0" + tune("flac", "flac"),
            sound_facts("audio/flac", 1000),
        ),
        "mp4.bin": (film(), FileFacts("video", "video/mp4", 64, 48, FILM_SECOND)),
        "webm.bin": (
            film(kind="webm", codec="libvpx"),
            FileFacts("video", "video/webm", 64, 48, FILM_SECOND),
        ),
        # A container with sound alone is a sound.
        "sound in mp4.bin": (tune("mp4", "aac"), sound_facts("audio/mp4", ABOUT_A_SECOND)),
        "sound in m4a.bin": (tune("ipod", "aac"), sound_facts("audio/mp4", ABOUT_A_SECOND)),
        "endless promise.bin": (
            endless_promise(),
            FileFacts("video", "video/webm", 64, 48, FILM_SECOND),
        ),
        "sound in webm.bin": (tune("webm", "libopus"), sound_facts("audio/webm", ABOUT_A_SECOND)),
        "ogg.bin": (tune("ogg", "libopus"), sound_facts("audio/ogg", ABOUT_A_SECOND)),
        "mp3.bin": (tune("mp3", "libmp3lame"), sound_facts("audio/mpeg", ABOUT_A_SECOND)),
    }


def test_finds_the_facts_of_honest_files(tmp_path):
    files = honest_files()
    outcomes = outcomes_of({name: data for name, (data, _) in files.items()}, tmp_path)
    assert outcomes == {name: facts for name, (_, facts) in files.items()}


def test_a_stripped_photo_keeps_its_picture_and_loses_its_secrets(tmp_path):
    source, target = tmp_path / "photo.jpg", tmp_path / "clean"
    source.write_bytes(phone_photo())
    assert GPS_SECRET.encode() in source.read_bytes()
    facts = FileFacts("image", "image/jpeg", 30, 40)
    assert strip_file(source, facts, target, Unwatched(), Provenance("unknown")) == facts
    assert GPS_SECRET.encode() not in target.read_bytes()
    clean = PIL.Image.open(target)
    assert not clean.getexif()
    upright = PIL.ImageOps.exif_transpose(PIL.Image.open(source))
    assert np.abs(np.asarray(clean, int) - np.asarray(upright, int)).mean() < 3
