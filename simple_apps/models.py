"""Apps: a version of a template as a form for people without an account, and their runs of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core import clock


class SimpleApp(models.Model):
    """A version of a template that guests run at its owner's cost, without seeing the graph.

    inputs: `[{"name", "label", "help", "default", "hidden"}]` in the order of the form, all but the
    name only where the author changed them; outputs: `[{"name", "label"}]`, those that guests get.
    Both are read against the version; without any, all of it. accent: `#rrggbb`. embed_origins:
    sites that may frame it. ended_at: from then on its address shows nothing, and is free again
    after a while.
    """

    slug = models.CharField(max_length=60, unique=True)
    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    template = models.ForeignKey("templates_app.Template", models.CASCADE, related_name="apps")
    # Kept while the app is open; None after its template was deleted.
    version = models.ForeignKey(
        "templates_app.TemplateVersion", models.SET_NULL, null=True, related_name="apps"
    )
    title = models.CharField(max_length=200)
    intro = models.TextField(blank=True)
    accent = models.CharField(max_length=7, blank=True)
    picture = models.ForeignKey("media.Blob", models.PROTECT, null=True, related_name="+")
    inputs = models.JSONField(default=list)
    outputs = models.JSONField(default=list)
    shows_stages = models.BooleanField(default=False)
    # Else its owner answers what runs ask.
    guests_answer = models.BooleanField(default=True)
    # People with an account may run it at their own cost, without a link.
    own_cost = models.BooleanField(default=False)
    embed_origins = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-id"], name="app_mine"),
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="app_ended"
            ),
        ]


class RestingAddress(models.Model):
    """The slug of an app that ended, also after its owner and its template are gone: links to it
    must not lead to someone else's. ends_at: from then on it is free."""

    slug = models.CharField(max_length=60, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)


class GuestLink(models.Model):
    """A link by which guests run an app. Only its token's hash is kept. `allowance.ended_at` says
    whether it was ended. runs_per_guest: how many runs one browser may start; 0: all there are.
    person: the one for whom it stands where they run the app at their own cost: its allowance is
    theirs, and no one holds its token."""

    app = models.ForeignKey(SimpleApp, models.CASCADE, related_name="links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=80, blank=True)
    allowance = models.OneToOneField("runs.Allowance", models.CASCADE, related_name="+")
    runs_per_guest = models.IntegerField(default=0)
    person = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["app", "-id"], name="guestlink_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["app", "person"],
                condition=Q(person__isnull=False),
                name="guestlink_of_person",
            )
        ]


class GuestRun(models.Model):
    """A run that a guest started, which is read by its token alone.

    guest: the hash of what their browser calls itself. goes_at: None once its owner keeps it.
    """

    run = models.OneToOneField(
        "runs.Run", models.CASCADE, primary_key=True, related_name="guest_run"
    )
    app = models.ForeignKey(SimpleApp, models.CASCADE, related_name="runs")
    link = models.ForeignKey(GuestLink, models.SET_NULL, null=True, related_name="runs")
    token_sha256 = models.CharField(max_length=64, unique=True)
    guest = models.CharField(max_length=64)
    goes_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["link", "guest"], name="guestrun_of_guest"),
            models.Index(
                fields=["goes_at"], condition=Q(goes_at__isnull=False), name="guestrun_goes"
            ),
        ]

    @property
    def pays(self) -> bool:
        """Return whether it is at its guest's own cost."""
        return self.link is not None and self.link.person_id is not None
