/** Others' comments, as they come: the page asks for them (docs/decisions/0029). */

import { isRefusal, parse } from '../api/http'
import { say } from '../frame/announcements'
import { isPart } from '../frame/requests'
import { toast } from '../frame/toasts'
import { mergeList } from './merging'
import { commentList } from './remarks'

const EVERY_MS = 10_000
const GONE = new Set([401, 403, 404, 410])
const LOST = "You can't see these comments any more. Reload the page."

/** isSwapping: a comment is on its way, which renews the list. changed: the list is another. */
export function followComments(isSwapping: () => boolean, changed: () => void): void {
  const look = async () => {
    const list = commentList()
    if (!list?.dataset.etag || document.hidden || isSwapping()) return
    const fresh = await ask(list.dataset.list ?? '', list.dataset.etag)
    if (fresh === 'gone') {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
      list.querySelector('[data-threads]')?.replaceChildren()
      changed()
      toast(LOST, 'error')
    } else if (fresh) {
      const count = mergeList(fresh)
      if (count > 0) say(count === 1 ? '1 new comment' : `${count} new comments`)
      changed()
    }
  }
  const timer = setInterval(look, EVERY_MS)
  document.addEventListener('visibilitychange', look)
}

/** The list, if it is another than the one with this tag; null where nothing is to be done. */
async function ask(address: string, etag: string): Promise<HTMLElement | 'gone' | null> {
  try {
    const headers = { 'HX-Request': 'true', 'If-None-Match': etag }
    const answer = await fetch(address, { headers, redirect: 'error' })
    const words = await answer.text()
    if (GONE.has(answer.status) && isRefusal(parse(words))) return 'gone'
    if (answer.status !== 200 || !isPart(words)) return null
    const page = new DOMParser().parseFromString(words, 'text/html')
    // A comment sent in the meantime has renewed the list.
    return commentList()?.dataset.etag === etag ? page.getElementById('comments') : null
  } catch {
    return null // Asked again at the next turn.
  }
}
