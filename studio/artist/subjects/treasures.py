"""What one comes upon, indoors and out: books, clocks, pianos, swords, tents, fires, mills."""

from __future__ import annotations

import math
from itertools import pairwise

from studio.artist.drawing.figure import Material, Point
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

GOLD = Material(hex_colour("e0b040"), "metal")
STEEL = Material(hex_colour("cfd5dc"), "metal")
INK = Material(hex_colour("23242a"), "gloss")
PAPER = Material(hex_colour("f6eeda"))
WOOD = Material(hex_colour("7a5232"))
BARK = Material(hex_colour("6a4630"))
STONE = Material(hex_colour("8b8d8f"))
LIT = Material(hex_colour("ffd98a"), "light")
SNOW = Material(hex_colour("f4f8ff"))


@subject(reach=(-0.52, 0.52, 0.0, 1.08), size=0.72, gesture="sway")
def snowman(pen: Pen) -> None:
    """Three balls of snow with a hat, coal eyes, a carrot, a striped scarf and stick arms."""
    scarf = pen.main(hex_colour("c8322e"))

    for x, wide in ((-0.3, 0.12), (0.27, 0.15), (0.36, 0.08)):
        pen.ellipse(x, 0.035, wide, 0.05, SNOW.darker(0.95))
    for side in (-1, 1):
        arm: list[Point] = [(0.2 * side, 0.55), (0.36 * side, 0.63), (0.5 * side, 0.74)]
        pen.limb(arm, [0.03, 0.026, 0.016], BARK)
        for tip in ((0.5, 0.66), (0.42, 0.77)):
            pen.limb([(0.41 * side, 0.665), (tip[0] * side, tip[1])], [0.018, 0.008], BARK)
    pen.ellipse(0, 0.235, 0.335, 0.24, SNOW)
    pen.ellipse(0, 0.545, 0.235, 0.2, SNOW)
    pen.ellipse(0, 0.79, 0.175, 0.16, SNOW)
    pen.blob([(0.04, 0.69), (0.12, 0.68), (0.19, 0.56), (0.2, 0.43), (0.1, 0.42), (0.09, 0.55)],
             scarf.darker(0.85))  # fmt: skip
    for y in (0.46, 0.52, 0.58):
        pen.limb([(0.1, y), (0.19, y + 0.015)], [0.018, 0.018], PAPER, line=False)
    pen.limb([(-0.17, 0.68), (-0.08, 0.645), (0.08, 0.645), (0.17, 0.68)], [0.075] * 4, scarf)
    for x, y in ((-0.1, 0.65), (0.0, 0.64), (0.1, 0.65)):
        pen.limb([(x - 0.006, y - 0.033), (x + 0.006, y + 0.033)], [0.02, 0.02], PAPER, line=False)
    for y in (0.57, 0.48, 0.32):
        pen.ellipse(-0.02, y, 0.022, 0.022, INK)
    for x in (-0.085, 0.055):
        pen.ellipse(x, 0.835, 0.024, 0.028, INK)
        pen.ellipse(x - 0.007, 0.845, 0.006, 0.006, Material((1, 1, 1), "light"), line=False)
    for turn in range(5):
        angle = math.radians(212 + 26 * turn)
        pen.ellipse(-0.015 + 0.1 * math.cos(angle), 0.79 + 0.09 * math.sin(angle), 0.012, 0.012,
                    INK)  # fmt: skip
    pen.blob([(0.01, 0.815), (0.01, 0.75), (-0.1, 0.755), (-0.26, 0.755), (-0.26, 0.755),
              (-0.1, 0.81)], Material(hex_colour("f0802a"), "gloss"))  # fmt: skip
    pen.box(-0.13, 0.9, 0.13, 1.06, INK, corner=0.02)
    pen.box(-0.132, 0.92, 0.132, 0.965, scarf, corner=0.01)
    pen.limb([(-0.21, 0.915), (0, 0.905), (0.21, 0.915)], [0.035, 0.045, 0.035], INK)


