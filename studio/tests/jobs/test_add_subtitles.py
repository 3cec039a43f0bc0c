"""add_subtitles: lines seen at their time, and readable beside the pictures."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from mediakit.errors import Refused
from studio.jobs import stitch_video
from studio.jobs.add_subtitles import run
from studio.media.video.reader import open_film
from studio.tests.support.films import (
    HLG,
    all_frames,
    arguments,
    difference,
    make_clip,
    make_tagged_clip,
    no_report,
    picture,
)
from studio.tests.support.measures import sound_of
from studio.tests.support.scripts import GREETINGS, TYPEFACES, needs_fribidi

BLUE = (40, 90, 140)
CUES = [
    {"startSeconds": 0.25, "endSeconds": 0.75, "text": "First line"},
    {
        "startSeconds": 1.0,
        "endSeconds": 1.5,
        "text": "Second, a rather longer line that is made of two even halves",
    },
]
SRT = "1\n00:00:00,250 --> 00:00:00,750\nFirst line\n\n2\n00:00:01,000 --> 00:00:01,500\nSecond\n"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=48, colour=BLUE)


def subtitle(out: Path, clip: Path, meta: dict | None = None, **params: object) -> dict:
    call = arguments("add_subtitles", out, params=params, video=clip)
    call["media"]["video"][0]["meta"] = meta or {}
    return run(call, no_report)


def track_of(path: str) -> list[tuple[float, float, str]]:
    """The subtitle track: start, end, text."""
    with av.open(path) as container:
        stream = container.streams.subtitles[0]
        assert stream.codec_context.name == "mov_text"
        packets = [p for p in container.demux(stream) if p.size > 2]
        return [
            (
                float(p.pts * p.time_base),
                float((p.pts + p.duration) * p.time_base),
                bytes(p)[2:].decode(),
            )
            for p in packets
        ]


def lettering(frame: np.ndarray, number: int) -> np.ndarray:
    """Where white words are that the clip does not have."""
    changed = np.abs(frame.astype(int) - picture(number, BLUE)).max(axis=2) > 60
    return changed & (frame.min(axis=2) > 200)


def test_lines_are_seen_at_their_time_and_only_then(tmp_path: Path, clip: Path) -> None:
    result = subtitle(tmp_path, clip, cues=CUES)
    file = result["files"][0]
    frames = all_frames(file["path"])
    assert (len(frames), file["duration_s"], result["warnings"]) == (48, 2.0, [])
    for number, frame in enumerate(frames):
        seen = lettering(frame, number)
        if 6 <= number < 18 or 24 <= number < 36:
            assert seen.sum() > 60
            # At the bottom, inside the safe area, in the middle.
            rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
            assert rows[0] > 110
            assert rows[-1] < 175
            assert (columns[0] + columns[-1]) / 2 == pytest.approx(160, abs=6)
        else:
            assert difference(frame, picture(number, BLUE)) < 5
            assert seen.sum() < 4


def test_the_track_beside_the_pictures_reads_back(tmp_path: Path, clip: Path) -> None:
    file = subtitle(tmp_path, clip, cues=CUES)["files"][0]
    read = track_of(file["path"])
    assert [text for _, _, text in read] == [cue["text"] for cue in CUES]
    for (start, end, _), cue in zip(read, CUES, strict=True):
        assert start == pytest.approx(cue["startSeconds"], abs=0.002)
        assert end == pytest.approx(cue["endSeconds"], abs=0.002)
    assert file["meta"]["cues"][0] == {"start": 0.25, "end": 0.75, "text": "First line"}
    assert "00:00:01,000 --> 00:00:01,500" in file["meta"]["srt"]


def test_words_are_legible_on_any_ground(tmp_path: Path) -> None:
    white = make_clip(tmp_path / "white.mp4", frames=6, colour=(255, 255, 255))
    line = [{"start": 0, "end": 0.2, "text": "Legible"}]
    frame = all_frames(subtitle(tmp_path, white, cues=line)["files"][0]["path"])[2]
    words = frame[145:172, 110:210]
    assert np.percentile(words, 2) < 30
    assert np.percentile(words, 98) > 225


def test_a_long_line_breaks_into_two_even_ones(tmp_path: Path, clip: Path) -> None:
    frames = all_frames(subtitle(tmp_path, clip, cues=CUES)["files"][0]["path"])
    seen = lettering(frames[30], 30)
    rows = np.flatnonzero(seen.sum(axis=1) > 0)
    assert rows[-1] - rows[0] > 1.6 * 0.06 * 180
    middle = (rows[0] + rows[-1]) // 2
    widths = [
        np.ptp(np.flatnonzero(half.any(axis=0))) for half in (seen[:middle], seen[middle + 1 :])
    ]
    assert max(widths) < 0.84 * 320
    assert min(widths) > 0.6 * max(widths)


def test_a_very_long_line_is_shown_in_parts(tmp_path: Path, clip: Path) -> None:
    words = "This is far more than anybody could read at once, so it is shown bit by bit instead"
    words = f"{words}, and then it goes on for a while longer until there is nothing left to say."
    cue = [{"startSeconds": 0, "endSeconds": 2, "text": words}]
    file = subtitle(tmp_path, clip, cues=cue)["files"][0]
    frames = all_frames(file["path"])
    early, late = (lettering(frames[n], n) for n in (4, 44))
    assert (early ^ late).sum() > 200
    assert early[:105].sum() == late[:105].sum() == 0
    assert track_of(file["path"])[0][2] == words


@pytest.mark.parametrize("position", ["top", "center"])
def test_position_and_colour_are_followed(tmp_path: Path, clip: Path, position: str) -> None:
    style = {"position": position, "color": "#ffee00", "fontSizePct": 10}
    frame = all_frames(subtitle(tmp_path, clip, cues=CUES, style=style)["files"][0]["path"])[10]
    yellow = (frame[..., 0] > 190) & (frame[..., 1] > 180) & (frame[..., 2] < 110)
    rows = np.flatnonzero(yellow.any(axis=1))
    assert np.ptp(rows) > 9
    centre = {"top": 20, "center": 90}[position]
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(centre, abs=8)


def test_size_follows_the_clip_and_upright_ones_keep_words_together(tmp_path: Path) -> None:
    upright = make_clip(tmp_path / "upright.mp4", frames=6, size=(180, 320), colour=BLUE)
    line = [{"start": 0, "end": 0.2, "text": "Nobody has ever walked here"}]
    frame = all_frames(subtitle(tmp_path, upright, cues=line)["files"][0]["path"])[2]
    plain = picture(2, BLUE, 180, 320)
    seen = (np.abs(frame.astype(int) - plain).max(axis=2) > 60) & (frame.min(axis=2) > 200)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert columns[0] >= 8
    assert columns[-1] < 172
    assert np.ptp(rows) < 45
    assert rows[0] > 240


def test_takes_srt_and_web_vtt(tmp_path: Path, clip: Path) -> None:
    vtt = (
        "\ufeffWEBVTT - a file\r\n\r\nNOTE not shown\r\n\r\nSTYLE\r\n::cue {}\r\n\r\n"
        "intro\r\n00:00.250 --> 00:00.750 align:start line:0\r\n<v Ann>First <b>line</b></v>\r\n"
    )
    for text, told in ((SRT, "First line"), (vtt, "Ann: First line")):
        file = subtitle(tmp_path, clip, srt=text)["files"][0]
        assert file["meta"]["cues"][0] == {"start": 0.25, "end": 0.75, "text": told}
        assert lettering(all_frames(file["path"])[10], 10).sum() > 60


def test_what_cannot_be_shown_is_told(tmp_path: Path, clip: Path) -> None:
    cues = [
        {"startSeconds": 1, "endSeconds": 9, "text": "Too long"},
        {"startSeconds": 5, "endSeconds": 6, "text": "Too late"},
        {"startSeconds": 0.5, "endSeconds": 0.5, "text": "No time"},
        {"startSeconds": 0.2, "endSeconds": 0.6, "text": "One"},
        {"startSeconds": 0.4, "endSeconds": 0.8, "text": "Two \u0378\u0379"},
    ]
    result = subtitle(tmp_path, clip, cues=cues)
    told = " ".join(result["warnings"])
    for words in (
        "shortened",
        "the video ends",
        "must be after the start",
        "overlap",
        "\u0378 \u0379",
    ):
        assert words in told
    file = result["files"][0]
    assert [text for _, _, text in track_of(file["path"])] == [
        "One",
        "One\nTwo \u0378\u0379",
        "Two \u0378\u0379",
        "Too long",
    ]


@needs_fribidi
@pytest.mark.parametrize("file", GREETINGS)
def test_every_script_is_in_the_pictures_in_order(tmp_path: Path, clip: Path, file: str) -> None:
    words = GREETINGS[file]
    cues = [{"startSeconds": 0, "endSeconds": 2, "text": words}]
    result = subtitle(tmp_path, clip, cues=cues, style={"fontSizePct": 25})
    assert result["warnings"] == []
    seen = lettering(all_frames(result["files"][0]["path"])[10], 10)
    own = np.asarray(drawn_by_itself(words, file)) > 128
    seen, own = (cut_out(mask, own.shape) for mask in (seen, own))
    both = (seen & own).sum() / (seen | own).sum()
    turned = (seen[:, ::-1] & own).sum() / (seen[:, ::-1] | own).sum()
    assert both > 0.6 > 1.3 * turned


def drawn_by_itself(words: str, file: str) -> PIL.Image.Image:
    """Words as the typeface draws them, however they are read."""
    font = PIL.ImageFont.truetype(str(TYPEFACES / file), 45)
    font.set_variation_by_axes([620])
    sheet = PIL.Image.new("L", (400, 120))
    PIL.ImageDraw.Draw(sheet).text((40, 80), words, 255, font, "ls")
    return sheet


def cut_out(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """What a mask holds, as large as another's."""
    left, top, columns, rows = cv2.boundingRect(mask.astype(np.uint8))
    part = mask[top : top + rows, left : left + columns].astype(np.uint8)
    return np.asarray(cv2.resize(part, shape[::-1], interpolation=cv2.INTER_NEAREST) > 0)


