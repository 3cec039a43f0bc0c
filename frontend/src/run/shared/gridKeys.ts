/** The keys of a grid of choices. Pure. */

import { type Press, pressedKey, shortcutKeys } from '../../frame/press'

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
}

/** The choice that a digit picks, from 0; null: the key picks none. */
export function pickOf(press: Press, choices: number): number | null {
  if (hasModifier(press)) return null
  const at = Number(shortcutKeys(press).find((key) => /^[1-9]$/.test(key))) - 1
  return at < choices ? at : null
}

/** Return the number of choices that an arrow goes on; null: the key goes nowhere. */
export function stepOf(press: Press): number | null {
  return hasModifier(press) ? null : (STEPS[pressedKey(press)] ?? null)
}

function hasModifier({ ctrlKey, altKey, metaKey }: Press): boolean {
  return ctrlKey || altKey || metaKey
}
