/** Keys that a tool about a clip has while it is open, wherever the keyboard is in it. */

import type { KeyboardEvent } from 'react'
import { redo, undo } from '../../../editor/actions'
import { keyNames, singleKeysOn } from '../../../editor/commands'
import type { Clip } from './useClip'

/** The actions of a tool by name of the key: `I`, `Delete`, `Shift+ArrowLeft`. */
export type ToolKeys = Readonly<Record<string, (() => void) | undefined>>

/** Handle a tool dialog's `onKey`. own: the actions of this tool that others do not have. */
export function onToolKey(event: KeyboardEvent, clip: Clip, own: ToolKeys): void {
  const actionOf = (one: string) => own[one] ?? common(one, clip)
  const name = keyNames(event).find(actionOf)
  if (name === undefined) return
  const target = event.target as Element
  // A button has its own Space and Enter, a slider its own arrows.
  const isPress = name === 'Space' || name === 'Enter'
  if (isPress && target.closest('button, a, summary, label, input')) return
  if (isWalk(name) && target.closest('input')) return
  if (/^[A-Z]$/.test(name) && !singleKeysOn()) return
  event.preventDefault()
  actionOf(name)?.()
}

function isWalk(name: string): boolean {
  return /^(Shift\+)?(Arrow\w+|Home|End)$/.test(name)
}

function common(name: string, clip: Clip): (() => void) | undefined {
  switch (name) {
    case 'Space':
      return clip.toggle
    case 'ArrowLeft':
      return () => clip.step(-1)
    case 'ArrowRight':
      return () => clip.step(1)
    case 'Shift+ArrowLeft':
      return () => clip.step(-Math.round(clip.rate))
    case 'Shift+ArrowRight':
      return () => clip.step(Math.round(clip.rate))
    case 'Home':
      return () => clip.seek(0)
    case 'End':
      return () => clip.seek(clip.duration)
    case 'Ctrl+Z':
      return undo
    case 'Ctrl+Shift+Z':
    case 'Ctrl+Y':
      return redo
    default:
      return undefined
  }
}
