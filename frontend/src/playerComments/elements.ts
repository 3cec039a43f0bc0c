import { clock } from '../run/shared/time'
import type { Point, Remark } from './remarks'

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  words = '',
): HTMLElementTagNameMap[Name] {
  const node = document.createElement(name)
  node.className = className
  node.textContent = words
  return node
}

/** "0:02", as `shown.moment` on the server. */
export function momentWords(ms: number): string {
  return clock(ms / 1_000)
}

/** A button with a comment's number, on the picture or the timeline. */
export function numberButton(
  remark: Remark,
  className: string,
  chosen: () => void,
): HTMLButtonElement {
  const { number, author, atMs } = remark
  const button = element('button', `${className} num`, number)
  button.type = 'button'
  const moment = atMs === null ? '' : ` at ${momentWords(atMs)}`
  button.setAttribute('aria-label', `Comment ${number} by ${author}${moment}`)
  button.addEventListener('click', chosen)
  return button
}

export function putAt(mark: HTMLElement, { x, y }: Point): void {
  mark.style.left = `${100 * x}%`
  mark.style.top = `${100 * y}%`
}
