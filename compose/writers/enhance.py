"""`enhance_prompt`: a person's words, then what a kind of model is told of camera and light. Pure.

The words are not read: they come first, as they are, in their order and language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from compose.writers.wording import require_words, sentence, table, within_bytes
from core.language.cleaning import fold
from core.language.sentences import join_items, shorten, tidy
from tools.catalog import catalogue
from tools.catalog.enhance_prompt import EnhancePrompt
from tools.declaration.arguments import read_arguments
from tools.declaration.schema import model_argument, parameter_schemas

LONGEST_PROMPT: Final = 6_000
# In bytes: an answer has to fit in what chat models and clients take. A payload holds all twice.
_PROMPT_BYTES, _PAYLOAD_BYTES, _NEGATIVE_BYTES = 6_000, 2_000, 600
# Modes in which nothing is added.
_KEEPING: Final = ("preserve", "compress", "validate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of model, as `enhance.toml` describes it."""

    adds: Mapping[str, str]
    needs: str
    models: str = "(?!)"
    tools: tuple[str, ...] = ()
    most_words: int = 200
    tags: bool = False
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()


_TABLE: Final = table("enhance")
KINDS: Final = {name: Kind(**kind) for name, kind in _TABLE["kinds"].items()}
_MODELS: Final = {name: re.compile(kind.models) for name, kind in KINDS.items()}


