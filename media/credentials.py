"""The files of the keys that the credentials (C2PA) of copies are signed with, unopened.

`credential_keys` makes and opens them, with `cryptography`: 10 MB in each process that imports it,
and most never sign. So it is noted beside the keys which files were opened last, and until when
nothing is due; while they stay as they are, what they say is read without opening them.
"""

from __future__ import annotations

import hashlib
import json
import re
import ssl
from contextlib import suppress
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from core import clock
from core.models import ServerSetting

LOOK_S: Final = 3600.0
# The row of ServerSetting; names of settings have no underscore in front.
COMMON: Final = "_authority"
# Base64 has no hyphen, so the search is linear in any file.
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n")


def folder() -> Path:
    return Path(settings.HOME) / "marks"


def authority_path() -> Path:
    """Return the file of the authority, for backups. All else is made of it."""
    return folder() / "ca.pem"


def leaf_path() -> Path:
    return folder() / "leaf.pem"


def is_installed() -> bool:
    """Return whether the packages are there that write credentials: requirements/marks.txt."""
    return find_spec("c2pa") is not None


def public_authority() -> str:
    """The certificate of this server's own authority as PEM; "" where it has none."""
    try:
        return "" if settings.C2PA_CHAIN else _certificate_in(authority_path())
    except (OSError, ValueError):
        # `doctor` says what is wrong.
        return ""


def noted_id() -> str:
    """Return the id of who signs copies; "" where the keys have to be opened to know."""
    if is_installed() and is_noted():
        with suppress(OSError, ValueError):
            certificate = _certificate_in(_signing_path())
            return id_of(ssl.PEM_cert_to_DER_cert(certificate)) if certificate else ""
    return ""


def _certificate_in(path: Path) -> str:
    """Return a file's first certificate as PEM, "" for none. Raises OSError and ValueError."""
    match = _CERTIFICATE.search(path.read_text())
    return match[0] if match else ""


def id_of(certificate: bytes) -> str:
    """Return its fingerprint, 16 digits of it. certificate: as DER."""
    return hashlib.sha256(certificate).hexdigest()[:16]


def common_authority() -> str:
    """Return the authority of all machines as the database has it, sealed; "" for none."""
    row = ServerSetting.objects.filter(name=COMMON).first()
    return str(row.value) if row else ""


def digest() -> str:
    """Return what differs after each change of the files or of the secret key. Raises OSError."""
    paths = (
        (_signing_path(), Path(settings.C2PA_KEY))
        if settings.C2PA_CHAIN
        else (_signing_path(), authority_path())
    )
    contents = "\n".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    return _keyed_hash(contents)


def note(files: str, until: datetime, common: str) -> None:
    """Note what was opened. files: the `digest` of before. until: when another key is due. common:
    of `common_authority`."""
    content = {"files": files, "until": until.isoformat(), "common": _keyed_hash(common)}
    scratch = _note_path().with_suffix(".new")
    # Without it, or with half of it, the keys are opened again.
    with suppress(OSError):
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps(content))
        scratch.replace(_note_path())


def is_noted(common: str | None = None) -> bool:
    """Return whether the keys need no opening: they are those that were noted, and none is due.

    common: as of `note`; None: whichever it is.
    """
    try:
        content = json.loads(_note_path().read_text())
        return (
            content["files"] == digest()
            and (common is None or content["common"] == _keyed_hash(common))
            and clock.now() < datetime.fromisoformat(content["until"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _note_path() -> Path:
    return folder() / "opened.json"


def _signing_path() -> Path:
    return Path(settings.C2PA_CHAIN) if settings.C2PA_CHAIN else leaf_path()


def _keyed_hash(text: str) -> str:
    return salted_hmac("media.credentials", text, algorithm="sha256").hexdigest()
