"""What a brief wants to be heard, and captions. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from compose.brief.brief import Sound
from compose.brief.clauses import CLAUSE_ENDS, Quote, clauses, quotes_of
from compose.brief.clean import one_of
from compose.brief.sound_words import (
    CUES,
    EFFECTS,
    GENRES,
    INSTRUMENTS,
    NOT_MUSIC_AFTER,
    ON_SCREEN,
    SAYING,
    STOP_LEFT,
    Cue,
)
from compose.brief.words import Words

QuoteUse = Literal["spoken", "on_screen", "name", ""]


@dataclass
class _Heard:
    music: bool | None = None
    speech: bool | None = None
    lyrics: bool = False
    subtitles: bool | None = None
    kept: bool = False
    music_words: list[str] = field(default_factory=list)
    voice_words: list[str] = field(default_factory=list)
    effect_words: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)


def sound_of(words: Words) -> tuple[Sound, str]:
    """(what is heard, the words to show on screen), with what says them claimed."""
    heard = _Heard()
    on_screen = _quotes(words, heard)
    _replaced(words, heard)
    _labels(words, heard)
    for match in list(CUES.find(words)):
        if words.is_claimed(match.i) and words.is_claimed(match.j - 1):
            continue
        _cue(words, heard, match.value, match.i, match.j)
    _music_clauses(words, heard)
    _effects(words, heard)
    silent = heard.music is False and heard.speech is False
    return (
        Sound(
            music=heard.music,
            speech=heard.speech,
            lyrics=heard.lyrics,
            subtitles=bool(heard.subtitles),
            kept=heard.kept and not silent,
            music_words=_joined(heard.music_words),
            voice_words=_joined(heard.voice_words),
            effect_words=_joined(heard.effect_words),
            spoken=" ".join(heard.spoken)[:2_000],
        ),
        on_screen,
    )


def _joined(parts: list[str]) -> str:
    return ", ".join(dict.fromkeys(part for part in parts if part))[:300]


def _cue(words: Words, heard: _Heard, cue: Cue, i: int, j: int) -> None:
    if cue == "silent_look":
        # A silent forest has a sound; a silent film has none.
        if words.is_word(j) and words.at(j) not in _SILENT_THINGS:
            return
        if words.is_word(i - 1) and words.at(i - 1) in one_of("falls is goes stays sits"):
            return
        cue = "silent"
    if cue == "silent":
        heard.music, heard.speech = heard.music or False, heard.speech or False
        words.claim(i, j)
    elif cue == "no_music":
        heard.music = False
        words.claim(i, j)
    elif cue == "no_speech":
        heard.speech = False
        words.claim(i, j)
    elif cue == "only_music":
        heard.music, heard.speech = True, False
        words.claim(i, j)
    elif cue == "no_subtitles":
        heard.subtitles = False
        words.claim(i, j)
    elif cue == "subtitles":
        heard.subtitles = heard.subtitles is not False
        words.claim(_adjectives(words, i, most=2), j)
    elif cue == "kept":
        heard.kept = True
        words.claim(i, j)
    elif cue == "sound":
        heard.kept = heard.kept
        words.claim(i, j)
    elif cue == "lyrics":
        heard.lyrics, heard.music = True, True
        words.claim(i, j)
    elif cue == "music" and heard.music is None:
        _music(words, heard, i, j)
    elif cue == "speech" and heard.speech is not False:
        _speech(words, heard, i, j)


_SILENT_THINGS = one_of(
    "video film clip movie loop version please short reel gif teaser ad animation square vertical"
    " and but no 5 10 with slideshow"
)


def _music(words: Words, heard: _Heard, i: int, j: int) -> None:
    following = words.at(j)
    if following in NOT_MUSIC_AFTER or words.at(i - 1) in one_of("my our your his her"):
        return
    first = _adjectives(words, i, most=4)
    last = j
    if following in (":", "=") or words.source(j, j + 2).lower() in ("in the", "in a", "like a"):
        while last < len(words) and (last == j or words.at(last) not in CLAUSE_ENDS):
            last += 1
    if words.language in ("fr", "es", "it", "pt"):
        # The adjective follows: "musique sombre", "música andina".
        while last < j + 3 and words.is_word(last) and not words.is_claimed(last):
            if words.at(last) in STOP_LEFT | _AFTER_MUSIC or words.number(last) is not None:
                break
            last += 1
        j = last
    said = words.source(first if last == j else min(j + (following in ":="), last), last)
    heard.music = True
    plain = said.lower().strip() in _PLAIN_MUSIC
    if not plain:
        heard.music_words.append(said.strip())
    words.claim(first, last)


_AFTER_MUSIC = one_of(
    "et y e ou o pour para per en in dans sur sobre sous avec con com qui que che pendant de du d"
    " sans sin senza sem a au al est es"
)
_PLAIN_MUSIC = frozenset(
    [
        "music",
        "musik",
        "musique",
        "música",
        "musica",
        "soundtrack",
        "background music",
        "score",
        "a song",
        "hintergrundmusik",
        "the music",
        "musique de fond",
        "música de fondo",
        "музыка",
        "музыкой",
        "音楽",
        "音乐",
        "موسيقى",
        "संगीत",
    ]
)


def _speech(words: Words, heard: _Heard, i: int, j: int) -> None:
    if words.at(j) in one_of("actor recorder memo note box command assistant"):
        return
    first = _adjectives(words, i, most=4)
    last = j
    if words.at(j) in one_of("by von par por da") or words.at(j) in ("in", "auf", "en"):
        while last < len(words) and words.at(last) not in CLAUSE_ENDS | {
            "and",
            "und",
            "with",
            "et",
        }:
            last += 1
        if last - j > 8:
            last = j
    heard.speech = True
    said = words.source(first, last).strip()
    if len(said.split()) > 1 and not said.lower().startswith(("voice", "narrat", "spoken")):
        heard.voice_words.append(said)
    elif last > j:
        heard.voice_words.append(words.source(j, last))
    words.claim(first, last)


def _adjectives(words: Words, i: int, *, most: int) -> int:
    """Where the words that describe the noun at i begin."""
    first = i
    while first > 0 and i - first < most:
        before = words.at(first - 1)
        if not words.is_word(first - 1) or before in STOP_LEFT or words.is_digit(first - 1):
            break
        if words.is_claimed(first - 1) or words.number(first - 1) is not None:
            break
        first -= 1
    return first


def _replaced(words: Words, heard: _Heard) -> None:
    """Sound in place of a clip's own: "replace the background music of my video with jazz"."""
    for at in range(len(words)):
        if words.at(at) not in _REPLACES:
            continue
        named = next((k for k in range(at + 1, at + 5) if words.at(k) in _REPLACED), None)
        if named is None:
            continue
        end = next((k for k in range(named, len(words)) if words.at(k) in CLAUSE_ENDS), len(words))
        by = next((k for k in range(named, end) if words.at(k) in one_of("with by to for")), None)
        if by is None or by + 1 >= end:
            continue
        said = words.source(by + 1, end)
        if "voice" in said.lower() or words.at(named) in ("voice", "voiceover", "narration"):
            heard.speech = True
            heard.voice_words.append(said)
        elif not words.is_claimed(end - 1):
            # A claimed end is a file that the person brings.
            heard.music_words.append(said)
            heard.music = True
        else:
            heard.music = True
        words.claim(at, end)


