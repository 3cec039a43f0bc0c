"""Animals of farm, forest and savanna."""

from __future__ import annotations

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.outlines import BEAD, eye, path, widths
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

HOOF = Material(hex_colour("2b2220"), "gloss")


@subject(reach=(-0.68, 0.52, 0.0, 1.06), size=0.7)
def horse(pen: Pen) -> None:
    """In profile, facing left: arched neck with a mane, slender legs, a long tail."""
    coat = pen.main(hex_colour("8a4f2a"))
    far = coat.darker(0.55)
    muscle = coat.lighter(0.02)
    mane = Material(hex_colour("2a1a14"), "fur")

    for leg, hoof in (
        ("-14,42 -11,30 -10,20 -9,6", "-14,0! -13,5 -7,5 -6,0!"),
        ("18,48 20,38 19,29 20,18 19,6", "14,0! 16,5 22,5 23,0!"),
    ):
        pen.limb(path(leg), widths("14 9 6.5 5 5"), far)
        pen.blob(path(hoof), HOOF)
    for bend in range(5):
        tip = 43 - 2.6 * bend
        pen.limb(
            path(f"30,61 {39 - bend},56 {44 - 1.6 * bend},38 {tip},{13 + 2.5 * (bend % 3)}"),
            widths("5 7.5 8 1.5"),
            mane.darker(0.8 + 0.16 * (bend % 3)),
        )
    pen.blob(path("-40,96! -38,105! -33,95!"), far)
    pen.blob(
        path(
            "-64,69 -57,79 -49,91 -43,97 -36,96 -26,85 -14,70 3,64.5 17,66.5 27,63 33,54 34,44 "
            "30.5,36 32,28.5 29.5,20 29,9 31,4 24,4 25,9 24.5,20 24,29 17,37 7,34.5 -6,33.5 "
            "-13,35 -15,28 -14.5,20 -16,9 -14,4 -22,4 -21,9 -21.5,20 -23,30 -27,42 -29,53 -33,64 "
            "-38,73 -44,71 -52,65 -58,61.5 -63,62.5"
        ),
        coat,
    )
    for x in (-18, 27.5):
        pen.blob(path(f"{x - 5.5},0! {x - 4},5.5 {x + 3.5},5.5 {x + 4.5},0!"), HOOF)
    # Shoulder, thigh and cheek stand out a little from the body.
    pen.blob(path("14,58 24,60 30,50 27,40 20,39 15,46"), muscle, line=False)
    pen.blob(path("-25,58 -17,60 -12,50 -15,39 -21,38 -26,47"), muscle, line=False)
    pen.ellipse(-0.425, 0.775, 0.05, 0.056, muscle, line=False)
    pen.blob(path("-63.5,69 -58,72 -54,66 -57,62 -62.5,63"), coat.darker(0.55), line=False)
    pen.blob(path("-43,95! -44,106! -37.5,94!"), coat)
    for lock in range(9):
        share = lock / 8
        x, y = -41 + 28 * share, 97.5 - 27 * share**1.1
        pen.limb(
            path(f"{x},{y} {x + 3.5},{y - 5} {x + 2 + 2 * (lock % 2)},{y - 17}"),
            widths("4 6.5 1"),
            mane.darker(0.8 + 0.2 * (lock % 2)),
        )
    pen.limb(path("-43,97 -48,94 -49.5,86"), widths("4 4.5 1"), mane)
    eye(pen, -0.478, 0.845, 0.022)
    pen.ellipse(-0.61, 0.675, 0.012, 0.016, BEAD, tilt=-25, line=False)
    pen.limb(path("-62,64.5 -58,64 -55,65.5"), widths("0.4 0.7 0.3"), BEAD, line=False)


