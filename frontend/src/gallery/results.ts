/** Words about what a search found, and about one that failed. */

import { say } from '../frame/announcements'

/** results.dataset.what: what they are, as "template". */
export function tellResults(results: HTMLElement): void {
  document.addEventListener('htmx:afterSwap', ({ detail: { target } }) => {
    if (target.id !== results.id) return
    // Without those of what is new this week.
    const count = results.querySelectorAll(':scope > .grid .card').length
    const more = results.querySelector('#more') ? ', more below' : ''
    const plural = count === 1 ? '' : 's'
    say(count ? `${count} ${results.dataset.what}${plural}${more}` : 'No results')
  })
}

/** stale: says that the list is an earlier one, and has a button to ask again. */
export function offerRetry(stale: HTMLElement): void {
  let last: HTMLElement | null = null
  for (const name of ['htmx:sendError', 'htmx:responseError', 'htmx:timeout'] as const) {
    document.addEventListener(name, ({ detail }) => {
      last = detail.requestConfig.elt ?? null
      stale.hidden = false
    })
  }
  document.addEventListener('htmx:afterSwap', () => {
    stale.hidden = true
  })
  stale.querySelector('[data-retry]')?.addEventListener('click', () => {
    // What asked asks again, with the words that are there now.
    const asker = last?.isConnected ? last : document.getElementById('find')
    if (last && asker) window.htmx?.trigger(asker, asker.id === 'find' ? 'submit' : 'click')
    else location.reload()
  })
}