@subject(reach=(-0.62, 0.62, 0.0, 0.92), size=0.52)
def campfire(pen: Pen) -> None:
    """A camp fire: logs leaning together in a ring of stones, flames in four colours."""
    stone_at = [(x, 0.1 + 0.03 * math.cos(1.5 * x)) for x in (-0.42, -0.22, 0.0, 0.22, 0.42)]
    for x, y in stone_at:
        pen.ellipse(x, y + 0.05, 0.1, 0.06, STONE.darker(0.6))
    for x0, x1 in ((-0.44, 0.24), (0.44, -0.24)):
        pen.limb([(x0, 0.1), (x1, 0.34)], [0.11, 0.09], BARK)
    for wide, high, code in (
        (0.34, 0.86, "f2501c"), (0.26, 0.68, "ff8a1f"), (0.175, 0.5, "ffc038"),
        (0.09, 0.34, "fff2b4"),
    ):  # fmt: skip
        sway = 0.05 * wide / 0.34
        pen.blob([(0, 0.1), (wide * 0.75, 0.12), (wide, 0.26), (wide * 0.92, 0.36 * high + 0.1),
                  (wide * 0.98, 0.7 * high), (wide * 0.98, 0.7 * high), (wide * 0.6, 0.58 * high),
                  (wide * 0.42, 0.72 * high), (sway, high), (sway, high),
                  (-wide * 0.25, 0.74 * high), (-wide * 0.5, 0.6 * high),
                  (-wide * 0.78, 0.8 * high), (-wide * 0.78, 0.8 * high),
                  (-wide * 0.95, 0.5 * high), (-wide, 0.26), (-wide * 0.75, 0.12)],
                 Material(hex_colour(code), "light"))  # fmt: skip
    for x0, x1, y1 in ((-0.5, 0.3, 0.2), (0.5, -0.26, 0.22), (-0.16, 0.1, 0.3)):
        pen.limb([(x0, 0.07), (x1, y1)], [0.12, 0.1], BARK)
        pen.ellipse(x0, 0.07, 0.045, 0.058, Material(hex_colour("c99a62")))
        pen.ring(x0, 0.07, 0.024, 0.03, 0.008, BARK)
    for index, x in enumerate((-0.52, -0.3, -0.07, 0.16, 0.36, 0.54)):
        grey = STONE.darker(0.8 + 0.1 * (index % 3))
        pen.ellipse(x, 0.055, 0.115, 0.06 + 0.012 * (index % 2), grey, tilt=8 * (index % 3) - 8)
    for x, y in ((-0.3, 0.72), (0.34, 0.82), (-0.1, 0.88), (0.24, 0.9), (-0.38, 0.5)):
        pen.ellipse(x, y, 0.012, 0.014, Material(hex_colour("ffb648"), "light"), line=False)


@subject(reach=(-0.8, 0.8, 0.0, 0.9), size=0.62, gesture="none")
def tent(pen: Pen) -> None:
    """A ridge tent from the corner: taut cloth, an open door lit from inside, ropes and pegs."""
    cloth = pen.main(hex_colour("e08a2c"))
    rope = Material(hex_colour("e9dfc6"))

    for top, foot in (((0.5, 0.72), (0.78, 0.03)), ((-0.18, 0.82), (-0.76, 0.03))):
        pen.limb([top, foot], [0.011, 0.011], rope)
        pen.limb([(foot[0] - 0.015, 0.0), (foot[0] + 0.015, 0.075)], [0.022, 0.022], WOOD)
    pen.blob([(-0.18, 0.82), (-0.18, 0.82), (0.16, 0.745), (0.5, 0.72), (0.5, 0.72), (0.57, 0.36),
              (0.7, 0.03), (0.7, 0.03), (0.2, 0.0), (0.2, 0.0)],
             cloth.darker(0.8).flat(0.2))  # fmt: skip
    for x in (0.2, 0.36):
        pen.limb([(x - 0.1, 0.745), (x + 0.06, 0.4), (x + 0.2, 0.03)], [0.008] * 3,
                 cloth.darker(0.55), line=False)  # fmt: skip
    pen.box(0.33, 0.34, 0.47, 0.47, Material(hex_colour("e09a44"), "light"), corner=0.02, tilt=-3)
    pen.blob([(-0.18, 0.84), (-0.18, 0.84), (-0.36, 0.46), (-0.62, 0.0), (-0.62, 0.0), (0.24, 0.0),
              (0.24, 0.0), (0.0, 0.44)], cloth.flat(0.2))  # fmt: skip
    pen.shape([(-0.18, 0.72), (-0.4, 0.0), (0.06, 0.0)], Material(hex_colour("d8862e"), "light"))
    pen.shape([(-0.18, 0.6), (-0.3, 0.0), (-0.03, 0.0)], Material(hex_colour("f0a844"), "light"),
              line=False)  # fmt: skip
    pen.blob([(-0.36, 0.08), (-0.2, 0.1), (-0.02, 0.07), (0.04, 0.0), (0.04, 0.0), (-0.38, 0.0),
              (-0.38, 0.0)], Material(hex_colour("3d6fa8")))  # fmt: skip
    pen.blob([(-0.18, 0.74), (-0.18, 0.74), (-0.34, 0.42), (-0.5, 0.0), (-0.5, 0.0), (-0.4, 0.0),
              (-0.4, 0.0), (-0.33, 0.24), (-0.36, 0.3), (-0.27, 0.42)],
             cloth.lighter(0.2))  # fmt: skip
    pen.blob([(-0.18, 0.74), (-0.18, 0.74), (-0.06, 0.42), (0.13, 0.0), (0.13, 0.0), (0.05, 0.0),
              (0.05, 0.0), (-0.03, 0.24), (0.0, 0.3), (-0.09, 0.42)],
             cloth.lighter(0.2))  # fmt: skip
    pen.limb([(-0.18, 0.88), (-0.18, 0.78)], [0.03, 0.03], WOOD)


