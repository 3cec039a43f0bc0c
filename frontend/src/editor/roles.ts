/** The rights of a template's roles, in words. */

import type { Member } from '../api/schema'

export type Role = Member['role']

/** Those that an owner can give, the most first. */
export const GIVEN: readonly { role: Role; label: string; help: string }[] = [
  { role: 'editor', label: 'Editor', help: 'Edits the draft and runs it with their own credits' },
  { role: 'commenter', label: 'Commenter', help: 'Sees the draft and its results, and comments' },
  { role: 'viewer', label: 'Viewer', help: 'Sees the draft and its results' },
]

/** "You can comment". null: someone who does not work on it. */
export function roleWords(role: Role | null): string {
  switch (role) {
    case 'owner':
      return 'This template is yours'
    case 'editor':
      return 'You can edit'
    case 'commenter':
      return 'You can comment'
    default:
      return 'You can look at this template'
  }
}
