/** Marks of comments below a player, where its timeline is, with the words of the one chosen. */

import { element, numberButton } from './elements'
import { lasts, type Medium } from './players'
import type { Remark } from './remarks'

export class Timeline {
  readonly element = element('div', 'comment-marks')
  private drawn = ''

  constructor(private readonly chosen: (id: string) => void) {
    this.element.setAttribute('role', 'group')
    this.element.setAttribute('aria-label', 'Comments on the timeline')
    this.element.hidden = true
  }

  draw(medium: Medium | null, remarks: readonly Remark[], selected: string): void {
    const duration = lasts(medium) && Number.isFinite(medium.duration) ? 1_000 * medium.duration : 0
    const moments = duration ? remarks.filter(({ atMs }) => atMs !== null) : []
    const state = JSON.stringify([moments, duration, selected])
    // Made again only where it changed: a button with the pointer or the focus stays itself.
    if (state === this.drawn) return
    this.drawn = state
    const focusId = this.focusedId()
    const rail = element('div', 'comment-rail')
    rail.append(...moments.map((remark) => this.mark(remark, duration, selected)))
    const selection = remarks.find(({ id }) => id === selected)
    this.element.replaceChildren(rail, ...(selection ? [captionOf(selection)] : []))
    this.element.hidden = moments.length === 0 && !selection
    if (focusId) {
      const mark = rail.querySelector<HTMLElement>(`[data-id="${CSS.escape(focusId)}"]`)
      mark?.focus({ preventScroll: true })
    }
  }

  private focusedId(): string {
    const active = document.activeElement
    const isHere = active instanceof HTMLElement && this.element.contains(active)
    return isHere ? (active.dataset.id ?? '') : ''
  }

  private mark(remark: Remark, duration: number, selected: string): HTMLElement {
    const mark = numberButton(remark, 'comment-mark', () => this.chosen(remark.id))
    mark.dataset.id = remark.id
    mark.classList.toggle('is-shown', remark.id === selected)
    mark.classList.toggle('is-resolved', remark.isResolved)
    mark.style.left = `${(100 * Math.min(remark.atMs ?? 0, duration)) / duration}%`
    return mark
  }
}

function captionOf({ id, number, author, text }: Remark): HTMLElement {
  const caption = element('p', 'comment-caption')
  const link = element('a', 'link', `${number} ${author}`)
  link.href = `#comment-${id}`
  caption.append(link, element('span', '', ` ${text}`))
  return caption
}
