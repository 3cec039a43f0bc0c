"""Which stages words name: "shot 2", "the last two shots", "the intro", "Night shot", "it"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from compose.template_plan.edit.film import Film, Shot
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import ORDINAL, PLAIN_NUMBER, number_of, ordinal_of
from compose.template_plan.edit.working_template import WorkingTemplate
from templates_app.graph.wiring import words_of

_SHOT: Final = r"(?:shot|scene|clip|take|segment|part|szene|einstellung|plan|scène|toma|escena)"
_IMAGE: Final = r"(?:image|picture|photo|still|keyframe|bild|imagen)"
_NOUN: Final = rf"(?:(?:{_SHOT}|{_IMAGE}|stage|video)(?:s|n|en|es)?)"
_THE: Final = (
    r"(?:(?:for|in|of|on|to|from)\s+)?"
    r"(?:(?:the|my|die|das|den|der|le|la|les|el|los|las)\s+|l')?"
)
_LINK: Final = r"(?:,|and|&|und|et|y|to|-|–|through|bis|with|mit|avec|con|for)"
# "The second shot 6 seconds": the number is a length.
_UNIT: Final = r"\s*-?(?:s|sec|secs|seconds?|sekunden?|secondes?|segundos?|min|minutes?|%|x|:)\b"
_NUMBERED = re.compile(
    rf"\b{_THE}(?P<noun>{_NOUN})\s*(?:number\s+|no\.?\s*|#)?(?P<first>{PLAIN_NUMBER})\b(?!{_UNIT})"
    rf"(?P<more>(?:\s*{_LINK}\s*(?:the\s+)?(?:{_NOUN}\s*)?{PLAIN_NUMBER}\b(?!{_UNIT}))*)",
    re.IGNORECASE,
)
_ENDS: Final = r"last|final|letzten?r?|derni[eè]re?s?|[uú]ltim[oa]s?"
_PLACE: Final = rf"(?:{ORDINAL}|{_ENDS})"
_PLACED = re.compile(
    rf"\b{_THE}(?P<places>{_PLACE}(?:\s*(?:{_NOUN}\s*)?{_LINK}\s*(?:(?:the|die|la|le)\s+)?{_PLACE})*)"
    rf"(?:\s+(?P<how_many>{PLAIN_NUMBER}))?\s+(?P<noun>{_NOUN}|ones?)\b",
    re.IGNORECASE,
)
_LAST_AFTER = re.compile(rf"\b{_THE}(?P<noun>{_NOUN})\s+(?:{_ENDS})\b", re.IGNORECASE)
_ALL = re.compile(
    rf"\b(?:(?:for|in|to|of|on)\s+)?(?:all|every|each|both|alle|toutes?|tous|todas?|todos)"
    rf"\s+(?:of\s+)?(?:(?:the|les|las|los)\s+)?(?P<noun>{_NOUN})\b"
    rf"|\b(?:(?:for|in|to|on|of)\s+(?:the\s+)?|the\s+|die\s+|les\s+|las\s+)(?P<plain>(?:shot|scene|clip|image|picture|video|plan|toma|escena)s|einstellungen|szenen|bilder|imágenes)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(rf"\b{_THE}(?:intro|opening|introduction)(?:\s+{_SHOT})?\b", re.IGNORECASE)
_CLOSING = re.compile(rf"\b{_THE}(?:outro|ending|closing)(?:\s+{_SHOT})?\b", re.IGNORECASE)
_SELECTED = re.compile(
    rf"\b(?:(?:for|in|of|on|to)\s+)?(?:the\s+selected(?:\s+{_NOUN}|\s+ones?)?|the\s+selection"
    rf"|th(?:is|ese)(?:\s+{_NOUN})?)\b",
    re.IGNORECASE,
)
_MADE_BY: Final = {
    "image": ("generate_image",),
    "picture": ("generate_image",),
    "music": ("generate_music",),
    "voice": ("generate_speech",),
    "narration": ("generate_speech",),
}
_ONE = re.compile(rf"\b{_THE}(?P<noun>{'|'.join(_MADE_BY)})\b", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:to|in|on|of|for|with|there)\s+(?:it|them)\b", re.IGNORECASE)
# Titles that are ordinary words: they name a stage only next to a word that says so.
_GENERIC: Final = frozenset(
    [
        "image",
        "images",
        "film",
        "video",
        "videos",
        "music",
        "voice",
        "shot",
        "shots",
        "scene",
        "result",
        "clip",
        "clips",
        "picture",
        "score",
        "tune",
        "beat",
        "motion",
        "style",
        "view",
        "photo",
        "list",
        "check",
        "dance",
        "card",
        "song",
    ]
)


class NotPossible(Exception):
    """What was asked can't be done in this template. The text is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Mention:
    """stages: what words name; is_shot: as whole shots, with what only they need."""

    stages: tuple[StageView, ...]
    is_shot: bool = False


