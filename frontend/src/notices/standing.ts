/** The state of a person's notices, as the server says it, and those that are news to a tab. */

export interface Notice {
  readonly id: number
  readonly kind: string
  readonly text: string
  readonly url: string
  readonly isRead: boolean
  /** True if it counts on the bell. */
  readonly inPage: boolean
  /** True if the browser is to show it. */
  readonly inBrowser: boolean
}

export interface Standing {
  readonly unread: number
  readonly notices: readonly Notice[]
}

const MOST = 99
const COUNTED = /^\(\d+\+?\) /

export function countWords(count: number): string {
  return count > MOST ? `${MOST}+` : String(count)
}

/** The title of a tab, with the number of unread notices before it. */
export function countedTitle(title: string, unread: number): string {
  const plain = title.replace(COUNTED, '')
  return unread > 0 ? `(${countWords(unread)}) ${plain}` : plain
}

/** The notices that a tab knows. */
export class KnownNotices {
  private known: Set<number> | null = null

  /** newest: the page was made with those up to this one; null when it was made without any. */
  constructor(private readonly newest: number | null) {}

  /** Those that are new to the tab, which knows them from now on. */
  freshOf(notices: readonly Notice[]): Notice[] {
    const { newest } = this
    if (this.known === null) {
      const old = notices.filter(({ id }) => newest === null || id <= newest)
      this.known = new Set(old.map(({ id }) => id))
    }
    const { known } = this
    const fresh = notices.filter(({ id }) => !known.has(id))
    for (const { id } of fresh) known.add(id)
    return fresh
  }
}