@subject(reach=(-0.47, 0.47, 0.0, 1.06), size=0.64)
def owl(pen: Pen) -> None:
    """On a stump, from the front: ear tufts, a pale face of two discs, huge amber eyes."""
    plume = pen.main(hex_colour("8a6240"), "fur").as_finish("fur")
    pale = plume.lighter(0.6)
    bark = Material(hex_colour("6b5a4c"), "fur")
    claw = Material(hex_colour("e0a93c"), "gloss")

    pen.blob(path("-46,0! -39,4 -35,11 -36,20 0,24 36,20 35,11 39,4 46,0! 12,1.5 -14,1.5"), bark)
    pen.ellipse(0, 0.2, 0.362, 0.062, Material(hex_colour("cfa878")))
    for ring in (0.31, 0.25):
        pen.ring(0, 0.2, ring, ring * 0.17, 0.007, bark.lighter(0.15))
    pen.blob(path("-12,32 12,32 13,16 8,11 -8,11 -13,16"), plume.darker(0.6))
    pen.blob(path("-24,84 -29,62 -29,42 -20,24 0,19 20,24 29,42 29,62 24,84 12,95 -12,95"), plume)
    pen.blob(path("-17,62 0,66 17,62 19,42 12,26 0,22 -12,26 -19,42"), pale, line=False)
    for row in range(5):
        for column in range(5 - row % 2):
            x = (column - (2 if row % 2 == 0 else 1.5)) * 6.6
            y = 58 - 7.2 * row
            if abs(x) < 17 - 1.2 * row:
                pen.limb(
                    path(f"{x - 2},{y + 1.6} {x},{y - 1.8} {x + 2},{y + 1.6}"),
                    widths("0.8 2.4 0.8"),
                    plume.darker(0.72),
                    line=False,
                )

    def wing(side: int) -> None:
        s = side
        pen.blob(
            path(f"{20 * s},68 {29 * s},62 {35 * s},44 {32 * s},28 {23 * s},15! {19 * s},34"),
            plume.darker(0.78),
        )
        for quill in range(4):
            y = 54 - 9 * quill
            pen.limb(
                path(f"{20.5 * s},{y} {27 * s},{y - 6} {32 * s - quill * s},{y - 6}"),
                widths("1 2.6 1"),
                plume.darker(0.5),
                line=False,
            )
        for toe in (-3.4, 0, 3.4):
            pen.limb(
                path(f"{9 * s},23 {9 * s + toe},20 {9 * s + toe * 1.15},16.5"),
                widths("3.4 3.6 2.4"),
                claw,
            )

    pen.both(wing)
    pen.both(lambda s: pen.blob(path(f"{7 * s},93! {26 * s},104! {25 * s},82!"), plume.darker(0.8)))
    pen.blob(path("-26,82 -23,68 -12,61 0,60 12,61 23,68 26,82 18,94 0,92 -18,94"), plume)
    pen.both(lambda s: pen.ellipse(0.115 * s, 0.775, 0.128, 0.142, pale))
    iris = Material(hex_colour("f2a91f"), "lit")
    pen.both(lambda s: eye(pen, 0.11 * s, 0.785, 0.078, iris))
    pen.both(
        lambda s: pen.limb(
            path(f"{1 * s},82 {8 * s},89.5 {24 * s},95"), widths("2 4.5 1"), plume.darker(0.62)
        )
    )
    pen.blob(
        path("-3.6,76! 0,78 3.6,76! 2,69 0,65! -2,69"), Material(hex_colour("4a3a2c"), "gloss")
    )