def test_what_a_clip_says_of_itself_is_transcribed(tmp_path: Path, clip: Path) -> None:
    spoken = {"cues": [{"start": 0.5, "end": 1.25, "text": "As it was spoken"}]}
    file = subtitle(tmp_path, clip, spoken, auto_transcribe=True)["files"][0]
    assert track_of(file["path"])[0][2] == "As it was spoken"
    none = subtitle(tmp_path, clip, auto_transcribe=True)
    assert any("can't transcribe speech" in warning for warning in none["warnings"])
    assert len(all_frames(none["files"][0]["path"])) == 48


def test_what_was_spoken_survives_joining(tmp_path: Path, clip: Path) -> None:
    spoken = {"cues": [{"start": 0.5, "end": 1.25, "text": "Again"}]}
    call = arguments("stitch_video", tmp_path, video=[clip, clip])
    for file in call["media"]["video"]:
        file["meta"] = spoken
    joined = stitch_video.run(call, no_report)["files"][0]
    assert [(cue["start"], cue["end"]) for cue in joined["meta"]["cues"]] == [
        (0.5, 1.25),
        (2.5, 3.25),
    ]


def test_the_sound_stays(tmp_path: Path, clip: Path) -> None:
    before, after = sound_of(clip), sound_of(subtitle(tmp_path, clip, srt=SRT)["files"][0]["path"])
    inner = slice(2400, 93600)
    assert np.corrcoef(before[0, inner], after[0, inner])[0, 1] > 0.999
    silent = make_clip(tmp_path / "silent.mp4", frames=24, hertz=None)
    assert not open_film(subtitle(tmp_path, silent, srt=SRT)["files"][0]["path"]).has_sound


