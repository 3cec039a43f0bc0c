/**
 * Keys of starts that the server has not answered yet. A press of Run keeps its key until then, over
 * a reload and over Back: pressed again after a lost answer, it starts no second run.
 */

const PREFIX = 'start '
/** The keys, until the page is left, for a frame that may store nothing. */
const memory = new Map<string, string>()

/** Return the key of the start at this place that has no answer yet; "" when there is none. */
export function openKey(place: string): string {
  return load(PREFIX + place) ?? ''
}

/** Keep the key of a start until its answer. Returns the key that is kept already, if there is one. */
export function keepKey(place: string, key: string): string {
  const open = openKey(place)
  if (open) return open
  memory.set(PREFIX + place, key)
  try {
    sessionStorage.setItem(PREFIX + place, key)
  } catch {
    // See above.
  }
  return key
}

/** The server itself has answered: the next press is another start. */
export function dropKey(place: string): void {
  memory.delete(PREFIX + place)
  try {
    sessionStorage.removeItem(PREFIX + place)
  } catch {
    // See above.
  }
}

function load(name: string): string | null {
  try {
    return sessionStorage.getItem(name) ?? memory.get(name) ?? null
  } catch {
    return memory.get(name) ?? null
  }
}
