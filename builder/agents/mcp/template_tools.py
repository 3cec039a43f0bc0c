"""Templates as tools of their own: one call prices and starts a run.

Only templates that the person chose become tools: their own, and public ones that they work on.
A template of anyone else is found by search_templates, and a remix of it is their own. Otherwise
everyone could write into the list of tools that all agents read. Names begin with `template_`,
which no tool of this server does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

from django.db.models import Q, QuerySet
from pydantic import Field

from accounts import blocks
from accounts.models import User
from builder.agents.mcp.input_schema import fits, inputs_schema
from builder.agents.mcp.starting import question_of_start, start_template
from builder.agents.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from builder.agents.mcp.untrusted_text import marked
from templates_app import selectors
from templates_app.models import Template
from templates_app.selectors import VisibleTemplate

PREFIX: Final = "template_"
MOST: Final = 20
DESCRIPTION: Final = 600
_SLUG: Final = 40
_NAME: Final = re.compile(r"template_[a-z0-9_]{1,40}_[0-9a-f]{8}", re.ASCII)


class TemplateTools:
    """Makes the tools of a caller. A `catalog.ToolSource`."""

    def offered(self, caller: Caller) -> Sequence[Tool]:
        """List at most MOST, by rank. Three queries, and no spec but of what is offered."""
        templates = offered_templates(caller.principal.user)
        return [TemplateTool(one) for one in templates if fits(one.version.spec)]

    def find(self, caller: Caller, name: str) -> Tool | None:
        """Find one, even if its rank is too low for the list."""
        if not _NAME.fullmatch(name):
            return None
        person = caller.principal.user
        match = (
            row
            for rows, _ in _chosen(person)
            for row in rows.values_list("pk", "public_id", "owner__public_id")
        )
        pk = next((pk for pk, *ids in match if name_of(*ids) == name), None)
        templates = _views(person, [pk]) if pk is not None else []
        return TemplateTool(templates[0]) if templates and fits(templates[0].version.spec) else None


class TemplateTool(Tool):
    """One template as a tool: what `run_template` does, with its inputs as they are declared."""

    scope = "run"
    is_idempotent = True

    class Arguments(ToolArguments):
        inputs: dict[str, Any] = {}
        """Values of its inputs by name."""
        idempotency_key: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
        """Any text that names this run, such as `lighthouse-take-1`. The same again is the same
        run."""
        max_credits: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
        """Don't start if it is expected to cost more."""
        needs_approval: bool = False
        """Wait with the first step until a person has approved the cost with `answer`."""

    def __init__(self, template_view: VisibleTemplate) -> None:
        spec, template = template_view.version.spec, template_view.template
        self.template_id = template.public_id
        self.name = name_of(template.public_id, template.owner.public_id)
        self.title = f"Run the template {marked(spec.get('name', ''), 60)}"
        self.description = _description(template_view)
        self.inputs = inputs_schema(spec)

    def input_schema(self) -> dict[str, Any]:
        whole = super().input_schema()
        needs = ["inputs"] if self.inputs.get("required") else []
        return {
            **whole,
            "properties": {**whole["properties"], "inputs": self.inputs},
            "required": [*needs, *whole["required"]],
        }

    def question(self, caller: Caller, arguments: Arguments) -> str:
        return question_of_start(caller, self.template_id, arguments.inputs)

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        return start_template(
            caller,
            template_id=self.template_id,
            inputs=arguments.inputs,
            idempotency_key=arguments.idempotency_key,
            max_credits=arguments.max_credits,
            needs_approval=arguments.needs_approval,
        )


def offered_templates(person: User) -> list[VisibleTemplate]:
    """List at most MOST templates that the person chose for agents, by rank."""
    order = sorted(_ranks(person))[:MOST]
    return _views(person, [-key for *_, key in order])


def _chosen(person: User) -> Iterable[tuple[QuerySet[Template], str]]:
    """Templates that the person owns or works on, may start, and that are offered to agents; with
    the column of their rank."""
    own = Template.objects.filter(selectors.LIVE, owner=person, agent_rank__isnull=False)
    yield own, "agent_rank"
    # Who works on it may start what is published, as everyone may; an id that they use for a
    # template of their own means that one.
    namesakes = Template.objects.filter(selectors.LIVE, owner=person).values("public_id")
    shared = Template.objects.filter(
        selectors.OPEN, collaborators__user=person, public_agent_rank__isnull=False
    ).exclude(Q(public_id__in=namesakes) | Q(owner__in=blocks.left_out(person)))
    yield shared, "public_agent_rank"


def _ranks(person: User) -> Iterable[tuple[float, float, int]]:
    """(rank, minus the time it was made, key): in the order of lists for agents."""
    for rows, rank in _chosen(person):
        first = rows.order_by(rank, "-created_at", "-id")
        for place, created_at, pk in first.values_list(rank, "created_at", "pk")[:MOST]:
            yield place, -created_at.timestamp(), -pk


def _views(person: User, ids: Sequence[int]) -> list[VisibleTemplate]:
    """Return what the person sees of these, in their order."""
    if not ids:
        return []
    rows = Template.objects.select_related("owner").in_bulk(ids)
    return selectors.with_versions(person, [rows[pk] for pk in ids if pk in rows])


def name_of(public_id: str, owner_id: str) -> str:
    """The same as long as the template is there, also under another name of it."""
    slug = re.sub(r"[^a-z0-9]+", "_", public_id.lower().removeprefix("wf_"))[:_SLUG].strip("_")
    mark = hashlib.sha256(f"{owner_id}/{public_id}".encode()).hexdigest()[:8]
    return f"{PREFIX}{slug or 'x'}_{mark}"


def _description(template_view: VisibleTemplate) -> str:
    spec = template_view.version.spec
    text = marked(spec.get("description") or spec.get("brief") or "", DESCRIPTION)
    whose = (
        "Of the person's own templates" if template_view.is_owner else "Of a template they work on"
    )
    return (
        f"Starts a run of the template {marked(spec.get('name', ''), 120)}, for its price in"
        f" credits; quote tells it first. {whose}. Follow the run with get_run."
        + (f" What its author says about it: {text}" if text else "")
    )
