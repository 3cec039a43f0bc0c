"""`enhance_prompt`: the modes, limits and notes around `enhance`. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from compose.writers.dialects import dialect_of, output_of
from compose.writers.enhance import Enhancement, Wish, enhancement, missing
from compose.writers.ideas import idea_of, require_topic, without_request
from compose.writers.music import missing_in_music, music_of
from compose.writers.tables import matches, names
from compose.writers.wording import sentence, within_bytes
from core.language.cleaning import fold
from core.language.sentences import join_items, shorten, tidy
from tools.catalog import catalogue
from tools.catalog.enhance_prompt import EnhancePrompt
from tools.declaration.arguments import canonical_argument, read_arguments
from tools.declaration.ports import Tool
from tools.declaration.schema import model_argument, parameter_schemas

LONGEST_PROMPT: Final = 6_000
# In bytes: an answer has to fit in what chat models and clients take. A payload holds all twice.
_PROMPT_BYTES, _PAYLOAD_BYTES, _NEGATIVE_BYTES = 6_000, 2_000, 600
_LENGTH_KEYS: Final = ("max_length", "maxLength", "max_chars", "maxChars", "max_characters")
_AVOID_KEYS: Final = ("avoid", "exclude", "negative", "negative_prompt", "negativePrompt")
_INCLUDE_KEYS: Final = ("include", "must_include", "mustInclude", "keep")
_ARTICLE: Final = re.compile(r"\b(a)n? $", re.IGNORECASE)


def enhance_prompt(form: EnhancePrompt.Params) -> dict[str, Any]:
    """Write the answer's body; see `docs/reference/tools.md` for the arguments.

    Raises InvalidInput where something is to be added, and the prompt doesn't say what to show.
    """
    longest = _PAYLOAD_BYTES if form.prompt_mode == "payload" else _PROMPT_BYTES
    text = within_bytes(form.prompt, longest)
    model, tool = form.destination_model, form.destination_tool or ""
    kind = form.prompting_type or ""
    output = output_of(form.target_output, tool, kind, model, text)
    notes: list[str] = []
    if len(text) < len(form.prompt.strip()):
        notes.append(f"Only the first {len(text)} characters were read.")
    limits = _Limits(form.constraints or {}, notes)
    wish = Wish(
        text=tidy(text if output in ("edit", "speech") else without_request(text)),
        output=output,
        dialect=dialect_of(kind, model, output),
        style=shorten(tidy(form.style_prompt or ""), 500),
        aspect_ratio=form.aspect_ratio or "",
        roles=_roles(form),
    )
    if output == "speech":
        notes.append("Spoken text is only tidied: a voice says every word of it.")
    if output == "speech" or form.prompt_mode == "preserve":
        prompt = _within(tidy(text), limits, notes)
    elif form.prompt_mode == "validate":
        notes += missing_in_music(text) if output == "music" else missing(wish)
        notes = notes or ["The prompt says all that such a model needs."]
        prompt = _within(tidy(text), limits, notes)
    elif form.prompt_mode == "compress":
        prompt = _within(_short_form(wish), limits, notes)
    else:
        prompt = _expansion(form, wish, limits, notes)
    prompt = within_bytes(prompt, longest + longest // 2)
    if (count := len(text.split())) > wish.dialect.most_words and output not in ("music", "speech"):
        notes.append(
            f"It has {count} words. This kind of model reads about {wish.dialect.most_words}, so"
            " put what matters first."
        )
    answer: dict[str, Any] = {
        "prompt": prompt,
        "target_output": form.target_output,
        "destination_model": model,
        "notes": notes,
    }
    if negative := _negative(wish, limits):
        answer["negative_prompt"] = negative
        if not wish.dialect.takes_negative:
            notes.append("Some models of this kind don't read a negative prompt.")
    if form.prompt_mode == "payload":
        values = payload_of(form, prompt, negative)
        answer["arguments"] = values
        answer["prompt"] = json.dumps(values, ensure_ascii=False)
    return answer


def _expansion(form: EnhancePrompt.Params, wish: Wish, limits: _Limits, notes: list[str]) -> str:
    """Return the prompt with what it leaves open."""
    idea = idea_of(wish.text, of_music=wish.output == "music")
    if wish.output == "music":
        if not idea.manner:
            require_topic(idea, "prompt", "the music is for or sounds like", "slow jazz for a cafe")
        is_song = names("ideas", "songs", wish.text)
        music = music_of(wish.text, idea, wish.text, form.duration_seconds, has_lyrics=is_song)
        notes.append("Added: tempo, key and instruments.")
        return _within(music.prompt, limits, notes)
    # An edit needs no other request.
    if wish.output != "edit" and not wish.roles:
        require_topic(idea, "prompt", "to show", "a red fox in the snow")
    full = enhancement(wish)
    fitting = full.fit(limits.room(wish.text))
    text = shorten(fitting.text(), limits.room(wish.text))
    if not fitting.additions and len(text) < len(fitting.text()):
        notes.append(f"Your own words were cut to {limits.most} characters.")
    aspects = dict.fromkeys(one.aspect for one in fitting.additions)
    if aspects:
        notes.append(f"Added: {join_items(list(aspects))}.")
    elif full.additions:
        notes.append("There was no room to add anything.")
    else:
        notes.append("Nothing was missing, so nothing was added.")
    return limits.with_included(text)


def _within(text: str, limits: _Limits, notes: list[str]) -> str:
    text = limits.with_included(text)
    if len(text) > limits.most:
        notes.append(f"Your own words were cut to {limits.most} characters.")
    return shorten(text, limits.most)


def _short_form(wish: Wish) -> str:
    """Without filler; what remains keeps its order."""
    text = wish.text
    for match in reversed(matches("film", "filler", text)):
        rest = text[match.end :].lstrip(" ,")
        # "A really old man" needs another article without "really".
        article = "n " if rest[:1].lower() in "aeiou" else " "
        text = _ARTICLE.sub(rf"\1{article}", text[: match.start]) + rest
    short = tidy(text) or wish.text
    return Enhancement(Wish(short, wish.output, wish.dialect)).text()


def _roles(form: EnhancePrompt.Params) -> tuple[tuple[str, str], ...]:
    """Role and label of each file. A file without a role is a reference, or the source of an
    edit, which needs no words."""
    roles = []
    for asset in (form.assets or ())[:10]:
        if asset.role is None and not asset.label and form.target_output == "edit_prompt":
            continue
        role = asset.role or ("audio" if asset.media_type == "audio" else "reference")
        roles.append((role, shorten(tidy(asset.label or ""), 120)))
    return tuple(dict.fromkeys(roles))


class _Limits:
    """Limits in `constraints`. notes: gets a sentence for what isn't known."""

    def __init__(self, constraints: Mapping[str, Any], notes: list[str]) -> None:
        self.most = LONGEST_PROMPT
        self.avoid: list[str] = []
        self._include: list[str] = []
        for key, value in list(constraints.items())[:10]:
            if value is None:
                continue
            if key in _LENGTH_KEYS and _whole(value) > 0:
                self.most = min(max(_whole(value), 10), LONGEST_PROMPT)
            elif key in _AVOID_KEYS:
                self.avoid += _items(value)
            elif key in _INCLUDE_KEYS:
                self._include += _items(value)
            else:
                notes.append(f"The constraint {shorten(tidy(str(key)), 60)} isn't known.")

    def with_included(self, text: str) -> str:
        """Return the text and the words it must have and lacks."""
        more = self._lacking(text)
        fits = more and len(text) + 2 + len(more) <= self.most
        return f"{sentence(text)} {more}" if fits else text

    def room(self, text: str) -> int:
        """Return the most characters of a prompt beside the words that this text lacks."""
        more = self._lacking(text)
        return max(self.most - len(more) - 2, 10) if more else self.most

    def _lacking(self, text: str) -> str:
        plain = fold(text)
        return sentence(", ".join(words for words in self._include if fold(words) not in plain))


