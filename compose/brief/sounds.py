"""Music, speech, effects and captions that a brief asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from compose.brief.brief import Sound
from compose.brief.products import ARTICLES
from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS, Quote, clauses, quotes_of
from core.language.phrases import Phrases, Words
from core.language.tables import choice_of

Cue = Literal[
    "silent",
    "silent_look",
    "no_music",
    "no_speech",
    "only_music",
    "no_subtitles",
    "music",
    "speech",
    "subtitles",
    "lyrics",
    "kept",
    "sound",
]
QuoteUse = Literal["spoken", "on_screen", "name", ""]

_WORDS = TABLES.subject("sound")
_CUES: Phrases[Cue] = TABLES.phrases("sound", "cues", choice_of(Cue))
_GENRES: Phrases[bool] = TABLES.phrase_list("sound", "genres")
_INSTRUMENTS: Phrases[bool] = TABLES.phrase_list("sound", "instruments")
_EFFECTS: Phrases[bool] = TABLES.phrase_list("sound", "effects")
_SAYING: Phrases[bool] = TABLES.phrase_list("sound", "saying")
_PLAIN_MUSIC: Phrases[bool] = TABLES.phrase_list("sound", "plain_music")
# What a cue without words of its own decides.
_DECISIONS: Final[dict[Cue, dict[str, bool]]] = {
    "no_music": {"music": False},
    "no_speech": {"speech": False},
    "only_music": {"music": True, "speech": False},
    "no_subtitles": {"subtitles": False},
    "lyrics": {"lyrics": True, "music": True},
    "kept": {"kept": True},
    "sound": {},
}
_MARKS: Final = " \"“”„«»'"


@dataclass
class _Audio:
    music: bool | None = None
    speech: bool | None = None
    lyrics: bool = False
    subtitles: bool | None = None
    kept: bool = False
    music_words: list[str] = field(default_factory=list)
    voice_words: list[str] = field(default_factory=list)
    effect_words: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)

    def play(self, description: str = "") -> None:
        self.music = True
        self.music_words.append(description)

    def speak(self, text: str) -> None:
        self.speech = True
        self.spoken.append(text)


def sound_of(words: Words, *, is_still: bool = False) -> tuple[Sound, str]:
    """Read what is heard, and the words to show on screen; claim what says them.

    is_still: an image is made, on which a genre is a theme: "a poster for a techno party".
    """
    audio = _Audio()
    on_screen = _quotes(words, audio, is_still=is_still)
    _replacements(words, audio)
    _labels(words, audio)
    for match in list(_CUES.find(words)):
        if not (words.is_claimed(match.i) and words.is_claimed(match.j - 1)):
            _cue(words, audio, match.value, match.i, match.j)
    _compounds(words, audio)
    if not is_still:
        _genres(words, audio)
    _instruments(words, audio)
    _effects(words, audio)
    silent = audio.music is False and audio.speech is False
    return (
        Sound(
            music=audio.music,
            speech=audio.speech,
            lyrics=audio.lyrics,
            subtitles=bool(audio.subtitles),
            kept=audio.kept and not silent,
            music_words=_listing(audio.music_words),
            voice_words=_listing(audio.voice_words),
            effect_words=_listing(audio.effect_words),
            spoken=" ".join(audio.spoken)[:2_000],
        ),
        on_screen,
    )


def _listing(parts: list[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, parts)))[:300]


def _cue(words: Words, audio: _Audio, cue: Cue, i: int, j: int) -> None:
    if cue == "silent_look":
        # A silent forest has a sound; a silent film has none.
        of_thing = words.is_word(j) and words.at(j) not in _WORDS["silent_things"]
        if of_thing or words.at(i - 1) in _WORDS["state_verbs"]:
            return
    if cue in ("silent", "silent_look"):
        audio.music, audio.speech = bool(audio.music), bool(audio.speech)
    elif cue == "subtitles":
        audio.subtitles = audio.subtitles is not False
        i = _adjectives(words, i, most=2)
    elif cue == "music":
        if audio.music is None:
            _music(words, audio, i, j)
        return
    elif cue == "speech":
        if audio.speech is not False and words.at(j) not in _WORDS["voice_things"]:
            _speech(words, audio, i, j)
        return
    else:
        for name, value in _DECISIONS[cue].items():
            setattr(audio, name, value)
    words.claim(i, j)


def _music(words: Words, audio: _Audio, i: int, j: int) -> None:
    following = words.at(j)
    if following in _WORDS["not_music_after"] or words.at(i - 1) in _WORDS["owners"]:
        return
    first, last = _adjectives(words, i, most=4), j
    begin = first
    if following in (":", "=") or words.source(j, j + 2).lower() in ("in the", "in a", "like a"):
        last = words.until(j + 1, CLAUSE_ENDS)
        begin = min(j + (following in (":", "=")), last)
    last = _adjectives_behind(words, last)
    if words.at(last) in _WORDS["made_of"] and _describes(words, last + 1):
        # "música de guitarra", "musique d'orgue"
        last = _adjectives_behind(words, last + 2)
    plain = _PLAIN_MUSIC.match(words, first)
    audio.play("" if plain and plain.j >= last else words.source(begin, last).strip())
    words.claim(first, last)


def _speech(words: Words, audio: _Audio, i: int, j: int) -> None:
    first, last = _adjectives(words, i, most=4), _adjectives_behind(words, j)
    if words.at(last) in _WORDS["made_of"] and _describes(words, last + 1):
        # "voz de abuela", "voix de femme"
        last += 2
    if words.at(last) in _WORDS["by"]:
        end = words.until(last, CLAUSE_ENDS | {"and", "und", "with", "et"})
        last = end if end - j <= 8 else last
    audio.speech = True
    description = words.source(first, last).strip()
    if len(description.split()) > 1 and not description.lower().startswith(
        ("voice", "narrat", "spoken")
    ):
        audio.voice_words.append(description)
    elif description.lower().endswith(tuple(_WORDS["voice_ends"])):
        # "Frauenstimme"
        audio.voice_words.append(description)
    elif last > j:
        audio.voice_words.append(words.source(j, last))
    words.claim(first, last)


def _adjectives(words: Words, i: int, *, most: int) -> int:
    """Return where the words that describe the noun at i begin."""
    first = i
    while (
        i - first < most
        and _describes(words, first - 1)
        and words.at(first - 1) not in _WORDS["stop_left"]
    ):
        first -= 1
    return first


def _adjectives_behind(words: Words, j: int) -> int:
    """Return where the words that describe the noun before j end: "musique sombre"."""
    last = j
    if words.language in ("fr", "es"):
        ends = _WORDS["stop_left"] | _WORDS["after_music"]
        while last < j + 3 and _describes(words, last) and words.at(last) not in ends:
            last += 1
    return last


def _describes(words: Words, at: int) -> bool:
    return words.is_word(at) and words.number(at) is None and not words.is_claimed(at)


def _replacements(words: Words, audio: _Audio) -> None:
    """Read sound in place of a clip's own: "replace the music of my video with jazz"."""
    for at, word in enumerate(words.word):
        target = words.until(at + 1, _WORDS["replaced"], 4)
        if word not in _WORDS["replaces"] or words.at(target) not in _WORDS["replaced"]:
            continue
        end = words.until(target, CLAUSE_ENDS)
        by = words.until(target, _WORDS["replaced_by"])
        if by + 1 >= end:
            continue
        description = words.source(by + 1, end)
        if "voice" in description.lower() or words.at(target) == "voice":
            audio.speech = True
            audio.voice_words.append(description)
        else:
            # A claimed end is a file that the person brings.
            audio.play("" if words.is_claimed(end - 1) else description)
        words.claim(at, end)


