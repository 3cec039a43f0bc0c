"""Writing apps and their links. Each function checks what it is given, for pages and programs."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from accounts.auth import hash_secret
from accounts.models import User
from accounts.suspension import check_may_act
from core import clock, errors, ids
from core.http import parse
from media import resolvers
from runs.engine import cancelling, retention
from runs.models import Allowance, Run
from simple_apps import form
from simple_apps.models import GuestLink, GuestRun, RestingAddress, SimpleApp
from templates_app import media_links
from templates_app.graph.rules.issue_texts import for_api, for_person
from templates_app.graph.titles import TemplateTitles
from templates_app.lifecycle.forking import name_of_original
from templates_app.models import Template
from templates_app.uses import table_of

MOST_APPS: Final = 50
MOST_LINKS: Final = 20
SLUG: Final = r"[a-z0-9](?:[a-z0-9-]{1,58})[a-z0-9]"
# How often what is old is looked for, and how many runs at once.
EVERY_S: Final = 600.0
AT_ONCE: Final = 100
# So long the address of an app that ended is no one's: people may still have it.
SLUG_REST: Final = timedelta(days=90)
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class InputIn(BaseModel):
    """One input of the form. Empty words and a default that is left out are the template's; null is
    no default. A file is named by its id, if it is the author's, or is at another site."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    label: Words = ""
    help: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    default: Any = None
    hidden: bool = False


class OutputIn(BaseModel):
    """One result that guests get. label: empty for the template's."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    label: Words = ""


class AppIn(BaseModel):
    """Changes of an app; what is left out stays. picture: the id of a file of the author's, ""
    for none."""

    model_config = ConfigDict(extra="forbid")

    slug: Annotated[str, StringConstraints(pattern=f"^{SLUG}$")] | None = None
    title: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
        | None
    ) = None
    intro: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] | None = None
    accent: Annotated[str, StringConstraints(pattern=r"^(#[0-9a-f]{6})?$")] | None = None
    picture: Annotated[str, StringConstraints(max_length=64)] | None = None
    inputs: Annotated[list[InputIn], Field(max_length=200)] | None = None
    outputs: Annotated[list[OutputIn], Field(max_length=200)] | None = None
    shows_stages: bool | None = None
    guests_answer: bool | None = None
    own_cost: bool | None = None
    embed_origins: Annotated[list[str], Field(max_length=20)] | None = None


class LinkIn(BaseModel):
    """A link: how many runs, for how many credits in all, for how many days."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    runs: Annotated[int, Field(ge=1, le=10_000)] = 20
    units: Annotated[float, Field(gt=0, le=1_000_000)] = 100
    days: Annotated[int, Field(ge=1, le=365)] = 7
    runs_per_guest: Annotated[int, Field(ge=0, le=10_000)] = 0


def create_app(*, actor: User, template: Template, changes: Mapping[str, Any]) -> SimpleApp:
    """Make an app of the newest version of an own template. changes: fields of AppIn.

    Raises Forbidden, InvalidBody, Conflict for a slug that is taken or too many apps, NotFound.
    """
    check_may_act(actor)
    if template.owner_id != actor.pk or template.head is None:
        raise errors.NotFound(code="template.not_found")
    if SimpleApp.objects.filter(owner=actor, ended_at=None).count() >= MOST_APPS:
        raise errors.Conflict(f"You have {MOST_APPS} apps. End one first.", code="app.too_many")
    title = name_of_original(template.head.spec["name"])
    app = SimpleApp(owner=actor, template=template, version=template.head, title=title)
    app.picture = form.preview_of(app)
    slug = ids.slug(title)
    app.slug = slug if re.fullmatch(SLUG, slug) else ""
    _apply(app, actor, parse(AppIn, changes))
    if not app.slug or ("slug" not in changes and _is_taken(app.slug)):
        app.slug = f"{app.slug or 'app'}-{secrets.token_hex(3)}"
    _save(app)
    return app


def change_app(*, actor: User, app: SimpleApp, changes: Mapping[str, Any]) -> SimpleApp:
    """Change an own app. Raises what create_app does."""
    check_may_act(actor)
    _apply(app, actor, parse(AppIn, changes))
    _save(app)
    return app


def use_newest(*, actor: User, app: SimpleApp) -> SimpleApp:
    """Pin the newest version of the template."""
    check_may_act(actor)
    app.version = app.template.head
    _save(app)
    return app


