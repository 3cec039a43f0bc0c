"""Templates in few words, for a model to choose among and to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from builder.agents.mcp.untrusted_text import marked
from templates_app.graph.template_names import PREFIX
from templates_app.selectors import VisibleTemplate
from templates_app.web.serializers import author_out

SHORT: Final = 240
_BOUNDS: Final = ("minimum", "maximum", "minLength", "maxLength", "pattern", "enum", "format")


def summary(template_view: VisibleTemplate) -> dict[str, Any]:
    """A template as a list has it."""
    spec = template_view.version.spec
    return {
        "id": template_view.template.public_id,
        "name": marked(spec.get("name", ""), SHORT),
        "description": marked(spec.get("description", ""), SHORT),
        "category": spec.get("category", "custom"),
        "author": _author(template_view),
        "visibility": template_view.template.visibility,
        # What a stage of another template has as its tool to be this one.
        "as_stage": f"{PREFIX}{template_view.template.public_id}@{template_view.version.semver}",
        "inputs": [_input_line(one) for one in _inputs(spec)],
    }


def details(template_view: VisibleTemplate) -> dict[str, Any]:
    """Return the details that a run of it needs: its inputs, and the names of its stages."""
    spec = template_view.version.spec
    return {
        **summary(template_view),
        "description": marked(spec.get("description", "")),
        "version": template_view.version.semver,
        "tags": [marked(tag, 60) for tag in (spec.get("tags") or [])[:20]],
        "inputs": described_inputs(spec),
        "stages": [_stage(one) for one in (spec.get("stages") or [])[:200]],
    }


def described_inputs(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the inputs that a run is given, or a stage that is this template."""
    return [described_input(one) for one in _inputs(spec)]


def described_input(one: Mapping[str, Any]) -> dict[str, Any]:
    """One declared input, with what it accepts."""
    schema = one.get("jsonSchema")
    limits = {name: schema[name] for name in _BOUNDS if name in schema} if schema else {}
    fields = {
        "name": one.get("name"),
        "type": one.get("type"),
        "required": bool(one.get("required")),
        "description": marked(one.get("description", "")),
        "default": _value(one.get("default")),
        "options": [_value(option) for option in (one.get("options") or [])[:100]],
        "multiple": one.get("multiple"),
        "limits": limits,
    }
    names = ("name", "type", "required")
    return {name: value for name, value in fields.items() if value or name in names}


def _inputs(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in (spec.get("inputs") or []) if not one.get("internal")][:100]


def _input_line(one: Mapping[str, Any]) -> str:
    """`brief: text, required`."""
    return f"{one.get('name')}: {one.get('type')}{', required' if one.get('required') else ''}"


def _stage(one: Mapping[str, Any]) -> dict[str, Any]:
    fields = {
        "id": one.get("id"),
        "type": one.get("type"),
        "tool": one.get("tool"),
        "label": marked(one.get("label", ""), SHORT),
    }
    return {name: value for name, value in fields.items() if value}


def _value(value: Any) -> Any:
    """A default or an option; texts are other people's."""
    if isinstance(value, Mapping):
        return {name: _value(part) for name, part in value.items()}
    return marked(value) if isinstance(value, str) else value


def _author(template_view: VisibleTemplate) -> str:
    author = author_out(template_view.template)
    return author if isinstance(author, str) else marked(author["displayName"], 80)
