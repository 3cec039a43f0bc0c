"""Templates, their immutable versions, and the media a publication lets people see."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models import Q

from core import clock
from templates_app.document_ops.convert import with_all_tables


class Template(models.Model):
    """A saved recipe. `head` is what the owner sees, `published` what everyone else sees."""

    public_id = models.CharField(max_length=128)
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="templates")
    visibility = models.CharField(max_length=7, default="private")
    moderation = models.CharField(max_length=11, default="visible")
    head = models.ForeignKey("TemplateVersion", models.PROTECT, null=True, related_name="+")
    published = models.ForeignKey("TemplateVersion", models.PROTECT, null=True, related_name="+")
    # Copies of the head's fields, for lists and search.
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=16)
    tags_text = models.TextField(blank=True)
    # Of the head, and of what is public now: where agents find it, lower first, see
    # `schemas.agent_rank`. None: it is not offered to them.
    agent_rank = models.FloatField(null=True)
    public_agent_rank = models.FloatField(null=True)
    cloned_from_public_id = models.CharField(max_length=128, blank=True)
    source = models.ForeignKey("TemplateVersion", models.SET_NULL, null=True, related_name="forks")
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "public_id"],
                condition=Q(deleted_at=None),
                name="tpl_id_per_owner",
            ),
            models.UniqueConstraint(
                fields=["public_id"],
                condition=Q(visibility="public", deleted_at=None),
                name="tpl_public_id",
            ),
            models.CheckConstraint(
                condition=Q(visibility="private") | Q(visibility="public", published__isnull=False),
                name="tpl_public_has_version",
            ),
            models.CheckConstraint(
                condition=Q(moderation__in=["visible", "quarantined", "removed"]),
                name="tpl_moderation",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="tpl_mine"),
            models.Index(
                fields=["-created_at", "-id"], condition=Q(deleted_at=None), name="tpl_newest"
            ),
            models.Index(
                fields=["category", "-published_at", "-id"],
                condition=Q(visibility="public", moderation="visible", deleted_at=None),
                name="tpl_gallery",
            ),
            models.Index(
                fields=["owner", "agent_rank", "-created_at", "-id"],
                condition=Q(deleted_at=None, agent_rank__isnull=False),
                name="tpl_agents_mine",
            ),
            models.Index(
                fields=["public_agent_rank", "-created_at", "-id"],
                condition=Q(public_agent_rank__isnull=False),
                name="tpl_agents_public",
            ),
        ]


class PublishedId(models.Model):
    """An id that a template was ever public under, and who published it first.

    It outlives the template: links and programs that name it must never run another person's
    stages. owner None: no row of the person is left, and no one may publish under it.
    """

    public_id = models.CharField(max_length=128, primary_key=True)
    owner = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(default=clock.now)


class TemplateVersion(models.Model):
    """An immutable snapshot of a template's spec. Rows are inserted and deleted, never updated.

    Which are kept: see `lifecycle.history`. created_at: of joined PATCHes, the first one's.
    """

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    semver = models.CharField(max_length=64)
    spec = models.JSONField()
    spec_format = models.SmallIntegerField(default=1)
    content_sha256 = models.CharField(max_length=64, db_index=True)  # without name, ids, graph
    cause = models.CharField(max_length=8)
    label = models.CharField(max_length=80, blank=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    # Of `spec` as stored; counts against the owner's storage.
    bytes = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="ver_number"),
            models.UniqueConstraint(fields=["template", "semver"], name="ver_semver"),
        ]


class TemplateUse(models.Model):
    """A version of a template that stages of another one are, as their `tool` names it.

    Made for someone who might read the version then. A run finds it by its holder's row alone, so
    who may run the holder may run what it uses. reference: `template:<id>@<version>`. created_at:
    since when nothing asked for it again.
    """

    holder = models.ForeignKey(Template, models.CASCADE, related_name="uses")
    reference = models.CharField(max_length=220)
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="uses")
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "reference"], name="use_once"),
        ]


class Poster(models.Model):
    """The picture of a version's graph, drawn once. Older drawings are drawn again on demand.

    drawing: the version of the drawing code, `templates_app.posters.DRAWING`.
    """

    version = models.OneToOneField(
        TemplateVersion, models.CASCADE, primary_key=True, related_name="poster"
    )
    drawing = models.SmallIntegerField()
    svg = models.TextField()


class TemplateMedia(models.Model):
    """Publishing copies the right to see a blob, not a URL."""

    version = models.ForeignKey(TemplateVersion, models.CASCADE, related_name="media")
    blob = models.ForeignKey("media.Blob", models.PROTECT, related_name="+")
    role = models.CharField(max_length=8)  # preview, poster or default
    stage_id = models.CharField(max_length=128, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "blob", "role", "stage_id"], name="tplmedia_once"
            )
        ]


class TemplateStats(models.Model):
    """Counts the gallery sorts by. A row from the first publication on: counts outlive withdrawal.

    heat: the natural logarithm of an exponentially decayed count of uses, seen from a fixed moment;
    it only grows, so that an order by heat holds at any time without computing it again.
    """

    template = models.OneToOneField(
        Template, models.CASCADE, primary_key=True, related_name="stats"
    )
    # Whether it is public and visible now; the rest of its listing is of the published version.
    is_listed = models.BooleanField(default=True)
    category = models.CharField(max_length=16)
    published_at = models.DateTimeField()
    runs = models.BigIntegerField(default=0)
    forks = models.BigIntegerField(default=0)
    heat = models.FloatField()

    class Meta:
        indexes = [
            models.Index(
                fields=[*category, f"-{key}", "-template"],
                condition=Q(is_listed=True),
                name=f"stats_{key}{'_in' if category else ''}",
            )
            for key in ("heat", "published_at", "forks")
            for category in ((), ("category",))
        ]


class Listing(models.Model):
    """The part of a published version that the gallery finds and shows. Gone while not public.

    words: see `tokenizer`. card: the part of the spec that a card shows, so that a page
    of cards reads no whole specs. Both databases index the words beside this table. picked_at:
    since when it is a staff pick.
    """

    template = models.OneToOneField(
        Template, models.CASCADE, primary_key=True, related_name="listing"
    )
    words = models.TextField()
    card = models.JSONField()
    picked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-picked_at"],
                condition=Q(picked_at__isnull=False),
                name="listing_picks",
            ),
        ]


class Document(models.Model):
    """The editor's working copy of a template: its head, and what was changed since.

    state: see `document_ops.ops`. rev counts the changes; saved_rev is the one the last
    version was made of. base: the version that the state rests on, always the template's head.
    """

    template = models.OneToOneField(Template, models.CASCADE, related_name="document")
    rev = models.BigIntegerField(default=0)
    state = models.JSONField()
    saved_rev = models.BigIntegerField(default=0)
    base = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(default=clock.now)

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any
    ) -> Self:
        """Read a row. Its state has all tables, also when an earlier release stored it."""
        document = super().from_db(db, field_names, values, **options)
        if isinstance(document.__dict__.get("state"), dict):
            document.state = with_all_tables(document.state)
        return document


class Change(models.Model):
    """One gesture in a document, numbered by the server. Rows are inserted, never updated."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="changes")
    rev = models.BigIntegerField()
    # Made by the client: sending a change twice changes nothing.
    change_id = models.UUIDField()
    client_id = models.UUIDField()
    actor = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    label = models.CharField(max_length=120)
    ops = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)
    # Of `ops` as stored; counts against the storage of the template's owner.
    bytes = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "rev"], name="change_rev"),
            models.UniqueConstraint(fields=["document", "change_id"], name="change_once"),
        ]


