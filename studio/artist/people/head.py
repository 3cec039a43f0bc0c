"""Heads: a face that can be read, hair and hats."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material
from studio.artist.people.frames import RX, RY, HeadFrame
from studio.artist.people.hats import draw_hat, hides_hair
from studio.media.raster import WHITE, Colour, hex_colour, mix

INK: Colour = (0.1, 0.07, 0.06)


class Head(HeadFrame):
    """A head with its face, hair and hat."""

    # From back to front.

    def draw_behind(self) -> None:
        """What hangs behind neck and shoulders."""
        style, hat = self.look.style, self.look.hat
        if hat == "hood":
            cloth = Material(mix(self.look.main, (0, 0, 0), 0.35))
            self.blob([(-1.25, -1.1), (-1.35, 0.2), (-0.8, 1.3), (0.1, 1.42), (0.9, 1.25),
                       (1.35, 0.2), (1.25, -1.1)], cloth)  # fmt: skip
            return
        if self.back:
            return
        if style == "long":
            self.blob([(-0.9, 0.8), (-1.3, -0.2), (-1.4, -1.6), (-0.9, -2.25), (0.9, -2.25),
                       (1.4, -1.6), (1.3, -0.2), (0.9, 0.8)], self.hair.darker(0.72))  # fmt: skip
        if style == "bob":
            self.blob([(-0.9, 0.8), (-1.32, -0.2), (-1.25, -0.95), (0, -1.15), (1.25, -0.95),
                       (1.32, -0.2), (0.9, 0.8)], self.hair.darker(0.72))  # fmt: skip
        if style in ("curly", "afro"):
            far = 1.55 if style == "afro" else 1.2
            for index in range(11):
                angle = math.radians(-35 + 25 * index)
                reach = far * (1.0 if style == "afro" else 0.92)
                self.oval(math.cos(angle) * reach * 0.86, 0.28 + math.sin(angle) * reach * 0.78,
                          0.5, 0.45, self.hair.darker(0.8), line=True)  # fmt: skip
        if style == "ponytail":
            a = 0.9 if self.turn < 0 else -0.9
            self.stroke([(a * 0.7, 0.75), (a * 1.5, 0.5), (a * 1.65, -0.5), (a * 1.35, -1.3)],
                        [0.35, 0.6, 0.55, 0.1], self.hair, line=True)  # fmt: skip
        if style == "bun" and not hides_hair(self.look.hat):
            self.oval(0.25, 1.12, 0.46, 0.4, self.hair, line=True)

    def draw(self) -> None:
        """Skull, face, hair, hat."""
        skin = self.skin
        if self.look.hat == "ninja":
            skin = Material(mix(self.look.main, WHITE, 0.05))
        for side in (-1, 1):
            angle = side * 1.45 + self.turn * 1.15
            if math.cos(angle) > -0.55:
                a = math.sin(angle) * 0.98
                self.oval(a, -0.05 + 0.1 * self.raised, 0.16, 0.25, skin.darker(0.9), line=True)
        jaw = 0.52 if self.look.woman or self.look.child else 0.64
        chin = self.turn * 0.2
        self.blob([(-0.97, 0.2), (-0.93, -0.32), (-jaw + chin, -0.82), (chin * 1.2, -1.0),
                   (jaw + chin, -0.82), (0.93, -0.32), (0.97, 0.2), (0.68, 0.84), (0, 1.02),
                   (-0.68, 0.84)], skin)  # fmt: skip
        if self.back:
            self._hair_behind()
        else:
            self._face()
            self._hair_before()
        draw_hat(self)

    # The face.

    def _face(self) -> None:
        look = self.look
        surprised, sad, angry = (look.mood == name for name in ("surprised", "sad", "angry"))
        happy = look.mood in ("smiling", "smile")
        blush = Material(mix(look.skin, (0.95, 0.35, 0.3), 0.3), "skin").flat(0.1)
        if look.woman or look.child or happy:
            for side in (-1, 1):
                (a, b), wide = self.on(side * 0.62, -0.32)
                if wide > 0.35:
                    self.oval(a, b, 0.16 * wide, 0.1, blush)
        if look.hat == "ninja":
            self.blob([(-0.8, 0.28), (0, 0.36), (0.8, 0.28), (0.8, -0.12), (0, -0.18),
                       (-0.8, -0.12)], self.skin, line=False)  # fmt: skip
        for side in (-1, 1):
            self._eye(side, surprised=surprised, sad=sad, angry=angry, happy=happy)
        if look.hat != "ninja":
            self._nose()
            if look.beard:
                self._beard()
            self._mouth(happy=happy, sad=sad or angry, surprised=surprised)
        if look.old:
            crease = self.skin.darker(0.78)
            for side in (-1, 1):
                (a, b), wide = self.on(side * 0.52, -0.42)
                if wide > 0.3:
                    self.stroke([(a - 0.06 * side, b + 0.16), (a + 0.03 * side, b - 0.08)],
                                [0.03, 0.02], crease)  # fmt: skip
        if look.extras & {"glasses", "sunglasses"}:
            self._glasses()

    def _eye(self, side: int, *, surprised: bool, sad: bool, angry: bool, happy: bool) -> None:
        look = self.look
        (a, b), wide = self.on(side * 0.43, 0.06)
        if wide < 0.25:
            return
        big = 1.16 if look.child or look.woman else 1.0
        ra, rb = 0.235 * wide * big, 0.2 * big * (1.25 if surprised else 1.0)
        if "patch" in look.extras and side > 0:
            dark = Material((0.07, 0.06, 0.06), "gloss").flat(0.4)
            self.stroke([(-0.8, 0.62), (a, b + 0.05), (0.9, -0.1)], [0.06] * 3, dark)
            self.oval(a, b, 0.3 * wide, 0.27, dark)
            return
        line = Material(INK).flat()
        self.oval(a, b, ra * 1.1, rb * 1.1, self.skin.darker(0.72).flat(0.2))
        self.oval(a, b, ra, rb, Material((0.97, 0.97, 0.96), "lit"))
        gaze = self.turn * 0.06
        ia, ib = a + gaze * wide, b + 0.05 * self.raised
        self.oval(ia, ib, 0.145 * wide * big, 0.155 * big, Material(look.eyes, "lit"))
        self.oval(ia, ib, 0.078 * wide * big, 0.085 * big, Material((0.03, 0.03, 0.04), "lit"))
        self.oval(ia - 0.055 * wide, ib + 0.06, 0.045, 0.042, Material(WHITE, "light"))
        lid = 0.055 if look.woman else 0.035
        top = b + rb * (0.62 if sad else 0.92)
        if not surprised:
            # The lid hides the top of the eye.
            cover = self.skin.darker(0.93).flat(0.2)
            self.stroke([(a - ra, b + rb * 0.75), (a, top + 0.06), (a + ra, b + rb * 0.75)],
                        [0.05, 0.12, 0.05], cover)  # fmt: skip
        ends = (b + rb * 0.25, b + rb * 0.25)
        self.stroke([(a - ra * 1.08, ends[0]), (a, top), (a + ra * 1.08, ends[1])],
                    [lid, lid * 1.3, lid], line)  # fmt: skip
        if look.woman:
            self.stroke([(a + side * ra, ends[0] + 0.02), (a + side * ra * 1.4, ends[0] + 0.13)],
                        [0.05, 0.015], line)  # fmt: skip
        brow = Material(mix(look.hair, (0, 0, 0), 0.35) if sum(look.hair) < 2 else look.hair)
        inner = 0.34 + 0.1 * surprised + 0.12 * sad - 0.14 * angry
        outer = 0.34 + 0.1 * surprised - 0.08 * sad + 0.1 * angry
        thick = 0.075 if look.woman else 0.11
        self.stroke([(a - side * ra * 1.1, b + inner), (a, b + 0.4 + 0.1 * surprised),
                     (a + side * ra * 1.2, b + outer - 0.03)],
                    [thick, thick, thick * 0.5], brow.flat(0.4))  # fmt: skip

    def _nose(self) -> None:
        (a, b), _ = self.on(0.0, -0.24)
        if self.turn < -0.8:
            a -= 0.12
        big = 0.8 if self.look.woman or self.look.child else 1.0
        red = "rednose" in self.look.extras
        tip = Material(hex_colour("e03030"), "gloss") if red else self.skin
        shade = self.skin.darker(0.84).flat(0.5)
        self.stroke([(a * 0.6, b + 0.3), (a * 0.95 - 0.03 * self.turn, b + 0.08)],
                    [0.06 * big, 0.12 * big], self.skin.lighter(0.12))  # fmt: skip
        self.oval(a, b - 0.02, 0.17 * big, 0.11 * big, shade)
        self.oval(a - 0.01, b + 0.015, (0.24 if red else 0.15) * big,
                  (0.2 if red else 0.11) * big, tip)  # fmt: skip

    def _mouth(self, *, happy: bool, sad: bool, surprised: bool) -> None:
        (a, b), wide = self.on(0.0, -0.55)
        if self.turn < -0.8:
            a += 0.05
        half = 0.3 * max(0.5, wide)
        lip = mix(self.look.skin, (0.72, 0.2, 0.2), 0.62 if self.look.woman else 0.4)
        lips = Material(lip).flat(0.5)
        dark = Material((0.36, 0.1, 0.1)).flat()
        if surprised:
            self.oval(a, b - 0.03, 0.13, 0.15, lips)
            self.oval(a, b - 0.03, 0.09, 0.11, dark)
        elif happy:
            self.blob([(a - half, b + 0.06), (a - half, b + 0.06), (a, b - 0.01),
                       (a + half, b + 0.06), (a + half, b + 0.06), (a + half * 0.55, b - 0.17),
                       (a, b - 0.22), (a - half * 0.55, b - 0.17)], dark, line=True)  # fmt: skip
            self.blob([(a - half * 0.86, b + 0.04), (a, b - 0.015), (a + half * 0.86, b + 0.04),
                       (a + half * 0.6, b - 0.06), (a, b - 0.1), (a - half * 0.6, b - 0.06)],
                      Material((0.96, 0.95, 0.93), "lit"), line=False)  # fmt: skip
            self.stroke([(a - half * 0.6, b - 0.17), (a, b - 0.23), (a + half * 0.6, b - 0.17)],
                        [0.03, 0.09, 0.03], lips)  # fmt: skip
        else:
            curve = -0.09 if sad else 0.045
            points = [(a - half, b + curve), (a, b - curve * 0.4), (a + half, b + curve)]
            self.stroke([(x, y - 0.05) for x, y in points], [0.02, 0.1, 0.02], lips)
            self.stroke([(x, y + 0.03) for x, y in points], [0.02, 0.07, 0.02], lips.darker(0.9))
            self.stroke(points, [0.025, 0.035, 0.025], Material(mix(lip, INK, 0.6)).flat())
            if self.look.mood == "sad":
                (ta, tb), _ = self.on(-0.45, -0.25)
                self.oval(ta, tb, 0.06, 0.1, Material(hex_colour("9fd4ff"), "lit"))

    def _beard(self) -> None:
        hair, c = self.hair, self.turn * 0.35
        low = -2.3 if self.look.beard == "long" else -1.28
        self.blob([(-0.98, 0.0), (-0.72 + c * 0.3, -0.32), (-0.3 + c, -0.34), (c, -0.4),
                   (0.3 + c, -0.34), (0.72 + c * 0.3, -0.32), (0.98, 0.0), (0.9, -0.7),
                   (0.5 + c * 0.5, low + 0.25), (c, low), (-0.5 + c * 0.5, low + 0.25),
                   (-0.9, -0.7)], hair)  # fmt: skip

    def _glasses(self) -> None:
        dark = "sunglasses" in self.look.extras
        rim = Material((0.1, 0.1, 0.12), "gloss")
        middles = []
        for side in (-1, 1):
            (a, b), wide = self.on(side * 0.43, 0.05)
            if wide < 0.25:
                continue
            x, y = self.at(a, b)
            rx, ry = 0.31 * wide * RX * self.size, 0.27 * RY * self.size
            if dark:
                self.pen.ellipse(x, y, rx, ry, rim)
            self.pen.ring(x, y, rx, ry, 0.05 * RX * self.size, rim)
            middles.append((a, b))
        if len(middles) == 2:
            (a0, b0), (a1, b1) = middles
            self.stroke([(a0 + 0.26, b0 + 0.05), (a1 - 0.26, b1 + 0.05)], [0.05, 0.05], rim)

    # Hair.

    def _hair_behind(self) -> None:
        if self.look.style != "bald":
            low = {"long": -2.2, "bob": -1.1}.get(self.look.style, -0.75)
            self.blob([(-1.06, 0.2), (-1.08, -0.3), (-0.95, low), (0, low - 0.12), (0.95, low),
                       (1.08, -0.3), (1.06, 0.2), (0.72, 0.96), (0, 1.14), (-0.72, 0.96)],
                      self.hair)  # fmt: skip
        if self.look.style == "ponytail":
            self.stroke([(0, 0.6), (0.15, -0.4), (0.05, -1.6)], [0.5, 0.6, 0.15],
                        self.hair.lighter(0.1), line=True)  # fmt: skip
        if self.look.style == "bun":
            self.oval(0, 0.95, 0.5, 0.45, self.hair.lighter(0.08), line=True)

    def _hair_before(self) -> None:
        style, hair = self.look.style, self.hair
        # The hairline lies round the head, so it turns with it.
        m = self.turn * 0.45
        if style == "bald":
            if self.look.old:
                for side in (-1, 1):
                    self.oval(side * 0.95, 0.05, 0.2, 0.34, hair, line=True)
            return
        if style == "mohawk":
            self.blob([(m - 0.2, 0.6), (m - 0.3, 1.2), (m, 1.7), (m + 0.3, 1.2), (m + 0.2, 0.6)],
                      hair)  # fmt: skip
            return
        part = 0.25 if self.look.woman else -0.35
        side_low = {"long": -0.5, "bob": -0.55, "curly": -0.1, "afro": 0.0}.get(style, 0.06)
        self.blob([(-1.05, side_low), (-1.05, side_low), (-1.1, 0.5), (-0.7, 1.05), (0, 1.22),
                   (0.7, 1.05), (1.1, 0.5), (1.05, side_low), (1.05, side_low),
                   (0.86 + m * 0.2, 0.4), (part + 0.2 + m, 0.7), (part + m, 0.76),
                   (part - 0.3 + m, 0.66), (-0.86 + m * 0.2, 0.36)], hair)  # fmt: skip
        if style == "quiff":
            self.blob([(m - 0.75, 0.7), (m - 0.6, 1.25), (m + 0.1, 1.42), (m + 0.7, 1.1),
                       (m + 0.5, 0.72)], hair.lighter(0.06))  # fmt: skip
        if style in ("curly", "afro"):
            count = 7
            for index in range(count):
                angle = math.radians(20 + 140 * index / (count - 1))
                self.oval(math.cos(angle) * 0.92, 0.3 + math.sin(angle) * 0.78, 0.34, 0.3, hair,
                          line=True)  # fmt: skip
        if style in ("long", "bob"):
            for side in (-1, 1):
                low = -1.9 if style == "long" else -0.95
                self.stroke([(side * 0.75 + m * 0.3, 0.95), (side * 1.12, 0.2),
                             (side * 1.16, -0.6), (side * 1.08, low)],
                            [0.3, 0.42, 0.4, 0.12 if style == "long" else 0.3], hair,
                            line=True)  # fmt: skip
        if style == "braids":
            for side in (-1, 1):
                for index in range(5):
                    self.oval(side * (1.08 + 0.05 * index), -0.15 - 0.38 * index, 0.2, 0.24, hair,
                              line=True)  # fmt: skip
        if style == "topknot":
            self.oval(0.1, 1.35, 0.26, 0.3, hair, line=True)
        if "headband" in self.look.extras:
            self.stroke([(-0.98, 0.5), (m * 0.6, 0.62), (0.98, 0.5)], [0.16] * 3,
                        Material(self.look.accent), line=True)  # fmt: skip
