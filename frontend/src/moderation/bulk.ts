/** Several cases of the queue at once. */

import { CheckRange } from '../frame/ranges'

export class Bulk {
  private readonly boxes: HTMLInputElement[]
  private readonly range: CheckRange

  constructor(private readonly form: HTMLFormElement) {
    this.boxes = [...form.querySelectorAll<HTMLInputElement>('input[name="case"]')]
    this.range = new CheckRange(() => this.boxes)
    form.addEventListener('click', ({ target, shiftKey }) => {
      const box = this.boxes.find((one) => one === target)
      if (box) this.choose(box, shiftKey)
    })
  }

  /** Check or uncheck the case with the focus, or the one beside the queue. False: there is none. */
  toggle(isRange: boolean): boolean {
    const row =
      document.activeElement?.closest('.moderation-queue li') ??
      this.form.querySelector('[data-current]') ??
      this.form.querySelector('li')
    const box = row?.querySelector<HTMLInputElement>('input[name="case"]')
    if (!box) return false
    box.checked = !box.checked
    this.choose(box, isRange)
    box.focus()
    return true
  }

  /** Go on with those that are checked. */
  send(): void {
    if (this.boxes.some((box) => box.checked)) this.form.requestSubmit()
  }

  private choose(box: HTMLInputElement, isRange: boolean): void {
    this.range.choose(box, isRange)
    this.count()
  }

  /** Say how many are checked. */
  count(): void {
    const count = this.boxes.filter((box) => box.checked).length
    const place = this.form.querySelector('[data-bulk-count]')
    if (place) place.textContent = `${count} selected`
  }
}
