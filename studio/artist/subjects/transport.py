"""What carries people far or many at once: airplanes, helicopters, liners, motorcycles, buses."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material, arc
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.artist.subjects.vehicles import turned
from studio.media.raster import hex_colour

GLASS = Material(hex_colour("22303f"), "gloss")
SHEEN = Material(hex_colour("7f9bb4"), "gloss")
TYRE = Material(hex_colour("18191c"))
STEEL = Material(hex_colour("c3c9d0"), "metal")
LAMP = Material(hex_colour("fff3cf"), "light")
TAIL_LAMP = Material(hex_colour("ff3b30"), "light")


@subject(reach=(-1.0, 1.0, -0.36, 0.62), size=0.62, gesture="float")
def airplane(pen: Pen) -> None:
    """An airliner climbing to the left: long white body, swept wings, engines, colored fin."""
    shell = Material(hex_colour("f1f3f6"), "gloss")
    paint = pen.main(hex_colour("2f62b8"), "gloss")
    wing = Material(hex_colour("c8ced6"), "gloss")

    # The far wing and tailplane first: they rise behind the body.
    pen.shape([(-0.16, 0.16), (0.1, 0.16), (0.5, 0.46), (0.38, 0.47)], wing.darker(0.72).flat())
    pen.shape([(0.68, 0.2), (0.82, 0.2), (0.98, 0.34), (0.9, 0.35)], paint.darker(0.65).flat())
    pen.blob([(0.5, 0.2), (0.5, 0.2), (0.62, 0.3), (0.8, 0.6), (0.8, 0.6), (0.95, 0.6),
              (0.95, 0.6), (0.9, 0.17), (0.9, 0.17)], paint.flat(0.5))  # fmt: skip
    pen.limb([(0.72, 0.38), (0.925, 0.4)], [0.035, 0.035], shell, line=False)
    pen.blob([(-0.98, 0.0), (-0.94, 0.09), (-0.8, 0.17), (-0.6, 0.205), (-0.2, 0.21), (0.5, 0.21),
              (0.97, 0.2), (0.97, 0.2), (0.94, 0.13), (0.6, -0.04), (0.2, -0.1), (-0.6, -0.1),
              (-0.85, -0.08), (-0.95, -0.05)], shell)  # fmt: skip
    # A band of color from the nose widens into the tail.
    pen.blob([(-0.96, -0.02), (-0.6, -0.015), (0.2, -0.005), (0.62, 0.09), (0.94, 0.19),
              (0.94, 0.19), (0.93, 0.13), (0.6, -0.03), (0.2, -0.075), (-0.6, -0.075),
              (-0.9, -0.06)], paint.flat(0.6), line=False)  # fmt: skip
    pen.blob([(-0.9, 0.075), (-0.9, 0.075), (-0.82, 0.135), (-0.74, 0.155), (-0.74, 0.155),
              (-0.73, 0.09), (-0.73, 0.09)], GLASS)  # fmt: skip
    pen.limb([(-0.82, 0.08), (-0.8, 0.145)], [0.01, 0.01], shell, line=False)
    for index in range(17):
        x = -0.56 + 0.062 * index
        if index != 8:
            pen.box(x - 0.015, 0.06, x + 0.015, 0.108, GLASS, corner=0.014, line=False)
    for x in (-0.655, 0.52):
        pen.box(x - 0.03, -0.01, x + 0.03, 0.13, shell.darker(0.85).flat(0.1), corner=0.015)
    pen.shape([(0.66, 0.12), (0.84, 0.14), (1.0, 0.03), (0.92, 0.02)], paint.darker(0.8).flat(0.5))
    # The near wing comes towards the viewer, over its engines.
    for x, y, r in ((-0.2, -0.2, 0.075), (0.1, -0.25, 0.065)):
        pen.limb([(x - 0.02, y), (x + 0.19, y + 0.01)], [2 * r, 1.3 * r], shell.darker(0.9))
        pen.ellipse(x - 0.06, y, 0.04, r, paint)
        pen.ellipse(x - 0.07, y, 0.028, r * 0.78, Material(hex_colour("14171c"), "metal"))
        pen.ellipse(x - 0.07, y, 0.01, r * 0.25, STEEL)
    pen.blob([(-0.28, 0.0), (-0.28, 0.0), (-0.1, -0.12), (0.42, -0.34), (0.42, -0.34),
              (0.56, -0.345), (0.56, -0.345), (0.36, -0.12), (0.22, -0.02), (0.22, -0.02)],
             wing.flat(0.5))  # fmt: skip
    pen.shape([(0.43, -0.34), (0.56, -0.345), (0.62, -0.24), (0.56, -0.25)], paint.flat())
    pen.limb([(0.2, -0.06), (0.48, -0.31)], [0.008, 0.006], wing.darker(0.6), line=False)
    pen.ellipse(0.42, -0.335, 0.014, 0.012, TAIL_LAMP, line=False)


@subject(reach=(-0.9, 1.0, 0.0, 0.92), size=0.62, gesture="float")
def helicopter(pen: Pen) -> None:
    """A rescue helicopter facing left: round glass nose, tail boom, both rotors, skids."""
    body = pen.main(hex_colour("d9342b"), "gloss")
    white = Material(hex_colour("f3f1ec"), "gloss")
    dark = Material(hex_colour("2a2e35"), "metal")
    blade = Material(hex_colour("3a3f48"), "metal")

    pen.blob([(0.1, 0.5), (0.1, 0.5), (0.5, 0.47), (0.86, 0.46), (0.9, 0.5), (0.86, 0.54),
              (0.5, 0.6), (0.1, 0.66), (0.1, 0.66)], body)  # fmt: skip
    pen.blob([(0.72, 0.5), (0.72, 0.5), (0.86, 0.77), (0.86, 0.77), (0.96, 0.77), (0.96, 0.77),
              (0.91, 0.48), (0.91, 0.48)], body.darker(0.9))  # fmt: skip
    pen.blob([(0.74, 0.48), (0.74, 0.48), (0.86, 0.36), (0.93, 0.36), (0.93, 0.36), (0.9, 0.49)],
             white)  # fmt: skip
    for x in (-0.34, 0.12):
        pen.limb([(x, 0.22), (x - 0.04, 0.05)], [0.035, 0.03], dark)
    pen.limb([(-0.66, 0.11), (-0.6, 0.05), (-0.5, 0.035), (0.32, 0.035)], [0.03] * 4, dark)
    pen.box(-0.2, 0.66, 0.2, 0.78, body.darker(0.8), corner=0.05)
    pen.limb([(-0.02, 0.74), (-0.02, 0.88)], [0.05, 0.035], dark)
    pen.blob([(-0.72, 0.3), (-0.66, 0.2), (-0.45, 0.15), (0.05, 0.16), (0.3, 0.27), (0.44, 0.5),
              (0.3, 0.64), (0.0, 0.7), (-0.32, 0.69), (-0.55, 0.58), (-0.68, 0.44)],
             body)  # fmt: skip
    pen.blob([(-0.71, 0.28), (-0.4, 0.31), (0.1, 0.3), (0.36, 0.38), (0.3, 0.27), (0.05, 0.17),
              (-0.45, 0.16), (-0.65, 0.21)], white, line=False)  # fmt: skip
    pen.blob([(-0.69, 0.36), (-0.69, 0.36), (-0.63, 0.48), (-0.5, 0.59), (-0.36, 0.645),
              (-0.36, 0.645), (-0.34, 0.36), (-0.34, 0.36)], GLASS)  # fmt: skip
    pen.blob([(-0.6, 0.47), (-0.5, 0.56), (-0.42, 0.6), (-0.47, 0.52), (-0.55, 0.43)], SHEEN,
             line=False)  # fmt: skip
    pen.box(-0.28, 0.4, -0.06, 0.63, GLASS, corner=0.04)
    pen.box(0.0, 0.42, 0.17, 0.62, GLASS, corner=0.04)
    pen.shape([(-0.24, 0.5), (-0.16, 0.6), (-0.11, 0.6), (-0.22, 0.45)], SHEEN, line=False)
    pen.limb([(-0.03, 0.64), (-0.03, 0.22)], [0.008, 0.008], body.darker(0.5), line=False)
    pen.box(-0.11, 0.345, -0.06, 0.36, STEEL, corner=0.006)
    # A cross, as rescuers carry it.
    pen.box(0.225, 0.44, 0.265, 0.56, white.flat(), line=False)
    pen.box(0.185, 0.48, 0.305, 0.52, white.flat(), line=False)
    pen.ellipse(-0.52, 0.175, 0.03, 0.03, LAMP)
    # A blade that comes towards us looks short.
    near = max(0.12, abs(math.cos(math.pi * pen.phase)))
    for end, y in ((-0.86, 0.86), (0.88, 0.87)):
        points = [(-0.02, 0.89), (-0.02 + 0.45 * end * near, 0.885), (-0.02 + end * near, y)]
        pen.limb(points, [0.05, 0.045, 0.03], blade)
    pen.ellipse(-0.02, 0.89, 0.06, 0.028, STEEL)
    for angle in (35, 155, 275):
        turn = math.radians(angle + 120 * pen.phase)
        tip = (0.91 + 0.13 * math.cos(turn), 0.66 + 0.13 * math.sin(turn))
        pen.limb([(0.91, 0.66), tip], [0.03, 0.022], blade)
    pen.ellipse(0.91, 0.66, 0.026, 0.026, STEEL)


@subject(reach=(-1.0, 1.0, 0.0, 0.86), size=0.66, gesture="drive")
def bus(pen: Pen) -> None:
    """A city bus facing left: large windows lit from inside, two doors, a line number."""
    body = pen.main(hex_colour("e0a526"), "gloss")
    trim = Material(hex_colour("23272e"), "gloss")
    light = Material(hex_colour("f7dfa6"), "gloss")

    pen.box(-0.3, 0.8, 0.5, 0.86, body.darker(0.75), corner=0.04)
    pen.box(-0.98, 0.1, 0.98, 0.83, body.flat(0.22), corner=0.08)
    pen.box(-0.98, 0.1, 0.98, 0.2, trim.flat(), corner=0.03)
    pen.box(-0.95, 0.4, 0.95, 0.7, trim.flat(0.15), corner=0.04, line=False)
    pen.blob([(-0.985, 0.36), (-0.985, 0.36), (-0.95, 0.69), (-0.95, 0.69), (-0.83, 0.69),
              (-0.83, 0.69), (-0.83, 0.36), (-0.83, 0.36)], GLASS)  # fmt: skip
    pen.box(-0.97, 0.725, -0.7, 0.795, trim, corner=0.02)
    for index in range(3):
        pen.box(-0.9 + 0.06 * index, 0.74, -0.86 + 0.06 * index, 0.78,
                Material(hex_colour("ffb52e"), "light"), corner=0.01, line=False)  # fmt: skip
    for x in (-0.34, -0.08, 0.46, 0.72):
        pen.box(x, 0.425, x + 0.22, 0.675, light.flat(0.12), corner=0.025)
        pen.box(x + 0.015, 0.425, x + 0.205, 0.5, Material(hex_colour("a5643a")), corner=0.03,
                line=False)  # fmt: skip
        pen.shape([(x + 0.03, 0.53), (x + 0.1, 0.66), (x + 0.14, 0.66), (x + 0.07, 0.53)],
                  Material(hex_colour("fff6dc"), "gloss"), line=False)  # fmt: skip
    # Faces at two of the windows.
    for x, code in ((-0.25, "d79a72"), (0.58, "8a5a3c")):
        pen.ellipse(x, 0.5, 0.055, 0.06, Material(hex_colour("3d6fa8")))
        pen.ellipse(x, 0.57, 0.042, 0.05, Material(hex_colour(code), "skin"))
        pen.ellipse(x + 0.012, 0.605, 0.042, 0.028, Material(hex_colour("3a281c")), line=False)
    for x in (-0.78, 0.19):
        pen.box(x, 0.13, x + 0.36 if x < 0 else x + 0.22, 0.69, trim.darker(0.8).flat(0.1))
        wide = 0.17 if x < 0 else 0.1
        for side in (0, 1):
            left = x + 0.01 + side * (wide + 0.01)
            pen.box(left, 0.16, left + wide - 0.01, 0.67, SHEEN.darker(0.55).flat(0.15),
                    corner=0.02)  # fmt: skip
    pen.limb([(-0.4, 0.3), (0.0, 0.3), (0.17, 0.3)], [0.03] * 3, light, line=False)
    pen.limb([(0.44, 0.3), (0.94, 0.3)], [0.03, 0.03], light, line=False)
    pen.box(-0.985, 0.22, -0.9, 0.29, LAMP, corner=0.025)
    pen.box(0.93, 0.24, 0.985, 0.36, TAIL_LAMP, corner=0.015)
    pen.limb([(-0.97, 0.66), (-1.0, 0.62)], [0.02, 0.02], trim)
    pen.box(-1.02, 0.5, -0.985, 0.62, trim, corner=0.02)
    for x in (-0.3, 0.62):
        pen.shape(arc(x, 0.13, 0.185, 0.185, 0, 180), trim.darker(0.5))
        pen.ellipse(x, 0.145, 0.145, 0.145, TYRE)
        pen.ellipse(x, 0.145, 0.09, 0.09, STEEL)
        for turn in turned(pen, 5):
            hole = (x + 0.062 * math.cos(turn), 0.145 + 0.062 * math.sin(turn))
            pen.ellipse(*hole, 0.021, 0.021, STEEL.darker(0.25), line=False)
        pen.ellipse(x, 0.145, 0.04, 0.04, STEEL.darker(0.6))
        pen.ellipse(x, 0.145, 0.025, 0.025, body)


@subject(reach=(-0.92, 0.92, 0.0, 0.98), size=0.64, gesture="drive")
def motorcycle(pen: Pen) -> None:
    """A cruiser facing left: raked fork, teardrop tank, finned engine, low saddle, exhausts."""
    paint = pen.main(hex_colour("b5261f"), "gloss")
    chrome = Material(hex_colour("d3d8de"), "metal")
    iron = Material(hex_colour("2b2e34"), "metal")
    leather = Material(hex_colour("2c1f19"), "gloss")

    for x, r in ((-0.62, 0.275), (0.58, 0.265)):
        pen.ring(x, 0.275, r - 0.04, r - 0.04, 0.085, TYRE)
        pen.ring(x, 0.275, r - 0.09, r - 0.09, 0.028, chrome)
        for turn in turned(pen, 12):
            tip = (x + (r - 0.09) * math.cos(turn), 0.275 + (r - 0.09) * math.sin(turn))
            pen.limb([(x, 0.275), tip], [0.012, 0.01], chrome, line=False)
        pen.ellipse(x, 0.275, 0.085, 0.085, iron)
        pen.ellipse(x, 0.275, 0.045, 0.045, chrome)
    pen.limb([(-0.05, 0.2), (0.3, 0.25), (0.58, 0.275)], [0.05, 0.05, 0.045], iron)
    pen.limb([(0.36, 0.56), (0.58, 0.275)], [0.05, 0.06], chrome)
    pen.blob([(0.3, 0.5), (0.42, 0.585), (0.62, 0.6), (0.82, 0.5), (0.9, 0.36), (0.84, 0.38),
              (0.74, 0.49), (0.58, 0.53), (0.42, 0.5)], paint)  # fmt: skip
    pen.ellipse(0.865, 0.47, 0.03, 0.04, TAIL_LAMP)
    pen.limb([(-0.36, 0.68), (-0.28, 0.35), (-0.12, 0.17), (0.2, 0.17)], [0.045] * 4, iron)
    pen.box(-0.24, 0.16, 0.26, 0.34, iron.lighter(0.15), corner=0.07)
    for x, tilt in ((-0.12, 14), (0.12, -14)):
        pen.box(x - 0.085, 0.3, x + 0.085, 0.53, iron, corner=0.03, tilt=tilt)
        for fin in range(5):
            y = 0.33 + 0.042 * fin
            lean = -math.tan(math.radians(tilt)) * (y - 0.41)
            pen.limb([(x - 0.095 + lean, y), (x + 0.095 + lean, y)], [0.016, 0.016], chrome,
                     line=False)  # fmt: skip
    pen.ellipse(0.0, 0.25, 0.105, 0.105, chrome)
    pen.ellipse(0.0, 0.25, 0.07, 0.07, chrome.darker(0.7))
    pen.limb([(-0.14, 0.33), (-0.2, 0.2), (-0.05, 0.11), (0.4, 0.11), (0.86, 0.15)],
             [0.04, 0.045, 0.05, 0.07, 0.085], chrome)  # fmt: skip
    pen.blob([(-0.02, 0.57), (0.08, 0.54), (0.3, 0.53), (0.5, 0.58), (0.7, 0.62), (0.72, 0.68),
              (0.56, 0.67), (0.42, 0.63), (0.3, 0.62), (0.12, 0.66)], leather)  # fmt: skip
    pen.blob([(-0.42, 0.66), (-0.36, 0.74), (-0.2, 0.77), (-0.02, 0.71), (0.12, 0.59),
              (0.1, 0.54), (-0.1, 0.53), (-0.32, 0.56)], paint)  # fmt: skip
    pen.blob([(-0.3, 0.66), (-0.16, 0.69), (0.02, 0.62), (-0.12, 0.61), (-0.26, 0.61)],
             Material(hex_colour("f2e0b4"), "gloss"), line=False)  # fmt: skip
    pen.ellipse(-0.2, 0.765, 0.035, 0.016, chrome)
    pen.limb([(-0.4, 0.84), (-0.5, 0.56), (-0.62, 0.275)], [0.06, 0.055, 0.045], chrome)
    pen.limb([(-0.46, 0.68), (-0.55, 0.46)], [0.075, 0.07], iron)
    pen.blob([(-0.92, 0.36), (-0.86, 0.52), (-0.68, 0.595), (-0.5, 0.56), (-0.42, 0.46),
              (-0.5, 0.5), (-0.64, 0.535), (-0.8, 0.47)], paint)  # fmt: skip
    pen.limb([(-0.4, 0.8), (-0.36, 0.92), (-0.24, 0.94), (-0.12, 0.9)], [0.03] * 4, chrome)
    pen.limb([(-0.2, 0.93), (-0.08, 0.885)], [0.055, 0.05], leather)
    pen.limb([(-0.34, 0.92), (-0.3, 0.97)], [0.014, 0.014], chrome)
    pen.ellipse(-0.28, 0.965, 0.05, 0.03, chrome, tilt=15)
    pen.blob([(-0.46, 0.86), (-0.38, 0.82), (-0.38, 0.7), (-0.46, 0.66), (-0.56, 0.68),
              (-0.57, 0.83)], chrome)  # fmt: skip
    pen.ellipse(-0.565, 0.755, 0.035, 0.085, LAMP)


@subject(reach=(-1.0, 1.0, -0.06, 0.82), size=0.66, gesture="sway")
def liner(pen: Pen) -> None:
    """An ocean liner steaming to the left: dark hull, white decks, lit portholes, raked funnels."""
    hull = pen.main(hex_colour("1f2a3c"), "gloss")
    white = Material(hex_colour("f1efe8"), "gloss")
    red = Material(hex_colour("b5342a"), "gloss")
    lit = Material(hex_colour("ffe0a0"), "light")

    for x, top in ((-0.66, 0.78), (0.66, 0.74)):
        pen.limb([(x, 0.26), (x + 0.03, top)], [0.022, 0.012], Material(hex_colour("8a6440")))
        pen.limb([(x + 0.03, top - 0.02), (0.0, 0.62)], [0.005, 0.005], white.darker(0.7))
    for x in (-0.28, 0.02, 0.32):
        pen.shape([(x - 0.085, 0.44), (x + 0.07, 0.44), (x + 0.115, 0.74), (x - 0.03, 0.74)], red)
        pen.shape([(x - 0.043, 0.665), (x + 0.104, 0.665), (x + 0.116, 0.745), (x - 0.031, 0.745)],
                  Material(hex_colour("1a1b1f"), "gloss"))  # fmt: skip
    for left, right, low in ((-0.66, 0.72, 0.24), (-0.56, 0.6, 0.33), (-0.46, 0.48, 0.42)):
        pen.box(left, low, right, low + 0.1, white.flat(0.3), corner=0.03)
        pen.limb([(left, low + 0.095), (right, low + 0.095)], [0.014, 0.014], white.lighter(0.5))
        for index in range(int((right - left - 0.08) / 0.062)):
            x = left + 0.06 + 0.062 * index
            pen.box(x - 0.016, low + 0.03, x + 0.016, low + 0.068, lit if index % 4 else GLASS,
                    corner=0.008, line=False)  # fmt: skip
    pen.box(-0.5, 0.5, -0.36, 0.58, white, corner=0.02)
    pen.box(-0.505, 0.525, -0.4, 0.56, GLASS, corner=0.01)
    for x in (-0.12, 0.18, 0.44):
        pen.limb([(x - 0.055, 0.455), (x + 0.055, 0.455)], [0.035, 0.035], red.lighter(0.2))
    pen.blob([(-0.98, 0.33), (-0.98, 0.33), (-0.7, 0.26), (-0.3, 0.235), (0.4, 0.235),
              (0.98, 0.28), (0.98, 0.28), (0.96, 0.12), (0.86, -0.05), (0.86, -0.05), (0, -0.06),
              (-0.84, -0.05), (-0.84, -0.05), (-0.92, 0.14)], hull.flat(0.7))  # fmt: skip
    pen.blob([(-0.88, 0.025), (-0.88, 0.025), (0.91, 0.03), (0.91, 0.03), (0.86, -0.05),
              (0.86, -0.05), (-0.84, -0.05), (-0.84, -0.05)], red, line=False)  # fmt: skip
    pen.limb([(-0.96, 0.315), (-0.7, 0.25), (-0.3, 0.225), (0.4, 0.225), (0.96, 0.265)],
             [0.02] * 5, white, line=False)  # fmt: skip
    for index in range(22):
        pen.ellipse(-0.74 + 0.07 * index, 0.145, 0.014, 0.014, lit, line=False)
    pen.limb([(-0.86, 0.22), (-0.855, 0.13)], [0.012, 0.012], STEEL)
    pen.limb([(-0.89, 0.15), (-0.855, 0.12), (-0.82, 0.15)], [0.014, 0.018, 0.014], STEEL)


@subject(reach=(-1.05, 1.05, -0.04, 0.62), size=0.66, gesture="none")
def bridge(pen: Pen) -> None:
    """An old stone bridge: three arches, wedge stones, pointed piers, a parapet with lamps."""
    stone = pen.main(hex_colour("b3a284"))
    arches = ((-0.6, 0.22, 0.27), (0.0, 0.28, 0.38), (0.6, 0.22, 0.27))

    def deck(x: float) -> float:
        return 0.5 - 0.12 * x * x

    for x in (-0.82, -0.3, 0.3, 0.82):
        pen.limb(
            [(x, deck(x)), (x, deck(x) + 0.13)], [0.016, 0.012], Material(hex_colour("2b2d33"))
        )
        pen.ellipse(x, deck(x) + 0.145, 0.03, 0.034, Material(hex_colour("ffdc98"), "light"))
    outline = [(-1.05, deck(-1.05))]
    outline += [(-1.05 + 0.105 * i, deck(-1.05 + 0.105 * i)) for i in range(1, 21)]
    outline += [(1.05, -0.03)]
    for x, wide, high in reversed(arches):
        outline += [(x + wide, -0.03), *arc(x, 0.0, wide, high, 0, 180, 24), (x - wide, -0.03)]
    outline += [(-1.05, -0.03)]
    pen.shape(outline, stone.flat(0.15))
    for row in range(7):
        y = 0.05 + 0.06 * row
        for column in range(30):
            x = -1.02 + 0.07 * column + 0.035 * (row % 2)
            open_here = any(
                ((x - a) / (w + 0.09)) ** 2 + (y / (h + 0.07)) ** 2 < 1 for a, w, h in arches
            )
            if abs(x) < 1.0 and not open_here and y < deck(x) - 0.1:
                shade = 0.86 + 0.22 * float(pen.rng.random())
                pen.box(x - 0.029, y - 0.022, x + 0.029, y + 0.022, stone.darker(shade).flat(0.4),
                        corner=0.008, line=False)  # fmt: skip
    for x, wide, high in arches:
        for index in range(15):
            turn = math.radians(6 + 12 * index)
            px, py = x + (wide + 0.028) * math.cos(turn), (high + 0.028) * math.sin(turn)
            lean = math.degrees(math.atan2(py / high, (px - x) / wide))
            pen.box(px - 0.032, py - 0.024, px + 0.032, py + 0.024,
                    stone.lighter(0.12 if index % 2 else 0.22), corner=0.008,
                    tilt=lean)  # fmt: skip
    for x in (-0.33, 0.33):
        pen.blob([(x - 0.07, -0.04), (x - 0.07, -0.04), (x - 0.055, 0.17), (x, 0.23),
                  (x + 0.055, 0.17), (x + 0.07, -0.04), (x + 0.07, -0.04)],
                 stone.darker(0.9))  # fmt: skip
    rail = [(-1.03 + 0.206 * i, deck(-1.03 + 0.206 * i)) for i in range(11)]
    pen.limb([(x, y - 0.07) for x, y in rail], [0.022] * 11, stone.darker(0.8))
    pen.limb(rail, [0.045] * 11, stone.lighter(0.2))
