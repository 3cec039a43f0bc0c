"""The parts of a call's prompts and texts that the studio can't draw, known before a run.

For the server: it imports no drawing code, and reads as the drawing tools do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

from mediakit.typefaces import undrawable
from studio.artist.instructions.lettered_texts import lettered_texts
from studio.artist.prompt.brief import named, read
from studio.artist.prompt.sound_words import without_sound_words
from studio.job_io.prompt_branches import choose_branch

# The arguments that each tool draws from.
PROMPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "generate_image": ("prompt",),
    "generate_video": ("prompt",),
    "animate_photo": ("prompts", "prompt"),
    "orbit_video": ("prompt",),
    "sound_to_video": ("prompt",),
    "dance_montage": ("imagePrompt",),
}
# The arguments whose texts each tool sets on the pictures, letter by letter.
LETTERED: Final[Mapping[str, tuple[str, ...]]] = {
    "add_subtitles": ("cues", "srt"),
    "overlay_video": ("overlays",),
    "edit_image": ("prompt",),
}
MOST_LETTERS: Final = 12
# Characters of a prompt that are read. More is no prompt, and the warning names six words.
LONGEST: Final = 10_000
MAX_VARIATIONS: Final = 16


def undrawn(tool: str, arguments: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Name what each prompt of a call has that is not drawn, by its argument; of a text that is set
    on the pictures its letters.

    arguments: by their public names. A value may be several texts, one for each call.
    """
    if tool in LETTERED and arguments.get("burnIn") is not False:
        texts = {name: _texts(arguments.get(name)) for name in LETTERED[tool]}
        if tool == "edit_image":
            prompts = [text[:LONGEST] for text in texts["prompt"]]
            texts["prompt"] = chain.from_iterable(map(lettered_texts, prompts))
        letters = {name: _missing("".join(parts)) for name, parts in texts.items()}
        return {name: found for name, found in letters.items() if found}
    negative, count = arguments.get("negativePrompt"), arguments.get("numberOfVariations")
    call = _Call(
        tool,
        negative[:LONGEST] if isinstance(negative, str) else "",
        min(max(count, 1), MAX_VARIATIONS) if isinstance(count, int) else 1,
    )
    words = {
        argument: named(dict.fromkeys(call.unknown(arguments.get(argument))))
        for argument in PROMPTS.get(tool, ())
    }
    return {argument: found for argument, found in words.items() if found}


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of subtitles or overlays, or of a value for them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Mapping):
        yield from _texts(value.get("text"))


@lru_cache(maxsize=64)
def _missing(text: str) -> tuple[str, ...]:
    return tuple(undrawable(text, MOST_LETTERS))


class _Call(NamedTuple):
    tool: str
    negative: str
    variations: int

    def unknown(self, value: Any) -> Iterator[str]:
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str):
                heard = without_sound_words(text) if self.tool == "sound_to_video" else text
                yield from _unknown(heard[:LONGEST], self.negative, self.variations)


@lru_cache(maxsize=2048)
def _unknown(prompt: str, negative: str, variations: int) -> tuple[str, ...]:
    # Of a prompt as long as a book, not every branch is read.
    count = min(variations, 1 + LONGEST // max(len(prompt), 1))
    prompts = dict.fromkeys(choose_branch(prompt, index) for index in range(count))
    return tuple(word for one in prompts for word in read(one, negative=negative).unknown)
