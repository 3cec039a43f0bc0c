/** Short texts that were used lately, the newest first. Kept in this browser. */

export function recentOf(key: string): string[] {
  try {
    const texts: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(texts) ? texts.filter((text) => typeof text === 'string') : []
  } catch {
    return []
  }
}

export function remember(key: string, text: string, most: number): void {
  const others = recentOf(key).filter((other) => other !== text)
  try {
    localStorage.setItem(key, JSON.stringify([text, ...others].slice(0, most)))
  } catch {
    // A full or forbidden storage: the list stays as it was.
  }
}
