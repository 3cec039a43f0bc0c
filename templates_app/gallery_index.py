"""Keeping the gallery's own tables true: the one place that lists, withdraws and counts.

Every service that changes what the public sees of a template calls `refresh` in its transaction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, FloatField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Exp, Greatest, Least, Ln

from core import clock
from media.models import Blob
from templates_app import media_links
from templates_app.blocked_previews import without_blocked
from templates_app.models import Listing, Template, TemplateMedia, TemplateStats
from templates_app.schemas import agent_rank
from templates_app.tokenizer import PICKED_WORD, category_word, line_of, tag_word, words_of
from templates_app.uses import table_of
from tools import registry
from tools.declaration.ports import ToolTable

# Uses count half after three days.
HALF_LIFE_S = 3 * 24 * 3600
RUN_WEIGHT = 1.0
FORK_WEIGHT = 3.0
WORDS_LIMIT = 400
# Of one template, in filters.
TAGS_LIMIT = 32

TEXT_LENGTH = 300
STAGES_SHOWN = 24
BINDING_LENGTH = 200
PREVIEWS_LOOKED_AT = 8


def refresh(template_id: int) -> None:
    """List a template as it is published now, or withdraw it; part of the caller's transaction."""
    template = Template.objects.select_related("published").get(pk=template_id)
    version = template.published
    if (
        version is None
        or template.visibility != "public"
        or template.moderation != "visible"
        or template.deleted_at is not None
    ):
        Template.objects.filter(pk=template_id).update(public_agent_rank=None)
        TemplateStats.objects.filter(template_id=template_id).update(is_listed=False)
        Listing.objects.filter(template_id=template_id).delete()
        return
    spec = version.spec
    Template.objects.filter(pk=template_id).update(public_agent_rank=agent_rank(spec))
    published_at = template.published_at or template.created_at
    stats = {"is_listed": True, "category": spec["category"], "published_at": published_at}
    # The first publication counts as one use: new ones begin above those no one uses any more.
    TemplateStats.objects.update_or_create(
        template_id=template_id,
        defaults=stats,
        create_defaults={**stats, "heat": heat_at(published_at)},
    )
    is_picked = Listing.objects.filter(template_id=template_id, picked_at__isnull=False)
    words = listed_words(spec, is_picked=is_picked.select_for_update().exists())
    Listing.objects.update_or_create(
        template_id=template_id,
        defaults={"words": words, "card": card_spec(without_blocked(spec), table_of(version))},
    )


def refresh_cards(sha256: str) -> None:
    """Write the cards that show a file again, once it is blocked or no longer blocked."""
    media = TemplateMedia.objects.filter(blob_id=sha256, role__in=("preview", "poster"))
    rows = Listing.objects.filter(template__published__in=media.values("version"))
    listings = list(rows.select_related("template__published").order_by("pk"))
    for listing in listings:
        version = listing.template.published
        if version is not None:
            listing.card = card_spec(without_blocked(version.spec), table_of(version))
    Listing.objects.bulk_update(listings, ["card"], batch_size=100)


def set_picked(template: Template, *, is_picked: bool) -> bool:
    """Make a public template a staff pick, or none again; for moderation only.

    It ends when the template is withdrawn. False when nothing changes, or it is not listed. Part of
    the caller's transaction.
    """
    rows = Listing.objects.filter(template=template, picked_at__isnull=is_picked)
    if not rows.update(picked_at=clock.now() if is_picked else None):
        return False
    refresh(template.pk)
    return True


def note_run(template_id: int) -> None:
    """Count a run of a published version; part of the transaction that starts it."""
    _note(template_id, "runs", RUN_WEIGHT)


def note_fork(template_id: int) -> None:
    """Count a fork; part of the transaction that makes it."""
    _note(template_id, "forks", FORK_WEIGHT)


def heat_at(moment: datetime, weight: float = 1.0) -> float:
    """The heat of a single use of this weight at a moment."""
    return moment.timestamp() / HALF_LIFE_S * math.log(2) + math.log(weight)


def listed_words(spec: Mapping[str, Any], *, is_picked: bool = False) -> str:
    """Join what search knows of a spec: its category and tags as one word each, then its texts."""
    tags = [str(tag) for tag in spec.get("tags") or ()]
    texts = (spec["name"], *tags, spec.get("description"), spec.get("brief"))

    def words() -> Iterator[str]:
        yield category_word(spec["category"])
        if is_picked:
            yield PICKED_WORD
        yield from (tag_word(tag) for tag in tags[:TAGS_LIMIT])
        for text in texts:
            yield from words_of(str(text or ""))

    return line_of(words(), WORDS_LIMIT)


