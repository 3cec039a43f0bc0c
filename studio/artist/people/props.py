"""What people hold or sit on, drawn at their hands."""

from __future__ import annotations

from collections.abc import Callable

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.people.frames import BodyFrame
from studio.media.raster import hex_colour

STEEL = Material(hex_colour("c9d0d8"), "metal")
GOLD = Material(hex_colour("e2b040"), "metal")
WOOD = Material(hex_colour("8a5a34"))
DARK = Material(hex_colour("23252b"), "gloss")


def draw_thing(body: BodyFrame, name: str, *, behind: bool) -> None:
    """behind: asked once before the body is drawn and once after it."""
    draw, hidden = THINGS.get(name, (None, False))
    if draw and hidden == behind:
        draw(body)


def draw_seat(pen: Pen, x: float, y: float) -> None:
    """A wooden bench."""
    for leg in (-0.13, 0.17):
        pen.box(x + leg - 0.016, 0.0, x + leg + 0.016, y, WOOD.darker(0.7))
    pen.box(x - 0.2, y - 0.03, x + 0.25, y + 0.015, WOOD, corner=0.01)


def _sword(body: BodyFrame) -> None:
    x, y = body.hand(0)
    pen = body.pen
    pen.shape([(x - 0.014, y), (x + 0.014, y), (x - 0.075, y + 0.42), (x - 0.1, y + 0.46),
               (x - 0.103, y + 0.415)], STEEL)  # fmt: skip
    pen.limb([(x - 0.06, y + 0.012), (x + 0.055, y + 0.035)], [0.024, 0.024], GOLD)
    pen.limb([(x + 0.004, y), (x + 0.018, y - 0.06)], [0.022, 0.026], WOOD.darker(0.6))


def _shield(body: BodyFrame) -> None:
    x, y = body.hand(1)
    pen = body.pen
    y += 0.03
    rim = [(-0.11, 0.13), (-0.11, 0.13), (0, 0.155), (0.11, 0.13), (0.11, 0.13), (0.1, -0.03),
           (0, -0.16), (0, -0.16), (-0.1, -0.03)]  # fmt: skip
    pen.blob([(x + a, y + b) for a, b in rim], STEEL)
    pen.blob([(x + a * 0.84, y + b * 0.84) for a, b in rim], Material(body.look.accent, "gloss"))
    pen.box(x - 0.014, y - 0.11, x + 0.014, y + 0.12, STEEL.lighter(0.3), line=False)
    pen.box(x - 0.085, y + 0.025, x + 0.085, y + 0.053, STEEL.lighter(0.3), line=False)


def _staff(body: BodyFrame) -> None:
    x, _y = body.hand(0)
    x -= 0.012
    body.pen.limb([(x, 0.0), (x - 0.01, 0.5), (x, 0.98)], [0.022, 0.024, 0.026], WOOD)
    body.pen.ellipse(x, 1.02, 0.042, 0.045, Material(hex_colour("8fe0ff"), "light"))
    for side in (-1, 1):
        body.pen.limb([(x, 0.95), (x + side * 0.05, 0.99), (x + side * 0.035, 1.05)],
                      [0.02, 0.02, 0.008], WOOD)  # fmt: skip


def _stick(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x - 0.03, 0.0), (x, y + 0.1)], [0.014, 0.018], WOOD)


def _cane(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x - 0.02, 0.0), (x - 0.005, y), (x + 0.015, y + 0.03), (x + 0.05, y + 0.015)],
                  [0.016] * 4, WOOD.darker(0.8))  # fmt: skip


def _pitchfork(body: BodyFrame) -> None:
    x, _y = body.hand(0)
    body.pen.limb([(x, 0.0), (x, 0.8)], [0.018, 0.018], WOOD)
    for side in (-1, 0, 1):
        body.pen.limb([(x, 0.78), (x + side * 0.045, 0.82), (x + side * 0.045, 0.95)],
                      [0.014, 0.014, 0.006], STEEL)  # fmt: skip


def _sceptre(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x + 0.02, y - 0.12), (x - 0.03, y + 0.26)], [0.02, 0.02], GOLD)
    body.pen.ellipse(x - 0.035, y + 0.29, 0.036, 0.036, Material(hex_colour("d62f4a"), "gloss"))


def _broom(body: BodyFrame) -> None:
    x, _y = body.hand(0)
    body.pen.limb([(x + 0.04, 0.86), (x - 0.02, 0.2)], [0.02, 0.02], WOOD)
    body.pen.blob([(x - 0.005, 0.24), (x + 0.03, 0.12), (x + 0.05, 0.0), (x - 0.1, 0.0),
                   (x - 0.07, 0.12), (x - 0.035, 0.24)],
                  Material(hex_colour("d9a94a"), "fur"))  # fmt: skip


def _pan(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x, y + 0.01), (x - 0.11, y + 0.03)], [0.022, 0.018], DARK)
    body.pen.blob([(x - 0.29, y + 0.05), (x - 0.1, y + 0.05), (x - 0.12, y + 0.0),
                   (x - 0.27, y + 0.0)], Material(hex_colour("454a52"), "metal"))  # fmt: skip
    body.pen.ellipse(x - 0.195, y + 0.06, 0.055, 0.026, Material((0.97, 0.96, 0.92), "gloss"))
    body.pen.ellipse(x - 0.19, y + 0.072, 0.024, 0.018, Material(hex_colour("f2b632"), "gloss"))