@subject(reach=(-0.74, 0.58, 0.0, 0.96), size=0.74)
def elephant(pen: Pen) -> None:
    """In profile, facing left: a great ear, tusks, the trunk hanging and curled at its tip."""
    hide = pen.main(hex_colour("8b8e96"))
    fold = hide.darker(0.62)
    nail = Material(hex_colour("d9d2c4"))
    ivory = Material(hex_colour("f6efdd"), "gloss")

    for leg in ("-6,36 -5,20 -5,8", "26,40 25,22 26,8"):
        pen.limb(path(leg), widths("17 14 15"), hide.darker(0.55))
    pen.limb(path("47,66 53,54 52,40 54,32"), widths("4 3 2.4 2"), hide.darker(0.8))
    pen.blob(path("54,34 57,27 54,23! 51,28"), Material(hex_colour("35302e"), "fur"))
    pen.limb(path("-54,53 -62,44 -71,44"), widths("5 4 1"), ivory.darker(0.75))
    pen.blob(
        path(
            "-30,62 -20,80 -4,86 18,85 38,77 48,62 49,44 47,30 47,10 49,1 44,0 31,0 27,1 29,12 "
            "28,24 22,31 4,29 -7,30 -10,24 -9,10 -8,1 -12,0 -24,0 -29,1 -27,12 -28,28 -32,44"
        ),
        hide,
    )
    for left in (-27, 29):
        for toe in range(3):
            pen.ellipse((left + 2.5 + 5.2 * toe) / 100, 0.022, 0.024, 0.024, nail, line=False)
    pen.blob(
        path(
            "-56,72 -51,84 -40,92 -28,92 -17,84 -13,70 -18,56 -30,50 -40,48 -45,40 -47,26 -50,14 "
            "-56,7 -65,6 -71,11 -72,18 -68,20 -65,15 -60,15 -58,20 -59,34 -60,50 -59,62"
        ),
        hide.lighter(0.05),
    )
    for wrinkle in range(7):
        y = 54 - 5.4 * wrinkle
        pen.limb(
            path(f"{-59.5 + 0.3 * wrinkle},{y} {-55},{y - 1.6} {-50},{y}"),
            widths("0.6 1.1 0.3"),
            fold,
            line=False,
        )
    pen.limb(path("-46,54 -53,44 -60,38 -69,38"), widths("6.4 5.6 4.4 1.2"), ivory)
    pen.blob(path("-50,58 -42,60 -39,54 -43,49 -50,52"), hide.lighter(0.05), line=False)
    pen.blob(
        path("-31,84 -20,92 -4,88 4,74 2,58 -6,44 -14,36 -21,42 -25,54 -31,66"), hide.darker(0.9)
    )
    pen.blob(
        path("-26,80 -18,86 -6,82 0,72 -3,58 -9,47 -14,42 -18,48 -20,58 -26,68"),
        Material(hex_colour("b48f8a")) if pen.colour is None else hide.darker(0.8),
        line=False,
    )
    pen.limb(path("-47,76 -44,78 -40,76.5"), widths("0.6 1.6 0.6"), fold, line=False)
    eye(pen, -0.435, 0.738, 0.021)


@subject(reach=(-0.6, 0.5, 0.0, 1.07), size=0.56)
def rabbit(pen: Pen) -> None:
    """Sitting in profile, facing left: two tall ears, a strong haunch, a ball of a tail."""
    fur = pen.main(hex_colour("b08a66"), "fur").as_finish("fur")
    white = Material(hex_colour("f7f1e8"), "fur")
    inner = Material(hex_colour("e3a6a0"))

    pen.ellipse(0.4, 0.15, 0.09, 0.085, white)
    pen.limb(path("-14,72 -4,86 3,101"), widths("8 11.5 3"), fur.darker(0.72))
    pen.limb(path("-8,26 -9,12 -13,4"), widths("12 8 8"), fur.darker(0.65))
    pen.blob(path("-24,46 -12,58 8,57 28,48 40,32 42,14 36,3 22,0 -2,0 -14,4 -20,14 -25,28"), fur)
    pen.blob(path("-27,46 -20,48 -15,34 -16,18 -21,14 -26,26 -29,36"), white, line=False)
    pen.ellipse(0.2, 0.19, 0.2, 0.185, fur, tilt=20)
    pen.limb(path("24,5 10,4 -3,4"), widths("8 8 7.4"), fur.lighter(0.12))
    pen.limb(path("-19,30 -21,15 -25,4"), widths("13 8.5 8"), fur)
    pen.ellipse(-0.265, 0.035, 0.056, 0.036, fur.lighter(0.25))
    pen.blob(
        path("-46,56 -43,64 -36,72 -26,77 -15,75 -8,66 -9,54 -17,45 -29,42 -40,45 -45,50"), fur
    )
    pen.blob(path("-45.5,54 -38,58 -30,53 -28,46 -34,43.5 -41,46"), white, line=False)
    pen.limb(path("-24,72 -19,88 -17,104"), widths("9 13 3.4"), fur)
    pen.limb(path("-23.6,76 -19.6,88 -17.8,99"), widths("3 6.6 1.4"), inner, line=False)
    eye(pen, -0.31, 0.635, 0.034)
    pen.blob(path("-47,58 -43,59.5 -42.5,56 -45.5,54.5"), inner)
    for rise in (-4, 0, 4):
        pen.limb(
            path(f"-41,52 -50,{52 + rise} -58,{51 + 1.8 * rise}"),
            widths("0.5 0.5 0.25"),
            white,
            line=False,
        )


