""" "add soft piano", "no music", "with a voice-over": what is heard."""

from __future__ import annotations

import re
from typing import Final

from compose.template_plan.edit.adding import SHORTEST_MUSIC_S, add_soundtrack, fixed
from compose.template_plan.edit.film import JOIN
from compose.template_plan.edit.prompting import say_more, say_new_prompt
from compose.template_plan.edit.removal import NothingLeft, remove
from compose.template_plan.edit.request import Request, rule, titles
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import capital
from compose.template_plan.words import clean, literal

MUSIC_WORDS: Final = (
    r"piano|klavier|guitar|gitarre|guitare|guitarra|drums?|beat|beats|strings|violin|cello|"
    r"orchestra|orchestral|jazz|techno|house\s+music|lo-?fi|ambient|rock|hip\s?hop|folk|synths?|"
    r"synthwave|electro|ukulele|harp|flute|trumpet|saxophone|choir|fado|classical|soundtrack|"
    r"score|melody|tune"
)
_MUSIC: Final = r"(?:(?:background\s+)?music|soundtrack|song|score|musik|musique|música)"
_ADD: Final = (
    r"(?:add|include|insert|put\s+in|put|give\s+(?:it|me)|i\s+(?:want|need)|with|use|make|set|change|"
    r"mit|avec|con|füge?|ajoute[rz]?|(?:mets|pon)|añad[ea]|agrega|score\s+it\s+with)"
)
_STEP: Final = (
    r"(?:\s+(?:step|stage|track|under\s+(?:it|the\s+voice|the\s+narration|everything)|quietly|softly|to\s+it|"
    r"in\s+the\s+background|hinzu|ein))*"
)
USUAL_MUSIC: Final = "Calm cinematic music with piano and strings"


def _add_music(request: Request) -> bool:
    groups = request.matched.groupdict()
    found = (groups.get("before"), groups.get("kind"), groups.get("after"))
    return _music(request, _clean(request.full(" ".join(filter(None, found)))))


def _music(request: Request, words: str, *, is_other: bool = False) -> bool:
    """Music by these words, new or instead of what there is; without words, only where none is."""
    music = request.work.with_tool("generate_music")
    wanted = [view for view in music if view in request.named] or music
    if wanted:
        if not words:
            request.warn(f"There is music already: {titles(wanted)}.")
            return True
        for view in wanted:
            if not is_other and re.match(
                r"(?:(?:a\s+(?:bit|little)|much)\s+)?(?:more|less|\w+er)\b", words, re.I
            ):
                say_more(request, view, words)
            else:
                say_new_prompt(request, view, capital(words))
        return True
    seconds = max(request.film.seconds or SHORTEST_MUSIC_S, SHORTEST_MUSIC_S)
    prompt = capital(words) if words else USUAL_MUSIC
    if words and not re.search(rf"\b{_MUSIC}\b", words, re.IGNORECASE) and len(words.split()) < 2:
        prompt = f"{prompt} music"
    raw = fixed(
        request.work,
        "music",
        "Music",
        "generate_music",
        {"prompt": literal(clean(prompt)), "duration": round(min(seconds, 600.0), 1)},
    )
    taker = add_soundtrack(request.work, raw)
    request.say(f"Added {raw['label']}{f', connected to {taker.title}' if taker else ''}.")
    return True


def _other_music(request: Request) -> bool:
    words = _clean(request.full(request.matched["after"]))
    return bool(request.work.with_tool("generate_music")) and _music(request, words, is_other=True)


def _clean(words: str) -> str:
    words = re.sub(r"[“”\"„]", "", words)
    words = re.sub(
        r"^\W*(?:(?:an?|some|something|the|nice|eine?|etwas|de\s+la|du|une?|una?|sanfter)\s+){1,6}",
        "",
        words.strip(),
        flags=re.I,
    )
    words = re.sub(r"^(?:of|like|to|:|by|von|de)\s+", "", words.strip(), flags=re.I)
    return " ".join(words.split()).strip(" ,.:-")


def _remove_music(request: Request) -> bool:
    music = request.work.with_tool("generate_music")
    if music:
        return take_out(request, music, "music")
    tracks = [
        view
        for view in request.work.with_tool(JOIN)
        if _is_input(request, view) and view.port_key("audio")
    ]
    for view in tracks:
        view.args.pop(view.port_key("audio") or "")
        request.say(f"{view.title}: no music.")
    if tracks:
        request.work.delete_inputs(_unused_audio(request))
        return True
    request.warn("There is no music to remove.")
    return True


