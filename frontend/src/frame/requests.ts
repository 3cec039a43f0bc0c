/** Partial updates: who asks, and what is said of those that fail. */

import { csrfToken, isStale } from '../api/csrf'
import { toast } from './toasts'

const OUT_OF_DATE = 'This page is out of date. Reload it and try again.'
const OFFLINE = "You're offline. Nothing was changed. Try again when you're back online."

/** htmx asks as the person who looks at the page. */
export function signRequests(): void {
  document.addEventListener('htmx:configRequest', ({ detail: { headers } }) => {
    headers['X-CSRFToken'] = csrfToken()
  })
}

export function tellOfRefusals(): void {
  document.addEventListener('htmx:sendError', () => toast(OFFLINE, 'error'))
  document.addEventListener('htmx:responseError', ({ detail: { xhr } }) => {
    if (xhr.status === 401) {
      location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
      return
    }
    if (isStale((name) => xhr.getResponseHeader(name))) {
      toast(OUT_OF_DATE, 'error')
      return
    }
    const fallback = `Something went wrong (${xhr.status}). Nothing was changed.`
    toast(messageOf(xhr) || fallback, 'error')
  })
}

function messageOf(xhr: XMLHttpRequest): string {
  if (!xhr.getResponseHeader('Content-Type')?.includes('json')) return ''
  try {
    const { message } = JSON.parse(xhr.responseText) as { message?: unknown }
    return typeof message === 'string' ? message : ''
  } catch {
    return ''
  }
}
