"""A frame of a file as WebP, or a part of it as MP4 or M4A: smaller files to be kept in Git.

Child process only. The sources are results of the built-in studio.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import PIL.Image
from av.subtitles.subtitle import SubtitleSet
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from mediakit.decode import open_av, open_image, sniff_file
from mediakit.errors import Refused
from mediakit.file_type import IMAGES
from mediakit.frames import upright_rgb

FILM_QUALITY = {"crf": "27", "preset": "slow"}
SOUND_BITS_S = 96_000


def still(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; out; second, of a video; quality, 0–100; top and bottom, which part of the
    height, as shares of it. Writes `still.webp`."""
    path = arguments["path"]
    if sniff_file(path).mime in IMAGES:
        picture = open_image(path)
    else:
        picture = upright_rgb(_frame_at(path, arguments["second"]))
    target = Path(arguments["out"]) / "still.webp"
    height = picture.shape[0]
    picture = picture[round(arguments["top"] * height) : round(arguments["bottom"] * height)]
    PIL.Image.fromarray(picture).save(target, "WEBP", quality=arguments["quality"], method=6)
    return {"file": target.name}


def film(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; out; start, end, in seconds; width, at most, in pixels. Writes `film.mp4`,
    with sound if there is any."""
    start, end = arguments["start"], arguments["end"]
    target = Path(arguments["out"]) / "film.mp4"
    options = {"movflags": "+faststart"}
    with open_av(arguments["path"]) as source, av.open(str(target), "w", options=options) as output:
        pictures = source.streams.video[0]
        rate = pictures.average_rate or Fraction(24)
        video: Any = output.add_stream("libx264", rate=rate, options=FILM_QUALITY)
        share = min(1.0, arguments["width"] / pictures.width)
        video.width = round(pictures.width * share / 2) * 2
        video.height = round(pictures.height * share / 2) * 2
        video.pix_fmt = "yuv420p"
        video.bit_rate = 0
        audio: Any = None
        if source.sound is not None:
            audio = output.add_stream("aac", rate=source.sound.rate)
            audio.bit_rate = SOUND_BITS_S
        # One scaler for all frames, see `mediakit.frames.ToRgb`.
        scaler = VideoReformatter()
        frame_count = sample_count = 0
        for frame in source.decode(*filter(None, (pictures, source.sound))):
            assert not isinstance(frame, SubtitleSet)  # noqa: S101  not among the streams
            # A frame's time may be a rounding error before the second it begins.
            if not start - 1e-6 <= (frame.time or 0.0) < end:
                continue
            if isinstance(frame, VideoFrame):
                small = scaler.reformat(frame, video.width, video.height, "yuv420p", threads=1)
                small.pts, small.time_base = frame_count, 1 / Fraction(rate)
                frame_count += 1
                output.mux(video.encode(small))
            else:
                frame.pts, frame.time_base = sample_count, Fraction(1, frame.sample_rate)
                sample_count += frame.samples
                output.mux(audio.encode(frame))
        output.mux(video.encode())
        if audio is not None:
            output.mux(audio.encode())
    return {"file": target.name}


def sound(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; out. Writes all of its audio as `sound.m4a`."""
    target = Path(arguments["out"]) / "sound.m4a"
    with open_av(arguments["path"]) as source, av.open(str(target), "w", format="mp4") as output:
        track = source.sound
        audio: Any = output.add_stream("aac", rate=track.rate)
        audio.bit_rate = SOUND_BITS_S
        for frame in source.decode(track):
            frame.pts = None
            output.mux(audio.encode(frame))
        output.mux(audio.encode())
    return {"file": target.name}


def _frame_at(path: str, second: float) -> Any:
    with open_av(path) as media:
        frame = None
        for frame in media.decode(media.streams.video[0]):
            if frame.time is None or frame.time >= second:
                break
        if frame is None:
            raise Refused("The video has no readable frame.")
        return frame
