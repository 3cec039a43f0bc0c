"""A text spoken: `/audio/speech`."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

from tools.providers.base import Outcome, OutputFile
from tools.providers.openai import failures
from tools.providers.openai.call import ServiceCall, extras, warn_ignored

# Our voices by the nearest of OpenAI's, of those that all its speech models have.
VOICES: Mapping[str, str] = {
    "serena": "shimmer",
    "vivian": "coral",
    "uncle_fu": "onyx",
    "ryan": "ash",
    "aiden": "echo",
    "ono_anna": "nova",
    "sohee": "sage",
    "eric": "fable",
    "dylan": "alloy",
}
USUAL_CREATIVITY = 0.9


def speak(call: ServiceCall) -> Outcome:
    """Do a generate_speech."""
    params = call.params
    voice = str(params.get("voice") or "serena")
    service_voice = call.endpoint.voices.get(voice) or VOICES.get(voice, voice)
    audio_format = str(params.get("outputFormat") or "wav")
    body = {
        "model": call.model,
        "input": str(params.get("prompt") or ""),
        "voice": service_voice,
        "response_format": audio_format,
    }
    if how := _instructions(call):
        body["instructions"] = how
    _warn(call)
    body |= extras(call)

    def take(place: int) -> OutputFile:
        path = call.job.out / f"speech-{place}"
        call.client.post_for_bytes("/audio/speech", body, path, key=call.key(place))
        if not path.stat().st_size:
            raise failures.nothing_made(call.name, call.endpoint, "audio")
        fix_lengths(path)
        return call.paid_output(path, "audio", {"prompt": body["input"], "voice": service_voice})

    files = call.several(int(params.get("numberOfVariations") or 1), take)
    if not files[0].mime.endswith({"mp3": "mpeg"}.get(audio_format, audio_format)):
        call.warn(f"{call.model} made a {files[0].mime.rpartition('/')[2].upper()} file.")
    return Outcome(
        files=tuple(files), warnings=tuple(call.warnings), actual_milli=call.cost_milli(len(files))
    )


def _instructions(call: ServiceCall) -> str:
    """Return the instructions for the voice, for models that take them."""
    instructions = str(call.params.get("voice_description") or "").strip()
    language = str(call.params.get("language") or "auto")
    if call.model.lower().startswith("tts-1"):
        if instructions:
            call.warn(f"{call.model} doesn't support voice descriptions. Ignored.")
        return ""
    if language != "auto":
        instructions = f"{instructions} Speak {language.title()}.".strip()
    return instructions


def _warn(call: ServiceCall) -> None:
    if call.params.get("model") == "clone" or call.job.media.get("voice"):
        call.warn(f"{call.model} doesn't support voice cloning. A preset voice was used.")
    warn_ignored(call, ("voice_transcript", "a transcript of the recording"))
    creativity = call.params.get("creativity")
    if creativity is not None and creativity != USUAL_CREATIVITY:
        call.warn(f"{call.model} doesn't support creativity. It was ignored.")


def fix_lengths(path: Path) -> None:
    """Write the true lengths into a WAV file that was streamed: its header says "unknown"."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        head = file.read(4096)
        place = head.find(b"data", 12)
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE" or place < 0 or place + 8 > size:
            return
        (length,) = struct.unpack_from("<I", head, place + 4)
        if length <= size - place - 8 and length:
            return
        file.seek(place + 4)
        file.write(struct.pack("<I", size - place - 8))
        file.seek(4)
        file.write(struct.pack("<I", size - 8))
