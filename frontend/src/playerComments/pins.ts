/** The numbered pins on a player's picture, and the marks below it. */

import { element, numberButton, putAt } from './elements'
import { isSeen, lasts, type Medium, mediumOf } from './players'
import type { Point, Remark } from './remarks'
import { MIDDLE, PointTarget } from './target'
import { Timeline } from './timeline'

/** Around its moment a pin is on the picture. */
const NEAR_MS = 500

interface PinEvents {
  /** Someone chose a point. */
  readonly placed: (point: Point) => void
  /** They left it. */
  readonly cancelled: () => void
  /** They picked the pin of a comment. */
  readonly chosen: (id: string) => void
}

export class Pins {
  /** The comments on what the player shows. */
  remarks: readonly Remark[] = []
  /** The id of the one that is shown. */
  selected = ''
  /** The point of the next comment. */
  draft: Point | null = null
  private readonly layer = element('div', 'pins')
  private readonly marks = element('div', '')
  private readonly hint = element('span', 'glass pins-hint', 'Click in the picture to pin a point')
  private readonly target: PointTarget
  private readonly timeline: Timeline
  private drawn = ''

  constructor(
    private readonly player: HTMLElement,
    private readonly events: PinEvents,
  ) {
    this.target = new PointTarget(this.layer, {
      point: () => this.draft,
      moved: (point) => {
        this.draft = point
        this.draw()
      },
      placed: events.placed,
      cancelled: events.cancelled,
    })
    this.timeline = new Timeline(events.chosen)
    this.hint.hidden = true
    // The target stays in its place for good: what is taken out of the page loses the focus.
    this.layer.append(this.marks, this.target.element, this.hint)
    player.after(this.timeline.element)
    player.classList.add('has-pins')
    this.watch()
  }

  /** Take a click into the picture as a point, until `rest`. byKeys: the target gets the focus. */
  ask({ byKeys = false } = {}): void {
    this.target.open()
    if (byKeys) this.draft ??= MIDDLE
    this.draw()
    if (byKeys) this.target.element.focus({ preventScroll: true })
  }

  rest(): void {
    this.target.close()
    this.draw()
  }

  /** The player is no longer on the page. */
  remove(): void {
    this.timeline.element.remove()
  }

  draw(): void {
    const medium = mediumOf(this.player)
    if (isSeen(medium)) this.drawOver(medium)
    else this.layer.remove()
    this.timeline.draw(medium, this.remarks, this.selected)
  }

  private watch(): void {
    const { player } = this
    new ResizeObserver(() => this.draw()).observe(player)
    new MutationObserver((changes) => {
      const newNodes = changes.flatMap(({ addedNodes }) => [...addedNodes])
      if (newNodes.some((node) => node !== this.layer)) this.draw()
    }).observe(player, { childList: true })
    for (const name of ['loadedmetadata', 'timeupdate', 'seeked', 'load']) {
      player.addEventListener(name, () => this.draw(), true)
    }
  }

  private drawOver(medium: HTMLVideoElement | HTMLImageElement): void {
    const { player, layer, target } = this
    if (layer.parentElement !== player) player.append(layer)
    for (const [name, value] of Object.entries(pictureBox(player, medium))) {
      layer.style.setProperty(name, `${value}px`)
    }
    target.leaveRoom(medium instanceof HTMLVideoElement && medium.controls)
    this.hint.hidden = !target.isOpen || this.draft !== null
    this.drawPins(medium)
  }

  private drawPins(medium: Medium): void {
    const near = this.remarks.flatMap((remark) => {
      const { point } = remark
      return point && this.isNear(remark, medium) ? [{ remark, point }] : []
    })
    const state = JSON.stringify([near, this.draft, this.selected])
    if (state === this.drawn) return
    this.drawn = state
    const pins = near.map(({ remark, point }) => this.pin(remark, point))
    if (this.draft) {
      const mark = element('span', 'comment-pin is-draft')
      putAt(mark, this.draft)
      pins.push(mark)
    }
    this.marks.replaceChildren(...pins)
  }

  private isNear({ id, atMs, isResolved }: Remark, medium: Medium): boolean {
    if (isResolved && id !== this.selected) return false
    if (atMs === null || !lasts(medium)) return true
    return Math.abs(1_000 * medium.currentTime - atMs) <= NEAR_MS
  }

  private pin(remark: Remark, point: Point): HTMLElement {
    const pin = numberButton(remark, 'comment-pin', () => this.events.chosen(remark.id))
    pin.classList.toggle('is-shown', remark.id === this.selected)
    putAt(pin, point)
    return pin
  }
}

/** The picture inside its element: bars beside it are no part of it. In pixels of the player. */
function pictureBox(player: HTMLElement, medium: HTMLVideoElement | HTMLImageElement) {
  const outer = player.getBoundingClientRect()
  const box = medium.getBoundingClientRect()
  const isFilm = medium instanceof HTMLVideoElement
  const wide = (isFilm ? medium.videoWidth : medium.naturalWidth) || box.width
  const high = (isFilm ? medium.videoHeight : medium.naturalHeight) || box.height
  const scale = Math.min(box.width / wide, box.height / high) || 1
  const [width, height] = [wide * scale, high * scale]
  return {
    left: box.left - outer.left + (box.width - width) / 2,
    top: box.top - outer.top + (box.height - height) / 2,
    width,
    height,
  }
}
