/** Tools that were added lately, the newest first. Kept in this browser. */

const KEY = 'reelgraph.recent-tools'
const MOST = 12

export function recentTools(): string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
  } catch {
    return []
  }
}

export function remember(tool: string): void {
  const others = recentTools().filter((name) => name !== tool)
  try {
    localStorage.setItem(KEY, JSON.stringify([tool, ...others].slice(0, MOST)))
  } catch {
    // A full or forbidden storage: the list stays as it was.
  }
}
