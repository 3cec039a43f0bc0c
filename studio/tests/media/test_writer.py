"""VideoWriter and write_audio: what is in the file, and that it is the same file each time."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from studio.media.audio.writer import write_audio
from studio.media.video.reader import open_film, read_sound
from studio.media.video.writer import VideoWriter, frame_rate
from studio.tests.support.films import make_clip, picture, tone

_WRITE = """
import sys
from pathlib import Path
from studio.tests.support.films import make_clip
make_clip(Path(sys.argv[1]), frames=24)
"""


def test_writes_h264_and_aac_of_exactly_the_frames_given(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=36)
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.frames, video.average_rate) == (36, 24)
        assert float(video.duration * video.time_base) == pytest.approx(1.5)
        assert (audio.codec.name, audio.rate, audio.layout.name) == ("aac", 48000, "stereo")
        assert float(audio.duration * audio.time_base) == pytest.approx(1.5, abs=0.001)


def test_tags_the_pictures_as_bt709_in_video_range(tmp_path: Path) -> None:
    with av.open(str(make_clip(tmp_path / "clip.mp4", frames=2))) as container:
        context = container.streams.video[0].codec_context
        tags = (context.color_primaries, context.color_trc, context.colorspace)
        assert [int(tag) for tag in tags] == [1, 1, 1]
        assert int(context.color_range) == 1


def test_colours_survive_writing_and_reading(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=2, colour=(200, 40, 30))
    first = next(open_film(path).frames())
    assert np.abs(first[20, 40].astype(int) - picture(0, (200, 40, 30))[20, 40]).max() < 6


def test_puts_the_index_first_and_the_comment_in(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, 64, 64, 24, comment="draft: studio") as writer:
        writer.add(np.zeros((64, 64, 3), np.uint8))
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as container:
        assert container.metadata["comment"] == "draft: studio"


def test_puts_sound_beside_its_pictures(tmp_path: Path) -> None:
    with av.open(str(make_clip(tmp_path / "clip.mp4", frames=72))) as container:
        latest = {"video": 0.0, "audio": 0.0}
        for packet in container.demux():
            if packet.dts is not None:
                latest[packet.stream.type] = float(packet.dts * packet.time_base)
                assert abs(latest["video"] - latest["audio"]) < 1.2


def test_fills_short_sound_with_silence_and_cuts_long_sound(tmp_path: Path) -> None:
    for seconds in (0.3, 5.0):
        path = tmp_path / f"{seconds}.mp4"
        with VideoWriter(path, 64, 64, 24, audio=tone(seconds)) as writer:
            for _ in range(24):
                writer.add(np.zeros((64, 64, 3), np.uint8))
        sound = read_sound(path)
        assert sound.shape[1] / 48000 == pytest.approx(1.0, abs=0.03)
        assert bool(np.abs(sound[:, 30000:45000]).max() > 0.1) == (seconds > 1)


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    # 320 pixels is one of the widths at which x264 is not repeatable with its defaults.
    digests = set()
    for name in ("a.mp4", "b.mp4"):
        subprocess.run([sys.executable, "-c", _WRITE, str(tmp_path / name)], check=True)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_refuses_odd_sizes_and_frames_of_another_shape(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even"):
        VideoWriter(tmp_path / "odd.mp4", 321, 180, 24)
    with (
        VideoWriter(tmp_path / "clip.mp4", 320, 180, 24) as writer,
        pytest.raises(ValueError, match="Frame must be"),
    ):
        writer.add(np.zeros((64, 64, 3), np.uint8))


@pytest.mark.parametrize(
    ("number", "exact"),
    [(24, Fraction(24)), (29.97, Fraction(30000, 1001)), (23.976, Fraction(24000, 1001))],
)
def test_reads_frame_rates_as_the_fractions_they_stand_for(number: float, exact: Fraction) -> None:
    assert frame_rate(number) == exact


@pytest.mark.parametrize("ending", ["m4a", "mp3", "flac", "wav"])
def test_writes_sound_that_reads_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"tone.{ending}"
    write_audio(path, tone(1.0))
    sound = read_sound(path, 1.0)
    assert sound.shape == (2, 48000)
    assert float(np.sqrt((sound[:, 5000:40000] ** 2).mean())) == pytest.approx(0.141, abs=0.01)
