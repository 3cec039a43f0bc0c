/**
 * The token that the server wants with every write. It is in the page, as no script can read
 * the cookie, and each sign-in makes a new one: also one in another tab.
 */

const STALE = 'X-Stale-Page'

function place(): HTMLMetaElement | null {
  return globalThis.document?.querySelector('meta[name="csrf-token"]') ?? null
}

/** The page's token; empty where it has none. Read it each time. */
export function csrfToken(): string {
  return place()?.content ?? ''
}

/** Return true if the server refused this because the page is from before another sign-in. */
export function isStale(header: (name: string) => string | null): boolean {
  return header(STALE) !== null
}

/**
 * Ask as the person who looks at the page. A page that is out of date gets the token of now, and
 * asks once more: nothing that someone has typed is lost by it.
 */
export async function signedFetch(
  path: string,
  init: RequestInit & { headers?: Record<string, string> },
  ask: typeof fetch = fetch,
): Promise<Response> {
  const send = () =>
    ask(path, { ...init, headers: { ...init.headers, 'X-CSRFToken': csrfToken() } })
  const answer = await send()
  const isRefused = answer.status === 403 && isStale((name) => answer.headers.get(name))
  return isRefused && (await renew(ask)) ? send() : answer
}

async function renew(ask: typeof fetch): Promise<boolean> {
  const meta = place()
  const answer = await ask('/app/form-token', { headers: { Accept: 'application/json' } })
  if (!answer.ok || !meta) return false
  const { data } = (await answer.json()) as { data: { token: string } }
  meta.content = data.token
  return true
}