@subject(reach=(-0.48, 0.48, 0.0, 1.06), size=0.76, gesture="none")
def cactus(pen: Pen) -> None:
    """A saguaro with two raised arms: ribs, pale spines, pink flowers at its tips, stones."""
    skin = pen.main(hex_colour("4c8a4a"))
    flower = Material(hex_colour("ee5f98"), "gloss")
    stem: list[Point] = [(0.0, 0.02), (0.0, 0.5), (0.0, 0.9)]
    left: list[Point] = [(-0.06, 0.36), (-0.24, 0.36), (-0.35, 0.44), (-0.35, 0.7)]
    right: list[Point] = [(0.06, 0.48), (0.22, 0.48), (0.33, 0.56), (0.33, 0.82)]

    for branch, wide in ((left, 0.16), (right, 0.15), (stem, 0.26)):
        pen.limb(branch, [wide * 0.92, wide, wide, wide * 0.9], skin)
        tall = branch[-2:] if branch is not stem else stem
        for lane in (-0.32, -0.12, 0.12, 0.32):
            x, (_, low), (_, high) = tall[-1][0] + wide * lane, tall[0], tall[-1]
            pen.limb([(x, low), (x, high)], [0.012, 0.012], skin.darker(0.55), line=False)
            for index in range(int((high - low) / 0.07)):
                y = low + 0.035 + 0.07 * index
                for lean in (-0.02, 0.02):
                    pen.limb([(x + wide * 0.1, y), (x + wide * 0.1 + lean, y + 0.022)],
                             [0.006, 0.003], PAPER, line=False)  # fmt: skip
        x, y = branch[-1]
        for turn in (-40, 0, 40) if branch is not right else ():
            pen.ellipse(x + 0.04 * math.sin(math.radians(turn)), y + wide * 0.5, 0.026, 0.05,
                        flower, tilt=-turn)  # fmt: skip
    for x, wide in ((-0.22, 0.1), (0.2, 0.13), (0.34, 0.07)):
        pen.ellipse(x, 0.035, wide, 0.05, STONE.darker(0.85))


