/** Tools that were added lately, the newest first. */

import * as recent from '../../parts/recent'

const KEY = 'reelgraph.recent-tools'

export function recentTools(): string[] {
  return recent.recentOf(KEY)
}

export function remember(tool: string): void {
  recent.remember(KEY, tool, 12)
}
