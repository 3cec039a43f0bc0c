""" "add a voice-over saying …", "no narration", "use the voice of Ryan": what is spoken."""

from __future__ import annotations

import re
from typing import Any, Final

from compose.template_plan.edit.adding import add_soundtrack, fixed
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.prompting import say_new_prompt
from compose.template_plan.edit.request import QUOTE, Request, rule, set_value
from compose.template_plan.edit.sounds import take_out
from compose.template_plan.edit.words import capital
from compose.template_plan.words import literal

_VOICE: Final = (
    r"(?:voice[\s-]?overs?|narration|narrator|narrative\s+voice|voice|speech|spoken\s+text|"
    r"sprecher(?:in|stimme)?|erzähler(?:in)?|voix(?:[\s-]off)?|narrateur|narración|voz(?:\s+en\s+off)?)"
)
_DROP: Final = (
    r"(?:no|without(?:\s+(?:a|any))?|remove|drop|delete|lose|get\s+rid\s+of|mute|ohne|keine?|entferne|sans|"
    r"supprime|sin|quita|elimina)"
)
_SAYING: Final = (
    r"(?:\s*(?:saying|that\s+says|which\s+says|says?|reading|reads?|with\s+the\s+(?:text|words)|to\s+say|to|"
    r"qui\s+dit|die\s+sagt|que\s+diga|hinzu|:)\s*){1,6}"
)


def _voice(request: Request) -> bool:
    text = request.quoted() or request.words("text")
    text = text.strip(" “”\"'.") if len(text) < 3 else text.strip("“”\"' ")
    how = request.words("how")
    known = request.work.with_tool("generate_speech")
    if known:
        if not text:
            request.warn(f"There is a voice already: {known[0].title}.")
            return True
        say_new_prompt(request, known[0], text)
        return True
    prompt = literal(capital(text))
    if not text:
        name = request.work.add_input(
            "narration",
            type="text",
            required=True,
            description="What the voice says",
            jsonSchema={"maxLength": 4000},
        )
        prompt = f"$inputs.{name}"
    args: dict[str, Any] = {"prompt": prompt[:4000]}
    if how:
        args["voiceDescription"] = how[:500]
    raw = fixed(request.work, "voice", "Voice", "generate_speech", args)
    taker = add_soundtrack(request.work, raw)
    request.say(f"Added {raw['label']}{f', connected to {taker.title}' if taker else ''}.")
    return True


def _no_voice(request: Request) -> bool:
    return take_out(request, request.work.with_tool("generate_speech"), "voice")


def _speaker(request: Request) -> bool:
    """A preset voice by its name."""
    voices = request.work.with_tool("generate_speech")
    if not voices:
        return False
    names = voices[0].schema("voice").get("enum", [])
    wanted = request.words("name").lower().replace(" ", "_")
    if wanted not in names:
        if re.search(r"\bmodel\b", request.matched[0], re.IGNORECASE):
            return False
        known = ", ".join(str(name).replace("_", " ").title() for name in names)
        raise NotPossible(f"There is no voice “{request.words('name')}”. Voices: {known}.")
    for view in voices:
        owner = set_value(request, view, "voice", wanted)
        if owner:
            request.say(f"{owner}: {wanted.replace('_', ' ').title()}.")
    return True


def _language(request: Request) -> bool:
    voices = request.work.with_tool("generate_speech")
    said = (request.matched["language"] or request.matched["spoken"] or "").lower()
    if not voices:
        return False
    for view in voices:
        if set_value(request, view, "language", said):
            request.say(f"{view.title}: {said.title()}.")
    request.warn(f"The text that is spoken isn't translated: write it in {said.title()}.")
    return True


_LANGUAGES: Final = (
    "english|chinese|japanese|korean|german|french|russian|portuguese|spanish|italian"
)
RULES = (
    rule(
        r"^\W*(?:can|could|let|have|make)?\s*(?:an?\s+|the\s+)?(?P<how>(?:[\w'’-]+\s+){0,4}?)"
        r"(?:voice|narrator|speaker)\s+(?:to\s+)?(?:says?|reads?|speaks?|tells?)\s+(?P<text>.+)",
        _voice,
        is_scoped=False,
    ),
    rule(
        rf"^.*?\b(?:told|spoken|narrated|said|read|speaks?|talk|{_VOICE})\b.*?\b(?:in|to|auf|en)\s+"
        rf"(?P<language>{_LANGUAGES})\b|\b(?P<spoken>{_LANGUAGES})\s+(?:voice|narrator|narration)\b",
        _language,
        is_scoped=False,
    ),
    rule(
        rf"\b{_DROP}\s+(?:the\s+|any\s+|die\s+|den\s+|la\s+)?{_VOICE}\b", _no_voice, is_scoped=False
    ),
    rule(
        rf"\b(?:use|change|switch|set)\s+(?:the\s+)?(?:{_VOICE}\s+)?(?:to\s+)?(?:the\s+)?(?:voice\s+(?:of\s+)?|{_VOICE}\s+(?:to|=)\s*)(?P<name>[\w]+)\W*$",
        _speaker,
        is_scoped=False,
    ),
    rule(
        rf"\b(?:add|include|insert|with|use|give\s+it|i\s+want|put|let|make|have|change|füge?|mit|ajoute[rz]?|avec|añad[ea]|con)\s+"
        rf"(?:an?\s+|the\s+|some\s+|eine?n?\s+|une?\s+|una?\s+)?(?P<how>(?!shot|scene|title|music)(?:[\w'’-]+\s+){{0,4}}?){_VOICE}\b"
        rf"(?:{_SAYING}(?P<text>{QUOTE}|.+))?.*",
        _voice,
        is_scoped=False,
    ),
    rule(
        rf"^\W*(?:an?\s+)?(?P<how>(?:[\w'’-]+\s+){{0,2}}?){_VOICE}\b(?:{_SAYING}(?P<text>.+))?\W*$",
        _voice,
        is_scoped=False,
    ),
    rule(r"\b(?P<how>)narrated(?:\s+by\s+.*)?\b(?P<text>)", _voice, is_scoped=False),
)
