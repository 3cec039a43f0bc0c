"""Short sounds and films as FFmpeg writes them, and what makes their headers tell another length or
none. Each has pictures or sound for `SECONDS`, if it isn't cut."""

from __future__ import annotations

import math
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

SECONDS = 1.5
NO_LENGTH = 0xFFFFFFFF
Options = Mapping[str, str]
_NOTHING: Options = {}


@dataclass(frozen=True)
class Clip:
    """name: also its file name. make: the bytes. is_whole: its packets last for `SECONDS`, also
    where its header says something else. is_usual: as FFmpeg writes it into a file."""

    name: str
    make: Callable[[], bytes]
    is_whole: bool = True
    is_usual: bool = False

    @cached_property
    def data(self) -> bytes:
        return self.make()


class _Pipe:
    """A target that can't go back, as a stream is written: headers stay as they were at first."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, part: Any) -> int:
        self.data += part
        return len(part)


def _output_of(
    write: Callable[[Any], None], container: str, muxer: Options, is_streamed: bool
) -> bytes:
    """Return what is written. Not into memory: FFmpeg reads a file again to put its index first."""
    pipe = _Pipe()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip"
        target: Any = pipe if is_streamed else str(path)
        with av.open(target, "w", format=container, options=dict(muxer)) as output:
            write(output)
        return pipe.data if is_streamed else path.read_bytes()


def sound(
    container: str,
    codec: str,
    *,
    rate: int = 44_100,
    seconds: float = SECONDS,
    start_s: int = 0,
    is_streamed: bool = False,
    muxer: Options = _NOTHING,
    encoder: Options = _NOTHING,
) -> bytes:
    """Return a tone over noise. start_s: when it begins, on the file's own clock. muxer, encoder:
    options of FFmpeg."""

    def write(output: Any) -> None:
        stream = output.add_stream(codec, rate=rate, options=dict(encoder))
        for frame in _tones(stream, rate, seconds):
            frame.pts += start_s * rate
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))

    return _output_of(write, container, muxer, is_streamed)


def film(
    container: str,
    codec: str,
    *,
    voice: str = "",
    size: tuple[int, int] = (64, 48),
    fps: int = 20,
    times: Sequence[int] | None = None,
    start_s: int = 0,
    is_streamed: bool = False,
    muxer: Options = _NOTHING,
    encoder: Options = _NOTHING,
) -> bytes:
    """Return pictures in which a line moves. voice: the codec of its sound, "" for none. times: of
    the pictures, in units of 1 / fps; all of them by default. The rest: as for `sound`."""

    def write(output: Any) -> None:
        stream = output.add_stream(codec, rate=fps, options=dict(encoder))
        stream.width, stream.height = size
        formats = stream.codec_context.codec.video_formats
        stream.pix_fmt = formats[0].name if formats else "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        track = output.add_stream(voice, rate=48_000) if voice else None
        packets = []
        for at in range(round(SECONDS * fps)) if times is None else times:
            pixels = np.full((size[1], size[0], 3), at * 7 % 250, np.uint8)
            pixels[:, at % size[0]] = 255
            picture = av.VideoFrame.from_ndarray(pixels).reformat(format=stream.pix_fmt)
            picture.pts, picture.time_base = at + start_s * fps, Fraction(1, fps)
            packets += stream.encode(picture)
        packets += stream.encode(None)
        if track is not None:
            for frame in _tones(track, 48_000, SECONDS):
                frame.pts += start_s * 48_000
                packets += track.encode(frame)
            packets += track.encode(None)
        for packet in sorted(packets, key=lambda one: one.dts * one.time_base):
            output.mux(packet)

    return _output_of(write, container, muxer, is_streamed)


def _tones(stream: Any, rate: int, seconds: float) -> list[Any]:
    """Return frames as the encoder of a stream takes them."""
    count = round(rate * seconds)
    noise = np.random.default_rng(5).normal(0, 0.1, count) * np.linspace(0, 1, count)
    tone = (np.sin(np.arange(count) * 0.05) * 0.4 + noise).astype(np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
    frame.sample_rate, frame.pts = rate, 0
    resampler = av.AudioResampler(
        stream.format, stream.layout, stream.rate, stream.frame_size or None
    )
    return [*resampler.resample(frame), *resampler.resample(None)]


def seconds_of(path: str | Path) -> float:
    """Return how long the pictures of a file last, or else its sound: by decoding all of it with
    FFmpeg alone, as `ffmpeg -f null` does."""
    cover = av.stream.Disposition.attached_pic
    with av.open(str(path)) as container:
        streams = (*container.streams.video, *container.streams.audio)
        tracks = [one for one in streams if one.codec_context and not one.disposition & cover]
        frames = _frames(container, tracks[0])
        if tracks[0].type == "audio":
            return sum(frame.samples / frame.sample_rate for frame in frames)
        usual = 1 / (tracks[0].average_rate or Fraction(24))
        ends = [
            (frame.pts * frame.time_base, frame.duration * frame.time_base or usual)
            for frame in frames
        ]
    return float(max(map(sum, ends)) - min(ends)[0]) if ends else 0.0


def _frames(container: Any, stream: Any) -> list[Any]:
    frames: list[Any] = []
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return frames
            # A picture of which a part is missing is none.
            if stream.type == "audio" or not packet.is_corrupt:
                frames += packet.decode()
        except av.error.FFmpegError:
            continue


# -- headers ---------------------------------------------------------------------------------------


def cut(data: bytes, share: float = 0.6) -> bytes:
    return data[: round(len(data) * share)]


def put(data: bytes, at: int, form: str, *values: float) -> bytes:
    new = struct.pack(form, *values)
    return data[:at] + new + data[at + len(new) :]


def wave_with_size(data: bytes, size: int) -> bytes:
    """Return a WAV whose header tells this size of the sound, and of the file."""
    return put(put(data, data.index(b"data") + 4, "<I", size), 4, "<I", size)


def rf64_with_size(data: bytes, size: int) -> bytes:
    """Return an RF64, a WAV of any length, whose header tells this size."""
    return put(data, data.index(b"ds64") + 8, "<QQQ", size, size, size)


def flac_with_samples(data: bytes, samples: int) -> bytes:
    """Return a FLAC whose header tells this number of samples."""
    (word,) = struct.unpack_from(">Q", data, 18)
    return put(data, 18, ">Q", word >> 36 << 36 | samples)


def mp3_with_frames(data: bytes, factor: float) -> bytes:
    """Return an MP3 whose header tells so many times its number of frames."""
    at = max(data.find(b"Xing"), data.find(b"Info")) + 8
    (frames,) = struct.unpack_from(">I", data, at)
    return put(data, at, ">I", round(frames * factor))


def mp3_with_note(data: bytes, milliseconds: str) -> bytes:
    """Return an MP3 behind a note (ID3) that tells this length."""
    note = b"\0" + milliseconds.encode()
    frame = b"TLEN" + struct.pack(">IH", len(note), 0) + note
    return b"ID3\3\0\0" + bytes((0, 0, 0, len(frame))) + frame + data


def boxes_with_length(data: bytes, units: int, *names: str) -> bytes:
    """Return an MP4 in which all boxes of these names tell this length, in their own units."""
    for name in names:
        at, place = -1, {"mvhd": 20, "mdhd": 20, "tkhd": 24, "elst": 12}[name]
        while (at := data.find(name.encode(), at + 1)) >= 0:
            data = put(data, at + place, ">I", units)
    return data


def matroska_with_length(data: bytes, milliseconds: float) -> bytes:
    """Return a Matroska or WebM file whose header tells this length."""
    return put(data, data.index(b"\x44\x89\x88") + 3, ">d", milliseconds)


def matroska_without_length(data: bytes) -> bytes:
    """Return a Matroska or WebM file whose header tells no length, but has room for it."""
    at = data.index(b"\x44\x89\x88")
    return data[:at] + b"\xec\x89" + bytes(9) + data[at + 11 :]


def ogg_with_end(data: bytes, granule: int) -> bytes:
    """Return an Ogg file whose last page tells this end."""
    at = data.rindex(b"OggS")
    page = put(put(data[at:], 6, "<q", granule), 22, "<I", 0)
    return data[:at] + put(page, 22, "<I", _ogg_sum(page))


def _ogg_sum(page: bytes) -> int:
    total = 0
    for byte in page:
        total ^= byte << 24
        for _ in range(8):
            total = (total << 1 ^ 0x04C11DB7 if total >> 31 else total << 1) & NO_LENGTH
    return total


# -- corpus ----------------------------------------------------------------------------------------

_FAST = {"movflags": "+faststart"}
_IN_PARTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
_UNMARKED = {"write_xing": "0"}
_VBR = {"flags": "+qscale", "global_quality": str(4 * 118)}
# Their index comes last, so they are never written to a pipe as they are.
_INDEXED = frozenset({"mp4", "mov", "ipod", "3gp"})
# Container, ending, codec. Every codec that can be written is in test_lengths.
_SOUNDS = (
    ("mp3", "mp3", "libmp3lame"),
    ("mp2", "mp2", "mp2"),
    ("wav", "wav", "pcm_s16le"),
    ("wav", "wav", "adpcm_ms"),
    ("wav", "wav", "libmp3lame"),
    ("flac", "flac", "flac"),
    ("ogg", "ogg", "libopus"),
    ("opus", "opus", "libopus"),
    ("ipod", "m4a", "aac"),
    ("ipod", "m4a", "alac"),
    ("mp4", "mp4", "aac"),
    ("mov", "mov", "pcm_s16le"),
    ("webm", "webm", "libopus"),
    ("matroska", "mka", "aac"),
    ("matroska", "mka", "libmp3lame"),
    ("matroska", "mka", "alac"),
    ("matroska", "mka", "wavpack"),
)
# Container, ending, codec of the pictures, codec of the sound.
_FILMS = (
    ("mp4", "mp4", "libx264", "aac"),
    ("mp4", "mp4", "libsvtav1", "libopus"),
    ("mp4", "mp4", "mpeg4", "libmp3lame"),
    ("mov", "mov", "libx264", "pcm_s16le"),
    ("mov", "mov", "prores_ks", ""),
    ("matroska", "mkv", "libx264", "flac"),
    ("matroska", "mkv", "libvpx-vp9", "libopus"),
    ("webm", "webm", "libvpx", "libopus"),
    ("webm", "webm", "libsvtav1", "libopus"),
    ("3gp", "3gp", "mpeg4", "aac"),
    ("ogg", "ogv", "libvpx", "libopus"),
)


def _usual() -> Iterator[Clip]:
    """Yield what FFmpeg writes, into a file and into a pipe."""
    for container, ending, codec in _SOUNDS:
        make = partial(sound, container, codec, rate=48_000)
        yield Clip(f"{codec}.{ending}", make, is_usual=True)
        if container not in _INDEXED:
            yield Clip(f"{codec}-streamed.{ending}", partial(make, is_streamed=True))
    for container, ending, codec, voice in _FILMS:
        make = partial(film, container, codec, voice=voice)
        yield Clip(f"{codec}.{ending}", make, is_usual=True)
        if container not in _INDEXED:
            yield Clip(f"{codec}-streamed.{ending}", partial(make, is_streamed=True))


def _variant(
    name: str, base: Clip, change: Callable[..., bytes], *values: Any, is_whole: bool = True
) -> Clip:
    return Clip(name, lambda: change(base.data, *values), is_whole)


def _rates() -> Iterator[Clip]:
    """Yield those of few samples a second: what encoders add to a sound lasts long there."""
    for rate in (8_000, 22_050):
        for container, ending, codec in (
            ("mp3", "mp3", "libmp3lame"),
            ("ipod", "m4a", "aac"),
            ("matroska", "mka", "libmp3lame"),
            ("matroska", "mka", "alac"),
            ("matroska", "mka", "wavpack"),
            ("flac", "flac", "flac"),
        ):
            make = partial(sound, container, codec, rate=rate)
            yield Clip(f"{codec}-{rate}.{ending}", make, is_whole=codec != "aac")


def _waves() -> Iterator[Clip]:
    wave = Clip("wave.wav", partial(sound, "wav", "pcm_s16le"))
    size = round(88_200 * SECONDS)
    for name, said in {"0": 0, "most": NO_LENGTH, "tenfold": 10 * size}.items():
        yield _variant(f"said-{name}.wav", wave, wave_with_size, said)
    yield _variant("said-half.wav", wave, wave_with_size, size // 2, is_whole=False)
    yield _variant("cut.wav", wave, cut, is_whole=False)
    long = Clip("wave-rf64.wav", partial(sound, "wav", "pcm_s16le", muxer={"rf64": "always"}))
    yield long
    yield _variant("rf64-said-tenfold.wav", long, rf64_with_size, 10 * size)
    yield _variant("rf64-cut.wav", long, cut, is_whole=False)


def _flacs() -> Iterator[Clip]:
    flac = Clip("flac.flac", partial(sound, "flac", "flac"))
    samples = round(44_100 * SECONDS)
    for name, said in {"0": 0, "half": samples // 2, "most": (1 << 36) - 1}.items():
        yield _variant(f"said-{name}.flac", flac, flac_with_samples, said)
    yield _variant("cut.flac", flac, cut, is_whole=False)


def _mp3s() -> Iterator[Clip]:
    mp3 = Clip("mp3.mp3", partial(sound, "mp3", "libmp3lame"))
    for name, factor in {"0": 0, "half": 0.5, "tenfold": 10}.items():
        yield _variant(f"said-{name}.mp3", mp3, mp3_with_frames, factor)
    yield _variant("noted.mp3", mp3, mp3_with_note, "7200000")
    yield _variant("twice.mp3", mp3, lambda data: data + data, is_whole=False)
    yield _variant("cut.mp3", mp3, cut, is_whole=False)
    yield _variant("zeros-behind.mp3", mp3, lambda data: data + bytes(20_000))
    yield _variant("noise-behind.mp3", mp3, lambda data: data + _noise(60_000))
    yield _variant("tag-behind.mp3", mp3, lambda data: data + b"TAG" + bytes(125))
    for name, encoder in {"even": {}, "uneven": _VBR}.items():
        make = partial(sound, "mp3", "libmp3lame", muxer=_UNMARKED, encoder=encoder)
        bare = Clip(f"{name}-bare.mp3", make)
        yield bare
        yield _variant(f"{name}-bare-cut.mp3", bare, cut, is_whole=False)
    yield Clip("uneven.mp3", partial(sound, "mp3", "libmp3lame", encoder=_VBR))


def _oggs() -> Iterator[Clip]:
    short = {"page_duration": "200000"}
    make = partial(sound, "ogg", "libopus", rate=48_000, muxer=short)
    opus = Clip("opus.ogg", make)
    yield _variant("said-half.ogg", opus, ogg_with_end, round(24_000 * SECONDS), is_whole=False)
    yield _variant("said-tenfold.ogg", opus, ogg_with_end, round(480_000 * SECONDS), is_whole=False)
    yield _variant("said-none.ogg", opus, ogg_with_end, -1, is_whole=False)
    yield _variant("cut.ogg", opus, cut, is_whole=False)
    yield Clip("late.ogg", partial(make, start_s=100))


def _boxes() -> Iterator[Clip]:
    """Yield MP4 and MOV. An edit list is more than a header: players keep to it."""
    for base in (
        Clip("aac.m4a", partial(sound, "ipod", "aac", muxer=_FAST)),
        Clip("x264.mp4", partial(film, "mp4", "libx264", voice="aac", muxer=_FAST)),
        Clip("x264.mov", partial(film, "mov", "libx264", voice="aac", muxer=_FAST)),
    ):
        ending = base.name[-3:]
        for name, said in {"0": 0, "little": 500, "much": 9_000_000, "most": NO_LENGTH}.items():
            yield _variant(
                f"said-{name}.{ending}", base, boxes_with_length, said, "mvhd", "tkhd", "mdhd"
            )
        yield _variant(
            f"edited-little.{ending}", base, boxes_with_length, 800, "elst", is_whole=False
        )
        yield _variant(
            f"edited-much.{ending}", base, boxes_with_length, 9_000_000, "elst", is_whole=False
        )
        yield _variant(f"cut.{ending}", base, cut, is_whole=False)
    for base in (
        Clip("parts.m4a", partial(sound, "ipod", "aac", muxer=_IN_PARTS)),
        Clip("parts.mp4", partial(film, "mp4", "libx264", voice="aac", muxer=_IN_PARTS)),
    ):
        ending = base.name[-3:]
        yield base
        yield _variant(
            f"parts-said-much.{ending}", base, boxes_with_length, 9_000_000, "mvhd", "tkhd", "mdhd"
        )
        yield _variant(f"parts-cut.{ending}", base, cut, is_whole=False)
    streamed = partial(film, "mp4", "libx264", voice="aac", muxer=_IN_PARTS, is_streamed=True)
    yield Clip("parts-streamed.mp4", streamed)
    yield Clip("late.mp4", partial(film, "mp4", "libx264", start_s=100))


def _matroskas() -> Iterator[Clip]:
    for base in (
        Clip("opus.webm", partial(sound, "webm", "libopus", rate=48_000)),
        Clip("vp8.webm", partial(film, "webm", "libvpx", voice="libopus")),
        Clip("x264.mkv", partial(film, "matroska", "libx264", voice="aac")),
        Clip("aac.mka", partial(sound, "matroska", "aac")),
    ):
        stem, ending = base.name.split(".")
        for name, said in {
            "0": 0.0,
            "little": 300.0,
            "much": 9e6,
            "less": -5000.0,
            "endless": math.inf,
            "nothing": math.nan,
        }.items():
            yield _variant(f"{stem}-said-{name}.{ending}", base, matroska_with_length, said)
        yield _variant(f"{stem}-unsaid.{ending}", base, matroska_without_length)
        yield _variant(f"{stem}-cut.{ending}", base, cut, is_whole=False)
    yield Clip("late.webm", partial(film, "webm", "libvpx", start_s=100))
    live = partial(film, "webm", "libvpx", voice="libopus", muxer={"live": "1"}, is_streamed=True)
    yield Clip("live.webm", live)


def _rhythms() -> Iterator[Clip]:
    """Yield those whose pictures stand for unequal times, the last one as its packet says."""
    uneven = (0, 1, 2, 3, 12, 13, 20, 29)
    for container, ending, codec in (("mp4", "mp4", "libx264"), ("webm", "webm", "libvpx")):
        make = partial(film, container, codec, times=uneven)
        yield Clip(f"uneven.{ending}", make)
    yield Clip("few.mp4", partial(film, "mp4", "libx264", fps=2))


def _noise(size: int) -> bytes:
    return np.random.default_rng(3).bytes(size)


CLIPS: tuple[Clip, ...] = (
    *_usual(),
    *_rates(),
    *_waves(),
    *_flacs(),
    *_mp3s(),
    *_oggs(),
    *_boxes(),
    *_matroskas(),
    *_rhythms(),
)
