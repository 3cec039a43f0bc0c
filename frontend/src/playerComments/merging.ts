/** The list of comments as it is now, put into the one on the page: what someone writes stays. */

import { commentList, idsIn } from './remarks'

/** fresh: the list, as a page that was asked for just now has it. Returns how many are new. */
export function mergeList(fresh: HTMLElement): number {
  const list = commentList()
  const now = list?.querySelector<HTMLElement>('[data-threads]')
  const then = fresh.querySelector<HTMLElement>('[data-threads]')
  if (!list || !now || !then) return 0
  const before = new Set(idsIn(list))
  mergeThreads(now, then)
  const title = fresh.querySelector('h2')
  if (title) list.querySelector('h2')?.replaceWith(title)
  list.dataset.etag = fresh.dataset.etag ?? ''
  return idsIn(list).filter((id) => !before.has(id)).length
}

function mergeThreads(now: HTMLElement, then: HTMLElement): void {
  const target = [...then.children]
  const ids = new Set(target.map(({ id }) => id))
  for (const old of [...now.children]) if (!ids.has(old.id)) old.remove()
  for (const [place, thread] of target.entries()) {
    const old = now.children[place]
    if (old?.id !== thread.id) {
      now.insertBefore(thread, old ?? null)
      window.htmx?.process(thread)
    } else if (isBusy(old)) renewAround(old, thread)
    else {
      if (old.classList.contains('is-shown')) thread.classList.add('is-shown')
      swap(old, thread)
    }
  }
}

/** Half-written words stay; what others said is renewed around them. */
function renewAround(old: Element, thread: Element): void {
  const body = thread.querySelector(':scope > .comment-body')
  if (body) old.querySelector(':scope > .comment-body')?.replaceWith(body)
  const there = old.querySelector(':scope > .answers')
  const came = thread.querySelector(':scope > .answers')
  if (came && there && !isBusy(there)) swap(there, came)
  else if (came && !there) {
    old.insertBefore(came, old.lastElementChild)
    window.htmx?.process(came)
  } else if (there && !came) there.remove()
  old.classList.toggle('is-resolved', thread.classList.contains('is-resolved'))
}

/** Return true if someone writes there or is about to. */
function isBusy(thread: Element): boolean {
  const isOpen = thread.querySelector('details[open], :popover-open') !== null
  return isOpen || thread.contains(document.activeElement)
}

function swap(old: Element, fresh: Element): void {
  old.replaceWith(fresh)
  window.htmx?.process(fresh)
}
