/**
 * The key of a press. The linter refuses to read an event's `key`, `code`, `keyCode` or
 * `isComposing` anywhere else (../../keys.grit).
 */

import type { KeyboardEvent as ComponentEvent } from 'react'

export type Press = KeyboardEvent | ComponentEvent

/** The code in Safari of the Enter that ends a composition, when it is no longer composing. */
const OF_INPUT_METHOD = 229

/** The signs of a US keyboard, and with Shift, on keys that have a letter of another script. */
const SIGNS: Readonly<Record<string, string>> = {
  Period: '.>',
  Comma: ',<',
  Slash: '/?',
  BracketLeft: '[{',
  BracketRight: ']}',
}

/** Return what a press writes, or the name of its key; '' if an input method takes the press. */
export function pressedKey(press: Press): string {
  const { isComposing, keyCode, key } = 'nativeEvent' in press ? press.nativeEvent : press
  return isComposing || keyCode === OF_INPUT_METHOD ? '' : key
}

/**
 * Return the keys of shortcuts that a press may mean, letters in lower case: first what it writes;
 * where that is no Latin letter or digit, then what a US keyboard writes in this place.
 */
export function shortcutKeys(press: Press): string[] {
  const key = pressedKey(press)
  if (key === '') return []
  // An Arabic keyboard has a key that writes two letters.
  if (/^\w{2,}$/.test(key)) return [key]
  const letter = key.toLowerCase()
  const inPlace = /^[a-z0-9]$/.test(letter) ? '' : writtenInPlace(press, letter)
  return inPlace ? [letter, inPlace] : [letter]
}

function writtenInPlace(press: Press, letter: string): string {
  // AltGr types another sign of the key.
  if (press.getModifierState('AltGraph')) return ''
  const { code, shiftKey } = press
  if (/^Digit\d$/.test(code)) return shiftKey ? '' : code.slice(-1)
  if (/\p{Script=Latin}/u.test(letter)) return ''
  if (/^Key[A-Z]$/.test(code)) return code.slice(-1).toLowerCase()
  return /\p{L}/u.test(letter) ? (SIGNS[code]?.[shiftKey ? 1 : 0] ?? '') : ''
}
