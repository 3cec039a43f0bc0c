""" "ask me before the film", "let me choose from four", "let me enter the product"."""

from __future__ import annotations

import re
from typing import Any, Final

from compose.template_plan.edit.adding import put_after
from compose.template_plan.edit.film import JOIN
from compose.template_plan.edit.mentions import NotPossible
from compose.template_plan.edit.prompting import prompt_name, shortened
from compose.template_plan.edit.request import Request, rule, titles
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import NUMBER, capital, listed, number_of, slug

_MOST: Final = 16
_FILM: Final = re.compile(
    r"\b(?:film|video|movie|final|result|join(?:ing|ed)?|stitch(?:ing)?|everything|rest|end)\b",
    re.IGNORECASE,
)


def _checkpoint(request: Request) -> bool:
    """A stop for approval: after what is named, or before it, after what it is made of."""
    said = request.full(request.matched["what"] or "")
    is_after = request.matched["when"] and request.matched["when"].lower() in ("after", "nach")
    mention, _ = request.mentions.take(said)
    film = request.film
    if mention is not None:
        views = list(mention.stages)
    elif request.work.selection and not _FILM.search(said):
        views = list(request.work.selection)
        is_after = True
    elif (named := film.join or film.result) is not None:
        views = [named]
    else:
        raise NotPossible("There is no stage to stop at.")
    is_thing = re.search(
        r"\b(?:approve|check|review|see|look\s+at|confirm)\b", request.matched[0], re.I
    )
    if is_thing and not request.matched["when"] and mention is not None:
        is_after = True
    stops: list[StageView] = []
    for view in views:
        stop = view if is_after else _before(request, view)
        if stop.raw.get("checkpointRequired") is not True and stop.id not in [s.id for s in stops]:
            stops.append(stop)
    for stop in stops:
        stop.raw["checkpointRequired"] = True
    if stops:
        request.say(f"{titles(stops)}: checkpoint, you approve the result before the run goes on.")
    else:
        request.warn("There is a checkpoint already.")
    return True


def _before(request: Request, view: StageView) -> StageView:
    """The last stage that a stage takes something from; itself when there is none."""
    film = request.film
    if view.tool_name == JOIN:
        clips = film.clips_of(view)
        if clips:
            return max((c.stage for c in clips), key=lambda one: request.work.position(one.id))
    sources = [one for one in request.work.sources(view) if film.kind(one)]
    return sources[-1] if sources else view


def _choose(request: Request) -> bool:
    picked = number_of(request.matched.groupdict().get("pick") or "1") or 1
    number = number_of(request.matched["count"] or "4") or 4
    count = int(min(max(number, 2, picked), _MOST))
    pick = int(min(picked, count))
    film = request.film
    wanted = [
        view for view in request.scope if film.kind(view) == "image" and view.tool is not None
    ]
    able = [view for view in wanted if view.tool and view.tool.count and not view.is_batch]
    made = [view for view in able if view.tool_name == "generate_image"] or able
    if not made:
        made = [
            v
            for v in request.scope
            if v.tool and v.tool.count and not v.is_batch and film.kind(v) in ("video", "audio")
        ][-1:]
    if not made:
        raise NotPossible("There is nothing to choose from: no stage here makes several results.")
    chosen = [v for v in made if any(user.select for user in request.work.users(v))]
    for view in chosen or made:
        known = [user for user in request.work.users(view) if user.select]
        if known:
            _rechoose(request, view, known[0], pick)
            continue
        _choice(request, view, count, pick)
    return True


def _rechoose(request: Request, view: StageView, chooser: StageView, pick: int) -> None:
    """How many are chosen, where people choose already."""
    made = int(request.work.number(view, view.tool.count) or 1) if view.tool else 1
    if pick > made or request.matched.groupdict().get("pick") is None:
        request.warn(f"{view.title} is chosen from already: {made} variations.")
        return
    chooser.select.update(min=pick, max=pick)
    request.say(f"{chooser.title}: {pick} of {made}.")


