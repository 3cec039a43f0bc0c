/** The latest briefs, the newest first, and the one being written. Kept in this browser. */

import { BOOT } from '../editor/store'

const LATELY = 'reelgraph.briefs'
const WRITING = `reelgraph.brief.${BOOT.templateId}`
const MOST = 20

export function recentBriefs(): string[] {
  try {
    const json: unknown = JSON.parse(localStorage.getItem(LATELY) ?? '[]')
    return Array.isArray(json) ? json.filter((brief) => typeof brief === 'string') : []
  } catch {
    return []
  }
}

export function remember(brief: string): void {
  const others = recentBriefs().filter((known) => known !== brief)
  keep(localStorage, LATELY, JSON.stringify([brief, ...others].slice(0, MOST)))
}

/** Return the brief written here before the page was reloaded, or null. */
export function writtenBrief(): string | null {
  try {
    return sessionStorage.getItem(WRITING)
  } catch {
    return null
  }
}

/** An empty one is forgotten: what the template was made for counts again. */
export function keepWritten(brief: string): void {
  keep(sessionStorage, WRITING, brief === '' ? null : brief)
}

function keep(storage: Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage.removeItem(key)
    else storage.setItem(key, value)
  } catch {
    // A full or forbidden storage: nothing but the comfort is lost.
  }
}
