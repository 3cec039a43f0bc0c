"""A template as a file, which Import takes: the API's record of it, with the templates inside."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from core import ids
from templates_app import media_links, selectors
from templates_app.lifecycle.bundles import FIELD, bundle_of
from templates_app.web.serializers import template_out


def file_of(
    view: selectors.VisibleTemplate, *, base_url: str, with_media: bool = True
) -> tuple[str, str]:
    """Return the name and the text of its owner's file.

    with_media: else without the previews, defaults and examples that are files of this server:
    links to them end after a day, and Import refuses ended ones.
    """
    template = view.template
    record = template_out(view, base_url=base_url)
    bundle = bundle_of(template, view.version.spec, person=template.owner, base_url=base_url)
    if not with_media:
        hosts = [urlsplit(base_url).netloc]
        record = _without_media(record, hosts)
        bundle = {name: _without_media(one, hosts) for name, one in bundle.items()}
    if bundle:
        record[FIELD] = bundle
    name = f"{ids.slug(record['name']) or 'template'}-{template.pk}.json"
    return name, json.dumps(record, ensure_ascii=False, indent=2)


def _without_media(record: Mapping[str, Any], hosts: Collection[str]) -> dict[str, Any]:
    """The fields of a template without what is a file of ours. hosts: our own `host[:port]`s."""

    def is_ours(value: Any) -> bool:
        values = value if isinstance(value, list) else [value]
        links = [one.get("url") if isinstance(one, dict) else one for one in values]
        return any(isinstance(link, str) and media_links.is_own_link(link, hosts) for link in links)

    copy = media_links.spec_copy(record)
    previews = [one for one in copy.get("previewArtifacts") or () if not is_ours(one)]
    if "previewArtifacts" in copy:
        copy["previewArtifacts"] = previews
    inputs = [one for one in copy.get("inputs") or () if isinstance(one, dict)]
    places = [(copy, "thumbnailUrl"), *((one, "posterUrl") for one in previews)]
    for holder, key in (*places, *((one, "default") for one in inputs)):
        if isinstance(holder, dict) and is_ours(holder.get(key)):
            del holder[key]
    for schema in (one.get("jsonSchema") for one in inputs):
        if isinstance(schema, dict) and isinstance(schema.get("examples"), list):
            schema["examples"] = [one for one in schema["examples"] if not is_ours(one)]
    return copy
