"""The public contract's spelling of templates: what comes in, what goes out. §6 of the contract.

Shapes are checked by `graph.rules`, once for REST and the editor.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictStr

from core import canonical, errors, short_text
from core.phrases import phrase
from templates_app import semver
from templates_app.graph.issues import Issue, issue
from templates_app.graph.rules.issue_texts import TemplateRefused, issue_to_json

NAME_LENGTH = 200
EXTRA_LIMIT_BYTES = 64 * 1024
PUBLIC_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
# The fields of a template that are versioned.
SPEC_FIELDS = frozenset(
    {
        "name",
        "description",
        "brief",
        "category",
        "stability",
        "inputs",
        "stages",
        "outputs",
        "graph",
        "previewArtifacts",
        "estimatedCapacityUnits",
        "exposeToLLM",
        "llmPriority",
        "tags",
        "metadata",
        # Extras of the public service, kept as they are.
        "reviewFocus",
        "estimatedCredits",
        "thumbnailUrl",
        "openMontageImport",
    }
)
# What belongs to the row. A caller's own values are ignored, but for what `Draft` takes.
SERVER_SET = frozenset(
    {
        "id",
        "version",
        "author",
        "visibility",
        "createdAt",
        "updatedAt",
        "clonedFromTemplateId",
        "moderation",
        "showsStagesOf",
    }
)
# Always present in answers: the clients' types treat them so.
DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "category": "custom",
    "stability": "experimental",
    "inputs": [],
    "stages": [],
    "exposeToLLM": False,
}
# Where agents find a template that names no priority, and the furthest a named one moves it.
USUAL_AGENT_RANK, FURTHEST_AGENT_RANK = 100.0, 1e15
PRIVATE = "private"
PUBLIC = "public"


def agent_rank(spec: Mapping[str, Any]) -> float | None:
    """Rank a template for agents, lower first: its `llmPriority`. None: it is not offered."""
    if spec.get("exposeToLLM") is not True:
        return None
    priority = spec.get("llmPriority")
    if isinstance(priority, bool) or not isinstance(priority, (int, float)):
        return USUAL_AGENT_RANK
    return float(max(-FURTHEST_AGENT_RANK, min(priority, FURTHEST_AGENT_RANK)))


def planner_of(spec: Mapping[str, Any]) -> str:
    """Return the language model that planned a template: its `metadata.plannedBy`; "" for none."""
    metadata = spec.get("metadata")
    name = metadata.get("plannedBy") if isinstance(metadata, Mapping) else None
    return name[:200] if isinstance(name, str) else ""


class ForkIn(BaseModel):
    """`name` is the documented field, `newName` what the published clients send."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)
    name: StrictStr | None = None
    """The copy's name; without one, the source's."""
    newName: StrictStr | None = None
    """The same, as the SDKs send it."""

    @property
    def chosen(self) -> str:
        """The name asked for, or empty for the default."""
        return (self.name or "").strip() or (self.newName or "").strip()


@dataclass(frozen=True, slots=True)
class RequestedTemplate:
    """A template as it is asked for, taken apart: what is versioned, and what belongs to the row.

    Nothing is checked yet: any field may hold anything JSON can.
    """

    spec: dict[str, Any]
    visibility: Any = PRIVATE
    public_id: Any = None
    version: Any = semver.FIRST
    # Only its shape counts: a template belongs to who sends it.
    author: Any = None

    def to_validate(self) -> dict[str, Any]:
        """Give `graph.rules` what it reads: the spec, and the row's fields beside it."""
        row = {
            "id": self.public_id,
            "version": self.version,
            "visibility": self.visibility,
            "author": self.author,
        }
        return {**self.spec, **{name: value for name, value in row.items() if value is not None}}

    def issues(self) -> Iterable[Issue]:
        """Rules of this server that `graph.rules` does not know."""
        for path, text in _short_texts(self.spec):
            unseen = short_text.problem_of(text)
            if unseen is not None:
                yield issue(
                    "invalid_field", path=path, field=path, problem=phrase("said", text=unseen)
                )
        if self.public_id in (".", ".."):
            problem = phrase("step_in_a_path")
            yield issue("invalid_field", path="id", field="id", problem=problem)
        if isinstance(self.version, str) and len(self.version) > semver.MAX_LENGTH:
            problem = phrase("must_have_at_most", limit=semver.MAX_LENGTH)
            yield issue("invalid_field", path="version", field="version", problem=problem)
        extra = self.spec.get("extra")
        if extra and len(canonical.canonical_bytes(extra)) > EXTRA_LIMIT_BYTES:
            problem = phrase("unknown_fields", names=tuple(sorted(extra)[:5]))
            yield issue("invalid_field", field="extra", problem=problem)


