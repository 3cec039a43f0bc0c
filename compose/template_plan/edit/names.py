""" "rename shot 2 to Sunrise", "call it Summer": titles of stages, inputs and the template."""

from __future__ import annotations

import re

from compose.template_plan.edit.request import Request, rule
from compose.template_plan.words import one_line
from templates_app.graph.spec import MAX_NAME


def _rename(request: Request) -> bool:
    new = one_line(request.words("new").strip(" “”\"'."), MAX_NAME)
    what = request.full(request.matched["what"]).strip(" “”\"'")
    if not new:
        return False
    mention, _ = request.mentions.take(what)
    views = list(mention.stages) if mention is not None else []
    if not views and re.fullmatch(r"(?:this|it|the\s+selected.*|the\s+stage)", what, re.IGNORECASE):
        views = list(request.work.selection)
    if views:
        was = views[0].title
        views[0].raw["label"] = new
        request.say(f"“{was}” is now called “{new}”.")
        return True
    for one in request.work.inputs:
        name = str(one.get("name", ""))
        bare = re.sub(r"^(?:the\s+)?(?:input\s+)?", "", what, flags=re.IGNORECASE)
        bare = re.sub(r"\s+input$", "", bare, flags=re.IGNORECASE)
        if bare.lower() in (
            name.lower(),
            request.work.input_title(name).lower(),
            str(one.get("description", "")).lower(),
        ):
            one["description"] = new
            request.say(f"The input “{bare}” is now called “{new}”.")
            return True
    if re.fullmatch(
        r"(?:it|this|the\s+(?:template|workflow|film|video|title|name|whole\s+thing)|its\s+(?:name|title)|es|das|le|lo|)",
        what,
        re.I,
    ):
        was = str(request.work.body.get("name", ""))
        if was == new:
            request.warn(f"It is called “{new}” already.")
            return True
        request.work.body["name"] = new
        request.say(f"The template is now called “{new}”.")
        return True
    return False


RULES = (
    rule(
        r"\b(?:rename|umbenennen|benenne|renomme[rz]?|renombra[r]?)\s+(?P<what>.*?)\s*\b(?:to|as|into|in|zu|en|a)\s+(?P<new>.+)",
        _rename,
        is_scoped=False,
    ),
    rule(
        r"\b(?:call|name|nenne|nenn|appelle|llama)\s+(?P<what>it|this|es|das|the\s+template|the\s+film|the\s+video|(?:the\s+)?\w+(?:\s+\w+)?)\s+(?P<new>.+)",
        _rename,
        is_scoped=False,
    ),
    rule(
        r"\bchange\s+(?P<what>(?:the|its)\s+(?:name|title))(?:\s+of\s+the\s+template)?\s+to\s+(?P<new>.+)",
        _rename,
        is_scoped=False,
    ),
)