@subject(reach=(-0.5, 0.5, 0.0, 1.06), size=0.62, gesture="none")
def clock(pen: Pen) -> None:
    """An alarm clock: two bells and a hammer, round case, hours, hands at ten past ten."""
    case = pen.main(hex_colour("2a9d9a"), "gloss")
    for side in (-1, 1):
        pen.limb([(0.2 * side, 0.18), (0.3 * side, 0.02)], [0.06, 0.045], GOLD)
        pen.limb([(0.2 * side, 0.74), (0.26 * side, 0.86)], [0.035, 0.035], GOLD)
        pen.blob([(0.1 * side, 0.93), (0.14 * side, 1.0), (0.28 * side, 0.99), (0.41 * side, 0.86),
                  (0.42 * side, 0.77), (0.42 * side, 0.77), (0.1 * side, 0.93)], GOLD)  # fmt: skip
    pen.limb([(0, 0.82), (0, 0.95)], [0.02, 0.02], STEEL)
    pen.ellipse(0, 0.96, 0.05, 0.034, STEEL)
    pen.ellipse(0, 0.45, 0.4, 0.4, case)
    pen.ring(0, 0.45, 0.335, 0.335, 0.03, GOLD)
    pen.ellipse(0, 0.45, 0.325, 0.325, Material(hex_colour("fbf7ec")).flat(0.08))
    for minute in range(60):
        turn, big = math.radians(6 * minute), minute % 5 == 0
        near = 0.255 if minute % 15 == 0 else 0.27 if big else 0.295
        pen.limb([(near * math.sin(turn), 0.45 + near * math.cos(turn)),
                  (0.305 * math.sin(turn), 0.45 + 0.305 * math.cos(turn))],
                 [0.024 if big else 0.006] * 2, INK, line=False)  # fmt: skip
    red = Material(hex_colour("d8432f"), "gloss")
    for degrees, far, wide, ink in ((305, 0.17, 0.036, INK), (60, 0.245, 0.026, INK),
                                    (198, 0.25, 0.01, red)):  # fmt: skip
        turn = math.radians(degrees)
        pen.limb([(-0.04 * math.sin(turn), 0.45 - 0.04 * math.cos(turn)),
                  (far * math.sin(turn), 0.45 + far * math.cos(turn))], [wide, wide * 0.5],
                 ink)  # fmt: skip
    pen.ellipse(0, 0.45, 0.028, 0.028, red)


@subject(reach=(-0.85, 0.85, 0.0, 1.1), size=0.66, gesture="none")
def piano(pen: Pen) -> None:
    """A grand piano from the side, keys to the left: raised lid, gilt frame, brass castors."""
    black = pen.main(hex_colour("1e1d22"), "gloss")
    pen.limb([(-0.42, 0.06), (-0.3, 0.42)], [0.03, 0.03], GOLD.darker(0.7))
    for x in (-0.58, 0.1, 0.62):
        pen.blob([(x - 0.055, 0.44), (x - 0.055, 0.44), (x + 0.055, 0.44), (x + 0.055, 0.44),
                  (x + 0.03, 0.3), (x + 0.03, 0.08), (x - 0.03, 0.08), (x - 0.03, 0.3)],
                 black.darker(0.8 if x else 0.6))  # fmt: skip
        pen.ellipse(x, 0.04, 0.035, 0.04, GOLD)
    pen.blob([(-0.42, 0.62), (-0.42, 0.62), (-0.3, 1.04), (-0.3, 1.04), (0.2, 1.08), (0.56, 1.0),
              (0.8, 0.78), (0.82, 0.62), (0.82, 0.62)], black.lighter(0.05).flat(0.15))  # fmt: skip
    pen.blob([(-0.34, 0.62), (-0.34, 0.62), (-0.24, 0.99), (-0.24, 0.99), (0.2, 1.02), (0.5, 0.95),
              (0.72, 0.76), (0.75, 0.62), (0.75, 0.62)],
             Material(hex_colour("6e3a1c"), "gloss").flat(0.1), line=False)  # fmt: skip
    pen.blob([(-0.4, 0.6), (-0.3, 0.7), (0.1, 0.72), (0.5, 0.69), (0.78, 0.61), (0.4, 0.58)],
             GOLD.flat())  # fmt: skip
    for index in range(12):
        x = -0.28 + 0.08 * index
        pen.limb([(x, 0.6), (x + 0.02, 0.7 - 0.003 * index)], [0.006, 0.006], GOLD.darker(0.5),
                 line=False)  # fmt: skip
    pen.limb([(0.46, 0.62), (0.34, 0.97)], [0.024, 0.018], black)
    pen.box(-0.62, 0.42, 0.84, 0.62, black.flat(0.5), corner=0.03)
    pen.box(-0.84, 0.42, -0.5, 0.5, black, corner=0.025)
    pen.box(-0.82, 0.495, -0.5, 0.53, PAPER.as_finish("gloss"), corner=0.01)
    for index in range(9):
        x = -0.79 + 0.033 * index
        pen.limb([(x, 0.498), (x, 0.528)], [0.004, 0.004], INK, line=False)
        if index % 4 != 2:
            pen.box(x - 0.009, 0.522, x + 0.011, 0.545, INK, line=False)
    pen.blob([(-0.5, 0.42), (-0.5, 0.42), (-0.5, 0.66), (-0.46, 0.69), (-0.42, 0.62), (-0.42, 0.42),
              (-0.42, 0.42)], black)  # fmt: skip
    pen.shape([(-0.46, 0.64), (-0.4, 0.86), (-0.22, 0.83), (-0.28, 0.62)], PAPER.flat(0.1))
    for index in range(5):
        y = 0.67 + 0.034 * index
        pen.limb([(-0.44 + 0.009 * index, y + 0.01), (-0.28 + 0.009 * index, y - 0.01)],
                 [0.006, 0.006], INK, line=False)  # fmt: skip
    pen.limb([(-0.4, 0.57), (0.2, 0.57), (0.78, 0.57)], [0.006, 0.01, 0.004], black.lighter(0.5),
             line=False)  # fmt: skip


