"""Remixing: a private copy of what a person sees of a template."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction

from accounts import blocks, storage
from accounts.models import User
from accounts.suspension import check_may_act
from core import errors, ids, short_text
from core.phrases import phrase
from notices import create_notice
from templates_app import media_links, schemas, selectors, semver
from templates_app.documents import selectors as documents
from templates_app.graph import issues as graph_issues
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_stages import references_in
from templates_app.graph.values import check_declaration
from templates_app.lifecycle.version_writes import (
    MINTING_ATTEMPTS,
    SavedTemplate,
    check_quota,
    insert_template,
)
from templates_app.models import Template, TemplateVersion
from templates_app.uses import versions_named

# What names of remixes end in, once or, from before there were numbers, several times.
_REMIX = re.compile(r"(?: \(remix(?: \d{1,9})?\)){1,20}$")


def fork_template(
    *,
    actor: User,
    public_id: str,
    name: str = "",
    defaults: Mapping[str, Any] = MappingProxyType({}),
    own_hosts: Collection[str] = (),
) -> SavedTemplate:
    """Copy what the actor sees of a template into a private one of their own, at version 0.0.1.

    name: empty for "<name> (remix)", or "<name> (remix 2)" where the actor has that already; a
    remix of a remix is not called so twice. defaults: values that take the place of the inputs' own
    defaults; one that does not fit its input, or names none, is left out. own_hosts: as for
    `create_template`. The fork gets its own right to the source's previews and to the templates
    among its stages, so they stay when the source or these are withdrawn. Raises NotFound, Conflict
    for the quota, InvalidInput, Forbidden where a block keeps the two apart who don't work on it
    together.
    """
    source, version = _source(actor, public_id)
    if source.moderation == "removed":
        # Only its author gets here. A copy would be a way around the decision.
        raise errors.Forbidden("Taken down; it can't be copied.", code="template.taken_down")
    if source.owner_id != actor.pk:
        check_may_act(actor)
        if documents.role_of(actor, source) is None:
            blocks.check_not_apart(actor, {source.owner_id}, "remix this")
    check_quota(actor)
    spec = with_defaults(version.spec, defaults, actor, own_hosts)
    storage.check_room(actor, version.bytes if spec is version.spec else storage.size_of(spec))
    # A name from before there were rules stays the source's; a new one keeps them.
    problem = short_text.problem_of(name)
    name = name or remix_name(actor, spec["name"])
    if len(name) > schemas.NAME_LENGTH:
        problem = f"has more than {schemas.NAME_LENGTH} characters."
    if problem is not None:
        raise schemas.invalid_template(
            [
                graph_issues.issue(
                    "invalid_field",
                    path="name",
                    field="name",
                    problem=phrase("said", text=problem),
                )
            ]
        )
    for _ in range(MINTING_ATTEMPTS):
        try:
            with transaction.atomic():
                fork = insert_template(
                    actor=actor,
                    public_id=ids.template_id(name),
                    spec={**spec, "name": name},
                    version=semver.FIRST,
                    cause="fork",
                    source=version,
                    cloned_from=source.public_id,
                    uses=versions_named(source, references_in(spec)),
                )
                # No one reads what the author of the samples is told.
                if source.owner_id != actor.pk and source.owner.is_active:
                    _tell(source, actor)
            return SavedTemplate(fork)
        except IntegrityError:
            continue
    raise errors.Unavailable("Couldn't create an id. Retry.", retry_after_s=1)


def _tell(source: Template, actor: User) -> None:
    forks = Template.objects.filter(source__template=source).exclude(
        owner__in=[actor.pk, source.owner_id]
    )
    create_notice.tell_of_another(
        source.owner_id,
        "remix",
        about=f"fork:{source.pk}",
        did="remixed",
        name=source.name,
        url=f"/t/{source.public_id}?tab=remixes",
        by=actor,
        others=lambda since: forks.filter(created_at__gt=since).values("owner").distinct().count(),
    )


def _source(actor: User, public_id: str) -> tuple[Template, TemplateVersion]:
    """Find what the template's page shows them; of a private one they work on, the newest."""
    try:
        template = selectors.resolve(actor, public_id)
        return template, selectors.runnable_version(actor, template)
    except errors.NotFound:
        template = documents.readable(actor, public_id)
        return template, selectors.runnable_version(template.owner, template)


def name_of_original(name: str) -> str:
    """Return the name of a remix without the suffix that remixing gave it."""
    return _REMIX.sub("", name) or name


def remix_name(actor: User, name: str) -> str:
    """`<name> (remix)`, or with the first number that no template of the actor's has."""
    stem = name_of_original(name)
    own = Template.objects.filter(selectors.LIVE, owner=actor)
    own_names = set(own.filter(name__contains=" (remix").values_list("name", flat=True))
    suffixes = (" (remix)", *(f" (remix {number})" for number in range(2, len(own_names) + 3)))
    names = (stem[: schemas.NAME_LENGTH - len(suffix)].rstrip() + suffix for suffix in suffixes)
    return next(name for name in names if name not in own_names)


def with_defaults(
    spec: dict[str, Any], defaults: Mapping[str, Any], actor: User, own_hosts: Collection[str]
) -> dict[str, Any]:
    """The spec with these defaults, where they fit; the same object where none does.

    defaults: by the input's name. One that is not the actor's to give stays out.
    """
    inputs = [
        _with_default(input_, defaults.get(input_["name"]), actor, own_hosts)
        for input_ in spec.get("inputs") or ()
    ]
    return {**spec, "inputs": inputs} if inputs != spec.get("inputs", []) else spec


def _with_default(
    input_: dict[str, Any], value: Any, actor: User, own_hosts: Collection[str]
) -> dict[str, Any]:
    if value is None or input_.get("internal"):
        return input_
    candidate = {**input_, "default": value}
    inputs = read_spec({"inputs": [candidate]})[0].inputs
    if len(inputs) != 1 or check_declaration(inputs[0]):
        return input_
    # The examples of the source are references already.
    references = {place.value for place in media_links.places({"inputs": [input_]})}
    spec, problems = media_links.intern(
        {"inputs": [candidate]}, actor=actor, hosts=own_hosts, base={}, references=references
    )
    borrows = any(
        place.reference is None and media_links.is_own_link(place.value, own_hosts)
        for place in media_links.places(spec)
    )
    return input_ if problems or borrows else spec["inputs"][0]