@subject(reach=(-0.74, 0.58, 0.0, 0.84), size=0.72)
def bear(pen: Pen) -> None:
    """On all fours, facing left: a hump over the shoulders, small round ears, clawed paws."""
    fur = pen.main(hex_colour("6f4527"), "fur").as_finish("fur")
    muzzle = fur.lighter(0.4)
    claw = Material(hex_colour("cfc4b0"), "gloss")

    for leg, foot in (("-12,34 -14,18 -16,7", -20), ("26,36 27,20 24,7", 20)):
        pen.limb(path(leg), widths("20 15 14"), fur.darker(0.55))
        pen.ellipse(foot / 100, 0.04, 0.09, 0.042, fur.darker(0.5))
    pen.ellipse(0.52, 0.56, 0.045, 0.045, fur.darker(0.75))
    pen.blob(
        path(
            "-46,60 -34,72 -22,80 -10,82 4,77 24,77 42,70 53,56 54,40 50,26 50,12 51,2 45,0 32,0 "
            "27,3 29,14 25,25 14,28 0,25 -11,26 -14,16 -13,3 -18,0 -32,0 -37,3 -35,14 -36,28 "
            "-42,42"
        ),
        fur,
    )
    pen.blob(path("24,70 40,68 50,52 47,34 36,26 26,36 20,52"), fur.lighter(0.04), line=False)
    for x in (-30, 34):
        pen.ellipse(x / 100 - 0.01, 0.045, 0.1, 0.046, fur.darker(0.9))
        for toe in range(4):
            left = x - 9 + 3.6 * toe
            pen.limb(path(f"{left},4 {left - 1.4},1"), widths("2 0.8"), claw, line=False)
    pen.both(lambda s: pen.ellipse(-0.41 + 0.085 * s, 0.755, 0.056, 0.058, fur.darker(0.85)))
    pen.both(
        lambda s: pen.ellipse(-0.412 + 0.085 * s, 0.752, 0.032, 0.034, fur.darker(0.5), line=False)
    )
    pen.blob(
        path("-72,46 -68,53 -60,57 -58,66 -51,74 -40,76 -29,71 -25,58 -30,46 -42,38 -58,36 -69,39"),
        fur,
    )
    pen.blob(path("-72,46 -67,53 -58,55 -51,50 -51,41 -58,36 -69,39"), muzzle)
    pen.blob(path("-75,50 -70,54 -65,51 -67,46 -73,46"), BEAD)
    pen.limb(path("-70,46 -69,42 -63,40.5 -57,42"), widths("0.6 0.9 0.9 0.4"), BEAD, line=False)
    eye(pen, -0.545, 0.6, 0.022)


