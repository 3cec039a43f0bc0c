"""Bodies: limbs, clothes and what is held, from a look and a stance."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material, Point
from studio.artist.people.frames import RY, BodyFrame
from studio.artist.people.head import Head
from studio.artist.people.poses import bend
from studio.artist.people.props import draw_seat, draw_thing
from studio.media.raster import WHITE, Colour, hex_colour, mix

THIGH, SHIN, UPPER, FORE = 0.225, 0.215, 0.16, 0.15
HEM = {"gown": 0.09, "robe": 0.05, "coat": 0.27}


class Body(BodyFrame):
    """A person, drawn in the order in which parts cover one another."""

    # The whole.

    def draw(self) -> None:
        pose, look = self.pose, self.look
        grown = 1.0 if self.k == 1 else 0.93
        hx, hy = self.at(-0.012 if pose.side else 0.0, 0.33)
        raised = max(0.0, pose.look)
        head = Head(
            self.pen,
            look,
            hx + 0.01 * self.turn * grown,
            hy + RY * grown * 0.94,
            grown,
            turn=self.turn,
            raised=pose.look,
            tilt=pose.lean * 0.4 - 9 * raised,
            back=self.back,
        )
        if pose.seat:
            draw_seat(self.pen, pose.hip[0] * self.k, pose.seat * self.k)
        if not self.back:
            self._on_back()
        head.draw_behind()
        for prop in look.props:
            draw_thing(self, prop, behind=True)
        first, second = (0, 1)
        if not pose.before[first]:
            self._arm(first)
        if not pose.before[second]:
            self._arm(second)
        self._leg(second if pose.side else first, far=pose.side)
        self._leg(first if pose.side else second)
        self._skirt()
        self._torso()
        self._details()
        self.stroke([(0, 0.29), (0, 0.36)], [0.08, 0.072], self.skin.darker(0.82), line=True)
        if look.top not in ("armour", "suit", "robe"):
            self._collar()
        head.draw()
        if look.extras & {"scarf", "bandana"}:
            self._scarf()
        if self.back:
            self._on_back()
        for prop in look.props:
            draw_thing(self, prop, behind=False)
        for index in (first, second):
            if pose.before[index]:
                self._arm(index)

    # Limbs.

    def _leg(self, index: int, *, far: bool = False) -> None:
        look, pose, k = self.look, self.pose, self.k
        foot = (pose.feet[index][0] * k, pose.feet[index][1] * k)
        hip = self.at((-0.052 if index == 0 else 0.052) * self.side, -0.012)
        knee, ankle = bend(hip, foot, THIGH * k, SHIN * k, pose.knees[index])
        bare = look.bottom in ("shorts", "tutu", "skirt") or look.top == "gown"
        lower = self.lower.darker(0.72) if far else self.lower
        skin = self.skin.darker(0.8) if far else self.skin
        if look.bottom == "tutu":
            skin = Material(look.second, "skin")
        wide = 0.9 if look.woman else 1.0
        widths = [0.115 * k * wide, 0.085 * k * wide, 0.062 * k * wide]
        self.pen.limb([hip, knee, ankle], widths, skin if bare else lower)
        if look.bottom == "shorts":
            half = (0.35 * hip[0] + 0.65 * knee[0], 0.35 * hip[1] + 0.65 * knee[1])
            self.pen.limb([hip, half], [0.125 * k, 0.105 * k], lower)
        if look.top == "armour":
            self.pen.ellipse(knee[0], knee[1], 0.05 * k, 0.05 * k, lower.lighter(0.2))
        self._shoe(ankle, knee, index, far)

    def _shoe(self, ankle: Point, knee: Point, index: int, far: bool) -> None:
        look, k = self.look, self.k
        toe = -1.0 if self.pose.side or self.turn < -0.5 else (-0.62 if index == 0 else 0.62)
        length = 0.115 * k if abs(toe) == 1 else 0.085 * k
        material = Material(look.shoes, "metal" if look.top == "armour" else "gloss")
        if "fins" in look.extras:
            material, length = Material(look.accent, "gloss"), 0.2 * k
        if far:
            material = material.darker(0.75)
        high = self.pose.feet[index][1] - 0.045
        # In the air a foot hangs with the shin; on the ground it is level.
        shin = math.atan2(ankle[0] - knee[0], knee[1] - ankle[1])
        tip = shin * min(1.0, high / 0.07) if self.pose.side else -0.3 * min(1.0, high / 0.1)
        c, s = math.cos(tip), math.sin(tip)
        way = math.copysign(1.0, toe)
        outline = [(-0.035, -0.045), (-0.035, -0.045), (-0.036, 0.02), (0.0, 0.03), (0.03, 0.012),
                   (length / k * 0.85, -0.012), (length / k, -0.045),
                   (length / k, -0.045)]  # fmt: skip
        points = []
        for x, y in outline:
            x, y = x * way * k, y * k
            points.append((ankle[0] + x * c - y * s, ankle[1] + x * s + y * c))
        self.pen.blob(points, material)
        tall = look.top in ("coat", "armour") or look.hat in ("cowboy", "tricorne")
        if tall and "fins" not in look.extras:
            up = (ankle[0] + (knee[0] - ankle[0]) * 0.4, ankle[1] + (knee[1] - ankle[1]) * 0.4)
            self.pen.limb([up, ankle], [0.085 * k, 0.072 * k], material)

    def _arm(self, index: int) -> None:
        look, pose, k = self.look, self.pose, self.k
        broad = 0.1 if look.woman or look.child else 0.118
        reach = -broad if index == 0 else broad
        shoulder = self.at(reach * self.side, 0.272)
        elbow, hand = bend(shoulder, self.hand(index), UPPER * k, FORE * k, pose.elbows[index])
        sleeve = self.cloth if pose.before[index] else self.cloth.darker(0.84)
        if look.top == "overalls":
            sleeve = Material(look.accent, "cloth")
        bare = look.top in ("tank", "leotard") or (look.top == "gown" and "ermine" in look.extras)
        wide = k * (0.88 if look.woman else 1.0)
        if bare or (look.top == "gown" and look.main[0] + look.main[1] < 1.7):
            self.pen.limb([shoulder, elbow, hand], [0.075 * wide, 0.062 * wide, 0.046 * wide],
                          self.skin)  # fmt: skip
            if look.top == "gown":
                self.pen.ellipse(*shoulder, 0.055 * wide, 0.05 * wide, sleeve)
        else:
            flare = 0.105 if look.top == "robe" else 0.066
            self.pen.limb([shoulder, elbow, hand], [0.096 * wide, 0.08 * wide, flare * wide],
                          sleeve)  # fmt: skip
            if "stripes" in look.extras:
                near = (elbow[0] * 0.4 + hand[0] * 0.6, elbow[1] * 0.4 + hand[1] * 0.6)
                self.pen.ellipse(*near, 0.042 * k, 0.022 * k, Material(look.accent, "lit"))
            if look.top == "armour":
                self.pen.ellipse(*shoulder, 0.066 * k, 0.06 * k, self.cloth.lighter(0.2))
        dx, dy = hand[0] - elbow[0], hand[1] - elbow[1]
        far = math.hypot(dx, dy) or 1.0
        palm = (hand[0] + dx / far * 0.022 * k, hand[1] + dy / far * 0.022 * k)
        glove = Material(look.main, "metal") if look.top == "armour" else self.skin
        self.pen.ellipse(*palm, 0.03 * k, 0.038 * k, glove,
                         tilt=math.degrees(math.atan2(dy, dx)) - 90)  # fmt: skip
        thumb = -1 if index else 1
        self.pen.limb([palm, (palm[0] + 0.03 * thumb * k, palm[1] + 0.004 * k)],
                      [0.022 * k, 0.016 * k], glove, line=False)  # fmt: skip

    # Clothes.

    def _torso(self) -> None:
        look, s = self.look, self.side
        slim = look.woman or look.child
        shoulder, chest, waist, hip = (
            (0.112, 0.112, 0.083, 0.105) if slim else (0.132, 0.128, 0.108, 0.108)
        )
        f = 0.62 if s < 1 else 1.0
        outline = [(-hip * f, -0.05), (0, -0.06), (hip * f, -0.05), (waist * f, 0.1),
                   (chest * f, 0.2), (shoulder * f, 0.285), (0.06 * f, 0.318), (0, 0.322),
                   (-0.06 * f, 0.318), (-shoulder * f, 0.285), (-chest * f, 0.2),
                   (-waist * f, 0.1)]  # fmt: skip
        if look.top == "overalls":
            self.trunk(outline, Material(look.accent, "cloth"))
            self.trunk([(-hip * f, -0.06), (hip * f, -0.06), (waist * f, 0.08), (0.07 * f, 0.1),
                        (0.07 * f, 0.21), (-0.07 * f, 0.21), (-0.07 * f, 0.1),
                        (-waist * f, 0.08)], Material(look.main, "cloth"))  # fmt: skip
            for side in (-1, 1):
                self.stroke([(side * 0.06 * f, 0.2), (side * 0.085 * f, 0.3)], [0.025, 0.025],
                            Material(look.main, "cloth"))  # fmt: skip
            return
        self.trunk(outline, self.cloth)

    def _skirt(self) -> None:
        """What hangs from the waist: coat tails, dresses, robes, a tutu."""
        look, pose, k = self.look, self.pose, self.k
        if look.bottom == "tutu":
            self.trunk([(-0.27, -0.1), (-0.1, 0.02), (0, 0.04), (0.1, 0.02), (0.27, -0.1),
                        (0.14, -0.11), (0, -0.13), (-0.14, -0.11)],
                       Material(mix(look.main, WHITE, 0.35), "cloth"))  # fmt: skip
            return
        hem = HEM.get(look.top)
        if look.bottom == "skirt":
            hem = 0.28
        if hem is None:
            return
        if look.top == "gown" and not look.extras & {"ermine"} and look.style != "long":
            hem = 0.2
        if pose.seat:
            hem = max(hem, 0.14)
        cloth = self.cloth if look.bottom != "skirt" else self.lower
        feet = [x * k for x, _ in pose.feet]
        left, right = min(feet), max(feet)
        flare = {"gown": 0.12, "robe": 0.075, "coat": 0.045}.get(look.top, 0.06) * k
        reach = 1 - (hem - 0.05) / 0.45
        hx, hy = self.at(0, 0)
        a = hx + (left - hx) * reach - flare - 0.03 * k
        b = hx + (right - hx) * reach + flare + 0.03 * k
        y = hem * k
        knee = [self.at(-0.1 * self.side - 0.02, 0.05), self.at(0.1 * self.side + 0.02, 0.05)]
        points = [knee[0], (a * 0.45 + knee[0][0] * 0.55, (hy + y) / 2), (a, y), (a, y),
                  ((a + b) / 2, y - 0.015 * k), (b, y), (b, y),
                  (b * 0.45 + knee[1][0] * 0.55, (hy + y) / 2), knee[1]]  # fmt: skip
        if pose.seat:
            points.insert(1, (min(feet) - 0.02, hy + 0.03))
        self.pen.blob(points, cloth)
        dark = cloth.darker(0.72)
        for share in (0.3, 0.52, 0.74):
            x = a + (b - a) * share
            self.pen.limb([(hx + (x - hx) * 0.45, hy - 0.06 * k), (x, y + 0.015 * k)],
                          [0.004 * k, 0.012 * k], dark, line=False)  # fmt: skip
        if "trim" in look.extras or "ermine" in look.extras:
            edge = Material(WHITE if "trim" in look.extras else look.accent, "fur")
            self.pen.limb([(a, y + 0.012), ((a + b) / 2, y), (b, y + 0.012)], [0.04] * 3, edge)
        if "stripes" in look.extras:
            level = y + 0.045 * k
            self.pen.limb([(a + 0.008, level), (b - 0.008, level)], [0.026 * k] * 2,
                          Material(look.accent, "lit"), line=False)  # fmt: skip

    def _details(self) -> None:
        """Buttons, belts, lapels, stripes: what makes a piece of clothing that piece."""
        look, c = self.look, self.turn * 0.05
        if self.back:
            if look.top in ("jacket", "coat", "suitjacket"):
                self.stroke([(0, 0.29), (0, 0.0)], [0.006, 0.006], self.cloth.darker(0.6))
            return
        white = Material((0.95, 0.95, 0.93), "cloth")
        if look.top in ("suitjacket", "jacket") or "open" in look.extras:
            shirt = white if look.top != "jacket" else Material(mix(look.accent, WHITE, 0.4))
            low = 0.02 if look.top == "jacket" else 0.13
            self.trunk([(c - 0.045, 0.31), (c - 0.045, 0.31), (c, low), (c, low),
                        (c + 0.045, 0.31), (c + 0.045, 0.31)], shirt, line=False)  # fmt: skip
            lapel = self.cloth.darker(0.8)
            for side in (-1, 1):
                self.stroke([(c + side * 0.05, 0.315), (c + side * 0.03, 0.2), (c, low)],
                            [0.028, 0.03, 0.008], lapel)  # fmt: skip
            if look.top == "suitjacket":
                tie = Material(look.accent, "gloss")
                self.trunk([(c - 0.012, 0.295), (c + 0.012, 0.295), (c + 0.018, 0.17), (c, 0.145),
                            (c - 0.018, 0.17)], tie)  # fmt: skip
        if look.top in ("coat", "chef") and "open" not in look.extras:
            dark = self.cloth.darker(0.55)
            self.stroke([(c, 0.3), (c * 1.2, -0.04)], [0.006, 0.006], dark)
            for level in (0.24, 0.16, 0.08):
                for side in (-1, 1) if look.top == "chef" else (1,):
                    x, y = self.at(c + side * 0.03, level)
                    self.pen.ellipse(x, y, 0.009 * self.k, 0.009 * self.k, dark, line=False)
        if look.top == "chef":
            self.trunk([(-0.1, 0.03), (0.1, 0.03), (0.115, -0.2), (-0.115, -0.2)],
                       white)  # fmt: skip
        if look.top == "armour":
            self.trunk([(c - 0.07, 0.28), (c + 0.07, 0.28), (c + 0.085, 0.12), (c, 0.03),
                        (c - 0.085, 0.12)], self.cloth.lighter(0.25))  # fmt: skip
            for level in (-0.02, 0.02):
                self.stroke([(-0.1, level), (0, level - 0.012), (0.1, level)], [0.035] * 3,
                            self.cloth.darker(0.85), line=True)  # fmt: skip
        if look.top == "hoodie":
            self.trunk([(-0.075, 0.02), (0.075, 0.02), (0.06, 0.1), (-0.06, 0.1)],
                       self.cloth.darker(0.85))  # fmt: skip
            self.stroke([(-0.1, 0.29), (0, 0.26), (0.1, 0.29)], [0.06] * 3,
                        self.cloth.darker(0.9), line=True)  # fmt: skip
        if look.top == "leotard":
            self.stroke([(-0.06, 0.31), (0, 0.26), (0.06, 0.31)], [0.05, 0.06, 0.05], self.skin)
        if look.top == "gown":
            self.stroke([(-0.05, 0.32), (c, 0.27), (0.05, 0.32)], [0.03, 0.05, 0.03], self.skin)
            self.stroke([(-0.08 * self.side, 0.08), (0.08 * self.side, 0.08)], [0.03] * 2,
                        Material(look.accent, "cloth"))  # fmt: skip
        if look.top == "robe":
            edge = Material(look.accent, "cloth")
            self.stroke([(c - 0.04, 0.31), (c, 0.2), (c, -0.04)], [0.02, 0.03, 0.03], edge)
        self._marks(c)

    def _marks(self, c: float) -> None:
        look, s = self.look, self.side
        dark = Material(hex_colour("3a281c"), "gloss")
        if look.extras & {"belt", "sash"}:
            belt = dark if "belt" in look.extras else Material(look.accent, "cloth")
            self.stroke([(-0.1 * s, 0.045), (0, 0.035), (0.1 * s, 0.045)], [0.04] * 3, belt,
                        line=True)  # fmt: skip
            if "belt" in look.extras:
                x, y = self.at(c, 0.037)
                self.pen.box(x - 0.022, y - 0.02, x + 0.022, y + 0.02,
                             Material(hex_colour("e2b040"), "metal"), corner=0.005)  # fmt: skip
        if "stripes" in look.extras:
            for level in (0.11, 0.21):
                self.stroke([(-0.11 * s, level), (0, level - 0.01), (0.11 * s, level)],
                            [0.024] * 3, Material(look.accent, "lit"))  # fmt: skip
        if "bands" in look.extras:
            for side in (-1, 1):
                self.stroke([(side * 0.1 * s, 0.27), (side * 0.07 * s, 0.0)], [0.025] * 2,
                            Material(look.accent, "gloss"))  # fmt: skip
        if "emblem" in look.extras:
            self.trunk([(c - 0.06, 0.25), (c + 0.06, 0.25), (c + 0.06, 0.2), (c, 0.13),
                        (c - 0.06, 0.2)], Material(look.accent, "lit"))  # fmt: skip
            self.trunk([(c - 0.03, 0.235), (c + 0.03, 0.235), (c, 0.165)],
                       Material(hex_colour("f5d040"), "lit"))  # fmt: skip
        if "badge" in look.extras:
            x, y = self.at(c + 0.06, 0.2)
            self.pen.ellipse(x, y, 0.02, 0.024, Material(hex_colour("e2b040"), "metal"))
        if "stethoscope" in look.extras:
            tube = Material(hex_colour("24303c"), "gloss")
            self.stroke([(-0.06, 0.31), (-0.05, 0.2), (0.01, 0.15), (0.05, 0.2), (0.06, 0.31)],
                        [0.014] * 5, tube)  # fmt: skip
            self.stroke([(0.01, 0.15), (0.03, 0.09)], [0.012, 0.012], tube)
            x, y = self.at(0.03, 0.08)
            self.pen.ellipse(x, y, 0.02, 0.02, Material(hex_colour("c9d0d8"), "metal"))

    def _collar(self) -> None:
        if self.back or self.look.top in ("tank", "leotard", "gown", "hoodie"):
            return
        colour: Colour = self.look.main if self.look.top != "overalls" else self.look.accent
        collar = Material(mix(colour, WHITE, 0.12), "cloth")
        if self.look.top == "chef":
            self.stroke([(-0.06, 0.32), (0, 0.285), (0.06, 0.32)], [0.045] * 3,
                        Material(self.look.accent, "cloth"), line=True)  # fmt: skip
            return
        for side in (-1, 1):
            self.stroke([(side * 0.055, 0.335), (side * 0.05, 0.3), (0.01 * side, 0.275)],
                        [0.03, 0.04, 0.014], collar, line=True)  # fmt: skip

    def _scarf(self) -> None:
        wool = Material(self.look.accent, "cloth")
        self.stroke([(-0.085, 0.325), (0, 0.295), (0.085, 0.325)], [0.05, 0.066, 0.05], wool,
                    line=True)  # fmt: skip
        if "scarf" in self.look.extras and not self.back:
            self.stroke([(0.04, 0.3), (0.065, 0.2), (0.05, 0.1)], [0.045, 0.05, 0.05],
                        wool.darker(0.92), line=True)  # fmt: skip

    def _on_back(self) -> None:
        look, k, s = self.look, self.k, self.side
        x = 0.0 if s == 1 else 0.1
        if "cape" in look.extras:
            cloth = Material(look.accent if "ermine" not in look.extras else look.main, "cloth")
            low = -0.36
            self.trunk([(-0.12 * s + x, 0.3), (0.12 * s + x, 0.3), (0.24 + x, -0.05),
                        (0.28 + x, low), (0.28 + x, low), (x, low - 0.03), (-0.26 * s + x, low),
                        (-0.26 * s + x, low), (-0.22 * s + x, -0.05)],
                       cloth.darker(0.8))  # fmt: skip
        if "backpack" in look.extras:
            pack = Material(mix(look.accent, (0.25, 0.2, 0.15), 0.25), "cloth")
            if self.back or s < 1:
                a, b = self.at(x - 0.1, 0.02), self.at(x + 0.1, 0.29)
            else:
                a, b = self.at(-0.15, 0.05), self.at(0.15, 0.33)
            self.pen.box(a[0], a[1], b[0], b[1], pack, corner=0.05 * k)
            if self.back:
                self.pen.box(a[0] + 0.03, a[1] + 0.02, b[0] - 0.03, a[1] + 0.11,
                             pack.darker(0.85), corner=0.02)  # fmt: skip
        if "tank" in look.extras:
            steel = Material(look.accent, "gloss")
            for side in (-1, 1):
                self.stroke([(side * 0.06 + x, 0.05), (side * 0.06 + x, 0.36)], [0.09] * 2, steel,
                            line=True)  # fmt: skip