def end_app(*, app: SimpleApp) -> None:
    """Close an app with all its links. Guests' runs stay its owner's."""
    with transaction.atomic():
        _end(SimpleApp.objects.filter(pk=app.pk))
        links = GuestLink.objects.filter(app=app).values("allowance")
        Allowance.objects.filter(pk__in=links, ended_at=None).update(ended_at=clock.now())


def create_link(*, actor: User, app: SimpleApp, fields: Mapping[str, Any]) -> tuple[GuestLink, str]:
    """Make a link, and return it with its token, which can't be read again.

    fields: of LinkIn. Raises Forbidden, InvalidBody, Conflict for too many.
    """
    check_may_act(actor)
    limits = parse(LinkIn, fields)
    if open_links(app).count() >= MOST_LINKS:
        raise errors.Conflict(
            f"This app has {MOST_LINKS} links. End one first.", code="app.too_many"
        )
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        allowance = Allowance.objects.create(
            owner=actor,
            most_runs=limits.runs,
            most_milli=round(limits.units * 1000),
            ends_at=clock.now() + timedelta(days=limits.days),
        )
        link = GuestLink.objects.create(
            app=app,
            token_sha256=hash_secret(token).hex(),
            label=limits.label,
            allowance=allowance,
            runs_per_guest=limits.runs_per_guest,
        )
    return link, token


def open_links(app: SimpleApp) -> Any:
    """Select an app's links that are not over, the newest first, each with its allowance; not those
    of people who pay themselves."""
    rows = GuestLink.objects.filter(
        app=app, person=None, allowance__ended_at=None, allowance__ends_at__gt=clock.now()
    )
    return rows.select_related("allowance").order_by("-id")


def end_link(*, app: SimpleApp, link_id: int) -> None:
    """End one link of an app. Raises NotFound."""
    link = GuestLink.objects.filter(app=app, person=None, pk=link_id).first()
    if link is None:
        raise errors.NotFound("Link not found.", code="app.not_found")
    Allowance.objects.filter(pk=link.allowance_id, ended_at=None).update(ended_at=clock.now())


def stop_paid(*, payer: User) -> None:
    """Stop what someone who leaves pays for of other people's, so that no one else does.

    Harmless to repeat.
    """
    now = clock.now()
    # First: it keeps starts that are under way from adding one.
    Allowance.objects.filter(owner=payer, ended_at=None).update(ended_at=now)
    runs = Run.objects.filter(allowance__owner=payer, finished_at=None).exclude(owner=payer)
    for run in runs.only("id"):
        cancelling.cancel_run(run=run, reason="Who paid for it deleted the account")


def end_all(*, owner: User) -> None:
    """End a person's apps and all that is spent in their name, in the transaction in which they
    leave."""
    _end(SimpleApp.objects.filter(owner=owner))
    Allowance.objects.filter(owner=owner, ended_at=None).update(ended_at=clock.now())


def _end(apps: QuerySet[SimpleApp]) -> None:
    """End those of these apps that are open; their addresses rest."""
    now = clock.now()
    slugs = list(apps.filter(ended_at=None).values_list("slug", flat=True))
    RestingAddress.objects.bulk_create(
        [RestingAddress(slug=slug, ends_at=now + SLUG_REST) for slug in slugs],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["ends_at"],
    )
    SimpleApp.objects.filter(slug__in=slugs).update(ended_at=now)


def forget(*, owner: User) -> None:
    """Delete a person's apps, when they leave."""
    end_all(owner=owner)
    SimpleApp.objects.filter(owner=owner).delete()


def _apply(app: SimpleApp, actor: User, changes: AppIn) -> None:
    fields = changes.model_dump(exclude_none=True, exclude={"picture", "inputs"})
    for name, value in fields.items():
        setattr(app, name, value)
    _check_names(app, changes)
    if changes.inputs is not None:
        # What is null stays, unlike what is left out.
        rows = [row.model_dump(exclude_unset=True) for row in changes.inputs]
        app.inputs = _with_defaults(app, actor, rows)
    for origin in changes.embed_origins or ():
        if not _ORIGIN.fullmatch(origin):
            raise errors.InvalidBody(
                f"embed_origins: {origin[:80]!r} is no origin. Write https://example.com, without a"
                " path.",
                person=f"{origin[:80]} is no site. Write https://example.com, without a path.",
            )
    if changes.picture is not None:
        blob = resolvers.resolve_owned(changes.picture, actor) if changes.picture else None
        if changes.picture and (blob is None or blob.kind != "image"):
            raise errors.InvalidBody(
                "picture: name an image of your own.", person="Choose an image of your own."
            )
        app.picture = blob


