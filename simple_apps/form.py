"""The form of an app: which inputs of its version guests fill in, in which order and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings

from core import errors
from media import resolvers
from media.models import Blob
from simple_apps.models import SimpleApp
from templates_app import media_links
from templates_app.graph.issues import Issue
from templates_app.graph.media_urls import MediaShelf
from templates_app.graph.outputs import labels_of
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.types import Limits
from templates_app.graph.values import read_values


def inputs_of(app: SimpleApp) -> list[dict[str, Any]]:
    """Return the inputs that guests fill in, as the version declares them, in the form's order.

    With the author's `default`, `label` and `help` where they wrote some.
    """
    return [row for row in all_inputs_of(app) if not row.get("hidden")]


def all_inputs_of(app: SimpleApp) -> list[dict[str, Any]]:
    """Return all inputs that people are asked for, also hidden ones, those of the author's list
    first. A `default` of None is the author's, too: it stands in the place of the template's."""
    by_name = {row["name"]: row for row in own_inputs_of(app)}
    changes = [row for row in app.inputs if row["name"] in by_name]
    listed_names = {row["name"] for row in changes}
    changes += [{"name": name} for name in by_name if name not in listed_names]
    return [
        {**by_name[row["name"]], **{key: value for key, value in row.items() if value != ""}}
        for row in changes
    ]


def own_inputs_of(app: SimpleApp) -> list[dict[str, Any]]:
    """Return the inputs that people are asked for, as the version has them."""
    assert app.version is not None  # noqa: S101  open apps have one
    return [row for row in app.version.spec.get("inputs") or () if not row.get("internal")]


def linked_inputs(
    app: SimpleApp, rows: Iterable[Mapping[str, Any]], base_url: str = ""
) -> list[dict[str, Any]]:
    """Return inputs with their files at addresses that guests may follow while the app is open.

    base_url: scheme and host of the addresses.
    """
    spec = media_links.spec_copy({"inputs": list(rows)})
    for place in media_links.places(spec):
        if place.reference is not None:
            sha256 = _sha256_of(app, place.reference)
            path = f"{base_url}/media/a/{app.slug}/{sha256}/{place.reference.filename}"
            place.fill(path if sha256 else "")
    inputs: list[dict[str, Any]] = spec["inputs"]
    return inputs


def files_of(app: SimpleApp) -> set[str]:
    """Return the SHA-256 of each file that the form has as a default or an example."""
    places = media_links.places({"inputs": all_inputs_of(app)})
    return {_sha256_of(app, place.reference) for place in places if place.reference is not None}


def _sha256_of(app: SimpleApp, reference: media_links.StoredReference) -> str:
    if reference.kind == "blob":
        return reference.id
    blob = resolvers.resolve_owned(reference.id, app.owner)
    return "" if blob is None else blob.sha256


def preview_of(app: SimpleApp) -> Blob | None:
    """Return the first image that the version has as a preview, or as the poster of one."""
    assert app.version is not None  # noqa: S101  open apps have one
    previews = {"previewArtifacts": app.version.spec.get("previewArtifacts")}
    references = [place.reference for place in media_links.places(previews)]
    hashes = [_sha256_of(app, reference) for reference in references if reference is not None]
    images = Blob.objects.filter(kind="image", blocked_at=None).in_bulk(hashes)
    return next((images[sha256] for sha256 in hashes if sha256 in images), None)


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


def default_issues(app: SimpleApp, name: str, default: Any) -> list[Issue]:
    """Return why a default of the author's is no value for an input, as a start would."""
    rows = [row for row in own_inputs_of(app) if row["name"] == name]
    inputs = read_spec({"inputs": rows})[0].inputs
    issues = read_values(inputs, {name: default}, MediaShelf(()), Limits())[1]
    return [issue for issue in issues if issue.severity == "error"]


def unset_of(app: SimpleApp) -> set[str]:
    """Return the inputs whose default the author took away."""
    return {row["name"] for row in app.inputs if row.get("default", "") is None}


def values_of(
    app: SimpleApp, inputs: Mapping[str, Any], own_hosts: Sequence[str] = ("localhost",)
) -> dict[str, Any]:
    """Return the inputs of a start: what a guest sent, and the defaults of the rest.

    own_hosts: as of `start_run`. Raises InvalidInput for an input that the form does not ask for.
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
    names = {row["name"] for row in app.inputs if row.get("default") not in (None, "")}
    base_url = settings.PUBLIC_URL or f"http://{own_hosts[0]}"
    set_rows = linked_inputs(app, (row for row in rows if row["name"] in names), base_url)
    return {**{row["name"]: row["default"] for row in set_rows}, **inputs}