VIEWER, COMMENTER, EDITOR = "viewer", "commenter", "editor"
# Each may do what those before it may.
ROLES = (VIEWER, COMMENTER, EDITOR)


class Collaborator(models.Model):
    """Someone besides its owner who reads, comments on or edits a template's draft and sees its
    runs. Only the owner publishes it.
    """

    template = models.ForeignKey(Template, models.CASCADE, related_name="collaborators")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    role = models.CharField(max_length=9, default=EDITOR)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "user"], name="collaborator_once"),
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="collaborator_role"),
        ]


class Invitation(models.Model):
    """An offer of a role in a template. Accepting it makes a Collaborator of it.

    user is null when that name does not exist: the owner sees the same invitation either way.
    """

    template = models.ForeignKey(Template, models.CASCADE, related_name="invitations")
    name = models.CharField(max_length=150)
    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="+")
    role = models.CharField(max_length=9, default=EDITOR)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "name"], name="invitation_once"),
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="invitation_role"),
        ]


class Folder(models.Model):
    """A person's place for templates that they own or work on; others see nothing of it."""

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="folders")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="folder_name")]


class FolderEntry(models.Model):
    """A template in one person's folder; a template is in at most one of each person."""

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="entries")
    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    template = models.ForeignKey(Template, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "template"], name="folder_entry_once")
        ]
