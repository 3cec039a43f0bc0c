"""Images from prompts, and edited images: `/images/generations` and `/images/edits`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.errors import ProviderError
from tools.providers.base import Outcome, OutputFile
from tools.providers.openai import dialects, failures
from tools.providers.openai.call import ServiceCall, extras, warn_ignored
from tools.providers.openai.client import FilePart
from tools.providers.openai.dialects import Wish

# What is sent is no larger: the models look at pictures smaller than that themselves.
LONGEST = 2048
MOST_REFERENCES = 16
# When fewer pictures came than were asked for, the rest is asked for so often.
MORE_ROUNDS = 2
# DALL·E 2 edits square PNGs of less than 4 MB.
DALL_E_SIDE = 1024
# GPT Image 2 has no transparent backgrounds since 30 September 2026; GPT Image 2.5 has.
_OPAQUE = re.compile(r"gpt-image-2(?![.\d])")
_FORMATS = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp"}


def generate(call: ServiceCall) -> Outcome:
    """Do a generate_image."""
    pictures = call.job.media.get("image", ())
    if pictures:
        if call.endpoint.edits:
            call.model = _editing_model(call)
            call.warn("Image strength isn't supported. The starting image was used as a reference.")
            return edit(call)
        call.warn(f"{call.model} doesn't support starting images. Ignored.")
    wish, words = dialects.wish_of(call.params)
    call.warn(*words)
    body = _body(call, wish)
    if call.endpoint.filters and dialects.family_of(call.model) in ("gpt", "gpt-any-size"):
        # Edits have no such parameter: OpenAI filters them as "auto" does.
        body["moderation"] = "auto" if call.job.filtered else "low"
    return _make(
        call,
        wish,
        lambda n, key: call.client.post("/images/generations", {**body, "n": n}, key=key),
    )


def edit(call: ServiceCall) -> Outcome:
    """Do an edit_image."""
    wish, words = dialects.wish_of(call.params)
    call.warn(*words)
    warn_ignored(call, ("personaName", "a persona"))
    body = _body(call, wish)
    files = _files(call)

    def ask(count: int, key: str) -> dict[str, Any]:
        fields = {name: str(value) for name, value in {**body, "n": count}.items()}
        return call.client.post_form("/images/edits", fields, files, key=key)

    return _make(call, wish, ask)


def _editing_model(call: ServiceCall) -> str:
    edits = call.endpoint.edits
    return call.model if call.model in edits else edits[0]


def _body(call: ServiceCall, wish: Wish) -> dict[str, Any]:
    """Return what both calls send, without how many."""
    params, model = call.params, call.model
    family = dialects.family_of(model)
    body: dict[str, Any] = {"model": model, "prompt": _prompt(call)}
    size = dialects.picture_size(model, wish)
    if size is not None:
        body["size"] = f"{size[0]}x{size[1]}"
    quality, words = dialects.quality_of(model, params.get("gptImageQuality"))
    call.warn(*words)
    if quality:
        body["quality"] = quality
    if family in ("gpt", "gpt-any-size"):
        body |= _of_gpt(call)
    else:
        # GPT image models refuse this and always send the picture itself.
        body["response_format"] = "b64_json"
        warn_ignored(
            call,
            ("gptImageBackground", "a background setting"),
            ("gptImageOutputCompression", "a compression setting"),
        )
    warn_ignored(call, ("loras", "LoRAs"))
    return body | extras(call)


def _of_gpt(call: ServiceCall) -> dict[str, Any]:
    params = call.params
    fields: dict[str, Any] = {}
    file_format = _FORMATS.get(str(params.get("outputFormat")))
    background = params.get("gptImageBackground")
    if background == "transparent" and _OPAQUE.search(call.model):
        call.warn(f"{call.model} doesn't support transparent backgrounds. Ignored.")
        background = None
    if background == "transparent" and file_format == "jpeg":
        call.warn("JPEG can't be transparent. Saved as PNG.")
        file_format = "png"
    if file_format:
        fields["output_format"] = file_format
    if background:
        fields["background"] = background
    compression = params.get("gptImageOutputCompression")
    if compression is not None:
        if file_format in ("jpeg", "webp"):
            fields["output_compression"] = compression
        else:
            call.warn("Compression works with JPEG and WebP only. Saved as PNG.")
    return fields


def _prompt(call: ServiceCall) -> str:
    text = str(call.params.get("prompt") or "")
    negative = str(call.params.get("negativePrompt") or "").strip()
    if negative and "negative_prompt" not in call.endpoint.extra_parameters:
        text = f"{text}\n\nIt must not show: {negative}"
    limit = dialects.PROMPT_LIMITS.get(dialects.family_of(call.model))
    if limit is not None and len(text) > limit:
        raise ProviderError(
            f"{call.model} takes {limit} characters. The prompts have {len(text)}: shorten them.",
            error_type="PARAMETER_INVALID",
            retryable=False,
        )
    return text


def _files(call: ServiceCall) -> list[FilePart]:
    pictures = call.job.media.get("image", ())
    if not pictures:
        raise ProviderError(
            "Add an image to edit.",
            error_type="ASSET_NOT_FOUND",
            retryable=False,
        )
    is_small = dialects.family_of(call.model) == "dall-e-2"
    most = 1 if is_small else MOST_REFERENCES
    if len(pictures) > most:
        call.warn(f"{call.model} uses {most} of the {len(pictures)} images.")
    size = {"width": DALL_E_SIDE, "height": DALL_E_SIDE} if is_small else {"longest": LONGEST}
    copies = [call.reframe(one, place, **size) for place, one in enumerate(pictures[:most])]
    # As OpenAI's own client names them: a list only where there are several.
    name = "image[]" if len(copies) > 1 else "image"
    files: list[FilePart] = [
        (name, (path.name, path.read_bytes(), "image/png")) for path, _, _ in copies
    ]
    for mask in call.job.media.get("mask", ())[:1]:
        _, width, height = copies[0]
        path = call.mask(mask, width, height)
        files.append(("mask", (path.name, path.read_bytes(), "image/png")))
    return files


def _make(call: ServiceCall, wish: Wish, ask: Any) -> Outcome:
    """The results of as many calls as the model needs. ask: (how many, key) → the answer."""
    count = int(call.params.get("numberOfVariations") or 1)
    most = dialects.most_at_once(call.model)
    counts = [most] * (count // most) + ([count % most] if count % most else [])
    asked_before = len(counts)
    files: list[OutputFile] = []

    def one(place: int) -> None:
        answer = ask(counts[place], call.key(place))
        call.count_tokens(answer)
        files.extend(_pictures(call, answer, len(files)))

    call.several(len(counts), one)
    # A service that recognizes a repeated request is asked for what it left out. A blind one is
    # not: it may have counted the missing pictures, and only a person decides to pay twice.
    rounds = MORE_ROUNDS if call.endpoint.idempotency_key else 0
    while len(files) < count and len(counts) < asked_before + rounds:
        counts.append(min(most, count - len(files)))
        try:
            call.context.submitting({"model": call.model, "place": len(counts) - 1})
            one(len(counts) - 1)
        except ProviderError as error:
            call.warn(f"Some results are missing: {error.message}")
            break
    first = files[0]
    got = (first.width, first.height) if first.width and first.height else None
    call.warn(*dialects.said_of_size(call.model, wish, got))
    _warn_of_format(call, first)
    return Outcome(
        files=tuple(files), warnings=tuple(call.warnings), actual_milli=call.cost_milli(len(files))
    )


def _pictures(call: ServiceCall, answer: Mapping[str, Any], before: int) -> list[OutputFile]:
    entries = answer.get("data")
    entries = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    pictures: list[OutputFile] = []
    problems: list[ProviderError] = []
    for place, entry in enumerate(entries, before):
        try:
            pictures += _picture(call, entry, f"picture-{place}")
        except ProviderError as problem:
            problems.append(problem)
    if not pictures:
        raise next(iter(problems), failures.nothing_made(call.name, call.endpoint, "image"))
    # They are paid for together: one that can't be used takes no other with it.
    call.warn(*(f"Some results are missing: {problem.message}" for problem in problems))
    return pictures


def _picture(call: ServiceCall, entry: Mapping[str, Any], name: str) -> list[OutputFile]:
    """The picture of one entry of an answer; none where it holds no picture."""
    if entry.get("b64_json"):
        path = call.take_encoded(entry["b64_json"], name)
    elif isinstance(entry.get("url"), str):
        path = call.take_address(entry["url"], name, "image")
    else:
        return []
    meta = {"prompt": call.params.get("prompt")}
    if isinstance(entry.get("revised_prompt"), str):
        meta["revised_prompt"] = entry["revised_prompt"][:4000]
    return [call.paid_output(path, "image", meta)]


def _warn_of_format(call: ServiceCall, file: OutputFile) -> None:
    file_format = _FORMATS.get(str(call.params.get("outputFormat")))
    if file_format and file.mime != f"image/{file_format}":
        call.warn(f"{call.model} made a {file.mime.rpartition('/')[2].upper()} file.")