class Mentions:
    """Finds stages by words. Numbers count the shots as they were before the first change."""

    def __init__(self, work: WorkingTemplate) -> None:
        self.work = work
        # The stages that the last change named: "… and add fireworks to it".
        self.last: Mention | None = None
        self._first = [shot.stage.id for shot in Film(work).shots]

    @property
    def shots(self) -> list[Shot]:
        return Film(self.work).shots

    def take(self, text: str, *, is_free: bool = False) -> tuple[Mention | None, str]:
        """The stages that a text names, and the text without these words.

        None: it names none. is_free: the text holds words for a prompt too, where a title that is
        one word names no stage by itself. Raises NotPossible for a shot that isn't there.
        """
        labelled = self._labelled_clearly if is_free else self._labelled
        readers = [self._numbered, self._placed, self._ends, labelled, self._every]
        for read in readers if is_free else [*readers, self._only]:
            found = read(text)
            if found is not None:
                return found
        again = _AGAIN.search(text)
        if again is not None and self.last is not None and not self.work.selection:
            return self.last, _without(text, again)
        chosen = _SELECTED.search(text)
        if chosen and self.work.selection:
            return Mention(tuple(self.work.selection)), _without(text, chosen)
        return None, text

    def shot(self, number: int) -> StageView:
        """A shot by its number, from 1; negative from the end. Raises NotPossible."""
        now = self.shots
        titles = (f"shot {number}", f"scene {number}", f"clip {number}")
        named = [view for view in self.work.stages if view.title.lower() in titles]
        if named:
            return named[0]
        if 1 <= number <= len(self._first):
            view = self.work.find(self._first[number - 1])
            if view is not None:
                return view
        if 1 <= abs(number) <= len(now):
            return now[number - 1 if number > 0 else number].stage
        raise NotPossible(_no_such("shot", number, len(now)))

    def image(self, number: int) -> StageView:
        """An image by its number: those behind the shots, in their order."""
        film = Film(self.work)
        images = []
        for shot in film.shots:
            behind = [one for one in film.behind(shot.stage) if film.kind(one) == "image"]
            images += behind[:1]
        images = images or film.making("image")
        if not 1 <= abs(number) <= len(images):
            raise NotPossible(_no_such("image", number, len(images)))
        return images[number - 1 if number > 0 else number]

    def _by(self, noun: str, numbers: Sequence[int]) -> Mention:
        if re.match(_IMAGE, noun, re.IGNORECASE):
            images = self.work.with_tool("animate_photo", "generate_video", "stitch_video")
            if images or Film(self.work).making("image"):
                return Mention(tuple(self.image(number) for number in numbers))
        return Mention(tuple(dict.fromkeys(self.shot(n) for n in numbers)), is_shot=True)

    def _numbered(self, text: str) -> tuple[Mention, str] | None:
        found = _NUMBERED.search(text)
        if found is None:
            return None
        first = int(number_of(found["first"]) or 0)
        numbers = [first]
        for link, amount in re.findall(
            rf"({_LINK})\s*(?:[^\W\d]+\s+)?({PLAIN_NUMBER})\b",
            found["more"],
            re.IGNORECASE,
        ):
            number = int(number_of(amount) or 0)
            is_range = link.lower() in ("to", "-", "–", "through", "bis")
            numbers += range(numbers[-1] + 1, number + 1) if is_range else [number]
        return self._by(found["noun"], numbers[:100]), _without(text, found)

    def _placed(self, text: str) -> tuple[Mention, str] | None:
        found = _PLACED.search(text)
        if found is None:
            last = _LAST_AFTER.search(text)
            return (self._by(last["noun"], [-1]), _without(text, last)) if last else None
        numbers: list[int] = []
        count = int(number_of(found["how_many"] or "1") or 1)
        for word in re.findall(rf"{ORDINAL}|{_ENDS}", found["places"], re.IGNORECASE):
            place = ordinal_of(word)
            if place is None:
                numbers += range(-count, 0)
            else:
                numbers += range(place, place + count)
        return self._by(found["noun"], numbers[:100]), _without(text, found)

    def _ends(self, text: str) -> tuple[Mention, str] | None:
        for pattern, number, ids in (
            (_OPENING, 1, ("intro", "opening")),
            (_CLOSING, -1, ("outro", "ending", "closing")),
        ):
            found = pattern.search(text)
            if found is None:
                continue
            named = next(
                (
                    shot.stage
                    for shot in self.shots
                    if any(i in (shot.stage.id.lower(), shot.stage.title.lower()) for i in ids)
                ),
                None,
            )
            view = named if named is not None else self.shot(number)
            return Mention((view,), is_shot=True), _without(text, found)
        return None

    def _labelled_clearly(self, text: str) -> tuple[Mention, str] | None:
        return self._labelled(text, is_clear=True)

    def _labelled(self, text: str, *, is_clear: bool = False) -> tuple[Mention, str] | None:
        """Stages by their titles or ids, the longest first."""
        names = [
            (name, view)
            for view in self.work.stages
            for name in {view.title, words_of(view.id), view.id}
            if len(name) > 2 and name.lower() not in _GENERIC
        ]
        for name, view in sorted(names, key=lambda pair: -len(pair[0])):
            after = rf"\s+{_NOUN}\b" if is_clear and not re.search(r"[\s_]", name) else r"(?!\w)"
            pattern = rf"(?<![\w']){_THE}[“\"'‘]?{re.escape(name)}[”\"'’]?{after}"
            found = re.search(pattern, text, re.IGNORECASE)
            if found is not None:
                is_shot = any(shot.stage.id == view.id for shot in self.shots)
                return Mention((view,), is_shot=is_shot), _without(text, found)
        return None

    def _only(self, text: str) -> tuple[Mention, str] | None:
        """ "the image", where there is one."""
        found = _ONE.search(text)
        if found is None:
            return None
        tools = _MADE_BY[found["noun"].lower()]
        views = self.work.with_tool(*tools)
        return (Mention(tuple(views)), _without(text, found)) if len(views) == 1 else None

    def _every(self, text: str) -> tuple[Mention, str] | None:
        found = _ALL.search(text)
        if found is None:
            return None
        noun = found["noun"] or found["plain"]
        film = Film(self.work)
        if re.match(_IMAGE, noun, re.IGNORECASE):
            return Mention(tuple(film.making("image"))), _without(text, found)
        if re.match("video", noun, re.IGNORECASE):
            return Mention(tuple(film.making("video"))), _without(text, found)
        return Mention(tuple(s.stage for s in film.shots), is_shot=True), _without(text, found)


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _no_such(noun: str, number: int, count: int) -> str:
    if not count:
        return f"There is no {noun} to change."
    return f"There is no {noun} {abs(number)}. The template has {count}."