@subject(reach=(-0.66, 0.5, 0.0, 1.26), size=0.66)
def deer(pen: Pen) -> None:
    """A stag in profile, facing left: branched antlers, thin legs, a short tail, light spots."""
    coat = pen.main(hex_colour("b0713c"))
    pale = coat.lighter(0.6).flat(0.15)
    far = coat.darker(0.55)
    antler = Material(hex_colour("d9c29a"))

    def antlers(shift: float, material: Material) -> None:
        x = -32 + shift
        pen.limb(
            path(f"{x},92 {x + 3},101 {x + 9},110 {x + 5},124"), widths("4 3.4 2.8 1"), material
        )
        for start, tip in (
            ((1, 96), (-10, 106)),
            ((5, 104), (-5, 117)),
            ((8, 109), (18, 119)),
        ):
            bend = (start[0] + tip[0]) / 2, (start[1] + tip[1]) / 2 - 2
            pen.limb(
                path(f"{x + start[0]},{start[1]} {x + bend[0]},{bend[1]} {x + tip[0]},{tip[1]}"),
                widths("2.8 2.4 0.8"),
                material,
            )

    antlers(-6, antler.darker(0.6))
    for leg, hoof in (
        ("-13,42 -10,30 -10,18 -9,5", "-12,0! -11.4,5 -7,5 -5.6,0!"),
        ("17,48 19,36 18,27 19,16 18,5", "14.4,0! 15.4,5 20,5 21.4,0!"),
    ):
        pen.limb(path(leg), widths("12 7 4.4 3.4 4"), far)
        pen.blob(path(hoof), HOOF)
    pen.blob(path("-31,93 -26,100 -17,103! -19,97 -25,91"), far)
    pen.blob(path("31,62 36,60 38,54 36.5,47 34,50 32,56"), pale)
    pen.blob(path("31,63 36,61.5 38.6,56 38,50 35,54 32,58"), coat)
    pen.blob(
        path(
            "-58,76 -51,83 -43,90 -36,94 -29,92 -23,84 -18,74 -10,66 4,62 18,64 28,63 34,56 "
            "34,47 30,37 31,28 29,18 29,8 30,4 24.6,4 25,9 24,19 24,28 17,38 6,37 -6,36.5 -13,37 "
            "-15,29 -15,18 -16,8 -15,4 -20,4 -19.6,9 -20,18 -21.5,30 -25,43 -28,54 -31,66 -34,74 "
            "-40,75 -47,72 -53,69.5 -58,70"
        ),
        coat,
    )
    pen.blob(path("-31,66 -27,62 -24,54 -22,46 -24,43 -26,48 -29,57"), pale, line=False)
    pen.blob(path("-10,37 4,38.4 16,39 17,38.4 6,37 -6,36.6"), pale, line=False)
    for x in (-17.6, 27.2):
        pen.blob(path(f"{x - 4},0! {x - 3},5 {x + 2.8},5 {x + 3.4},0!"), HOOF)
    pen.blob(path("14,59 26,60 32,50 28,39 19,40 14,48"), coat.lighter(0.05), line=False)
    for x, y in ((2, 57), (11, 59), (20, 58), (27, 54), (6, 50), (15, 51), (23, 49), (-4, 53)):
        pen.ellipse(x / 100, y / 100, 0.013, 0.011, pale, line=False)
    pen.blob(path("-56,70.6 -50,72.4 -43,74.6 -40,75 -47,72 -53,69.7"), pale, line=False)
    pen.blob(path("-60.5,75.5 -57,78 -54.6,75 -56.4,71.6 -60,72"), BEAD)
    pen.blob(path("-30,91 -24,97 -15,99.4 -8,97! -13,92 -21,88 -27,88"), coat)
    pen.blob(path("-25,92 -19,95.6 -11,96.4 -16,92.4 -21,90"), pale, line=False)
    antlers(0, antler)
    eye(pen, -0.405, 0.84, 0.022)
