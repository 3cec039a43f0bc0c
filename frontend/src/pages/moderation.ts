/** The moderators' console. Without this all of it works as links, fields and buttons. */

import { Bulk } from '../moderation/bulk'
import { Decision } from '../moderation/decision'
import { listenForKeys } from '../moderation/keys'
import { showMediaInPlace } from '../moderation/subject'

const form = document.querySelector<HTMLFormElement>('[data-decide]')
const queue = document.querySelector<HTMLFormElement>('[data-bulk]')
const covered = document.querySelector<HTMLFormElement>('[data-look]')

listenForKeys({ decision: form && new Decision(form), bulk: queue && new Bulk(queue) })
if (covered) showMediaInPlace(covered)
for (const sorter of document.querySelectorAll<HTMLFormElement>('[data-sends]')) {
  sorter.addEventListener('change', () => sorter.requestSubmit())
}
