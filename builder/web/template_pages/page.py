"""The context of a template's page, for its viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote as quoted

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import mark_safe

from accounts import blocks
from builder.shared.page_requests import viewer_of
from builder.web.creation_pages.lists import made_with
from builder.web.gallery.categories import CATEGORY_WORDS
from builder.web.licensing import license_of
from builder.web.run_looks import looks_of
from builder.web.template_pages.forms import fields_of
from builder.web.template_pages.relations import (
    REMIXES,
    lineage,
    remix_cards,
    remixes_of,
    used_in,
    uses_of,
    versions,
)
from builder.web.template_pages.run_form import SubmittedForm, kinds_of, run_form
from builder.web.template_pages.run_outcomes import run_counts
from core.public_url import base_url
from creations.selectors import may_have_page
from media import resolvers
from media.origin import Origin, line_of, origin_of_file, origins_of
from moderation import staff_picks
from moderation.notices import notice_for
from runs.selectors import last_runs
from templates_app import blocked_previews, media_links
from templates_app.graph import svg_page
from templates_app.graph.spec import CATEGORIES
from templates_app.graph.wiring import INPUTS, Wiring, clean, each_stage, read_wiring, sources_of
from templates_app.schemas import agent_rank
from templates_app.selectors import VisibleTemplate
from templates_app.uses import table_of
from templates_app.web.serializers import template_out

TABS = ("graph", "remixes", "versions")
STAGES_IN_WORDS = 100
REEL = 6
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


def context(
    request: HttpRequest, template_view: VisibleTemplate, form: SubmittedForm | None = None
) -> dict[str, Any]:
    """Everything `template_pages/template.html` needs."""
    viewer, template, origin = viewer_of(request), template_view.template, base_url(request)
    left_out = blocks.left_out(viewer)
    remixes = remixes_of(viewer, template).exclude(owner__in=left_out)
    spec = template_out(template_view, base_url=origin)
    wiring = read_wiring(template_view.version.spec, table_of(template_view.version))
    tab = request.GET.get("tab", "")
    previews = looks = _looks(template_view, origin)
    if template_view.is_owner and not looks:
        looks = list(looks_of(last_runs(template.owner, [template.pk])).values())
    stages = in_words(spec, wiring)
    page: dict[str, Any] = {
        "id": template.public_id,
        "spec": spec,
        "name": spec["name"],
        "author": "Reelgraph" if spec["author"] == "system" else spec["author"]["displayName"],
        "version": template_view.version,
        "is_owner": template_view.is_owner,
        "is_public": template.visibility == "public",
        "is_open": template_view.is_open,
        "moderation": template.moderation,
        "notice": notice_for(template) if template_view.is_owner else None,
        "pick": staff_picks.offered(viewer, template),
        "is_draft": template_view.draft_rev is not None,
        "differs": template_view.is_owner
        and template.visibility == "public"
        and template.published_id != template_view.version.pk,
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
        # What the form of the details shows first.
        "details": {
            "name": spec["name"],
            "description": spec.get("description", ""),
            "tags": ", ".join(spec.get("tags") or ()),
        },
        "agent_rank": agent_rank(spec),
        "remix_count": remixes.count(),
        "version_count": template.versions.count() if template_view.is_owner else 1,
        "license": license_of(spec),
        "lineage": lineage(viewer, template),
        "uses": uses_of(viewer, template_view),
        "used_in": used_in(viewer, template, left_out),
        "counts": run_counts(template, with_drafts=template_view.is_owner),
        "author_id": template.owner.public_id if may_have_page(template.owner) else "",
        "made_with": made_with(template, left_out=left_out),
        "link": origin + reverse("template", args=[template.public_id]),
        "sign_in": f"/sign-in?next={quoted(request.path)}",
        "form": run_form(request, template_view, spec, form),
        **_social(template_view, spec, previews, origin),
    }
    # What fits a window stays beside the page; a long form scrolls with it.
    page["is_short"] = len(page["form"]["fields"]) <= SHORT_FORM and not template_view.is_owner
    if page["tab"] == "graph":
        page["graph"] = mark_safe(  # noqa: S308  drawing escapes every word
            svg_page.to_page(wiring, spec.get("graph"))
        )
    elif page["tab"] == "remixes":
        page["remixes"] = remix_cards(remixes[:REMIXES], viewer)
    else:
        page["versions"] = versions(template_view)
    return page


def in_words(spec: Mapping[str, Any], wiring: Wiring) -> list[dict[str, Any]]:
    """Each stage: its title, what it does, what it makes, where that comes from."""
    sources, titles = sources_of(wiring), {node.id: node.title for node in wiring.nodes}
    by_id = {stage.get("id"): stage for stage in spec["stages"]}
    material = "your text" if kinds_of(fields_of(spec)) == "text" else "your inputs"
    rows = []
    for node in each_stage(wiring):
        stage = by_id.get(node.id) or {}
        args = stage.get("args")
        words = args.get("prompt") if isinstance(args, dict) else None
        is_text = isinstance(words, str) and not words.startswith("$")
        rows.append(
            {
                "id": node.id,
                "title": node.title,
                "tool": node.meta if node.meta != node.title else "",
                "kind": node.kind,
                "makes": KIND_WORDS.get(node.kind, "data"),
                "words": clean(str(words), WORDS_SHOWN) if is_text else "",
                "sources": [
                    material if source == INPUTS else titles[source]
                    for source in sources.get(node.id, ())
                ][:6],
            }
        )
    return rows


def _looks(template_view: VisibleTemplate, origin: str) -> list[dict[str, Any]]:
    """Previews that can be shown here, films first; the first is the template's face."""
    version = template_view.version
    stored_spec = blocked_previews.without_blocked(version.spec)
    spec = media_links.show(
        stored_spec, version_id=version.pk, base_url=origin, is_open=template_view.is_open
    )
    stored_previews = stored_spec.get("previewArtifacts") or ()
    references = [media_links.read_reference(_url_of(one)) for one in stored_previews]
    origins = origins_of({one.id for one in references if one and one.kind == "blob"})
    looks = []
    for reference, preview in zip(references, spec.get("previewArtifacts") or (), strict=True):
        if not isinstance(preview, Mapping):
            continue
        url, poster = preview.get("url"), preview.get("posterUrl")
        if isinstance(url, str) and url.startswith(f"{origin}/media/"):
            has_poster = isinstance(poster, str) and poster.startswith(f"{origin}/media/")
            looks.append(
                {
                    "kind": "video" if preview.get("mediaType") == "video" else "image",
                    "url": url,
                    "poster": poster if has_poster else "",
                    "label": clean(str(preview.get("label") or preview.get("stageId") or "")),
                    "origin": _origin_line(reference, origins),
                }
            )
    looks.sort(key=lambda look: look["kind"] != "video")
    return looks[:REEL]


def _url_of(stored_preview: Any) -> Any:
    return stored_preview.get("url") if isinstance(stored_preview, Mapping) else None


def _origin_line(
    reference: media_links.StoredReference | None, origins: Mapping[str, Origin]
) -> str:
    """Return what people read of the origin of a file that a spec names. origins: by hash."""
    if reference is None:
        return ""
    if reference.kind == "blob":
        return line_of(origins.get(reference.id, "unknown"))
    blob = resolvers.resolve(reference.id)
    return line_of(origin_of_file({}, blob)) if blob else ""


def _social(
    template_view: VisibleTemplate,
    spec: Mapping[str, Any],
    previews: Sequence[Mapping[str, Any]],
    origin: str,
) -> dict[str, Any]:
    """Return what other sites show of a link; nothing for what is not open to them."""
    if not template_view.is_open:
        return {"social": None}
    picture = next((look["poster"] for look in previews if look["poster"]), "") or next(
        (look["url"] for look in previews if look["kind"] == "image"), ""
    )
    share = origin + reverse("template-share", args=[template_view.template.public_id])
    return {
        "social": {
            "description": clean(spec["description"], 200) or "A template on Reelgraph.",
            "image": picture or share,
            "is_drawn": not picture,
        }
    }
