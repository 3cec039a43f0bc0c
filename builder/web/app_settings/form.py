"""The form of an app's settings: what it shows, and what it sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from builder.web.template_pages.forms import FormField, fields_of, read_inputs, texts_of
from core import errors
from media.signing import parse_own_url
from simple_apps import form as app_form
from simple_apps.models import SimpleApp

WORDS = ("title", "slug", "intro")
SWITCHES = ("guests_answer", "shows_stages", "own_cost")
# The upload control of the picture, by a name that no input can have.
UPLOAD = FormField("1picture", "image", "Picture")
_KINDS = ("text", "number", "boolean", "select")


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input of the form. field: its default. own: as the template has it. label, help: the
    author's words, where they wrote some."""

    field: FormField
    own: FormField
    label: str
    help: str
    is_hidden: bool
    problem: str = ""

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def can_default(self) -> bool:
        """Return whether the author may set a default here."""
        return self.field.type in _KINDS and not self.field.multiple


def input_rows(app: SimpleApp, problems: Mapping[str, str] | None = None) -> list[InputRow]:
    """Return all inputs that people are asked for, in the order of the app's form."""
    assert app.version is not None  # noqa: S101  open apps have one
    own_fields = {field.name: field for field in fields_of(app.version.spec)}
    words = {row["name"]: row for row in app.inputs}
    return [
        InputRow(
            # A default is never required.
            replace(field, required=False, default=own_fields[field.name].default),
            own_fields[field.name],
            words.get(field.name, {}).get("label", ""),
            words.get(field.name, {}).get("help", ""),
            bool(words.get(field.name, {}).get("hidden")),
            (problems or {}).get(f"hidden.{field.name}", ""),
        )
        for field in fields_of({"inputs": app_form.all_inputs_of(app)})
    ]


def output_rows(app: SimpleApp) -> list[dict[str, Any]]:
    """Return the declared outputs, each with its words and whether guests get it."""
    chosen = app_form.outputs_of(app)
    return [
        {"name": name, "own": label or name, "label": chosen.get(name, ""), "on": name in chosen}
        | ({} if chosen else {"on": True})
        for name, label in app_form.declared_outputs(app).items()
    ]


def changes_of(
    app: SimpleApp, form: QueryDict, own_host: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a form changes, as `services.AppIn` takes it, and problems by field: with one,
    the app could not be run. Raises InvalidBody for an upload that is gone."""
    changes: dict[str, Any] = {name: form.get(name, "").strip() for name in WORDS}
    changes["accent"] = form.get("accent", "").lower() if "has_accent" in form else ""
    for name in SWITCHES:
        changes[name] = form.get(name) == "1"
    changes["embed_origins"] = form.get("embed_origins", "").split()
    problems: dict[str, str] = {}
    if "inputs" in form:
        changes["inputs"] = _inputs_of(app, form, problems)
    if "outputs" in form:
        changes["outputs"] = _outputs_of(app, form)
        if "output" not in form:
            problems["outputs"] = "Choose at least one result."
    upload = parse_own_url(form.get(UPLOAD.element, "").strip(), [own_host])
    picture = form.get("picture", "keep")
    if upload is not None or picture != "keep":
        changes["picture"] = upload or picture.removeprefix("none")
    return changes, problems


def _inputs_of(app: SimpleApp, form: QueryDict, problems: dict[str, str]) -> list[dict[str, Any]]:
    assert app.version is not None  # noqa: S101  open apps have one
    rows = {row.name: row for row in input_rows(app)}
    values = read_inputs(app.version.spec, texts_of(form))
    names = [name for name in dict.fromkeys(form.getlist("inputs")) if name in rows]
    _move(names, form.get("move", ""))
    changes = []
    for name in names:
        own, is_hidden = rows[name].own, f"hidden.{name}" in form
        change = {"name": name, "hidden": is_hidden}
        for part in ("label", "help"):
            if text := form.get(f"{part}.{name}", "").strip():
                change[part] = text
        value = values.get(name) if rows[name].can_default else None
        value_text = str(value).lower() if isinstance(value, bool) else value
        if value is not None and value_text != (own.value or ("false" if value is False else "")):
            change["default"] = value
        elif is_hidden and own.is_needed:
            problems[f"hidden.{name}"] = (
                "Runs need this. Give it a default, or let guests fill it in."
            )
        changes.append(change)
    return changes


def _outputs_of(app: SimpleApp, form: QueryDict) -> list[dict[str, Any]]:
    """Return those that are chosen; none where guests get all of them as they are called."""
    names = app_form.declared_outputs(app)
    chosen_names = [name for name in names if name in form.getlist("output")]
    labels = {name: form.get(f"output.{name}", "").strip() for name in chosen_names}
    if len(labels) == len(names) and not any(labels.values()):
        return []
    return [{"name": name, "label": label} for name, label in labels.items()]


def _move(names: list[str], step: str) -> None:
    """Move an input up or down, where no script does that: `up:brief`."""
    way, _, name = step.partition(":")
    if name not in names:
        return
    place = names.index(name)
    names.insert(max(place - 1, 0) if way == "up" else place + 1, names.pop(place))


def problems_of(refusal: errors.AppError) -> dict[str, str]:
    """Return problems by field of the form; "" for those of no field."""
    issues = refusal.details.get("issues") or ()
    problems = {_field_of(one["path"]): _sentence(one) for one in issues}
    if not problems:
        field = "slug" if refusal.code == "app.slug_taken" else refusal.message.partition(":")[0]
        problems[field if " " not in field else ""] = refusal.person
    return problems


def _field_of(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _sentence(issue: Mapping[str, str]) -> str:
    if _field_of(issue["path"]) == "slug":
        return "Use 3 to 60 lowercase letters, digits and hyphens."
    if _field_of(issue["path"]) == "accent":
        return "Choose a color."
    return issue["message"].partition(" ")[2].capitalize()
