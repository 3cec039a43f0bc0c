"""The sound of a film: music, a voice with its subtitles or alone, and what joins them to it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from compose.brief.brief import Brief
from compose.language import TABLES
from compose.template_plan.open_texts import Roles, roles_of, without_marker
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.template_text import capital, clean, has_letters, literal, one_line
from compose.template_plan.timing import WORDS_A_SECOND, Timing, spoken_seconds
from compose.writers.script import Order, scenes_of
from core.language.numbers import LANGUAGES

SHORTEST_MUSIC_S = 10
LONGEST_MUSIC_S = 600
_USUAL_RECORDING_S = 60.0
_USUAL_MUSIC = "Emotional cinematic piano with warm strings"
# Of a brief that lines are written about; a longer one tells its scenes itself.
_LONGEST_SUBJECT = 600
_USUAL_BEAT = "Energetic electronic dance music with a clear beat"
_LANGUAGES = {
    "en": "english",
    "zh": "chinese",
    "ja": "japanese",
    "ko": "korean",
    "de": "german",
    "fr": "french",
    "ru": "russian",
    "pt": "portuguese",
    "es": "spanish",
    "it": "italian",
}


def music(
    sk: Skeleton, brief: Brief, roles: Roles, seconds: float, *, bpm: int | None = None
) -> Made:
    """Add music as long as the film. bpm: of a film that is cut to it."""
    text = one_line(brief.sound.music_words, 400)
    words = capital(text) or (_USUAL_MUSIC if bpm is None else _USUAL_BEAT)
    length = min(max(math.ceil(seconds), SHORTEST_MUSIC_S), LONGEST_MUSIC_S)
    args: dict[str, Any] = {
        "prompt": roles.bound(sk, "music", words) or literal(words),
        "duration": length,
        "bpm": bpm,
    }
    if bpm is not None:
        args["timesig"] = 4
    return sk.stage("music", "Music", "generate_music", args, kind="audio", seconds=length)


_RECORDINGS = frozenset(("voice", "voiceover", "recording", "narration", "speech"))


def is_recording(audio: Made) -> bool:
    """Return whether an audio file that the person brings is a voice; else it is music."""
    return bool(set(audio.ref.removeprefix("$inputs.").split("_")) & _RECORDINGS)


def narration(brief: Brief) -> str:
    """Return what the voice says: the brief's words for it, its scenes, or lines on its subject."""
    text = _speech_text(brief)
    return text if has_letters(text) else "Hello."


def _speech_text(brief: Brief) -> str:
    if has_letters(brief.sound.spoken):
        return clean(brief.sound.spoken, 4_000)
    texts = [
        one_line(without_marker(brief, scene.text), 300).rstrip(" .") for scene in brief.scenes
    ]
    texts = list(dict.fromkeys(text for text in texts if text))
    if not _is_told(brief):
        # The scenes say how they are filmed, which no one would read out.
        lines = _lines(brief)
        if lines:
            return clean(" ".join(lines), 4_000)
    texts = texts or [one_line(brief.topic, 200)]
    return clean(" ".join(f"{capital(text)}." for text in texts if text), 4_000)


def _is_told(brief: Brief) -> bool:
    """Return whether the brief has words for the voice: its own, or scenes that can be read out."""
    if has_letters(brief.sound.spoken):
        return True
    text = brief.words.lower()
    return bool(brief.scenes) and all(
        one_line(without_marker(brief, scene.text), 300).rstrip(" .").lower() in text
        for scene in brief.scenes
    )


def _lines(brief: Brief) -> list[str]:
    """Return lines about the brief's subject, one or less for each scene."""
    shots = any(scene.type == "shot" for scene in brief.scenes)
    if not shots or len(brief.words) > _LONGEST_SUBJECT:
        return []
    count = max(1, min(len(brief.scenes), 12))
    about = _subject(brief)
    if not brief.sells:
        # What a story or a lesson says is not made up here.
        return [f"{capital(about)}."]
    order = Order("ad_script", replace(brief, text=about), brief.seconds, count)
    lines = [one_line(scene.line, 300) for scene in scenes_of(order)]
    return [line for line in lines if line]