def _is_input(request: Request, view: StageView) -> bool:
    key = view.port_key("audio")
    return key is not None and request.work.bound_input(view.args[key]) is not None


def _unused_audio(request: Request) -> set[str]:
    used = request.work.used_inputs()
    return {
        str(one["name"])
        for one in request.work.inputs
        if one.get("type") == "audio" and one.get("name") not in used
    }


def take_out(
    request: Request, views: list[StageView], noun: str, *, is_whole: bool = False
) -> bool:
    """Remove what is heard or put on the film. is_whole: with what only it needs."""
    if not views:
        request.warn(f"Nothing to remove: no {noun} here.")
        return True
    try:
        gone = remove(request.work, views, is_whole=is_whole)
    except NothingLeft:
        request.warn(f"The {noun} stays: without it nothing would be left.")
        return True
    request.say(f"Removed {titles(gone)}.")
    return True


def _silence(request: Request) -> bool:
    """No sound at all: nothing is added, and clips are made without theirs."""
    heard = request.work.with_tool("generate_music", "generate_speech")
    if request.named and request.mention is not None:
        heard = []
    if heard:
        take_out(request, heard, "sound")
    quiet = []
    for view in request.scope if request.named else request.work.stages:
        found = request.work.find(view.id)
        if found is None:
            continue
        if found.takes("generateAudio") and request.work.value(found, "generateAudio") is not False:
            declared = request.work.bound_input(found.get("generateAudio"))
            if declared is not None:
                declared["default"] = False
            else:
                found.set("generateAudio", False)
            quiet.append(found)
    if quiet:
        request.say(f"{titles(quiet)}: no sound.")
    if not quiet and not heard:
        request.warn("There is no sound to remove.")
    return True


RULES = (
    rule(
        r"\b(?:(?:no|without(?:\s+any)?|remove(?:\s+(?:the|all|any))?|drop(?:\s+the)?|ohne|kein(?:en)?|sans|sin)\s+"
        r"(?:sound|audio|ton|son|sonido)|mute(?:\s+it)?|silent|make\s+it\s+silent|stumm)\b",
        _silence,
    ),
    rule(
        rf"\b(?:no|without(?:\s+any)?|remove|drop|delete|lose|get\s+rid\s+of|take\s+out|cut|ohne|keine|"
        rf"entfernen?|löschen?|sans|supprime[rz]?|enl[eè]ve[rz]?|retire[rz]?|sin|quitar?|eliminar?)\s+(?:the\s+|die\s+|der\s+|la\s+|any\s+)?{_MUSIC}\b",
        _remove_music,
        is_scoped=False,
    ),
    rule(
        rf"\b(?:change|replace|swap|switch|make)\s+(?:the\s+)?(?:{_MUSIC})(?:\s*:\s*|\s+)(?:to|with|by|for|into|:)?\s*(?P<after>.+)",
        _add_music,
        is_scoped=False,
    ),
    rule(
        rf"\b{_ADD}\s+(?P<before>(?:(?!shot|scene|image|voice|title|subtitle)[\w'’-]+\s+){{0,6}}?)(?:{_MUSIC}){_STEP}(?:\s+(?P<kind>(?:douce|calme|lente|triste|joyeuse|épique|suave|tranquila|alegre|lenta|épica)))?(?:\s*(?:of|with|like|:|in\s+the\s+style\s+of)\s*(?P<after>.+))?",
        _add_music,
        is_scoped=False,
    ),
    rule(
        rf"\b(?:{_ADD}\s+)(?P<before>(?:(?!shot|scene|image|voice|title|subtitle|picture)[\w'’-]+\s+){{0,5}}?)(?P<kind>{MUSIC_WORDS})\b(?P<after>(?:\s+(?:and|with)?\s*(?:{MUSIC_WORDS}|soft|slow|low|strings))*){_STEP}",
        _add_music,
        is_scoped=False,
    ),
    rule(
        rf"^\W*(?:the\s+)?{_MUSIC}\s*(?::|should\s+be)\s*(?P<after>.+)", _add_music, is_scoped=False
    ),
    rule(
        rf"\b(?:replace|swap(?:\s+out)?|change|switch)\s+(?:the\s+)?(?:{MUSIC_WORDS})\s+(?:to|with|by|for|into)\s+(?P<after>.+)",
        _other_music,
        is_scoped=False,
    ),
    rule(
        rf"^\W*(?P<before>(?:[\w'’-]+\s+){{0,3}}?){_MUSIC}\W*$",
        _add_music,
        is_scoped=False,
    ),
)
