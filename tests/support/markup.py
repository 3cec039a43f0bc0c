"""HTML as tests compare it: how the templates break their lines says nothing."""

from __future__ import annotations

import re


def flat(html: str | bytes) -> str:
    """On one line, without spaces at the edges of an element: `<p>`, break, `Text` is `<p>Text`."""
    text = re.sub(r"\s+", " ", html if isinstance(html, str) else html.decode())
    return re.sub(r" (?=</|>)", "", re.sub(r"(<[a-z][^<>]*>) ", r"\1", text))
