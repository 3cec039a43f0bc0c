"""stitch_video: exact lengths, clean joins, the right sound."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.stitch_video import run
from studio.media.audio.loudness import measure_lufs
from studio.media.audio.writer import write_audio
from studio.media.video.reader import open_film
from studio.media.video.writer import VideoWriter
from studio.tests.support.films import (
    all_frames,
    arguments,
    difference,
    make_clip,
    make_raw_clip,
    no_report,
    picture,
    pitch,
    tone,
)
from studio.tests.support.measures import ebu_lufs, sound_of

BLUE, RED = (40, 90, 140), (150, 60, 40)


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    return [
        make_clip(tmp_path / "blue.mp4", colour=BLUE, hertz=440),
        make_clip(tmp_path / "red.mp4", colour=RED, hertz=880, frames=36),
    ]


def stitch(out: Path, clips: list[Path], params: dict | None = None, **media: Path) -> dict:
    call = arguments("stitch_video", out, params=params, video=clips, **media)
    return run(call, no_report)


def test_a_cut_keeps_every_frame_of_both(tmp_path: Path, clips: list[Path]) -> None:
    result = stitch(tmp_path, clips)
    file = result["files"][0]
    frames = all_frames(file["path"])
    assert (len(frames), file["duration_s"], file["fps"]) == (60, 2.5, 24.0)
    assert (file["width"], file["height"], file["mime"]) == (320, 180, "video/mp4")
    assert file["meta"]["draft"] is True
    assert file["meta"]["provider"] == "studio"
    assert result["warnings"] == []
    expected = [picture(i, BLUE) for i in range(24)] + [picture(i, RED) for i in range(36)]
    assert max(difference(a, b) for a, b in zip(frames, expected, strict=True)) < 5


def test_a_crossfade_shares_its_frames_and_does_not_jump(tmp_path: Path, clips: list[Path]) -> None:
    result = stitch(tmp_path, clips, {"transition": {"type": "fade", "durationSeconds": 0.5}})
    frames = all_frames(result["files"][0]["path"])
    assert len(frames) == 48
    assert difference(frames[0], picture(0, BLUE)) < 3
    assert difference(frames[-1], picture(35, RED)) < 4
    steps = [difference(a, b) for a, b in pairwise(frames)]
    cut = difference(picture(23, BLUE), picture(0, RED))
    assert max(steps) < cut / 4


def test_sound_of_each_clip_plays_under_it(tmp_path: Path, clips: list[Path]) -> None:
    sound = open_film(stitch(tmp_path, clips)["files"][0]["path"]).sound()
    assert sound.shape == (2, 120000)
    assert pitch(sound[:, 4800:43200]) == pytest.approx(440, abs=3)
    assert pitch(sound[:, 52800:115200]) == pytest.approx(880, abs=3)


def test_sound_is_even_through_a_crossfade(tmp_path: Path, clips: list[Path]) -> None:
    result = stitch(tmp_path, clips, {"transition": "crossfade"})
    sound = open_film(result["files"][0]["path"]).sound()[:, 4800:91200]
    level = np.sqrt((sound.reshape(2, -1, 4800) ** 2).mean(axis=(0, 2)))
    assert level.min() > 0.8 * np.median(level)
    assert level.max() < 1.25 * np.median(level)


def test_a_chosen_track_replaces_the_clips_sound(tmp_path: Path, clips: list[Path]) -> None:
    # Half a second of bed under 2.5 seconds of film: it is looped.
    write_audio(tmp_path / "bed.m4a", tone(0.5, 262))
    result = stitch(tmp_path, clips, audio=tmp_path / "bed.m4a")
    sound = open_film(result["files"][0]["path"]).sound()
    assert pitch(sound[:, :60000]) == pytest.approx(262, abs=3)
    assert measure_lufs(sound[:, 40000:80000]) == pytest.approx(measure_lufs(tone(1, 262)), abs=2)
    assert np.abs(sound[:, -480:]).max() < 0.05
    assert result["files"][0]["meta"]["loudness_lufs"] == pytest.approx(-14, abs=3)


def test_a_track_can_lie_under_the_clips_sound(tmp_path: Path, clips: list[Path]) -> None:
    write_audio(tmp_path / "bed.m4a", tone(5, 262))
    result = stitch(tmp_path, clips, {"keepSourceAudio": True}, audio=tmp_path / "bed.m4a")
    sound = open_film(result["files"][0]["path"]).sound()[:, 4800:43200]
    spectrum = np.abs(np.fft.rfft(sound.mean(axis=0) * np.hanning(sound.shape[1])))
    own, bed = (
        spectrum[round(hertz * 0.8) - 3 : round(hertz * 0.8) + 3].max() for hertz in (440, 262)
    )
    assert 4 * np.median(spectrum) < bed < own / 3


def test_takes_any_mix_of_shapes_rates_and_silence(tmp_path: Path, clips: list[Path]) -> None:
    upright = make_raw_clip(
        tmp_path / "phone.mp4",
        [picture(i, RED) for i in range(10)],
        [0, 30, 90, 120, 180, 210, 240, 330, 360, 460],
        rotation=90,
    )
    silent = make_clip(tmp_path / "slow.mp4", fps=12, frames=6, size=(160, 160), hertz=None)
    film = open_film(upright)
    result = stitch(tmp_path, [clips[0], upright, silent], {"transition": "wipeleft"})
    frames = all_frames(result["files"][0]["path"])
    lengths = [24, film.frame_count(Fraction(24)), 12]
    overlaps = min(12, lengths[1] // 2) + min(12, lengths[1] // 2, 6)
    assert len(frames) == sum(lengths) - overlaps
    assert frames[-1].shape == (180, 320, 3)
    assert frames[-1][:, :60].max() < 25
    warnings = " ".join(result["warnings"])
    assert "transition was shortened" in warnings
    assert "different sizes (320×180, 180×320, 160×160). The video is 320×180" in warnings
    assert "different frame rates (24, " in warnings


def test_one_clip_is_a_film_too(tmp_path: Path, clips: list[Path]) -> None:
    result = stitch(tmp_path, clips[:1], {"transition": "fade"})
    assert len(all_frames(result["files"][0]["path"])) == 24


def test_clips_without_sound_make_a_film_without_sound(tmp_path: Path) -> None:
    silent = make_clip(tmp_path / "silent.mp4", hertz=None, frames=6)
    result = stitch(tmp_path, [silent, silent])
    assert not open_film(result["files"][0]["path"]).has_sound
    assert result["files"][0]["meta"]["loudness_lufs"] is None


def test_stops_at_the_longest_film_allowed(tmp_path: Path, clips: list[Path]) -> None:
    call = arguments("stitch_video", tmp_path, video=clips)
    call["studio"]["max_film_s"] = 1.5
    result = run(call, no_report)
    assert len(all_frames(result["files"][0]["path"])) == 36
    assert "1.5 s" in result["warnings"][0]


def test_needs_a_clip(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add a video"):
        run(arguments("stitch_video", tmp_path), no_report)


@pytest.mark.parametrize(
    "kind", ["fade", "dissolve", "wipeleft", "wiperight", "slideup", "slidedown"]
)
def test_every_transition_leads_from_the_one_to_the_other(
    tmp_path: Path, clips: list[Path], kind: str
) -> None:
    asked = {"transition": {"type": kind, "durationSeconds": 0.5}}
    frames = all_frames(stitch(tmp_path, clips, asked)["files"][0]["path"])
    assert len(frames) == 24 + 36 - 12
    # Ends as in the sources, on both sides of the transition.
    for number, colour, source in ((0, BLUE, 0), (11, BLUE, 11), (24, RED, 12), (47, RED, 35)):
        assert difference(frames[number], picture(source, colour)) < 5
    middle = frames[18]
    assert difference(middle, picture(18, BLUE)) > 8
    assert difference(middle, picture(6, RED)) > 8


def test_a_looped_track_has_no_gaps_and_its_own_loudness(tmp_path: Path, clips: list[Path]) -> None:
    # Without the highest tones, which no encoder keeps.
    rain = np.convolve(np.random.default_rng(2).standard_normal(33608), np.ones(9) / 9, "valid")
    write_audio(tmp_path / "bed.wav", np.stack([0.3 * rain] * 2).astype(np.float32))
    file = stitch(tmp_path, clips, audio=tmp_path / "bed.wav")["files"][0]
    sound = sound_of(file["path"])
    levels = np.sqrt((sound[:, 4800:76800].reshape(2, -1, 2400) ** 2).mean(axis=(0, 2)))
    assert levels.min() > 0.8 * np.median(levels)
    assert file["meta"]["loudness_lufs"] == pytest.approx(ebu_lufs(sound), abs=0.5)


@pytest.mark.parametrize(
    ("seconds", "warning"),
    [
        (0.5, ["The soundtrack lasts 0.5 s and is repeated until the film ends, at 2.5 s."]),
        (2, []),
        (3, []),
        (10, []),
        (12, ["The soundtrack lasts 12 s and is cut where the film ends, at 2.5 s."]),
    ],
)
def test_a_soundtrack_that_is_cut_or_repeated_says_so(
    tmp_path: Path, clips: list[Path], seconds: float, warning: list[str]
) -> None:
    write_audio(tmp_path / "bed.wav", tone(seconds, 262))
    assert stitch(tmp_path, clips, audio=tmp_path / "bed.wav")["warnings"] == warning


def test_what_is_spoken_is_heard_once(tmp_path: Path, clips: list[Path]) -> None:
    write_audio(tmp_path / "voice.wav", tone(0.5))
    call = arguments("stitch_video", tmp_path, video=clips, audio=tmp_path / "voice.wav")
    call["media"]["audio"][0]["meta"] = {"text": "Over"}
    result = run(call, no_report)
    sound = sound_of(result["files"][0]["path"])
    assert measure_lufs(sound[:, :24000]) > -30
    assert np.abs(sound[:, 28800:]).max() < 0.001
    assert result["warnings"] == []


def test_what_is_said_keeps_its_time(tmp_path: Path, clips: list[Path]) -> None:
    write_audio(tmp_path / "voice.wav", tone(2))
    call = arguments("stitch_video", tmp_path, video=clips, audio=tmp_path / "voice.wav")
    call["media"]["video"][1]["meta"] = {"cues": [{"start": 0.5, "end": 9, "text": "Two"}]}
    call["media"]["audio"][0]["meta"] = {"cues": [{"start": 0, "end": 0.8, "text": "Over"}]}
    over = {"start": 0.0, "end": 0.8, "text": "Over"}
    assert run(call, no_report)["files"][0]["meta"]["cues"] == [over]
    call["params"] = {"keepSourceAudio": True}
    two = {"start": 1.5, "end": 2.5, "text": "Two"}
    assert run(call, no_report)["files"][0]["meta"]["cues"] == [over, two]


@pytest.fixture
def shapes(tmp_path: Path) -> list[Path]:
    """A wide clip and an upright one."""
    return [
        make_clip(tmp_path / "wide.mp4", colour=BLUE, frames=6),
        make_clip(tmp_path / "tall.mp4", colour=RED, frames=6, fps=30, size=(180, 320)),
    ]


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({"aspectRatio": "9:16"}, (180, 320)),
        ({"aspectRatio": "1:1", "targetResolution": 240}, (240, 240)),
        ({"aspectRatio": "400x300"}, (400, 300)),
        ({"targetResolution": 360}, (640, 360)),
        ({"aspectRatio": "21:9"}, (420, 180)),
    ],
)
def test_the_size_is_what_is_asked_for(
    tmp_path: Path, shapes: list[Path], params: dict, size: tuple[int, int]
) -> None:
    result = stitch(tmp_path, shapes, {"fps": 12, **params})
    (file,) = result["files"]
    assert (file["width"], file["height"], file["fps"]) == (*size, 12.0)
    assert {frame.shape for frame in all_frames(file["path"])} == {(size[1], size[0], 3)}
    assert result["warnings"] == []


def test_a_frame_that_is_too_large_is_made_as_large_as_can_be(
    tmp_path: Path, shapes: list[Path]
) -> None:
    result = stitch(tmp_path, shapes[:1], {"aspectRatio": "8000x4500", "fps": 1})
    (file,) = result["files"]
    assert (file["width"], file["height"]) == (3964, 2230)
    assert "8000×4500 isn't supported" in result["warnings"][0]


@pytest.mark.parametrize("fit", ["contain", "cover", "blur"])
def test_fit_says_how_other_shapes_fill_the_frame(
    tmp_path: Path, shapes: list[Path], fit: str
) -> None:
    result = stitch(tmp_path, shapes, {"fit": fit, "fps": 24})
    frame = all_frames(result["files"][0]["path"])[-1]
    edge, middle = frame[:, :60].astype(float), frame[60:120, 130:190]
    assert middle.mean() > 40
    if fit == "contain":
        assert edge.max() < 25
    elif fit == "cover":
        # The shaded wall fills the frame from edge to edge.
        assert edge[:, :, 0].mean() > 80
    else:
        assert 20 < edge[:, :, 0].mean() < 80
        assert np.abs(np.diff(edge[:, :, 0], axis=0)).max() < 12


@pytest.mark.parametrize("target", [-16.0, -23.0])
def test_the_whole_has_the_loudness_asked_for(
    tmp_path: Path, clips: list[Path], target: float
) -> None:
    result = stitch(tmp_path, clips, {"loudness": target})
    path = result["files"][0]["path"]
    assert ebu_lufs(sound_of(path)) == pytest.approx(target, abs=0.5)
    assert np.abs(sound_of(path)).max() < 0.9
    assert result["files"][0]["meta"]["loudness_lufs"] == pytest.approx(target, abs=0.5)


def test_clips_alike_give_no_warning(tmp_path: Path, clips: list[Path]) -> None:
    assert stitch(tmp_path, clips)["warnings"] == []


def packets(path: str | Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_clips_encoded_alike_are_copied_not_encoded(tmp_path: Path, clips: list[Path]) -> None:
    clips = [*clips, clips[0]]
    result = stitch(tmp_path, clips)
    (file,) = result["files"]
    assert packets(file["path"]) == [packet for clip in clips for packet in packets(clip)]
    assert (file["duration_s"], file["fps"], result["warnings"]) == (3.5, 24.0, [])
    with av.open(file["path"]) as container:
        times = [float(frame.time) for frame in container.decode(video=0)]
    assert times == pytest.approx([number / 24 for number in range(84)], abs=0.001)
    expected = [frame for clip in clips for frame in all_frames(clip)]
    made = all_frames(file["path"])
    assert all((one == other).all() for one, other in zip(made, expected, strict=True))
    sound = open_film(file["path"]).sound()
    assert sound.shape == (2, 168000)
    assert pitch(sound[:, 52800:115200]) == pytest.approx(880, abs=3)


@pytest.mark.parametrize(
    "params", [{"transition": "fade"}, {"targetResolution": 90}, {"fps": 12}], ids=str
)
def test_what_changes_pictures_encodes_them(
    tmp_path: Path, clips: list[Path], params: dict
) -> None:
    made = set(packets(stitch(tmp_path, clips, params)["files"][0]["path"]))
    assert not made & set(packets(clips[0]) + packets(clips[1]))


def test_clips_of_another_encoder_are_not_copied(tmp_path: Path, clips: list[Path]) -> None:
    times = [round(n * 1000 / 24) for n in range(24)]
    other = make_raw_clip(tmp_path / "x.mp4", [picture(n, RED) for n in range(24)], times)
    result = stitch(tmp_path, [clips[0], other])
    frames = all_frames(result["files"][0]["path"])
    assert len(frames) == 48
    assert difference(frames[40], picture(16, RED)) < 5
    assert not set(packets(result["files"][0]["path"])) & set(packets(other))


@pytest.mark.parametrize("encoding", ["copied", "encoded"])
def test_a_clip_that_goes_on_from_the_last_picture_does_not_show_it_twice(
    tmp_path: Path, encoding: str
) -> None:
    shots = [make_shot(tmp_path / f"{first}.mp4", first) for first in (0, 23, 46)]
    params = {} if encoding == "copied" else {"targetResolution": 90}
    call = arguments("stitch_video", tmp_path, video=shots, params=params)
    for clip in call["media"]["video"][1:]:
        clip["meta"] = {"continues": True}
    (file,) = run(call, no_report)["files"]
    assert (file["duration_s"], file["meta"]["cuts_s"]) == (2.917, [0, 0.958, 1.917])
    copies = packets(file["path"]) == [packet for shot in shots for packet in packets(shot)]
    assert copies == (encoding == "copied")
    film = open_film(file["path"])
    assert (film.fps, film.frame_count(), film.sound().shape) == (24, 70, (2, 140000))
    size = (film.width, film.height)
    expected = [cv2.resize(picture(i, BLUE), size, interpolation=cv2.INTER_AREA) for i in range(70)]
    assert max(difference(a, b) for a, b in zip(film.frames(), expected, strict=True)) < 4
    # As any film, it may be joined again.
    (tmp_path / "again").mkdir()
    again = stitch(tmp_path / "again", [file["path"], file["path"]])["files"][0]
    assert (again["duration_s"], again["fps"]) == (5.833, 24.0)
    assert packets(again["path"]) == 2 * packets(file["path"])


def make_shot(path: Path, first: int) -> Path:
    """A second of pictures from this one on."""
    with VideoWriter(path, 320, 180, 24, audio=tone(1)) as writer:
        for index in range(first, first + 24):
            writer.add(picture(index, BLUE))
    return path
