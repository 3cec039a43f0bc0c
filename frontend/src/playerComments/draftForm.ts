/** The form of the next comment: it says what that is pinned to, and sends it. */

import { momentWords } from './elements'
import { isSeen, keyOf, lasts, mediumOf, momentOf } from './players'
import { commentForm, type Point } from './remarks'

/** The place to which the next comment is pinned. */
export interface Draft {
  readonly player: HTMLElement
  readonly key: string
  readonly atMs: number | null
  readonly point: Point | null
}

/** current: the player that was used last. */
export function drawForm(current: HTMLElement | null, draft: Draft | null): void {
  const form = commentForm()
  if (!form) return
  const medium = current && mediumOf(current)
  const at = draft?.atMs ?? null
  const moment = at ?? (current && momentOf(current)) ?? 0
  drawButton(form, '[data-pin-moment]', lasts(medium), at !== null, `At ${momentWords(moment)}`)
  const point = draft?.point ?? null
  const words = point ? 'Point pinned' : 'Pin a point'
  drawButton(form, '[data-pin-point]', isSeen(medium), point !== null, words)
  write(form, 'atMs', at === null ? '' : String(at))
  write(form, 'x', point ? point.x.toFixed(5) : '')
  write(form, 'y', point ? point.y.toFixed(5) : '')
  const key = draft?.key ?? (current ? keyOf(current) : '')
  const isOnCreation = current?.dataset.position !== undefined
  write(form, 'position', isOnCreation && draft ? key : '')
  if (!isOnCreation && key) write(form, 'artifact', key)
}

export function focusText(): void {
  const text = commentForm()?.elements.namedItem('text')
  if (text instanceof HTMLTextAreaElement) text.focus()
}

export function focusPointButton(): void {
  commentForm()?.querySelector<HTMLElement>('[data-pin-point]')?.focus()
}

function drawButton(
  form: HTMLFormElement,
  selector: string,
  isThere: boolean,
  isPressed: boolean,
  words: string,
): void {
  const button = form.querySelector<HTMLElement>(selector)
  const place = button?.querySelector('[data-words]')
  if (!button || !place) return
  button.hidden = !isThere
  button.setAttribute('aria-pressed', String(isPressed))
  place.textContent = words
}

function write(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name)
  if (field instanceof HTMLInputElement) field.value = value
}