def _subject(brief: Brief) -> str:
    """Return what a film is about: open words, what its scenes begin with, or its topic."""
    open_words = next(
        (open_text.default for open_text in brief.open_texts if open_text.default), ""
    )
    if open_words:
        return one_line(open_words)
    word_lists = [one_line(scene.text).split(" ") for scene in brief.scenes]
    shared: list[str] = []
    for words in zip(*word_lists, strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    head = re.split(r"[,:]", " ".join(shared))[0].strip() if len(word_lists) > 1 else ""
    return head if len(head.split(" ")) > 1 else one_line(brief.topic)


def voice(sk: Skeleton, brief: Brief, roles: Roles, seconds: float | None = None) -> Made:
    """Add a voice that reads an input's text. seconds: of the film, None where it is not known."""
    text = narration(brief)
    binding = roles.bound(sk, "voice", text)
    length = spoken_seconds(text)
    if not binding:
        binding = sk.input("narration", "text", "What the voice says", default=text)
        if not _is_told(brief):
            sk.warn("The brief doesn't say what the voice says. Write it in its input.")
    if seconds is not None and length > seconds + 0.5:
        sk.warn(
            f"The voice needs about {length:.0f} s and the film lasts {seconds:g} s: shorten its"
            " text, or the end is cut."
        )
    return _read_aloud(sk, brief, binding, length)


def recording(sk: Skeleton, brief: Brief) -> None:
    """Add a voice without images, and the music that is asked for as a file of its own."""
    roles = roles_of(brief)
    if brief.sound.music:
        music(sk, brief, roles, brief.seconds or _USUAL_RECORDING_S)
    if brief.sound.music and not brief.sound.speech:
        return
    text = clean(brief.sound.spoken, 4_000)
    title = f"What the voice says: {one_line(brief.topic, 80)}"
    binding = roles.bound(sk, "voice", text) or sk.input(
        "narration", "text", title, default=text or None
    )
    _read_aloud(sk, brief, binding, spoken_seconds(text) if text else brief.seconds)
    sk.warn("One voice reads the whole text, without other sounds.")
    if not text:
        sk.warn("The brief doesn't say what the voice says. Write it in its input.")
    if brief.seconds:
        count = round(brief.seconds * WORDS_A_SECOND)
        sk.warn(f"The text decides the length: {brief.seconds:g} s take about {count} words.")
    if brief.sound.music:
        sk.warn("The voice and the music are two files: audio is only mixed in a film.")


def _read_aloud(sk: Skeleton, brief: Brief, binding: str, length: float | None) -> Made:
    args: dict[str, Any] = {"prompt": binding}
    if words := one_line(brief.sound.voice_words, 400):
        args["voiceDescription"] = words
    if brief.language in _LANGUAGES and brief.language != "en":
        args["language"] = _LANGUAGES[brief.language]
    return sk.stage("voice", "Voice", "generate_speech", args, kind="audio", seconds=length)


def joined(
    sk: Skeleton,
    brief: Brief,
    clips: Sequence[Made] | str,
    timing: Timing,
    *,
    audio: Sequence[Made] = (),
    label: str = "Film",
    look: dict[str, Any] | None = None,
) -> Made:
    """Join the clips as one film under its sound tracks; one clip with sound stays as it is.

    clips: in order, or the binding of a whole list. audio: music before a voice, which is laid
    over it. look: further arguments of the joining.
    """
    refs: Any = clips if isinstance(clips, str) else [clip.ref for clip in clips]
    is_one = not isinstance(clips, str) and len(clips) == 1
    if not isinstance(clips, str) and is_one and not audio and not look and clips[0].stage:
        return clips[0]
    args: dict[str, Any] = {"reference_video_urls": refs, **(look or {})}
    if timing.transition and not is_one:
        kind = brief.transition if brief.transition in TRANSITIONS else "dissolve"
        args["transition"] = {"type": kind, "durationSeconds": timing.transition}
    if audio:
        args["reference_audio_url"] = audio[0].ref
        if brief.sound.kept:
            args["keepSourceAudio"] = True
    more = audio[1:]
    first, first_label = ("film", label) if not more else ("film_with_music", "Film with music")
    film = sk.stage(first, first_label, "stitch_video", args, kind="video", seconds=timing.total)
    for track in more:
        over = {
            "reference_video_urls": [film.ref],
            "reference_audio_url": track.ref,
            "keepSourceAudio": True,
        }
        film = sk.stage("film", label, "stitch_video", over, kind="video", seconds=timing.total)
    return film


def subtitled(sk: Skeleton, film: Made, cues: Any) -> Made:
    """Show lines over the film. cues: a binding or a list."""
    args = {
        "reference_video_url": film.ref,
        "cues": cues,
        "style": {"position": "bottom", "fontSizePct": 6},
    }
    return sk.stage(
        "subtitled", "With subtitles", "add_subtitles", args, kind="video", seconds=film.seconds
    )


_VIEWS: Final = tuple(
    start
    for language in LANGUAGES
    for pattern in TABLES.texts("framing", "shots", language)
    if (start := pattern.partition("{s}")[0].removesuffix("of ").rstrip(" :"))
)


def scene_cues(texts: Sequence[str], timing: Timing) -> list[dict[str, Any]]:
    """Return one line a shot, for films that show what no one says; none where the texts are
    views of one thing."""
    if any(text.startswith(_VIEWS) for text in texts):
        return []
    cues = []
    for text, start, seconds in zip(texts, timing.starts(), timing.shots, strict=False):
        if line := capital(one_line(text, 160)):
            end = start + seconds - timing.transition
            cues.append(
                {
                    "startSeconds": round(start + 0.2, 2),
                    "endSeconds": round(end, 2),
                    "text": literal(line),
                }
            )
    return cues


TRANSITIONS = ("fade", "dissolve", "wipeleft", "wiperight", "slideup", "slidedown")


def motion_prompt(text: str, camera: str) -> str:
    """Return what happens, then what the camera does."""
    sentences = [capital(one_line(part, 600)).rstrip(" .,;") for part in (text, camera)]
    return literal(". ".join(part for part in sentences if part))
