"""Several shots of one subject: what changes is how it's framed, as in the grammar of film. Pure.

No fact is invented: each text is the brief's subject with a framing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from compose.brief.clean import one_of

_OPENING, _CLOSING = 0, -1

# The first opens, the last closes, those between follow in this order.
_SHOTS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Wide establishing shot of {s}",
        "Close-up of a telling detail of {s}",
        "Medium shot of {s}, the camera moving slowly closer",
        "Low-angle shot of {s}",
        "Overhead shot of {s}",
        "Side view of {s} with soft light from behind",
        "Extreme close-up of textures of {s}",
        "Slow pan across {s}",
        "{s}, seen past a blurred foreground",
        "Tracking shot along {s}",
        "Over-the-shoulder view of {s}",
        "Closing shot of {s}, the camera pulling back",
    ),
    "de": (
        "Totale: {s}",
        "Nahaufnahme eines Details: {s}",
        "Halbnahe Einstellung, die Kamera kommt langsam näher: {s}",
        "Blick von unten: {s}",
        "Blick von oben: {s}",
        "Seitenansicht mit weichem Gegenlicht: {s}",
        "Detailaufnahme der Oberflächen: {s}",
        "Langsamer Schwenk: {s}",
        "Blick durch einen unscharfen Vordergrund: {s}",
        "Kamerafahrt: {s}",
        "Blick über die Schulter: {s}",
        "Schlussbild, die Kamera fährt zurück: {s}",
    ),
    "fr": (
        "Plan d'ensemble : {s}",
        "Gros plan sur un détail : {s}",
        "Plan moyen, la caméra s'approche lentement : {s}",
        "Contre-plongée : {s}",
        "Vue de dessus : {s}",
        "Vue de profil à contre-jour doux : {s}",
        "Très gros plan sur les matières : {s}",
        "Lent panoramique : {s}",
        "À travers un premier plan flou : {s}",
        "Travelling : {s}",
        "Par-dessus l'épaule : {s}",
        "Plan final, la caméra recule : {s}",
    ),
    "es": (
        "Plano general: {s}",
        "Primer plano de un detalle: {s}",
        "Plano medio, la cámara se acerca despacio: {s}",
        "Contrapicado: {s}",
        "Plano cenital: {s}",
        "Vista lateral con contraluz suave: {s}",
        "Plano detalle de las texturas: {s}",
        "Panorámica lenta: {s}",
        "A través de un primer término desenfocado: {s}",
        "Travelling: {s}",
        "Por encima del hombro: {s}",
        "Plano final, la cámara se aleja: {s}",
    ),
    "it": (
        "Campo lungo: {s}",
        "Primo piano di un dettaglio: {s}",
        "Piano medio, la camera si avvicina lentamente: {s}",
        "Ripresa dal basso: {s}",
        "Ripresa dall'alto: {s}",
        "Vista laterale in controluce morbido: {s}",
        "Dettaglio delle superfici: {s}",
        "Panoramica lenta: {s}",
        "Attraverso un primo piano sfocato: {s}",
        "Carrellata: {s}",
        "Da sopra la spalla: {s}",
        "Inquadratura finale, la camera si allontana: {s}",
    ),
    "pt": (
        "Plano geral: {s}",
        "Close de um detalhe: {s}",
        "Plano médio, a câmera se aproxima devagar: {s}",
        "Contra-plongée: {s}",
        "Vista de cima: {s}",
        "Vista lateral com contraluz suave: {s}",
        "Detalhe das texturas: {s}",
        "Panorâmica lenta: {s}",
        "Através de um primeiro plano desfocado: {s}",
        "Travelling: {s}",
        "Por cima do ombro: {s}",
        "Plano final, a câmera se afasta: {s}",
    ),
}
_STEPS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "everything ready, seen from above",
        "the first move, hands in close-up",
        "the work going on, medium shot",
        "a closer look at the change, side view",
        "the last move, close-up",
        "the finished result",
    ),
    "de": (
        "alles liegt bereit, von oben",
        "der erste Handgriff, Hände in Nahaufnahme",
        "die Arbeit geht weiter, Halbtotale",
        "die Veränderung aus der Nähe, von der Seite",
        "der letzte Handgriff, Nahaufnahme",
        "das fertige Ergebnis",
    ),
    "fr": (
        "tout est prêt, vu d'en haut",
        "le premier geste, mains en gros plan",
        "le travail continue, plan moyen",
        "le changement de près, de profil",
        "le dernier geste, gros plan",
        "le résultat final",
    ),
    "es": (
        "todo preparado, visto desde arriba",
        "el primer gesto, manos en primer plano",
        "el trabajo continúa, plano medio",
        "el cambio de cerca, de lado",
        "el último gesto, primer plano",
        "el resultado final",
    ),
    "it": (
        "tutto pronto, visto dall'alto",
        "il primo gesto, mani in primo piano",
        "il lavoro continua, piano medio",
        "il cambiamento da vicino, di lato",
        "l'ultimo gesto, primo piano",
        "il risultato finale",
    ),
    "pt": (
        "tudo pronto, visto de cima",
        "o primeiro gesto, mãos em close",
        "o trabalho continua, plano médio",
        "a mudança de perto, de lado",
        "o último gesto, close",
        "o resultado final",
    ),
}
_STEP_WORD = {
    "en": "step",
    "de": "Schritt",
    "fr": "étape",
    "es": "paso",
    "it": "passo",
    "pt": "passo",
}
_LOOKS = (
    "as a watercolor painting",
    "as a black and white film photograph",
    "in bold comic book lines",
    "in neon light at night",
    "as an oil painting",
    "as a paper collage",
    "as a pencil drawing",
    "as a 1970s color photograph",
    "as a clay figure",
    "in pop art colors",
    "as a woodcut",
    "in golden evening light",
)
_BEFORE_AFTER = {
    "en": ("before", "after"),
    "de": ("vorher", "nachher"),
    "fr": ("avant", "après"),
    "es": ("antes", "después"),
    "it": ("prima", "dopo"),
    "pt": ("antes", "depois"),
}
# A subject that begins like this is a sentence, so a colon goes before it.
_NO_OF = one_of(
    "how why when what where who people making as in on at with from inside while if to it there"
)


_DESIGNS = (
    "minimal, with much empty space",
    "bold shapes and strong colors",
    "hand-drawn",
    "retro, with muted colors",
    "photographic",
    "geometric line art",
    "playful, with rounded shapes",
    "elegant, on a dark background",
)
_PRINTED = one_of(
    "poster posters logo logos icon icons flyer banner sticker card invitation cover thumbnail"
    " infographic label pattern wallpaper plakat affiche cartel manifesto cartaz"
)
_MOVES = re.compile(
    r",? (?:the camera|die Kamera|la caméra|la cámara|la camera|a câmera) [^,:]*|, $", re.IGNORECASE
)
# Of `_SHOTS`: a pan and a tracking shot.
_MOVING = (7, 9)


def is_printed(subject: str) -> bool:
    """Whether a subject is a design, such as "a logo for a shop"."""
    return bool(set(subject.lower().split(" ")[:3]) & _PRINTED)


def stills_of(subject: str, count: int, language: str) -> tuple[str, ...]:
    """count images of a subject: other designs of what is printed, other framings of the rest."""
    if count == 1:
        return (subject,)
    if is_printed(subject) and language in ("", "en"):
        return tuple(f"{subject}, {_DESIGNS[at % len(_DESIGNS)]}" for at in range(count))
    shots = _SHOTS.get(language, _SHOTS["en"])
    still = [_MOVES.sub("", shot) for at, shot in enumerate(shots) if at not in _MOVING]
    return tuple(_framed(still[at % len(still)], subject) for at in range(count))


def shots_of(subject: str, count: int, language: str) -> tuple[str, ...]:
    """count texts that show a subject in different framings, an opening and a closing one among
    them; the subject alone where there is one shot."""
    if count == 1:
        return (subject,)
    shots = _SHOTS.get(language, _SHOTS["en"])
    between = shots[1:-1]
    chosen = [shots[_OPENING], *(between[at % len(between)] for at in range(count - 1))]
    if count > 2:
        chosen[-1] = shots[_CLOSING]
    return tuple(_framed(shot, subject) for shot in chosen[:count])


def steps_of(subject: str, count: int, language: str) -> tuple[str, ...]:
    """count steps of an explanation whose facts the brief doesn't give."""
    moves = _STEPS.get(language, _STEPS["en"])
    word = _STEP_WORD.get(language, "step")
    middle = moves[1:-1]
    chosen = [moves[0], *(middle[at % len(middle)] for at in range(count - 2)), moves[-1]]
    return tuple(
        f"{subject}, {word} {number}: {move}" for number, move in enumerate(chosen[:count], 1)
    )


