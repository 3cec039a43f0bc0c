"""What stands on a laid table: cakes, pizzas, burgers, apples and pumpkins."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material, arc
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

CHINA = Material(hex_colour("f3eee4"), "gloss")
CREAM = Material(hex_colour("fbf1dc"), "gloss")
LEAF = Material(hex_colour("4f9d3a"), "gloss")
STALK = Material(hex_colour("6b4a2a"))
CHERRY = Material(hex_colour("c41f2e"), "gloss")
SHINE = Material(hex_colour("fff6e8"), "gloss")


@subject(reach=(-0.62, 0.62, 0.0, 1.08), size=0.66, gesture="none")
def cake(pen: Pen) -> None:
    """A birthday cake of two tiers on a stand: dripping icing, cherries, five lit candles."""
    icing = pen.main(hex_colour("f29bb4"), "gloss")
    sponge = Material(hex_colour("8a5230"))

    pen.ellipse(0, 0.035, 0.26, 0.04, CHINA.darker(0.85))
    pen.limb([(0, 0.04), (0, 0.12)], [0.16, 0.09], CHINA.darker(0.9))
    pen.ellipse(0, 0.15, 0.6, 0.075, CHINA)
    pen.ellipse(0, 0.165, 0.55, 0.055, CHINA.darker(0.8), line=False)
    # The upper tier's candles stand behind its rim, so the tiers come first.
    for half, low, high, drips in ((0.47, 0.16, 0.42, 7), (0.31, 0.43, 0.68, 5)):
        rim = 0.17 * half
        pen.blob([(-half, high), (-half, high), (-half, low + 0.02), (-half * 0.7, low - rim * 0.6),
                  (0, low - rim), (half * 0.7, low - rim * 0.6), (half, low + 0.02), (half, high),
                  (half, high)], sponge)  # fmt: skip
        middle = (low + high) / 2 - 0.03
        pen.limb([(-half, middle + 0.02), (-half * 0.5, middle - rim * 0.75), (0, middle - rim),
                  (half * 0.5, middle - rim * 0.75), (half, middle + 0.02)], [0.04] * 5, CREAM,
                 line=False)  # fmt: skip
        edge = []
        for index in range(2 * drips + 1):
            x = half * math.cos(math.pi * index / (2 * drips))
            sag = rim * math.sin(math.pi * index / (2 * drips))
            depth = 0.05 + (0.02 + 0.07 * float(pen.rng.random()) if index % 2 else -0.015)
            edge.append((x * 1.03, high - sag - depth))
        pen.blob([(-half * 1.03, high), *edge[::-1], (half * 1.03, high)], icing)
        pen.ellipse(0, high, half * 1.04, rim, icing.lighter(0.12).flat(0.5))
    for x in (-0.4, -0.22, 0.22, 0.4):
        y = 0.425 - 0.05 * (1 - abs(x) / 0.47)
        pen.ellipse(x, y + 0.01, 0.06, 0.035, CREAM)
        pen.ellipse(x, y + 0.045, 0.04, 0.04, CHERRY)
        pen.ellipse(x - 0.012, y + 0.06, 0.01, 0.008, SHINE, line=False)
    for index in range(12):
        x = -0.26 + 0.047 * index
        y = 0.68 + 0.03 * math.sin(2.4 * index)
        code = ("ffffff", "f0c93a", "4fb0d8", "7ac46a")[index % 4]
        pen.limb([(x, y), (x + 0.016, y + 0.008)], [0.01, 0.01], Material(hex_colour(code)),
                 line=False)  # fmt: skip
    for index, x in enumerate((-0.2, 0.2, -0.1, 0.1, 0.0)):
        y = 0.68 + (0.01, 0.01, -0.015, -0.015, 0.0)[index]
        wax = Material(hex_colour(("4fb0d8", "f0c93a", "7ac46a", "b07ad0", "f26a5a")[index]))
        pen.limb([(x, y), (x, y + 0.2)], [0.034, 0.034], wax.as_finish("gloss"))
        for ring in range(3):
            pen.limb([(x - 0.015, y + 0.04 + 0.055 * ring), (x + 0.015, y + 0.06 + 0.055 * ring)],
                     [0.01, 0.01], CREAM, line=False)  # fmt: skip
        pen.limb([(x, y + 0.21), (x, y + 0.24)], [0.006, 0.006], STALK)
        pen.blob([(x, y + 0.225), (x + 0.027, y + 0.26), (x + 0.012, y + 0.305), (x, y + 0.34),
                  (x, y + 0.34), (x - 0.014, y + 0.3), (x - 0.026, y + 0.26)],
                 Material(hex_colour("ffae2e"), "light"))  # fmt: skip
        pen.ellipse(x, y + 0.262, 0.012, 0.024, Material(hex_colour("fff4c8"), "light"))


@subject(reach=(-0.76, 0.76, 0.0, 0.86), size=0.66, gesture="none")
def pizza(pen: Pen) -> None:
    """A pizza on a wooden board seen from above at a slant, one slice drawn out of it."""
    cheese = pen.main(hex_colour("f2c04e"))
    crust = Material(hex_colour("c98440"))
    wood = Material(hex_colour("8a5f38"))
    salami = Material(hex_colour("b8342a"), "gloss")
    olive = Material(hex_colour("2b2a2c"), "gloss")
    tilt = 0.56

    def on(turn: float, distance: float, x: float = 0.0, y: float = 0.44) -> tuple[float, float]:
        angle = math.radians(turn)
        return x + distance * math.cos(angle), y + distance * tilt * math.sin(angle)

    def slab(start: float, end: float, x: float, y: float) -> None:
        whole = [on(start + (end - start) * i / 40, 0.6, x, y) for i in range(41)]
        tip = (x, y)
        pen.shape([tip, *whole], crust.darker(0.55).flat(0.1))
        top = [(px, py + 0.04) for px, py in whole]
        pen.shape([(x, y + 0.04), *top], Material(hex_colour("b23c22"), "gloss").flat(0.1))
        melted = [
            on(start + (end - start) * i / 24, 0.535 + 0.012 * math.sin(2.3 * i), x, y + 0.045)
            for i in range(25)
        ]
        pen.shape([(x, y + 0.045), *melted], cheese.flat(0.12))
        rim = [on(start + (end - start) * i / 12, 0.575, x, y + 0.045) for i in range(13)]
        pen.limb(rim, [0.075 + 0.012 * math.sin(5 * i) for i in range(13)], crust)

    def laid(turn: float, distance: float, what: str, x: float = 0.0, y: float = 0.485) -> None:
        px, py = on(turn, distance, x, y)
        if what == "salami":
            pen.ellipse(px, py, 0.078, 0.05, salami.darker(0.7))
            pen.ellipse(px, py + 0.006, 0.072, 0.044, salami.flat(0.4))
            for dx, dy in ((-0.03, 0.012), (0.022, -0.008), (0.01, 0.022), (-0.012, -0.016)):
                pen.ellipse(px + dx, py + dy, 0.011, 0.007, salami.lighter(0.4), line=False)
        elif what == "olive":
            pen.ring(px, py + 0.005, 0.024, 0.016, 0.02, olive)
        else:
            pen.blob([(px - 0.06, py), (px - 0.01, py + 0.028), (px + 0.06, py + 0.014),
                      (px + 0.01, py - 0.022)], LEAF)  # fmt: skip
            pen.limb([(px - 0.05, py), (px + 0.045, py + 0.01)], [0.006, 0.004], LEAF.lighter(0.4),
                     line=False)  # fmt: skip

    pen.ellipse(0, 0.39, 0.74, 0.38, wood.darker(0.6).flat(0.1))
    pen.ellipse(0, 0.425, 0.74, 0.38, wood.flat(0.06))
    for ring in (0.69, 0.64):
        pen.ring(0, 0.425, ring, ring * 0.51, 0.006, wood.darker(0.75))
    slab(-25, 290, 0, 0.44)
    for turn, distance, what in (
        (70, 0.42, "salami"), (125, 0.4, "salami"), (15, 0.4, "salami"), (180, 0.42, "salami"),
        (100, 0.17, "salami"), (235, 0.4, "salami"), (205, 0.18, "leaf"), (42, 0.25, "leaf"),
        (98, 0.47, "olive"), (150, 0.26, "olive"), (207, 0.44, "olive"), (262, 0.33, "leaf"),
        (40, 0.47, "olive"), (-8, 0.22, "olive"), (152, 0.48, "leaf"), (272, 0.18, "olive"),
        (-10, 0.48, "leaf"),
    ):  # fmt: skip
        laid(turn, distance, what)
    slab(290, 335, 0.1, 0.34)
    laid(314, 0.4, "salami", 0.1, 0.385)
    laid(313, 0.2, "leaf", 0.1, 0.385)


@subject(reach=(-0.6, 0.6, 0.0, 0.92), size=0.62, gesture="none")
def burger(pen: Pen) -> None:
    """A cheeseburger: seeded bun, lettuce, tomato, melted cheese, a thick patty, on a board."""
    bun = pen.main(hex_colour("d08a3e"), "gloss")
    meat = Material(hex_colour("5a3220"))
    cheese = Material(hex_colour("ffb92e"), "gloss")
    tomato = Material(hex_colour("d8392a"), "gloss")
    wood = Material(hex_colour("7a5232"))

    pen.box(-0.58, 0.0, 0.58, 0.06, wood.flat(0.4), corner=0.02)
    pen.blob([(-0.45, 0.2), (-0.46, 0.12), (-0.38, 0.055), (0, 0.05), (0.38, 0.055), (0.46, 0.12),
              (0.45, 0.2), (0, 0.23)], bun.darker(0.92))  # fmt: skip
    pen.limb([(-0.43, 0.185), (0, 0.175), (0.43, 0.185)], [0.03] * 3, bun.lighter(0.5), line=False)
    pen.box(-0.5, 0.19, 0.5, 0.35, meat, corner=0.075)
    for index in range(26):
        x = -0.46 + 0.92 * float(pen.rng.random())
        y = 0.215 + 0.1 * float(pen.rng.random())
        pen.ellipse(x, y, 0.016, 0.011, meat.darker(0.6) if index % 2 else meat.lighter(0.12),
                    line=False)  # fmt: skip
    pen.blob([(-0.49, 0.385), (-0.49, 0.385), (-0.5, 0.34), (-0.36, 0.335), (-0.24, 0.22),
              (-0.14, 0.33), (0.06, 0.335), (0.2, 0.2), (0.33, 0.335), (0.5, 0.335), (0.5, 0.385),
              (0.5, 0.385)], cheese)  # fmt: skip
    for x in (-0.26, 0.24):
        pen.box(x - 0.235, 0.355, x + 0.235, 0.45, tomato, corner=0.035)
        pen.limb([(x - 0.18, 0.405), (x + 0.16, 0.405)], [0.008, 0.008], tomato.lighter(0.5),
                 line=False)  # fmt: skip
    frill = [(-0.54 + 0.135 * i, 0.45 if i % 2 else 0.375 + 0.01 * (i % 4)) for i in range(9)]
    pen.blob([(-0.5, 0.51), *frill, (0.5, 0.51), (0, 0.53)], LEAF.lighter(0.15))
    pen.blob([(-0.48, 0.5), (-0.5, 0.57), (-0.43, 0.72), (-0.25, 0.84), (0, 0.885), (0.25, 0.84),
              (0.43, 0.72), (0.5, 0.57), (0.48, 0.5), (0.3, 0.48), (-0.3, 0.48)],
             bun)  # fmt: skip
    for x, y, lean in (
        (-0.3, 0.7, 40), (-0.17, 0.79, 15), (-0.02, 0.83, -8), (0.15, 0.8, -25), (0.3, 0.72, -45),
        (-0.36, 0.6, 60), (-0.2, 0.66, 30), (-0.05, 0.72, 5), (0.1, 0.69, -15), (0.24, 0.62, -35),
        (0.38, 0.6, -55), (-0.1, 0.6, 20), (0.06, 0.58, -20),
    ):  # fmt: skip
        pen.ellipse(x, y, 0.023, 0.014, Material(hex_colour("fbeecb"), "gloss"), tilt=lean)


@subject(reach=(-0.52, 0.52, 0.0, 1.04), size=0.6, gesture="none")
def apple(pen: Pen) -> None:
    """A ripe apple: dimpled at the stalk, streaked, one leaf, a window shining on its cheek."""
    skin = pen.main(hex_colour("c62a25"), "gloss")
    outline = [(0.0, 0.76), (-0.12, 0.83), (-0.3, 0.83), (-0.45, 0.7), (-0.49, 0.5), (-0.42, 0.24),
               (-0.28, 0.05), (-0.14, 0.0), (0.0, 0.035), (0.14, 0.0), (0.28, 0.05), (0.42, 0.24),
               (0.49, 0.5), (0.45, 0.7), (0.3, 0.83), (0.12, 0.83)]  # fmt: skip
    pen.blob(outline, skin)
    for _ in range(34):
        # Freckles, as ripe fruit has them.
        turn, far = math.tau * float(pen.rng.random()), math.sqrt(float(pen.rng.random()))
        pen.ellipse(0.4 * far * math.cos(turn), 0.4 + 0.3 * far * math.sin(turn), 0.005, 0.005,
                    skin.lighter(0.14), line=False)  # fmt: skip
    pen.ellipse(0, 0.765, 0.15, 0.05, skin.darker(0.5).flat(0.5), line=False)
    pen.ellipse(0, 0.75, 0.075, 0.022, Material(hex_colour("8d7a2c")), line=False)
    pen.limb([(0.0, 0.75), (0.01, 0.86), (0.05, 0.96)], [0.03, 0.032, 0.05], STALK)
    pen.blob([(0.03, 0.84), (0.03, 0.84), (0.12, 0.96), (0.28, 1.01), (0.42, 0.95), (0.42, 0.95),
              (0.34, 0.86), (0.18, 0.81)], LEAF)  # fmt: skip
    pen.limb([(0.04, 0.845), (0.2, 0.91), (0.4, 0.948)], [0.01, 0.008, 0.004], LEAF.lighter(0.35),
             line=False)  # fmt: skip
    # The window it stands by, in the round of its cheek.
    pen.blob([(-0.38, 0.52), (-0.35, 0.63), (-0.28, 0.7), (-0.22, 0.72), (-0.29, 0.64),
              (-0.33, 0.53), (-0.36, 0.46)], skin.lighter(0.55), line=False)  # fmt: skip


@subject(reach=(-0.62, 0.62, 0.0, 0.98), size=0.58, gesture="none")
def pumpkin(pen: Pen) -> None:
    """A carved pumpkin: swollen ribs, curled stalk, a grin lit from within."""
    skin = pen.main(hex_colour("e07a1c"), "gloss")
    glow = Material(hex_colour("ffc23c"), "light")
    flesh = skin.darker(0.42)

    pen.ellipse(0, 0.4, 0.3, 0.385, skin.darker(0.6))
    for x, wide, shade in ((0.42, 0.19, 0.82), (0.25, 0.22, 0.92), (0.0, 0.22, 1.0)):
        for side in (-1, 1) if x else (1,):
            pen.ellipse(x * side, 0.39 - 0.02 * x, wide, 0.39 - 0.16 * x, skin.darker(shade),
                        tilt=-10 * x * side)  # fmt: skip
    pen.blob([(-0.11, 0.76), (-0.05, 0.82), (-0.06, 0.9), (-0.16, 0.95), (-0.13, 0.98),
              (0.0, 0.95), (0.05, 0.86), (0.12, 0.76), (0.02, 0.735)],
             Material(hex_colour("5f7a34")))  # fmt: skip
    pen.limb([(0.08, 0.79), (0.2, 0.88), (0.3, 0.85), (0.28, 0.79), (0.22, 0.81)],
             [0.018, 0.016, 0.014, 0.01, 0.006], LEAF)  # fmt: skip

    def cut(points: list[tuple[float, float]]) -> None:
        mx = sum(x for x, _ in points) / len(points)
        my = sum(y for _, y in points) / len(points)
        pen.shape([(mx + (x - mx) * 1.14, my + (y - my) * 1.14) for x, y in points], flesh,
                  line=False)  # fmt: skip
        pen.shape(points, glow)

    for side in (-1, 1):
        cut([(0.09 * side, 0.47), (0.33 * side, 0.49), (0.21 * side, 0.65)])
    cut([(-0.05, 0.37), (0.05, 0.37), (0.0, 0.46)])
    lower = arc(0, 0.33, 0.37, 0.21, 190, 350, 12)
    upper = arc(0, 0.36, 0.38, 0.1, 350, 190, 12)
    for index in (3, 4, 8, 9):
        x, y = upper[index]
        upper[index] = (x, y - 0.055)
    for index in (6,):
        x, y = lower[index]
        lower[index] = (x, y + 0.06)
    cut([*lower, *upper])


@subject(reach=(-0.56, 0.62, 0.0, 0.96), size=0.6, gesture="none")
def mushroom(pen: Pen) -> None:
    """A fly agaric and its young: red spotted cap, gills, skirted stem, grass at the foot."""
    cap = pen.main(hex_colour("cf2f24"), "gloss")
    flesh = Material(hex_colour("f4ead4"))

    def one(x: float, scale: float) -> None:
        def at(px: float, py: float) -> tuple[float, float]:
            return x + px * scale, py * scale

        pen.blob([at(-0.15, 0.0), at(-0.17, 0.08), at(-0.1, 0.25), at(-0.085, 0.55),
                  at(0.085, 0.55), at(0.1, 0.25), at(0.17, 0.08), at(0.15, 0.0)],
                 flesh)  # fmt: skip
        pen.ellipse(*at(0, 0.53), 0.44 * scale, 0.085 * scale, flesh.darker(0.8))
        for index in range(17):
            px = -0.4 + 0.05 * index
            pen.limb([at(px * 0.25, 0.53), at(px, 0.5 - 0.03 * math.cos(3.6 * px))],
                     [0.006 * scale] * 2, flesh.darker(0.5), line=False)  # fmt: skip
        pen.blob([at(-0.1, 0.43), at(0.1, 0.43), at(0.16, 0.33), at(0.08, 0.35), at(0, 0.32),
                  at(-0.08, 0.35), at(-0.16, 0.33)], flesh.lighter(0.3))  # fmt: skip
        pen.blob([at(-0.5, 0.56), at(-0.47, 0.7), at(-0.3, 0.88), at(0, 0.95), at(0.3, 0.88),
                  at(0.47, 0.7), at(0.5, 0.56), at(0.42, 0.51), at(0.2, 0.55), at(0, 0.56),
                  at(-0.2, 0.55), at(-0.42, 0.51)], cap)  # fmt: skip
        for px, py, r in (
            (-0.33, 0.68, 0.055), (-0.14, 0.83, 0.05), (0.02, 0.69, 0.075), (0.2, 0.83, 0.05),
            (0.31, 0.67, 0.06), (-0.19, 0.61, 0.03), (0.19, 0.6, 0.032), (-0.42, 0.58, 0.03),
            (0.43, 0.575, 0.028), (0.03, 0.9, 0.03),
        ):  # fmt: skip
            pen.ellipse(*at(px, py), r * scale, r * 0.78 * scale, flesh.lighter(0.4))

    one(0.0, 1.0)
    one(0.4, 0.46)
    for index in range(15):
        x = -0.32 + 0.06 * index
        high = 0.07 + 0.1 * float(pen.rng.random())
        pen.limb([(x, 0.0), (x + 0.01, high * 0.6), (x + 0.05 * math.sin(2.0 * index), high)],
                 [0.018, 0.012, 0.003], LEAF.darker(0.8))  # fmt: skip


@subject(reach=(-0.42, 0.42, 0.0, 1.1), size=0.68, gesture="none")
def ice_cream(pen: Pen) -> None:
    """Three scoops in a waffle cone that stands in a glass holder: drips, sprinkles, a cherry."""
    first = pen.main(hex_colour("f0a0b8"))
    waffle = Material(hex_colour("d79a4e"))
    holder = Material(hex_colour("cfd8e2"), "glass")

    pen.shape([(-0.2, 0.58), (0.2, 0.58), (0.03, 0.06), (-0.03, 0.06)], waffle)
    for index in range(7):
        x = -0.18 + 0.06 * index
        for lean in (-0.13, 0.13):
            top = (x, 0.58)
            foot = (max(-0.1, min(0.1, (x + lean) * 0.55)), 0.3)
            pen.limb([top, foot], [0.01, 0.008], waffle.darker(0.6), line=False)
    for x, y, scoop in (
        (-0.17, 0.69, Material(hex_colour("7a4a2e"))), (0.17, 0.69, Material(hex_colour("f6e6bc"))),
        (0.0, 0.86, first),
    ):  # fmt: skip
        pen.ellipse(x, y, 0.19, 0.17, scoop)
        frill = [(x - 0.2 + 0.05 * i, y - 0.1 - (0.045 if i % 2 else 0.0)) for i in range(9)]
        pen.blob([(x - 0.19, y - 0.04), *frill, (x + 0.19, y - 0.04), (x, y - 0.02)], scoop,
                 line=False)  # fmt: skip
    for index in range(16):
        turn, far = 2.4 * index, 0.03 + 0.008 * index
        x, y = far * math.cos(turn), 0.92 + 0.6 * far * math.sin(turn)
        bit = Material(hex_colour(("ffffff", "f0c93a", "4fb0d8", "7ac46a")[index % 4]))
        pen.limb([(x, y), (x + 0.022 * math.cos(index), y + 0.022 * math.sin(index))],
                 [0.012, 0.012], bit, line=False)  # fmt: skip
    pen.ellipse(0.0, 1.03, 0.05, 0.05, CHERRY)
    pen.ellipse(-0.016, 1.045, 0.012, 0.01, SHINE, line=False)
    pen.limb([(0.0, 1.07), (0.03, 1.1), (0.08, 1.12)], [0.01, 0.008, 0.008], STALK)
    pen.limb([(-0.21, 0.585), (0.0, 0.57), (0.21, 0.585)], [0.045] * 3, waffle.lighter(0.12))
    pen.ellipse(0, 0.035, 0.2, 0.035, holder)
    pen.shape([(-0.16, 0.36), (0.16, 0.36), (0.07, 0.05), (-0.07, 0.05)], holder)
    pen.ring(0, 0.36, 0.16, 0.026, 0.016, holder)
