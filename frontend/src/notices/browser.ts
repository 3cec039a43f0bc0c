/** Notices that the browser shows beside its windows. */

import type { Notice } from './standing'

/** granted, denied, default; insecure or none where it can't be asked for. */
export type Permission = NotificationPermission | 'insecure' | 'none'

export function permission(): Permission {
  if (!isSecureContext) return 'insecure'
  return 'Notification' in window ? Notification.permission : 'none'
}

/** Show it, if this person allows it. opened: it was clicked, and the page is about to leave. */
export function notify({ kind, text, url }: Notice, opened: () => void): void {
  if (permission() !== 'granted') return
  const notification = show(text, `${kind} ${url}`)
  notification?.addEventListener('click', () => {
    window.focus()
    opened()
    location.assign(url)
    notification.close()
  })
}

/** tag: one that counts takes the place of the one before. */
function show(body: string, tag: string): Notification | null {
  try {
    return new Notification('Reelgraph', { body, tag })
  } catch {
    return null // Some phones allow them to service workers alone.
  }
}
