"""Words of a brief as texts of a template: safe to store, and never read as a binding."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_PROMPT = 2_000
LONGEST_TITLE = 120
LONGEST_NAME = 80

# Line ends stay: a narration has some. Surrogates cannot be stored as UTF-8.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_BRACES = re.compile(r"[{}|]+")


def clean(text: str, longest: int = LONGEST_PROMPT) -> str:
    """text without what cannot be stored or seen, at most `longest` characters, cut at a word."""
    text = _SPACES.sub(" ", _UNPRINTABLE.sub(" ", text)).strip()
    if len(text) <= longest:
        return text
    head, _, rest = text[:longest].rpartition(" ")
    return head if len(head) > longest // 2 else head + " " + rest if head else rest


def one_line(text: str, longest: int = LONGEST_TITLE) -> str:
    return clean(text.replace("\n", " "), longest)


def has_letters(text: str) -> bool:
    """Whether a text can be read out: emoji and figures alone cannot."""
    return any(character.isalpha() for character in text)


def literal(text: str) -> str:
    """A text as an argument: one that begins with `$` is escaped, or it would be a binding."""
    return f"${text}" if text.startswith("$") else text


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(parts: Sequence[str]) -> str:
    """Parts of a prompt as one, without empty ones and without doubled points."""
    return ", ".join(part for part in (p.strip().rstrip(".,;") for p in parts) if part)


def alternatives(texts: Sequence[str], *, around: str = "") -> str:
    """One prompt for several images: `A shop, {wide view|close-up}`, each image takes its own.

    Words that all texts begin with are before the braces. around: words of all texts, which are
    written once, between two pairs of braces, where people change them.
    """
    plain = [_SPACES.sub(" ", _BRACES.sub(" ", one_line(text, 600))).strip() for text in texts]
    around = one_line(_BRACES.sub(" ", around))
    if around and all(text.count(around) == 1 for text in plain):
        before, after = zip(*(text.split(around) for text in plain), strict=True)
        return clean(f"{_braced(before)}{around}{_braced(after)}")
    split = [text.split(" ") for text in plain]
    shared = 0
    while all(len(words) > shared + 1 for words in split) and (
        len({words[shared] for words in split}) == 1
    ):
        shared += 1
    head = " ".join(split[0][:shared])
    rest = "|".join(" ".join(words[shared:]) for words in split)
    return clean(f"{head} {{{rest}}}")


def _braced(parts: Sequence[str]) -> str:
    """Alternatives in braces; what all share as it is."""
    if len(set(parts)) == 1:
        return parts[0]
    if all(part.endswith(" ") for part in parts):
        # "Totale: eine |Nahaufnahme: eine ": the article belongs to the words behind the braces.
        split = [part.split() for part in parts]
        shared = 0
        while all(len(words) > shared + 1 for words in split) and (
            len({words[-1 - shared] for words in split}) == 1
        ):
            shared += 1
        if shared:
            heads = [" ".join(words[: len(words) - shared]) for words in split]
            return f"{{{'|'.join(heads)}}} {' '.join(split[0][-shared:])} "
    lead = " " if all(part.startswith(" ") for part in parts) else ""
    trail = " " if all(part.endswith(" ") for part in parts) else ""
    return f"{lead}{{{'|'.join(part.strip() if part.strip() else '' for part in parts)}}}{trail}"


def name_of(text: str, used: object = ()) -> str:
    """An input's or stage's name made of words: `what_it_is_about`; "" when it has no letters."""
    ascii_words = re.findall(r"[a-z0-9]+", text.lower())
    name = "_".join(ascii_words)[:40].strip("_")
    return name if name and not name[0].isdigit() else ""


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_word(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