def enhance_prompt(form: EnhancePrompt.Params) -> dict[str, Any]:
    """Return the body of the tool's answer. Raises InvalidInput for a prompt without a letter."""
    require_words(form.prompt, "prompt", "to show", "a red fox in the snow")
    kind, notes = KINDS[kind_of(form)], list[str]()
    longest = _PAYLOAD_BYTES if form.prompt_mode == "payload" else _PROMPT_BYTES
    text = within_bytes(tidy(form.prompt), longest)
    most, avoid = _limits(form.constraints or {}, notes)
    if form.prompt_mode == "validate":
        prompt = text
        matches = (one for one in avoid if fold(one) in fold(text))
        notes += [*(f"It has “{one}”, which is to be avoided." for one in matches), kind.needs]
    else:
        prompt = within_bytes(_prompt(form, kind, text, most, notes), longest + longest // 2)
    if len(form.prompt.encode("utf-8", "replace")) > longest:
        notes.append(f"Only the first {len(text)} characters were read.")
    if (count := len(text.split())) > kind.most_words:
        notes.append(
            f"It has {count} words. This kind of model reads about {kind.most_words}, so put what"
            " matters first."
        )
    # A flaw that the prompt names is wanted.
    words = set(re.findall(r"\w+", fold(text)))
    flaws = [flaw for flaw in kind.negative if not words & set(flaw.split())]
    negative = within_bytes(", ".join(dict.fromkeys((*avoid, *flaws))), _NEGATIVE_BYTES)
    answer: dict[str, Any] = {
        "prompt": prompt,
        "target_output": form.target_output,
        "destination_model": form.destination_model,
        "notes": notes,
        **({"negative_prompt": negative} if negative else {}),
    }
    if form.prompt_mode == "payload":
        answer["arguments"] = payload_of(form, prompt, negative)
        answer["prompt"] = json.dumps(answer["arguments"], ensure_ascii=False)
    return answer


def kind_of(form: EnhancePrompt.Params) -> str:
    """Return the name of the kind of model that a prompt is for. What is made counts before the
    tool, the tool before the caller's word for the model, and that before the model's name."""
    tool, model = (form.destination_tool or "").removeprefix("sogni_"), form.destination_model
    by_tool = next((name for name, kind in KINDS.items() if tool in kind.tools), "")
    by_model = next((name for name in KINDS if _MODELS[name].search(model.lower())), "flux")
    if by_tool in ("music", "speech"):
        return by_tool
    targets = {"edit_prompt": "editing", "video_prompt": "video"}
    name = targets.get(form.target_output) or by_tool or form.prompting_type or by_model
    is_image = form.target_output == "image_prompt" and name in ("editing", "video")
    return "flux" if is_image else name


def _prompt(form: EnhancePrompt.Params, kind: Kind, text: str, most: int, notes: list[str]) -> str:
    """Return the words, and behind them what is added as far as there is room: the least important
    goes first. notes: gets sentences about it."""
    if len(text) > most:
        notes.append(f"Your own words were cut to {most} characters.")
        text = shorten(text, most)
    if form.prompt_mode == "compress":
        notes.append("The words are only tidied: to shorten them needs a language model.")
    if form.prompt_mode in _KEEPING:
        return text
    additions = _additions(form, kind)
    while additions:
        prompt = _text_of(kind, text, additions)
        if len(prompt) <= most and len(prompt.split()) <= kind.most_words:
            break
        additions.popitem()
    if aspects := join_items(list(additions)):
        notes.append(f"Added: {aspects}.")
    else:
        notes.append("There was no room to add anything." if kind.adds else kind.needs)
    return shorten(_text_of(kind, text, additions), most)


def _additions(form: EnhancePrompt.Params, kind: Kind) -> dict[str, str]:
    """Return what is written behind the words, by what it is about; the first matters most."""
    uses: dict[str, str] = {}
    for asset in (form.assets or ())[:10]:
        # The source of an edit needs no words.
        if asset.role or asset.label or form.target_output != "edit_prompt":
            role = asset.role or ("audio" if asset.media_type == "audio" else "reference")
            label = shorten(tidy(asset.label or ""), 120)
            label = f" ({label})" if label else ""
            uses.setdefault(role, sentence(_TABLE["roles"][role].replace("{label}", label)))
    style = shorten(tidy(form.style_prompt or ""), 500)
    additions = {"how to use the files": " ".join(uses.values()), "your style": style, **kind.adds}
    return {about: words for about, words in additions.items() if words and kind.adds}


def _text_of(kind: Kind, text: str, additions: Mapping[str, str]) -> str:
    parts = (text, *additions.values())
    if not kind.tags:
        return " ".join(map(sentence, parts)) if kind.adds else text
    tags = (part.rstrip(" .,;") for part in parts)
    return ", ".join(filter(None, dict.fromkeys((*kind.first, *tags, *kind.last))))


def _limits(constraints: Mapping[str, Any], notes: list[str]) -> tuple[int, list[str]]:
    """Return the most characters and the words to avoid. notes: gets a sentence for what isn't
    known."""
    most, avoid = LONGEST_PROMPT, list[str]()
    for key, value in list(constraints.items())[:10]:
        if key in ("max_length", "maxLength") and str(value).isdecimal() and len(str(value)) < 9:
            most = min(max(int(value), 10), LONGEST_PROMPT)
        elif key == "avoid" and isinstance(value, (str, list)):
            items = value.split(",") if isinstance(value, str) else value[:20]
            avoid += [shorten(tidy(item), 60) for item in items if isinstance(item, str)]
        elif value is not None:
            notes.append(f"The constraint {shorten(tidy(str(key)), 60)} isn't known.")
    return most, [item for item in avoid if item]


def payload_of(form: EnhancePrompt.Params, prompt: str, negative: str) -> dict[str, Any]:
    """Return what `destination_tool` takes of it, in its own spelling; without what it
    wouldn't accept. An unknown tool gets the common names."""
    arguments: dict[str, Any] = {
        "prompt": prompt,
        "negativePrompt": negative or None,
        "duration": form.duration_seconds,
        "aspectRatio": form.aspect_ratio or None,
    }
    name = (form.destination_tool or "").removeprefix("sogni_")
    tool = next((tool for tool in catalogue() if tool.name == name and tool.durable), None)
    if tool is None:
        return {name: value for name, value in arguments.items() if value is not None}
    model = model_argument(tool)
    if model and form.destination_model not in ("", "auto"):
        arguments[model] = form.destination_model
    schemas, params = parameter_schemas(tool), read_arguments(tool, arguments).params
    return {name: value for name, value in params.items() if name in schemas}
