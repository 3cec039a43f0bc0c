"""Comments, each on one thing and, if its author pinned it, at one place of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core import clock


class Comment(models.Model):
    """One remark, or an answer to one.

    It is on a creation (share), or on a template's draft, and there on its stages or on what a run
    of it made (artifact). stage: the document's key of the stage. at_ms: the moment of a film or a
    sound. x, y: a point of the picture, as shares of width and height from the top left. parent:
    the remark that it answers; answers have no place of their own.
    """

    share = models.ForeignKey(
        "creations.Share", models.CASCADE, null=True, related_name="comments", db_index=False
    )
    template = models.ForeignKey(
        "templates_app.Template", models.CASCADE, null=True, related_name="+", db_index=False
    )
    artifact = models.ForeignKey(
        "runs.Artifact", models.CASCADE, null=True, related_name="comments"
    )
    # Which of a creation's media, by its position.
    position = models.IntegerField(null=True)
    stage = models.CharField(max_length=160, blank=True)
    at_ms = models.BigIntegerField(null=True)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="answers")
    author = models.ForeignKey("accounts.User", models.CASCADE, related_name="comments")
    text = models.TextField()
    moderation = models.CharField(max_length=11, default="visible")
    created_at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share__isnull=False, template=None)
                | Q(share=None, template__isnull=False),
                name="comment_on_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(x=None, y=None) | Q(x__gte=0, x__lte=1, y__gte=0, y__lte=1),
                name="comment_point",
            ),
            models.CheckConstraint(
                condition=Q(at_ms=None) | Q(at_ms__gte=0), name="comment_moment"
            ),
            models.CheckConstraint(
                condition=Q(moderation__in=["visible", "quarantined", "removed"]),
                name="comment_moderation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["share", "id"], condition=Q(share__isnull=False), name="comment_of_share"
            ),
            models.Index(
                fields=["template", "id"],
                condition=Q(template__isnull=False),
                name="comment_of_template",
            ),
        ]
