"""Number words of six languages, as phrases of folded words. Pure data and what builds it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product

from compose.brief.clean import one_of

_LISTS: Mapping[str, tuple[str, str]] = {
    # From 1 to 19 (20 where the tens join differently), then the tens from 20.
    "en": (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        " sixteen seventeen eighteen nineteen",
        "twenty thirty forty fifty sixty seventy eighty ninety",
    ),
    "de": (
        "ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn"
        " sechzehn siebzehn achtzehn neunzehn",
        "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
    ),
    "fr": (
        "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
        " dix-sept dix-huit dix-neuf",
        "vingt trente quarante cinquante soixante",
    ),
    "es": (
        "un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
        " dieciseis diecisiete dieciocho diecinueve",
        "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    ),
    "it": (
        "un due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici"
        " quindici sedici diciassette diciotto diciannove",
        "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    ),
    "pt": (
        "um dois tres quatro cinco seis sete oito nove dez onze doze treze quatorze quinze"
        " dezesseis dezessete dezoito dezenove",
        "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    ),
}
_JOINS = {"en": "{t} {u}", "de": "{u}und{t}", "fr": "{t} {u}", "es": "{t} y {u}", "pt": "{t} e {u}"}

# Amounts that are no number words; `couple` and `few` are what people mean by them.
_AMOUNTS: Mapping[str, Mapping[str, float]] = {
    "en": {
        "a dozen": 12,
        "dozen": 12,
        "half a dozen": 6,
        "two dozen": 24,
        "a couple of": 2,
        "a couple": 2,
        "couple of": 2,
        "a pair of": 2,
        "a handful of": 5,
        "a few": 3,
        "few": 3,
        "several": 4,
        "both": 2,
        "single": 1,
        "a hundred": 100,
        "one hundred": 100,
        "hundred": 100,
        "a hundred and twenty": 120,
    },
    "de": {
        "eine": 1,
        "einen": 1,
        "einer": 1,
        "eins": 1,
        "zwo": 2,
        "paar": 3,
        "ein paar": 3,
        "ein dutzend": 12,
        "hundert": 100,
        "beide": 2,
        "beiden": 2,
        "einige": 3,
    },
    "fr": {
        "une": 1,
        "quelques": 3,
        "une douzaine de": 12,
        "une dizaine de": 10,
        "cent": 100,
        "soixante dix": 70,
        "quatre vingts": 80,
        "quatre vingt dix": 90,
        "vingt et un": 21,
    },
    "es": {
        "una": 1,
        "uno": 1,
        "unos": 3,
        "unas": 3,
        "algunas": 3,
        "media docena de": 6,
        "una docena de": 12,
        "cien": 100,
        "veintiuno": 21,
        "veinticuatro": 24,
        "veinticinco": 25,
        "ambos": 2,
        "ambas": 2,
    },
    "it": {
        "una": 1,
        "uno": 1,
        "alcune": 3,
        "alcuni": 3,
        "un paio di": 2,
        "una dozzina di": 12,
        "una decina di": 10,
        "cento": 100,
        "ventiquattro": 24,
        "venticinque": 25,
        "trentacinque": 35,
        "quarantacinque": 45,
    },
    "pt": {
        "uma": 1,
        "duas": 2,
        "alguns": 3,
        "algumas": 3,
        "uma duzia de": 12,
        "cem": 100,
        "catorze": 14,
        "dezasseis": 16,
        "dezassete": 17,
        "dezanove": 19,
        "ambos": 2,
        "ambas": 2,
    },
}
# An article in one language and a number in the same: read as a number only before a counted noun.
ARTICLES = one_of("ein eine einen einer un une una uno um uma one")


@cache
def number_phrases(language: str) -> Mapping[str, Mapping[tuple[str, ...], float]]:
    """First word → phrases with their values: English and one more language's.

    The language decides since words collide: "once" is eleven in Spanish, "sei" six in Italian.
    """
    phrases: dict[str, dict[tuple[str, ...], float]] = {}
    for code in dict.fromkeys(("en", language)):
        for phrase, value in _phrases(code).items():
            words = tuple(phrase.replace("-", " ").split())
            phrases.setdefault(words[0], {})[words] = value
    return phrases


def _phrases(code: str) -> dict[str, float]:
    if code not in _LISTS:
        return {}
    small, tens = (words.split() for words in _LISTS[code])
    found: dict[str, float] = {word: number for number, word in enumerate(small, 1)}
    found |= {word: number * 10 for number, word in enumerate(tens, 2)}
    if join := _JOINS.get(code):
        units = list(enumerate(small[:9], 1))
        for (ten, tens_word), (unit, unit_word) in product(enumerate(tens, 2), units):
            found[join.format(t=tens_word, u=unit_word)] = ten * 10 + unit
    return {**found, **_AMOUNTS[code]}
