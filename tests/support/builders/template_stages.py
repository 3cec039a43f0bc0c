"""Templates whose stages are templates, for tests: how they are changed, and what answers say."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse

from templates_app.lifecycle import services
from templates_app.models import Template
from tests.support.builders.templates import HOSTS


def patched(template: Template, *, publish: bool = True, **changes: Any) -> Template:
    """The template after a change by its owner. publish: a public one shows it."""
    return services.patch_template(
        actor=template.owner,
        public_id=template.public_id,
        changes=changes,
        own_hosts=HOSTS,
        publish=publish,
    ).template


def errors_of(response: HttpResponse) -> list[tuple[str, str]]:
    """Code and place of each error that a template was refused for."""
    assert response.status_code == 422, response.content
    issues = json.loads(response.content)["data"]["validation"]["issues"]
    return [(one["code"], one["path"]) for one in issues if one["severity"] == "error"]


def saved(response: HttpResponse) -> dict[str, Any]:
    """The template that was saved."""
    assert response.status_code in (200, 201), response.content
    template: dict[str, Any] = json.loads(response.content)["data"]["template"]
    return template
