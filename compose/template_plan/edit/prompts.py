""" "replace cat by dog", "make it night", "in watercolor": what the prompts say."""

from __future__ import annotations

import re
from typing import Final

from compose.template_plan.edit.listed_texts import listed_text
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.prompting import (
    joined,
    owner_of,
    prompt_name,
    rewrite,
    say_more,
    say_new_prompt,
    shortened,
)
from compose.template_plan.edit.request import Request, rule
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import capital, listed, says_something

_ARTICLE: Final = (
    r"(?:an?|the|my|some|eine?[nmrs]?|der|die|das|den|une?|le|la|les|un[ao]?|el|los|las)\s+"
)
_MAKES_IMAGES: Final = ("generate_image", "edit_image", "generate_video")
_LONGEST: Final = 600
# Words that say nothing to a model, and things that are no look.
_EMPTY: Final = re.compile(
    r"(?:(?:much|a\s+(?:lot|bit|little)|more|way|really|very)\s+){0,6}"
    r"(?:better|nicer?|good|great|best|perfect|cool(?:er)?|amazing|awesome|work|right|correct|different|"
    r"new|it|that|this|faster|slower|go|viral|public|private|free|easier|simple|simpler|again|"
    r"translated?.*|sure.*|possible|happen|money|sense)\W*",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = (
    r"(?:background|lighting|light|weather|mood|season|style|look|colou?rs?|colou?r\s+palette|palette|"
    r"time\s+of\s+day|atmosphere|setting|location|place|scenery|clothes|outfit|hair|expression|tone|"
    r"hintergrund|stil|licht|stimmung|fond|lumière|ambiance|fondo|estilo|luz)"
)


def targets(request: Request) -> list[StageView]:
    """The stages whose prompts say what is seen: those in question, else all that make images."""
    views = [view for view in request.scope if prompt_name(view)]
    if request.mention is None and request.work.selection:
        return views
    film = request.film
    makers = [
        view
        for view in views
        if view.tool_name in _MAKES_IMAGES
        and not (view.tool_name == "generate_video" and _has_image(request, view))
    ]
    seen = [view for view in makers if not _is_black(request, view)]
    return seen or [view for view in views if film.kind(view) in ("image", "video")]


def _has_image(request: Request, view: StageView) -> bool:
    film = request.film
    sources = [request.work.find(one) for one in film.fed_by.get(view.id, ())]
    return any(one is not None and film.kind(one) == "image" for one in sources)


def _is_black(request: Request, view: StageView) -> bool:
    """The background of a title: what is said of the film's look isn't meant for it."""
    return str(request.work.value(view, "prompt")).startswith("Plain black")


def text_of(request: Request, view: StageView) -> str:
    """A stage's prompt, or its input's default."""
    value = request.work.value(view, prompt_name(view)) if prompt_name(view) else ""
    return value if isinstance(value, str) else repr(value)


def append(request: Request, words: str, *, about: str = "") -> bool:
    """Add words to the prompts in question; prompts that share an input change once.

    about: a thing; where some prompts name it, the others stay.
    """
    if request.mention is not None and listed_text(request, lambda was: joined(was, words)):
        return True
    views = targets(request)
    thing = re.compile(rf"(?<!\w){re.escape(about)}(?!\w)", re.IGNORECASE)
    views = [view for view in views if about and thing.search(text_of(request, view))] or views
    if not views:
        raise NotPossible("There is no prompt to change.")
    names: list[str] = []
    done: set[str] = set()
    for view in views:
        owner = owner_of(request, view)
        bound = request.work.bound_input(view.get(prompt_name(view)))
        key = str(bound["name"]) if bound is not None else f"{view.id}/"
        if key not in done and rewrite(request, view, lambda was: joined(was, words)):
            names.append(owner)
        done.add(key)
    if not names:
        request.warn(f"The prompts say “{shortened(words, 60)}” already.")
        return True
    request.say(f"{listed(list(dict.fromkeys(names)))}: “{shortened(words)}”.")
    return True


def _replace(request: Request) -> bool:
    old, new = request.words("old"), request.words("new")
    old = re.sub(rf"^{_ARTICLE}", "", old, flags=re.IGNORECASE)
    bare = re.sub(rf"^{_ARTICLE}", "", new, flags=re.IGNORECASE)
    if not old or not bare:
        return False
    if re.fullmatch(_ATTRIBUTE, old, re.IGNORECASE):
        return append(request, _described(old, new))
    # "cat" stands for "cats" too, but not for "catalog".
    pattern = re.compile(
        rf"(?<!\w)(?P<article>an?\s+)?{re.escape(old)}(?P<end>s|es|'s)?(?!\w)", re.IGNORECASE
    )
    names, done = list[str](), set[str]()
    for view in request.scope:
        if not prompt_name(view):
            continue
        owner = owner_of(request, view)
        bound = request.work.bound_input(view.get(prompt_name(view)))
        key = str(bound["name"]) if bound is not None else f"{view.id}/"
        if key not in done and rewrite(request, view, lambda was: _swapped(was, pattern, bare)):
            names.append(owner)
        done.add(key)
    declared = request.work.input(old.lower().replace(" ", "_")) if not names else None
    if declared is not None and declared.get("type") == "text":
        declared["default"] = capital(new)
        request.say(f"{request.work.input_title(str(declared['name']))}: “{shortened(new)}”.")
        return True
    if not names:
        raise NotPossible(f"No prompt here says “{shortened(old, 60)}”.")
    owners = listed(list(dict.fromkeys(names)))
    request.say(f"{owners}: “{shortened(old, 60)}” is now “{shortened(bare, 60)}”.")
    return True


def _swapped(prompt: str, pattern: re.Pattern[str], new: str) -> str:
    def one(found: re.Match[str]) -> str:
        article = found["article"] or ""
        word = (
            f"{new}{found['end']}"
            if found["end"] and " " not in new and new[-1:] not in "s"
            else new
        )
        if article:
            fitting = "an" if new[:1].lower() in "aeiou" else "a"
            fitting = fitting.capitalize() if article[:1].isupper() else fitting
            return f"{fitting} {word}"
        return word[:1].upper() + word[1:] if found[0][:1].isupper() else word

    return pattern.sub(one, prompt)


def _described(attribute: str, value: str) -> str:
    value = re.sub(r"^(?:be|to|into|in)\s+", "", value, flags=re.IGNORECASE)
    if re.search(rf"\b{re.escape(attribute)}\b", value, re.IGNORECASE):
        return value
    if re.match(r"background|hintergrund|fondo", attribute, re.IGNORECASE):
        return f"with {value} in the background"
    if re.match(
        r"setting|location|place|scenery|time|season|weather|mood", attribute, re.IGNORECASE
    ):
        return value
    return f"{value} {attribute}"


def _show(request: Request) -> bool:
    """A shot that is named shows something else: its prompt is the new words."""
    if request.mention is None or not says_something(request.words("new")):
        return False
    if listed_text(request, lambda was: capital(request.words("new"))):
        return True
    views = targets(request)
    if not views:
        raise NotPossible("There is no prompt to change.")
    for view in views:
        say_new_prompt(request, view, capital(request.words("new")))
    return True


def _should(request: Request) -> bool:
    words = re.sub(r"\s+(?:should|must)\s+be\s+", " is ", request.words("words"))
    return append(request, words, about=request.words("thing"))


def _replace_known(request: Request) -> bool:
    """ "make the cat a dog", where some prompt says "cat"."""
    old = re.compile(rf"(?<!\w){re.escape(request.words('old'))}(?!\w)", re.IGNORECASE)
    said = (text_of(request, view) for view in request.scope)
    return any(old.search(text) for text in said) and _replace(request)


def _attribute(request: Request) -> bool:
    value = request.words("value")
    return bool(value) and append(request, _described(request.words("attribute"), value))


def _make(request: Request) -> bool:
    words = request.words("words")
    # "make shot 2 darker" without the shot; "make it look like a comic".
    words = re.sub(
        r"^(?:(?:it|them|this|these|that|everything|all|the\s+(?:film|video|movie|whole\s+thing|images?|"
        r"pictures?|shots?|result|prompts?)|es|sie|le|la|lo|is|are|should|to\s+be|be|look(?:s)?|feel(?:s)?|"
        r"appear|happen|play|take\s+place|all|to|into)\s+){1,6}",
        "",
        f"{words} ",
        flags=re.IGNORECASE,
    ).strip()
    if not _is_look(words):
        return False
    of = re.fullmatch(r"the\s+(?P<thing>\w+)\s+(?P<how>(?!of\b|in\b|on\b)[\w\s-]+)", words)
    if of and not re.match(r"is|are", of["how"]):
        words = f"the {of['thing']} is {of['how']}"
    if re.fullmatch(
        r"night|nighttime|dawn|dusk|noon|sunset|sunrise|midnight", words, re.IGNORECASE
    ):
        words = f"at {words}"
    if re.fullmatch(r"winter|summer|autumn|fall|spring|day(?:time)?", words, re.IGNORECASE):
        words = f"in {words}"
    return append(request, words)


def _is_look(words: str) -> bool:
    return says_something(words) and not _EMPTY.fullmatch(words) and len(words) <= _LONGEST


def _like(request: Request) -> bool:
    words = request.words("words")
    if not _is_look(words):
        return False
    return append(request, words)


def _with(request: Request) -> bool:
    words = re.sub(r"^(?:some|a\s+few|more)\s+", "", request.words("words"), flags=re.IGNORECASE)
    if not _is_look(words):
        return False
    return append(request, f"with {words}")


def _erase(request: Request) -> bool:
    """ "remove the scratches": for a stage that works on a photo; else it must not be seen."""
    said = request.words("words")
    if re.fullmatch(
        r"(?:.*\b)?(?:account|template|workflow|run|everything|all|it|that|this)", said, re.I
    ):
        return False
    menders = [v for v in targets(request) if v.tool_name in ("restore_photo", "edit_image")]
    for view in menders[:1]:
        say_more(request, view, f"remove {said.removesuffix(' too')}")
    return bool(menders) or (bool(request.film.result) and _never(request))


def _never(request: Request) -> bool:
    """What must not be seen: a negative prompt where the tool has one."""
    words = re.sub(rf"^(?:{_ARTICLE}|any\s+)", "", request.words("words"), flags=re.IGNORECASE)
    if not words or len(words) > 300:
        return False
    found = [view for view in targets(request) if view.takes("negativePrompt")]
    names = []
    for view in found:
        was = view.get("negativePrompt")
        if request.work.bound_input(was) is not None or (
            was is not None and not isinstance(was, str)
        ):
            continue
        new = joined(was or "", words)
        if new != (was or ""):
            view.set("negativePrompt", new)
            names.append(view.title)
    if not names:
        return False
    request.say(f"{listed(names)}: without {shortened(words, 60)}.")
    return True


_VERB: Final = (
    r"(?:make|turn|set|have|render|let|do|draw|paint|show|put|keep|mache?|fais|haz|pon|mets)"
)
RULES = (
    rule(
        r"^\W*(?:replace|change|swap|turn|make|let|have|ersetze|remplace|cambia)?\s+(?:should\s+)?(?:to|into|by|with|for|shows?|be|durch|par|por)"
        r"\s+(?:an?\s+(?:shot|scene|image|picture|clip|close-?up)\s+(?:of|with)\s+)?(?P<new>.+)",
        _show,
        is_free=True,
    ),
    rule(
        r"\b(?:replace|ersetze?|remplace[rz]?|reemplaza[r]?|sustituye)\s+(?P<old>.+?)\s+"
        r"(?:by|with|durch|mit|par|por|con)\s+(?P<new>.+)",
        _replace,
        is_free=True,
    ),
    rule(
        r"\b(?:swap|exchange|trade|switch|tausche|échange|cambia)\s+(?P<old>.+?)\s+(?:for|with|out\s+for|gegen|contre|por)\s+(?P<new>.+)",
        _replace,
        is_free=True,
    ),
    rule(
        rf"\b(?:change|set|switch|make|turn|ändere|change[rz]?|cambia)\s+(?:{_ARTICLE}|its\s+)?(?P<attribute>{_ATTRIBUTE})"
        r"\s+(?!like\b)(?:in)?(?:to|be|zu|en|a)?\s*(?P<value>.+)",
        _attribute,
        is_free=True,
    ),
    rule(
        rf"^\W*(?:{_ARTICLE})?(?P<attribute>{_ATTRIBUTE})\s*(?::|should\s+be|must\s+be|to\s+be|=)\s*(?P<value>.+)",
        _attribute,
        is_free=True,
    ),
    rule(
        r"\b(?:change|turn|ändere|cambia|convert|transform)\s+(?P<old>.+?)\s+(?:in)?(?:to|zu|en|a)\s+(?P<new>.+)",
        _replace,
        is_free=True,
    ),
    rule(
        r"\b(?:use\s+|show\s+|with\s+|have\s+)?(?P<new>.+?)\s+(?:instead\s+of|rather\s+than|statt|anstelle\s+von|au\s+lieu\s+(?:de|d')|en\s+(?:lugar|vez)\s+de)\s+(?P<old>.+)",
        _replace,
        is_free=True,
    ),
    rule(
        r"^\W*(?P<words>(?:the|my)\s+(?P<thing>[\w-]+(?:\s+[\w-]+)?)\s+(?:should|must|needs\s+to)\b.+)",
        _should,
        is_free=True,
    ),
    rule(
        r"\b(?:no|without(?:\s+any)?|avoid|never\s+show|ohne|sans|sin)\s+(?P<words>.+)",
        _never,
        is_free=True,
    ),
    rule(
        r"\b(?:remove|erase|delete|drop|get\s+rid\s+of)\s+(?P<words>.+)",
        _erase,
        is_free=True,
    ),
    rule(
        rf"\bmake\s+{_ARTICLE}(?P<old>\w+(?:\s+\w+)?)\s+(?:into\s+)?(?P<new>an?\s+.+)",
        _replace_known,
        is_free=True,
    ),
    rule(rf"\b(?:{_VERB}|should)\s+(?P<words>.+)", _make, is_free=True),
    rule(
        r"\b(?P<words>(?:in\s+the\s+style\s+of|in|at|during|as\s+an?|like\s+an?|im|bei|wie|à|dans|en|como|set\s+in|within|under|on)\s+.+)",
        _like,
        is_free=True,
    ),
    rule(
        r"\b(?P<words>(?:(?:much|a\s+(?:bit|little|lot)|slightly|way|etwas|un\s+peu|un\s+poco)\s+)?(?:more|less|mehr|weniger|plus\s+de|plus|moins|más|menos)\s+.+)",
        _like,
        is_free=True,
    ),
    rule(
        r"\b(?:add|include|insert|put\s+in|put|füge?|ajoute[rz]?|añade|agrega|there\s+should\s+be|with|mit|avec|con)\s+(?P<words>.+)",
        _with,
        is_free=True,
    ),
    rule(
        r"^\W*(?P<words>(?:darker|brighter|lighter|warmer|colder|cooler|sharper|softer|bolder|moodier|funnier|scarier|happier|sadder|dunkler|heller|wärmer|plus\s+sombre|más\s+oscuro|black\s+and\s+white|watercolou?r|sepia|night|sunset)(?:\s+[\w\s-]+)?)\W*$",
        _make,
        is_free=True,
    ),
)
