"""Where things are in a window, once they stand still and nothing lies over them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from playwright.sync_api import Locator

from tests.support.waiting import wait_for

Point = tuple[float, float]
# Where each is, if none moves within two frames and each is what the pointer would meet there.
# Read together: what one of them waits for may move the other.
STILL = """async places => {
  const boxes = () => JSON.stringify(places.map(({ one }) => one.getBoundingClientRect()))
  const before = boxes()
  for (const _ of 'ab') await new Promise(requestAnimationFrame)
  if (boxes() !== before) return 'it moves'
  const points = []
  for (const { one, offset } of places) {
    const box = one.getBoundingClientRect()
    const [x, y] = offset ?? [box.width / 2, box.height / 2]
    const met = document.elementFromPoint(box.x + x, box.y + y)
    if (!one.contains(met)) return `${met?.outerHTML.slice(0, 200)} lies over it`
    points.push([box.x + x, box.y + y])
  }
  return points
}"""


@dataclass(frozen=True)
class ScreenPosition:
    """A point on something in the page, in pixels: its middle, or so far from its corner.

    beside: how far from there the point is, where it is not on the thing itself.
    """

    on: Locator
    offset: Point | None = None
    beside: Point = (0, 0)

    def moved(self, x: float, y: float) -> ScreenPosition:
        return replace(self, beside=(self.beside[0] + x, self.beside[1] + y))


def points(*places: ScreenPosition | Point) -> list[Point]:
    """Where these are in the window, all at the same moment. To be used before anything moves."""
    shown = [place for place in places if isinstance(place, ScreenPosition)]
    found: list[Point] = []
    seen = "nothing"

    def look() -> bool:
        nonlocal seen
        page = shown[0].on.page
        # Looked up each time: what is drawn again is another element.
        asked = [{"one": one.on.element_handle(), "offset": one.offset} for one in shown]
        answer = page.evaluate(STILL, asked)
        if isinstance(answer, str):
            seen = answer
            return False
        for one, (x, y) in zip(shown, answer, strict=True):
            found.append((x + one.beside[0], y + one.beside[1]))
        return True

    if shown:
        try:
            wait_for(look, "standing still in sight")
        except AssertionError as problem:
            raise AssertionError(f"{shown}: {seen}") from problem
    rest = iter(found)
    return [next(rest) if isinstance(place, ScreenPosition) else place for place in places]


def point(place: ScreenPosition) -> Point:
    """Where this is in the window, once it stands still in sight."""
    return points(place)[0]
