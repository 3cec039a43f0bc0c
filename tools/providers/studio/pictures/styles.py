"""Which styles a still picture can be repainted in, and doing it.

The looks are those of films (see `film.looks`), richer where a still has the time for it.
"""

from __future__ import annotations

from tools.providers.studio.film.restyle import Restyle, draw, make_looks, read_restyle
from tools.providers.studio.scenes.raster import ByteArray


def read_style(prompt: str, negative: str = "") -> Restyle:
    """The looks and colours that the words name."""
    return read_restyle(prompt, negative)


def styled(picture: ByteArray, style: Restyle, seed: int) -> ByteArray:
    """picture: (h, w, 3) uint8 RGB; the same size comes back."""
    height, width = picture.shape[:2]
    return draw(make_looks(style, width, height, seed), picture.copy(), 0.5)


def names_a_style(text: str) -> bool:
    """Whether the words name a look, not just a colour."""
    return not (restyle := read_restyle(text)).warning and bool(restyle.looks)
