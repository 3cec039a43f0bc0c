"""Dragons, and the dinosaurs that could be their cousins."""

from __future__ import annotations

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.outlines import BEAD, eye, path, widths
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

TOOTH = Material(hex_colour("f6f0de"), "gloss")
HORN = Material(hex_colour("e2d3a8"), "gloss")


@subject(reach=(-0.86, 0.86, 0.0, 1.2), size=0.66)
def dragon(pen: Pen) -> None:
    """In profile, facing left: bat wings raised, horns, a ridge of spines, a tail with a barb."""
    scale = pen.main(hex_colour("3f8f4e"), "gloss")
    belly = Material(hex_colour("e6cf86"), "gloss")
    far = scale.darker(0.55)
    web = scale.darker(0.62).as_finish("matte") if pen.colour else Material(hex_colour("b8562f"))
    iris = Material(hex_colour("ffc62e"), "lit")

    def wing(shift: float, rise: float, skin: Material, bone: Material) -> None:
        """A hand spread wide: the web hangs in bows between the tips of its fingers."""
        wrist = (shift - 4, 96 + rise)
        tips = [(x + shift, y + rise) for x, y in ((12, 120), (48, 116), (74, 97), (70, 72))]
        bows = [(x + shift, y + rise) for x, y in ((28, 105), (53, 97), (57, 80), (42, 62))]
        edge = " ".join(f"{x},{y}! {u},{v}" for (x, y), (u, v) in zip(tips, bows, strict=True))
        pen.blob(path(f"{shift},54 {shift - 3},76 {wrist[0]},{wrist[1]}! {edge} 24,52"), skin)
        for x, y in tips:
            bend = (wrist[0] + x) / 2, (wrist[1] + y) / 2 + 3
            pen.limb(
                path(f"{wrist[0]},{wrist[1]} {bend[0]},{bend[1]} {x},{y}"),
                widths("3.6 2.6 0.8"),
                bone,
            )
        pen.limb(
            path(f"{shift + 5},52 {shift + 2},76 {wrist[0]},{wrist[1]}"), widths("9 6 4.4"), bone
        )
        pen.limb(
            path(f"{wrist[0]},{wrist[1]} {wrist[0] - 4},{wrist[1] + 7}"), widths("4 0.8"), HORN
        )

    wing(-20, 2, web.darker(0.55), far)
    pen.limb(path("-4,38 -10,22 -8,4"), widths("13 9 8"), far)
    pen.limb(path("24,38 30,20 22,4"), widths("18 10 9"), far)
    for x, y, lean in ((78, 38, 4), (68, 20, 3), (56, 12, 2)):
        pen.blob(path(f"{x - 5},{y}! {x + lean},{y + 10}! {x + 4},{y - 1}!"), HORN.darker(0.8))
    pen.blob(path("74,52! 70,66! 79,72! 86,62! 82,50!"), web)
    pen.blob(
        path(
            "-40,80 -32,76 -28,66 -22,58 -8,60 8,60 24,54 38,38 52,20 64,17 73,28 75,44 77,56 "
            "81,56 83,40 80,22 70,8 54,5 40,12 30,20 12,26 -8,28 -22,32 -34,44 -42,58 -46,68"
        ),
        scale,
    )
    pen.blob(
        path("-44,67 -38,66 -32,54 -22,42 -6,35 12,31 14,27 -8,28 -22,32 -34,44 -41,57"),
        belly,
        line=False,
    )
    for share in range(7):
        left, low = -40 + 8 * share, 62 - 7.4 * share + 0.62 * share**2
        pen.limb(
            path(f"{left - 3},{low - 4} {left + 1},{low - 0.5} {left + 5},{low + 2}"),
            widths("0.5 1 0.4"),
            belly.darker(0.6),
            line=False,
        )
    for x, y in ((-29, 75), (-25, 66), (-18, 61), (-8, 61), (24, 55), (32, 47), (39, 38), (46, 29)):
        pen.blob(path(f"{x - 4},{y - 1}! {x + 3},{y + 8}! {x + 4},{y - 3}!"), web)
    pen.blob(path("10,46 22,50 34,40 34,26 24,17 12,22 6,34"), scale.lighter(0.05))
    pen.limb(path("28,26 36,16 30,5"), widths("13 9 8"), scale)
    pen.limb(path("-20,42 -26,24 -22,5"), widths("14 9.5 8"), scale)
    for x in (-24, 28):
        pen.ellipse(x / 100 - 0.01, 0.03, 0.08, 0.032, scale)
        for toe in range(3):
            left = x - 8 + 4 * toe
            pen.limb(path(f"{left},3 {left - 2.4},0.8"), widths("2.4 0.6"), HORN, line=False)
    wing(6, -3, web, scale.darker(0.9))
    pen.limb(path("-40,88 -32,96 -22,99"), widths("5 4 0.8"), HORN.darker(0.75))
    # The lower jaw hangs open.
    pen.blob(path("-42,72 -52,66 -66,62 -74,63 -72,67 -60,70 -48,78"), scale.darker(0.8))
    pen.blob(path("-48,75 -58,70 -68,66 -66,70 -56,74"), Material(hex_colour("7a2420")), line=False)
    pen.blob(
        path(
            "-82,79 -78,84 -70,83 -62,85 -56,92 -46,94 -37,89 -34,80 -38,71 -46,70 -56,74 -66,74 "
            "-76,73 -82,75"
        ),
        scale,
    )
    for x in (-78, -73, -67, -61):
        pen.shape(path(f"{x},74 {x + 1.6},69.4 {x + 3.4},74"), TOOTH)
    for x in (-70, -64):
        pen.shape(path(f"{x},66 {x + 1.4},70 {x + 3},67"), TOOTH)
    pen.limb(path("-43,91 -34,100 -22,106"), widths("6 4.6 0.8"), HORN)
    pen.blob(path("-39,84! -26,86! -32,80! -27,75! -38,76"), web)
    pen.ellipse(-0.775, 0.8, 0.014, 0.01, BEAD, line=False)
    eye(pen, -0.53, 0.845, 0.034, iris)
    pen.limb(path("-60,88 -53,89.5 -46,87.5"), widths("1.4 3 1"), scale.darker(0.7))


