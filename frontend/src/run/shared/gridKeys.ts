/** The keys of a grid of choices. Pure. */

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
}

interface Pressed {
  readonly key: string
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly metaKey: boolean
}

/** The choice that a digit picks, from 0; null: the key picks none. */
export function pickOf(event: Pressed, choices: number): number | null {
  if (hasModifier(event) || !/^[1-9]$/.test(event.key)) return null
  const at = Number(event.key) - 1
  return at < choices ? at : null
}

/** Return the number of choices that an arrow goes on; null: the key goes nowhere. */
export function stepOf(event: Pressed): number | null {
  return hasModifier(event) ? null : (STEPS[event.key] ?? null)
}

function hasModifier({ ctrlKey, altKey, metaKey }: Pressed): boolean {
  return ctrlKey || altKey || metaKey
}
