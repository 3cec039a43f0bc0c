"""An authenticator app: the codes of a secret, one after the other without waiting."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User


def code_of(user: User) -> str:
    """The code that is good now. A used one is forgotten, so that tests need not wait 30 s."""
    device = TOTPDevice.objects.get(user=user)
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1, throttling_failure_count=0)
    return f"{totp(device.bin_key):06}"


def switch_on(client: Client, user: User, **proof: str) -> list[str]:
    """Set the second factor up by the pages; the recovery codes."""
    page = client.post("/me/second-factor/set-up", proof)
    assert page.status_code == 200, page.content
    done: Any = client.post("/me/second-factor/confirm", {"code": code_of(user)})
    assert done.status_code == 200, done.content
    return re.findall(r"<li><code>([a-z2-7]{5}-[a-z2-7]{5})</code>", done.content.decode())
