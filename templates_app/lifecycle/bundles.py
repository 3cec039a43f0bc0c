"""A template in one file with the templates that its stages are, to any depth.

Beside the template's own fields such a file has `templates`: each version by how stages name it,
without the prefix. Who may read the template may read them; what is made of the file is the
reader's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from django.db import transaction

from accounts.models import User
from core import errors
from core.names import free_name
from templates_app import media_links, schemas, used_versions
from templates_app.graph.template_names import PREFIX, read_reference
from templates_app.graph.template_stages import references_in, with_names
from templates_app.lifecycle import services
from templates_app.lifecycle.version_writes import SavedTemplate, content_sha256
from templates_app.models import Template, TemplateUse, TemplateVersion
from templates_app.used_versions import reference_to
from templates_app.uses import MAX_DEPTH, MAX_USES, as_read_by, find_version, table_for

FIELD: Final = "templates"


def bundle_of(
    holder: Template, spec: Mapping[str, Any], *, person: User, base_url: str
) -> dict[str, dict[str, Any]]:
    """Return the versions that stages of a holder's spec are, and those inside them, as fields of
    templates by `<id>@<version>`.

    What a moderator hid is left out, but for its author, and so is what holds it.
    """
    table = table_for(holder, person=person.pk, specs=[spec])
    level = {(holder.pk, name) for name in references_in(spec) & table.uses.keys()}
    names: dict[int, str] = {}
    uses: dict[tuple[int, str], int] = {}
    versions: dict[int, TemplateVersion] = {}
    while level:
        rows = TemplateUse.objects.filter(
            holder__in={pk for pk, _ in level}, reference__in={name for _, name in level}
        ).order_by("id")
        for pk, name, version in rows.values_list("holder", "reference", "version"):
            if (pk, name) in level:
                uses[pk, name] = version
                # Templates of two owners may have the same name.
                names.setdefault(version, free_name(name, names.values(), "+"))
        rows_by_pk = TemplateVersion.objects.select_related("template__owner")
        fresh = rows_by_pk.in_bulk(names.keys() - versions.keys())
        versions |= fresh
        level = {
            (one.template_id, name) for one in fresh.values() for name in references_in(one.spec)
        } - uses.keys()
    return {
        names[pk].removeprefix(PREFIX): _fields(
            version,
            {
                name: names[uses[version.template_id, name]]
                for name in references_in(version.spec)
                if (version.template_id, name) in uses
            },
            base_url,
            person.pk,
        )
        for pk, version in versions.items()
    }


def _fields(
    version: TemplateVersion, names: Mapping[str, str], base_url: str, person: int
) -> dict[str, Any]:
    spec = as_read_by(person, version)
    spec = media_links.show(spec, version_id=version.pk, base_url=base_url, is_open=False)
    return schemas.flatten(with_names(spec, names))


@contextmanager
def all_or_none() -> Iterator[None]:
    """Take back everything that is made inside when one of it fails."""
    with transaction.atomic():
        try:
            yield
        except BaseException:
            # SQLite gives the numbers of what is taken back to other versions.
            used_versions.forget()
            raise


def create_with_bundle(
    *, actor: User, body: Mapping[str, Any], own_hosts: Collection[str]
) -> SavedTemplate:
    """As `services.create_template`, with the templates that come in `body`, all or none."""
    fields = {name: value for name, value in body.items() if name != FIELD}
    if body.get(FIELD) is None:
        return services.create_template(actor=actor, body=fields, own_hosts=own_hosts)
    with all_or_none():
        names = unbundle(
            actor=actor, entries=body[FIELD], names=references_in(fields), own_hosts=own_hosts
        )
        fields = with_names(fields, names)
        return services.create_template(actor=actor, body=fields, own_hosts=own_hosts)


def unbundle(
    *,
    actor: User,
    entries: Any,
    names: Collection[str],
    own_hosts: Collection[str],
    holder: Template | None = None,
) -> dict[str, str]:
    """Make private templates of what comes in a file: what stages name, and what that names.

    What is there with this title and content, as the version that the file names or among the
    actor's own, is not made again. holder: a template that may not be among them, as its own stages
    are to be them. Returns the names by those in the file. All or none. Raises InvalidInput that
    names the entry, Conflict for the quota.
    """
    if not isinstance(entries, dict):
        raise _refusal("must be an object: templates by `<id>@<version>`.")
    if len(entries) > MAX_USES:
        raise _refusal(f"may hold at most {MAX_USES} templates.")
    for name, entry in entries.items():
        if not all(read_reference(f"{PREFIX}{name}") or ("", "")):
            raise _refusal("must have names such as `wf_shot@0.0.1`.")
        if not isinstance(entry, dict):
            raise _refusal("must be an object: the fields of a template.", name)
    unbundling = _Unbundling(actor, entries, own_hosts, None if holder is None else holder.pk)
    with all_or_none():
        return {name: unbundling.make(name, ()) for name in sorted(names) if unbundling.holds(name)}


class _Unbundling:
    def __init__(
        self,
        actor: User,
        entries: Mapping[str, dict[str, Any]],
        own_hosts: Collection[str],
        holder: int | None,
    ) -> None:
        self.actor, self.entries, self.own_hosts, self.holder = actor, entries, own_hosts, holder
        self.names: dict[str, str] = {}

    def holds(self, name: str) -> bool:
        return name.removeprefix(PREFIX) in self.entries

    def make(self, name: str, around: tuple[str, ...]) -> str:
        """Make a template and what it names, each once. around: the entries that name it."""
        entry_name = name.removeprefix(PREFIX)
        if name in around:
            raise _refusal("names itself, by what is inside it.", entry_name)
        if len(around) >= MAX_DEPTH:
            raise _refusal(f"is more than {MAX_DEPTH} templates deep.", entry_name)
        if name in self.names:
            return self.names[name]
        entry = self.entries[entry_name]
        inside = {
            other: self.make(other, (*around, name))
            for other in sorted(references_in(entry))
            if self.holds(other)
        }
        fields = {
            field: value
            for field, value in entry.items()
            if field not in schemas.SERVER_SET and field != FIELD
        }
        fields = with_names(fields, inside)
        try:
            version = self._twin(name, fields)
            if version is None:
                version = services.create_template(
                    actor=self.actor, body=fields, own_hosts=self.own_hosts
                ).template.head
        except errors.InvalidInput as refusal:
            raise _refusal(
                f"is invalid: {_first_problem(refusal)}", entry_name, details=refusal.details
            ) from refusal
        assert version is not None  # noqa: S101  a template that was saved has one
        self.names[name] = reference_to(version)
        return self.names[name]

    def _twin(self, name: str, fields: Mapping[str, Any]) -> TemplateVersion | None:
        """Find the version that would be made of an entry: the one that it names, where the actor
        may read that, else the newest one of their own."""
        fields, issues = media_links.intern(fields, actor=self.actor, hosts=self.own_hosts, base={})
        if issues:
            return None
        spec = schemas.read_draft(fields).spec
        title = spec.get("name")
        if not isinstance(title, str):
            return None
        rows = TemplateVersion.objects.filter(content_sha256=content_sha256(spec), spec__name=title)
        rows = rows.exclude(template=self.holder)
        with suppress(errors.NotFound, errors.Forbidden):
            version = find_version(self.actor, *(read_reference(name) or ("", "")))
            if rows.filter(pk=version.pk).exists():
                return version
        own = rows.filter(template__owner=self.actor, template__deleted_at=None)
        own = own.exclude(template__moderation="removed")
        return own.defer("spec").select_related("template").order_by("-pk").first()


def _first_problem(refusal: errors.InvalidInput) -> str:
    issues = refusal.details.get("validation", {}).get("issues", ())
    texts = (one["message"] for one in issues if one["severity"] == "error")
    return next(texts, refusal.message)


def _refusal(
    problem: str, name: str = "", *, details: Mapping[str, Any] | None = None
) -> errors.InvalidInput:
    field = f"{FIELD}/{name}" if name else FIELD
    whose = f"The template {name} in this file" if name else "The file's list of templates"
    return errors.InvalidInput(
        f"`{field}` {problem}",
        person=f"{whose} {problem.replace('`', '')}",
        code="template.invalid_bundle",
        details=details,
    )
