/** The reply of a card's form. */

import type { Turn } from '../../api/schema'
import type { Reply } from '../../run/shared/replies'

/** pressed: the value of the button. null: it answers nothing. */
export function replyOf(turn: Turn, form: HTMLFormElement, pressed: string): Reply | null {
  const data = new FormData(form)
  const text = String(data.get('text') ?? '').trim()
  switch (pressed) {
    case 'answer':
      return { type: 'text', text }
    case 'complete':
      return { type: 'complete', text }
    case 'select':
      return { type: 'picked', ids: data.getAll('pick').map(String) }
    case 'approve':
      return { type: 'approve' }
    case 'attach':
      return { type: 'job', id: String(data.get('jobId') ?? '').trim() }
    case 'reject':
      return { type: 'decline' }
    case 'redo':
      return { type: 'redo', words: saidAgain(turn, data) }
    case 'cancel':
      return { type: 'cancel' }
    default:
      return null
  }
}

/** Only what was changed: what is left as it was may come from elsewhere, too. */
function saidAgain(turn: Turn, sent: FormData): Record<string, string> {
  const entries = turn.words.map(({ name, value }) => {
    const text = String(sent.get(`words.${name}`) ?? '').trim()
    return [name, text === value.trim() ? '' : text] as const
  })
  return Object.fromEntries(entries.filter(([, text]) => text !== ''))
}
