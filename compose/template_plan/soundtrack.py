"""The sound of a film: music, a voice with its subtitles or alone, and what joins them to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from compose.plain_settings.line import WORDS
from compose.plan import USUAL_BEAT, USUAL_MUSIC, Plan
from compose.template_plan.open_texts import Roles, roles_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.template_text import capital, clean, has_letters, literal, one_line
from compose.template_plan.timing import WORDS_A_SECOND, Timing, spoken_seconds

SHORTEST_MUSIC_S = 10
LONGEST_MUSIC_S = 600
_USUAL_RECORDING_S = 60.0
_NOTHING_TO_SAY = "The plan doesn't say what the voice says. Write it in its input."
EXAMPLE_LINE = "Hello, and welcome."
# The prompt of a video that must have one, where a plan has no words at all.
UNSAID_MOTION: Final = "Movement"
# The name that speech takes, by ISO 639-1.
LANGUAGES: Final[Mapping[str, str]] = WORDS["languages"]


def music(
    sk: Skeleton, plan: Plan, roles: Roles, seconds: float, *, bpm: int | None = None
) -> Made:
    """Add music as long as the film. bpm: of a film that is cut to it."""
    text = one_line(plan.sound.music_words, 400)
    words = capital(text) or (USUAL_MUSIC if bpm is None else USUAL_BEAT)
    length = min(max(math.ceil(seconds), SHORTEST_MUSIC_S), LONGEST_MUSIC_S)
    args: dict[str, Any] = {
        "prompt": roles.bind(sk, "music", words) or literal(words),
        "duration": length,
        "bpm": bpm,
        "timesig": None if bpm is None else 4,
    }
    return sk.stage("music", "generate_music", args, seconds=length)


_RECORDINGS = frozenset(("voice", "voiceover", "recording", "narration", "speech"))


def is_recording(audio: Made) -> bool:
    """Return whether an audio file that the person brings is a voice; else it is music."""
    return bool(set(audio.ref.removeprefix("$inputs.").split("_")) & _RECORDINGS)


def narration(plan: Plan) -> str:
    """Return what the voice says; "" where the plan has no words for it."""
    return clean(plan.sound.spoken, 4_000) if has_letters(plan.sound.spoken) else ""


def voice(sk: Skeleton, plan: Plan, roles: Roles, seconds: float | None = None) -> Made:
    """Add a voice that reads an input's text. seconds: of the film, None where it is not known."""
    text = narration(plan)
    binding = roles.bind(sk, "voice", text)
    if not binding:
        binding = sk.input(
            "narration", "text", "What the voice says", default=text or None, example=EXAMPLE_LINE
        )
        if not text:
            sk.warn(_NOTHING_TO_SAY)
    length = spoken_seconds(text) if text else seconds
    if text and length is not None and seconds is not None and length > seconds + 0.5:
        sk.warn(
            f"The voice needs about {length:.0f} s and the film lasts {seconds:g} s: shorten its"
            " text, or the end is cut."
        )
    return _read_aloud(sk, plan, binding, length)


def recording(sk: Skeleton, plan: Plan) -> None:
    """Add a voice without images, and the music that is asked for as a file of its own."""
    roles = roles_of(plan)
    if plan.sound.music:
        music(sk, plan, roles, plan.seconds or _USUAL_RECORDING_S)
    if plan.sound.music and not plan.sound.speech:
        return
    text = clean(plan.sound.spoken, 4_000)
    title = f"What the voice says: {one_line(plan.title, 80)}"
    binding = roles.bind(sk, "voice", text) or sk.input(
        "narration", "text", title, default=text or None
    )
    _read_aloud(sk, plan, binding, spoken_seconds(text) if text else plan.seconds)
    sk.warn("One voice reads the whole text, without other sounds.")
    if not text:
        sk.warn(_NOTHING_TO_SAY)
    if plan.seconds:
        count = round(plan.seconds * WORDS_A_SECOND)
        sk.warn(f"The text decides the length: {plan.seconds:g} s take about {count} words.")
    if plan.sound.music:
        sk.warn("The voice and the music are two files: audio is only mixed in a film.")


def _read_aloud(sk: Skeleton, plan: Plan, binding: str, length: float | None) -> Made:
    args = {"prompt": binding, "voiceDescription": one_line(plan.sound.voice_words, 400) or None}
    args["language"] = LANGUAGES.get(plan.language) if plan.language != "en" else None
    return sk.stage("voice", "generate_speech", args, seconds=length)


def join(
    sk: Skeleton,
    plan: Plan,
    clips: Sequence[Made] | str,
    timing: Timing,
    *,
    audio: Sequence[Made] = (),
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
        kind = plan.transition or "dissolve"
        args["transition"] = {"type": kind, "durationSeconds": timing.transition}
    if audio:
        args["reference_audio_url"] = audio[0].ref
        if plan.sound.keep_original:
            args["keepSourceAudio"] = True
    more = audio[1:]
    first = "film_with_music" if more else "film"
    film = sk.stage(first, "stitch_video", args, seconds=timing.total)
    for track in more:
        over = {
            "reference_video_urls": [film.ref],
            "reference_audio_url": track.ref,
            "keepSourceAudio": True,
        }
        film = sk.stage("film", "stitch_video", over, seconds=timing.total)
    return film


def add_subtitles(sk: Skeleton, film: Made, cues: Any) -> Made:
    """Show lines over the film. cues: a binding or a list."""
    style = {"position": "bottom", "fontSizePct": 6}
    args = {"reference_video_url": film.ref, "cues": cues, "style": style}
    return sk.stage("subtitled", "add_subtitles", args, "With subtitles", seconds=film.seconds)


def scene_cues(texts: Sequence[str], timing: Timing) -> list[dict[str, Any]]:
    """Return one line a shot, for films that show what no one says; none where the texts are
    the same."""
    if len(texts) > 1 and len(set(texts)) == 1:
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


def motion_prompt(plan: Plan, text: str = "") -> str:
    """Return what happens, then what the camera of a plan does; its title where both are empty."""
    parts = [capital(one_line(part, 600)).rstrip(" .,;") for part in (text, plan.camera)]
    words = ". ".join(filter(None, parts)) or capital(one_line(plan.title, 200))
    return literal(words or UNSAID_MOTION)