def _magnifier(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x, y), (x - 0.05, y + 0.1)], [0.024, 0.02], WOOD)
    body.pen.ellipse(x - 0.08, y + 0.17, 0.066, 0.066, Material(hex_colour("cfeaf4"), "glass"))
    body.pen.ring(x - 0.08, y + 0.17, 0.066, 0.066, 0.018, STEEL)


def _flask(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.blob([(x - 0.015, y + 0.13), (x + 0.015, y + 0.13), (x + 0.018, y + 0.08),
                   (x + 0.06, y), (x + 0.05, y - 0.02), (x - 0.05, y - 0.02), (x - 0.06, y),
                   (x - 0.018, y + 0.08)], Material(hex_colour("5ae09a"), "glass"))  # fmt: skip


def _guitar(body: BodyFrame) -> None:
    pen = body.pen
    x, y = body.at(0.04, 0.06)
    nx, ny = body.hand(0)
    nx, ny = nx - 0.05, ny + 0.04
    wood = Material(hex_colour("c9762b"), "gloss")
    pen.limb([(x, y), (nx, ny)], [0.034, 0.03], Material(hex_colour("4a2e1e")))
    pen.box(nx - 0.055, ny - 0.01, nx + 0.01, ny + 0.045, Material(hex_colour("3a2416")),
            corner=0.01, tilt=-22)  # fmt: skip
    pen.ellipse(x + 0.06, y - 0.025, 0.115, 0.098, wood, tilt=-22)
    pen.ellipse(x - 0.06, y + 0.03, 0.085, 0.075, wood, tilt=-22)
    pen.ellipse(x - 0.02, y + 0.012, 0.036, 0.034, DARK, line=False)
    pen.limb([(x + 0.1, y - 0.045), (nx, ny)], [0.012, 0.008], Material((0.93, 0.9, 0.84)),
             line=False)  # fmt: skip


def _mic(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x, y - 0.04), (x + 0.02, y + 0.05)], [0.02, 0.026], DARK)
    body.pen.ellipse(x + 0.024, y + 0.066, 0.027, 0.03, STEEL)


def _book(body: BodyFrame) -> None:
    (ax, ay), (bx, _by) = body.hand(0), body.hand(1)
    x = (ax + bx) / 2 if abs(ax - bx) < 0.25 else ax
    y = ay + 0.045
    cover = Material(hex_colour("a33a2f"))
    page = Material((0.96, 0.94, 0.88), "lit")
    for side in (-1, 1):
        pen, s = body.pen, side
        pen.shape([(x, y - 0.06), (x + s * 0.115, y - 0.035), (x + s * 0.115, y + 0.085),
                   (x, y + 0.06)], cover)  # fmt: skip
        pen.shape([(x, y - 0.048), (x + s * 0.104, y - 0.024), (x + s * 0.104, y + 0.076),
                   (x, y + 0.052)], page)  # fmt: skip


def _lantern(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.ring(x, y - 0.02, 0.028, 0.028, 0.009, DARK)
    body.pen.box(x - 0.04, y - 0.16, x + 0.04, y - 0.05, Material(hex_colour("ffc861"), "light"),
                 corner=0.01)  # fmt: skip
    body.pen.box(x - 0.048, y - 0.06, x + 0.048, y - 0.045, DARK)
    body.pen.box(x - 0.048, y - 0.175, x + 0.048, y - 0.158, DARK)


def _torch(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x + 0.02, y - 0.1), (x - 0.01, y + 0.12)], [0.024, 0.032], WOOD)
    body.pen.blob([(x - 0.055, y + 0.13), (x - 0.04, y + 0.22), (x - 0.01, y + 0.3),
                   (x + 0.02, y + 0.2), (x + 0.03, y + 0.13)],
                  Material(hex_colour("ff9a3c"), "light"))  # fmt: skip


def _camera(body: BodyFrame) -> None:
    x, y = body.at(-0.03, 0.14)
    body.pen.box(x - 0.065, y - 0.04, x + 0.065, y + 0.045, DARK, corner=0.012)
    body.pen.ellipse(x, y, 0.034, 0.034, STEEL)
    body.pen.ellipse(x, y, 0.024, 0.024, Material(hex_colour("2a3f5f"), "gloss"))


def _balloon(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x, y), (x - 0.02, y + 0.3)], [0.005, 0.005], Material((0.9, 0.9, 0.9)))
    body.pen.ellipse(x - 0.02, y + 0.41, 0.095, 0.115,
                     Material(hex_colour("e0392f"), "gloss"))  # fmt: skip


def _bouquet(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x + 0.01, y - 0.07), (x, y + 0.06)], [0.02, 0.04], Material((0.3, 0.5, 0.28)))
    for a, b, code in ((-0.04, 0.08, "e8557a"), (0.03, 0.1, "f5c842"), (-0.005, 0.13, "f2f0ea"),
                       (0.05, 0.06, "e8557a"), (-0.06, 0.12, "b46ad0")):  # fmt: skip
        body.pen.ellipse(x + a, y + b, 0.032, 0.03, Material(hex_colour(code)))


