"""The installation, settings of operators, and attempts of backups."""

from __future__ import annotations

from django.db import models

from core import clock, ids


class Installation(models.Model):
    """This installation: one row, the same on all of its machines and in each of its copies.

    media_marked_at: since when its media folder has the mark, see `media.folder_mark`.
    quiet_since: set while this is a restored copy that no one has taken over, see
    `core.installation`. restored_from: the installation that the backup was of, and restored_to:
    the last moment that the backup knows.
    """

    id = models.CharField(max_length=40, primary_key=True, default=ids.installation_id)
    # There is one row.
    is_this = models.BooleanField(default=True, unique=True)
    made_at = models.DateTimeField(default=clock.now)
    media_marked_at = models.DateTimeField(null=True)
    quiet_since = models.DateTimeField(null=True)
    restored_from = models.CharField(max_length=40, blank=True, default="")
    restored_to = models.DateTimeField(null=True)


class ServerSetting(models.Model):
    """A setting that holds instead of the environment's. Which there are: `core.server_settings`.

    Who set it is in the audit log.
    """

    name = models.CharField(max_length=40, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(default=clock.now)


class BackupAttempt(models.Model):
    """One backup that was to be made into REELGRAPH_BACKUP_DIR, and how it ended.

    is_nightly: else an operator asked for it. name: of the folder that it made, "" without one.
    problem: a sentence for operators, "" where it is whole.
    """

    asked_at = models.DateTimeField(default=clock.now)
    is_nightly = models.BooleanField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=40, blank=True)
    problem = models.TextField(blank=True)
    # Null once it has ended: of the others there is one.
    is_open = models.BooleanField(null=True, unique=True, default=True)
