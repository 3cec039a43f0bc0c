"""Names of templates in the stages of another one that is to be saved or published."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from core import errors
from core.phrases import phrase
from templates_app.graph.issues import Issue, issue
from templates_app.graph.template_names import read_reference
from templates_app.graph.template_stages import callers_of, references_in, with_names
from templates_app.models import Template
from templates_app.used_versions import reference_to, used_versions
from templates_app.uses import (
    MAX_DEPTH,
    MAX_STAGES,
    MAX_USES,
    find_version,
    versions_named,
    with_uses,
)
from tools import registry
from tools.declaration.ports import ToolTable


@dataclass(frozen=True, slots=True)
class RequestedUses:
    """spec: with a version in each name of a template that was looked up. tools: what its stages
    may be. versions: by how stages name them. additions: those of them that the holder has no row
    for yet. issues: of the limits."""

    spec: dict[str, Any]
    tools: ToolTable
    versions: Mapping[str, int] = field(default_factory=dict)
    additions: Mapping[str, int] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


def requested_uses(
    actor: User, spec: dict[str, Any], holder: Template | None, *, adds: bool
) -> RequestedUses:
    """Find the templates that stages name: by the holder's rows, else by what the actor may read.

    holder: None for a template that is to be created. adds: whether the actor wrote the spec, so
    that naming a template asks for it. A draft has several authors: in it only rows count, or
    its editors could read what its owner may. A name that means nothing to the actor is left
    as it is, and validation says so.
    """
    tools = registry.table()
    names = references_in(spec)
    if not names:
        return RequestedUses(spec, tools)
    rows = versions_named(holder, names)
    additions: dict[str, int] = {}
    if adds:
        asked_for = _look_up(actor, names - rows.keys())
        asked_for = {name: one for name, one in asked_for.items() if one.template_id != _pk(holder)}
        full_names = {name: reference_to(one) for name, one in asked_for.items()}
        rows |= versions_named(holder, full_names.values())
        pks_by_name = {full_names[name]: one.pk for name, one in asked_for.items()}
        additions = {name: pk for name, pk in pks_by_name.items() if name not in rows}
        if any(name != full_name for name, full_name in full_names.items()):
            spec = with_names(spec, full_names)
    versions = {**rows, **additions}
    issues = tuple(_beyond_limits(spec, versions))
    return RequestedUses(spec, with_uses(tools, versions), versions, additions, issues)


def _pk(holder: Template | None) -> int:
    return 0 if holder is None else holder.pk


def _look_up(actor: User, names: Collection[str]) -> dict[str, Any]:
    """Return the versions that names mean to the actor; no more of them than one template uses."""
    versions = {}
    for name in sorted(names)[:MAX_USES]:
        parts = read_reference(name)
        if parts is None:
            continue
        try:
            versions[name] = find_version(actor, *parts)
        except (errors.NotFound, errors.Forbidden):
            # Why it can't be used is told to no one: it would say that there is something.
            continue
    return versions


def _beyond_limits(spec: Mapping[str, Any], versions: Mapping[str, int]) -> Iterator[Issue]:
    """Yield an issue for each stage with which the template becomes too large."""
    entries = used_versions(set(versions.values()))
    count, names = 0, set()
    for stage_id, caller in callers_of(spec):
        entry = entries.get(versions.get(caller["tool"], 0))
        if entry is None:
            continue
        count += len(entry.tool.flat.stages)
        names.add(caller["tool"])
        problem = None
        if entry.depth > MAX_DEPTH:
            problem = phrase("too_many_levels", limit=MAX_DEPTH)
        elif count > MAX_STAGES:
            problem = phrase("too_many_inside", limit=MAX_STAGES)
        elif len(names) > MAX_USES:
            problem = phrase("too_many_templates", limit=MAX_USES)
        if problem is not None:
            path = f"stages/{stage_id}"
            yield issue("template_too_deep", path=path, stage_id=stage_id, problem=problem)
