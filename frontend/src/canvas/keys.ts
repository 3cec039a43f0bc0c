/** Keys that only mean something on the canvas itself: walking from stage to stage, and the hand. */

import type { KeyboardEvent } from 'react'
import { focus, say, select } from '../editor/actions'
import { editor } from '../editor/store'
import { isTyping } from '../frame/events'
import { pressedKey } from '../frame/press'
import { enter } from './nodeActions'
import { canvas, setCanvas } from './state'
import { reveal } from './view'

/** Return a node's attributes for keyboard and assistive technology: a group, a tab stop. */
export function stop(id: string, name: string, type?: string) {
  return {
    role: 'group',
    tabIndex: 0,
    'aria-label': name,
    'aria-roledescription': type,
    'data-node-id': id,
    onFocus: () => focus(id),
  }
}

export function onCanvasKey(event: KeyboardEvent<HTMLElement>): void {
  if (isTyping(event.nativeEvent)) return
  const target = event.target as Element
  const isButton = target.closest('button, a, [role=toolbar]') !== null
  const key = pressedKey(event)
  if (key === ' ' && !isButton) {
    event.preventDefault()
    if (!canvas().isPanning) setCanvas({ isPanning: true })
    return
  }
  if (isButton) return
  if (key === 'Tab' && !event.altKey && !event.ctrlKey) walk(event, event.shiftKey ? -1 : 1)
  else if (key === 'Enter' && !event.ctrlKey && !event.metaKey) {
    const { focused } = editor()
    if (focused === null) return
    event.preventDefault()
    if (editor().selection.has(focused)) enter(focused)
    else select([focused], event.shiftKey)
  }
}

/** Tab goes through the stages in their order, also those that are out of view. */
function walk(event: KeyboardEvent<HTMLElement>, step: 1 | -1): void {
  const { wiring, focused } = editor()
  const order = [...wiring.nodes.keys()]
  const isInside = event.target !== event.currentTarget
  if (!isInside && step === -1) return
  const at = focused === null ? -1 : order.indexOf(focused)
  const next = at === -1 ? order[step === 1 ? 0 : order.length - 1] : order[at + step]
  if (next === undefined) {
    // Past the last one: on to what follows the canvas.
    focus(null)
    if (isInside || canvas().isFar) {
      const last = event.currentTarget.querySelector<HTMLElement>('.tools button')
      if (step === 1) last?.focus()
      else event.currentTarget.focus()
      event.preventDefault()
    }
    return
  }
  event.preventDefault()
  focusNode(next)
}

/** Put the keyboard on a node, wherever it is. */
export function focusNode(id: string): void {
  focus(id)
  reveal(id, false)
  const main = document.querySelector<HTMLElement>('.work-area')
  const find = () => main?.querySelector<HTMLElement>(`[data-node-id="${CSS.escape(id)}"]`)
  const element = find()
  if (element) {
    element.focus({ preventScroll: true })
    return
  }
  main?.focus({ preventScroll: true })
  if (canvas().isFar) {
    say(editor().wiring.nodes.get(id)?.title ?? '')
    return
  }
  // It has just come into view and is in the page with the next frame.
  requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus({ preventScroll: true })))
}
