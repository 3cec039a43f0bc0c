/** An input with several values: a row for each, added and removed in place. */

import { around } from '../frame/events'
import { prepareDrops } from './drop'

const FIELDS = 'textarea, select, input:not([type=hidden], .visually-hidden), button'

export class Rows {
  private readonly low: number
  private readonly high: number
  private readonly model: HTMLElement
  private readonly add: HTMLElement

  /** changed: a row came or went. */
  static prepare(box: HTMLElement, changed: () => void): void {
    const first = box.querySelector<HTMLElement>('[data-row]')
    const add = box.querySelector<HTMLElement>('[data-add]')
    if (first && add) new Rows(box, first, add, changed)
  }

  private constructor(
    private readonly box: HTMLElement,
    first: HTMLElement,
    add: HTMLElement,
    private readonly changed: () => void,
  ) {
    this.low = Math.max(Number(box.dataset.low), 1)
    this.high = Number(box.dataset.high)
    this.model = first.cloneNode(true) as HTMLElement
    // The example is one value: a second row would hold it twice.
    for (const field of this.model.querySelectorAll<HTMLElement>('[data-example]')) {
      delete field.dataset.example
    }
    this.add = add
    box.addEventListener('click', (event) => {
      const row = around(event, '[data-remove]')?.closest<HTMLElement>('[data-row]')
      const isAdding = around(event, '[data-add]') !== null
      if (!isAdding && !row) return
      event.preventDefault()
      if (isAdding) this.more()
      else if (row) this.less(row)
    })
  }

  private get rows(): HTMLElement[] {
    return [...this.box.querySelectorAll<HTMLElement>('[data-row]')]
  }

  private more(): void {
    if (this.rows.length >= this.high) return
    const row = this.model.cloneNode(true) as HTMLElement
    empty(row)
    this.add.before(row)
    this.number()
    prepareDrops(row)
    row.querySelector<HTMLElement>(FIELDS)?.focus()
    this.changed()
  }

  private less(row: HTMLElement): void {
    const { rows } = this
    if (rows.length <= this.low) return
    const place = rows.indexOf(row)
    const next = rows[place + 1] ?? rows[place - 1]
    row.remove()
    this.number()
    next?.querySelector<HTMLElement>(FIELDS)?.focus()
    this.changed()
  }

  /** Ids, names for screen readers, and which buttons make sense now. */
  private number(): void {
    const { rows } = this
    for (const [place, row] of rows.entries()) {
      for (const field of row.querySelectorAll('[id]')) {
        field.id = field.id.replace(/-\d+(?=(-file)?$)/, `-${place + 1}`)
      }
      for (const field of row.querySelectorAll('[aria-label]')) {
        const label = field.getAttribute('aria-label') ?? ''
        field.setAttribute('aria-label', label.replace(/\d+$/, String(place + 1)))
      }
      const remove = row.querySelector<HTMLButtonElement>('[data-remove]')
      if (!remove) continue
      remove.value = remove.value.replace(/:\d+$/, `:${place}`)
      remove.hidden = rows.length <= this.low
    }
    this.add.hidden = rows.length >= this.high
  }
}

function empty(row: HTMLElement): void {
  const textFields = 'input:not([type=checkbox]), textarea'
  for (const field of row.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(textFields)) {
    field.value = ''
    field.removeAttribute('aria-invalid')
  }
  for (const zone of row.querySelectorAll('[data-drop]')) {
    zone.querySelector('[data-look]')?.replaceChildren()
    const words = zone.querySelector('[data-words]')
    if (words) words.textContent = 'Empty'
  }
  for (const option of row.querySelectorAll('option')) option.selected = option.index === 0
}
