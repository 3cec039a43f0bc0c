"""Versions as tools, with the templates inside them. Each is made once in a process.

A version never changes, nor does what its template's rows say of what it names.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from typing import Final, NamedTuple, TypeAlias

from core import clock
from media import signing
from templates_app import media_links
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_stages import references_in
from templates_app.graph.template_tool import PREFIX, TemplateTool
from templates_app.graph.version_tool import version_tool
from templates_app.models import TemplateUse, TemplateVersion
from tools import registry
from tools.declaration.ports import ToolTable

CAPACITY: Final = 512

_Key: TypeAlias = tuple[int, ToolTable, int]


class UsedVersion(NamedTuple):
    """A version as a tool. templates: its own and all inside, by primary key. depth: 1 if none."""

    tool: type[TemplateTool]
    templates: frozenset[int]
    depth: int


class _Cache:
    """The least lately used go first. Safe for threads; two may make the same tool at once.

    What a tool gives depends on the providers, so each set-up of them has tools of its own. The
    links to its inputs' own files end after a day, so it is made again every few hours.
    """

    def __init__(self) -> None:
        self.entries: OrderedDict[_Key, UsedVersion] = OrderedDict()
        self.lock = threading.Lock()

    def find(self, version_id: int, tools: ToolTable) -> UsedVersion | None:
        with self.lock:
            key = _key(version_id, tools)
            entry = self.entries.get(key)
            if entry is not None:
                self.entries.move_to_end(key)
            return entry

    def keep(self, version_id: int, tools: ToolTable, entry: UsedVersion) -> None:
        with self.lock:
            self.entries[_key(version_id, tools)] = entry
            while len(self.entries) > CAPACITY:
                self.entries.popitem(last=False)


def _key(version_id: int, tools: ToolTable) -> _Key:
    return version_id, tools, clock.unix(clock.now()) // signing.ROUND_S


_cache: Final = _Cache()


def forget() -> None:
    """Forget what was made, for tests: their databases count versions from 1 again."""
    with _cache.lock:
        _cache.entries.clear()


def reference_to(version: TemplateVersion) -> str:
    """Return how stages name a version. Reads its template."""
    return f"{PREFIX}{version.template.public_id}@{version.semver}"


def used_versions(version_ids: Collection[int]) -> dict[int, UsedVersion]:
    """Return the versions as tools, by primary key; those that are there no more are left out.

    No query for what was asked before, else two for each level of templates inside templates.
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
        while level:
            for pk in level:
                entry = _cache.find(pk, self.tools)
                if entry is not None:
                    self.entries[pk] = entry
            missing = level - self.entries.keys() - self.versions.keys()
            if not missing:
                return
            fresh = TemplateVersion.objects.select_related("template").in_bulk(missing)
            self.versions |= fresh
            names = {name for one in fresh.values() for name in references_in(one.spec)}
            level = set()
            if names:
                holders = {one.template_id for one in fresh.values()}
                rows = TemplateUse.objects.filter(holder__in=holders, reference__in=names)
                for holder, name, pk in rows.values_list("holder", "reference", "version"):
                    self.uses[holder, name] = pk
                    level.add(pk)

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
        _cache.keep(pk, self.tools, entry)
        return entry
