/** The comments of a page with its players: which is shown, and what the next one is pinned to. */

import { say } from '../frame/announcements'
import { type Draft, drawForm, focusPointButton, focusText } from './draftForm'
import { Pins } from './pins'
import { isSeen, keyOf, lasts, mediumOf, momentOf, players, seek } from './players'
import { elementOf, listedRemarks, type Point, remarkOf } from './remarks'

export class Board {
  private readonly pins = new Map<HTMLElement, Pins>()
  /** The player that was used last. */
  private current: HTMLElement | null = null
  private draft: Draft | null = null

  /** Draw pins, marks and the form as the list and the players are. */
  draw(): void {
    const remarks = listedRemarks()
    for (const player of players()) {
      if (!this.pins.has(player)) this.pins.set(player, this.pinsOf(player))
    }
    for (const [player, pins] of this.pins) {
      if (!player.isConnected) {
        pins.remove()
        this.pins.delete(player)
        continue
      }
      const key = keyOf(player)
      pins.remarks = remarks.filter((remark) => remark.key === key)
      pins.draft = this.draft?.player === player ? this.draft.point : null
      pins.draw()
    }
    if (!this.current?.isConnected) this.current = players()[0] ?? null
    this.drawForm()
  }

  /** Go to a comment: its player shows its moment, with its pin. False: it is not there. */
  show(id: string, from: 'list' | 'player' = 'list'): boolean {
    const element = elementOf(id)
    const comment = element?.closest<HTMLElement>('.comment')
    if (!element || !comment) return false
    for (const other of document.querySelectorAll('#comments .is-shown')) {
      other.classList.remove('is-shown')
    }
    element.classList.add('is-shown')
    bringToScreen(comment.dataset.artifact)
    const remark = remarkOf(comment)
    const player = players().find((one) => keyOf(one) === remark.key)
    this.draw()
    for (const [owner, pins] of this.pins) {
      pins.selected = owner === player ? remark.id : ''
      pins.draw()
    }
    const film = player ? mediumOf(player) : null
    if (lasts(film) && remark.atMs !== null) seek(film, remark.atMs)
    const isPinned = remark.atMs !== null || remark.point !== null
    if (player && isPinned) this.current = player
    const goal = player && isPinned ? player : element
    if (from === 'list') goal.scrollIntoView({ block: 'center' })
    return true
  }

  /** A player is used. hasStarted: it plays, so the comment that was shown is left. */
  use(player: HTMLElement, hasStarted: boolean): void {
    this.current = player
    const pins = this.pins.get(player)
    if (hasStarted && pins) pins.selected = ''
    this.drawForm()
  }

  drawForm(): void {
    drawForm(this.current, this.draft)
  }

  /** Pin the next comment to this moment, or let it go. */
  pressMoment(isPinned: boolean): void {
    if (isPinned) this.unpin()
    else if (this.current) {
      this.pinMoment(this.current)
      this.draw()
      if (isSeen(mediumOf(this.current))) this.pins.get(this.current)?.ask()
    }
  }

  /** Ask for a point of the picture, or let it go. */
  pressPoint(isPinned: boolean): void {
    const { current, draft } = this
    if (isPinned && draft) {
      this.draft = { ...draft, point: null }
      if (draft.atMs === null) this.unpin()
      else this.draw()
    } else if (current) {
      if (draft?.player !== current) this.pinMoment(current)
      this.draw()
      if (isSeen(mediumOf(current))) this.pins.get(current)?.ask({ byKeys: true })
      current.scrollIntoView({ block: 'center' })
    }
  }

  /** A picture was clicked: that is the point. */
  pinPicture(player: HTMLElement, point: Point): void {
    this.pins.get(player)?.ask()
    this.place(player, point)
  }

  /** The next comment is pinned to nothing. */
  unpin(): void {
    this.draft = null
    for (const pins of this.pins.values()) pins.rest()
    this.draw()
  }

  private pinsOf(player: HTMLElement): Pins {
    return new Pins(player, {
      placed: (point) => this.place(player, point),
      cancelled: () => {
        this.unpin()
        focusPointButton()
      },
      chosen: (id) => this.show(id, 'player'),
    })
  }

  private pinMoment(player: HTMLElement): void {
    const film = mediumOf(player)
    if (lasts(film)) film.pause()
    this.draft = { player, key: keyOf(player), atMs: momentOf(player), point: null }
  }

  private place(player: HTMLElement, point: Point): void {
    this.current = player
    if (this.draft?.player !== player) this.pinMoment(player)
    if (this.draft) this.draft = { ...this.draft, point }
    this.draw()
    focusText()
    say('Point pinned')
  }
}

/** On a run, what a comment is about may be one of the small pictures below the screen. */
function bringToScreen(artifact: string | undefined): void {
  if (!artifact || players().some((player) => keyOf(player) === artifact)) return
  document.querySelector<HTMLElement>(`[data-shows="${CSS.escape(artifact)}"]`)?.click()
}
