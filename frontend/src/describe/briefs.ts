/** The latest briefs, the newest first, and the one being written. Kept in this browser. */

import { BOOT } from '../editor/store'
import * as recent from '../parts/recent'

const LATELY = 'reelgraph.briefs'
const WRITING = `reelgraph.brief.${BOOT.templateId}`

export function recentBriefs(): string[] {
  return recent.recentOf(LATELY)
}

export function remember(brief: string): void {
  recent.remember(LATELY, brief, 20)
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
  try {
    if (brief === '') sessionStorage.removeItem(WRITING)
    else sessionStorage.setItem(WRITING, brief)
  } catch {
    // A full or forbidden storage: nothing but the comfort is lost.
  }
}
