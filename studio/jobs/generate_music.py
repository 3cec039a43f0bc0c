"""Music from a description: written and played by the studio, instrumental, with a form."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.job_protocol import Report
from studio.artist.music.form import TITLES, section_tags
from studio.artist.music.mix import perform
from studio.artist.music.score import write_score
from studio.artist.music.style import read_brief
from studio.job_io.job_results import Result, audio_file, outcome
from studio.job_io.prompt_branches import choose_branch
from studio.media.audio.loudness import measure_lufs
from studio.media.audio.writer import write_audio

DEFAULT_S = 30.0
MAX_VARIATIONS = 16


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Writes one file a variation, m4a (AAC) unless told otherwise; its meta has bpm, key, beats
    and sections.

    The same parameters and seed give the same bytes. Variations differ by seed, and by the
    branches of a `{one|another}` in the prompt.
    """
    params, studio = arguments["params"], arguments["studio"]
    count = min(max(int(params.get("numberOfVariations") or 1), 1), MAX_VARIATIONS)
    duration = float(studio.get("duration_s") or params.get("duration") or DEFAULT_S)
    warnings: list[str] = []
    longest = studio.get("max_duration_s")
    if longest and duration > longest:
        warnings.append(f"Limited to {longest:g} s, the longest possible.")
        duration = float(longest)
    lyrics = str(params.get("lyrics") or "")
    if re.sub(r"\[[^\[\]]*\]", "", lyrics).strip():
        warnings.append("Singing isn't supported. The lyrics were ignored.")
    ending = str(params.get("outputFormat") or "m4a").lower().lstrip(".")
    if ending not in ("m4a", "mp3", "flac", "wav"):
        warnings.append(f"Saved as M4A. {ending!r} isn't supported.")
        ending = "m4a"
    files = []
    for index in range(count):
        share = index / count

        def said(fraction: float, message: str, share: float = share) -> None:
            report(share + fraction / count, message)

        file, said_too = _variation(arguments, index, duration, lyrics, ending, said)
        files.append(file)
        warnings.extend(said_too)
    report(1.0, "Done")
    return outcome(files, warnings=warnings)


def _variation(
    arguments: dict[str, Any],
    index: int,
    duration_s: float,
    lyrics: str,
    ending: str,
    report: Report,
) -> tuple[Result, tuple[str, ...]]:
    params = arguments["params"]
    prompt = choose_branch(str(params.get("prompt") or ""), index)
    seed = int(arguments.get("seed") or 0) + index
    # Not hash(): it differs from process to process.
    digest = hashlib.sha256(f"{seed}\n{prompt}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:16], "big"))
    brief = read_brief(prompt, params, rng)
    score = write_score(brief, duration_s, rng, tags=section_tags(lyrics))
    sound = perform(score, brief.style, rng, report)
    path = Path(arguments["out"]) / f"music-{index + 1}.{ending}"
    write_audio(path, sound, comment="draft: studio")
    played = {note.instrument for notes in score.layers.values() for note in notes}
    meta = {
        "prompt": prompt,
        "seed": seed,
        "style": brief.style.name,
        "bpm": round(brief.bpm, 2),
        "key": brief.key,
        "timesig": brief.metre,
        "beats": [round(beat, 3) for beat in score.beats],
        "sections": [
            {
                "name": TITLES.get(s.name, s.name),
                "start_s": round(s.start_s, 3),
                "end_s": round(s.end_s, 3),
            }
            for s in score.sections
        ],
        "instruments": sorted(played),
        "loudness_lufs": round(measure_lufs(sound), 1),
    }
    return audio_file(path, duration_s=duration_s, meta=meta), brief.warnings
