"""Animals of the sea and its shores."""

from __future__ import annotations

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.outlines import eye, path, widths
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

SPRAY = Material(hex_colour("e8f4fa"), "glass")


@subject(reach=(-0.9, 1.0, -0.06, 0.86), size=0.62, gesture="bob")
def whale(pen: Pen) -> None:
    """At the surface, facing left: a great back, a grooved pale belly, flukes up, a spout."""
    skin = pen.main(hex_colour("3d5f86"), "gloss")
    belly = Material(hex_colour("dfe6ea"), "gloss")

    for tip in (
        "-62,66 -72,58",
        "-57,76 -66,73",
        "-49,72 -49,79",
        "-41,76 -32,73",
        "-36,66 -26,58",
    ):
        bend, end = tip.split()
        pen.limb(path(f"-49,44 -49,60 {bend} {end}"), widths("3 5 4 1.2"), SPRAY, line=False)
        x, y = path(end)[0]
        for fall, size in ((0.045, 0.013), (0.085, 0.009)):
            pen.ellipse(x + 0.4 * fall * (x + 0.49), y - fall, size, size * 1.5, SPRAY, line=False)
    pen.blob(
        path("73,40! 66,52 57,58 47,70 62,71 72,66 77,58! 84,66 93,70 99,66! 94,54 87,48 80,40!"),
        skin.darker(0.85),
    )
    pen.blob(
        path(
            "-86,16 -82,30 -66,42 -40,48 -8,44 22,33 46,22 60,22 69,32 74,46 80,46 79,30 70,12 "
            "54,0 30,-6 -10,-6 -60,-6 -78,-3 -85,6"
        ),
        skin,
    )
    pen.blob(path("10,38 16,47 24,47! 24,40 30,31"), skin.darker(0.85))
    pen.blob(
        path("-85.5,12 -70,14 -54,9 -40,10 -14,6 16,2 34,-2 26,-6 -10,-6 -60,-6 -78,-3 -85,5"),
        belly,
        line=False,
    )
    for groove in range(5):
        y = 8 - 2.8 * groove
        pen.limb(
            path(f"{-82 + groove},{y} -58,{y - 3} {-24 - 4 * groove},{y - 2}"),
            widths("0.4 0.9 0.3"),
            belly.darker(0.6),
            line=False,
        )
    pen.limb(path("-85.5,14 -70,16.5 -57,13 -51,15"), widths("0.6 1 1 0.4"), skin.darker(0.4))
    pen.blob(path("-36,12! -24,13 -14,2 -4,-6 -22,-6 -32,2"), skin.darker(0.8))
    eye(pen, -0.53, 0.2, 0.024)
    pen.ellipse(-0.49, 0.455, 0.035, 0.012, skin.darker(0.5), line=False)
    # Where it parts the water.
    for x, wide in ((-86, 8), (-70, 13), (-44, 17), (-12, 19), (20, 17), (46, 13), (62, 8)):
        pen.ellipse(x / 100, -0.035, wide / 100, 0.022, SPRAY, line=False)


@subject(reach=(-0.42, 0.42, 0.0, 1.0), size=0.62)
def penguin(pen: Pen) -> None:
    """Upright, from the front: black coat, white front, flippers out, a yellow bib, orange feet."""
    coat = pen.main(hex_colour("23262f"), "gloss")
    white = Material(hex_colour("f6f5f0"))
    orange = Material(hex_colour("ee9a2c"), "gloss")
    bib = Material(hex_colour("f2c14a"))

    def foot(side: int) -> None:
        s = side
        pen.blob(
            path(f"{4 * s},8 {3 * s},2 {6 * s},0 {14 * s},0 {23 * s},0.5 {22 * s},4 {15 * s},8"),
            orange,
        )
        pen.blob(
            path(f"{20 * s},64 {27 * s},60 {36 * s},42 {40 * s},27 {35 * s},24 {27 * s},36"),
            coat.lighter(0.06),
        )

    pen.blob(path("-6,8 0,1 6,8"), coat)
    pen.both(foot)
    pen.blob(
        path(
            "0,4 17,6 26,18 28,36 24,54 18,66 18,80 13,93 0,98 -13,93 -18,80 -18,66 -24,54 "
            "-28,36 -26,18 -17,6"
        ),
        coat,
    )
    pen.blob(
        path("0,5 14,7 21,18 22,36 18,52 10,62 0,65 -10,62 -18,52 -22,36 -21,18 -14,7"),
        white,
        line=False,
    )
    pen.blob(path("-13,62 0,66 13,62 10,57 0,53 -10,57"), bib.lighter(0.55), line=False)
    pen.both(
        lambda s: pen.blob(
            path(f"{16 * s},80 {13 * s},71 {9 * s},64 {15 * s},64 {18.4 * s},72"), bib, line=False
        )
    )
    pen.both(
        lambda s: pen.blob(
            path(f"0,80 {4 * s},88 {10 * s},88 {14 * s},80 {11 * s},72 {5 * s},68 0,68"),
            white,
            line=False,
        )
    )
    pen.both(lambda s: eye(pen, 0.072 * s, 0.805, 0.03))
    pen.blob(path("-6,75 0,79 6,75 3,70.5 0,68! -3,70.5"), orange)
    pen.limb(
        path("-5.4,74.6 0,73.4 5.4,74.6"), widths("0.4 0.9 0.4"), orange.darker(0.55), line=False
    )


