"""Drafts for tests: a template's stages as they are, run and quoted without a browser."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.auth import Principal
from accounts.models import User
from runs.admission import draft_quotes, drafts, start_draft
from runs.admission.draft_quotes import DraftQuote
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.running import work_off
from tests.support.builders.templates import HOSTS, make_template


def note(stage_id: str, text: str = "", *sources: str, **fields: Any) -> dict[str, Any]:
    """A stage that makes a small picture of its text and of what other stages made."""
    args: dict[str, Any] = {"text": text or stage_id, **fields.pop("args", {})}
    if sources:
        links = [f"$artifacts.{name}.items[0].selectedVersion.url" for name in sources]
        args["source_image_url"] = links[0]
    return {
        "id": stage_id,
        "label": fields.pop("label", stage_id.title()),
        "type": "fixed",
        "tool": "note",
        "args": args,
        "produces": [stage_id],
        **fields,
    }


@dataclass
class Desk:
    """A person at work on a template: stages and values are changed in place, seeds are kept."""

    person: User
    stages: list[dict[str, Any]]
    inputs: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    rev: int = 1
    template: Template | None = None

    def __post_init__(self) -> None:
        self.template = self.template or make_template(
            self.person, stages=[note("first")], inputs=[], name="Birds"
        )

    @property
    def spec(self) -> dict[str, Any]:
        return {"name": "Birds", "inputs": self.inputs, "stages": self.stages}

    def stage(self, stage_id: str) -> dict[str, Any]:
        return next(stage for stage in self.stages if stage["id"] == stage_id)

    def quote(self, *, to: str | None = None, fresh: Collection[str] = ()) -> DraftQuote:
        assert self.template is not None
        draft = drafts.DraftStart(
            self.template, self.spec, self.values, self.seeds, to, frozenset(fresh)
        )
        return draft_quotes.quote_draft(draft, owner=self.person, own_hosts=HOSTS)

    def why(self, **options: Any) -> Mapping[str, str]:
        """What is said of the stages that will run."""
        return {step.key: step.why for step in self.quote(**options).steps if step.will == "run"}

    def start(
        self, *, to: str | None = None, fresh: Collection[str] = (), key: str | None = None
    ) -> Run:
        assert self.template is not None
        started = start_draft.start_draft(
            actor=Principal(user=self.person, api_key=None, via="session"),
            template=self.template,
            spec=self.spec,
            values=self.values,
            seeds=self.seeds,
            document_rev=self.rev,
            to=to,
            fresh=fresh,
            key=key or secrets.token_hex(8),
            own_hosts=HOSTS,
        )
        self.seeds |= started.seeds
        return started.run

    def run(self, **options: Any) -> Run:
        """Start and work it off."""
        run = self.start(**options)
        work_off()
        run.refresh_from_db()
        return run


def reused(run: Run) -> set[str]:
    """The stages of a run that took over earlier results."""
    return set(run.steps.filter(reused_from__isnull=False).values_list("key", flat=True))


def ran(run: Run) -> set[str]:
    """The stages that were worked on."""
    done = run.steps.filter(reused_from__isnull=True, status="completed")
    return set(done.values_list("key", flat=True))
