"""Which styles a still picture can be repainted in, and doing it.

The looks are those of films (see `film.looks`), and richer ones where a still has the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from studio.media.raster import ByteArray
from studio.media.styles import painting, prints
from studio.media.styles.look import Look
from studio.media.styles.restyle import Restyle, draw, make_looks, read_restyle
from studio.media.styles.video_styles import LOOKS

# Media only stills have, or have richer, with their words. A word here wins over the films' table.
_MEDIA: Mapping[str, str] = {
    "oil": "oil oils painting painted painterly impasto canvas acrylic brushstrokes rembrandt "
    "baroque renaissance palette-knife",
    "impressionism": "impressionist impressionism impressionistic monet renoir plein-air",
    "van gogh": "gogh van-gogh starry-night post-impressionist expressionist expressionism munch",
    "pastel drawing": "pastels chalk chalks soft-pastel pastel-drawing degas crayon crayons",
    "pointillism": "pointillism pointillist pointillistic seurat stippled stippling",
    "charcoal": "charcoal smudged",
    "stained glass": "stained-glass stained cathedral-window",
    "mosaic": "mosaic tiles tessera byzantine",
    "low poly": "low-poly lowpoly polygon polygons polygonal triangulated origami facets geometric",
    "woodcut": "woodcut linocut lino woodblock engraving engraved etching block-print ukiyo-e "
    "hokusai durer letterpress",
    "blueprint": "blueprint blueprints technical-drawing cyanotype schematic",
    "risograph": "riso risograph duotone screenprint screen-print screen-printed silkscreen "
    "two-colour two-color",
    "pop art": "pop-art warhol pop",
    "clay": "clay claymation plasticine stop-motion aardman",
    "pixels": "pixel pixels pixel-art 8-bit 8bit 16-bit voxel retro-game nintendo",
}
_LOOKS: Mapping[str, type[Look]] = {
    **LOOKS,
    "oil": painting.OilPainting,
    "impressionism": painting.Impressionist,
    "van gogh": painting.Swirls,
    "pastel drawing": painting.Pastel,
    "pointillism": painting.Dots,
    "charcoal": painting.Charcoal,
    "stained glass": prints.StainedGlass,
    "mosaic": prints.Mosaic,
    "low poly": prints.LowPoly,
    "woodcut": prints.Woodcut,
    "blueprint": prints.Blueprint,
    "risograph": prints.Riso,
    "pop art": prints.PopArt,
    "clay": prints.Clay,
    "pixels": prints.PixelArt,
}


def read_style(prompt: str, negative: str = "") -> Restyle:
    """The looks and colors that the words name."""
    style = read_restyle(prompt, negative, _MEDIA)
    if "stained glass" in style.looks:
        # Its panes are no perfume bottle.
        return replace(style, looks=tuple(name for name in style.looks if name != "glass"))
    return style


def styled(picture: ByteArray, style: Restyle, seed: int) -> ByteArray:
    """picture: (h, w, 3) uint8 RGB; the same size comes back."""
    height, width = picture.shape[:2]
    return draw(make_looks(style, width, height, seed, _LOOKS), picture.copy(), 0.5)


def names_a_style(text: str) -> bool:
    """Whether the words name a look, not just a colour."""
    style = read_style(text)
    return not style.warning and bool(style.looks)
