"""Small pictures and figures that every page writes the same way. `{% load reelgraph %}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from math import ceil
from typing import Any, Final

from django import template
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError

from accounts import avatars, suspension
from accounts.models import User
from accounts.roles import is_operator
from builder.shared import proofs
from builder.shared.graph_glyph import Signature, signature_of
from compose.model.model_client import configured_model
from core import clock, command_names, declared_settings, installation, server_settings
from notices import selectors as notices
from tools import registry
from tools.declaration.port_types import PORT_TYPES, port_type

register = template.Library()

_NAME = re.compile(r"[a-z0-9-]+")
_SVG_CONTENT = re.compile(r"<svg\b[^<>]*>((?:(?!<svg).)*)</svg>", re.DOTALL)

# The shape of each port type in a box of 14; its color is the class `t-<type>`.
_SHAPES: Final = {
    name: format_html('<path d="{}" stroke-linejoin="round"/>', one.outline.path(7, 7))
    for name, one in PORT_TYPES.items()
}


@register.simple_tag(takes_context=True)
def notice_standing(context: Mapping[str, Any]) -> notices.Standing:
    """Return what the bell of the one who looks shows."""
    return notices.standing(context["user"].pk)


@register.inclusion_tag("builder/parts/banners.html", takes_context=True)
def banners(context: Mapping[str, Any]) -> dict[str, Any]:
    """Show what an operator announced; to those who are signed in, also that terms are new."""
    announcement = server_settings.value("ANNOUNCEMENT")
    terms = server_settings.value("TERMS") if context["user"].is_authenticated else ""
    return {
        "is_quiet": installation.is_quiet(),
        "is_operator": is_operator(context["user"]),
        "announcement": announcement,
        "announcement_id": server_settings.digest(announcement)[:16],
        "terms_id": server_settings.digest(terms)[:16] if terms else "",
    }


@register.inclusion_tag("builder/parts/foot.html")
def foot(has_report: bool = False, is_embed: bool = False) -> dict[str, Any]:
    """Links below each page: the server's terms, and whom to turn to."""
    contact = server_settings.value("CONTACT")
    return {
        "has_terms": bool(server_settings.value("TERMS")),
        "contact": declared_settings.contact_link(contact) if contact else "",
        "has_report": has_report,
        "is_embed": is_embed,
    }


@register.simple_tag
def page_script(name: str) -> SafeString:
    """The tags of `frontend/src/pages/<name>.ts`; none where the frontend was never built.

    Pages work without their scripts.
    """
    try:
        tags = DjangoViteAssetLoader.instance().generate_vite_asset(
            f"src/pages/{name}.ts", app="pages"
        )
    except DjangoViteAssetNotFoundError:
        return SafeString("")
    # Made of the names in our own manifest.
    return SafeString(tags)


@register.simple_tag
def has_language_model() -> bool:
    """Return whether a language model drafts what people describe, which costs a credit."""
    return configured_model() is not None


@register.simple_tag(takes_context=True)
def suspension_end(context: Mapping[str, Any]) -> str:
    """Say when the suspension of the one who looks ends, or ""."""
    person = context.get("user")
    until = suspension.suspended_until(person) if isinstance(person, User) else None
    return suspension.shown_moment(until) if until else ""


@register.filter
def may_act(person: object) -> bool:
    """Return whether to offer this person, or a visitor, what makes, changes or says something.

    A suspended person gets the banner instead: what they'd send is refused.
    """
    return not isinstance(person, User) or suspension.suspended_until(person) is None


@register.filter
def proof_kind(person: User) -> str:
    """Return how this person proves that a change is theirs: by a password, a code, or nothing."""
    return proofs.kind_of(person)


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """A lucide icon of static/icons, drawn in the text's color.

    classes: more of `i-12`, `i-14`, `i-20`, `i-fill`. label: what it says where no word is
    beside it; without one, screen readers pass over it.
    """
    hidden = SafeString('aria-hidden="true"')
    attributes = format_html('role="img" aria-label="{}"', label) if label else hidden
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" {}>{}</svg>',
        f"i {classes}".strip(),
        attributes,
        _icon_content(name),
    )


@lru_cache(maxsize=256)
def _icon_content(name: str) -> SafeString:
    path = settings.BASE_DIR / "static" / "icons" / f"{name}.svg"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise template.TemplateSyntaxError(
            f"No icon {name!r}: add static/icons/{name}.svg from lucide, or use one that is there."
        )
    match = _SVG_CONTENT.findall(path.read_text())
    # Our own files, as they came from lucide.
    return SafeString(re.sub(r"[^\S\n]{0,99}\n\s*", "", "".join(match)))


