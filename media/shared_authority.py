"""The authority that all machines of a server sign copies by: sealed in the database.

The first machine stores its own; any other puts it in the place of the one that it made. Each has a
key of its own below it.
"""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.db import transaction

from core import encrypted_fields
from core.models import ServerSetting
from media import credentials

logger = logging.getLogger(__name__)

# A row that is no setting: names of those have no underscore in front.
NAME = "_authority"
_PURPOSE = "authority of credentials"
_next_look = float("-inf")


def tend() -> float:
    """Agree with the other machines, and renew what ends soon. A periodic task of workers."""
    agree()
    credentials.signer()
    return credentials.LOOK_S


def agree_hourly() -> None:
    """Do as `agree`, at most once an hour in a process."""
    global _next_look
    if time.monotonic() >= _next_look:
        agree()
        _next_look = time.monotonic() + credentials.LOOK_S


def agree() -> None:
    """Use the authority that the database has, or store this machine's there. Not inside a
    transaction: a file is written."""
    if settings.C2PA_CHAIN or not credentials.is_installed():
        return
    try:
        own = credentials.own_authority()
        with transaction.atomic():
            theirs = _common_authority(own)
        if theirs != own:
            credentials.replace_authority(theirs)
            logger.warning("copies are signed by the authority of the server's other machines now")
    except (OSError, ValueError) as problem:
        # Signing a copy logs the same problem.
        logger.error("the authority of copies can't be used: %s", problem)


def _common_authority(own: str) -> str:
    """Return the stored authority, own where there is none that can be used, which is stored."""
    row = ServerSetting(name=NAME, value=_seal(own))
    ServerSetting.objects.bulk_create([row], ignore_conflicts=True)
    row = ServerSetting.objects.select_for_update().get(name=NAME)
    try:
        theirs = encrypted_fields.unseal(str(row.value).encode(), purpose=_PURPOSE)
    except encrypted_fields.CannotOpen:
        theirs = ""
    if theirs and credentials.is_lasting(theirs):
        return theirs
    row.value = _seal(own)
    row.save()
    return own


def _seal(text: str) -> str:
    return encrypted_fields.seal(text, purpose=_PURPOSE).decode()
