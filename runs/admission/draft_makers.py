"""Makers of drafts for a plan's stages: a provider of drafts, or the stage's own model."""

from __future__ import annotations

from templates_app.graph.types import Plan, PlanStep
from tools import registry
from tools.providers.base import Provider


def offers_draft(plan: Plan, person: int | None) -> bool:
    """Return whether a provider that makes no drafts could make a stage, by the model that it names
    or another, though one that does offers its tool. person: who starts it, by id."""
    return any(
        drafting is not None and drafting.is_draft and has_final_maker(call.tool, person)
        for call in plan.calls
        for drafting in [_doer(call, person, "studio")]
    )


def has_final_maker(tool: str, person: int | None) -> bool:
    """Return whether a provider that makes no drafts offers a tool to a person."""
    return any(not offer.is_draft for offer in registry.offers_to(person)(tool))


def has_own_drafts(plan: Plan, person: int | None) -> bool:
    """Return whether the model of a stage draws cheap drafts itself."""
    return any(_draws_own(call, person) for call in plan.calls)


def _draws_own(call: PlanStep, person: int | None) -> bool:
    usual = _doer(call, person)
    return usual is not None and registry.draws_own(usual, call.tool, call.arguments, "model")


def _doer(call: PlanStep, person: int | None, draft: registry.DraftBy = "") -> Provider | None:
    if call.kind != "tool":
        return None
    return registry.provider_for(call.tool, call.arguments, person=person, draft=draft)
