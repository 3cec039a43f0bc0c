/** Partial updates: who asks, and what is said of those that fail. */

import { csrfToken, isStale } from '../api/csrf'
import { isRefusal, UNREACHABLE } from '../api/http'
import { toast } from './toasts'

const OUT_OF_DATE = 'This page is out of date. Reload it and try again.'
export const UNCLEAR = `${UNREACHABLE} Reload the page to see whether it was saved.`

/** htmx asks as the person who looks at the page. */
export function signRequests(): void {
  document.addEventListener('htmx:configRequest', ({ detail: { headers } }) => {
    headers['X-CSRFToken'] = csrfToken()
  })
}

export function tellOfRefusals(): void {
  document.addEventListener('htmx:sendError', () => toast(UNCLEAR, 'error'))
  document.addEventListener('htmx:responseError', ({ detail: { xhr } }) => tellRefusal(xhr))
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    // With `error` in `htmx-config` it is told of above.
    if (!detail.shouldSwap || isPart(detail.xhr.responseText)) return
    detail.shouldSwap = false
    tellRefusal(detail.xhr)
  })
}

/** Return whether an answer is a part of our pages, or one of them, and not the page of a proxy. */
export function isPart(text: string): boolean {
  const start = text.trimStart()
  if (/^<(!doctype|html)\b/i.test(start)) return start.includes('name="htmx-config"')
  return start === '' || start.startsWith('<')
}

function tellRefusal(xhr: XMLHttpRequest): void {
  const message = messageOf(xhr)
  if (isStale((name) => xhr.getResponseHeader(name))) toast(OUT_OF_DATE, 'error')
  else if (xhr.status === 401 && message)
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
  else toast(message || UNCLEAR, 'error')
}

/** The words of a refusal of ours; "" for any other answer. */
function messageOf(xhr: XMLHttpRequest): string {
  try {
    const body: unknown = JSON.parse(xhr.responseText)
    return isRefusal(body) ? body.message : ''
  } catch {
    return ''
  }
}
