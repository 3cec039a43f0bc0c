"""A run's page as JSON: what its scripts draw."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

from django.urls import reverse

from accounts import suspension
from accounts.models import User
from builder.web.editor.run_state import state_of
from builder.web.editor.schemas import RunRecord
from builder.web.runs_pages import schemas
from builder.web.runs_pages.pending_inputs import PendingInput
from core import clock
from runs.admission.final_quotes import final_offers
from runs.models import Run
from runs.web.serializers import final_stage


def page_state(
    person: User, run: Run, context: Mapping[str, Any], *, base_url: str
) -> schemas.RunPage:
    """context: of `run_page.context`. base_url: where media are read."""
    record = context["run"]
    state = state_of(run, person, base_url)
    # They are in the page's turns, as its forms ask them.
    state.pop("waits", None)
    _name_files(state, context["file_names"])
    film, live, is_over = context["film"], context["live"], context["is_over"]
    error = record.get("error")
    return {
        **state,
        "page": {
            "title": ", ".join(filter(None, [record["title"], context["film_origin"]])),
            "order": [stage["id"] for stage in context["stages"]],
            "stages": {
                row["id"]: _stage(row) for stage in context["stages"] for row in _with_items(stage)
            },
            "film": film["id"] if film and is_over else None,
            "poster": context["poster"],
            "featured": {
                "artifact": live.get("artifact", {}).get("id"),
                "question": live.get("question", ""),
                "stage": live.get("stage", ""),
            },
            "made": len(context["made"]),
            "summary": context["summary"],
            "error": {"headline": error["headline"], "cause": error.get("cause", "")}
            if error
            else None,
            "filtered": (record.get("contentFilter") or {}).get("message") or "",
            "took": context["took"],
            "waited": context["waited"],
            "left": context["left"],
            "rested": context["rested_ms"] / 1000,
            "restingSince": clock.iso_or_none(context["resting_since"]),
            "starter": context["starter"],
            "estimate": record["estimatedCapacityUnits"],
            "cost": _cost(context["waiting"], record),
            "final": _final(person, run, record),
            "turns": [turn_state(turn) for turn in context["turns"]],
            "log": [
                {
                    "sequence": event["sequence"],
                    "message": event["message"],
                    "at": event["createdAt"],
                }
                for event in reversed(record["events"])
            ],
            "actions": _actions(person, run, context),
        },
    }


def turn_state(turn: PendingInput, problem: str = "") -> schemas.Turn:
    """A question as its card asks it."""
    return {
        "id": str(turn.id),
        "step": turn.step,
        "stage": turn.stage,
        "kind": cast(Any, turn.kind),
        "heading": turn.heading,
        "text": turn.text,
        "place": turn.place,
        "candidates": [
            {
                "id": one["id"],
                "kind": one["type"],
                "url": one["url"],
                "posterUrl": one.get("posterUrl"),
                "label": one["label"],
            }
            for one in turn.candidates
        ],
        "least": turn.least,
        "most": turn.most,
        "words": [{"name": one.name, "label": one.label, "value": one.value} for one in turn.words],
        "approve": turn.choices.approve if turn.choices else "",
        "decline": turn.choices.decline if turn.choices else "",
        "job": turn.job,
        "asksOnly": turn.asks_only,
        "canLink": turn.can_link,
        "isWide": turn.is_wide,
        "problem": problem,
        "picked": list(turn.picked),
        "typed": turn.typed,
    }


def _name_files(state: RunRecord, names: Mapping[str, str]) -> None:
    """Files are saved under the names that the page's own addresses end with. What a moderator has
    blocked has no address."""
    for step in state["steps"]:
        for medium in step["artifacts"]:
            if medium.get("isBlocked"):
                medium["url"], medium["posterUrl"] = "", None
            elif name := names.get(medium["id"]):
                medium["filename"] = name
                medium["url"] = named_address(medium["url"], name)


def named_address(url: str, name: str) -> str:
    """The address stays as valid."""
    head, _, tail = url.rpartition("/")
    return f"{head}/{quote(name, safe='')}?{tail.partition('?')[2]}"


def _with_items(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a row and those of its items, at any depth."""
    yield row
    for item in row.get("inside", ()):
        yield from _with_items(item)


def _stage(row: Mapping[str, Any]) -> schemas.StageView:
    view: schemas.StageView = {
        "title": row["title"],
        "icon": row["icon"],
        "kind": row["kind"],
        "toolTitle": row["tool_title"],
        "units": row.get("units", row["cost"]["estimated"]),
        "usual": None if row["usual_ms"] == "" else row["usual_ms"] / 1000,
        "note": row["note"],
        "said": row["said"],
        "anchor": row.get("anchor", ""),
        "sides": [
            {"kind": medium["type"], "url": medium["url"]} for _, medium in row.get("sides", ())
        ],
    }
    if "expected" in row:
        view["expected"] = row["expected"]
    return view


def _cost(card: Mapping[str, Any], snapshot: Mapping[str, Any]) -> schemas.CostCard | None:
    if not card:
        return None
    preview = snapshot["billingPreview"]
    return {
        "isCost": card["is_cost"],
        "heading": card["heading"],
        "text": card["text"],
        "assumed": card["assumed"],
        "isExpired": card["is_expired"],
        "total": preview.get("totalEstimatedCapacityUnits"),
        "until": preview.get("validityUntil"),
    }


def _final(person: User, run: Run, snapshot: Mapping[str, Any]) -> schemas.FinalOffer | None:
    """Return what can be made final, for the one who pays; None where nothing can."""
    has_drafts = any(artifact["metadata"].get("draft") for artifact in snapshot["artifacts"])
    offers = final_offers(run, person.pk) if has_drafts and run.owner_id == person.pk else []
    if not offers:
        return None
    stages: list[schemas.FinalStage] = [
        {
            **final_stage(offer.quote),
            "tool": offer.quote.stage.call.tool,
            "args": dict(offer.quote.stage.call.arguments),
            "items": offer.items,
            "files": dict(offer.files),
            "hasOthers": offer.has_others,
            "missing": offer.missing,
        }
        for offer in offers
    ]
    return {"key": secrets.token_urlsafe(16), "stages": stages}


def _actions(person: User, run: Run, context: Mapping[str, Any]) -> schemas.RunActions:
    share, film, template = context["share"], context["film"] or {}, context["template"]
    may_act = suspension.suspended_until(person) is None
    form = reverse("share-run", args=[run.public_id])
    return {
        "mayAct": may_act,
        "share": reverse("creation", args=[share.public_id]) if share else "",
        "isPublic": context["share_icon"] == "globe",
        "shareForm": form if context["can_share"] and may_act else "",
        "download": context["download"],
        "filename": film.get("filename", ""),
        "offersPreview": context["offers_preview"],
        "template": template.public_id if template else "",
        "isDraft": context["is_draft"],
        "againKey": context["again_key"],
    }