def _choice(request: Request, view: StageView, count: int, pick: int) -> None:
    work = request.work
    name = work.fresh_id(f"{view.id}_choice" if len(view.id) < 60 else "choice")
    bound = work.bound_input(view.get(view.tool.count)) if view.tool else None
    if bound is None and view.tool is not None:
        view.set(view.tool.count, count)
    what = work.artifact_of(view)
    raw: dict[str, Any] = {
        "id": name,
        "type": "interactive",
        "label": work.fresh_label(f"Choose {view.title}"),
        "userMessage": f"Which one should be used for {view.title}?",
        "select": {"from": f"$artifacts.{what}", "min": pick, "max": pick},
        "produces": [name],
    }
    put_after(work, view, raw)
    request.say(f"{view.title}: {count} variations, and you choose {pick}.")


def _variations(request: Request) -> bool:
    count = int(min(max(number_of(request.matched["count"]) or 2, 1), _MOST))
    film = request.film
    able = [v for v in request.scope if v.tool and v.tool.count and film.kind(v) == "image"]
    able = able or [v for v in request.scope if v.tool and v.tool.count and film.kind(v)]
    if not able:
        raise NotPossible("No stage here makes variations.")
    for view in able:
        if view.tool is not None and request.work.bound_input(view.get(view.tool.count)) is None:
            view.set(view.tool.count, count)
    request.say(f"{titles(able)}: {count} variation{'s' if count > 1 else ''}.")
    return True


def _other_count(request: Request) -> bool:
    """ "five worlds instead of three"."""
    count, was = number_of(request.matched["count"]), number_of(request.matched["was"])
    if count is None or not 1 <= count <= _MOST:
        return False
    views = [
        view
        for view in request.scope
        if view.tool and view.tool.count and view.get(view.tool.count) == was
    ]
    for view in views:
        if view.tool is not None:
            view.set(view.tool.count, int(count))
    if views:
        request.say(f"{titles(views)}: {int(count)} variations.")
    return bool(views)


def _ask(request: Request) -> bool:
    """A prompt becomes an input with the same words as its default."""
    said = request.full(request.matched["what"]).strip(" “”\"'.")
    said = re.sub(
        r"^(?:the|my|our|a|an|which|what|die|das|den|der|le|la|el)\s+", "", said, flags=re.I
    )
    said = re.sub(
        r"\s+(?:myself|each\s+time|every\s+time|when\s+(?:it\s+runs|i\s+run\s+it))$", "", said
    )
    if not said:
        return False
    work = request.work
    free = [
        view
        for view in request.scope
        if (name := prompt_name(view))
        and isinstance(view.get(name), str)
        and not str(view.get(name)).startswith("$")
    ]
    mention, _ = request.mentions.take(said)
    holding = [
        v for v in free if re.search(rf"(?<!\w){re.escape(said)}", str(v.get(prompt_name(v))), re.I)
    ]
    if not holding and mention is not None:
        ids = {view.id for view in mention.stages}
        if mention.is_shot:
            ids = {b.id for view in mention.stages for b in request.film.behind(view)}
        holding = [v for v in free if v.id in ids]
    if not holding:
        holding = [v for v in free if request.film.kind(v) == _kind_of(said)][:1]
    if not holding:
        asked = [one for one in work.inputs if said.lower() in repr(one).lower()] or (
            work.inputs if not free else []
        )
        if asked:
            known = listed([work.input_title(str(one.get("name"))) for one in asked])
            request.warn(f"That is an input already: {known}.")
            return True
        raise NotPossible(f"No prompt here says “{shortened(said, 60)}”.")
    _to_inputs(request, holding, said)
    return True


def _kind_of(said: str) -> str:
    if re.search(r"\b(?:music|song|soundtrack|voice|narration|musik)\b", said, re.IGNORECASE):
        return "audio"
    return "image"


def _to_inputs(request: Request, views: list[StageView], said: str) -> None:
    """Equal prompts share one input; a binding is a whole argument, so others get one each."""
    work = request.work
    by_text: dict[str, list[StageView]] = {}
    for view in views:
        by_text.setdefault(str(view.get(prompt_name(view))), []).append(view)
    for text, users in by_text.items():
        label = capital(said) if len(by_text) == 1 else f"{capital(said)} ({users[0].title})"
        name = work.add_input(
            slug(said, "text"),
            type="text",
            required=True,
            description=shortened(label, 120),
            default=text.removeprefix("$") if text.startswith("$$") else text,
        )
        for view in users:
            view.set(prompt_name(view), f"$inputs.{name}")
        request.say(f"{titles(users)}: the prompt is now the input “{shortened(label, 60)}”.")