def _mug(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.box(x - 0.045, y, x + 0.02, y + 0.07, Material((0.93, 0.92, 0.9), "gloss"),
                 corner=0.01)  # fmt: skip


def _violin(body: BodyFrame) -> None:
    x, y = body.at(-0.06, 0.3)
    wood = Material(hex_colour("a3521f"), "gloss")
    body.pen.limb([(x, y), (x - 0.17, y - 0.03)], [0.02, 0.018], DARK)
    body.pen.ellipse(x + 0.03, y + 0.005, 0.06, 0.05, wood)
    body.pen.ellipse(x - 0.04, y - 0.008, 0.046, 0.04, wood)


def _board(body: BodyFrame) -> None:
    pen = body.pen
    deck = Material(body.look.accent)
    feet = body.pose.feet
    if min(y for _, y in feet) > 0.08:
        pen.limb([(-0.27, 0.085), (-0.2, 0.06), (0.2, 0.06), (0.27, 0.085)], [0.026] * 4, deck)
        for x in (-0.16, 0.16):
            pen.ellipse(x, 0.027, 0.028, 0.028, Material((0.95, 0.9, 0.8)))
        return
    x, y = body.hand(1)
    pen.limb([(x + 0.035, y - 0.24), (x + 0.03, y), (x + 0.035, y + 0.22)], [0.06, 0.075, 0.06],
             deck)  # fmt: skip


def _surfboard(body: BodyFrame) -> None:
    body.pen.blob([(0.2, 0.0), (0.12, 0.35), (0.16, 0.8), (0.22, 0.98), (0.28, 0.8), (0.32, 0.35),
                   (0.26, 0.0)], Material(hex_colour("4ac0d8"), "gloss"))  # fmt: skip
    body.pen.limb([(0.22, 0.05), (0.22, 0.93)], [0.014, 0.01], Material((0.97, 0.97, 0.95)),
                  line=False)  # fmt: skip


def _umbrella(body: BodyFrame) -> None:
    x, y = body.hand(0)
    pen = body.pen
    colour = body.pen.wear.get("umbrella") or hex_colour("c8322e")
    cloth = Material(colour, "cloth")
    top = 1.24 * body.k
    pen.limb([(x + 0.02, y - 0.05), (x + 0.04, top)], [0.013, 0.01], DARK)
    cx, base = x + 0.05, top - 0.2
    scallops = [(cx + 0.31 * a, base + (0.02 if i % 2 else -0.015)) for i, a in
                enumerate((1.0, 0.66, 0.33, 0.0, -0.33, -0.66, -1.0))]  # fmt: skip
    pen.blob([(cx, top), (cx + 0.17, top - 0.05), *scallops, (cx - 0.17, top - 0.05)], cloth)
    for a in (-0.33, 0.33):
        pen.limb([(cx, top), (cx + 0.25 * a, top - 0.1), (cx + 0.31 * a, base)], [0.004] * 3,
                 cloth.darker(0.6), line=False)  # fmt: skip


def _brush(body: BodyFrame) -> None:
    x, y = body.hand(0)
    body.pen.limb([(x + 0.03, y - 0.03), (x - 0.06, y + 0.11)], [0.012, 0.012], WOOD)
    body.pen.ellipse(x - 0.065, y + 0.12, 0.014, 0.022, Material(hex_colour("3a6fc4")))
    px, py = body.hand(1)
    body.pen.ellipse(px + 0.02, py + 0.03, 0.1, 0.075, WOOD.lighter(0.35), tilt=15)
    for a, b, code in ((-0.03, 0.05, "d8322e"), (0.03, 0.07, "f0c93a"), (0.07, 0.03, "3a6fc4"),
                       (0.0, 0.0, "4f9d4a")):  # fmt: skip
        body.pen.ellipse(px + a, py + b, 0.018, 0.015, Material(hex_colour(code), "lit"))


# name: (how it is drawn, whether behind the body)
THINGS: dict[str, tuple[Callable[[BodyFrame], None], bool]] = {
    "sword": (_sword, False),
    "shield": (_shield, False),
    "staff": (_staff, True),
    "stick": (_stick, True),
    "cane": (_cane, False),
    "pitchfork": (_pitchfork, True),
    "sceptre": (_sceptre, False),
    "broom": (_broom, True),
    "pan": (_pan, False),
    "magnifier": (_magnifier, False),
    "flask": (_flask, False),
    "guitar": (_guitar, False),
    "mic": (_mic, False),
    "book": (_book, False),
    "lantern": (_lantern, False),
    "torch": (_torch, False),
    "camera": (_camera, False),
    "balloon": (_balloon, True),
    "bouquet": (_bouquet, False),
    "mug": (_mug, False),
    "violin": (_violin, False),
    "board": (_board, False),
    "surfboard": (_surfboard, True),
    "umbrella": (_umbrella, True),
    "brush": (_brush, False),
}
