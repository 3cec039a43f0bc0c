"""The one door to strangers' films and sounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wav,mp3,ogg,flac",
    "protocol_whitelist": "file",
}


def open_av(path: str | Path) -> Any:
    return av.open(str(path), options=_OPTIONS)