@subject(reach=(-0.74, 0.62, 0.0, 0.66), size=0.66)
def turtle(pen: Pen) -> None:
    """Walking to the left: a domed shell of plates, a wrinkled neck, four short legs."""
    skin = pen.main(hex_colour("7f9a4e"))
    shell = Material(hex_colour("77552f")) if pen.colour is None else skin.darker(0.6)
    plate = shell.darker(1.22)
    rim = shell.darker(1.5).lighter(0.1)

    pen.blob(path("46,16 58,12 63,7! 52,8 44,10"), skin.darker(0.85))
    for leg in ("-18,18 -24,12 -22,6.5", "24,18 20,12 22,6.5"):
        pen.limb(path(leg), widths("14 12 12"), skin.darker(0.55))
    pen.limb(path("-32,20 -44,28 -54,37"), widths("17 13 13"), skin.darker(0.9))
    for fold in range(3):
        x, y = -42 - 4.4 * fold, 28 + 3.6 * fold
        pen.limb(
            path(f"{x - 3},{y - 6} {x + 1},{y - 1} {x + 2},{y + 5}"),
            widths("0.4 1.1 0.4"),
            skin.darker(0.55),
            line=False,
        )
    pen.blob(path("-72,40 -70,47 -62,52 -53,50 -48,43 -51,35 -60,32 -69,34"), skin)
    pen.blob(
        path("-42,14 -41,28 -32,44 -18,56 2,62 22,58 38,46 47,30 48,14 30,10 0,9 -28,10"), shell
    )
    plates = (
        "-12,56 2,60 14,57 17,43 2,36 -13,42",
        "-16,41 -29,44 -36,32 -33,22 -19,22",
        "20,43 30,48 40,36 43,25 24,22",
        "-15,39 1,33 19,39 21,23 2,20 -16,22",
    )
    for outline in plates:
        pen.blob(path(" ".join(f"{pair}!" for pair in outline.split())), plate)
    for outline in plates:
        points = path(outline)
        cx = sum(x for x, _ in points) / len(points)
        cy = sum(y for _, y in points) / len(points)
        pen.blob(
            [(cx + 0.55 * (x - cx), cy + 0.55 * (y - cy)) for x, y in points],
            shell.darker(1.42),
            line=False,
        )
    pen.limb(path("-43,17 -24,12 2,11 28,12 49,17"), widths("7 8 8 8 7"), rim)
    for x in range(-34, 46, 10):
        pen.limb(path(f"{x},9 {x + 1},14.6"), widths("0.9 0.6"), shell, line=False)
    for leg in ("-29,16 -34,11 -33,7", "34,16 37,11 36,7"):
        pen.limb(path(leg), widths("16 14 13"), skin)
    for x in (-38, -33.4, -29, 31, 35.6, 40):
        pen.ellipse(x / 100, 0.014, 0.018, 0.016, skin.lighter(0.6), line=False)
    eye(pen, -0.615, 0.445, 0.026)
    pen.limb(
        path("-71.6,39 -66,37.6 -59,39.4"), widths("0.5 0.9 0.4"), skin.darker(0.4), line=False
    )
    pen.ellipse(-0.705, 0.435, 0.008, 0.007, skin.darker(0.35), line=False)