_REPLACES = one_of("replace swap change exchange ersetze remplace reemplaza")
_REPLACED = one_of("music musik musique musica audio soundtrack song sound voice voiceover score")


def _music_clauses(words: Words, heard: _Heard) -> None:
    """Clauses that are only a kind of music: "soft piano", "with gentle guitar", "and Fado"."""
    for match in list(GENRES.find(words)):
        if words.is_claimed(match.i) or words.at(match.j) in NOT_MUSIC_AFTER:
            continue
        if heard.music is False:
            continue
        first = _adjectives(words, match.i, most=3)
        heard.music = True
        heard.music_words.append(words.source(first, match.j))
        words.claim(first, match.j)
    for match in list(INSTRUMENTS.find(words)):
        if words.is_claimed(match.i) or heard.music is False:
            continue
        if (
            match.j < len(words)
            and words.is_word(match.j)
            and (
                words.at(match.j) not in one_of("and und et y e in under throughout")
                or words.at(match.j + 1) in ("a", "an", "the")
            )
        ):
            continue
        first = _adjectives(words, match.i, most=3)
        before = words.at(first - 1)
        starts_clause = first == 0 or before in CLAUSE_ENDS
        leads = before in one_of("with mit avec con com plus and und over to")
        article = before in ("a", "an") and words.at(first - 2) in ("with", "mit", "avec", "to")
        # "a girl with a piano" shows a piano; "with soft piano" and ", piano" sound.
        if article and first == match.i:
            continue
        if starts_clause and first == 0 and match.j == len(words):
            continue
        # "and soft ukulele" at an end: no one says so of an instrument in the picture.
        soft = first < match.i and words.at(first) in _SOUNDING and not words.is_word(match.j)
        if starts_clause or article or (leads and (before != "and" or heard.music or soft)):
            heard.music = True
            heard.music_words.append(words.source(first, match.j))
            words.claim(first, match.j)


