"""A run's options: the declaration of what `Run.options` holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from tools.declaration.model_facts import DraftBy

# Who makes a stage: a provider of drafts where one offers its tool, or the one that its model and
# this server's choices name, or for "final" one that makes no drafts.
Quality: TypeAlias = Literal["draft", "set", "final"]

# Who draws drafts: providers of drafts, or the stages' own models where they do.
Drafter: TypeAlias = Literal["studio", "model"]

# The token that a start is paid in when it names none.
SPARK: Final = "spark"
# Of a run that is quoted again and again, so many quotes are kept.
QUOTES_KEPT: Final = 20
# What concerns one run's own cost and results, and not a run that repeats it.
_OF_ONE_RUN: Final = frozenset(
    {"quotes", "approved_milli", "locked", "kept_stages", "from_drafts", "expected_hits", "webhook"}
)


class Quote(BaseModel):
    """The estimate shown for a run. milli: thousandths of a unit. seconds: None without a history.

    at, until: ISO 8601, empty for runs stored before quotes were kept.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    milli: int
    at: str = ""
    until: str = ""
    token_type: str = SPARK
    billing_mode: str = "auto"
    seconds: float | None = None


class Receiver(BaseModel):
    """The address that hears of a run, named by its start. events: of `webhook_events.EVENTS`."""

    model_config = ConfigDict(frozen=True, extra="allow")

    url: str
    events: list[str]


class RunOptions(BaseModel):
    """Options of one run. Only those that were set are stored, so old rows read like new ones.

    reuse: whether steps may take over earlier results of the same. fresh: stages that are made
    again all the same. to: the stage that a draft was run up to. document_rev: of the document that
    a draft was read from. quotes: the newest last. approved_milli: what a person accepted last.
    locked: steps that a person keeps as they are. quality: of every stage that `stage_quality`
    doesn't name; drafts_by: who draws those of draft quality. kept_stages: those whose results and
    answers are the ones of the run that this one was cloned from; from_drafts: those whose models
    make the drafts final that they drew there. planned_by: the language model that wrote the plan.
    expected_hits: sequences of steps that nothing was reserved for, as they were to take over a
    stored result. webhook: who hears of this run alone.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    token_type: str = SPARK
    billing_mode: str = "auto"
    app_source: str | None = None
    safe_content_filter: bool = True
    quality_tier: str | None = None
    reuse: bool = False
    fresh: list[str] = []
    to: str | None = None
    document_rev: int | None = None
    quotes: list[Quote] = []
    approved_milli: int | None = None
    locked: list[str] = []
    quality: Quality = "set"
    stage_quality: dict[str, Quality] = {}
    drafts_by: Drafter = "studio"
    kept_stages: list[str] = []
    from_drafts: list[str] = []
    planned_by: str = ""
    expected_hits: list[int] = []
    webhook: Receiver | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> RunOptions:
        """From `Run.options`."""
        return cls.model_validate(document)

    def to_json(self) -> dict[str, Any]:
        """Return the value of `Run.options`."""
        return self.model_dump(exclude_unset=True)

    def with_changes(self, **changes: Any) -> RunOptions:
        return self.model_copy(update=changes)

    def draft_by(self, stage: str) -> DraftBy:
        """Return who draws a draft of this stage, where there is one; "": it is no draft; "none":
        it must be none."""
        match self.stage_quality.get(stage, self.quality):
            case "draft":
                return self.drafts_by
            case "final":
                return "none"
        return ""

    def with_quote(self, quote: Quote) -> RunOptions:
        return self.with_changes(quotes=[*self.quotes, quote][-QUOTES_KEPT:])

    def for_another_run(self) -> RunOptions:
        """Without what concerns this run alone."""
        parts = {name: part for name, part in self.to_json().items() if name not in _OF_ONE_RUN}
        if self.kept_stages:
            # It took over what was there; to run it again is to make all of it.
            parts.pop("reuse", None)
        return RunOptions.read(parts)


def drafting(by: DraftBy) -> dict[str, Any]:
    """Return the options of a run whose drafts these draw; none for a run of no drafts."""
    if not by:
        return {}
    return {"quality": "draft", **({"drafts_by": by} if by == "model" else {})}


def planning(by: str) -> dict[str, Any]:
    """Return the options of a run that this language model planned; none without one."""
    return {"planned_by": by} if by else {}


# Of a start that asks for nothing in particular.
AS_SET: Final = RunOptions()
