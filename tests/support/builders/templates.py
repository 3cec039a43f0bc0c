"""Templates for tests: the documented example word for word, and the smallest valid ones."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import User
from templates_app import gallery_index
from templates_app.lifecycle import services
from templates_app.models import Template, TemplateVersion

TEMPLATES = "/v1/creative-agent/workflows/templates"
BASE_URL = "http://testserver"
HOSTS = ["testserver"]

# The body of the public documentation's example request.
DOCUMENTED_BODY = """{
"name": "Two-shot product teaser",
"description": "Generate a product keyframe and animate it.",
"category": "video-social",
"visibility": "private",
"inputs": [
{
"name": "brief",
"type": "text",
"required": true,
"description": "Product and visual direction"
}
],
"stages": [
{
"id": "keyframe",
"type": "fixed",
"tool": "generate_image",
"args": {
"prompt": "$inputs.brief",
"model": "flux2",
"width": 1024,
"height": 576
}
},
{
"id": "clip",
"type": "fixed",
"tool": "generate_video",
"args": {
"prompt": "Slow cinematic product push-in",
"duration": 5
}
}
],
"exposeToLLM": false
}"""


def documented() -> dict[str, Any]:
    """A fresh copy of the documented example."""
    return dict(json.loads(DOCUMENTED_BODY))


def make_template(owner: User, **fields: Any) -> Template:
    """The documented example saved by this person, with some fields changed."""
    body = {**documented(), **fields}
    return services.create_template(actor=owner, body=body, own_hosts=HOSTS).template


def make_public(owner: User, **fields: Any) -> Template:
    return make_template(owner, visibility="public", **fields)


def name_as_before(
    template: Template, name: str, tags: list[str] | None = None, description: str | None = None
) -> None:
    """Give a template texts as releases took them that had no rules for characters."""
    given = {"tags": tags, "description": description}
    more = {field: value for field, value in given.items() if value is not None}
    for version in TemplateVersion.objects.filter(template=template):
        version.spec = {**version.spec, "name": name, **more}
        version.save(update_fields=["spec"])
    Template.objects.filter(pk=template.pk).update(name=name)
    template.refresh_from_db()
    gallery_index.refresh(template.pk)
