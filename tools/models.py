"""Services that an operator set up on the page for providers, and who may use which provider."""

from __future__ import annotations

from django.db import models

from core import clock


class Service(models.Model):
    """A service that does tools' work, as a table of REELGRAPH_PROVIDERS_FILE is one.

    options: what that table would hold, without its secrets. key_encrypted: all of these, see
    `tools.configured_services.seal`. key_hint: the last characters of the key, to tell two apart;
    nothing shows more of it.
    """

    name = models.CharField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=16)
    options = models.JSONField(default=dict)
    key_encrypted = models.BinaryField(null=True)
    key_hint = models.CharField(max_length=8, blank=True)
    is_on = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=clock.now)


class ProviderAccess(models.Model):
    """The people for whom a provider may work: everyone unless `only_chosen`.

    provider: its name, also of one that a file or the environment sets up.
    """

    provider = models.CharField(max_length=32, primary_key=True)
    only_chosen = models.BooleanField(default=False)


class ProviderPerson(models.Model):
    """Someone who may use a provider that is not for everyone."""

    provider = models.CharField(max_length=32)
    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "person"], name="provider_person_once")
        ]
