"""What an operator has set on the server's pages."""

from __future__ import annotations

from django.db import models

from core import clock


class ServerSetting(models.Model):
    """A setting that holds instead of the environment's. Which there are: `core.server_settings`.

    Who set it is in the audit log.
    """

    name = models.CharField(max_length=40, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(default=clock.now)
