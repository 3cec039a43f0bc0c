"""Which tool a person's words ask for, by rules. Pure; time is linear in the text.

English, and the basic words of German, French, Spanish, Italian and Portuguese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from compose.model.json_text import is_storable, strict_decoder

# What follows a brace may be read to the end of the text each time.
MOST_OBJECTS = 20

_QUESTION = re.compile(
    r"\W*(what|why|who|when|where|which|how|is|are|does|do|did|was|wer|wie|warum|wieso|wo|wann|ist"
    r"|qui|que|quoi|comment|pourquoi|est ce|qu|quien|como|cuando|donde|por que|che|cosa|chi|come"
    r"|perche|quem|quando|onde|o que)\b[^\n]*\?\s*$"
)
_WISH = re.compile(r"\b(can|could|would|will) you\b|\b(konntest|kannst) du\b|\bpou?vez vous\b")
_MAKE = re.compile(
    r"\b(make|create|generate|draw|paint|render|produce|design|illustrate|compose|write|draft|plan"
    r"|build|record|sing|turn|edit|change|improve|enhance|rewrite|animate|restore|upscale|remove"
    r"|cut|give me|show me|i want|i need|i would like|i d like|save|say|read|narrate"
    r"|mach|mache|erstell\w*|erzeug\w*|generier\w*|zeichne\w*|male|mal|schreib\w*|entwirf|entwerfe"
    r"|plane|komponier\w*|ich (will|mochte|brauche)|sprich|animier\w*"
    r"|fais|faites|creez?|cree|genere\w*|dessine\w*|peins|ecris|ecrivez|compose\w*|je veux"
    r"|haz|crea|genera|dibuja|pinta|escribe|compon|quiero|fai|disegna|dipingi|scrivi|componi|voglio"
    r"|faca|faz|crie|gere|desenhe|pinte|escreva|componha|quero)\b"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """tool: the name. words: what is looked for. with_image: only where an image was sent.
    is_optional: later rules do nearly as well."""

    tool: str
    words: re.Pattern[str]
    with_image: bool = False
    is_optional: bool = False


def _rule(tool: str, words: str, *, with_image: bool = False, is_optional: bool = False) -> _Rule:
    return _Rule(tool, re.compile(rf"\b(?:{words})\b"), with_image, is_optional)


# The first that fits counts: what names a document before what names media.
_RULES = (
    _rule(
        "compose_workflow_template",
        r"templates?|recipes?|reusable|re usable|vorlagen?|wiederverwendbar\w*|rezept|modele"
        r"|reutilisable|gabarit|plantillas?|reutilizable|receta|modello|riutilizzabile|ricetta"
        r"|reutilizavel|receita|save (this|it|that|my)",
    ),
    _rule(
        "compose_workflow",
        r"plan|storyboards?|story boards?|multi ?shots?|workflows?|shot list|ablauf\w*|plane"
        r"|planifie\w*|planifica\w*|pianifica\w*|planeje|planeja",
    ),
    _rule(
        "compose_workflow",
        r"(\d+|two|three|four|five|six|several|zwei|drei|vier|funf|deux|trois|quatre|dos|tres|cuatro"
        r"|due|tre|quattro|duas|quatro) (\w+ )?(shots?|scenes?|einstellungen|szenen|plans|escenas"
        r"|planos|scene|inquadrature|cenas)",
        is_optional=True,
    ),
    _rule(
        "enhance_prompt",
        r"(generate|write|create|make|suggest|give me|enhance"
        r"|improve|expand|rewrite|better|polish|verbesser\w*|ameliore\w*|mejora\w*"
        r"|migliora\w*|melhor\w*)\b[^.\n]{0,40}\bprompt",
    ),
    _rule("compose_lyrics", r"lyrics?|liedtext\w*|songtext\w*|paroles|letra|letras|testo della"),
    _rule(
        "compose_script",
        r"scripts?|screenplays?|drehbuch\w*|skript|scenario|guion|sceneggiatura|copione|roteiro",
    ),
    _rule("compose_instrumental", r"instrumental\w*|chord progression|strumentale|arrangement"),
    _rule(
        "remove_background",
        r"(remove|cut out|entfern\w*|freistell\w*|supprime\w*|elimina\w*|rimuovi|remova)"
        r"\b[^.\n]{0,30}"
        r"\b(background|hintergrund|fond|fondo|sfondo|fundo)",
        with_image=True,
    ),
    _rule(
        "upscale_image",
        r"upscale|enlarge|higher resolution|vergrosser\w*|agrandis\w*|amplia\w*|ingrandisci",
        with_image=True,
    ),
    _rule(
        "restore_photo",
        r"restore|repair|restaurier\w*|restaure\w*|restaura\w*|ripristina",
        with_image=True,
    ),
    _rule(
        "animate_photo",
        r"animate|animation|bring to life|videos?|clips?|films?|movie|animier\w*|anime|anima"
        r"|filmato|filme",
        with_image=True,
    ),
    _rule(
        "generate_speech",
        r"speech|voice ?over|narration|narrate|read (this|it) (aloud|out)|speak|say|sprachausgabe"
        r"|sprich|vorlesen|voix off|voz en off|locucion|voce narrante|narracao",
    ),
    _rule("generate_video", r"videos?|clips?|films?|movies?|animations?|filmchen|filmato|filme"),
    _rule(
        "generate_music",
        r"music|songs?|melody|melodies|soundtrack|jingle|tune|beat|musik|lied|melodie|musique"
        r"|chanson|musica|cancion|canzone|cancao",
    ),
    _rule(
        "edit_image",
        r"edit|change|replace|add|remove|turn|make|recolor|verander\w*|ersetze|fuge|modifie\w*"
        r"|remplace\w*|cambia|reemplaza|modifica|sostituisci|mude|troque",
        with_image=True,
    ),
    _rule(
        "generate_image",
        r"pictures?|images?|photos?|pics?|illustrations?|drawings?|paintings?|portraits?|posters?"
        r"|logos?|wallpapers?|icons?|draw|paint|sketch|bild|bilder|foto|fotos|zeichnung|zeichne"
        r"|male|plakat|dessin|dessine|affiche|imagen|imagenes|dibujo|dibuja|cartel|immagine"
        r"|immagini|disegno|disegna|imagem|imagens|desenho|desenhe",
    ),
)


def tool_for(text: str, offered: Collection[str] | None = None, *, has_image: bool = False) -> str:
    """The name of the tool that the words ask for; "" where they ask for none.

    A question about something asks for none. has_image: whether an image came with the words.
    offered: where a rule has a second best, such as one video for several shots, it is taken if the
    best is not among these; None: all are.
    """
    words = folded(text)
    if not words.strip() or (_QUESTION.match(words) and not _WISH.search(words)):
        return ""
    asks = _MAKE.search(words) is not None
    opening = " ".join(words.split()[:6])
    for rule in _RULES:
        if rule.with_image and not has_image:
            continue
        if rule.is_optional and offered is not None and rule.tool not in offered:
            continue
        # Without a verb only what the words begin with is a request: "A picture of a cat".
        if rule.words.search(words if asks else opening):
            return rule.tool
    return ""


def existing_template(text: str) -> dict[str, Any] | None:
    """A template's JSON within a message, with its stages; None where there is none."""
    found = (one for one in _objects(text) if isinstance(one.get("stages"), list))
    return next(found, None)


def written_arguments(text: str, names: Collection[str]) -> dict[str, Any]:
    """The JSON object within a message that has one of these fields; {} where there is none."""
    return next((one for one in _objects(text) if not one.keys().isdisjoint(names)), {})


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, in order, those within others left out."""
    decoder = strict_decoder()
    start = text.find("{")
    for _ in range(MOST_OBJECTS):
        if start < 0:
            return
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
            continue
        if isinstance(found, dict) and is_storable(found):
            yield found
        start = text.find("{", end)


def best_match(text: str, names: Collection[str]) -> str:
    """The function whose name shares most words with the text; the first of equals."""
    said = set(folded(text).split())

    def shared(name: str) -> int:
        return len(said & set(re.split(r"[^a-z0-9]+", folded(name))))

    return max(names, key=shared, default="")


def folded(text: str) -> str:
    """Lower case without accents, marks as spaces but for the question mark and line ends."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^\w\s?.]", " ", plain).replace("_", " ")