@subject(reach=(-0.78, 0.78, 0.0, 0.74), size=0.6, gesture="none")
def book(pen: Pen) -> None:
    """A book lying open: leather cover with gilt corners, swelling pages, a red ribbon."""
    cover = pen.main(hex_colour("7a2f26"), "gloss")
    pen.blob([(-0.76, 0.06), (-0.76, 0.06), (-0.6, 0.66), (-0.6, 0.66), (0.6, 0.66), (0.6, 0.66),
              (0.76, 0.06), (0.76, 0.06), (0.06, 0.0), (-0.06, 0.0)], cover.flat(0.1))  # fmt: skip
    for side in (-1, 1):
        for layer in range(4):
            low, wide = 0.05 + 0.018 * layer, 0.7 - 0.012 * layer
            pen.blob([(0, low), (0, low), (0.2 * side, low + 0.055), (0.45 * side, low + 0.05),
                      (wide * side, low + 0.035), (wide * side, low + 0.035),
                      ((wide - 0.14) * side, 0.64 + 0.01 * layer),
                      ((wide - 0.14) * side, 0.64 + 0.01 * layer), (0.36 * side, 0.69),
                      (0.14 * side, 0.68), (0, 0.62), (0, 0.62)],
                     PAPER.darker(0.8 + 0.066 * layer).flat(0.12))  # fmt: skip
        for line in range(9):
            part = line / 8
            y = 0.2 + 0.41 * part
            near = 0.3 if side > 0 and line > 5 else 0.07
            far = 0.6 - 0.1 * part if line else 0.34
            pen.limb([(near * side, y - 0.012), ((near + far) / 2 * side, y + 0.02),
                      (far * side, y + 0.008)], [0.013] * 3, INK.lighter(0.25),
                     line=False)  # fmt: skip
        pen.shape([(0.76 * side, 0.06), (0.64 * side, 0.05), (0.735 * side, 0.15)], GOLD)
    # A great first letter, as old books have it.
    pen.box(0.07, 0.5, 0.25, 0.645, cover.flat(0.1), corner=0.01)
    pen.limb([(0.1, 0.52), (0.16, 0.63), (0.22, 0.52)], [0.02] * 3, GOLD, line=False)
    pen.blob([(-0.015, 0.63), (0.02, 0.63), (0.03, 0.3), (0.05, 0.04), (0.1, -0.02), (0.05, 0.0),
              (0.0, 0.05), (-0.005, 0.3)], Material(hex_colour("c8322e"), "gloss"))  # fmt: skip


