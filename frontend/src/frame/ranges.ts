/** Boxes in a list that are checked one by one, or with Shift from one to another. */
export class CheckRange {
  /** The box that was checked last. */
  private anchor: HTMLInputElement | null = null

  /** boxes: those of the list as it is. */
  constructor(private readonly boxes: () => HTMLInputElement[]) {}

  /** A box was checked or unchecked. isRange: so are all from the last one to it. */
  choose(box: HTMLInputElement, isRange: boolean): void {
    const boxes = this.boxes()
    const from = this.anchor ? boxes.indexOf(this.anchor) : -1
    const to = boxes.indexOf(box)
    if (isRange && from >= 0) {
      for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) {
        one.checked = box.checked
      }
    }
    this.anchor = box
  }
}