def _compounds(words: Words, audio: _Audio) -> None:
    """Read music that is the end of a word: "mit ruhiger Gitarrenmusik"."""
    for at, word in enumerate(words.word):
        is_music = any(word.endswith(end) and word != end for end in _WORDS["music_ends"])
        if is_music and not words.is_claimed(at) and audio.music is None:
            _music(words, audio, at, at + 1)


def _genres(words: Words, audio: _Audio) -> None:
    for match in list(_GENRES.find(words)):
        is_thing = words.at(match.j) in _WORDS["not_music_after"] or _is_of_thing(words, match.i)
        if not words.is_claimed(match.i) and not is_thing and audio.music is not False:
            first = _adjectives(words, match.i, most=3)
            audio.play(words.source(first, match.j))
            words.claim(first, match.j)


def _is_of_thing(words: Words, at: int) -> bool:
    """Return whether a genre only says which thing is meant: "un festival de jazz"."""
    noun = words.at(at - 2)
    is_of = words.language in ("fr", "es") and words.at(at - 1) in ("de", "d")
    return is_of and words.is_word(at - 2) and noun not in _WORDS["stop_left"]


def _instruments(words: Words, audio: _Audio) -> None:
    """Read clauses that are only an instrument: "soft piano", "with gentle guitar"."""
    for match in list(_INSTRUMENTS.find(words)):
        last = _adjectives_behind(words, match.j)
        behind = words.at(last)
        goes_on = words.is_word(last) and behind not in _WORDS["after_instrument"]
        if goes_on or words.is_claimed(match.i) or audio.music is False:
            continue
        first = _adjectives(words, match.i, most=3)
        before = words.at(first - 1)
        starts_clause = first == 0 or before in CLAUSE_ENDS
        leads = before in _WORDS["music_leads"]
        article = before in _WORDS["articles"] and words.at(first - 2) in _WORDS["article_leads"]
        is_bare = (first, last) == (match.i, match.j)
        # "a girl with a piano" shows a piano; "with soft piano" and ", piano" sound.
        if (article and is_bare) or (first == 0 and last == len(words)):
            continue
        # "and soft ukulele" at an end: no one says so of an instrument in the picture.
        soft = words.at(first) in _WORDS["sounding"] and not words.is_word(last)
        if starts_clause or article or (leads and (before != "and" or audio.music or soft)):
            audio.play(words.source(first, last))
            is_tail = words.is_word(last) and not words.is_word(last + 1)
            words.claim(first, last + is_tail)