def test_the_same_call_gives_the_same_bytes(tmp_path: Path, clip: Path) -> None:
    first, second = (
        Path(subtitle(tmp_path, clip, cues=CUES)["files"][0]["path"]).read_bytes() for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("params", [{}, {"srt": "no subtitles at all"}])
def test_needs_lines(tmp_path: Path, clip: Path, params: dict) -> None:
    with pytest.raises(Refused, match=r"subtitle lines|SRT"):
        subtitle(tmp_path, clip, **params)


def test_needs_a_clip(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add a video"):
        run(arguments("add_subtitles", tmp_path, params={"srt": SRT}), no_report)


def packets(path: str | Path, kind: str) -> list[bytes]:
    with av.open(str(path)) as container:
        (stream,) = getattr(container.streams, kind)
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def test_a_track_alone_leaves_pictures_and_sound_as_they_are(tmp_path: Path, clip: Path) -> None:
    result = subtitle(tmp_path, clip, cues=CUES, burnIn=False)
    (file,) = result["files"]
    assert result["warnings"] == []
    assert (file["width"], file["height"], file["duration_s"]) == (320, 180, 2.0)
    for kind in ("video", "audio"):
        assert packets(file["path"], kind) == packets(clip, kind)
    assert track_of(file["path"]) == [
        (cue["startSeconds"], cue["endSeconds"], cue["text"]) for cue in CUES
    ]
    assert result["values"]["cues"]


def test_a_clip_without_lines_is_not_encoded_again(tmp_path: Path, clip: Path) -> None:
    result = subtitle(tmp_path, clip, auto_transcribe=True)
    assert "can't transcribe" in result["warnings"][0]
    assert packets(result["files"][0]["path"], "video") == packets(clip, "video")


@pytest.mark.parametrize("rotation", [90, -90])
def test_a_copied_clip_stays_upright_and_hdr(tmp_path: Path, rotation: int) -> None:
    clip = make_tagged_clip(
        tmp_path / "phone.mp4", [(0.8, 0.1, 0.1), (0.1, 0.1, 0.8)], tags=HLG, rotation=rotation
    )
    line = {"startSeconds": 0.02, "endSeconds": 0.1, "text": "Hi"}
    result = subtitle(tmp_path, clip, cues=[line], burnIn=False)
    (file,) = result["files"]
    made, own = open_film(file["path"]), open_film(clip)
    assert (made.turn, made.colors) == (own.turn, own.colors)
    assert (file["width"], file["height"]) == (64, 128)
    assert result["warnings"] == []
    assert packets(file["path"], "video") == packets(clip, "video")


def test_what_mp4_does_not_take_is_encoded_with_the_track(tmp_path: Path) -> None:
    clip = tmp_path / "clip.webm"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libvpx", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(36):
            shown = av.VideoFrame.from_ndarray(picture(number, BLUE), format="rgb24")
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    result = subtitle(tmp_path, clip, cues=CUES[:1], burnIn=False)
    frames = all_frames(result["files"][0]["path"])
    assert difference(frames[10], picture(10, BLUE)) < 5
    assert [text for _, _, text in track_of(result["files"][0]["path"])] == ["First line"]
