"""Creations, the media they show, and what was made of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core import clock, ids
from creations.licenses import ALL_RIGHTS, LICENSES

UNLISTED, PUBLIC = "unlisted", "public"


class Share(models.Model):
    """Results of a run as their owner shows them to others: a creation.

    What it shows was copied when it was shared, so that neither the run nor its template shows more
    later. A run has at most one that lasts; sharing again after it ended makes one with another id.
    prompts: `[{"stage", "text"}]`, empty unless they are shown. frozen: what Remix copies, a
    template's spec with the run's words and seeds; None unless it may be remixed. version: the one
    that was run, for the tree of remixes; its template may be private. heat: as of
    `templates_app.TemplateStats`, by likes and remixes.
    """

    public_id = models.CharField(max_length=32, unique=True, default=ids.share_id)
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="shares")
    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="shares")
    version = models.ForeignKey(
        "templates_app.TemplateVersion", models.SET_NULL, null=True, related_name="+"
    )
    visibility = models.CharField(max_length=8)
    moderation = models.CharField(max_length=11, default="visible")
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    license = models.CharField(max_length=16, default=ALL_RIGHTS)
    shows_prompts = models.BooleanField(default=False)
    allows_remix = models.BooleanField(default=False)
    # The files as they were made, with the notes that ride along in them.
    keeps_details = models.BooleanField(default=False)
    prompts = models.JSONField(default=list)
    frozen = models.JSONField(null=True)
    likes = models.IntegerField(default=0)
    remixes = models.IntegerField(default=0)
    heat = models.FloatField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run"], condition=Q(ended_at=None), name="share_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=[UNLISTED, PUBLIC]), name="share_visibility"
            ),
            models.CheckConstraint(
                condition=Q(moderation__in=["visible", "quarantined", "removed"]),
                name="share_moderation",
            ),
            models.CheckConstraint(condition=Q(license__in=list(LICENSES)), name="share_license"),
            models.CheckConstraint(
                condition=Q(allows_remix=True) | Q(frozen=None), name="share_frozen_is_for_remix"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(visibility="public", moderation="visible", ended_at=None),
                name="share_newest",
            ),
            models.Index(
                fields=["-heat", "-id"],
                condition=Q(visibility="public", moderation="visible", ended_at=None),
                name="share_trending",
            ),
            models.Index(
                fields=["-likes", "-id"],
                condition=Q(visibility="public", moderation="visible", ended_at=None),
                name="share_liked",
            ),
            models.Index(fields=["owner", "-created_at", "-id"], name="share_mine"),
            models.Index(
                fields=["version", "-created_at", "-id"],
                condition=Q(visibility="public", moderation="visible", ended_at=None),
                name="share_of_version",
            ),
        ]


class ShareListing(models.Model):
    """The entry of a public creation in the gallery. Gone while it is not public.

    words: see `templates_app.tokenizer`. Both databases index them beside this table. picked_at:
    since when it is a staff pick.
    """

    share = models.OneToOneField(Share, models.CASCADE, primary_key=True, related_name="listing")
    words = models.TextField()
    picked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-picked_at"],
                condition=Q(picked_at__isnull=False),
                name="sharelisting_picks",
            ),
        ]


class ShareMedia(models.Model):
    """One file of a creation. Sharing copies the right to see a blob, not an address.

    role: "result", or "input" for what its frozen copy names. poster: the still of a film or a 3D
    model, and of an image that is too large for a card. blob: without the notes that ride along in
    files, unless the owner said otherwise. source: the artifact's id, for its owner alone.
    """

    share = models.ForeignKey(Share, models.CASCADE, related_name="media")
    role = models.CharField(max_length=6, default="result")
    position = models.IntegerField()
    kind = models.CharField(max_length=8)
    blob = models.ForeignKey("media.Blob", models.PROTECT, related_name="+")
    poster = models.ForeignKey("media.Blob", models.PROTECT, null=True, related_name="+")
    stage = models.CharField(max_length=200, blank=True)
    filename = models.CharField(max_length=255)
    source = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["share", "role", "position"], name="sharemedia_place")
        ]


class Like(models.Model):
    """One person likes one creation, once."""

    share = models.ForeignKey(Share, models.CASCADE, related_name="liked_by")
    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["share", "person"], name="like_once")]


class Remix(models.Model):
    """A template that was made of a creation."""

    template = models.OneToOneField(
        "templates_app.Template", models.CASCADE, primary_key=True, related_name="remix_of"
    )
    share = models.ForeignKey(Share, models.CASCADE, related_name="remixed_as")
    created_at = models.DateTimeField(default=clock.now)
