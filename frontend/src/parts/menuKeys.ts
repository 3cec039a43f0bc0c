/** Keys of an open menu: arrows, Home and End move, Escape and Tab close. */

import type { KeyboardEvent } from 'react'
import { pressedKey } from '../frame/press'

/** Handle `onKeyDown` of the element with role menu. No other key reaches what is around it. */
export function onMenuKey(event: KeyboardEvent<HTMLElement>, close: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')]
  const at = items.indexOf(document.activeElement as HTMLElement)
  const steps: Record<string, number> = {
    ArrowDown: (at + 1) % items.length,
    // Nothing may have the focus yet.
    ArrowUp: at <= 0 ? items.length - 1 : at - 1,
    Home: 0,
    End: items.length - 1,
  }
  const key = pressedKey(event)
  const next = steps[key]
  if (next !== undefined) items[next]?.focus()
  else if (key === 'Escape' || key === 'Tab') close()
  else if (key === 'Enter' || key === ' ') return
  event.preventDefault()
  event.stopPropagation()
}
