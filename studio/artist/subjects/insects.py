"""Small things that fly and buzz."""

from __future__ import annotations

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.outlines import eye, path, widths
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour


@subject(reach=(-0.66, 0.66, 0.04, 0.98), size=0.5, gesture="float")
def bee(pen: Pen) -> None:
    """Hovering, facing left: a round striped body, two pairs of clear wings, feelers, a sting."""
    fuzz = pen.main(hex_colour("f2b62c"), "fur").as_finish("fur")
    black = Material(hex_colour("241c1a"), "fur")
    wing = Material(hex_colour("d8ecf6"), "glass")
    vein = Material(hex_colour("8fa9b8"))

    for outline in (
        "2,58! 12,82 32,96 42,88 34,72 16,60",
        "8,56! 28,74 50,80 56,70 44,60 22,54",
    ):
        pen.blob(path(outline), wing.darker(0.8))
    pen.shape(path("56,32 66,25 55,26"), black)
    for leg in ("-16,26 -20,16 -28,12", "-4,22 -6,12 -13,7", "10,22 11,12 5,6"):
        pen.limb(path(leg), widths("4.4 3 1.6"), black)
    # The abdomen, then its bands, each bulging towards the tail.
    pen.blob(path("2,56 20,60 40,54 54,42 60,30 50,22 34,17 16,18 0,26 -6,40"), fuzz)
    for x, top, bottom, wide in ((16, 59.6, 18, 10), (33, 57, 17.2, 9), (47, 48.4, 21, 7)):
        middle = (top + bottom) / 2
        pen.blob(
            path(
                f"{x - wide / 2},{top}! {x + wide / 2},{top - 1.4}! "
                f"{x + wide * 0.95},{middle} {x + wide / 2},{bottom + 0.6}! "
                f"{x - wide / 2},{bottom}! {x - wide * 0.05},{middle}"
            ),
            black,
            line=False,
        )
    pen.ellipse(-0.1, 0.42, 0.185, 0.2, fuzz.lighter(0.12))
    pen.ellipse(-0.36, 0.42, 0.17, 0.165, black.lighter(0.08))
    pen.blob(path("-52,40 -46,50 -38,48 -36,38 -42,29 -50,32"), fuzz.lighter(0.1), line=False)
    for feeler in ("-40,56 -46,68 -56,72", "-33,57 -34,70 -43,78"):
        pen.limb(path(feeler), widths("2 2 2.6"), black)
    eye(pen, -0.43, 0.44, 0.06)
    pen.limb(path("-49,35 -46,33 -42,33.6"), widths("0.5 1.1 0.5"), black, line=False)
    for outline, tip in (
        ("-6,56! -16,76 -8,95 6,97 12,84 4,66", "2,88"),
        ("0,56! 4,78 22,90 34,84 30,70 14,58", "24,78"),
    ):
        pen.blob(path(outline), wing)
        pen.limb(path(f"0,58 {tip}"), widths("1 0.4"), vein, line=False)
