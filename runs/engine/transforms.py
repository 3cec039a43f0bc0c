"""Values that bindings take from a result instead of a file: cues, overlays, bytes as text."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from core.errors import ProviderError
from media import blobs, signing
from media.models import Blob
from runs import states
from runs.engine.result_makers import makers_of
from runs.models import Artifact, Run, Step
from runs.planning.resolved_plan import Ref, file_marker, put_media
from templates_app.graph.types import Binding

# Larger bytes are handed over by address.
INLINE_BYTES = 1_000_000

_CUES = ("cues", "subtitle_cues", "subtitleCues", "subtitles", "captions", "segments")
_SRT = ("srt", "subtitle_srt", "subtitleSrt", "subtitles", "captions")
_OVERLAYS = ("overlays", "overlay_items", "overlayItems")
_TEXTS = ("text", "answer", "content")
_TIME = r"(\d{1,9}):(\d{2}):(\d{2})[,.](\d{1,3})"
_SRT_CUE = re.compile(rf"{_TIME}\s{{0,9}}-->\s*{_TIME}[^\n]*\n(.+?)(?:\n\s*\n|\Z)", re.DOTALL)


class Results:
    """Answers of a run's steps, read only when a binding asks."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id

    def __call__(self, binding: Binding, refs: Sequence[Ref]) -> Any:
        """The value of a binding that fills a parameter; None when there is none.

        refs: the media it takes.
        """
        match binding.transform:
            case "subtitle_cues":
                return _flatten(cues_of(result) for result in self._of(binding)) or None
            case "subtitle_srt":
                for result in self._of(binding):
                    if text := srt_of(result):
                        return text
                return None
            case "overlay_items":
                return _flatten(overlays_of(result) for result in self._of(binding)) or None
        if not refs:
            return None
        return file_marker(refs[0], "data" if binding.transform == "artifact_data_uri" else "url")

    def _of(self, binding: Binding) -> list[Mapping[str, Any]]:
        """The results of the source; of a batch those of its items, in order."""
        steps = Step.objects.filter(run_id=self.run_id, status=states.COMPLETED)
        source = steps.filter(key=binding.source).first()
        makers = makers_of([source], binding.output)[source.id] if source is not None else []
        return [maker.step.result for maker in makers if maker.step.result]

    def write_out(self, value: Any) -> Any:
        """A value as a provider is given it: media written out, as bytes or by address.

        Raises ProviderError ASSET_NOT_FOUND for one that is gone.
        """
        return put_media(value, self._write_out)

    def _write_out(self, ref: Ref, how: str) -> str:
        source, _, name = ref.partition(":")
        if source == "artifact":
            rows = Artifact.objects.select_related("blob").filter(hidden_at=None)
            row = rows.filter(run_id=self.run_id, public_id=name).first()
            address = signing.signed_path(name, f"{row.kind}-{row.position + 1}") if row else ""
            blob = row.blob if row else None
        else:
            run_media = Run.objects.values_list("media", flat=True).get(id=self.run_id)
            media = dict(enumerate(run_media)).get(int(name), {})
            address = media.get("url") or ""
            asset = (media.get("asset") or "").removeprefix("blob:")
            blob = Blob.objects.filter(sha256=asset).first() if asset else None
        if blob is not None and (how == "data" or not address) and blob.size <= INLINE_BYTES:
            path = blobs.path_of(blob.sha256)
            if blob.blocked_at is None and path.exists():
                return f"data:{blob.mime};base64,{base64.b64encode(path.read_bytes()).decode()}"
        if not address:
            raise ProviderError(
                "A file used by this step is no longer available.",
                error_type="ASSET_NOT_FOUND",
                retryable=False,
            )
        return address if "://" in address else f"{settings.PUBLIC_URL}{address}"


def cues_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cues a result names, as {"start", "end", "text"}; times in seconds."""
    for name in _CUES:
        if isinstance(result.get(name), list):
            cues = [cue for cue in map(_cue, result[name]) if cue is not None]
            if cues:
                return cues
    for name in (*_SRT, *_TEXTS):
        text = result.get(name)
        if isinstance(text, str) and (cues := _cues_in(text)):
            return cues
    return []


def srt_of(result: Mapping[str, Any]) -> str:
    """The cues of a result as SRT text; its own where it brings one."""
    for name in (*_SRT, *_TEXTS):
        text = result.get(name)
        if isinstance(text, str) and _SRT_CUE.search(text):
            return text.strip() + "\n"
    parts = [
        f"{number}\n{_clock(cue['start'])} --> {_clock(cue['end'])}\n{cue['text']}\n"
        for number, cue in enumerate(cues_of(result), start=1)
    ]
    return "\n".join(parts)


def overlays_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The overlays a result names, as they are."""
    for name in _OVERLAYS:
        if isinstance(result.get(name), list):
            return [dict(item) for item in result[name] if isinstance(item, Mapping)]
    for name in _TEXTS:
        document = _json_in(result.get(name))
        if isinstance(document, Mapping):
            return overlays_of(document)
        if isinstance(document, list):
            return [dict(item) for item in document if isinstance(item, Mapping)]
    return []


def _flatten(lists: Any) -> list[Any]:
    return [item for part in lists for item in part]


def _cue(raw: Any) -> dict[str, Any] | None:
    if not isinstance(raw, Mapping):
        return None
    start, end, text = (_first(raw, names) for names in (_STARTS, _ENDS, _WORDS))
    times = isinstance(start, (int, float)) and isinstance(end, (int, float))
    if not times or not isinstance(text, str) or not text.strip():
        return None
    return {"start": start, "end": end, "text": text}


_STARTS = ("start", "startTime", "start_time", "start_s", "from")
_ENDS = ("end", "endTime", "end_time", "end_s", "to")
_WORDS = ("text", "caption", "content")


def _first(raw: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((raw[name] for name in names if raw.get(name) is not None), None)


def _cues_in(text: str) -> list[dict[str, Any]]:
    document = _json_in(text)
    if isinstance(document, Mapping):
        return cues_of({name: document[name] for name in _CUES if name in document})
    if isinstance(document, list):
        return [cue for cue in map(_cue, document) if cue is not None]
    return [
        {"start": _seconds(parts[:4]), "end": _seconds(parts[4:8]), "text": parts[8].strip()}
        for parts in _SRT_CUE.findall(text.replace("\r\n", "\n"))
    ]


def _json_in(text: Any) -> Any:
    if not isinstance(text, str) or text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _seconds(parts: Sequence[str]) -> float:
    hours, minutes, seconds, rest = parts
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(rest.ljust(3, "0")) / 1000


def _clock(seconds: float) -> str:
    milli = round(seconds * 1000)
    return (
        f"{milli // 3_600_000:02}:{milli // 60_000 % 60:02}:{milli // 1000 % 60:02}"
        f",{milli % 1000:03}"
    )
