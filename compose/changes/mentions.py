"""The stages that words name: "shot 2", "the last two shots", "the intro", "Night shot"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

from compose.changes.change import PLAIN_NUMBER, Refused, expression, search
from compose.changes.film import Film, Shot
from compose.changes.prompting import prompts_of
from compose.changes.stage_view import StageView
from compose.changes.working_template import WorkingTemplate
from core.language.numbers import number_of, ordinal_of
from templates_app.graph.wiring import words_of

_NOUN: Final = r"(?:{shot}|{image}|{several}|stages?|videos?)"
_THE: Final = r"(?:{prepositions} )?(?:{the} |l')?"
# Before and after a stage's title.
_TITLE: Final = r"(?<![\w'])(?:(?:for|in|of|on|to|from) )?(?:{the} |l')?[“\"'‘]?"
_TITLE_END: Final = r"[”\"'’]?"
# "The second shot 6 seconds": the number is a length.
_UNIT: Final = r"(?! *-?(?:{seconds}|{minutes}|%|x(?!\w)|:))"
_BY_NUMBER: Final = (
    rf"{_THE}(?P<noun>{_NOUN}) *(?:(?:number|no\.?|#) *)?(?P<first>{PLAIN_NUMBER})(?!\w){_UNIT}"
    rf"(?P<more>(?: *(?:{{links}}|{{ranges}}|[-–,&]) *(?:the )?(?:{_NOUN} "
    rf"*)?{PLAIN_NUMBER}(?!\w){_UNIT})*)"
)
_MORE: Final = (
    rf"(?P<link>{{links}}|{{ranges}}|[-–,&]) *(?:[^\W\d]+ )?(?P<number>{PLAIN_NUMBER})(?!\w)"
)
_PLACE: Final = r"(?:{ordinals}|{last})"
_BY_PLACE: Final = (
    rf"{_THE}(?P<places>{_PLACE}(?: *(?:{_NOUN} *)?(?:{{links}}|[,&]) *(?:{{the}} "
    rf")?{_PLACE}){{0,7}})"
    rf"(?: (?P<count>{PLAIN_NUMBER}))? (?P<noun>{_NOUN}|ones?(?!\w))"
)
_LAST_AFTER: Final = rf"{_THE}(?P<noun>{_NOUN}) {{last}}"
_ALL: Final = (
    rf"(?:{{prepositions}} )?{{every}} (?:of )?(?:{{the}} )?(?P<noun>{_NOUN})"
    r"|(?:(?:for|in|to|on|of) (?:the )?|the |die |les |las )(?P<plain>{several})"
)
_OPENING: Final = rf"{_THE}{{opening}}(?: {{shot}})?"
_CLOSING: Final = rf"{_THE}{{closing}}(?: {{shot}})?"
_SELECTION: Final = (
    rf"(?:(?:for|in|of|on|to) )?(?:the selected(?: {_NOUN}| ones?)?|the selection|th(?:is|ese)(?: "
    rf"{_NOUN})?)(?!\w)"
)
_MADE_BY: Final = {
    "image": "generate_image",
    "music": "generate_music",
    "voice": "generate_speech",
    "subtitles": "add_subtitles",
}
_AGAIN: Final = r"(?<!\w)(?:to|in|on|of|for|with|there) (?:it|them)(?!\w)"
Mention: TypeAlias = tuple[StageView, ...]
# The stages that words name, and these words.
_Result: TypeAlias = tuple[Mention, re.Match[str]] | None


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
        """Return the stages that a text names, and the text without these words.

        None: it names none. is_free: the text holds words for a prompt too, where a title that is
        a single word names no stage. Raises Refused for a shot that isn't there.
        """
        by_title = partial(self._by_title, is_clear=is_free)
        readers: list[Callable[[str], _Result]] = [
            self._by_number,
            self._by_place,
            self._ends,
            by_title,
            self._every,
        ]
        for reader in [*readers, self._again] if is_free else [*readers, self._only, self._again]:
            result = reader(text)
            if result is not None:
                mention, match = result
                return mention, f"{text[: match.start()]} {text[match.end() :]}"
        return None, text

    def _again(self, text: str) -> _Result:
        """Read "it" as what the last change named, and "these" as what is selected."""
        if self.work.selection:
            match, mention = search(_SELECTION, text), tuple(self.work.selection)
            return (mention, match) if match else None
        match = search(_AGAIN, text)
        return (self.last, match) if match and self.last is not None else None

    def shot(self, number: int) -> StageView:
        """Return a shot by its number, from 1; negative from the end. Raises Refused."""
        now = self.shots
        titles = (f"shot {number}", f"scene {number}", f"clip {number}")
        matches = [view for view in self.work.stages if view.title.lower() in titles]
        if matches:
            return matches[0]
        if 1 <= number <= len(self._first):
            view = self.work.find(self._first[number - 1])
            if view is not None:
                return view
        if 1 <= abs(number) <= len(now):
            return now[number - 1 if number > 0 else number].stage
        raise Refused(_no_such("shot", number, len(now)))

    def image(self, number: int) -> StageView:
        """Return an image by its number: those behind the shots, in their order."""
        film = Film(self.work)
        images = []
        for shot in film.shots:
            behind = [one for one in film.behind(shot.stage) if film.kind(one) == "image"]
            images += behind[:1]
        images = images or film.making("image")
        if not 1 <= abs(number) <= len(images):
            raise Refused(_no_such("image", number, len(images)))
        return images[number - 1 if number > 0 else number]

    def _by(self, noun: str, numbers: Sequence[int]) -> Mention:
        if search("^{image}", noun) and Film(self.work).making("image"):
            return tuple(self.image(number) for number in numbers)
        return tuple(dict.fromkeys(self.shot(n) for n in numbers))

    def _by_number(self, text: str) -> _Result:
        match = search(_BY_NUMBER, text)
        if match is None:
            return None
        numbers = [int(number_of(match["first"]) or 0)]
        for more in expression(_MORE).finditer(match["more"]):
            number = int(number_of(more["number"]) or 0)
            is_range = search("^(?:{ranges}|[-–])$", more["link"])
            numbers += range(numbers[-1] + 1, number + 1) if is_range else [number]
        return self._by(match["noun"], numbers[:100]), match

    def _by_place(self, text: str) -> _Result:
        match = search(_BY_PLACE, text)
        if match is None:
            last = search(_LAST_AFTER, text)
            return (self._by(last["noun"], [-1]), last) if last else None
        numbers: list[int] = []
        count = int(number_of(match["count"] or "1") or 1)
        for word in expression(_PLACE).findall(match["places"]):
            place = ordinal_of(word)
            numbers += range(-count, 0) if place is None else range(place, place + count)
        return self._by(match["noun"], numbers[:100]), match

    def _ends(self, text: str) -> _Result:
        for pattern, word, number in ((_OPENING, "{opening}", 1), (_CLOSING, "{closing}", -1)):
            match = search(pattern, text)
            if match is None:
                continue
            stages = [shot.stage for shot in self.shots]
            matches = [
                v for v in stages if search(f"^{word}$", v.id) or search(f"^{word}$", v.title)
            ]
            return (matches[0] if matches else self.shot(number),), match
        return None

    def _by_title(self, text: str, *, is_clear: bool = False) -> _Result:
        """Return stages by their titles or ids, the longest first."""
        names = [
            (name, view)
            for view in self.work.stages
            for name in {view.title, words_of(view.id), view.id}
            # Ordinary words name a stage only next to a word that says so.
            if len(name) > 2 and not search("^{common_titles}$", name)
        ]
        for name, view in sorted(names, key=lambda pair: -len(pair[0])):
            noun = rf" {_NOUN}" if is_clear and not re.search(r"[\s_]", name) else ""
            title = re.escape(name).replace("\\ ", " ")
            result = search(rf"{_TITLE}{title}{_TITLE_END}(?!\w){noun}", text)
            if result is not None:
                return (view,), result
        return None

    def _only(self, text: str) -> _Result:
        """ "the image", where there is one."""
        for noun, tool in _MADE_BY.items():
            match, views = search(rf"{_THE}{{{noun}}}", text), self.work.with_tool(tool)
            if match is not None and len(views) == 1:
                return tuple(views), match
        return None

    def _every(self, text: str) -> _Result:
        match = search(_ALL, text)
        if match is None:
            return None
        noun, film = match["noun"] or match["plain"], Film(self.work)
        for kind, pattern in (("image", "^{image}|^bild|^im[aá]g|^pict"), ("video", "^video")):
            if search(pattern, noun):
                return tuple(film.making(kind)), match
        return tuple(shot.stage for shot in film.shots), match

    def showing(self, text: str) -> list[str]:
        """Return the one shot that shows something: by its title, else by what its prompts say."""
        text = expression(r"^\W*(?:(?:{the}|{a}) )?|(?: {shot})?\W*$").sub("", text)
        pattern = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
        film = Film(self.work)
        title_hits = [shot.stage.id for shot in film.shots if pattern.search(shot.stage.title)]
        hits = [
            shot.stage.id
            for shot in film.shots
            if any(pattern.search(p.text) for p in prompts_of(self.work, film.behind(shot.stage)))
        ]
        ids = title_hits or hits
        return ids if text and len(ids) == 1 else []


def _no_such(noun: str, number: int, count: int) -> str:
    if not count:
        return f"There is no {noun} to change."
    return f"There is no {noun} {abs(number)}. The template has {count}."
