/**
 * The console's pages follow one another in one document, so that no key is typed between two of
 * them. Without this, and wherever else a link or form of the console leads, the browser goes there.
 */

import { around, opensElsewhere } from '../frame/events'
import { UNCLEAR } from '../frame/requests'
import { showToasts, toast } from '../frame/toasts'

/** The log's files, which have a dot, are no pages. */
const PAGE = /^\/admin\/moderation\/[^.]*$/
/** The parts that differ from page to page. */
const PARTS = ['console-ways', 'console-undo', 'main']

/** Another page is here: the one that was asked for, or one that says why not. Or none is. */
export type Outcome = 'asked' | 'refused' | 'none'

export class Turning {
  /** True if another page is on its way; what this one shows is about to go. */
  isUnderWay = false
  private shown = addressOf(location)

  /** end: called with what became of it. */
  constructor(private readonly end: (outcome: Outcome) => void) {
    document.addEventListener('click', (event) => {
      const link = around<HTMLAnchorElement>(event, 'a[href]')
      if (!link || event.defaultPrevented || opensElsewhere(event) || event.altKey) return
      if (!isPage(link.href) || link.getAttribute('href')?.startsWith('#')) return
      event.preventDefault()
      void this.turn(link.href)
    })
    document.addEventListener('submit', (event) => this.send(event))
    addEventListener('pageshow', ({ persisted }) => persisted && this.stop('none'))
    addEventListener('popstate', () => {
      if (addressOf(location) !== this.shown) location.reload()
    })
  }

  private send(event: SubmitEvent): void {
    const { submitter } = event
    const form = around<HTMLFormElement>(event, 'form')
    // `form.action` would be the field of that name.
    const address = submitter?.getAttribute('formaction') ?? form?.getAttribute('action')
    if (!form || !address || event.defaultPrevented) return
    const url = new URL(address, location.href)
    if (!isPage(url.href)) return
    event.preventDefault()
    const fields = new FormData(form, submitter)
    if (form.method === 'post') void this.turn(url.href, fields)
    else {
      url.search = new URLSearchParams([...fields] as [string, string][]).toString()
      void this.turn(url.href)
    }
  }

  private async turn(address: string, body?: FormData): Promise<void> {
    const main = document.getElementById('main')
    // A second click on what is sent already means nothing.
    if (this.isUnderWay || !main) return
    this.isUnderWay = true
    main.inert = true
    try {
      const answer = await fetch(address, body && { method: 'POST', body })
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const hasAddress = !body || answer.redirected
      if (page.getElementById('console-ways')) {
        this.show(page, hasAddress ? answer.url : '')
        this.stop(answer.ok ? 'asked' : 'refused')
      } else if (hasAddress) location.assign(answer.url)
      else {
        toast(UNCLEAR, 'error')
        this.stop('none')
      }
    } catch {
      toast("The server can't be reached. Try again.", 'error')
      this.stop('none')
    }
  }

  private stop(outcome: Outcome): void {
    const main = document.getElementById('main')
    if (main) main.inert = false
    this.isUnderWay = false
    this.end(outcome)
  }

  /** address: empty for the answer to a form, which has none of its own. */
  private show(page: Document, address: string): void {
    if (address) {
      history.pushState(null, '', address)
      this.shown = addressOf(location)
    }
    document.title = page.title
    const scrollTop = document.querySelector('.moderation-queue ol')?.scrollTop ?? 0
    for (const id of PARTS) {
      const fresh = page.getElementById(id)
      if (fresh) document.getElementById(id)?.replaceWith(fresh)
    }
    showToasts(page)
    const rows = document.querySelector('.moderation-queue ol')
    if (rows) rows.scrollTop = scrollTop
    rows?.querySelector('[data-current]')?.scrollIntoView({ block: 'nearest' })
    scrollTo(0, 0)
    beginReading()
  }
}

/** Focus the place to read next: what is wrong, else the case, else the page's heading. */
function beginReading(): void {
  const main = document.getElementById('main')
  const place =
    main?.querySelector<HTMLElement>('[role=alert]') ??
    main?.querySelector<HTMLElement>('.moderation-title') ??
    main?.querySelector('h1')
  if (!place) return
  place.tabIndex = -1
  place.focus()
}

function isPage(address: string): boolean {
  const url = new URL(address)
  return url.origin === location.origin && PAGE.test(url.pathname)
}

function addressOf({ pathname, search }: Location): string {
  return pathname + search
}
