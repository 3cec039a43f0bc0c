"""How long a brief says the result and its shots are, in seconds. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from compose.brief.clean import one_of
from compose.brief.words import Match, Phrases, Words

Unit = Literal["s", "min"]

_UNITS: Phrases[Unit] = Phrases(
    any={
        "s": "s, sec, secs, seconds, second, 秒, 초, сек, секунд, секунды, секунда, секундный,"
        " секундное, ثانية, ثوان, ثواني, सेकंड, सेकेंड, שניות, วินาที, δευτερολεπτα",
        "min": "min, mins, 分, 分钟, минут, минута, минуты, دقيقة, دقائق, मिनट, 분",
    },
    en={
        "s": "secon, seconde, secods, secnds, secounds, seconed, secs long, sekonds, seconds',"
        " seconds long, second long",
        "min": "minute, minutes, m, minuets, minutes long, minute long",
    },
    de={
        "s": "sekunde, sekunden, sek, sekundiges, sekundiger, sekundige, sekundigen",
        "min": "minute, minuten, minutig, minutiges, minutiger, minutige",
    },
    fr={"s": "seconde, secondes", "min": "minute, minutes"},
    es={"s": "segundo, segundos, seg", "min": "minuto, minutos"},
    it={"s": "secondo, secondi", "min": "minuto, minuti"},
    pt={"s": "segundo, segundos", "min": "minuto, minutos"},
)
_HALVES: Phrases[float] = Phrases(
    en={
        30: "half a minute, half minute, a half minute, half-a-minute, half a min",
        60: "a minute, one minute, a full minute, minute-long, a minute long, minute long",
        90: "a minute and a half, one and a half minutes, one and a half minute, a minute thirty,"
        " minute and a half",
        120: "a couple of minutes",
        15: "quarter of a minute, a quarter of a minute, quarter minute, a quarter minute",
        45: "three quarters of a minute",
    },
    de={
        30: "halbe minute, eine halbe minute, halben minute",
        90: "anderthalb minuten",
        15: "viertelminute",
        60: "eine minute, einer minute",
    },
    fr={
        30: "demi minute, une demi minute, trentaine de secondes",
        60: "une minute, d'une minute",
        90: "une minute et demie",
        20: "vingtaine de secondes",
        10: "dizaine de secondes",
        15: "quinzaine de secondes",
    },
    es={30: "medio minuto", 60: "un minuto", 90: "un minuto y medio, minuto y medio"},
    it={30: "mezzo minuto", 60: "un minuto", 90: "un minuto e mezzo", 10: "decina di secondi"},
    pt={30: "meio minuto", 60: "um minuto", 90: "um minuto e meio"},
)
_EACH: Phrases[bool] = Phrases(
    en={
        True: "each, per shot, per scene, per clip, per image, per slide, per photo, per picture,"
        " a shot, a scene, a piece, a clip, a slide, a photo, every shot, each shot, each"
        " scene, apiece, per frame, per step, per item, for each, each one, a picture, an"
        " image"
    },
    de={True: "je, jeweils, pro szene, pro einstellung, pro bild, je szene, je bild, pro foto"},
    fr={True: "chacun, chacune, par plan, par scene, par image, par photo, chaque plan"},
    es={True: "cada uno, cada una, por escena, por plano, por toma, por foto, cada escena"},
    it={True: "ciascuno, ciascuna, per scena, per inquadratura, l'una, ognuna, per foto"},
    pt={True: "cada um, cada uma, cada, por cena, por plano, por foto"},
)
_EACH_BEFORE = one_of("each every jeweils je chaque cada ciascuna per")
# "at second 4", "from 0:10", "the first 5 seconds": a position in a clip, no length of the result.
_POSITION_BEFORE = one_of(
    "at after from between until till before first last final opening closing every nach ab von"
    " bis ersten letzten apres premieres dernieres primeros ultimos primi ultimi para"
    " erste letzte zwischen entre depuis desde hasta dalle dal around"
)
_SKIPPED_BEFORE = one_of("the about around roughly approx ca circa die den les los of")
_WORDS_AROUND: Phrases[bool] = Phrases(
    en={
        True: "a total of, in total, total, altogether, overall, all in all, long, in length,"
        " max, at most, maximum, no longer than, no more than, not longer than, up to,"
        " under, less than, about, around, roughly, approx, approximately, exactly,"
        " length, duration, running time, runtime, should be, lasting, lasts, ca, circa,"
        " or so, or less, tops, within, just under"
    },
    de={
        True: "lang, insgesamt, etwa, ungefahr, circa, ca, hochstens, maximal, dauer, lange,"
        " knapp, rund"
    },
    fr={True: "environ, au total, maximum, duree, dure, d'environ, de long"},
    es={True: "en total, unos, aproximadamente, maximo, duracion, de duracion, dura, como maximo"},
    it={True: "in totale, circa, massimo, durata, al massimo, lungo, di durata"},
    pt={True: "no total, cerca de, aproximadamente, maximo, duracao, de duracao, no maximo"},
)
LONGEST_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Lengths:
    """seconds: of the whole, each: of one shot. spans: stretches of a clip, as (start, end).

    said: lengths that aren't of one shot or a stretch, as (position of the words, seconds).
    """

    seconds: float | None = None
    each: float | None = None
    first: float | None = None
    last: float | None = None
    spans: tuple[tuple[float, float], ...] = ()
    said: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Time:
    i: int
    j: int
    seconds: float
    is_clock: bool = False


def lengths_of(words: Words) -> Lengths:
    """Lengths, with what says them claimed. A range such as "15-20 seconds" is its middle."""
    spans = _spans(words)
    wholes: list[tuple[int, float]] = []
    each = first = last = None
    for time in _times(words):
        before = words.at(_last_before(words, time.i))
        if each_of := _is_each(words, time):
            each = time.seconds or None
            words.claim(*each_of)
        elif before in one_of("first opening ersten premieres primeros"):
            first = time.seconds
        elif before in one_of("last final closing letzten dernieres ultimos"):
            last = time.seconds
        elif before not in _POSITION_BEFORE and (not time.is_clock or _is_length(words, time)):
            wholes.append((time.i, time.seconds))
            _claim_around(words, time)
    # A length of nothing is none.
    wholes = [(at, seconds) for at, seconds in wholes if seconds > 0]
    return Lengths(
        seconds=wholes[0][1] if wholes else None,
        each=each,
        first=first,
        last=last,
        spans=tuple(spans),
        said=tuple(wholes),
    )


def _times(words: Words) -> list[_Time]:
    found: list[_Time] = []
    at = 0
    while at < len(words):
        time = None if words.is_claimed(at) else _time_at(words, at)
        if time is None:
            at += 1
            continue
        if 0 < time.seconds <= LONGEST_S or (time.seconds == 0 and words.is_digit(at)):
            found.append(time)
        at = time.j
    return found


def _time_at(words: Words, at: int) -> _Time | None:
    if half := _HALVES.match(words, at):
        return _Time(half.i, half.j, half.value)
    if words.at(at) in one_of("second sec seconds sekunde seconde segundo") and (
        words.is_digit(at + 1)
        and words.at(at - 1) in _POSITION_BEFORE | {"and", "to", "und", "the"}
    ):
        return _Time(at, at + 2, words.number(at + 1) or 0.0)
    number = words.number(at)
    if number is None:
        return None
    if clock := _clock(words, at):
        return clock
    j, value = at + 1, number
    if words.at(j) in ("and",) and words.at(j + 1) == "a" and words.at(j + 2) == "half":
        j, value = j + 3, value + 0.5
    elif words.number(j) is not None and "-" in words.between(at).replace("–", "-"):
        # "15-20 seconds"; a fall such as "20-15" is no range.
        value = (number + (words.number(j) or 0)) / 2
        j += 1
    elif words.at(j) in one_of("to or bis a ou oder o – -") and (
        words.number(j + 1) is not None and _UNITS.match(words, j + 2) if j + 2 < len(words) else 0
    ):
        value = (number + (words.number(j + 1) or 0)) / 2
        j += 2
    unit = _unit(words, j)
    if unit is None:
        return None
    seconds = value * (60 if unit.value == "min" else 1)
    j = unit.j
    if unit.value == "min":
        also = j + 1 if words.at(j) in one_of("and und et y e") else j
        rest = words.number(also)
        if rest is not None and rest < 60:
            tail = _unit(words, also + 1)
            if tail and tail.value == "s":
                return _Time(at, tail.j, seconds + rest)
            if also == j and words.is_digit(also) and not words.between(also - 1):
                return _Time(at, also + 1, seconds + rest)
    return _Time(at, j, seconds)


def _unit(words: Words, at: int) -> Match[Unit] | None:
    if at >= len(words):
        return None
    unit = _UNITS.match(words, at)
    # "3 m" and "5 s" are units only right behind digits.
    if unit and words.at(at) in ("m", "s") and not words.is_digit(at - 1):
        return None
    return unit


def _clock(words: Words, at: int) -> _Time | None:
    """1:30, 0:05, 00:01:30."""
    if not (words.is_digit(at) and words.at(at + 1) == ":" and words.is_digit(at + 2)):
        return None
    if words.between(at) or words.between(at + 1):
        return None
    digits = words.source(at + 2, at + 3)
    minutes, seconds = words.number(at), words.number(at + 2)
    if len(digits) != 2 or minutes is None or seconds is None or seconds >= 60:
        return None
    # 9:16 and 16:10 are formats; the same digits with a word of length are not looked for.
    if (words.source(at, at + 1), digits) in (("9", "16"), ("16", "10"), ("9", "18"), ("9", "19")):
        return None
    j = at + 3
    if words.at(j) == ":" and words.is_digit(j + 1) and not words.between(at + 2):
        return _Time(at, j + 2, minutes * 3600 + seconds * 60 + (words.number(j + 1) or 0), True)
    if words.at(j) in ("min", "minutes", "mins", "minute"):
        j += 1
    return _Time(at, j, minutes * 60 + seconds, True)


def _is_length(words: Words, time: _Time) -> bool:
    """Whether a clock time such as 1:30 says how long, not when."""
    before = words.at(time.i - 1)
    return before not in (":", "@") or words.at(time.i - 2) in ("length", "duration", "runtime")


def _spans(words: Words) -> list[tuple[float, float]]:
    """Stretches such as "from 0:10 to 0:20", "between second 2 and 4", "0:00-0:05"; claimed."""
    found: list[tuple[float, float]] = []
    at = 0
    while at < len(words):
        span = _span_at(words, at)
        if span is None:
            at += 1
            continue
        start, end, j = span
        found.append((start, end))
        words.claim(at, j)
        at = j
    return found


_FROM = one_of(
    "from between von zwischen entre de desde dal dalle del seconds second sec sekunde seconde"
    " segundo"
)
_TO = one_of("to and until till bis und et y e a al through - – — the")


def _span_at(words: Words, at: int) -> tuple[float, float, int] | None:
    says_from = words.at(at) in _FROM
    k = at + 1 if says_from else at
    while words.at(k) in one_of("second seconds sec sekunde seconde segundo the secondo"):
        k += 1
    if not words.is_digit(k):
        return None
    start, k, start_is_time = _moment(words, k)
    touching = "-" in words.between(k - 1) or "–" in words.between(k - 1)
    joined = words.at(k) in _TO and words.at(k) != "the"
    if not joined and not touching:
        return None
    if joined:
        k += 1
    while words.at(k) in one_of("second seconds sec sekunde seconde segundo the secondo"):
        k += 1
    if not words.is_digit(k):
        return None
    end, k, end_is_time = _moment(words, k)
    unit_before = any(
        words.at(x) in one_of("second seconds sec sekunde seconde segundo secondo")
        for x in range(at, k)
    )
    # "15-20 seconds" is a length; "from 15 to 20 seconds" and "0:15-0:20" are a stretch.
    is_clock = start_is_time == 2 and end_is_time == 2
    # Before a line: "0-3s: the logo".
    is_clock = is_clock or (touching and end_is_time == 1 and words.at(at - 1) in ("", "\n"))
    if end <= start or not (
        is_clock or (says_from and (start_is_time or end_is_time or unit_before))
    ):
        return None
    return start, end, k


def _moment(words: Words, at: int) -> tuple[float, int, int]:
    """(seconds, behind, 2 for a clock time, 1 for a number with a unit, 0 for a bare number)."""
    if clock := _clock(words, at):
        return clock.seconds, clock.j, 2
    value = words.number(at) or 0.0
    unit = _unit(words, at + 1)
    if unit is None:
        return value, at + 1, 0
    return value * (60 if unit.value == "min" else 1), unit.j, 1


def _is_each(words: Words, time: _Time) -> tuple[int, int] | None:
    """The span that says that a length is of one shot."""
    behind = time.j + (words.at(time.j) == "long")
    if behind < len(words) and (each := _EACH.match(words, behind)):
        return time.i, each.j
    # "each 4 seconds", "each one 4 seconds", "each shot is 4 seconds".
    for back in range(1, 7):
        word = words.at(time.i - back)
        if word in _EACH_BEFORE:
            return time.i - back, time.j
        if not word or not words.is_word(time.i - back) or word in _POSITION_BEFORE:
            return None
    return None


def _last_before(words: Words, at: int) -> int:
    at -= 1
    while words.at(at) in _SKIPPED_BEFORE and at > 0:
        at -= 1
    return at


def _claim_around(words: Words, time: _Time) -> None:
    i, j = time.i, time.j
    for _ in range(3):
        grown = next(
            (
                k
                for k in range(max(0, i - 4), i)
                if (match := _WORDS_AROUND.match(words, k, i)) and match.j == i
            ),
            None,
        )
        if grown is not None:
            i = grown
        if j < len(words) and (match := _WORDS_AROUND.match(words, j)):
            j = match.j
        if words.at(i - 1) == ":" and words.at(i - 2) in ("length", "duration", "dauer", "runtime"):
            i -= 1
    words.claim(i, j)
