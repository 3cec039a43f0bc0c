"""The form of an app's settings: what it shows, and what it sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from builder.web.app_pages.guest_form import guest_form
from builder.web.template_pages.forms import (
    MEDIA,
    FormField,
    fields_of,
    read_inputs,
    texts_of,
    without_unneeded,
)
from core import errors
from media import resolvers
from media.signing import parse_own_url, signed_path
from simple_apps import form as app_form
from simple_apps.models import SimpleApp

WORDS = ("title", "slug", "intro")
SWITCHES = ("guests_answer", "shows_stages", "own_cost")
# The upload control of the picture, by a name that no input can have.
UPLOAD = FormField("1picture", "image", "Picture")
_KINDS = ("text", "number", "boolean", "select")
# Files to choose from, of each kind.
CHOICES = 8
_EXPIRED = "This address has expired. Choose the file again."


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input of the form. field: its default. own: as the template has it. label, help: the
    author's words, where they wrote some. is_unset: the template's default doesn't hold.
    choices: files for a default."""

    field: FormField
    own: FormField
    label: str
    help: str
    is_hidden: bool
    is_unset: bool
    problem: str = ""
    choices: tuple[Mapping[str, str], ...] = ()

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def can_default(self) -> bool:
        """Return whether the author may set a default here."""
        if self.field.is_media:
            return not self.field.multiple
        return self.field.type in _KINDS

    @property
    def can_unset(self) -> bool:
        """Return whether the template has a default that the author may take away."""
        return self.can_default and self.field.type != "boolean" and bool(self.own.default)

    @property
    def lines(self) -> str:
        """The values of a default of several, one per line."""
        return "\n".join(value for value in self.field.values if value)


def input_rows(
    app: SimpleApp,
    problems: Mapping[str, str] | None = None,
    base_url: str = "",
    results: Sequence[Mapping[str, str]] = (),
) -> list[InputRow]:
    """Return all inputs that people are asked for, in the order of the app's form.

    base_url: scheme and host of addresses of files. results: files to choose a default from.
    """
    own_inputs = app_form.linked_inputs(app, app_form.own_inputs_of(app), base_url)
    assert app.version is not None  # noqa: S101  open apps have one
    own_fields = {
        field.name: field
        for field in without_unneeded(fields_of({"inputs": own_inputs}), app.version)
    }
    words = {row["name"]: row for row in app.inputs}
    unset_names = app_form.unset_of(app)
    problems = problems or {}
    return [
        InputRow(
            # A default is never required.
            replace(
                field,
                required=False,
                default="" if field.name in unset_names else own_fields[field.name].default,
            ),
            own_fields[field.name],
            words.get(field.name, {}).get("label", ""),
            words.get(field.name, {}).get("help", ""),
            bool(words.get(field.name, {}).get("hidden")),
            field.name in unset_names,
            problems.get(f"hidden.{field.name}") or problems.get(f"inputs.{field.name}", ""),
            tuple(one for one in results if one["kind"] == field.type)[:CHOICES],
        )
        for field in fields_of(
            {"inputs": app_form.linked_inputs(app, app_form.all_inputs_of(app), base_url)}
        )
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
        changes["inputs"] = _inputs_of(app, form, own_host, problems)
    if "outputs" in form:
        changes["outputs"] = _outputs_of(app, form)
        if "output" not in form:
            problems["outputs"] = "Choose at least one result."
    upload = parse_own_url(form.get(UPLOAD.element, "").strip(), [own_host])
    picture = form.get("picture", "keep")
    if upload is not None or picture != "keep":
        changes["picture"] = upload or picture.removeprefix("none")
    return changes, problems


def _inputs_of(
    app: SimpleApp, form: QueryDict, own_host: str, problems: dict[str, str]
) -> list[dict[str, Any]]:
    assert app.version is not None  # noqa: S101  open apps have one
    rows = {row.name: row for row in input_rows(app)}
    texts = {
        name: [line for text in texts for line in text.splitlines()]
        if name in rows and rows[name].field.multiple
        else texts
        for name, texts in texts_of(form).items()
    }
    values = read_inputs(app.version.spec, texts)
    old_defaults = {row["name"]: row.get("default") for row in app.inputs}
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
        if own.is_media:
            try:
                text = form.get(f"pick.{name}") or value or ""
                value = _file_of(own, old_defaults.get(name) or "", text, own_host)
            except errors.InvalidBody:
                problems[f"inputs.{name}"] = _EXPIRED
        is_unset = rows[name].can_unset and f"unset.{name}" in form
        if is_unset:
            change["default"] = None
        elif value is not None and not _is_own(value, own):
            change["default"] = value
        if is_hidden and own.required and (is_unset or not (own.default or "default" in change)):
            problems[f"hidden.{name}"] = (
                "Runs need this. Give it a default, or let guests fill it in."
            )
        changes.append(change)
    return changes


def _is_own(value: Any, own: FormField) -> bool:
    """Return whether a default is the template's."""
    if own.multiple:
        return list(value) == [text for text in own.values if text]
    text = str(value).lower() if isinstance(value, bool) else value
    return bool(text == (own.value or ("false" if value is False else "")))


def _file_of(own: FormField, old_default: str, text: str, own_host: str) -> str | None:
    """Return a file as `services.InputIn` names it. old_default: the app's until now. Raises
    InvalidBody for an address that has expired."""
    public_id = parse_own_url(text, [own_host]) or text
    if not public_id.startswith("a/"):
        return public_id or None
    # The form shows it at an address of the app, which may be another one by now.
    sha256 = public_id.rpartition("/")[2]
    return next((one for one in (own.value, old_default) if f"/{sha256}/" in one), None)


def shown_again(app: SimpleApp, rows: list[dict[str, Any]], base_url: str) -> list[dict[str, Any]]:
    """Return inputs as a form sent them, with the addresses of files that it chose."""
    kinds = {row["name"]: row["type"] for row in app_form.own_inputs_of(app)}
    for row in rows:
        file = row.get("default")
        if kinds.get(row["name"]) in MEDIA and file and ":" not in file:
            path = _own_path(app, file)
            row["default"] = path and base_url + path
    return rows


def _own_path(app: SimpleApp, public_id: str) -> str:
    """Return where a file of the author's is read; "" of another's."""
    is_own = resolvers.resolve_owned(public_id, app.owner) is not None
    return signed_path(public_id, "file") if is_own else ""


def preview_after(app: SimpleApp, changes: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """Return what `app_settings/preview.html` shows of an app after changes that aren't saved.

    changes: as `changes_of` returns them.
    """
    assert app.version is not None  # noqa: S101  open apps have one
    draft = copy(app)
    draft.inputs = shown_again(app, changes.get("inputs", app.inputs), base_url)
    picture = f"/media/a/{app.slug}/{app.picture_id}/picture" if app.picture_id else ""
    if "picture" in changes:
        picture = _own_path(app, changes["picture"])
    inputs = app_form.linked_inputs(draft, app_form.inputs_of(draft), base_url)
    return {
        "title": changes.get("title", app.title),
        "intro": changes.get("intro", app.intro),
        "picture": picture,
        "form": guest_form(fields_of({"inputs": inputs}), app.version),
    }


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
