"""What the person decides and what it may cost. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from compose.brief.brief import Choice
from compose.brief.clauses import CLAUSE_ENDS
from compose.brief.clean import one_of
from compose.brief.words import Phrases, Words

AskBefore = Literal["last", "first", "each", "film"]

_CHOOSES: Phrases[bool] = Phrases(
    en={
        True: "let me choose, let me pick, let me select, i choose, i pick, i'll choose, i'll"
        " pick, i will choose, i will pick, i want to choose, i want to pick, so i can"
        " choose, so i can pick, i can choose, i can pick, let us choose, let us pick, we"
        " choose, we pick, we'll pick, and i choose, let me decide, i'd like to choose,"
        " i'd like to pick, i get to choose, i get to pick, ask me which, for me to"
        " choose, for me to pick, user picks, user chooses, client picks, let the client"
        " choose, client can choose, customer can choose, let my client pick, to choose"
        " from, to pick from, choose the best, pick the best, choose my favorite, pick my"
        " favorite, pick my favourite, let me chose, i select, i can select, lemme pick,"
        " lemme choose"
    },
    de={
        True: "ich wahle, ich wahle aus, lass mich wahlen, lass mich auswahlen, ich suche aus,"
        " zur auswahl, ich mochte wahlen, ich mochte auswahlen, lass mich aussuchen,"
        " auswahlen lassen"
    },
    fr={True: "laisse moi choisir, laissez moi choisir, je choisis, au choix, je veux choisir"},
    es={True: "dejame elegir, dejame escoger, yo elijo, a elegir, quiero elegir"},
    it={True: "fammi scegliere, lasciami scegliere, scelgo io, a scelta, voglio scegliere"},
    pt={
        True: "deixa me escolher, deixe me escolher, eu escolho, a escolha, quero escolher, deixa"
        " eu escolher"
    },
)
_OPTIONS: Phrases[bool] = Phrases(
    en={
        True: "options, variations, versions, variants, candidates, alternatives, looks,"
        " proposals, choices, different looks, ideas, designs, takes, drafts, poses,"
        " images, pictures, logos, covers, styles"
    },
    de={True: "varianten, versionen, vorschlage, optionen, entwurfe, bilder, looks"},
    fr={True: "variantes, versions, propositions, options, images"},
    es={True: "variantes, versiones, opciones, propuestas, imagenes"},
    it={True: "varianti, versioni, opzioni, proposte, immagini"},
    pt={True: "variantes, versoes, opcoes, propostas, imagens"},
)
_ASKS: Phrases[bool] = Phrases(
    en={
        True: "ask me before, approve with me, ask me first, ask before, ask me, approve before,"
        " let me approve, i approve, i want to approve, wait for my ok, wait for my okay,"
        " wait for my approval, stop before, pause before, check with me before, check"
        " with me, checkpoint before, confirm with me before, let me check, let me see,"
        " show me, i want to see, i'd like to see, need my approval, need approval"
        " before, needs my approval, after my approval, once i approve, with my approval,"
        " wait for me before, let me confirm, get my ok, get my okay, get my approval,"
        " approval before, approve each, approve every, to approve, before you go on, run"
        " it by me, sign off, let me review, i review, review before, checkpoint, ask for"
        " approval"
    },
    de={
        True: "frag mich vor, frage mich vor, frag mich, frage mich, warte auf mein ok, zeig mir,"
        " freigabe vor, ich mochte freigeben, ich gebe frei, vorher zeigen"
    },
    fr={
        True: "demande moi avant, demandez moi avant, demande moi, je valide, validation avant,"
        " montre moi"
    },
    es={True: "preguntame antes, preguntame, apruebo antes, quiero aprobar, muestrame"},
    it={True: "chiedimi prima, chiedimi, approvo prima, voglio approvare, mostrami"},
    pt={
        True: "me pergunte antes, pergunta me antes, me pergunta, quero aprovar, mostra me, me"
        " mostre"
    },
)
_WEAK_ASKS = frozenset(
    {
        "show me",
        "let me see",
        "i want to see",
        "i'd like to see",
        "ask me",
        "checkpoint",
        "zeig mir",
        "montre moi",
        "muestrame",
        "mostrami",
        "me mostre",
        "let me check",
        "i d like to see",
        "mostra me",
        "to approve",
        "sign off",
    }
)
_WHAT: Phrases[AskBefore] = Phrases(
    en={
        "last": "last, final, ending, end",
        "first": "first scene, first shot, starting, you start",
        "each": "each, every, next, any, continuing, go on",
        "film": "film, video, animate, animating, animation, animated, join, joining, joined,"
        " stitch, stitching, moving, movie, making, rendering, render, money, images,"
        " pictures, stills, frames, storyboard, anything is animated, music, before it"
        " is, they move",
    },
    de={
        "last": "letzten, letzte, ende",
        "each": "jeder, jedem, jedes",
        "film": "film, animieren, bilder, video",
    },
    fr={"last": "dernier, derniere", "each": "chaque", "film": "film, animer, images, video"},
    es={"last": "ultimo, ultima", "each": "cada", "film": "animar, imagenes, video"},
    it={"last": "ultimo, ultima", "each": "ogni", "film": "film, animare, immagini, video"},
    pt={"last": "ultimo, ultima", "each": "cada", "film": "filme, animar, imagens, video"},
)
_BUDGETS: Phrases[bool] = Phrases(
    en={True: "# credits, # credit, # credit max, # cr, # units, # capacity units"},
    de={True: "# credits, # punkte, # guthaben"},
    fr={True: "# credits"},
    es={True: "# creditos"},
    it={True: "# crediti"},
    pt={True: "# creditos"},
)
_BUDGET_LABELS = one_of("budget credits budgets presupuesto orcamento")
_CHEAP: Phrases[bool] = Phrases(
    en={
        True: "cheap, cheaply, as cheap as possible, low budget, low-budget, inexpensive, low"
        " cost, tight budget, keep it cheap, save credits, as few credits as possible,"
        " don't spend much, affordable, on a budget, budget friendly, small budget,"
        " minimal cost, cheapest, lowest cost, keep the cost low, low-cost"
    },
    de={
        True: "gunstig, billig, moglichst gunstig, so gunstig wie moglich, kostengunstig, preiswert"
    },
    fr={True: "pas cher, bon marche, economique, le moins cher possible"},
    es={True: "barato, economico, lo mas barato posible, bajo presupuesto"},
    it={True: "economico, a basso costo, spendendo poco"},
    pt={True: "barato, economico, o mais barato possivel, baixo custo"},
)
_CHEAP_THINGS = one_of("hotel flights motel wine car suit perfume eats food tickets store jewelry")
_LEADS = one_of(
    "at most max maximum up to under below less than no more not over budget of is my our the a"
    " only spend cost costs for within use using stay keep it limit hochstens maximal bis"
    " unter moins de pas plus que como maximo menos al massimo meno di costing total"
)
USUAL_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Wishes:
    choice: Choice | None = None
    ask_before: tuple[AskBefore, ...] = ()
    asked_scene: int | None = None
    max_units: float | None = None
    is_cheap: bool = False


def wishes_of(words: Words) -> Wishes:
    """Choices, checkpoints and the budget, with what says them claimed."""
    max_units, cheap = _budget(words)
    choice = _choice(words)
    ask, scene = _asks(words)
    return Wishes(choice, ask, scene, max_units, cheap)


def _budget(words: Words) -> tuple[float | None, bool]:
    units: float | None = None
    for match in list(_BUDGETS.find(words)):
        number = words.number(match.i)
        i, j = match.i, match.j
        while words.at(i - 1) in _LEADS or words.at(i - 1) in (":", "<", "≤"):
            i -= 1
        while words.at(j) in one_of("max maximum at most or less tops in total budget please"):
            j += 1
        if number and units is None:
            units = number
        words.claim(i, j)
    if units is None:
        for at, word in enumerate(words.word):
            if word not in _BUDGET_LABELS:
                continue
            j = at + 1
            while words.at(j) in one_of(": of is max = von de di maximum about"):
                j += 1
            if words.is_digit(j) and words.at(j + 1) not in one_of(
                "$ € dollars euros £ eur usd euro"
            ):
                units = words.number(j)
                words.claim(at, j + 1)
                break
    cheap = False
    for match in list(_CHEAP.find(words)):
        if words.at(match.j) in _CHEAP_THINGS or words.at(match.i - 1) in ("a", "the", "of"):
            continue
        cheap = True
        i = match.i
        while words.at(i - 1) in one_of("keep it make please and as very"):
            i -= 1
        words.claim(i, match.j)
    return units, cheap


def _choice(words: Words) -> Choice | None:
    for match in _CHOOSES.find(words):
        pick = candidates = None
        for at in range(match.j, min(match.j + 5, len(words))):
            if words.at(at) in CLAUSE_ENDS:
                break
            number = words.number(at)
            if number is not None and words.at(at - 1) not in ("of", "from"):
                pick = int(number)
                break
        for option in _OPTIONS.find(words, max(0, match.i - 25), min(len(words), match.j + 12)):
            for back in range(1, 4):
                number = words.number(option.i - back)
                if number is not None:
                    candidates = int(number)
                    break
            if candidates:
                break
        for at in range(match.j, min(match.j + 6, len(words))):
            if (
                words.at(at) in ("of", "from", "between", "out")
                and words.number(at + 1) is not None
            ):
                candidates = int(words.number(at + 1) or 0)
        i = match.i
        while words.at(i - 1) in one_of("and then so that please , und et"):
            i -= 1
        j = match.j
        while (
            j < len(words)
            and words.at(j) not in CLAUSE_ENDS
            and words.at(j) not in one_of("for and then before to with")
        ):
            j += 1
        # "for a film" behind the choice says what it is for.
        if words.at(j) == "for" and words.at(j + 2) in one_of("film video slideshow clip movie"):
            while j < len(words) and words.at(j) not in CLAUSE_ENDS:
                j += 1
        words.claim(i, j)
        candidates = min(max(candidates or USUAL_CANDIDATES, 2), 12)
        return Choice(candidates, min(max(pick or 1, 1), candidates - 1))
    return None


def _asks(words: Words) -> tuple[tuple[AskBefore, ...], int | None]:
    found: list[AskBefore] = []
    scene: int | None = None
    for match in list(_ASKS.find(words)):
        if words.is_claimed(match.i):
            continue
        said = " ".join(words.word[match.i : match.j])
        j = match.j
        while j < len(words) and words.at(j) not in CLAUSE_ENDS and j - match.i < 20:
            j += 1
        behind = range(match.j, j)
        says_before = any(
            words.at(at)
            in one_of(
                "before first vor avant antes prima bevor ok approval until after zuerst d'abord"
            )
            for at in behind
        )
        if said in _WEAK_ASKS and not says_before:
            continue
        what: AskBefore = "film"
        matches = list(_WHAT.find(words, match.i, j))
        for at in range(match.i, j - 1):
            if words.at(at) in one_of("scene shot step szene plan escena scena cena part"):
                number = words.number(at + 1)
                scene = int(number) if number is not None and 1 <= number <= 12 else scene
        kinds = {one.value for one in matches}
        for kind in ("last", "each", "first", "film"):
            if kind in kinds:
                what = kind
                break
        if scene is None or what in ("last",):
            found.append(what)
        i = match.i
        while words.at(i - 1) in one_of("and but please then should i you"):
            i -= 1
        words.claim(i, j)
    return tuple(dict.fromkeys(found)), scene