def read_draft(body: Mapping[str, Any]) -> RequestedTemplate:
    """A whole template from a create body. Explicit nulls count as absent."""
    fields = {name: value for name, value in body.items() if value is not None}
    return RequestedTemplate(
        _spec_of(fields),
        fields.get("visibility", PRIVATE),
        fields.get("id"),
        fields.get("version", semver.FIRST),
        fields.get("author"),
    )


def check_fields(body: Mapping[str, Any]) -> None:
    """Raise InvalidBody for the plan of a draft, which would be kept as an unknown field is."""
    if body.get("plan") is not None:
        raise errors.InvalidBody(
            "`plan` isn't a field of a template: the plan of a draft stays in the editor."
        )


def names_to_show(body: Mapping[str, Any]) -> frozenset[str]:
    """Return the private templates that a caller agrees to show with what they publish.

    Raises InvalidBody for what is no list of names.
    """
    names = body.get("showsStagesOf")
    if names is None:
        return frozenset()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise errors.InvalidBody(
            '`showsStagesOf` must be a list of names such as "template:shot@0.0.7".'
        )
    return frozenset(names)


def merge(
    spec: Mapping[str, Any], visibility: str, changes: Mapping[str, Any]
) -> RequestedTemplate:
    """A stored spec with a PATCH applied: top-level fields are replaced whole, null removes one.

    Removing the visibility makes a template private.
    """
    whole = {**flatten(spec), "visibility": visibility}
    for name, value in changes.items():
        if name in SERVER_SET and name != "visibility":
            continue
        if value is None:
            whole.pop(name, None)
        else:
            whole[name] = value
    return RequestedTemplate(_spec_of(whole), whole.get("visibility", PRIVATE))


def flatten(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A stored spec with its unknown fields back beside the known ones, as callers sent them."""
    fields = {name: value for name, value in spec.items() if name != "extra"}
    return {**spec.get("extra", {}), **fields}


def validation_out(issues: Iterable[Issue]) -> dict[str, Any]:
    """`{valid, issues}`: valid means no errors; warnings alone do not block."""
    issue_list = list(issues)
    return {
        "valid": all(issue.severity != "error" for issue in issue_list),
        "issues": [issue_to_json(issue) for issue in issue_list],
    }


def invalid_template(issues: Iterable[Issue]) -> TemplateRefused:
    """The 422 of §6.7, with the validation in both places clients look."""
    issue_list = tuple(issues)
    validation = validation_out(issue_list)
    return TemplateRefused(
        "Workflow template is invalid",
        issue_list,
        code="template.invalid",
        number=4220,
        data={"validation": validation},
        details={"validation": validation},
    )


def _short_texts(spec: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Path and text of the short texts that lists and titles show."""
    if isinstance(spec.get("name"), str):
        yield "name", spec["name"]
    tags = spec.get("tags")
    for place, tag in enumerate(tags if isinstance(tags, list) else ()):
        if isinstance(tag, str):
            yield f"tags/{place}", tag


def _spec_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields over the defaults that answers always show; what is unknown under `extra`."""
    spec = dict(DEFAULTS)
    spec.update({name: value for name, value in fields.items() if name in SPEC_FIELDS})
    if isinstance(spec.get("name"), str):
        # Composed, so that what looks the same is the same.
        spec["name"] = unicodedata.normalize("NFC", spec["name"]).strip()
    extra = {
        name: value
        for name, value in fields.items()
        if name not in SPEC_FIELDS and name not in SERVER_SET
    }
    if extra:
        spec["extra"] = extra
    return spec
