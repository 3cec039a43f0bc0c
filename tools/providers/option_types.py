"""Types of options that several kinds of services have."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated, TypeAlias

from django.conf import settings
from pydantic import AfterValidator


def _readable(name: str) -> str:
    if not name:
        return ""
    path = Path(settings.HOME) / name
    try:
        ssl.create_default_context(cafile=str(path))
    except OSError as problem:
        raise ValueError(f"{path} has no readable certificates") from problem
    return str(path)


# Certificates to trust a service by, in the data folder unless absolute; "": the system's.
CaFile: TypeAlias = Annotated[str, AfterValidator(_readable)]
