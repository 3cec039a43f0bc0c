""" "use model X for images": only models that the tools declare."""

from __future__ import annotations

import re
from typing import Final

from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.request import Request, rule, titles
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import listed
from tools.declaration.schema import model_argument, model_names

_MOST_NAMED: Final = 6
_KINDS: Final = (
    ("image", r"\b(?:images?|pictures?|stills?|photos?|bilder?)\b"),
    ("video", r"\b(?:videos?|clips?|shots?|animations?|motion)\b"),
    ("audio", r"\b(?:music|songs?|audio|voice|speech)\b"),
)


def _model(request: Request) -> bool:
    said = request.full(request.matched["words"])
    is_model = re.search(r"\bmodell?e?s?\b|modelo|modèle", request.matched[0], re.IGNORECASE)
    views = [view for view in request.scope if view.tool is not None and model_names(view.tool)]
    kind = next((k for k, w in _KINDS if re.search(w, request.matched[0], re.IGNORECASE)), "")
    if kind and request.mention is None:
        views = [view for view in views if request.film.kind(view) == kind]
    known = dict.fromkeys(name for view in views if view.tool for name in model_names(view.tool))
    name = _named(said, tuple(known))
    if not name:
        if not is_model and not (kind and re.search(r"\bfor\b", said)):
            return False
        if not views:
            raise NotPossible("No stage here lets you choose a model.")
        raise NotPossible(f"That model isn't known here. {_known(views)}")
    changed: list[StageView] = []
    for view in views:
        if view.tool is None or name not in model_names(view.tool):
            continue
        argument = model_argument(view.tool)
        declared = request.work.bound_input(view.get(argument))
        if declared is not None:
            declared["default"] = name
        elif view.get(argument) == name:
            continue
        else:
            view.set(argument, name)
        changed.append(view)
    if changed:
        request.say(f"{titles(changed)}: model {name}.")
    else:
        request.warn(f"The model is {name} already.")
    return True


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _named(said: str, known: tuple[str, ...]) -> str:
    """The model that some words name: written in any way, or by how its name begins."""
    words = [word for word in re.split(r"[^\w.-]+", said) if word]
    by_plain = {_plain(name): name for name in known}
    for length in (6, 5, 4, 3, 2, 1):
        for start in range(len(words) - length + 1):
            plain = _plain("".join(words[start : start + length]))
            if plain in by_plain:
                return by_plain[plain]
    for word in words:
        plain = _plain(word)
        alike = [name for name in known if len(plain) > 2 and _plain(name).startswith(plain)]
        if alike and plain not in (
            "voice",
            "real",
            "one",
            "auto",
            "design",
            "clone",
            "dark",
            "art",
        ):
            return min(alike, key=len)
    return ""


def _known(views: list[StageView]) -> str:
    lines = []
    seen: set[str] = set()
    for view in views:
        if view.tool is None or view.tool.name in seen:
            continue
        seen.add(view.tool.name)
        names = model_names(view.tool)
        shown = [*names[:_MOST_NAMED]]
        more = " and others" if len(names) > _MOST_NAMED else ""
        lines.append(f"{view.tool.title}: {', '.join(shown) if more else listed(shown)}{more}.")
    return " ".join(lines[:4])


_FOR: Final = (
    r"for\s+(?:the\s+|all\s+)?(?:images?|pictures?|stills?|videos?|clips?|shots?|music|voice)"
)
RULES = (
    rule(
        rf"\b(?:use|switch\s+to|try|and|with)\s+(?P<words>[\w.-]+(?:\s+[\w.-]+)?\s+{_FOR})\b",
        _model,
    ),
    rule(
        r"\b(?:use|switch|swap|change|set|take|try|render|generate|nimm|verwende|utilise|usa)\b(?P<words>.*\b(?:model|modell|modèle|modelo)s?\b.*)",
        _model,
    ),
    rule(
        r"\b(?:model|modell|modèle|modelo)s?\s*(?::|=|should\s+be|to)?\s*(?P<words>[\w .-]+)",
        _model,
    ),
    rule(
        r"\b(?:use|switch\s+to|try|(?:generate|render|make)\s+(?:\w+\s+){0,3}with|nimm|verwende|utilise|usa)\s+(?P<words>.+)",
        _model,
    ),
)