def card_spec(spec: Mapping[str, Any], tools: ToolTable | None = None) -> dict[str, Any]:
    """The part of a spec that a card shows, itself in the shape of a spec.

    tools: what its stages may be, with templates; None where none is. Beside it `kind` says what
    the template makes, `seconds` how long its preview plays.
    """
    previews = [
        preview
        for preview in (spec.get("previewArtifacts") or ())[:PREVIEWS_LOOKED_AT]
        if isinstance(preview, dict)
    ]
    film = next((p for p in previews if p.get("mediaType") == "video"), None)
    picture = next((p for p in previews if p.get("mediaType") == "image"), None)
    tools = tools or registry.table()
    stages = [_sketch(stage, tools) for stage in spec["stages"][:STAGES_SHOWN]]
    card: dict[str, Any] = {
        "name": spec["name"],
        "description": str(spec.get("description") or "")[:TEXT_LENGTH],
        "category": spec["category"],
        "tags": [str(tag)[:60] for tag in (spec.get("tags") or ())[:8]],
        "inputs": [
            {"name": input_.get("name"), "type": input_.get("type")}
            for input_ in spec["inputs"][:STAGES_SHOWN]
            if not input_.get("internal")
        ],
        "stages": stages,
        "previewArtifacts": [preview for preview in (film, picture) if preview],
        "stageCount": len(spec["stages"]),
        "kind": "video" if film else _kind_of(spec["stages"], tools),
    }
    if isinstance(spec.get("thumbnailUrl"), str):
        card["thumbnailUrl"] = spec["thumbnailUrl"]
    if film:
        card["seconds"] = _seconds(film)
    return card


def _note(template_id: int, counter: str, weight: float) -> None:
    TemplateStats.objects.filter(template_id=template_id).update(
        **{counter: F(counter) + 1}, heat=heat_after_use(weight)
    )


def heat_after_use(weight: float) -> Combinable:
    """Add one more use of this weight to a column `heat`, for an UPDATE."""
    now = heat_at(clock.now(), weight)
    heat = F("heat")
    # ln(e^a + e^b), by the greater of both. The distance is capped: e^-60 adds nothing to a
    # float, and Postgres refuses results too small for one.
    apart = Least(Abs(heat - Value(now)), Value(60.0))
    return Greatest(heat, Value(now), output_field=FloatField()) + Ln(
        Value(1.0) + Exp(apart * Value(-1.0)), output_field=FloatField()
    )


def heat_without_use(weight: float, at: datetime) -> Combinable:
    """Take one use of this weight at a moment from a column `heat`, for an UPDATE."""
    # ln(e^a - e^b). Being there is a use of its own, so a is greater but for what floats lose.
    apart = Greatest(F("heat") - Value(heat_at(at, weight)), Value(1e-6), output_field=FloatField())
    return F("heat") + Ln(
        Value(1.0) - Exp(Least(apart, Value(60.0)) * Value(-1.0)), output_field=FloatField()
    )


def _sketch(stage: Mapping[str, Any], tools: ToolTable) -> dict[str, Any]:
    """Keep what a drawing of the graph needs of a stage: its tool, and what it takes from where."""
    sketch = {
        name: stage[name]
        for name in ("id", "type", "tool", "overBinding")
        if isinstance(stage.get(name), str) and len(stage[name]) <= BINDING_LENGTH
    }
    for name in ("produces", "requiredArtifactsIn", "optionalArtifactsIn"):
        names = stage.get(name)
        if isinstance(names, list):
            sketch[name] = [one for one in names[:8] if isinstance(one, str)]
    args = stage.get("args")
    if isinstance(args, dict):
        bindings = {
            name: value[:BINDING_LENGTH]
            for name, value in args.items()
            if isinstance(value, str) and value.startswith("$")
        }
        sketch["args"] = dict(list(bindings.items())[:8])
    if isinstance(stage.get("itemStage"), dict):
        sketch["itemStage"] = _sketch({**stage["itemStage"], "itemStage": None}, tools)
    tool = tools.uses.get(str(stage.get("tool") or ""))
    if tool is not None and tool.output:
        # Who draws the card has no rows of the template at hand.
        sketch["makes"] = tool.output
    return sketch


def _kind_of(stages: list[dict[str, Any]], tools: ToolTable) -> str:
    """The kind of what the last stage that makes a file makes, or empty."""
    for stage in reversed(stages):
        tool = tools.get(str(stage.get("tool") or ""))
        if tool is not None and tool.output:
            return str(tool.output)
    return ""


def _seconds(film: Mapping[str, Any]) -> float | None:
    places = list(media_links.places({"previewArtifacts": [dict(film)]}))
    reference = places[0].reference if places else None
    if reference is None or reference.kind != "blob":
        return None
    duration_ms = Blob.objects.filter(pk=reference.id).values_list("duration_ms", flat=True).first()
    return duration_ms / 1000 if duration_ms else None