def _whole(value: Any) -> int:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9:
        return int(value)
    return int(value) if isinstance(value, (int, float)) and 0 < value < 1e9 else 0


def _items(value: Any) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        return []
    texts = (shorten(tidy(item), 60) for item in items[:20] if isinstance(item, str))
    return [text for text in texts if text]


def _negative(wish: Wish, limits: _Limits) -> str:
    """List what to avoid: the caller's words, and usual flaws unless they are asked for."""
    usual: tuple[str, ...] = wish.dialect.negative if wish.output in ("image", "video") else ()
    words = set(re.findall(r"\w+", fold(wish.look)))
    flaws = [flaw for flaw in usual if not words & set(flaw.split())]
    return within_bytes(", ".join(dict.fromkeys((*limits.avoid, *flaws))), _NEGATIVE_BYTES)


def payload_of(form: EnhancePrompt.Params, prompt: str, negative: str) -> dict[str, Any]:
    """Return what `destination_tool` takes of it, in its own spelling; without what it
    wouldn't accept. An unknown tool gets the common names."""
    arguments: dict[str, Any] = {
        "prompt": prompt,
        "negativePrompt": negative or None,
        "duration": form.duration_seconds,
        "aspectRatio": form.aspect_ratio or None,
    }
    tool = _tool(form.destination_tool or "")
    if tool is None:
        return {name: value for name, value in arguments.items() if value is not None}
    model = model_argument(tool)
    if model and form.destination_model not in ("", "auto"):
        arguments[model] = form.destination_model
    accepted_names = parameter_schemas(tool)
    values = {}
    for name, value in arguments.items():
        canonical = canonical_argument(tool, name)
        if value is None or canonical not in accepted_names:
            continue
        reading = read_arguments(tool, {canonical: value})
        if canonical in reading.params and not any(
            p.argument == canonical for p in reading.problems
        ):
            values[canonical] = reading.params[canonical]
    return values


def _tool(name: str) -> type[Tool] | None:
    canonical_name = name.removeprefix("sogni_")
    return next(
        (tool for tool in catalogue() if tool.name == canonical_name and tool.durable), None
    )
