"""A template as a model or a chat message sends it → one that can be changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, Final

from core.names import free_name

# Names under which answers of the API carry a template.
_WRAPPERS: Final = (
    "data",
    "template",
    "template_draft",
    "templateDraft",
    "result",
    "existing_template",
)
_DEEPEST: Final = 6
_LONGEST_TEXT: Final = 2_000_000


class NotATemplate(ValueError):
    """An error of what can't be read as a template. The text says why, for the person."""


def read_template(value: Any) -> dict[str, Any]:
    """Read a template from a create body, an answer of the API, or nearly one; change nothing.

    JSON text and an answer around the template are understood; stages without a `type` or an `id`
    get one. Raises NotATemplate.
    """
    result = _body(value)
    stages = result.get("stages")
    if stages is not None and not isinstance(stages, list):
        raise NotATemplate("“stages” must be a list of stages.")
    if not stages:
        raise NotATemplate("It has no stages. Send the whole template, with its “stages”.")
    if not all(isinstance(stage, Mapping) for stage in stages):
        raise NotATemplate("Each stage must be an object.")
    body = copy.deepcopy(dict(result))
    for field in ("inputs", "graph", "name"):
        if field in body and body[field] is None:
            del body[field]
    _complete(body["stages"])
    if not isinstance(body.get("name"), str) or not body["name"].strip():
        body["name"] = "Untitled"
    return body


def _body(value: Any) -> Mapping[str, Any]:
    for _ in range(_DEEPEST):
        if isinstance(value, str):
            if len(value) > _LONGEST_TEXT:
                raise NotATemplate("It is too long.")
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise NotATemplate("It isn't JSON.") from None
        if not isinstance(value, Mapping):
            raise NotATemplate("It must be an object with “name” and “stages”.")
        inner = next((value[key] for key in _WRAPPERS if key in value), None)
        if "stages" in value or inner is None:
            return value
        value = inner
    raise NotATemplate("It must be an object with “name” and “stages”.")


def _complete(stages: list[dict[str, Any]]) -> None:
    ids = {stage["id"] for stage in stages if isinstance(stage.get("id"), str)}
    for stage in stages:
        if not stage.get("id"):
            tool = stage.get("tool")
            stage["id"] = free_name(tool if isinstance(tool, str) and tool else "stage", ids)
            ids.add(stage["id"])
        if stage.get("type") is None:
            stage["type"] = "batch" if "itemStage" in stage else "fixed"
