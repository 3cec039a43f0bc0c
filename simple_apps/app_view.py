"""An app as those who hold a link read it: its form and its results' names, no graph."""

from __future__ import annotations

from typing import Any

from core import clock
from simple_apps import form
from simple_apps.models import GuestLink
from simple_apps.schemas import AppInputOut, AppOut


def app_body(link: GuestLink) -> AppOut:
    """Return the app of a link, with what is left of the link."""
    app, allowance = link.app, link.allowance
    labels = form.declared_outputs(app)
    chosen = form.outputs_of(app) or labels
    return {
        "title": app.title,
        "intro": app.intro,
        "inputs": [_input(row) for row in form.inputs_of(app)],
        "outputs": [
            {"name": name, "label": label or labels.get(name, "")} for name, label in chosen.items()
        ],
        "runs": allowance.most_runs,
        "runsLeft": allowance.most_runs - allowance.runs,
        "endsAt": clock.iso(allowance.ends_at),
    }


def _input(row: dict[str, Any]) -> AppInputOut:
    body: AppInputOut = {
        "name": row["name"],
        "type": row["type"],
        "required": bool(row.get("required")) and row.get("default") in (None, ""),
    }
    if label := row.get("label") or row.get("description"):
        body["label"] = str(label)
    if row.get("help"):
        body["help"] = row["help"]
    return body
