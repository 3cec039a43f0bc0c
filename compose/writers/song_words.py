"""The phrases of a brief that a song can be built from. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compose.writers.ideas import idea_of
from compose.writers.wording import capital, clipped, folded, tidy, uncapital, word_set, words_of

_LONGEST_PHRASE = 32
_MOST_WORDS = 4

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*['’]?|[,.;:!?()\n–—]")
_ARTICLES = word_set(
    "a an the ein eine einen der die das den un une le la les l el los las una uno il lo gli"
)
_OWNERS = word_set(
    """
    my our your his her their this these mein meine meinen unser unsere unseren sein seine seinen
    ihre ihren dein deine deinen mon ma mes notre nos ce cette mi mis nuestro nuestra este esta
    meinem meiner unserem unserer einem einer
    """
)
# Words between phrases: what comes before and after them.
_BETWEEN = (
    word_set(
        """
    of and or with for to in on at by from about into under over through like as that which who
    whom where when while because is are was were be been am has have had do does did will would
    can could should must not no but so if then than very i you he she it we they me him us them
    there here how what why just only also too all every each some more most und oder mit fur von
    vom zum zur im an auf aus bei nach uber unter durch ist sind war wird werden hat haben ich du
    er sie es wir ihr dass weil wenn wie wo wer nicht kein keine aber nur auch sehr et ou avec
    pour de des d dans sur au aux par chez est sont etait je tu il elle nous vous ils qui que
    quand comme ne pas mais tres y o con para por del al en sobre entre son era yo el ella
    nosotros cuando como donde pero muy se su sus write make create give compose sing schreib
    schreibe mach mache ecris fais escribe haz sous sans vers depuis pendant apres desde hasta
    """
    )
    - _ARTICLES
)
# Words about the song, not of it.
_ABOUT_MUSIC = word_set(
    """
    song songs lyrics music track tune melody verse chorus pop rock folk jazz rap hip-hop techno
    house ballad lo-fi lofi country blues soul metal punk reggae bpm tempo upbeat slow fast sad
    happy funny acoustic indie jingle lullaby anthem wiegenlied berceuse nana birthday-song lied
    text musik strophe refrain chanson paroles musique cancion letra musica cover image video
    seconds minutes sekunden minuten secondes segundos minor major style goodnight gute-nacht
    """
)


@dataclass(frozen=True, slots=True)
class SongWords:
    """subject: what it is about, as a phrase. hook: what is called out, a name where there is one.
    others: what else is named. All are "" or empty where the brief names nothing short.
    """

    subject: str
    hook: str
    others: tuple[str, ...]


def song_words(text: str) -> SongWords:
    """The subject, the hook and the other phrases of a brief, in its own words."""
    idea = idea_of(text)
    by_name: dict[str, str] = {}
    for phrase in (*_phrases(idea), *_phrases(text[:2_000])):
        by_name.setdefault(folded(phrase), phrase)
    phrases = [p for p in by_name.values() if folded(p) not in _OCCASIONS] or list(by_name.values())
    pair = _TWO_NAMES.search(idea)
    if pair is not None and len(pair[0]) <= _LONGEST_PHRASE:
        others = tuple(p for p in phrases[:6] if pair[1] not in p and pair[3] not in p)
        return SongWords(pair[0], pair[0], others)
    if not phrases:
        about = set(words_of(idea)) - _ARTICLES
        short = idea if len(idea) <= _LONGEST_PHRASE and not about <= _ABOUT_MUSIC else ""
        return SongWords(short, _called(short), ())
    subject = phrases[0]
    others = tuple(p for p in phrases[1:6] if folded(p) not in folded(subject))
    return SongWords(subject, _called(subject), others)


def _called(phrase: str) -> str:
    """`my dog Bruno` → `Bruno`, `the sea` → `sea`, `my dog` → `my dog`."""
    words = phrase.split()
    names = [word for word in words[1:] if word[:1].isupper()]
    is_german = folded(words[0]) in _GERMAN_ARTICLES if words else False
    if names and len(words) > 1 and not is_german:
        return " ".join(names)
    if len(words) > 1 and folded(words[0]) in _ARTICLES:
        return " ".join(words[1:])
    return phrase


# German nouns have capitals too: they are no names.
_GERMAN_ARTICLES = word_set(
    "ein eine einen der die das den mein meine meinen unser unsere dein deine"
)


def _phrases(text: str) -> list[str]:
    """Runs of words between the small ones; an article or `my` begins a new run."""
    runs: list[list[str]] = [[]]
    # Whether nothing but an article came between this run and the one before.
    touches: list[bool] = [False]
    after_pronoun = False
    for token in _TOKEN.findall(text):
        plain = folded(token)
        if plain in _BETWEEN or not token[0].isalnum() or token.isdigit():
            runs.append([])
            touches.append(False)
            after_pronoun = plain in _PRONOUNS
            continue
        if after_pronoun and plain not in _ARTICLES | _OWNERS:
            # What follows `we` is a verb.
            after_pronoun = False
            continue
        after_pronoun = False
        if plain in _ARTICLES or plain in _OWNERS:
            runs.append([token])
            touches.append(bool(runs[-2]))
        else:
            runs[-1].append(token)
    found = []
    for number, run in enumerate(runs):
        is_followed = number + 1 < len(runs) and touches[number + 1]
        words = _without_verb(run) if is_followed else run
        phrase = _phrase(words)
        if phrase:
            found.append(phrase)
    return found


def _without_verb(run: list[str]) -> list[str]:
    """`the captain loves` before `the sea` ends in a verb; `loves` alone is one."""
    has_article = bool(run) and folded(run[0]) in _ARTICLES | _OWNERS
    return run[:-1] if (has_article and len(run) > 2) or len(run) == 1 else run


def _phrase(words: list[str]) -> str:
    is_led = bool(words) and folded(words[0]) in _ARTICLES | _OWNERS
    named = words[1:] if is_led else words
    if any(folded(word).endswith(_SONGS) for word in named):
        return ""
    if not named or len(words) > _MOST_WORDS + 1 or {folded(w) for w in named} & _ABOUT_MUSIC:
        return ""
    # `leaving Lisbon` is about Lisbon.
    if not is_led and len(words) > 1 and words[0].endswith("ing") and words[0].islower():
        words = words[1:]
    words = [_NOMINATIVE.get(words[0].lower(), words[0]), *words[1:]]
    text = tidy(" ".join(words)).replace("' ", "'").replace("’ ", "’")
    # A lone small word, such as an adverb, is no subject of a song.
    if (not is_led and len(text) < 4) or len(text) > _LONGEST_PHRASE:
        return ""
    return uncapital(text)


# Compounds such as Geburtstagslied.
_SONGS = ("lied", "song", "songs", "musik", "hymne")
# When it is sung rather than what about, if anything else is named.
_OCCASIONS = word_set(
    """
    birthday cumpleanos anniversaire geburtstag wedding hochzeit boda mariage fiesta party fete
    feier
    """
)
_TWO_NAMES = re.compile(r"\b([^\W\d_a-z]\w+) (and|und|et|y) ([^\W\d_a-z]\w+)\b")
_PRONOUNS = word_set(
    """
    i you he she it we they who which that ich du er sie es wir ihr je tu il elle nous vous ils qui
    yo ella nosotros que
    """
)
# German briefs name things in the accusative: a song about `meinen Hund`.
_NOMINATIVE = {
    "meinen": "mein", "unseren": "unser", "seinen": "sein", "ihren": "ihr", "deinen": "dein",
    "einen": "ein", "den": "der", "meinem": "mein", "meiner": "meine", "unserem": "unser",
    "unserer": "unsere", "einem": "ein", "einer": "eine",
}  # fmt: skip


def title_of(words: SongWords, text: str) -> str:
    """A short title in the brief's own words."""
    hook = words.hook or clipped(idea_of(text), 40)
    other = next((one for one in words.others if len(one) + len(hook) < 34), "")
    joined = f"{hook} & {other}" if other and _is_name(hook) else hook
    return capital(clipped(tidy(joined), 60)) or "Untitled"


def _is_name(hook: str) -> bool:
    return hook[:1].isupper() and " " not in hook
