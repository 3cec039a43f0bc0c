/** The reply of a card's form. */

import type { Turn } from '../../api/schema'
import type { Reply } from '../../run/shared/replies'

/** pressed: the value of the button. null: it answers nothing. */
export function replyOf(turn: Turn, form: HTMLFormElement, pressed: string): Reply | null {
  const sent = new FormData(form)
  const text = String(sent.get('text') ?? '').trim()
  switch (pressed) {
    case 'answer':
      return { type: 'text', text }
    case 'complete':
      return { type: 'complete', text }
    case 'select':
      return { type: 'picked', ids: sent.getAll('pick').map(String) }
    case 'approve':
      return { type: 'approve' }
    case 'attach':
      return { type: 'job', id: String(sent.get('jobId') ?? '').trim() }
    case 'reject':
      return { type: 'decline' }
    case 'redo':
      return { type: 'redo', words: saidAgain(turn, sent) }
    case 'cancel':
      return { type: 'cancel' }
    default:
      return null
  }
}

/** Only what was changed: what is left as it was may come from elsewhere, too. */
function saidAgain(turn: Turn, sent: FormData): Record<string, string> {
  const said = turn.words.map(({ name, value }) => {
    const text = String(sent.get(`words.${name}`) ?? '').trim()
    return [name, text === value.trim() ? '' : text] as const
  })
  return Object.fromEntries(said.filter(([, text]) => text !== ''))
}
