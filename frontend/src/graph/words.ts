/** Names and kinds as people read them. */

import type { SocketKind } from '../api/schema'

const NAME_LENGTH = 80
// Invisible marks that turn the text around them; in a picture of many names they cross over.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Words for a kind on an edge, as they follow the subject: "Voice is audio". */
export const KIND_WORDS: Readonly<Record<SocketKind, string>> = {
  image: 'an image',
  video: 'a video',
  audio: 'audio',
  model: 'a 3D model',
  text: 'text',
  number: 'a number',
  choice: 'a choice',
}

/** Words for the kind that a socket takes: "Frames needs images". */
export const KINDS_WORDS: Readonly<Record<SocketKind, string>> = {
  image: 'images',
  video: 'videos',
  audio: 'audio',
  model: '3D models',
  text: 'text',
  number: 'numbers',
  choice: 'choices',
}

/** A name on one line, without control and direction marks, cut to `length`. */
export function clean(text: string, length = NAME_LENGTH): string {
  const line = text
    .slice(0, length * 8)
    .replace(TURNING, '')
    .replace(CONTROL, ' ')
  const name = line.split(/\s+/u).filter(Boolean).join(' ')
  const characters = [...name]
  if (characters.length <= length) return name
  return `${characters
    .slice(0, length - 1)
    .join('')
    .trimEnd()}…`
}

/** `referenceImageIndices`, `key_frame` → "Reference image indices", "Key frame". */
export function wordsOf(name: string): string {
  const words = name
    .slice(0, 200)
    .replace(/(?<=[a-z0-9])(?=[A-Z])|[_\-.]+/g, ' ')
    .trim()
    .toLowerCase()
  return clean(words.slice(0, 1).toUpperCase() + words.slice(1))
}

/** "Shots", "Shots and Score", "Shots, Score and 2 others". */
export function listed(names: readonly string[], most = 3): string {
  if (names.length <= 1) return names[0] ?? ''
  if (names.length <= most) return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`
  const rest = names.length - most + 1
  return `${names.slice(0, most - 1).join(', ')} and ${rest} others`
}

/** Return a name as a key: "Close-up, 2nd try" → "close-up-2nd-try". */
export function slug(words: string): string {
  const plain = words
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return plain.replace(/^-+|-+$/g, '').slice(0, 40)
}

/** `wanted`, or `wanted-2`, `wanted-3` … when that is taken. */
export function unused(wanted: string, isTaken: (name: string) => boolean, joint = '-'): string {
  if (!isTaken(wanted)) return wanted
  // "clip-2" goes on as "clip-3", not as "clip-2-2".
  const match = new RegExp(`^(.*)${joint}(\\d{1,6})$`, 's').exec(wanted)
  const stem = match?.[1] ?? wanted
  let number = match ? Number(match[2]) : 1
  for (;;) {
    number += 1
    const name = `${stem}${joint}${number}`
    if (!isTaken(name)) return name
  }
}