@subject(reach=(-0.72, 0.84, 0.0, 1.02), size=0.7)
def dinosaur(pen: Pen) -> None:
    """Tyrannosaurus, facing left: a huge jaw of teeth, tiny arms, strong legs, a heavy tail."""
    hide = pen.main(hex_colour("6f8a45"))
    belly = hide.lighter(0.5)
    stripe = hide.darker(0.6).flat(0.15)
    mouth = Material(hex_colour("8e3a36"))
    iris = Material(hex_colour("f3b62a"), "lit")

    pen.limb(path("20,42 32,25 25,14 30,4"), widths("22 13 8 8"), hide.darker(0.6))
    pen.limb(path("31,3 23,2.8 14,2.4"), widths("7 6.4 3.4"), hide.darker(0.55))
    pen.limb(path("-24,58 -32,52 -38,54"), widths("6 4.4 3"), hide.darker(0.55))
    # The open jaw, behind the head.
    pen.blob(path("-34,74 -44,68 -58,66 -66,68 -66,72 -54,73 -40,82"), hide.darker(0.85))
    pen.blob(path("-36,78 -48,72 -62,71 -56,77 -42,84"), mouth, line=False)
    pen.blob(
        path(
            "-70,84 -69,92 -60,97 -50,97 -44,101 -34,100 -24,94 -14,84 2,74 18,68 34,58 50,48 "
            "66,44 78,46 83,50 82,45 72,37 56,34 40,34 28,32 14,30 0,32 -12,38 -20,48 -26,60 "
            "-32,70 -38,76 -50,78 -62,78 -69,79"
        ),
        hide,
    )
    pen.blob(
        path("-33,72 -26,70 -18,58 -8,46 6,37 18,34 27,33.5 28,32 14,30 0,32 -12,38 -20,48 -26,60"),
        belly,
        line=False,
    )
    for index, (x, y) in enumerate(
        ((-16, 85), (-7, 79), (2, 74), (12, 70), (22, 66), (32, 59), (42, 53), (52, 47), (62, 45))
    ):
        deep = 13 - 0.9 * index
        pen.limb(
            path(f"{x},{y - 0.6} {x + 2},{y - deep * 0.5} {x - 0.5},{y - deep}"),
            widths("4.4 3 0.5"),
            stripe,
            line=False,
        )
    pen.blob(path("-8,52 4,61 19,58 25,45 21,33 12,24 2,25 -5,33 -10,42"), hide.lighter(0.06))
    pen.limb(path("6,34 14,24 1,15 -1,5"), widths("20 13.5 8.6 8.4"), hide.lighter(0.03))
    pen.limb(path("1,4 -9,3.6 -20,2.6"), widths("8.4 7.4 4"), hide)
    for x in (-21, -16, -11):
        pen.limb(path(f"{x},3 {x - 3.4},0.8"), widths("2.8 0.6"), HORN, line=False)
    pen.limb(path("-17,56 -25,48 -33,50"), widths("8 5.4 4"), hide.lighter(0.04))
    for rise in (1.6, -1.6):
        pen.limb(path(f"-33,50 -37,{50 + rise}"), widths("2.2 0.6"), HORN, line=False)
    for x in (-67, -62, -57, -52, -47, -42):
        pen.shape(path(f"{x},79.4 {x + 2},{74 + 0.02 * (x + 55) ** 2 * 0.3} {x + 4.2},79.2"), TOOTH)
    for x in (-63, -57, -51):
        pen.shape(path(f"{x},71 {x + 1.8},75.4 {x + 3.6},72"), TOOTH)
    pen.ellipse(-0.655, 0.9, 0.013, 0.01, BEAD, line=False)
    eye(pen, -0.44, 0.925, 0.03, iris)
    pen.limb(path("-50,96 -43,97.6 -36,96"), widths("1.4 3.4 1"), stripe)
