"""What the page of a template shows, for its viewer."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote as quoted

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import mark_safe

from accounts import credit, ledger
from accounts.models import User
from builder.gallery.cards import card_of_version
from builder.gallery.categories import CATEGORY_WORDS
from builder.template_pages import drafts
from builder.template_pages.forms import MEDIA, FormField, fields_of, read_inputs
from core import errors
from core.public_url import base_url
from moderation.notices import notice_for
from runs import states
from runs.admission import quotes
from runs.billing.units import units
from runs.models import Artifact, Run
from templates_app import selectors
from templates_app.graph import svg_poster
from templates_app.graph.rules.messages import TemplateRefused, for_person
from templates_app.graph.spec import CATEGORIES
from templates_app.graph.titles import TemplateTitles
from templates_app.graph.wiring import INPUTS, Wiring, clean, each_stage, read_wiring, sources_of
from templates_app.models import Template, TemplateVersion
from templates_app.selectors import LIVE, OPEN, Shown
from templates_app.web.serializers import template_out
from tools import registry

TABS = ("graph", "remixes", "versions")
REMIXES = 24
VERSIONS = 50
STAGES_IN_WORDS = 100
REEL = 6
RESULTS = 24
WORDS_SHOWN = 160
SHORT_FORM = 2
# Wider than this, a graph is moved sideways instead of made unreadably small.
WIDE_STAGES = 8

KIND_WORDS = {
    "image": "an image",
    "video": "a video",
    "audio": "audio",
    "model": "a 3D model",
    "choice": "data",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent, to be shown again. problems: by input name; others: what else is wrong."""

    texts: Mapping[str, Sequence[str]]
    problems: Mapping[str, str]
    others: tuple[str, ...] = ()


