"""Speech from a text: a synthetic voice, clear and even, with the times of its phrases."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.artist.speech import espeak
from studio.artist.speech.languages import CODES, KANJI, detect
from studio.artist.speech.script import has_words, sayable, sentences
from studio.artist.speech.take import record
from studio.artist.speech.voices import MAN, USUAL_RATE, VOICES, WOMAN, Voice, described
from studio.job_io.job_results import Result, audio_file, outcome
from studio.job_io.prompt_branches import choose_branch
from studio.media.audio.loudness import measure_lufs
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.audio.voice_analysis import Likeness, listen
from studio.media.audio.writer import write_audio
from studio.media.video.reader import read_sound

MAX_VARIATIONS = 16
_LISTEN_S = 60.0  # of a recording: more tells no more about a voice
_TRIAL = "The morning air was clear and the old road ran along the river."


# A confined process starts no program, so the one that speaks is started before.
before_confinement = espeak.start
after_job = espeak.stop


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Writes one file a take, WAV unless told otherwise; its meta has text, language, voice and
    `cues` ({start, end, text}, seconds), ready for subtitles. values: those of the first take.

    Port: `voice`, a recording, for the model "clone". The same arguments and seed give the same
    bytes from a fresh process. Raises Refused for a text without words, or no voice to clone.
    """
    params = arguments["params"]
    warnings: list[str] = []
    ending = str(params.get("outputFormat") or "wav").lower().lstrip(".")
    if ending not in ("wav", "mp3", "flac"):
        warnings.append(f"Saved as WAV. {ending!r} isn't supported.")
        ending = "wav"
    count = min(max(int(params.get("numberOfVariations") or 1), 1), MAX_VARIATIONS)
    voice, said = _voice(arguments, warnings)
    files = []
    for index in range(count):
        share = index / count

        def told(fraction: float, message: str, share: float = share) -> None:
            report(share + fraction / count, message)

        files.append(_take(arguments, index, voice, said, ending, warnings, told))
    report(1.0, "Done")
    # What a later stage asks of this one: `$artifacts.voice.cues`, or the transform subtitle_cues.
    spoken = {name: files[0]["meta"][name] for name in ("text", "language", "cues")}
    return outcome(files, values=spoken, warnings=warnings)


def _take(
    arguments: Mapping[str, Any],
    index: int,
    voice: Voice,
    said: Mapping[str, Any],
    ending: str,
    warnings: list[str],
    report: Report,
) -> Result:
    params = arguments["params"]
    written = choose_branch(str(params.get("prompt") or ""), index)
    text = sayable(written)
    if not has_words(text):
        raise Refused("Add text to speak.")
    language = str(params.get("language") or "auto")
    if language not in CODES:
        language = detect(text)
    if language == "japanese":
        text = _kana(text, warnings)
    seed = int(arguments.get("seed") or 0) + index
    # Not hash(): it differs from process to process.
    digest = hashlib.sha256(f"{seed}\n{text}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:16], "big"))
    freedom = min(max(float(params.get("creativity") or 0.9), 0.1), 2.0)
    take = record(sentences(text), voice, CODES[language], freedom, rng, report)
    path = Path(arguments["out"]) / f"speech-{index + 1}.{ending}"
    write_audio(path, take.sound, comment="draft: studio")
    meta = {
        "text": text,
        "seed": seed,
        "language": language,
        **said,
        "cues": [cue.as_meta() for cue in take.cues],
        "loudness_lufs": round(measure_lufs(take.sound), 1),
    }
    return audio_file(path, duration_s=take.sound.shape[1] / SAMPLE_RATE, meta=meta)


def _kana(text: str, warnings: list[str]) -> str:
    """Only kana can be read out; kanji would be called by their English name."""
    if not KANJI.search(text):
        return text
    kana = KANJI.sub("", text)
    if not has_words(kana):
        raise Refused("Japanese works in kana only. Write the text in hiragana.")
    warnings.append("Japanese works in kana only. Kanji were skipped.")
    return kana


def _voice(arguments: Mapping[str, Any], warnings: list[str]) -> tuple[Voice, dict[str, Any]]:
    """Who speaks, and what the result says about that."""
    params = arguments["params"]
    model = str(params.get("model") or "voice").lower()
    name = str(params.get("voice") or "serena").lower()
    description = str(params.get("voiceDescription") or "").strip()
    if name not in VOICES:
        warnings.append(f"Unknown voice {name!r}. Serena was used.")
        name = "serena"
    voice = VOICES[name]
    said: dict[str, Any] = {"voice": name}
    if "clone" in model:
        likeness = _recorded(arguments)
        voice = _like(likeness, _transcript(arguments))
        said = {"voice": "clone", "pitch_hz": round(likeness.pitch_hz, 1)}
        warnings.append("Only pitch and pace follow the recording. It's not a voice clone.")
    elif "design" in model:
        said = {"voice": "design"}
        if not description:
            warnings.append(f"No voice description, so {name} was used.")
    if description:
        voice, known = described(voice, description, anew="design" in model)
        said["voice_description"] = description
        if not known:
            warnings.append(
                "Nothing in the voice description was understood. Try words such as "
                "slow, fast, deep, high, old, child, whisper, excited, calm, sad, "
                "narrator."
            )
    return voice, said


def _recorded(arguments: Mapping[str, Any]) -> Likeness:
    media = (arguments.get("media") or {}).get("voice") or []
    if not media:
        raise Refused("Add a recording as the voice.", "ASSET_NOT_FOUND")
    sound = read_sound(media[0]["path"])[:, : round(_LISTEN_S * SAMPLE_RATE)].mean(axis=0)
    # A third of the rate is plenty for pitch and pace, and three times as fast.
    thinned = sound[: sound.size // 3 * 3].reshape(-1, 3).mean(axis=1)
    likeness = listen(thinned, SAMPLE_RATE // 3, _transcript(arguments))
    if likeness is None:
        raise Refused("No voice found in the recording. Use one with clear speech.")
    return likeness


def _transcript(arguments: Mapping[str, Any]) -> str:
    text = sayable(str(arguments["params"].get("voiceTranscript") or ""))
    return text if has_words(text) else ""


def _like(likeness: Likeness, transcript: str) -> Voice:
    """A voice with that pitch, liveliness and pace, found by trying.

    transcript: what was said; saying it again tells the pace best.
    """
    voice = WOMAN if likeness.pitch_hz > 155 else MAN
    voice = replace(voice, range=min(100.0, 50 * likeness.spread / 2.6))
    language = CODES[detect(transcript or _TRIAL)]
    for _ in range(3):
        manner = espeak.Manner(
            f"{language}+{voice.variant}",
            rate=round(USUAL_RATE * voice.rate),
            pitch=round(voice.pitch),
            range=round(voice.range),
        )
        said = [espeak.say(line.text, manner).samples for line in sentences(transcript or _TRIAL)]
        heard = listen(np.concatenate(said), espeak.RATE_HZ, transcript)
        if heard is None:
            break
        voice = replace(
            voice,
            # Fifty steps are an octave.
            pitch=voice.pitch + 50 * math.log2(likeness.pitch_hz / heard.pitch_hz),
            rate=min(max(voice.rate * likeness.pace / heard.pace, 0.55), 2.0),
        )
    return replace(voice, pause=min(max(1 / voice.rate, 0.6), 1.6))