def looks_at(subject: str, count: int) -> tuple[str, ...]:
    """count different looks of one subject."""
    return tuple(f"{subject} {_LOOKS[at % len(_LOOKS)]}" for at in range(count))


def before_and_after(subject: str, language: str) -> tuple[str, str]:
    before, after = _BEFORE_AFTER.get(language, _BEFORE_AFTER["en"])
    return f"{subject}, {before}", f"{subject}, {after}"


def varied(texts: Sequence[str], count: int, language: str) -> tuple[str, ...]:
    """count shots of fewer texts, in their order: a text that has several shots is framed
    differently in each."""
    shares = [count // len(texts) + (at < count % len(texts)) for at in range(len(texts))]
    return tuple(
        shot
        for text, share in zip(texts, shares, strict=True)
        for shot in ((text,) if share == 1 else (text, *_closer(text, share - 1, language)))
    )


def _closer(text: str, count: int, language: str) -> tuple[str, ...]:
    shots = _SHOTS.get(language, _SHOTS["en"])[1:-1]
    return tuple(_framed(shots[at % len(shots)], text) for at in range(count))


def _framed(shot: str, subject: str) -> str:
    first = subject.split(" ", 1)[0].lower()
    if shot.startswith("{s}"):
        return shot.replace("{s}", subject[:1].upper() + subject[1:])
    if " of {s}" in shot and (first in _NO_OF or first.endswith("ing") or "." in subject[:-1]):
        return shot.split(" of {s}", 1)[0] + ": " + subject
    first_word = subject.split(" ", 1)[0]
    if subject[:1].isupper() and first_word.lower() in one_of(
        "a an the my our two three ein eine une un una der die das le la"
    ):
        subject = subject[:1].lower() + subject[1:]
    # replace, not format: the subject's own braces stay as they are.
    return shot.replace("{s}", subject)
