"""A brief read by the configured language model instead of by the rules.

The model answers in the terms of `brief.Brief`; stages, ids, connections, prices and layout are
made of that by `template_plan`, as of any brief. So nothing a model writes can name a tool, a
template, a file or an address. What is wrong with an answer goes back to it twice; after that the
rules' brief is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from compose.brief.brief import (
    Brief,
    Choice,
    Edit,
    GivenMedia,
    OpenText,
    Repeat,
    Scene,
    Sound,
)
from compose.model.answer_schema import BadAnswer, text_of
from compose.model.brief_answer import BriefAnswer, read_answer
from compose.model.instructions import PLAN
from compose.model.structured_request import Outcome, answer_of
from compose.model.untrusted import addresses_in, plain_words

LONGEST_BRIEF: Final = 20_000
_NAME_LENGTH: Final = 40

Accept = Callable[[Brief], Sequence[str]]


def brief_by_model(
    rules: Brief, accept: Accept, *, wishes: Mapping[str, Any] | None = None
) -> Outcome[Brief]:
    """Have the configured model read a brief; without one the rules' is used.

    rules: the brief as the rules read it. accept: problems of the template that a brief leads to,
    as sentences; none when it is valid. wishes: what the caller has fixed, for the model to know.
    Raises ClientLeft when the client of this request has left.
    """
    request = {"brief": rules.text[:LONGEST_BRIEF], **(wishes or {})}
    addresses = addresses_in([rules.text])

    def read(document: Mapping[str, Any]) -> Brief:
        brief = brief_of(read_answer(document), rules, addresses)
        if problems := accept(brief):
            raise BadAnswer(*problems)
        return brief

    return answer_of(
        lambda: rules,
        PLAN,
        lambda model: text_of(request),
        BriefAnswer,
        read,
        rules_note="Rules made this draft.",
    )


def brief_of(answer: BriefAnswer, rules: Brief, addresses: frozenset[str]) -> Brief:
    """Return a model's answer as a brief. addresses: those that the person wrote.

    Numbers that the person wrote are used where the model left them out; the limit on credits is
    always the person's.
    """
    names = _Names()
    media = tuple(
        GivenMedia(
            name := names.of(one.name, "file"), one.kind, _line(one.title) or name, one.count
        )
        for one in answer.media
    )
    texts = tuple(
        OpenText(
            name := names.of(one.name, "text"),
            _line(one.title) or name,
            plain_words(one.default, addresses, longest=300),
            tuple(filter(None, map(_line, one.options))),
            marker=f"{{{one.name}}}",
        )
        for one in answer.open_texts
    )
    by_name = {item.name: file.name for item, file in zip(answer.media, media, strict=True)}
    return Brief(
        text=rules.text,
        words=rules.words,
        max_units=rules.max_units,
        is_cheap=rules.is_cheap,
        name=rules.name,
        approves_images=rules.approves_images,
        kind=answer.kind,
        topic=_line(answer.title) or rules.topic,
        language=answer.language[:2].lower() if answer.language[:2].isalpha() else rules.language,
        scenes=tuple(
            Scene(
                plain_words(scene.text, addresses, longest=600) or "A calm scene",
                scene.type,
                scene.seconds,
                scene.ask_before,
                by_name.get(scene.uses, ""),
            )
            for scene in answer.scenes
        ),
        seconds=answer.seconds or rules.seconds,
        aspect=answer.aspect or rules.aspect,
        sound=_sound(answer, rules, addresses),
        style=plain_words(answer.style, addresses, longest=200),
        camera=plain_words(answer.camera, addresses, longest=200),
        transition=answer.transition,
        on_the_beat=answer.on_the_beat,
        on_screen=_line(answer.on_screen),
        media=media,
        open_texts=texts,
        repeat=_repeat(answer),
        choice=Choice(answer.choice.candidates, answer.choice.pick) if answer.choice else None,
        edits=tuple(
            Edit(one.type, plain_words(one.words, addresses, longest=600), one.start, one.end)
            for one in answer.edits
        ),
    )


def _sound(answer: BriefAnswer, rules: Brief, addresses: frozenset[str]) -> Sound:
    sound = answer.sound
    return Sound(
        music=rules.sound.music if sound.music is None else sound.music,
        speech=rules.sound.speech if sound.speech is None else sound.speech,
        lyrics=sound.lyrics,
        subtitles=sound.subtitles,
        kept=sound.keep_original,
        music_words=plain_words(sound.music_words, addresses, longest=300),
        voice_words=plain_words(sound.voice_words, addresses, longest=300),
        effect_words=plain_words(sound.effect_words, addresses, longest=300),
        spoken=plain_words(sound.spoken, addresses, longest=2000),
    )


def _repeat(answer: BriefAnswer) -> Repeat | None:
    repeat = answer.repeat
    if repeat is None:
        return None
    marker = f"{{{repeat.item_name}}}"
    is_named = any(marker in scene.text for scene in answer.scenes)
    return Repeat(
        _line(repeat.item_name),
        tuple(filter(None, map(_line, repeat.items))),
        repeat.count,
        marker if is_named else "",
        repeat.same_images,
        repeat.shows_name,
    )


def _line(text: str) -> str:
    return plain_words(text.replace("\n", " "), longest=80)


class _Names:
    """Names of inputs made of a model's words: letters, digits and `_`, each once."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def of(self, words: str, fallback: str) -> str:
        letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in words.lower())
        base = letters.strip("_")[:_NAME_LENGTH]
        base = base if base and base[0].isalpha() else fallback
        name, number = base, 2
        while name in self.names:
            name, number = f"{base}_{number}", number + 1
        self.names.add(name)
        return name
