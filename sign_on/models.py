"""Accounts that people of this server have at a provider."""

from __future__ import annotations

from django.db import models

from core import clock


class Identity(models.Model):
    """A person's account at a provider.

    email: as the provider last gave it, for operators to read; no one is known by it. is_operator:
    the provider's claim gave them the role, and takes it again.
    """

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=255)
    # At most 255 ASCII characters (OpenID Connect Core 1.0, section 2).
    subject = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True)
    is_operator = models.BooleanField(default=False)
    linked_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once"),
        ]
