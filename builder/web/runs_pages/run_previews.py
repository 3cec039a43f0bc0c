"""Results of a run as the preview of its owner's template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from builder.web.runs_pages.stage_rows import titles_of
from builder.web.runs_pages.view_models import main_result, poster_of
from media import posters
from runs import selectors
from runs.models import Run
from runs.stage_tree import outermost
from templates_app.lifecycle import previews

# What a template's page can show, if only as a still.
SHOWABLE = ("image", "video", "model")


def previews_of(snapshot: Mapping[str, Any], run: Run) -> list[previews.StagePreview]:
    """The film first, then the first picture or film of each other stage, a handful in all."""
    film = main_result(snapshot)
    if film is None or film["type"] not in SHOWABLE:
        return []
    stage_of = {step["key"]: step.get("stage_id") or step["key"] for step in run.plan["steps"]}
    titles = titles_of(snapshot["steps"])
    # A batch is shown by what its items made, a group by what it holds.
    tops = outermost((step["id"], step.get("parentId")) for step in snapshot["steps"])
    by_stage = {tops.get(film["stepId"], film["stepId"]): film}
    for artifact in snapshot["artifacts"]:
        if artifact["type"] in SHOWABLE and len(by_stage) < 8:
            by_stage.setdefault(tops.get(artifact["stepId"], artifact["stepId"]), artifact)
    return [
        previews.StagePreview(
            stage_id=stage_of.get(step, step),
            label=titles.get(step, step)[:120],
            # A template shows pictures and films: of a 3D model, its still.
            kind="image" if artifact["type"] == "model" else artifact["type"],
            url=artifact.get("posterUrl") or artifact["url"],
            poster_url=poster_of(snapshot) if artifact["type"] == "video" else "",
        )
        for step, artifact in by_stage.items()
    ]


def draw_stills(run: Run, chosen: Sequence[previews.StagePreview]) -> bool:
    """Draw the stills among these that no one has looked at yet; whether all could be drawn."""
    models = [row for row in selectors.artifacts_of([run]) if row.kind == "model"]
    rows = [
        row
        for row in models
        if any(f"/{posters.still_id(row.public_id)}/" in one.url for one in chosen)
    ]
    return all(posters.is_drawn(row.blob) for row in rows)


def is_own_template(person: User, run: Run) -> bool:
    template = run.template_version.template if run.template_version else None
    return template is not None and template.owner_id == person.pk and template.deleted_at is None
