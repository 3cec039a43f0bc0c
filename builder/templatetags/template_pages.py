"""Tags of the pages of templates. `{% load template_pages %}`."""

from __future__ import annotations

from math import ceil
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from core.public_url import base_url

register = template.Library()


@register.simple_tag(takes_context=True)
def include_if_there(context: dict[str, Any], name: str, **values: Any) -> SafeString:
    """A partial of another app, or nothing where that app is not installed."""
    try:
        partial = get_template(name)
    except TemplateDoesNotExist:
        return SafeString("")
    flat = context.flatten() if hasattr(context, "flatten") else dict(context)
    html = partial.render({**flat, **values}, context.get("request"))
    return mark_safe(html)  # noqa: S308  a template of ours has escaped it


@register.filter
def about(seconds: float | None) -> str:
    """A time no one can promise: `about 12 s`, `about 1 min 50 s`, `about 2 h`; empty for none."""
    if seconds is None:
        return ""
    if seconds < 20:
        return f"about {max(1, ceil(seconds))} s"
    if seconds < 60:
        return f"about {5 * ceil(seconds / 5)} s"
    if seconds < 600:
        minutes, rest = divmod(10 * ceil(seconds / 10), 60)
        return f"about {minutes} min{f' {rest} s' if rest else ''}"
    if seconds < 5400:
        return f"about {ceil(seconds / 60)} min"
    return f"about {round(seconds / 3600)} h"


@register.filter
def is_ours(url: str, request: HttpRequest) -> bool:
    """Return whether a file is served here and may be shown: the page's policy shows no others."""
    return url.startswith(("/media/", f"{base_url(request)}/media/"))