def viewer_of(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def shown_to(request: HttpRequest, public_id: str, *, with_specs: bool = True) -> Shown:
    """The template and version this request may see. Raises NotFound.

    with_specs: else the version's graph is read only when it is asked for.
    """
    viewer = viewer_of(request)
    template = selectors.resolve(viewer, public_id, with_specs=with_specs)
    return selectors.shown_to(viewer, template)


def context(request: HttpRequest, shown: Shown, sent: Sent | None = None) -> dict[str, Any]:
    """Everything `template_pages/template.html` needs."""
    viewer, template, origin = viewer_of(request), shown.template, base_url(request)
    spec = template_out(shown, base_url=origin)
    wiring = read_wiring(shown.version.spec, registry.table())
    tab = request.GET.get("tab", "")
    looks = _looks(spec, origin)
    stages = in_words(spec, wiring)
    page: dict[str, Any] = {
        "id": template.public_id,
        "spec": spec,
        "name": spec["name"],
        "author": "Reelgraph" if spec["author"] == "system" else spec["author"]["displayName"],
        "version": shown.version,
        "is_owner": shown.is_owner,
        "is_public": template.visibility == "public",
        "is_open": shown.is_open,
        "moderation": template.moderation,
        "notice": notice_for(template) if shown.is_owner else None,
        "differs": shown.is_owner
        and template.visibility == "public"
        and template.published_id != shown.version.pk,
        "published": template.published,
        "tab": tab if tab in TABS else "graph",
        "looks": looks,
        "look": looks[0] if looks else None,
        "stages": stages[:STAGES_IN_WORDS],
        "stages_left": max(0, len(stages) - STAGES_IN_WORDS),
        "stage_count": len(stages),
        "is_wide": len(stages) > WIDE_STAGES,
        "category": CATEGORY_WORDS.get(spec["category"], spec["category"]),
        "categories": [(name, CATEGORY_WORDS[name]) for name in CATEGORIES],
        "tags": ", ".join(spec.get("tags") or ()),
        "remix_count": _remixes(viewer, template).count(),
        "version_count": template.versions.count() if shown.is_owner else 1,
        "lineage": lineage(viewer, template),
        "counts": _counts(template),
        "link": origin + reverse("template", args=[template.public_id]),
        "sign_in": f"/sign-in?next={quoted(request.path)}",
        "form": run_form(request, shown, spec, sent),
        **_social(shown, spec, looks, origin),
    }
    # What fits a window stays beside the page; a long form scrolls with it.
    page["is_short"] = len(page["form"]["fields"]) <= SHORT_FORM and not shown.is_owner
    if page["tab"] == "graph":
        page["graph"] = mark_safe(  # noqa: S308  drawing escapes every word
            svg_poster.to_page(wiring, spec.get("graph"))
        )
    elif page["tab"] == "remixes":
        page["remixes"] = [_card(one, viewer) for one in _remixes(viewer, template)[:REMIXES]]
    else:
        page["versions"] = versions(shown)
    return page


# --- the form ------------------------------------------------------------------------------------


def run_form(
    request: HttpRequest, shown: Shown, spec: Mapping[str, Any], sent: Sent | None = None
) -> dict[str, Any]:
    """Everything `template_pages/run_form.html` needs, as `form`."""
    texts = sent.texts if sent else drafts.kept(request, shown.template.public_id)
    fields = fields_of(spec, texts, sent.problems if sent else None)
    return {
        "template": shown.template.public_id,
        "fields": fields,
        # One key per form shown: a double click starts one run.
        "key": secrets.token_urlsafe(16),
        "can_be_tried": any(field.can_be_tried for field in fields),
        "problems": sent.others if sent else (),
        **quote(request, shown, spec, read_inputs(spec, texts or {})),
        "is_signed_in": viewer_of(request) is not None,
        "credits": credits_of(viewer_of(request)),
        "upload_mb": settings.UPLOAD_LIMIT_BYTES // 1_000_000,
        "label": "Run with this text" if kinds_of(fields) == "text" else "Run",
    }


def kinds_of(fields: Iterable[FormField]) -> str:
    """What the form mainly asks for: "media" where there is any, else "text", else nothing."""
    kinds = {field.type for field in fields}
    return "media" if kinds & {*MEDIA} else "text" if "text" in kinds else ""


def credits_of(viewer: User | None) -> str:
    """What the credits of a quote are, and how many this viewer has, where there is a limit."""
    what = "Credits measure the work of a run."
    if settings.LIMIT_CREDIT:
        if viewer is None:
            return what
        return f"{what} You have {units(max(0, ledger.balance(viewer)))} left."
    if settings.DAILY_UNITS:
        if viewer is None:
            return f"{what} You can use {settings.DAILY_UNITS} a day."
        used = ledger.used_since(credit.day_began(), user_id=viewer.pk)
        return f"{what} You've used {units(used)} of {settings.DAILY_UNITS} today (UTC)."
    return f"{what} No limit is set on this server."


def quote(
    request: HttpRequest, shown: Shown, spec: Mapping[str, Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """What `template_pages/quote.html` needs: the quote, and what is wrong in a person's words."""
    found = quotes.quote_template(shown.version, inputs, own_hosts=[request.get_host()])
    titles = _titles(spec)
    said = (for_person(issue, titles) for issue in found.issues)
    return {"quote": found, "refusals": [text for text in said if text][:3]}


def problems_of(
    refusal: errors.AppError, spec: Mapping[str, Any]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a refused start says of single fields, by their names, and what else it says."""
    fields = {field.name: field for field in fields_of(spec)}
    by_input: dict[str, str] = {}
    others: list[str] = []
    titles = _titles(spec)
    said = refusal.sentences(titles) if isinstance(refusal, TemplateRefused) else ()
    for found, text in said:
        root, _, name = found.at.path.partition("/")
        field = fields.get(name.partition("/")[0])
        if root == "inputs" and field is not None:
            is_missing = found.code == "missing_input"
            by_input.setdefault(field.name, field.missing if is_missing else text)
        else:
            others.append(text)
    if not by_input and not others:
        others.append(refusal.person)
    return by_input, tuple(others[:10])


def _titles(spec: Mapping[str, Any]) -> TemplateTitles:
    labels = {field.name: field.label for field in fields_of(spec)}
    return TemplateTitles(spec, registry.table(), labels)


# --- what it makes -------------------------------------------------------------------------------


def in_words(spec: Mapping[str, Any], wiring: Wiring) -> list[dict[str, Any]]:
    """Each stage: its title, what it does, what it makes, where that comes from."""
    sources, titles = sources_of(wiring), {node.id: node.title for node in wiring.nodes}
    given = {stage.get("id"): stage for stage in spec["stages"]}
    brought = "your text" if kinds_of(fields_of(spec)) == "text" else "your inputs"
    found = []
    for node in each_stage(wiring):
        stage = given.get(node.id) or {}
        args = stage.get("args")
        words = args.get("prompt") if isinstance(args, dict) else None
        is_text = isinstance(words, str) and not words.startswith("$")
        found.append(
            {
                "id": node.id,
                "title": node.title,
                "tool": node.meta if node.meta != node.title else "",
                "kind": node.kind,
                "makes": KIND_WORDS.get(node.kind, "data"),
                "words": clean(str(words), WORDS_SHOWN) if is_text else "",
                "sources": [
                    brought if source == INPUTS else titles[source]
                    for source in sources.get(node.id, ())
                ][:6],
            }
        )
    return found


def _looks(spec: Mapping[str, Any], origin: str) -> list[dict[str, Any]]:
    """Previews that can be shown here, films first; the first is the template's face."""
    found = []
    for preview in spec.get("previewArtifacts") or ():
        if not isinstance(preview, Mapping):
            continue
        url, poster = preview.get("url"), preview.get("posterUrl")
        if isinstance(url, str) and url.startswith(f"{origin}/media/"):
            has_poster = isinstance(poster, str) and poster.startswith(f"{origin}/media/")
            found.append(
                {
                    "kind": "video" if preview.get("mediaType") == "video" else "image",
                    "url": url,
                    "poster": poster if has_poster else "",
                    "label": clean(str(preview.get("label") or preview.get("stageId") or "")),
                }
            )
    found.sort(key=lambda look: look["kind"] != "video")
    return found[:REEL]


# --- around it -----------------------------------------------------------------------------------


def lineage(viewer: User | None, template: Template) -> dict[str, Any] | None:
    """Where it comes from, as far as this viewer may know.

    original: its id, name and author when it is there for them. moved_on: its version when that is
    newer than the one that was copied.
    """
    is_mine = viewer is not None and template.owner_id == viewer.pk
    source = template.source.template if template.source else None
    if not template.cloned_from_public_id:
        return None
    if not is_mine and (source is None or source.published_at is None):
        # The source was never public: that there is one is its owner's business.
        return None
    visible = OPEN | (LIVE & Q(owner=viewer)) if viewer else OPEN
    original = (
        Template.objects.filter(visible, pk=source.pk).select_related("owner", "published").first()
        if source
        else None
    )
    if original is None:
        return {"original": None, "moved_on": None}
    return {
        "original": {
            "id": original.public_id,
            "name": original.published.spec["name"] if original.published else original.name,
            "author": original.owner.shown_name,
        },
        "moved_on": selectors.original_moved_on(template),
    }


def versions(shown: Shown) -> list[dict[str, Any]]:
    """For its owner all of them, newest first; for others the one that is published."""
    template = shown.template
    rows: Collection[TemplateVersion] = [shown.version]
    if shown.is_owner:
        rows = template.versions.order_by("-number").defer("spec")[:VERSIONS]
    causes = {"create": "Created", "fork": "Remixed", "patch": "Changed", "restore": "Restored"}
    return [
        {
            "number": row.number,
            "semver": row.semver,
            "created_at": row.created_at,
            "what": row.label or causes.get(row.cause, "Saved"),
            "is_published": template.visibility == "public" and row.pk == template.published_id,
            "is_head": shown.is_owner and row.pk == template.head_id,
        }
        for row in rows
    ]


def results_of(owner: User, template: Template) -> list[dict[str, Any]]:
    """What the owner's finished runs of their template made, newest first, to choose from."""
    rows = (
        Artifact.objects.filter(
            run__owner=owner,
            run__template_version__template=template,
            step__status=states.COMPLETED,
            kind__in=("image", "video", "model"),
            hidden_at=None,
        )
        .select_related("step", "run", "blob")
        .order_by("-run_id", "-step__sequence", "-position")[:RESULTS]
    )
    return [
        {
            "artifact": row,
            "id": row.public_id,
            "kind": row.kind,
            "label": clean(row.step.title or row.step.key),
            "when": row.run.created_at,
            "seconds": row.blob.duration_ms / 1000 if row.blob.duration_ms else None,
        }
        for row in rows
        if row.generation == row.step.generation
    ]


def _remixes(viewer: User | None, template: Template) -> Any:
    visible = OPEN | (LIVE & Q(owner=viewer)) if viewer else OPEN
    rows = Template.objects.filter(visible, source__template=template)
    return rows.select_related("owner", "published", "head", "stats").order_by("-created_at", "-id")


def _card(template: Template, viewer: User | None) -> dict[str, Any]:
    shown = selectors.shown_to(viewer, template)
    stats = getattr(template, "stats", None)
    counts = {"runs": stats.runs, "forks": stats.forks} if stats else {}
    card = card_of_version(template, shown.version, is_open=shown.is_open, **counts)
    return card | {"is_private": template.visibility != "public"}


def _counts(template: Template) -> dict[str, int]:
    """How often it ran, and how much of what is over came to its end."""
    found = Run.objects.filter(template_version__template=template).aggregate(
        all=Count("id"),
        over=Count("id", filter=Q(status__in=(*_GOOD, states.FAILED))),
        good=Count("id", filter=Q(status__in=_GOOD)),
    )
    share = round(100 * found["good"] / found["over"]) if found["over"] else 0
    return {"runs": found["all"], "over": found["over"], "finished": share}


_GOOD = (states.COMPLETED, states.PARTIAL_FAILURE)


def _social(
    shown: Shown, spec: Mapping[str, Any], looks: Sequence[Mapping[str, Any]], origin: str
) -> dict[str, Any]:
    """What other sites show of a link; nothing for what is not open to them."""
    if not shown.is_open:
        return {"social": None}
    picture = next((look["poster"] for look in looks if look["poster"]), "") or next(
        (look["url"] for look in looks if look["kind"] == "image"), ""
    )
    share = origin + reverse("template-share", args=[shown.template.public_id])
    return {
        "social": {
            "description": clean(spec["description"], 200) or "A template on Reelgraph.",
            "image": picture or share,
            "is_drawn": not picture,
        }
    }
