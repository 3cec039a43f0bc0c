"""Templates as seen from outside: §6.2 of the contract."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from accounts.models import User
from accounts.names import SYSTEM
from core import clock
from media import signing
from templates_app import media_links, schemas, selectors
from templates_app.documents.edges import EDGES, true_edges
from templates_app.graph.unpacking import expand
from templates_app.models import Template
from templates_app.uses import table_of

# What its owner is told of a hidden template: `{state, reason, message, since}`.
Notice = Callable[[Template], dict[str, Any] | None]
_notices: list[Notice] = []


def register_notice(notice: Notice) -> None:
    """Ask this function what to tell the owner of a hidden template. Registering twice is once."""
    if notice not in _notices:
        _notices.append(notice)


def template_out(view: selectors.VisibleTemplate, *, base_url: str) -> dict[str, Any]:
    """The public fields of a template as its viewer sees it. Optional fields are left out.

    Outsiders get the published version, its times and the author's chosen name: nothing of drafts,
    of accounts or of the runs its previews come from.
    """
    template, version = view.template, view.version
    fields = media_links.show(
        version.spec, version_id=version.pk, base_url=base_url, is_open=view.is_open
    )
    updated_at = template.updated_at if view.is_owner else version.created_at
    answer = {
        **schemas.flatten(fields),
        "id": template.public_id,
        "version": version.semver,
        "author": author_out(template),
        "visibility": template.visibility,
        "createdAt": clock.iso(template.created_at),
        "updatedAt": clock.iso(updated_at),
    }
    if template.cloned_from_public_id and (view.is_owner or _was_public(template)):
        answer["clonedFromTemplateId"] = template.cloned_from_public_id
    if view.is_owner and template.moderation != "visible":
        answer["moderation"] = _moderation_out(template)
    return answer


def expanded_out(view: selectors.VisibleTemplate, person: User, *, base_url: str) -> dict[str, Any]:
    """A template with their own stages in the place of stages that are templates, and the stages
    that stay as they are: `{stageId, message}`. What a moderator hid is for its author alone."""
    version = copy.copy(view.version)
    table = table_of(version, person=person.pk)
    version.spec, reasons = expand(view.version.spec, table)
    edges = true_edges(view.version.spec, version.spec, table)
    if edges is not None:
        version.spec["graph"] = {**version.spec["graph"], EDGES: edges}
    template = template_out(replace(view, version=version), base_url=base_url)
    # Files of the templates inside.
    return {
        "template": _with_origin(template, base_url),
        "wholeStages": [
            {"stageId": stage_id, "message": message} for stage_id, message in reasons.items()
        ],
    }


def _with_origin(value: Any, base_url: str) -> Any:
    """Return JSON whose links to our media, made where no request was, lead to this server."""
    if isinstance(value, str):
        mark = f"{signing.OWN_ORIGIN}/"
        return f"{base_url}/{value.removeprefix(mark)}" if value.startswith(mark) else value
    if isinstance(value, dict):
        return {name: _with_origin(part, base_url) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_origin(part, base_url) for part in value]
    return value


def _moderation_out(template: Template) -> dict[str, Any]:
    for notice in _notices:
        body = notice(template)
        if body is not None:
            return body
    state = "removed" if template.moderation == "removed" else "hidden"
    return {"state": state, "reason": None, "message": "", "since": None}


def author_out(template: Template) -> str | dict[str, str]:
    """`"system"` for the server's samples, else the account's public id and chosen name."""
    owner = template.owner
    if owner.username == SYSTEM:
        return "system"
    return {"userId": owner.public_id, "displayName": owner.shown_name}


def _was_public(template: Template) -> bool:
    """Tell whether the fork's source was ever published: a private one's id stays private."""
    source = template.source
    return source is not None and source.template.published_at is not None
