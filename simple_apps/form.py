"""The form of an app: which inputs of its version guests fill in, in which order and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import errors
from simple_apps.models import SimpleApp
from templates_app.graph.outputs import labels_of


def inputs_of(app: SimpleApp, spec: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the inputs that guests fill in, as the version declares them, in the form's order.

    With the author's `default`, `label` and `help` where they wrote some. spec: of the version,
    with links of its media that work now.
    """
    return [row for row in all_inputs_of(app, spec) if not row.get("hidden")]


def all_inputs_of(app: SimpleApp, spec: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return all inputs that people are asked for, also hidden ones, those of the author's list
    first."""
    assert app.version is not None  # noqa: S101  open apps have one
    rows = (spec or app.version.spec).get("inputs") or ()
    by_name = {row["name"]: row for row in rows if not row.get("internal")}
    changes = [row for row in app.inputs if row["name"] in by_name]
    listed_names = {row["name"] for row in changes}
    changes += [{"name": name} for name in by_name if name not in listed_names]
    return [
        {**by_name[row["name"]], **{key: value for key, value in row.items() if value != ""}}
        for row in changes
    ]


def outputs_of(app: SimpleApp) -> dict[str, str]:
    """Return output → its label, for those that guests get, in the author's order; empty: all."""
    return {row["name"]: row.get("label", "") for row in app.outputs}


def declared_outputs(app: SimpleApp) -> dict[str, str]:
    """Return output → label of all outputs that the version declares."""
    assert app.version is not None  # noqa: S101  open apps have one
    return labels_of(app.version.spec)


def gone_of(app: SimpleApp) -> list[str]:
    """Return the names in the author's lists that the version doesn't have."""
    inputs = {row["name"] for row in all_inputs_of(app)}
    names = [row["name"] for row in app.inputs if row["name"] not in inputs]
    outputs = declared_outputs(app)
    if outputs:
        names += [row["name"] for row in app.outputs if row["name"] not in outputs]
    return names


def values_of(app: SimpleApp, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a start: what a guest sent, and the defaults of the rest.

    Raises InvalidInput for an input that the form does not ask for.
    """
    rows = all_inputs_of(app)
    shown_names = {row["name"] for row in rows if not row.get("hidden")}
    for name in inputs:
        if name not in shown_names:
            raise errors.InvalidInput(
                f"inputs.{name[:80]} is no input of this app. It takes"
                f" {', '.join(sorted(shown_names)) or 'none'}.",
                person="Reload the page: this form has changed.",
                details={"issues": [{"path": f"inputs.{name[:80]}", "message": "is unknown."}]},
            )
    names = {row["name"] for row in rows}
    defaults = {
        row["name"]: row["default"]
        for row in app.inputs
        if row["name"] in names and row.get("default") not in (None, "")
    }
    return {**defaults, **inputs}