@subject(reach=(-0.52, 0.52, 0.0, 1.08), size=0.72, gesture="none")
def sword(pen: Pen) -> None:
    """A sword in the stone: bright fullered blade, gilt cross-guard, red grip, mossy boulder."""
    blade = pen.main(hex_colour("dfe5ec"), "metal").as_finish("metal")
    moss = Material(hex_colour("5f8a3e"))

    pen.blob([(-0.06, 0.82), (-0.06, 0.82), (0.06, 0.82), (0.06, 0.82), (0.055, 0.3), (0.05, 0.25),
              (-0.05, 0.25), (-0.055, 0.3)], blade)  # fmt: skip
    pen.limb([(0, 0.8), (0, 0.42)], [0.024, 0.014], STEEL.darker(0.5), line=False)
    pen.ellipse(0, 1.03, 0.05, 0.046, GOLD)
    pen.limb([(0, 0.83), (0, 1.0)], [0.06, 0.05], Material(hex_colour("8a2a26"), "gloss"))
    for y in (0.87, 0.9, 0.93, 0.96):
        pen.limb([(-0.028, y - 0.008), (0.028, y + 0.008)], [0.01, 0.01], GOLD, line=False)
    pen.limb([(-0.24, 0.8), (-0.12, 0.825), (0.12, 0.825), (0.24, 0.8)], [0.05, 0.06, 0.06, 0.05],
             GOLD)  # fmt: skip
    pen.both(lambda side: pen.ellipse(0.25 * side, 0.795, 0.038, 0.038, GOLD))
    pen.ellipse(0, 0.825, 0.032, 0.032, Material(hex_colour("3a6fc4"), "gloss"))
    pen.blob([(-0.5, 0.0), (-0.5, 0.0), (-0.46, 0.14), (-0.36, 0.27), (-0.2, 0.33), (-0.05, 0.36),
              (0.0, 0.33), (0.06, 0.37), (0.22, 0.34), (0.36, 0.24), (0.47, 0.12), (0.5, 0.0),
              (0.5, 0.0)], STONE.flat(0.6))  # fmt: skip
    for x, y in ((-0.22, 0.3), (0.07, 0.33), (0.3, 0.26)):
        crack = [(x, y), (x + 0.05, y - 0.12), (x - 0.01, y - 0.22)]
        pen.limb(crack, [0.014, 0.01, 0.004], STONE.darker(0.45), line=False)
    for x, y, lean in ((-0.36, 0.22, 30), (0.24, 0.3, -25), (-0.1, 0.04, 0), (0.38, 0.05, -25)):
        pen.ellipse(x, y, 0.11, 0.035, moss, tilt=lean)


@subject(reach=(-0.62, 0.62, 0.0, 0.98), size=0.6, gesture="none")
def umbrella(pen: Pen) -> None:
    """An open umbrella set down on its rim and its crook: eight gores, ribs, a steel tip."""
    cloth = pen.main(hex_colour("c8322e"))
    lean = math.radians(38)

    def at(x: float, y: float) -> Point:
        turned = complex(x, y) * complex(math.cos(lean), math.sin(lean))
        return turned.real + 0.3, turned.imag + 0.065

    tips = [(-0.58, 0.5), (-0.42, 0.43), (-0.15, 0.4), (0.15, 0.4), (0.42, 0.43), (0.58, 0.5)]
    pen.blob([at(-0.58, 0.5), at(-0.3, 0.55), at(0.3, 0.55), at(0.58, 0.5), at(0.3, 0.42),
              at(-0.3, 0.42)], cloth.darker(0.45))  # fmt: skip
    pen.limb([at(0, 0.85), at(0, 0.05)], [0.026, 0.026], STEEL)
    pen.limb([at(0, 0.12), at(0, 0.0), at(0.05, -0.06), at(0.11, -0.03), at(0.115, 0.02)],
             [0.05] * 5, WOOD.as_finish("gloss"))  # fmt: skip
    pen.limb([at(0, 0.9), at(0, 1.0)], [0.03, 0.012], STEEL)
    for index, (one, two) in enumerate(pairwise(tips)):
        middle = ((one[0] + two[0]) / 2, (one[1] + two[1]) / 2 + 0.05)
        pen.blob([at(0, 0.93), at(0, 0.93), at(one[0] * 0.72, 0.8 - 0.1 * abs(one[0])), at(*one),
                  at(*one), at(*middle), at(*two), at(*two),
                  at(two[0] * 0.72, 0.8 - 0.1 * abs(two[0]))],
                 cloth.lighter(0.1) if index % 2 else cloth)  # fmt: skip
    for x, y in tips:
        pen.ellipse(*at(x, y), 0.012, 0.012, STEEL)
