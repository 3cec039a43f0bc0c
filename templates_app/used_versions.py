"""Versions as tools, with the templates inside them. Each is made once in a process.

A version never changes, nor does what its template's rows say of what it names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from core import clock
from core.recent_values import RecentValues
from media import signing
from templates_app import media_links
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_names import PREFIX
from templates_app.graph.template_stages import references_in
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.version_tool import version_tool
from templates_app.models import TemplateUse, TemplateVersion
from tools import registry
from tools.declaration.ports import ToolTable

CAPACITY: Final = 512


class UsedVersion(NamedTuple):
    """A version as a tool. templates: its own and all inside, by primary key. depth: 1 if none."""

    tool: type[TemplateTool]
    templates: frozenset[int]
    depth: int


# What a tool gives depends on the providers, so each set-up of them has tools of its own. The links
# to its inputs' own files end after a day, so it is made again every few hours.
_cache: Final = RecentValues[tuple[int, ToolTable, int], UsedVersion](CAPACITY)


def _key(version_id: int, tools: ToolTable) -> tuple[int, ToolTable, int]:
    return version_id, tools, clock.unix(clock.now()) // signing.ROUND_S


def forget() -> None:
    """Forget what was made, for tests: their databases count versions from 1 again."""
    _cache.forget()


def reference_to(version: TemplateVersion) -> str:
    """Return how stages name a version. Reads its template."""
    return f"{PREFIX}{version.template.public_id}@{version.semver}"


def used_versions(version_ids: Collection[int]) -> dict[int, UsedVersion]:
    """Return the versions as tools, by primary key; those that are there no more are left out.

    No query for what was asked before, else one for each level of templates inside templates.
    """
    reading = _Reading(registry.table())
    reading.load(set(version_ids))
    entries = {pk: reading.entry(pk, frozenset()) for pk in version_ids}
    return {pk: entry for pk, entry in entries.items() if entry is not None}


class _Reading:
    def __init__(self, tools: ToolTable) -> None:
        self.tools = tools
        self.entries: dict[int, UsedVersion] = {}
        self.versions: dict[int, TemplateVersion] = {}
        self.uses: dict[tuple[int, str], int] = {}

    def load(self, level: set[int]) -> None:
        """Read what is not kept of these versions, and of all that they use."""
        missing = self._missing(level)
        rows = TemplateVersion.objects.select_related("template").in_bulk(missing)
        while rows:
            self.versions |= rows
            names = {name for one in rows.values() for name in references_in(one.spec)}
            if not names:
                return
            holders = {one.template_id for one in rows.values()}
            uses = TemplateUse.objects.filter(holder__in=holders, reference__in=names)
            inside: dict[int, TemplateVersion] = {}
            for use in uses.select_related("version__template"):
                self.uses[use.holder_id, use.reference] = use.version_id
                inside[use.version_id] = use.version
            rows = {pk: inside[pk] for pk in self._missing(inside)}

    def _missing(self, version_ids: Iterable[int]) -> set[int]:
        """Return those that are neither kept nor read, taking up what is kept."""
        for pk in version_ids:
            entry = _cache.find(_key(pk, self.tools))
            if entry is not None:
                self.entries[pk] = entry
        return {*version_ids} - self.entries.keys() - self.versions.keys()

    def entry(self, pk: int, around: frozenset[int]) -> UsedVersion | None:
        """Return a version as a tool, made of those that it uses. around: it is inside these."""
        if pk in self.entries:
            return self.entries[pk]
        version = self.versions.get(pk)
        if version is None or pk in around:
            return None
        inside = {
            name: entry
            for name in references_in(version.spec)
            if (use := self.uses.get((version.template_id, name))) is not None
            and (entry := self.entry(use, around | {pk})) is not None
        }
        uses = {name: entry.tool for name, entry in inside.items()}
        spec, _ = read_spec(
            media_links.show(
                version.spec, version_id=pk, base_url=signing.OWN_ORIGIN, is_open=False
            )
        )
        entry = UsedVersion(
            version_tool(reference_to(version), spec, self.tools.with_uses(uses)),
            frozenset({version.template_id}).union(*(one.templates for one in inside.values())),
            1 + max((one.depth for one in inside.values()), default=0),
        )
        self.entries[pk] = entry
        _cache.keep(_key(pk, self.tools), entry)
        return entry
