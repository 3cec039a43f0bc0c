/** The moderators' console. Without this all of it works as links, fields and buttons. */

import { Bulk } from '../moderation/bulk'
import { Decision } from '../moderation/decision'
import { type Console, Keys } from '../moderation/keys'
import { showMediaInPlace } from '../moderation/subject'
import { Turning } from '../moderation/turning'

let page: Console
const keys = new Keys(() => page)
const turning = new Turning((outcome) => {
  if (outcome !== 'none') prepare()
  if (outcome === 'asked') keys.use()
  else keys.forget()
})
prepare()
// A page that comes back from the history keeps its checks.
addEventListener('pageshow', () => page.bulk?.count())

function prepare(): void {
  const form = document.querySelector<HTMLFormElement>('[data-decide]')
  const queue = document.querySelector<HTMLFormElement>('[data-bulk]')
  const lookForm = document.querySelector<HTMLFormElement>('[data-look]')
  page = {
    decision: form && new Decision(form),
    bulk: queue && new Bulk(queue),
    isTurning: () => turning.isUnderWay,
  }
  if (lookForm) showMediaInPlace(lookForm)
  for (const sorter of document.querySelectorAll<HTMLFormElement>('[data-sends]')) {
    sorter.addEventListener('change', () => sorter.requestSubmit())
  }
}
