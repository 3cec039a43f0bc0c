/** Partial updates: who asks, and what is said of those that fail. */

import { toast } from './toasts'

const OFFLINE = "You're offline. Nothing was changed. Try again when you're back online."

/** htmx asks as the person who looks at the page. */
export function signRequests(): void {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content
  if (token) document.body.setAttribute('hx-headers', JSON.stringify({ 'X-CSRFToken': token }))
}

export function tellOfRefusals(): void {
  document.addEventListener('htmx:sendError', () => toast(OFFLINE, 'error'))
  document.addEventListener('htmx:responseError', ({ detail: { xhr } }) => {
    if (xhr.status === 401) {
      location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
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