def _with_defaults(app: SimpleApp, actor: User, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return inputs whose default files are references. Raises InvalidBody for another's file, and
    for a default that does not fit."""
    kinds = {row["name"]: row["type"] for row in form.own_inputs_of(app)}
    known_defaults = {
        place.value for place in media_links.places({"inputs": form.all_inputs_of(app)})
    }
    for row in rows:
        default, kind = str(row.get("default") or ""), kinds[row["name"]]
        if kind not in media_links.MEDIA_TYPES:
            _check_default(app, row)
        if kind not in media_links.MEDIA_TYPES or not default or default in known_defaults:
            continue
        if default.startswith(("https://", "http://")):
            continue
        blob = resolvers.resolve_owned(default, actor)
        if blob is None or blob.kind != kind:
            raise errors.InvalidBody(
                f"inputs.{row['name']}: name a file of your own, of kind {kind}.",
                person="Choose a file of your own.",
            )
        row["default"] = str(media_links.blob_reference(blob))
    return rows


def _check_default(app: SimpleApp, row: Mapping[str, Any]) -> None:
    if row.get("default") in (None, ""):
        return
    for issue in form.default_issues(app, row["name"], row["default"]):
        assert app.version is not None  # noqa: S101  open apps have one
        tools = table_of(app.version, person=app.owner_id)
        labels = {row["name"]: row["label"]} if row.get("label") else {}
        titles = TemplateTitles(app.version.spec, tools, labels)
        raise errors.InvalidBody(
            f"inputs.{row['name']}: {for_api(issue)}", person=for_person(issue, titles)
        )


def _check_names(app: SimpleApp, changes: AppIn) -> None:
    """Raise InvalidBody for inputs and outputs that the version does not have."""
    names_of = {
        "inputs": {row["name"] for row in form.all_inputs_of(app)},
        "outputs": form.declared_outputs(app).keys() or {"result"},
    }
    for field, names in names_of.items():
        rows = getattr(changes, field) or ()
        if len({row.name for row in rows}) < len(rows):
            raise errors.InvalidBody(f"{field}: a name is there twice.")
        for row in rows:
            if row.name not in names:
                raise errors.InvalidBody(
                    f"{field}: this version has no {row.name[:80]!r}. It has"
                    f" {', '.join(sorted(names)) or 'none'}."
                )


def _is_taken(slug: str) -> bool:
    return _rests(slug) or SimpleApp.objects.filter(slug=slug).exists()


def _rests(slug: str) -> bool:
    return RestingAddress.objects.filter(slug=slug, ends_at__gt=clock.now()).exists()


def _save(app: SimpleApp) -> None:
    app.updated_at = clock.now()
    try:
        with transaction.atomic():
            app.save()
            if _rests(app.slug):
                raise IntegrityError
    except IntegrityError:
        raise errors.Conflict(
            f"slug: {app.slug} is taken. Choose another one.",
            person="This address is taken. Choose another one.",
            code="app.slug_taken",
        ) from None


def tend() -> float:
    """Have guests' old runs deleted, but for those that something shows, and forget apps that ended
    long ago; for `runs.engine.periodic`. Returns in how many seconds to ask again."""
    now = clock.now()
    with transaction.atomic():
        _end(SimpleApp.objects.filter(template__deleted_at__isnull=False))
    SimpleApp.objects.filter(ended_at__lt=now - SLUG_REST).delete()
    RestingAddress.objects.filter(ends_at__lt=now).delete()
    rows = GuestRun.objects.filter(
        goes_at__lt=now, run__finished_at__isnull=False, run__deleting_at=None
    )
    old = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    visible_ids = retention.shown_results(old)
    GuestRun.objects.filter(pk__in=visible_ids).update(goes_at=None)
    Run.objects.filter(pk__in=set(old) - visible_ids).update(deleting_at=now)
    return 0 if len(old) == AT_ONCE else EVERY_S
