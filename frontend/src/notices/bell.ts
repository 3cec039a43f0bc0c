/**
 * `<notice-bell person="…" unread="2" newest="17">`: a link to the notices, which this makes a bell:
 * how many are unread, in the bar and in the tab's title; the latest ones when it is pressed; and
 * the browser's notifications for the kinds that someone chose. Pages and the editor both have one.
 */

import { say } from '../frame/announcements'
import { around } from '../frame/events'
import { notify } from './browser'
import { NoticePanel } from './panel'
import { markRead } from './read'
import { countedTitle, countWords, KnownNotices, type Notice, type Standing } from './standing'
import { NoticeTabs } from './tabs'

/** So long a tab that shows what a notice is about has time to say so. */
const SEEN_MS = 400

/** Return true if this page shows what a notice leads to. */
function isHere(url: string): boolean {
  const there = new URL(url, location.href)
  const run = /^\/runs\/([^/]+)$/.exec(there.pathname)?.[1]
  if (run && document.querySelector(`[data-run="${CSS.escape(run)}"]`)) return true
  if (there.pathname !== location.pathname) return false
  return !there.search || there.search === location.search
}

class NoticeBell extends HTMLElement {
  private panel: NoticePanel | null = null
  private known = new KnownNotices(null)
  private readonly seen = new Set<number>()
  private readonly tabs = new NoticeTabs({
    standing: (standing) => this.show(standing),
    unread: (count) => this.count(count),
    seen: (ids) => {
      for (const id of ids) this.seen.add(id)
    },
  })

  connectedCallback(): void {
    const newest = this.getAttribute('newest')
    this.known = new KnownNotices(newest === null ? null : Number(newest))
    this.build()
    const unread = this.getAttribute('unread')
    if (unread !== null) this.count(Number(unread))
    addEventListener('pagehide', this.stop)
    addEventListener('pageshow', this.start)
    addEventListener('online', this.hurry)
    document.addEventListener('visibilitychange', this.look)
    document.addEventListener('click', this.open)
    this.start()
  }

  disconnectedCallback(): void {
    removeEventListener('pagehide', this.stop)
    removeEventListener('pageshow', this.start)
    removeEventListener('online', this.hurry)
    document.removeEventListener('visibilitychange', this.look)
    document.removeEventListener('click', this.open)
    this.stop()
  }

  private readonly start = () => this.tabs.start(this.getAttribute('person') ?? '')
  private readonly stop = () => this.tabs.stop()
  private readonly hurry = () => this.tabs.hurry()

  private readonly look = () => {
    if (document.visibilityState === 'visible') this.tabs.repeat()
  }

  /** Mark a notice as read when it is opened. */
  private readonly open = (event: Event) => {
    const id = Number(around(event, '[data-notice]')?.dataset.notice)
    if (Number.isInteger(id)) void this.read({ ids: [id] })
  }

  private build(): void {
    const link = this.querySelector('a')
    if (this.panel || !link) return
    this.panel = new NoticePanel(link, (upTo) => this.read({ upTo }))
    // Beside the bell, so that Tab goes from one to the other.
    this.append(this.panel.element)
  }

  private count(unread: number): void {
    const link = this.querySelector('a')
    if (!link) return
    const badge = link.querySelector<HTMLElement>('.bell-count') ?? newBadge(link)
    badge.textContent = countWords(unread)
    badge.hidden = unread === 0
    link.setAttribute('aria-label', unread ? `Notices, ${unread} unread` : 'Notices')
    document.title = countedTitle(document.title, unread)
  }

  private show({ unread, notices }: Standing): void {
    const fresh = this.known.freshOf(notices)
    const isVisible = document.visibilityState === 'visible'
    const here = notices.filter(({ isRead, url }) => !isRead && isVisible && isHere(url))
    this.count(Math.max(0, unread - here.filter(({ inPage }) => inPage).length))
    if (here.length > 0) this.see(here.map(({ id }) => id))
    this.panel?.refresh()
    const news = fresh.filter((one) => !one.isRead && !here.includes(one))
    const texts = news.filter(({ inPage }) => inPage).map(({ text }) => text)
    if (isVisible && texts.length > 0) say(texts.join(' '))
    if (this.tabs.isLeading) this.notifyLater(news.filter(({ inBrowser }) => inBrowser))
  }

  private see(ids: readonly number[]): void {
    for (const id of ids) this.seen.add(id)
    this.tabs.tell({ seen: ids })
    void this.read({ ids })
  }

  private notifyLater(news: readonly Notice[]): void {
    for (const one of news) {
      setTimeout(() => {
        if (!this.seen.has(one.id)) notify(one, () => this.read({ ids: [one.id] }))
      }, SEEN_MS)
    }
  }

  private async read(what: Parameters<typeof markRead>[0]): Promise<void> {
    const unread = await markRead(what)
    if (unread === null) return
    this.count(unread)
    this.tabs.tell({ unread })
    this.panel?.refresh()
  }
}

function newBadge(link: HTMLElement): HTMLElement {
  const badge = document.createElement('span')
  badge.className = 'bell-count num'
  link.append(badge)
  return badge
}

customElements.define('notice-bell', NoticeBell)