def _effects(words: Words, audio: _Audio) -> None:
    for clause in clauses(words):
        effect = next(_EFFECTS.find(words, clause.i, clause.j), None)
        # Only a clause of its own is a sound: waves in a scene are also seen.
        if effect and clause.j - clause.i <= 4 and not words.is_claimed(effect.i):
            audio.effect_words.append(words.rest(clause.i, clause.j))
            words.claim(clause.i, clause.j)


def _labels(words: Words, audio: _Audio) -> None:
    """Read lines such as "Voiceover: Welcome home." and "Narrator says: …"."""
    for at in range(1, len(words) - 1):
        if words.word[at] != ":" or words.is_claimed(at):
            continue
        starts = (k for k in range(max(0, at - 4), at) if k == 0 or words.at(k - 1) in CLAUSE_ENDS)
        labels = (_SAYING.match(words, k, at) for k in starts)
        label = next((label.i for label in labels if label and label.j == at), None)
        is_said = words.at(at - 1) in _WORDS["says"] and not words.is_claimed(at + 1)
        if label is None and not is_said:
            continue
        first = at - 1 if label is None else label
        last = _spoken_end(words, at + 1, first)
        text = words.source(at + 1, last).strip(_MARKS)
        if text and not words.is_claimed(at + 1):
            audio.speak(text)
            # "make the person in my photo say: Happy birthday!"
            instead = TABLES.texts("sound", "talks", words.language)[0] if label is None else ""
            words.claim(first, last, instead)


def _spoken_end(words: Words, first: int, label: int) -> int:
    """Return where spoken words end: with their quotation, with the line where the label begins
    one, or with the sentence."""
    for quote in quotes_of(words):
        if quote.i - 1 == first:
            return quote.j + 1
    by_line = "\n" in words.word and words.at(label - 1) in ("", "\n")
    last = words.until(first, "\n" if by_line else ".!?\n", 400)
    return last + (words.at(last) in ("!", "?"))


def _quotes(words: Words, audio: _Audio, *, is_still: bool) -> str:
    on_screen: list[str] = []
    for quote in quotes_of(words):
        use, text = quote_use(words, quote), quote.text.strip()
        if use == "spoken" and text:
            audio.speak(text)
            _claim_spoken(words, quote)
        elif use == "on_screen" and text:
            on_screen.append(text)
            if not is_still:
                _claim_caption(words, quote)
    return " / ".join(on_screen)[:300]


def _claim_caption(words: Words, quote: Quote) -> None:
    """Claim words that are written over a film, with what says so: 'with the title "Dawn"'."""
    noun = quote.i - 2
    if words.at(noun) in (":", "="):
        noun -= 1
    if words.at(noun) in _WORDS["captions"]:
        words.claim(words.back(noun, _WORDS["caption_leads"]), quote.j + 1)


def _claim_spoken(words: Words, quote: Quote) -> None:
    """Claim what is said and "she says" before it; of "the baker says" the baker is seen."""
    words.claim(quote.i - 1, quote.j + 1)
    verb = words.back(words.back(quote.i - 1, (":", ",")), _WORDS["verbs_of_saying"])
    if words.at(verb) not in _WORDS["verbs_of_saying"]:
        return
    before = words.at(verb - 1)
    if before in _WORDS["said_behind"] or before in _WORDS["relatives"]:
        words.claim(verb - 1, quote.j + 1)
    elif before in _WORDS["narrators"]:
        words.claim(words.back(verb - 1, ARTICLES), quote.j + 1)
    elif _CUES.match(words, verb - 1) or not words.is_word(verb - 1):
        words.claim(verb, quote.j + 1)
    else:
        words.claim(verb, quote.j + 1, TABLES.texts("sound", "speaks", words.language)[0])


def quote_use(words: Words, quote: Quote) -> QuoteUse:
    """Return what quoted words are for, by the words before and behind them."""
    use: QuoteUse = "spoken" if words.at(quote.j + 1) in _WORDS["said_behind"] else ""
    for at in range(quote.i - 2, quote.i - 9, -1):
        word = words.at(at)
        if not word or word in ".!?\n":
            break
        if word in _WORDS["on_screen"]:
            # "A voice-over reading".
            return "spoken" if words.at(at - 1) in _WORDS["readers"] else "on_screen"
        if word in _WORDS["naming"]:
            return "name"
        if _SAYING.match(words, at, quote.i):
            if words.at(at - 1) in _WORDS["that"] and words.at(at - 2) in _WORDS["written_on"]:
                return ""
            use = "spoken"
    return use
