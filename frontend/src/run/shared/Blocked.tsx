import { Ban } from 'lucide-react'

export const BLOCKED = 'Blocked by a moderator'

/** In place of a file that is shown to no one any more. */
export function Blocked() {
  return (
    <span className="blocked">
      <Ban className="i" aria-hidden />
      {BLOCKED}
    </span>
  )
}