@register.simple_tag
def port_shape(type: str, classes: str = "") -> SafeString:
    """The shape of a port type: image, video, audio, text, number, model; all else is a ring."""
    name = port_type(type).name
    return format_html(
        '<svg class="{}" viewBox="0 0 14 14" aria-hidden="true">{}</svg>',
        f"shape t-{name} {classes}".strip(),
        _SHAPES[name],
    )


@register.simple_tag
def sig(spec: Mapping[str, Any]) -> SafeString:
    """A template's graph in 22 px, from a stored spec or a public record of it."""
    glyph = signature_of(spec, registry.table())
    count = f"Graph of {glyph.stages} stage{'' if glyph.stages == 1 else 's'}"
    return format_html(
        '<svg class="graph-glyph" viewBox="0 0 {} 22" role="img" aria-label="{}">{}{}</svg>',
        f"{glyph.width:g}",
        count,
        format_html_join("", '<path class="graph-glyph-edge" d="{}"/>', _curves(glyph)),
        format_html_join(
            "",
            '<g class="t-{}" transform="translate({} {}) scale(.5)">{}</g>',
            (
                (one.type, f"{one.x - 3.5:g}", f"{one.y - 3.5:g}", _SHAPES[one.type])
                for one in glyph.points
            ),
        ),
    )


def _curves(signature: Signature) -> Iterable[tuple[str]]:
    for source, target in signature.edges:
        a, b = signature.points[source], signature.points[target]
        bend = (b.x - a.x) / 2
        yield (f"M{a.x:g} {a.y:g}C{a.x + bend:g} {a.y:g} {b.x - bend:g} {b.y:g} {b.x:g} {b.y:g}",)


@register.simple_tag
def command(words: str) -> str:
    """Return what runs a command of ours on this installation."""
    return command_names.command(words)


@register.simple_tag
def start_command() -> str:
    return command_names.START


@register.filter
def with_code(text: str) -> SafeString:
    """Return the text with what is between backticks as code."""
    pieces = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", one) if at % 2 else one,) for at, one in pieces)
    )


@register.simple_tag
def ago(when: datetime | str | None) -> SafeString | str:
    """`<time>` that says how long ago; the moment itself is its title. Takes ISO text, too."""
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    if when is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        when.isoformat(timespec="seconds"),
        f"{when:%-d %b %Y, %H:%M} UTC",
        time_ago((clock.now() - when).total_seconds(), when),
    )


def time_ago(seconds: float, when: datetime) -> str:
    """`just now`, `4 min ago`, `3 h ago`, `yesterday`, `5 days ago`, then the date."""
    days = int(seconds // 86_400)
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86_400:
        return f"{int(seconds // 3600)} h ago"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 14 else f"{when:%-d %b %Y}"


@register.simple_tag
def units(milli: int | None) -> str:
    """Thousandths of a capacity unit in words: `free`, `1 credit`, `2.5 credits`."""
    if not milli:
        return "free"
    number = f"{milli / 1000:,.3f}".rstrip("0").rstrip(".")
    return f"{number} credit{'' if milli == 1000 else 's'}"


@register.simple_tag
def duration(seconds: float | None) -> str:
    """A length as a player writes it: `0:24`, `1:02:03`. Nothing for none."""
    if seconds is None:
        return ""
    whole = max(0, ceil(seconds - 0.5))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def compact(number: int | None) -> str:
    """A count for a card: `940`, `8,102`, `18.9k`, `1.2m`."""
    count = number or 0
    if count < 10_000:
        return f"{count:,}"
    size, letter = (1_000_000, "m") if count >= 999_950 else (1_000, "k")
    return f"{count / size:.1f}".removesuffix(".0") + letter


@register.simple_tag
def avatar(name: str, classes: str = "") -> SafeString:
    """Initials on a hue that stays the same for a name. Say the name beside it, or as a label."""
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>',
        f"avatar avatar-hue-{avatars.hue(name)} {classes}".strip(),
        avatars.initials(name),
    )


@register.filter
def is_page(path: str) -> bool:
    """Return whether this address is served here: links to what is not installed are left out."""
    return _is_page(str(path))


@lru_cache(maxsize=64)
def _is_page(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