RULES = (
    rule(
        r"\b(?:ask\s+(?:me|for\s+(?:my\s+)?(?:approval|permission))|let\s+me\s+(?:approve|check|review|see|look\s+at|confirm)|pause|stop|wait(?:\s+for\s+(?:me|my\s+(?:approval|ok)))?|"
        r"(?:add|put|insert)\s+a\s+checkpoint|checkpoint|frag(?:e)?\s+mich|demande[rz]?[\s-]moi|pregúntame)\b\s*(?:first\s+)?(?P<when>before|after|vor|nach|avant|antes\s+de)?\s*(?P<what>(?!to\b|which\b|what\b|for\b).*)",
        _checkpoint,
        is_scoped=False,
    ),
    rule(
        rf"\b(?:let\s+me|i\s+(?:want\s+to|can)|lass\s+mich)\s+(?:choose|pick|select|wählen|aussuchen)(?:\s+(?:the\s+)?(?:best|my\s+favou?rites?))?(?:\s+(?P<pick>{NUMBER}))?(?:\s*(?:from|between|among|of|out\s+of|aus)\s+(?P<count>{NUMBER})\b)?"
        r"(?:\s+(?:different\s+|possible\s+)?(?:images?|pictures?|variations?|options|versions|candidates|takes|bildern|varianten|looks|ones))?(?:\s+instead\s+of\s+\w+)?",
        _choose,
    ),
    rule(
        rf"\b(?:lass\s+mich|laisse[rz]?[\s-]moi|déjame)\s+(?:(?:choisir|elegir)\s+)?(?:aus|parmi|entre|zwischen|de)\s+(?P<count>{NUMBER})\b.*",
        _choose,
    ),
    rule(
        rf"\b(?:give|show|offer|make|generate|create)\s+(?:me\s+)?(?P<count>{NUMBER})\s+(?:different\s+)?(?:\w+\s+)?(?:options|variations|versions|candidates|choices|images|looks)\s+(?:(?:for\s+me\s+)?to\s+(?:choose|pick|select)(?:\s+from)?|so\s+(?:that\s+)?i\s+can\s+(?:choose|pick)|and\s+let\s+me\s+(?:choose|pick).*)",
        _choose,
    ),
    rule(
        rf"\b(?:(?:make|generate|create|with|do|want)\s+)?(?P<count>{NUMBER})\s+(?:variations?|versions|varianten|variantes|variaciones)\b(?:\s+(?:of|for)\s+each)?",
        _variations,
    ),
    rule(
        rf"\b(?P<count>{NUMBER})\s+(?P<noun>\w+)\s+(?:instead\s+of|statt|au\s+lieu\s+de|en\s+vez\s+de)\s+(?P<was>{NUMBER})\b",
        _other_count,
    ),
    rule(
        r"\b(?:turn|make|convert|change)\s+(?P<what>.+?)\s+(?:into\s+|to\s+)?an?\s+(?:input|variable|field|parameter|form\s+field)\b",
        _ask,
        is_scoped=False,
    ),
    rule(
        r"\b(?:let\s+me|let\s+(?:people|users|others)|i\s+want\s+to|allow\s+(?:me|people)\s+to|lass\s+mich|people\s+should)\s+(?:enter|type|write|fill\s+in|change|set|provide|give|edit|eingeben)\s+(?P<what>.+)",
        _ask,
        is_scoped=False,
    ),
    rule(
        r"\b(?:add|create)\s+an?\s+input\s+(?:for|named|called)\s+(?P<what>.+)",
        _ask,
        is_scoped=False,
    ),
    rule(
        r"\bask\s+(?:me\s+|people\s+|users\s+)?(?:for|what|which)\s+(?P<what>.+)",
        _ask,
        is_scoped=False,
    ),
)
