import type { Medium } from '../api/schema'

/** The URL of the image shown for a file, or null. */
export function pictureOf(medium: Medium | undefined): string | null {
  if (!medium) return null
  return medium.posterUrl ?? (medium.kind === 'image' ? medium.url : null)
}
