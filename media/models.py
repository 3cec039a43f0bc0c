"""Bytes we hold: blobs addressed by their hash, and uploads that bring them."""

from django.db import models

from core import clock, ids


class Blob(models.Model):
    """Immutable bytes. The file exists and is fsynced before the row does."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=80)
    kind = models.CharField(max_length=8)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    duration_ms = models.IntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    blocked_at = models.DateTimeField(null=True)
    # What made these bytes, see `media.origin`. None: no one told.
    origin = models.CharField(max_length=9, null=True)  # noqa: DJ001  instant on filled tables
    # Since when a sweep has found that nothing refers to it; see `media.sweeping`.
    unused_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["unused_since"],
                condition=models.Q(unused_since__isnull=False),
                name="blob_unused",
            )
        ]

    @property
    def duration_s(self) -> float | None:
        """None for what does not last: images and 3D models."""
        return None if self.duration_ms is None else self.duration_ms / 1000


class Upload(models.Model):
    """A file a person brings; it has a blob once its bytes have arrived and were checked."""

    public_id = models.CharField(max_length=64, unique=True, default=ids.upload_id)
    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="uploads")
    slot = models.CharField(max_length=32)
    # Which of their files it is, where its owner named it; see `media.presigned_uploads.slot_key`.
    place = models.CharField(max_length=64, null=True)  # noqa: DJ001  many without, none twice
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="uploads")
    filename = models.CharField(max_length=255, blank=True)
    expires_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    # What was done to the file when it arrived, in a sentence; kept nowhere.
    change = ""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "place"], name="upload_place")]


class Still(models.Model):
    """A picture of a 3D model, drawn once for everyone who may see the model."""

    model = models.OneToOneField(Blob, models.CASCADE, primary_key=True, related_name="still")
    picture = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    # False: nothing could be drawn, and the picture is a mark.
    is_drawn = models.BooleanField()
    made_at = models.DateTimeField()


class OriginRecord(models.Model):
    """The origin of bytes, which outlives runs and files. It says nothing of a person."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    origin = models.CharField(max_length=9)
    first_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "media_origin"


class MarkedCopy(models.Model):
    """A copy of a file that says its origin, made once for each way to mark it."""

    source = models.ForeignKey(Blob, models.CASCADE, related_name="marked_copies")
    # How it was made, and who signed it: see `media.marking`.
    mark = models.CharField(max_length=120)
    # None: this file can't be marked.
    copy = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "mark"], name="marked_once")]