_SOUNDING = one_of("soft gentle calm upbeat quiet mellow slow happy cheerful light warm acoustic")


def _effects(words: Words, heard: _Heard) -> None:
    for clause in clauses(words):
        for match in list(EFFECTS.find(words, clause.i, clause.j)):
            # Only a clause of its own is a sound: waves in a scene are also seen.
            if clause.j - clause.i <= 4 and not words.is_claimed(match.i):
                heard.effect_words.append(words.rest(clause.i, clause.j))
                words.claim(clause.i, clause.j)
                break


def _labels(words: Words, heard: _Heard) -> None:
    """Lines such as "Voiceover: Welcome home." and "Narrator says: …"."""
    for at in range(len(words) - 1):
        if words.word[at] != ":" or words.is_claimed(at):
            continue
        said = None
        for width in (4, 3, 2, 1):
            if at - width < 0 or not (at == width or words.at(at - width - 1) in CLAUSE_ENDS):
                continue
            said = SAYING.match(words, at - width, at)
            if said and said.j == at:
                break
            said = None
        if said is None and words.at(at - 1) in _SAYS and not _label_starts(words, at - 1):
            # "make the person in my photo say: Happy birthday!"
            last = _spoken_end(words, at + 1, at - 1)
            heard.speech = True
            last += words.at(last) in ("!", "?")
            heard.spoken.append(words.source(at + 1, last).strip(" \"“”„«»'"))
            words.claim(at - 1, last, _TALKS.get(words.language, _TALKS["en"]))
            continue
        if said is None:
            continue
        last = _spoken_end(words, at + 1, said.i)
        text = words.source(at + 1, last).strip(" \"“”„«»'")
        if text and not words.is_claimed(at + 1):
            heard.speech = True
            heard.spoken.append(text)
            words.claim(said.i, last)


_SAYS = one_of("say says saying sagt sagen dit dire dice decir dicendo diz dizer")


_TALKS = {
    "en": "talks to the camera",
    "de": "spricht in die Kamera",
    "fr": "parle face à la caméra",
    "es": "habla a la cámara",
    "it": "parla verso la camera",
    "pt": "fala para a câmera",
}


def _label_starts(words: Words, at: int) -> bool:
    return at == 0 or words.at(at - 1) in CLAUSE_ENDS or words.is_claimed(at + 2)


def _spoken_end(words: Words, first: int, label: int) -> int:
    """Where spoken words end: with their quotation, with the line where the label begins one, or
    with the sentence."""
    for quote in quotes_of(words):
        if quote.i - 1 == first:
            return quote.j + 1
    by_line = "\n" in words.word and (label == 0 or words.at(label - 1) == "\n")
    ends = "\n" if by_line else ".!?\n"
    last = first
    while last < len(words) and words.at(last) not in ends and last - first < 400:
        last += 1
    return last


def _quotes(words: Words, heard: _Heard) -> str:
    on_screen: list[str] = []
    for quote in quotes_of(words):
        use = quote_use(words, quote)
        if use == "spoken" and quote.text.strip():
            heard.speech = True
            heard.spoken.append(quote.text.strip())
            if words.at(quote.i - 2) in ("saying", "says") and words.at(quote.i - 3) == "voice":
                # The voice is claimed with its cue; what it says is not seen either.
                words.claim(quote.i - 2, quote.j + 1)
        elif use == "on_screen" and quote.text.strip():
            on_screen.append(quote.text.strip())
    return " / ".join(on_screen)[:300]


def quote_use(words: Words, quote: Quote) -> QuoteUse:
    """What quoted words are for, by the words before and behind them."""
    best: QuoteUse = ""
    for back in range(2, 9):
        at = quote.i - back
        word = words.at(at)
        if not word or word in ".!?\n":
            break
        if word in ON_SCREEN:
            return "on_screen"
        if word in one_of("called named titled entitled namens genannt titre llamado"):
            return "name"
        if SAYING.match(words, at, quote.i) and not best:
            best = "spoken"
    if best:
        return best
    behind = words.at(quote.j + 1)
    if behind in one_of("says he she asks whispers narrator sagt dit dice"):
        return "spoken"
    return ""
