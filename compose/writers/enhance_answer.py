"""`enhance_prompt`: the modes, limits and notes around `enhance`. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from compose.writers import film_words
from compose.writers.dialects import dialect_of, output_of
from compose.writers.enhance import (
    Enhanced,
    Wish,
    core_of,
    enhanced,
    fitted,
    missing,
    written,
)
from compose.writers.music import missing_in_music, music_of
from compose.writers.payload import payload_of
from compose.writers.wording import (
    clipped,
    folded,
    listed,
    sentence,
    tidy,
    within_bytes,
    word_set,
    words_of,
)
from tools.catalog.enhance_prompt import EnhancePrompt

LONGEST_PROMPT = 6_000
# In bytes: an answer has to fit in what chat models and clients take. A payload holds all twice.
_PROMPT_BYTES, _PAYLOAD_BYTES = 6_000, 2_000
_NEGATIVE_BYTES = 600
_LONGEST_LABEL = 120
_LENGTH_KEYS = ("max_length", "maxLength", "max_chars", "maxChars", "max_characters")
_AVOID_KEYS = ("avoid", "exclude", "negative", "negative_prompt", "negativePrompt")
_INCLUDE_KEYS = ("include", "must_include", "mustInclude", "keep")
_FILLER = re.compile(
    r"\b(?:please|kindly|basically|actually|really|very|just|kind of|sort of|a bit|"
    r"i (?:want|need|would like)(?: you)?(?: to)?|make sure (?:that )?|beautiful and|"
    r"super|extremely|absolutely|bitte|wirklich|sehr|s'il (?:te|vous) plaît|vraiment|très|"
    r"por favor|realmente|muy)\b[ ,]*",
    re.IGNORECASE,
)


def enhance_prompt(form: EnhancePrompt.Params) -> dict[str, Any]:
    """The answer's body; see `docs/reference/tools.md` for the arguments."""
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
        text=text,
        output=output,
        dialect=dialect_of(kind, model, output),
        full=form.prompt_mode != "auto",
        style=clipped(tidy(form.style_prompt or ""), 500),
        seconds=form.duration_seconds,
        aspect_ratio=form.aspect_ratio or "",
        roles=_roles(form),
    )
    prompt, additions = _by_mode(form.prompt_mode, wish, limits, notes)
    prompt = within_bytes(prompt, longest + longest // 2)
    notes += film_words.contradictions(f"{text} {wish.style}")
    if additions and output in ("image", "video", "edit") and _is_other_language(text):
        notes.append("Film terms are added in English, which most models read best.")
    answer: dict[str, Any] = {
        "prompt": prompt,
        "target_output": form.target_output,
        "destination_model": model,
        "notes": notes,
    }
    negative = _negative(wish, limits)
    if negative:
        answer["negative_prompt"] = negative
        if not wish.dialect.takes_negative:
            notes.append("Some models of this kind don't read a negative prompt.")
    if form.prompt_mode == "payload":
        values = payload_of(form, prompt, negative)
        answer["arguments"] = values
        answer["prompt"] = json.dumps(values, ensure_ascii=False)
    return answer


def _by_mode(
    mode: str, wish: Wish, limits: _Limits, notes: list[str]
) -> tuple[str, tuple[str, ...]]:
    """The prompt, and the aspects that were added to it."""
    if wish.output == "speech":
        notes.append("Spoken text is only tidied: a voice says every word of it.")
        return _within(tidy(wish.text), limits, notes), ()
    if mode == "preserve":
        return _within(tidy(wish.text), limits, notes), ()
    if mode == "validate":
        notes += missing_in_music(wish.text) if wish.output == "music" else missing(wish.text, wish)
        notes += _too_long(wish)
        if not notes:
            notes.append("The prompt says all that such a model needs.")
        return _within(tidy(wish.text), limits, notes), ()
    if mode == "compress":
        return _within(_compressed(wish), limits, notes), ()
    if wish.output == "music":
        sung = bool(_SUNG & set(words_of(wish.text)))
        music = music_of(wish.text, wish.text, wish.seconds, sung=sung)
        notes += _said_of(("music",))
        return _within(music.prompt, limits, notes), ("music",)
    found = enhanced(wish)
    full, wanted = written(found, wish), len(found.additions)
    text, found = fitted(found, wish, limits.room(wish.text))
    if not found.additions and len(text) < len(full):
        notes += _cut(len(written(found, wish)), limits)
    kept = tuple(one.aspect for one in found.additions)
    notes += _said_of(kept) if kept or not wanted else ["There was no room to add anything."]
    notes += _too_long(wish)
    return limits.with_included(text), kept


def _cut(length: int, limits: _Limits) -> list[str]:
    if length <= limits.most:
        return []
    return [f"Your own words were cut to {limits.most} characters."]


def _within(text: str, limits: _Limits, notes: list[str]) -> str:
    text = limits.with_included(text)
    notes += _cut(len(text), limits)
    return clipped(text, limits.most)


def _compressed(wish: Wish) -> str:
    """Without filler and repeated phrases; what is left keeps its order."""
    core = core_of(_FILLER.sub("", _A_FILLER.sub(_article, wish.text)), wish.output)
    kept: list[str] = []
    for part in re.split(r"(?<=[,.;!?])\s+", core):
        key = " ".join(words_of(part))
        if key and f" {key} " not in f" {' '.join(words_of(' '.join(kept)))} ":
            kept.append(part)
    short = tidy(" ".join(kept)) or core
    return written(Enhanced(short, (), enhanced(wish).subject), wish)


# "a really old man" needs another article without "really".
_A_FILLER = re.compile(rf"\b(a)n? +((?:{_FILLER.pattern})+)(\w)", re.IGNORECASE)


def _article(found: re.Match[str]) -> str:
    n = "n" if found[3].lower() in "aeiou" else ""
    return f"{found[1]}{n} {found[3]}"


def _said_of(kept: Iterable[str]) -> list[str]:
    names = [_NAMES[aspect] for aspect in dict.fromkeys(kept) if aspect in _NAMES]
    if not names:
        return ["Nothing was missing, so nothing was added."]
    return [f"Added: {listed(names)}."]


_NAMES: Mapping[str, str] = {
    "style": "your style",
    "photo": "a photographic look",
    "edges": "clean edges",
    "reference": "how to use the files",
    "light": "light",
    "framing": "framing",
    "lens": "lens",
    "composition": "composition",
    "motion": "motion",
    "camera": "camera move",
    "sound": "sound",
    "keep": "what stays as it is",
    "blend": "how the change blends in",
    "music": "tempo, key and instruments",
}


def _too_long(wish: Wish) -> list[str]:
    count = len(wish.text.split())
    if count <= wish.dialect.most_words:
        return []
    return [
        f"It has {count} words. This kind of model reads about {wish.dialect.most_words}, so put"
        " what matters first."
    ]


def _is_other_language(text: str) -> bool:
    words = words_of(text)
    return (bool(words) and not text.isascii()) or len(set(words) & _FOREIGN) >= 2


_SUNG = word_set("song sing sings singer vocals vocal lied chanson cancion")
_FOREIGN = word_set(
    """
    der die das ein eine und mit auf im am aus vom zum le la les un une et avec dans sur du des
    el los las una y con en del por para il lo uma com na no
    """
)


def _roles(form: EnhancePrompt.Params) -> tuple[tuple[str, str], ...]:
    """Role and label of each file. A file without a role is a reference, or the source of an
    edit, which needs no words."""
    found = []
    for asset in (form.assets or ())[:10]:
        role = asset.role or {"audio": "audio"}.get(asset.media_type, "reference")
        if asset.role is None and not asset.label and form.target_output == "edit_prompt":
            continue
        found.append((role, clipped(tidy(asset.label or ""), _LONGEST_LABEL)))
    return tuple(dict.fromkeys(found))


class _Limits:
    """What `constraints` says, as far as it is known. notes: gets a sentence for the rest."""

    def __init__(self, given: Mapping[str, Any], notes: list[str]) -> None:
        self.most = LONGEST_PROMPT
        self.avoid: list[str] = []
        self._include: list[str] = []
        for key, value in list(given.items())[:10]:
            if value is None:
                continue
            if key in _LENGTH_KEYS and _whole(value) > 0:
                self.most = min(max(_whole(value), 10), LONGEST_PROMPT)
            elif key in _AVOID_KEYS:
                self.avoid += _items(value)
            elif key in _INCLUDE_KEYS:
                self._include += _items(value)
            else:
                notes.append(f"The constraint {clipped(tidy(str(key)), 60)} isn't known.")

    def with_included(self, text: str) -> str:
        """The text and the words it must have and lacks."""
        more = self._lacking(text)
        fits = more and len(text) + 2 + len(more) <= self.most
        return f"{sentence(text)} {more}" if fits else text

    def room(self, text: str) -> int:
        """The most characters of a prompt beside the words that this text lacks."""
        more = self._lacking(text)
        return max(self.most - len(more) - 2, 10) if more else self.most

    def _lacking(self, text: str) -> str:
        plain = folded(text)
        return sentence(", ".join(words for words in self._include if folded(words) not in plain))


def _whole(value: Any) -> int:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9:
        return int(value)
    return int(value) if isinstance(value, (int, float)) and 0 < value < 1e9 else 0


def _items(value: Any) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        return []
    texts = (clipped(tidy(item), 60) for item in items[:20] if isinstance(item, str))
    return [text for text in texts if text]


def _negative(wish: Wish, limits: _Limits) -> str:
    """What to avoid: the caller's list, and what such models get wrong unless it is asked for."""
    if wish.output not in ("image", "video"):
        return within_bytes(", ".join(dict.fromkeys(limits.avoid)), _NEGATIVE_BYTES)
    wanted = set(words_of(f"{wish.text} {wish.style}"))
    usual = [flaw for flaw in wish.dialect.negative if not wanted & set(words_of(flaw))]
    drawn = film_words.is_drawn(f"{wish.text} {wish.style}")
    usual = [flaw for flaw in usual if not (drawn and flaw == "lowres" and "pixel" in wanted)]
    return within_bytes(", ".join(dict.fromkeys((*limits.avoid, *usual))), _NEGATIVE_BYTES)
