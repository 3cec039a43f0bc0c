"""Answers of the bookkeeping tools, from a run's media as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.errors import asset_not_found, parameter_invalid
from tools.declaration.assets import RunAsset, number_by_kind
from tools.declaration.prompt_references import (
    PromptReference,
    Style,
    references_in,
    style_of,
    token,
)
from tools.providers.base import Job, Outcome

_WORDS = {"image": "picture", "video": "clip", "audio": "sound", "model": "3D model"}
# How many media an error message names.
_MOST = 5


def create_asset_manifest(job: Job) -> Outcome:
    """The run's media; given entries name them by id, else by kind in order.

    values: `manifest`, `labels` by asset id, `message`.
    """
    entries = job.params.get("assets") or []
    chosen, warnings = _match_entries(entries, job.assets) if entries else (list(job.assets), [])
    labels = {asset.asset_id: asset.label for asset in chosen if asset.label}
    numbers = {asset.asset_id: number for asset, number in number_by_kind(job.assets)}
    manifest = [_entry(asset, numbers[asset.asset_id]) for asset in chosen]
    message = f"{_counts_text(chosen)} in the manifest." if chosen else "The run has no media yet."
    return Outcome(
        values={"manifest": manifest, "labels": labels, "message": message},
        warnings=tuple(warnings),
    )


def inspect_asset(job: Job) -> Outcome:
    """All that is known of one file; of the newest when none is named. values: `asset`."""
    asset, number = _one(job)
    entry = _entry(asset, number) | {"metadata": dict(asset.meta)}
    return Outcome(values={"asset": entry, "message": _sentence(entry)})


def label_asset(job: Job) -> Outcome:
    """Name one file. Later bookkeeping of the run knows it by that name. values: `labels`."""
    label = str(job.params.get("user_label") or "").strip()
    if not label:
        raise parameter_invalid("user_label is empty: say what the file is called.")
    asset, number = _one(job)
    namesake = next(
        (other for other in job.assets if other.label == label and other != asset), None
    )
    warnings = (
        (f"“{label}” named {namesake.asset_id} before; now it names both.",) if namesake else ()
    )
    entry = _entry(asset, number) | {"user_label": label}
    return Outcome(
        values={
            "asset": entry,
            "labels": {asset.asset_id: label},
            "message": f"{token('plain', asset.kind, number)} is now called “{label}”.",
        },
        warnings=warnings,
    )


def map_assets_for_model(job: Job) -> Outcome:
    """Map each file to the mention that a model wants. values: `mapping`, `style`, `message`."""
    model = str(job.params["model_id"])
    style = style_of(model)
    mapping = [
        {
            "asset_id": asset.asset_id,
            "type": asset.kind,
            "token": token(style, asset.kind, number),
            **({"user_label": asset.label} if asset.label else {}),
        }
        for asset, number in number_by_kind(job.assets)
        if asset.kind != "model"
    ]
    lines = [f"{one['token']}: {one.get('user_label') or one['asset_id']}" for one in mapping]
    return Outcome(
        values={
            "model_id": model,
            "style": style,
            "mapping": mapping,
            "message": "\n".join(lines) or "The run has no media to mention.",
        }
    )


def validate_asset_references(job: Job) -> Outcome:
    """Check that a prompt mentions only what is there, as the model wants it.

    values: `valid`, `issues`, `prompt` (with every mention in the model's style), `unused` ids.
    """
    model, prompt = str(job.params["model_id"]), str(job.params["prompt"])
    style = style_of(model)
    there: dict[tuple[str, int], RunAsset] = {
        (asset.kind, number): asset for asset, number in number_by_kind(job.assets)
    }
    references = references_in(prompt)
    issues = [one for reference in references for one in _problems(reference, style, model, there)]
    used_ids = {
        there[key].asset_id for one in references if (key := (one.kind, one.number)) in there
    }
    return Outcome(
        values={
            "model_id": model,
            "valid": not issues,
            "issues": issues,
            "prompt": _rewritten(prompt, references, style),
            "unused": [a.asset_id for a in job.assets if a.asset_id not in used_ids],
            "message": " ".join(one["message"] for one in issues)
            or f"{len(references)} mentions, all in order.",
        }
    )


def finalize_response(job: Job) -> Outcome:
    """The last word on a run, with what it made. values: `outcome`, `summary`, `manifest`."""
    pairs = [(asset, number) for asset, number in number_by_kind(job.assets) if asset.step]
    outcome = str(job.params["outcome"])
    summary = str(job.params.get("summary") or "")
    if not summary:
        media = [asset for asset, _number in pairs]
        summary = f"Made {_counts_text(media)}." if media else "Nothing was made."
    return Outcome(
        values={
            "outcome": outcome,
            "summary": summary,
            "manifest": [_entry(asset, number) for asset, number in pairs],
            "message": f"{outcome}\n{summary}",
        }
    )


def _entry(asset: RunAsset, number: int) -> dict[str, Any]:
    facts = {
        "asset_id": asset.asset_id,
        "type": asset.kind,
        "index": number - 1,
        "user_label": asset.label or None,
        "source": asset.step or "brought",
        "mime_type": asset.mime or None,
        "size_bytes": asset.size or None,
        "width": asset.width,
        "height": asset.height,
        "duration_seconds": asset.duration_s,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _sentence(entry: Mapping[str, Any]) -> str:
    parts = [entry.get("user_label") or entry["asset_id"], f"a {_WORDS[entry['type']]}"]
    if "width" in entry:
        parts.append(f"{entry['width']} × {entry['height']} pixels")
    if "duration_seconds" in entry:
        parts.append(f"{entry['duration_seconds']:g} s")
    if "size_bytes" in entry:
        parts.append(f"{entry['size_bytes']:,} bytes")
    origin = "brought by you" if entry["source"] == "brought" else f"made by {entry['source']}"
    return ", ".join([*parts, origin]) + "."


def _counts_text(assets: Sequence[RunAsset]) -> str:
    """`2 pictures and 1 clip`."""
    counts = {kind: sum(1 for a in assets if a.kind == kind) for kind in _WORDS}
    words = [
        f"{count} {_WORDS[kind]}{'s' if count > 1 else ''}"
        for kind, count in counts.items()
        if count
    ]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _one(job: Job) -> tuple[RunAsset, int]:
    """The file an asset_id means: an id, a name people gave it, or a mention like `Image 2`."""
    pairs = number_by_kind(job.assets)
    if not pairs:
        raise asset_not_found("The run has no media yet: put this stage after one that makes some.")
    asset_id = str(job.params.get("asset_id") or "").strip()
    if not asset_id:
        return pairs[-1]
    for asset, number in pairs:
        if asset_id == asset.asset_id:
            return asset, number
    namesakes = [pair for pair in pairs if pair[0].label.casefold() == asset_id.casefold()]
    if namesakes:
        return namesakes[-1]
    reference = next((one for one in references_in(asset_id) if one.text == asset_id), None)
    for asset, number in pairs:
        if reference is not None and (reference.kind, reference.number) == (asset.kind, number):
            return asset, number
    there = ", ".join(asset.label or asset.asset_id for asset, _number in pairs[:_MOST])
    more = f" and {len(pairs) - _MOST} more" if len(pairs) > _MOST else ""
    raise asset_not_found(f"asset_id “{asset_id}” is not one of this run's media: {there}{more}.")


def _match_entries(
    entries: Sequence[Mapping[str, Any]], assets: Sequence[RunAsset]
) -> tuple[list[RunAsset], list[str]]:
    """The media that manifest entries mean, under the names they give, and what is amiss."""
    remaining = list(assets)
    chosen: list[RunAsset] = []
    warnings: list[str] = []
    for place, entry in enumerate(entries):
        asset_id, kind = entry.get("asset_id"), entry.get("type")
        match = next(
            (
                asset
                for asset in remaining
                if (asset.asset_id == asset_id if asset_id else kind in (None, "", asset.kind))
            ),
            None,
        )
        label = str(entry.get("user_label") or "").strip()
        if match is None:
            what = f"“{asset_id}”" if asset_id else f"further {_WORDS.get(str(kind), 'medium')}"
            warnings.append(f"assets[{place}]: the run has no {what}; the entry was left out.")
            continue
        remaining.remove(match)
        chosen.append(replace(match, label=label) if label else match)
    return chosen, warnings


def _problems(
    reference: PromptReference, style: Style, model: str, there: Mapping[tuple[str, int], RunAsset]
) -> Iterator[dict[str, Any]]:
    mention = token(style, reference.kind, reference.number)
    where = {"token": reference.text, "start": reference.start, "end": reference.end}
    if (reference.kind, reference.number) not in there:
        count = sum(1 for kind, _number in there if kind == reference.kind)
        yield where | {
            "code": "unknown_reference",
            "message": f"{reference.text} is not there: the run has {count or 'no'}"
            f" {_WORDS[reference.kind]}{'s' if count != 1 else ''}.",
        }
    elif reference.style != style:
        yield where | {
            "code": "wrong_style",
            "suggestion": mention,
            "message": f"{model} reads {mention}, not {reference.text}.",
        }


def _rewritten(prompt: str, references: Sequence[PromptReference], style: Style) -> str:
    for reference in reversed(references):
        mention = token(style, reference.kind, reference.number)
        prompt = prompt[: reference.start] + mention + prompt[reference.end :]
    return prompt
