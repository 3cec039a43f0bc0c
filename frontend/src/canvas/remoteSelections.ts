/** Other people on the canvas: who has what selected. */

import type { Person } from '../api/schema'
import { useEditor } from '../editor/store'

/** Someone else who has this selected. */
export function useRemoteSelection(id: string): Person | undefined {
  return useEditor(({ inside, people }) =>
    inside ? undefined : people.find((person) => person.selection.includes(id)),
  )
}

export function hueOf(person: Person): string {
  return `avatar-hue-${person.hue % 8}`
}
